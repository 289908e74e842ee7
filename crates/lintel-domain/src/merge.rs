//! Two leads that are one person: what the one that stays gains from the other, and how that is taken back.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    id::UserId,
    lead::{Lead, LeadFacts},
    market::MarketSlug,
    preference::Preferences,
    scalar::Fields,
};

/// The most leads that one takes in, with those that they took in before.
pub const MOST_MERGED: u32 = 100;

/// A value that a merge changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changed<T> {
    /// What it was.
    pub from: T,
    /// What the merge made of it.
    pub to: T,
}

/// What a lead gains by a merge. Fields that said nothing say what the other's say; labels and custom fields join. Its outcome
/// stays: that of a story which is over does not end one that goes on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gained {
    /// The id elsewhere.
    pub external_id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// Where it stands.
    pub stage: Option<String>,
    /// Who works on it.
    pub assignee: Option<UserId>,
    /// Where it looks.
    pub market: Option<MarketSlug>,
    /// What it looks for.
    pub preferences: Option<Changed<Preferences>>,
    /// Labels that it did not have.
    pub tags: Vec<String>,
    /// Custom fields that it did not have.
    pub custom: Fields,
    /// When it appeared: when the earlier of the two did.
    pub created_at: Option<Changed<Time>>,
    /// When its source says that it appeared, before.
    pub said_created_at: Option<Time>,
    /// Until when it is put off: as long as both are.
    pub snoozed_until: Option<Changed<Option<Time>>>,
    /// When it first became hot: when the first of the two did.
    pub first_hot_at: Option<Changed<Option<Time>>>,
}

impl Gained {
    /// What a lead gains from another.
    pub fn of(lead: &Lead, other: &Lead) -> Self {
        let (facts, more) = (&lead.facts, &other.facts);
        let text = |own: &Option<String>, other: &Option<String>| if own.is_none() { other.clone() } else { None };
        let market = facts.market.clone().or_else(|| more.market.clone());
        let mut preferences = facts.preferences.clone();
        // Prices and places of another market mean nothing here.
        if more.market.is_none() || more.market == market {
            preferences.fill(&more.preferences);
        }
        let first = lead.created_at.min(other.created_at);
        let both = lead.snoozed_until.zip(other.snoozed_until).map(|(own, other)| own.min(other));
        let hot = lead.first_hot_at.into_iter().chain(other.first_hot_at).min();
        Self {
            external_id: text(&facts.external_id, &more.external_id),
            name: text(&facts.name, &more.name),
            email: text(&facts.email, &more.email),
            phone: text(&facts.phone, &more.phone),
            source: text(&facts.source, &more.source),
            stage: text(&facts.stage, &more.stage),
            assignee: more.assignee.filter(|_| facts.assignee.is_none()),
            market: market.filter(|_| facts.market.is_none()),
            preferences: changed(facts.preferences.clone(), preferences),
            tags: more.tags.iter().filter(|tag| !facts.tags.contains(tag)).cloned().collect(),
            custom: more.custom.clone().into_iter().filter(|(name, _)| !facts.custom.contains_key(name)).collect(),
            created_at: changed(lead.created_at, first),
            said_created_at: facts.created_at.filter(|_| first < lead.created_at),
            snoozed_until: changed(lead.snoozed_until, both),
            first_hot_at: changed(lead.first_hot_at, hot),
        }
    }

    /// Adds it to the lead that it was found for.
    pub fn add_to(&self, lead: &mut Lead) {
        let facts = &mut lead.facts;
        for (field, gained) in self.texts(facts) {
            if gained.is_some() {
                field.clone_from(gained);
            }
        }
        facts.assignee = self.assignee.or(facts.assignee);
        if self.market.is_some() {
            facts.market.clone_from(&self.market);
        }
        if let Some(Changed { to, .. }) = &self.preferences {
            facts.preferences = to.clone();
        }
        facts.tags.extend(self.tags.iter().cloned());
        facts.tags.sort_unstable();
        facts.tags.dedup();
        facts.custom.extend(self.custom.clone());
        if let Some(Changed { to, .. }) = self.created_at {
            (lead.created_at, facts.created_at) = (to, Some(to));
        }
        if let Some(Changed { to, .. }) = self.snoozed_until {
            lead.snoozed_until = to;
        }
        if let Some(Changed { to, .. }) = self.first_hot_at {
            lead.first_hot_at = to;
        }
    }

    /// Takes it from a lead again, as far as nobody has changed it since.
    pub fn take_from(&self, lead: &mut Lead) {
        let facts = &mut lead.facts;
        for (field, gained) in self.texts(facts) {
            if gained.is_some() && *field == *gained {
                *field = None;
            }
        }
        if self.assignee.is_some() && facts.assignee == self.assignee {
            facts.assignee = None;
        }
        if self.market.is_some() && facts.market == self.market {
            facts.market = None;
        }
        if let Some(Changed { from, to }) = &self.preferences
            && facts.preferences == *to
        {
            facts.preferences = from.clone();
        }
        facts.tags.retain(|tag| !self.tags.contains(tag));
        facts.custom.retain(|name, value| self.custom.get(name) != Some(value));
        if let Some(Changed { from, to }) = self.created_at
            && lead.created_at == to
        {
            (lead.created_at, facts.created_at) = (from, self.said_created_at);
        }
        if let Some(Changed { from, to }) = self.snoozed_until
            && lead.snoozed_until == to
        {
            lead.snoozed_until = from;
        }
        if let Some(Changed { from, to }) = self.first_hot_at
            && lead.first_hot_at == to
        {
            lead.first_hot_at = from;
        }
    }

    /// The fields of text with what each gains.
    fn texts<'a>(&'a self, facts: &'a mut LeadFacts) -> [(&'a mut Option<String>, &'a Option<String>); 6] {
        [
            (&mut facts.external_id, &self.external_id),
            (&mut facts.name, &self.name),
            (&mut facts.email, &self.email),
            (&mut facts.phone, &self.phone),
            (&mut facts.source, &self.source),
            (&mut facts.stage, &self.stage),
        ]
    }
}

fn changed<T: PartialEq>(from: T, to: T) -> Option<Changed<T>> {
    (from != to).then_some(Changed { from, to })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        id::LeadId, lead::Outcome, listing::Provenance, money::Money, preference::Aspect, range::Range, scalar::Scalar,
    };

    fn nobody(number: u128) -> Lead {
        Lead::new(LeadId(uuid::Uuid::from_u128(number)), LeadFacts::new(Provenance::Api), Time(50))
    }

    fn merged(lead: &Lead, other: &Lead) -> Lead {
        let mut merged = lead.clone();
        Gained::of(lead, other).add_to(&mut merged);
        merged
    }

    #[test]
    fn empty_fields_are_filled_and_what_is_there_stays() {
        let (mut ada, mut other) = (nobody(1), nobody(2));
        ada.facts.name = Some("Ada".into());
        ada.facts.tags = vec!["b".into()];
        ada.facts.custom = Fields::from([("vip".into(), Scalar::Bool(true))]);
        other.facts.name = Some("A. Example".into());
        other.facts.email = Some("ada@example.com".into());
        other.facts.tags = vec!["a".into(), "b".into()];
        other.facts.custom = Fields::from([("vip".into(), Scalar::Bool(false)), ("pets".into(), Scalar::Number(2.0))]);
        other.facts.outcome = Some(Outcome::Lost);
        other.created_at = Time(20);
        let facts = merged(&ada, &other).facts;
        assert_eq!((facts.name.as_deref(), facts.email.as_deref()), (Some("Ada"), Some("ada@example.com")));
        assert_eq!(facts.tags, ["a", "b"]);
        assert_eq!(facts.custom["vip"], Scalar::Bool(true));
        assert_eq!(facts.custom["pets"], Scalar::Number(2.0));
        assert_eq!((facts.outcome, facts.created_at), (None, Some(Time(20))), "a story that goes on goes on");
    }

    #[test]
    fn wishes_join_within_a_market_and_stay_as_hard_as_they_were() {
        let (mut ada, mut other) = (nobody(1), nobody(2));
        ada.facts.market = Some("town".parse().unwrap());
        ada.facts.preferences.bedrooms = Some(Range { min: Some(3.0), max: None });
        other.facts.preferences.bedrooms = Some(Range { min: Some(1.0), max: None });
        other.facts.preferences.price = Some(Range { min: None, max: Some(Money(5)) });
        other.facts.preferences.must = vec![Aspect::Price, Aspect::Bedrooms];
        let wishes = merged(&ada, &other).facts.preferences;
        assert_eq!(wishes.bedrooms, ada.facts.preferences.bedrooms);
        assert_eq!((&wishes.price, &wishes.must[..]), (&other.facts.preferences.price, &[Aspect::Price][..]));
        other.facts.market = Some("coast".parse().unwrap());
        assert_eq!(merged(&ada, &other).facts.preferences, ada.facts.preferences);
    }

    #[test]
    fn a_lead_is_put_off_only_as_long_as_both_are() {
        let (mut ada, mut other) = (nobody(1), nobody(2));
        ada.snoozed_until = Some(Time(9));
        assert_eq!(merged(&ada, &other).snoozed_until, None);
        other.snoozed_until = Some(Time(7));
        assert_eq!(merged(&ada, &other).snoozed_until, Some(Time(7)));
    }

    #[test]
    fn what_somebody_changed_since_is_not_taken_back() {
        let (ada, mut other) = (nobody(1), nobody(2));
        other.facts.name = Some("Ada".into());
        other.facts.phone = Some("1".into());
        let gained = Gained::of(&ada, &other);
        let mut later = merged(&ada, &other);
        later.facts.phone = Some("2".into());
        gained.take_from(&mut later);
        assert_eq!((later.facts.name, later.facts.phone), (None, Some("2".into())));
    }

    fn anybody() -> impl Strategy<Value = Lead> {
        let word = || proptest::option::of("[a-c]");
        let time = || proptest::option::of((0_i64..9).prop_map(Time));
        let texts = (word(), word(), word(), word());
        let rest = (proptest::collection::btree_set("[a-c]", 0..3), 0_i64..9, time(), time(), time(), 0_usize..3);
        (texts, rest).prop_map(|((external, name, email, market), (tags, created, said, snoozed, hot, wish))| {
            let mut lead = nobody(1);
            lead.facts.external_id = external;
            lead.facts.name = name;
            lead.facts.email = email;
            lead.facts.market = market.map(|slug| slug.parse().unwrap());
            lead.facts.tags = tags.iter().cloned().collect();
            lead.facts.custom = tags.into_iter().map(|tag| (tag, Scalar::Number(created as f64))).collect();
            lead.created_at = said.unwrap_or(Time(created));
            lead.facts.created_at = said;
            (lead.snoozed_until, lead.first_hot_at) = (snoozed, hot);
            if wish > 0 {
                lead.facts.preferences.keywords = vec![wish.to_string()];
            }
            lead
        })
    }

    proptest! {
        #[test]
        fn taking_back_what_was_gained_leaves_what_was_before(lead in anybody(), other in anybody()) {
            let gained = Gained::of(&lead, &other);
            let kept: Gained = serde_json::from_str(&serde_json::to_string(&gained).unwrap()).unwrap();
            prop_assert_eq!(&kept, &gained);
            let mut merged = lead.clone();
            gained.add_to(&mut merged);
            gained.take_from(&mut merged);
            prop_assert_eq!(merged, lead);
        }
    }
}

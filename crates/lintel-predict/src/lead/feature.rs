//! The features of a lead: a closed list of built-in ones, and custom fields that passed the guard.
//!
//! [`super::manifest`] lists them once more, by what they are; a test fails when a feature is not on it.

use std::borrow::Cow;

use lintel_domain::clock::Time;
use lintel_domain::interaction::InteractionKind;
use lintel_domain::lead::LeadFacts;
use lintel_domain::money::Money;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::behaviour::{Behaviour, Window};
use crate::fields::{self, Value};
use crate::learn::table::{Cell, Column, ColumnKind};

/// One feature of a lead. This list is the manifest: nothing else is ever read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum LeadFeature {
    /// Where the lead came from.
    Source,
    /// Where it stands in the team's pipeline.
    Stage,
    /// Days since it was first seen.
    AgeDays,
    /// Whether there is an e-mail address.
    HasEmail,
    /// Whether there is a telephone number.
    HasPhone,
    /// How many wishes about the home were stated.
    StatedWishes,
    /// The least price wished for, in major units.
    PriceMin,
    /// The greatest price wished for, in major units.
    PriceMax,
    /// The fewest bedrooms wished for.
    BedroomsMin,
    /// The least living area wished for, in square feet.
    LivingAreaMin,
    /// How often something happened within a window.
    Count(#[serde(with = "kind_word")] InteractionKind, Window),
    /// Days since something last happened.
    DaysSince(#[serde(with = "kind_word")] InteractionKind),
    /// Mean hours until we answered.
    OurResponseHours,
    /// Mean hours until the lead answered.
    TheirResponseHours,
    /// A custom field, with its inferred type.
    Custom(String, ColumnKind),
    /// Days since the lead last did something itself.
    DaysSinceAct,
    /// On how many days within a window the lead did something itself.
    ActiveDays(Window),
    /// Messages and calls of ours since the lead last spoke.
    Unanswered,
    /// Whether the lead spoke last.
    AwaitsUs,
}

impl LeadFeature {
    /// All built-in features that are learnt from.
    ///
    /// [`Self::Stage`] is not among them: a lead keeps only the stage it has now, and that of a story which is over tells
    /// its end. Models of earlier versions may still read it.
    pub fn built_in() -> Vec<Self> {
        let mut features = vec![
            Self::Source,
            Self::AgeDays,
            Self::HasEmail,
            Self::HasPhone,
            Self::StatedWishes,
            Self::PriceMin,
            Self::PriceMax,
            Self::BedroomsMin,
            Self::LivingAreaMin,
            Self::OurResponseHours,
            Self::TheirResponseHours,
            Self::DaysSinceAct,
            Self::Unanswered,
            Self::AwaitsUs,
        ];
        features.extend(Window::ALL.map(Self::ActiveDays));
        for kind in InteractionKind::ALL {
            features.extend(Window::ALL.map(|window| Self::Count(*kind, window)));
            features.push(Self::DaysSince(*kind));
        }
        features
    }

    /// Its name in reasons and manifests.
    pub fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Source => "source",
            Self::Stage => "stage",
            Self::AgeDays => "age_days",
            Self::HasEmail => "has_email",
            Self::HasPhone => "has_phone",
            Self::StatedWishes => "stated_wishes",
            Self::PriceMin => "price_min",
            Self::PriceMax => "price_max",
            Self::BedroomsMin => "bedrooms_min",
            Self::LivingAreaMin => "living_area_sqft_min",
            Self::OurResponseHours => "our_response_hours",
            Self::TheirResponseHours => "their_response_hours",
            Self::Count(kind, window) => {
                return Cow::Owned(format!("{}_{}d", plural(*kind), window.days()));
            }
            Self::DaysSince(kind) => return Cow::Owned(format!("days_since_{kind}")),
            Self::Custom(name, _) => return Cow::Owned(format!("custom.{name}")),
            Self::DaysSinceAct => "days_since_active",
            Self::ActiveDays(window) => return Cow::Owned(format!("active_days_{}d", window.days())),
            Self::Unanswered => "unanswered_messages",
            Self::AwaitsUs => "awaits_our_answer",
        })
    }

    /// Its value for a lead of which nothing is known: what is counted is 0.
    pub(crate) fn nothing_known(&self) -> Value<'static> {
        match self {
            Self::HasEmail
            | Self::HasPhone
            | Self::StatedWishes
            | Self::Count(..)
            | Self::ActiveDays(_)
            | Self::Unanswered => Value::Number(0.0),
            _ => Value::Missing,
        }
    }

    /// The column it fills.
    pub(crate) fn column(&self) -> Column {
        match self {
            Self::Source | Self::Stage | Self::Custom(_, ColumnKind::Word) => Column::word(self.name()),
            _ => Column::number(self.name()),
        }
    }

    /// Its value for a lead as of a moment.
    pub(crate) fn value<'a>(&self, facts: &'a LeadFacts, behaviour: &Behaviour, as_of: Time) -> Value<'a> {
        let word = |text: &'a Option<String>| match text.as_deref().map(str::trim) {
            Some(text) if !text.is_empty() => Value::Word(Cow::Borrowed(text)),
            _ => Value::Missing,
        };
        let wishes = &facts.preferences;
        let money = |money: Option<Money>| Value::number(money.map(Money::major));
        match self {
            Self::Source => word(&facts.source),
            Self::Stage => word(&facts.stage),
            Self::AgeDays => {
                let age = facts.created_at.map(|created| as_of.days_since(created));
                Value::number(age.filter(|age| *age >= 0.0))
            }
            Self::HasEmail => Value::flag(facts.email.is_some()),
            Self::HasPhone => Value::flag(facts.phone.is_some()),
            Self::StatedWishes => {
                let stated = [
                    wishes.price.is_some(),
                    wishes.bedrooms.is_some(),
                    wishes.bathrooms.is_some(),
                    wishes.living_area_sqft.is_some(),
                    wishes.lot_size_sqft.is_some(),
                    wishes.year_built.is_some(),
                    !wishes.property_types.is_empty(),
                    wishes.near.is_some() || wishes.polygon.is_some(),
                ];
                Value::Number(stated.iter().filter(|is| **is).count() as f64)
            }
            Self::PriceMin => money(wishes.price.as_ref().and_then(|range| range.min)),
            Self::PriceMax => money(wishes.price.as_ref().and_then(|range| range.max)),
            Self::BedroomsMin => Value::number(wishes.bedrooms.as_ref().and_then(|range| range.min)),
            Self::LivingAreaMin => Value::number(wishes.living_area_sqft.as_ref().and_then(|range| range.min)),
            Self::Count(kind, window) => Value::Number(f64::from(behaviour.count(*kind, *window))),
            Self::DaysSince(kind) => Value::number(behaviour.days_since(*kind, as_of)),
            Self::OurResponseHours => Value::number(behaviour.our_response_hours),
            Self::TheirResponseHours => Value::number(behaviour.their_response_hours),
            Self::Custom(name, kind) => fields::value(*kind, facts.custom.get(name)),
            Self::DaysSinceAct => Value::number(behaviour.last_act.map(|last| as_of.days_since(last))),
            Self::ActiveDays(window) => Value::Number(f64::from(behaviour.active_days[*window as usize])),
            Self::Unanswered => Value::Number(f64::from(behaviour.unanswered)),
            Self::AwaitsUs => behaviour.awaits_us.map_or(Value::Missing, Value::flag),
        }
    }
}

/// Several interactions of a kind, as part of a feature's name.
fn plural(kind: InteractionKind) -> String {
    match kind {
        InteractionKind::Search => "searches".to_owned(),
        InteractionKind::CallAnswered => "calls_answered".to_owned(),
        InteractionKind::CallMissed => "calls_missed".to_owned(),
        InteractionKind::MessageIn => "messages_in".to_owned(),
        InteractionKind::MessageOut => "messages_out".to_owned(),
        InteractionKind::ShowingRequested => "showings_requested".to_owned(),
        InteractionKind::Other => "others".to_owned(),
        _ => format!("{kind}s"),
    }
}

/// The values of some features of one lead.
pub(crate) fn values<'a>(
    features: &[LeadFeature],
    facts: &'a LeadFacts,
    behaviour: &Behaviour,
    as_of: Time,
) -> Vec<Value<'a>> {
    features.iter().map(|feature| feature.value(facts, behaviour, as_of)).collect()
}

/// The cells of those values.
pub(crate) fn cells<'a>(values: &'a [Value<'_>]) -> Vec<Cell<'a>> {
    values.iter().map(Value::cell).collect()
}

/// Kinds are stored by their word, so that new kinds do not move old ones.
mod kind_word {
    use super::{Deserializer, InteractionKind, Serializer};
    use serde::{Deserialize as _, de::Error as _};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
    pub(super) fn serialize<S: Serializer>(kind: &InteractionKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(kind.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<InteractionKind, D::Error> {
        let word = String::deserialize(deserializer)?;
        InteractionKind::parse(&word).ok_or_else(|| D::Error::custom("unknown interaction kind"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest::BUILT_IN;
    use super::*;

    #[test]
    fn what_is_read_is_what_the_manifest_lists() {
        let mut read: Vec<String> = LeadFeature::built_in()
            .iter()
            .map(|feature| match feature {
                LeadFeature::Count(kind, _) | LeadFeature::DaysSince(kind) => kind.to_string(),
                other => other.name().into_owned(),
            })
            .collect();
        read.sort_unstable();
        read.dedup();
        let mut listed: Vec<&str> = BUILT_IN.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        listed.sort_unstable();
        assert_eq!(read, listed);
    }

    #[test]
    fn only_what_differs_from_an_unknown_lead_has_to_be_kept() {
        let unknown = LeadFacts::new(lintel_domain::listing::Provenance::Api);
        for feature in LeadFeature::built_in() {
            let value = feature.value(&unknown, &Behaviour::default(), Time(0));
            assert_eq!(value, feature.nothing_known(), "{}", feature.name());
        }
    }
}

//! Behaviour triggers: what leads do that somebody should know of at once. `docs/methods/behaviour-triggers.md` says the same
//! in words.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    clock::{DAY, SECOND, Time},
    contact::words,
    id::ListingId,
    interaction::InteractionKind,
};

/// What a lead did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// It came back after 14 days or more away.
    Revisit,
    /// It visited five times within 7 days.
    FiveVisits,
    /// It looked at five different homes within 24 hours.
    FiveHomes,
    /// It looked at ten different homes within 7 days.
    TenHomes,
    /// It looked at one home three times within 30 days.
    SameHome,
    /// It saved a home.
    Favourite,
    /// A home that it saved got cheaper.
    SavedPriceDrop,
}

words!(Trigger {
    Revisit => "revisit",
    FiveVisits => "five_visits",
    FiveHomes => "five_homes",
    TenHomes => "ten_homes",
    SameHome => "same_home",
    Favourite => "favourite",
    SavedPriceDrop => "saved_price_drop",
});

/// The longest that a lead is away and still known to come back.
pub const MEMORY: i64 = 365 * DAY;
/// An act that is recorded this much later than it happened triggers nothing by itself: nobody can react in time.
pub const FRESH: i64 = DAY;
/// No trigger but [`Trigger::Revisit`] looks further back from an act.
pub const REACH: i64 = 30 * DAY;
/// How long a lead is away before its return is worth a word.
const AWAY: i64 = 14 * DAY;

impl Trigger {
    /// How long a stretch is in which it fires at most once, for a lead and, where it is about one, a home. Stretches lie
    /// end to end from 1970-01-01, so that which of them fire does not depend on the order in which acts become known.
    pub fn stretch(self) -> i64 {
        match self {
            Self::FiveHomes => DAY,
            Self::FiveVisits | Self::TenHomes => 7 * DAY,
            Self::Revisit => AWAY,
            Self::SameHome | Self::Favourite => REACH,
            // Each fall of a price is told once by the event that tells of it.
            Self::SavedPriceDrop => SECOND,
        }
    }
}

/// An interaction as far as triggers need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// When it happened.
    pub at: Time,
    /// When it became known.
    pub recorded_at: Time,
    /// Its kind.
    pub kind: InteractionKind,
    /// The home it was about.
    pub listing: Option<ListingId>,
}

/// What makes a firing one of a kind: it happens once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiringKey {
    /// What was done.
    pub trigger: Trigger,
    /// The home it is about.
    pub listing: Option<ListingId>,
    /// The number of the stretch it falls into.
    pub stretch: i64,
}

/// A trigger that fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Firing {
    /// What it is known by.
    pub key: FiringKey,
    /// When the act happened that made it fire.
    pub at: Time,
    /// How many: visits, homes or views; the days away of a revisit; else 1.
    pub n: u32,
}

impl Firing {
    /// A trigger fired by something that happened at `at`.
    pub fn new(trigger: Trigger, listing: Option<ListingId>, at: Time, n: u32) -> Self {
        Self { key: FiringKey { trigger, listing, stretch: at.0.div_euclid(trigger.stretch()) }, at, n }
    }
}

/// What the acts of one lead at or after `from` fire, the earliest of each kind, in order of time; `history` is everything
/// known of the lead, in any order.
///
/// But for revisits more history never takes a firing away, so that adding acts in any order and asking from the earliest
/// new one on each time finds what asking once at the end finds.
pub fn firings(history: &[Act], from: Time) -> Vec<Firing> {
    let mut acts: Vec<&Act> = history.iter().filter(|act| is_on_site(act.kind)).collect();
    acts.sort_by_key(|act| (act.at, act.kind, act.listing));
    let mut fired: BTreeMap<FiringKey, Firing> = BTreeMap::new();
    for act in acts.iter().filter(|act| act.at >= from && act.recorded_at.since(act.at) <= FRESH) {
        // Everything up to and with the moment of the act.
        let known = &acts[..acts.partition_point(|other| other.at <= act.at)];
        for one in fired_by(act, known) {
            fired.entry(one.key).or_insert(one);
        }
    }
    let mut fired: Vec<Firing> = fired.into_values().collect();
    fired.sort_by_key(|one| (one.at, one.key));
    fired
}

/// What one act fires, given what was known up to its moment, in order of time.
fn fired_by(act: &Act, known: &[&Act]) -> Vec<Firing> {
    let within = |span: i64| &known[known.partition_point(|other| other.at <= act.at.plus(-span))..];
    let mut fired = Vec::new();
    let mut fire = |trigger, listing, n: usize| fired.push(Firing::new(trigger, listing, act.at, n as u32));
    let before = known.partition_point(|other| other.at < act.at);
    if let Some(last) = before.checked_sub(1).map(|at| known[at]) {
        let away = act.at.since(last.at);
        if (AWAY..=MEMORY).contains(&away) {
            fire(Trigger::Revisit, None, (away / DAY) as usize);
        }
    }
    let visits = visits(within(7 * DAY));
    if visits >= 5 {
        fire(Trigger::FiveVisits, None, visits);
    }
    match (act.kind, act.listing) {
        (InteractionKind::ListingView, Some(listing)) => {
            for (trigger, span, least) in [(Trigger::FiveHomes, DAY, 5), (Trigger::TenHomes, 7 * DAY, 10)] {
                let homes = homes(within(span));
                if homes >= least {
                    fire(trigger, None, homes);
                }
            }
            let views = viewed(within(REACH)).filter(|other| *other == listing).count();
            if views >= 3 {
                fire(Trigger::SameHome, Some(listing), views);
            }
        }
        (InteractionKind::ListingSave, Some(listing)) => fire(Trigger::Favourite, Some(listing), 1),
        _ => {}
    }
    fired
}

/// Whether it is done on the site.
fn is_on_site(kind: InteractionKind) -> bool {
    use InteractionKind::{FormSubmit, ListingHide, ListingSave, ListingShare, ListingView, Search, SiteVisit};
    matches!(kind, SiteVisit | ListingView | ListingSave | ListingHide | ListingShare | Search | FormSubmit)
}

/// How many visits: those that were reported as such, or the days on which anything was done, whichever is more.
fn visits(acts: &[&Act]) -> usize {
    let reported = acts.iter().filter(|act| act.kind == InteractionKind::SiteVisit).count();
    let days: BTreeSet<_> = acts.iter().map(|act| act.at.day()).collect();
    reported.max(days.len())
}

fn viewed<'a>(acts: &'a [&Act]) -> impl Iterator<Item = ListingId> + 'a {
    acts.iter().filter(|act| act.kind == InteractionKind::ListingView).filter_map(|act| act.listing)
}

fn homes(acts: &[&Act]) -> usize {
    viewed(acts).collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::rng::Rng;

    const START: i64 = 20_003 * DAY;

    fn act(kind: InteractionKind, home: Option<u128>, after: i64) -> Act {
        let at = Time(START + after);
        Act { at, recorded_at: at, kind, listing: home.map(|id| ListingId(Uuid::from_u128(id))) }
    }

    fn view(home: u128, after: i64) -> Act {
        act(InteractionKind::ListingView, Some(home), after)
    }

    fn told(history: &[Act]) -> Vec<(Trigger, i64, u32)> {
        firings(history, Time(i64::MIN)).into_iter().map(|one| (one.key.trigger, one.at.0 - START, one.n)).collect()
    }

    #[test]
    fn each_trigger_fires_at_its_bound_and_not_before() {
        let visit = |after| act(InteractionKind::SiteVisit, None, after);
        assert_eq!(told(&[visit(0), visit(14 * DAY - 1)]), []);
        assert_eq!(told(&[visit(0), visit(14 * DAY)]), [(Trigger::Revisit, 14 * DAY, 14)]);
        assert_eq!(told(&[visit(0), visit(366 * DAY)]), []);
        let five = |last| [visit(0), visit(1), visit(2), visit(3), visit(last)];
        assert_eq!(told(&five(7 * DAY - 1)), [(Trigger::FiveVisits, 7 * DAY - 1, 5)]);
        assert_eq!(told(&five(7 * DAY)), []);
        let days: Vec<Act> = (0..5).map(|n| act(InteractionKind::Search, None, n * DAY)).collect();
        assert_eq!(told(&days), [(Trigger::FiveVisits, 4 * DAY, 5)], "days count where no visit is reported");
        let homes = |n: u128, step: i64| (0..n).map(|n| view(n, n as i64 * step)).collect::<Vec<_>>();
        assert_eq!(told(&homes(5, 1)), [(Trigger::FiveHomes, 4, 5)]);
        assert_eq!(told(&homes(5, DAY / 4)), []);
        assert_eq!(told(&homes(10, DAY / 4)), [(Trigger::TenHomes, 9 * DAY / 4, 10)]);
        assert_eq!(told(&[view(1, 0), view(1, 1), view(2, 2)]), []);
        assert_eq!(told(&[view(1, 0), view(1, 1), view(1, 1)]), [(Trigger::SameHome, 1, 3)]);
        assert_eq!(told(&[act(InteractionKind::ListingSave, Some(1), 3)]), [(Trigger::Favourite, 3, 1)]);
        assert_eq!(told(&[act(InteractionKind::ListingSave, None, 3), act(InteractionKind::Note, Some(1), 3)]), []);
    }

    #[test]
    fn what_is_recorded_late_triggers_nothing_by_itself_but_counts() {
        let late = |home| Act { recorded_at: Time(START + 2 * DAY), ..view(home, 0) };
        assert_eq!(told(&[late(1), late(2), late(3), late(4), late(5)]), []);
        assert_eq!(told(&[late(1), late(2), late(3), late(4), view(5, 1)]), [(Trigger::FiveHomes, 1, 5)]);
    }

    #[test]
    fn within_a_stretch_it_fires_once() {
        let saves: Vec<Act> = (0..80).map(|n| act(InteractionKind::ListingSave, Some(1), n * DAY)).collect();
        let favourites = told(&saves).into_iter().filter(|one| one.0 == Trigger::Favourite).count();
        assert!((3..=4).contains(&favourites), "{favourites}");
    }

    /// A random history of a lead over some months.
    fn history(rng: &mut Rng) -> Vec<Act> {
        let weeks = 1 + rng.below(12);
        let one = |rng: &mut Rng| {
            let kind = *rng.pick(InteractionKind::ALL).unwrap();
            let kind = if rng.chance(0.5) { InteractionKind::ListingView } else { kind };
            let week = rng.below(weeks) as i64 * 7 * DAY;
            let home = rng.chance(0.9).then(|| u128::from(rng.below(12)));
            let days = if rng.chance(0.5) { 1 } else { 6 };
            let one = act(kind, home, week + rng.below(days * DAY as u64) as i64);
            let late = if rng.chance(0.2) { rng.below(3 * DAY as u64) as i64 } else { 0 };
            Act { recorded_at: one.at.plus(late), ..one }
        };
        (0..rng.below(90)).map(|_| one(rng)).collect()
    }

    /// What fires when the history becomes known bit by bit.
    fn bit_by_bit(history: &[Act], rng: &mut Rng) -> BTreeSet<FiringKey> {
        let (mut known, mut fired) = (Vec::new(), BTreeSet::new());
        let mut rest = history;
        while !rest.is_empty() {
            let (batch, after) = rest.split_at((1 + rng.below(9) as usize).min(rest.len()));
            known.extend_from_slice(batch);
            let from = batch.iter().map(|act| act.at).min().unwrap();
            fired.extend(firings(&known, from).into_iter().map(|one| one.key));
            rest = after;
        }
        fired
    }

    #[test]
    fn bit_by_bit_in_any_order_it_fires_as_when_asked_once() {
        let mut rng = Rng::new(31);
        let mut count = BTreeMap::<Trigger, usize>::new();
        for _ in 0..300 {
            let mut history = history(&mut rng);
            let whole: BTreeSet<FiringKey> = firings(&history, Time(i64::MIN)).into_iter().map(|one| one.key).collect();
            for key in &whole {
                *count.entry(key.trigger).or_default() += 1;
            }
            for at in (1..history.len()).rev() {
                history.swap(at, rng.below(at as u64 + 1) as usize);
            }
            let shuffled = bit_by_bit(&history, &mut rng);
            let lasting = |keys: &BTreeSet<FiringKey>| -> BTreeSet<FiringKey> {
                keys.iter().copied().filter(|key| key.trigger != Trigger::Revisit).collect()
            };
            assert_eq!(lasting(&shuffled), lasting(&whole));
            assert!(
                shuffled.is_superset(&whole),
                "a return that was seen stays, though the lead turns out to have been there"
            );
            history.sort_by_key(|act| act.at);
            assert_eq!(bit_by_bit(&history, &mut rng), whole, "revisits too when acts come in order");
        }
        assert!(Trigger::ALL.iter().all(|one| *one == Trigger::SavedPriceDrop || count.contains_key(one)), "{count:?}");
    }
}

//! Lists of the roster: counts of where leads stand, and pages of them in any order.

use std::cmp::Ordering;

use lintel_domain::{
    clock::Time,
    id::LeadId,
    lead::{Outcome, Tier},
    lead_list::{LeadCounts, LeadFilter, LeadSort, LeadSortKey, Snoozed},
    page::{Key, KeyValue, Page},
};
use memchr::memmem::Finder;

use super::{
    Roster,
    row::{Names, Row},
};
use crate::sort::ASCENDING;

/// The scores at which tiers begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// From here on leads are hot.
    pub hot: f64,
    /// From here on they are warm.
    pub warm: f64,
}

impl Bounds {
    fn tier(self, score: f64) -> Tier {
        if score >= self.hot {
            Tier::Hot
        } else if score >= self.warm {
            Tier::Warm
        } else {
            Tier::Cool
        }
    }
}

/// Which leads are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// What holds for them.
    pub filter: &'a LeadFilter,
    /// Whether only those are wanted that wait for a next step.
    pub follow_up: bool,
    /// Whether those that are put off are meant.
    pub snoozed: Snoozed,
    /// Where tiers begin.
    pub bounds: Bounds,
    /// The present.
    pub now: Time,
}

impl Roster {
    /// How many of the leads asked for stand where, those that are put off by themselves.
    pub fn counts(&self, ask: Ask<'_>) -> LeadCounts {
        let mut counts = LeadCounts::default();
        let sieve = Sieve::new(ask, &self.names);
        for row in self.rows.iter().filter(|row| sieve.passes(row)) {
            if Snoozed::Only.means(row.snoozed_until(), ask.now) {
                counts.snoozed += 1;
                continue;
            }
            counts.total += 1;
            *match row.score.map(|score| ask.bounds.tier(score)) {
                Some(Tier::Hot) => &mut counts.hot,
                Some(Tier::Warm) => &mut counts.warm,
                Some(Tier::Cool) => &mut counts.cool,
                None => &mut counts.unscored,
            } += 1;
            counts.follow_up += u64::from(waits(row, ask));
        }
        counts
    }

    /// At most `limit` of the leads asked for, behind `after`.
    pub fn page(&self, ask: Ask<'_>, sort: LeadSort, after: Option<&Key>, limit: usize) -> Page<LeadId> {
        let sieve = Sieve::new(ask, &self.names);
        let wanted = |row: &&Row| {
            ask.snoozed.means(row.snoozed_until(), ask.now)
                && sieve.passes(row)
                && after.is_none_or(|after| compare_key(sort, row, after) == Ordering::Greater)
        };
        let mut found: Vec<Found> = self.rows.iter().filter(wanted).map(|row| Found::new(sort, row)).collect();
        let more = found.len() > limit;
        if more {
            found.select_nth_unstable_by(limit, |a, b| a.compare(sort, b));
            found.truncate(limit);
        }
        found.sort_unstable_by(|a, b| a.compare(sort, b));
        let last = found.last().filter(|_| more).map(|found| found.row);
        let next = last.map(|last| Key { value: value(sort.key, last), id: last.id.0 });
        Page { items: found.into_iter().map(|found| found.row.id).collect(), next }
    }
}

/// A row that was found, with the beginning of its place in the order: most comparisons need not look at the rows, which are
/// far apart.
#[derive(Clone, Copy)]
struct Found<'a> {
    rank: u64,
    row: &'a Row,
}

impl<'a> Found<'a> {
    fn new(sort: LeadSort, row: &'a Row) -> Self {
        let int = |time: Option<Time>| time.map(|time| ASCENDING.int(time.0));
        let value = match sort.key {
            LeadSortKey::Score => row.score.map(|score| ASCENDING.real(score)),
            LeadSortKey::LastInteractionAt => int(row.last_interaction_at()),
            LeadSortKey::CreatedAt => int(Some(row.created_at)),
            LeadSortKey::Name => row.name_key.as_deref().map(beginning),
        };
        // Absent ones come last whatever the direction.
        let rank = value.map_or(u64::MAX, |value| if sort.descending { !value } else { value });
        Self { rank, row }
    }

    fn compare(&self, sort: LeadSort, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank).then_with(|| compare(sort, self.row, other.row))
    }
}

/// The first eight bytes of a text, in the order of texts.
fn beginning(text: &str) -> u64 {
    let mut bytes = [0; 8];
    let length = text.len().min(8);
    bytes[..length].copy_from_slice(&text.as_bytes()[..length]);
    u64::from_be_bytes(bytes)
}

/// Whether a lead waits for a step that is due.
fn waits(row: &Row, ask: Ask<'_>) -> bool {
    row.situation().waits(row.score.map(|score| ask.bounds.tier(score)), ask.now)
}

/// A filter in the numbers of the roster.
struct Sieve<'a> {
    ask: Ask<'a>,
    market: Option<u32>,
    assignee: Option<u32>,
    stage: Option<u32>,
    source: Option<u32>,
    outcome: Option<Outcome>,
    tag: Option<u32>,
    needle: Option<Finder<'a>>,
}

impl<'a> Sieve<'a> {
    fn new(ask: Ask<'a>, names: &Names) -> Self {
        let filter = ask.filter;
        Self {
            ask,
            market: filter.market.as_ref().map(|market| names.find(market.as_str())),
            assignee: filter.assignee.map(|agent| names.find_agent(agent.0)),
            stage: filter.stage.as_deref().map(|stage| names.find(stage)),
            source: filter.source.as_deref().map(|source| names.find(source)),
            outcome: filter.outcome,
            tag: filter.tag.as_deref().map(|tag| names.find(tag)),
            needle: filter.needle().map(|needle| Finder::new(&needle).into_owned()),
        }
    }

    fn passes(&self, row: &Row) -> bool {
        let Ask { filter, follow_up, .. } = self.ask;
        let is = |wanted: Option<u32>, number: u32| wanted.is_none_or(|wanted| wanted == number);
        is(self.market, row.market)
            && is(self.assignee, row.assignee)
            && is(self.stage, row.stage)
            && is(self.source, row.source)
            && self.outcome.is_none_or(|outcome| row.outcome == Some(outcome))
            && filter.score_from.is_none_or(|from| row.score.is_some_and(|score| score >= from))
            && filter.score_below.is_none_or(|below| row.score.is_some_and(|score| score < below))
            && self.tag.is_none_or(|tag| row.tags.contains(&tag))
            && self.needle.as_ref().is_none_or(|needle| needle.find(row.words.as_bytes()).is_some())
            && (!follow_up || waits(row, self.ask))
    }
}

/// The order of two leads in a list.
fn compare(sort: LeadSort, a: &Row, b: &Row) -> Ordering {
    let time = |a: Option<Time>, b: Option<Time>| valued(sort, a, b, Time::cmp);
    let order = match sort.key {
        LeadSortKey::Score => valued(sort, a.score, b.score, f64::total_cmp),
        LeadSortKey::LastInteractionAt => time(a.last_interaction_at(), b.last_interaction_at()),
        LeadSortKey::CreatedAt => time(Some(a.created_at), Some(b.created_at)),
        LeadSortKey::Name => valued(sort, a.name_key.as_deref(), b.name_key.as_deref(), Ord::cmp),
    };
    order.then_with(|| turned(sort, a.id.cmp(&b.id)))
}

/// The order of a lead and a place in a list.
fn compare_key(sort: LeadSort, row: &Row, key: &Key) -> Ordering {
    let order = match (&key.value, sort.key) {
        (KeyValue::Real(score), LeadSortKey::Score) => valued(sort, row.score, Some(*score), f64::total_cmp),
        (KeyValue::Int(at), LeadSortKey::LastInteractionAt) => {
            valued(sort, row.last_interaction_at(), Some(Time(*at)), Time::cmp)
        }
        (KeyValue::Int(at), LeadSortKey::CreatedAt) => valued(sort, Some(row.created_at), Some(Time(*at)), Time::cmp),
        (KeyValue::Text(name), LeadSortKey::Name) => {
            valued(sort, row.name_key.as_deref(), Some(name.as_str()), Ord::cmp)
        }
        _ => valued(sort, Some(value(sort.key, row)).filter(|value| *value != KeyValue::Null), None, |_, _| {
            Ordering::Equal
        }),
    };
    order.then_with(|| turned(sort, row.id.0.cmp(&key.id)))
}

/// The order of two values: absent ones last whatever the direction.
fn valued<T>(sort: LeadSort, a: Option<T>, b: Option<T>, compare: impl Fn(&T, &T) -> Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => turned(sort, compare(&a, &b)),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}

fn turned(sort: LeadSort, order: Ordering) -> Ordering {
    if sort.descending { order.reverse() } else { order }
}

fn value(key: LeadSortKey, row: &Row) -> KeyValue {
    let int = |time: Option<Time>| time.map_or(KeyValue::Null, |time| KeyValue::Int(time.0));
    match key {
        LeadSortKey::Score => row.score.map_or(KeyValue::Null, KeyValue::Real),
        LeadSortKey::LastInteractionAt => int(row.last_interaction_at()),
        LeadSortKey::CreatedAt => int(Some(row.created_at)),
        LeadSortKey::Name => row.name_key.as_deref().map_or(KeyValue::Null, |name| KeyValue::Text(name.to_owned())),
    }
}

//! Lists of the roster: counts of where leads stand, and pages of them in any order.

use std::cmp::Ordering;

use lintel_domain::{
    clock::Time,
    id::LeadId,
    lead::Tier,
    lead_list::{LeadCounts, LeadSort, LeadSortKey, Snoozed},
    page::{Key, KeyValue, Page},
};

use super::{Ask, Roster, columns::beginning};
use crate::sort::ASCENDING;

impl Roster {
    /// How many of the leads asked for stand where, those that are put off by themselves.
    pub fn counts(&self, ask: Ask<'_>) -> LeadCounts {
        let mut counts = LeadCounts::default();
        self.sift(Ask { snoozed: Snoozed::Include, ..ask }).each(|place| {
            if self.columns.snoozed_until[place].is_after(ask.now) {
                counts.snoozed += 1;
                return;
            }
            counts.total += 1;
            *match self.columns.score(place).map(|score| ask.bounds.tier(score)) {
                Some(Tier::Hot) => &mut counts.hot,
                Some(Tier::Warm) => &mut counts.warm,
                Some(Tier::Cool) => &mut counts.cool,
                None => &mut counts.unscored,
            } += 1;
            counts.follow_up += u64::from(self.waits(place, ask));
        });
        counts
    }

    /// At most `limit` of the leads asked for, behind `after`.
    pub fn page(&self, ask: Ask<'_>, sort: LeadSort, after: Option<&Key>, limit: usize) -> Page<LeadId> {
        let order = Order { roster: self, sort };
        let behind = after.map(|key| (order.rank_of(key), key));
        // One more than wanted tells whether more follow.
        let mut first = First { order: &order, found: Vec::new(), most: limit + 1, last: u64::MAX };
        self.sift(ask).each(|place| {
            let rank = order.rank(place);
            let is_behind = behind.is_none_or(|(from, key)| match rank.cmp(&from) {
                Ordering::Equal => order.compare_key(place, key) == Ordering::Greater,
                other => other == Ordering::Greater,
            });
            if is_behind {
                first.offer((rank, place));
            }
        });
        let mut found = first.into_sorted();
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().filter(|_| more);
        let next = last.map(|(_, place)| Key { value: order.value(*place), id: self.rows[*place].id.0 });
        Page { items: found.into_iter().map(|(_, place)| self.rows[place].id).collect(), next }
    }
}

/// A lead's place, and before it the beginning of its place in an order: most comparisons need no more.
type Found = (u64, usize);

/// The first of many in an order.
struct First<'a> {
    order: &'a Order<'a>,
    found: Vec<Found>,
    most: usize,
    /// The rank behind which nothing comes in any more.
    last: u64,
}

impl First<'_> {
    fn offer(&mut self, one: Found) {
        if one.0 > self.last {
            return;
        }
        self.found.push(one);
        // Sorting out now and then costs less than keeping order all the time.
        if self.found.len() >= 2 * self.most {
            let order = self.order;
            let (_, last, _) = self.found.select_nth_unstable_by(self.most - 1, |a, b| order.compare(*a, *b));
            self.last = last.0;
            self.found.truncate(self.most);
        }
    }

    fn into_sorted(mut self) -> Vec<Found> {
        self.found.sort_unstable_by(|a, b| self.order.compare(*a, *b));
        self.found.truncate(self.most);
        self.found
    }
}

/// An order of the roster's leads.
struct Order<'a> {
    roster: &'a Roster,
    sort: LeadSort,
}

impl Order<'_> {
    /// Of two leads the one with the smaller rank comes first. Absent values come last whatever the direction.
    #[inline]
    fn rank(&self, place: usize) -> u64 {
        let columns = &self.roster.columns;
        self.turned_rank(match self.sort.key {
            LeadSortKey::Score => columns.score(place).map(|score| ASCENDING.real(score)),
            LeadSortKey::LastInteractionAt => columns.last_interaction_at[place].get().map(|at| ASCENDING.int(at.0)),
            LeadSortKey::CreatedAt => Some(ASCENDING.int(columns.created_at[place].0)),
            LeadSortKey::Name => columns.name(place),
        })
    }

    /// The rank of a place in a list.
    fn rank_of(&self, key: &Key) -> u64 {
        self.turned_rank(match (&key.value, self.sort.key) {
            (KeyValue::Real(score), LeadSortKey::Score) => Some(ASCENDING.real(*score)),
            (KeyValue::Int(at), LeadSortKey::LastInteractionAt | LeadSortKey::CreatedAt) => Some(ASCENDING.int(*at)),
            (KeyValue::Text(name), LeadSortKey::Name) => Some(beginning(name)),
            _ => None,
        })
    }

    fn turned_rank(&self, rank: Option<u64>) -> u64 {
        rank.map_or(u64::MAX, |rank| if self.sort.descending { !rank } else { rank })
    }

    fn compare(&self, a: Found, b: Found) -> Ordering {
        a.0.cmp(&b.0).then_with(|| {
            let (columns, a, b) = (&self.roster.columns, a.1, b.1);
            let order = match self.sort.key {
                LeadSortKey::Score => self.valued(columns.score(a), columns.score(b), f64::total_cmp),
                LeadSortKey::LastInteractionAt => {
                    let at = |place: usize| columns.last_interaction_at[place].get();
                    self.valued(at(a), at(b), Time::cmp)
                }
                LeadSortKey::CreatedAt => self.turned(columns.created_at[a].cmp(&columns.created_at[b])),
                LeadSortKey::Name => self.valued(self.name(a), self.name(b), Ord::cmp),
            };
            order.then_with(|| self.turned(self.roster.rows[a].id.cmp(&self.roster.rows[b].id)))
        })
    }

    /// The order of a lead and a place in a list.
    fn compare_key(&self, place: usize, key: &Key) -> Ordering {
        let columns = &self.roster.columns;
        let order = match (&key.value, self.sort.key) {
            (KeyValue::Real(score), LeadSortKey::Score) => {
                self.valued(columns.score(place), Some(*score), f64::total_cmp)
            }
            (KeyValue::Int(at), LeadSortKey::LastInteractionAt) => {
                self.valued(columns.last_interaction_at[place].get(), Some(Time(*at)), Time::cmp)
            }
            (KeyValue::Int(at), LeadSortKey::CreatedAt) => self.turned(columns.created_at[place].cmp(&Time(*at))),
            (KeyValue::Text(name), LeadSortKey::Name) => self.valued(self.name(place), Some(name.as_str()), Ord::cmp),
            _ => self
                .valued(Some(self.value(place)).filter(|value| *value != KeyValue::Null), None, |_, _| Ordering::Equal),
        };
        order.then_with(|| self.turned(self.roster.rows[place].id.0.cmp(&key.id)))
    }

    fn name(&self, place: usize) -> Option<&str> {
        self.roster.rows[place].name_key.as_deref()
    }

    /// The order of two values: absent ones last whatever the direction.
    fn valued<T>(&self, a: Option<T>, b: Option<T>, compare: impl Fn(&T, &T) -> Ordering) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) => self.turned(compare(&a, &b)),
            (a, b) => a.is_none().cmp(&b.is_none()),
        }
    }

    fn turned(&self, order: Ordering) -> Ordering {
        if self.sort.descending { order.reverse() } else { order }
    }

    fn value(&self, place: usize) -> KeyValue {
        let columns = &self.roster.columns;
        let int = |time: Option<Time>| time.map_or(KeyValue::Null, |time| KeyValue::Int(time.0));
        match self.sort.key {
            LeadSortKey::Score => columns.score(place).map_or(KeyValue::Null, KeyValue::Real),
            LeadSortKey::LastInteractionAt => int(columns.last_interaction_at[place].get()),
            LeadSortKey::CreatedAt => int(Some(columns.created_at[place])),
            LeadSortKey::Name => self.name(place).map_or(KeyValue::Null, |name| KeyValue::Text(name.to_owned())),
        }
    }
}

//! Finding leads of the roster by typed words.

use std::cmp::Reverse;

use lintel_domain::id::LeadId;

use super::Roster;
use crate::Needle;

impl Roster {
    /// At most `limit` leads that fit what was typed, the best first; of two that fit alike the one with the greater score.
    pub fn find(&self, needle: &Needle, limit: usize) -> Vec<LeadId> {
        let places = 0..self.rows.len();
        let mut found: Vec<(u32, usize)> =
            places.filter_map(|place| Some((self.fits(place, needle)?, place))).collect();
        let order = |(rank, place): &(u32, usize)| {
            let score = self.columns.score(*place).map_or(0, |score| (score * 1e9) as u64);
            (*rank, Reverse(score), self.rows[*place].id)
        };
        if found.len() > limit {
            found.select_nth_unstable_by_key(limit, order);
            found.truncate(limit);
        }
        found.sort_unstable_by_key(order);
        found.into_iter().map(|(_, place)| self.rows[place].id).collect()
    }

    /// How well a lead fits: by its name, else by its number, else by anything else that it is known by.
    fn fits(&self, place: usize, needle: &Needle) -> Option<u32> {
        let row = &self.rows[place];
        let name = row.name_key.as_deref().filter(|_| needle.may_fit(row.letters));
        let by_name = name.and_then(|name| needle.rank(name)).or_else(|| needle.calls(&row.digits));
        by_name.or_else(|| {
            let may_hold = needle.may_be_inside(self.columns.pairs[place]);
            may_hold.then(|| needle.inside(&row.words)).flatten()
        })
    }
}

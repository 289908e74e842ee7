//! Finding leads of the roster by typed words.

use std::cmp::Reverse;

use lintel_domain::id::LeadId;

use super::{Roster, row::Row};
use crate::Needle;

impl Roster {
    /// At most `limit` leads that fit what was typed, the best first; of two that fit alike the one with the greater score.
    pub fn find(&self, needle: &Needle, limit: usize) -> Vec<LeadId> {
        let ranked = self.rows.iter().filter_map(|row| Some((rank(row, needle)?, row)));
        let mut found: Vec<(u32, &Row)> = ranked.collect();
        let order = |(rank, row): &(u32, &Row)| {
            let score = row.score.map_or(0, |score| (score * 1e9) as u64);
            (*rank, Reverse(score), row.id)
        };
        if found.len() > limit {
            found.select_nth_unstable_by_key(limit, order);
            found.truncate(limit);
        }
        found.sort_unstable_by_key(order);
        found.into_iter().map(|(_, row)| row.id).collect()
    }
}

/// How well a lead fits: by its name, else by its number, else by anything else that it is known by.
fn rank(row: &Row, needle: &Needle) -> Option<u32> {
    let name = row.name_key.as_deref().filter(|_| needle.may_fit(row.letters));
    name.and_then(|name| needle.rank(name)).or_else(|| needle.calls(&row.digits)).or_else(|| needle.inside(&row.words))
}

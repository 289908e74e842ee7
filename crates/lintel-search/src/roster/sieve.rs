//! Which leads of the roster are asked for.

use lintel_domain::{
    clock::Time,
    lead::Tier,
    lead_list::{LeadFilter, Snoozed},
};
use memchr::memmem::Finder;

use super::{Roster, columns::tag_bit};
use crate::{
    column::{Bits, mask},
    needle,
};

/// The scores at which tiers begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// From here on leads are hot.
    pub hot: f64,
    /// From here on they are warm.
    pub warm: f64,
}

impl Bounds {
    pub(super) fn tier(self, score: f64) -> Tier {
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
    /// The places of the leads asked for: by columns first, and then by what only a look at each can tell.
    pub(super) fn sift(&self, ask: Ask<'_>) -> Bits {
        let (Ask { filter, now, .. }, columns) = (ask, &self.columns);
        let mut bits = Bits::full(self.rows.len());
        let names = [
            (&columns.market, filter.market.as_ref().map(|market| self.names.find(market.as_str()))),
            (&columns.assignee, filter.assignee.map(|agent| self.names.find_agent(agent.0))),
            (&columns.stage, filter.stage.as_deref().map(|stage| self.names.find(stage))),
            (&columns.source, filter.source.as_deref().map(|source| self.names.find(source))),
        ];
        for (column, wanted) in names {
            if let Some(wanted) = wanted {
                mask::keep(&mut bits, column, |number| number == wanted);
            }
        }
        if let Some(wanted) = filter.outcome {
            mask::keep(&mut bits, &columns.outcome, |outcome| outcome == Some(wanted));
        }
        // No score is not a number, which is neither above nor below.
        if let Some(from) = filter.score_from {
            mask::keep(&mut bits, &columns.score, |score| score >= from);
        }
        if let Some(below) = filter.score_below {
            mask::keep(&mut bits, &columns.score, |score| score < below);
        }
        match ask.snoozed {
            Snoozed::Hide => mask::keep(&mut bits, &columns.snoozed_until, |until| !until.is_after(now)),
            Snoozed::Only => mask::keep(&mut bits, &columns.snoozed_until, |until| until.is_after(now)),
            Snoozed::Include => {}
        }
        if let Some(needle) = filter.needle() {
            let (pairs, finder) = (needle::pairs(&needle), Finder::new(&needle));
            mask::keep(&mut bits, &columns.pairs, |there| there & pairs == pairs);
            bits.retain(|place| finder.find(self.rows[place].words.as_bytes()).is_some());
        }
        if let Some(tag) = filter.tag.as_deref().map(|tag| self.names.find(tag)) {
            mask::keep(&mut bits, &columns.tags, |tags| tags & tag_bit(tag) != 0);
            bits.retain(|place| self.rows[place].tags.contains(&tag));
        }
        if ask.follow_up {
            bits.retain(|place| self.waits(place, ask));
        }
        bits
    }

    /// Whether the lead at a place waits for a step that is due.
    pub(super) fn waits(&self, place: usize, ask: Ask<'_>) -> bool {
        let tier = self.columns.score(place).map(|score| ask.bounds.tier(score));
        self.columns.situation(place).waits(tier, ask.now)
    }
}

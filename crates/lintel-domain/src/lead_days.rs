//! What a lead adds to the daily figures of a team: a plain function of the lead, so that sums of it can be kept and checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    clock::{Day, SECOND, Time},
    contact::words,
    lead::{Lead, Outcome},
    market::MarketSlug,
};

/// The upper ends of the ranges that first responses are counted in, in minutes; what takes longer is in a range of its own.
pub const RESPONSE_MINUTES: [u32; 13] = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1_440, 2_880, 10_080];

/// Something that is counted by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Leads that appeared.
    New,
    /// Leads that became hot for the first time.
    Hot,
    /// Leads that were won.
    Won,
    /// Leads that were lost.
    Lost,
    /// Leads that the team reached out to for the first time.
    Contacted,
    /// Leads that appeared that day and got their first response within this range of [`RESPONSE_MINUTES`].
    Response(u8),
}

impl Measure {
    /// The number under which it is kept.
    pub fn code(self) -> u8 {
        match self {
            Self::New => 0,
            Self::Hot => 1,
            Self::Won => 2,
            Self::Lost => 3,
            Self::Contacted => 4,
            Self::Response(range) => 10 + range,
        }
    }

    /// The measure with this number.
    pub fn of_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::New),
            1 => Some(Self::Hot),
            2 => Some(Self::Won),
            3 => Some(Self::Lost),
            4 => Some(Self::Contacted),
            _ => code.checked_sub(10).filter(|range| *range as usize <= RESPONSE_MINUTES.len()).map(Self::Response),
        }
    }
}

/// By what daily figures are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FiguresBy {
    /// By day.
    #[default]
    Day,
    /// By the lead's market.
    Market,
    /// By where the lead came from.
    Source,
    /// By the lead's agent.
    Agent,
}

words!(FiguresBy { Day => "day", Market => "market", Source => "source", Agent => "agent" });

/// What one lead adds: once to each measure, on a day, under its market, source and agent as they are now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// The market; empty when unknown.
    pub market: String,
    /// The source; empty when unknown.
    pub source: String,
    /// The agent; nil when there is none.
    pub agent: Uuid,
    /// Days since 1970 with codes of measures.
    pub days: Vec<(i32, u8)>,
}

/// Where a sum is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The day.
    pub day: Day,
    /// The market; empty when unknown.
    pub market: String,
    /// The source; empty when unknown.
    pub source: String,
    /// The agent; nil when there is none.
    pub agent: Uuid,
    /// What is counted, as [`Measure::code`].
    pub measure: u8,
}

impl Counted {
    /// What a lead adds.
    pub fn of(lead: &Lead) -> Self {
        let facts = &lead.facts;
        let mut days = vec![(lead.created_at.day().0, Measure::New.code())];
        let mut count = |at: Option<Time>, measure: Measure| days.extend(at.map(|at| (at.day().0, measure.code())));
        count(lead.first_hot_at, Measure::Hot);
        let ended = facts.outcome_at.filter(|_| facts.outcome.is_some());
        count(ended, if facts.outcome == Some(Outcome::Won) { Measure::Won } else { Measure::Lost });
        let first = lead.first_contacted_at;
        count(first, Measure::Contacted);
        if let Some(first) = first.filter(|first| *first >= lead.created_at) {
            count(Some(lead.created_at), Measure::Response(response_range(first.since(lead.created_at))));
        }
        Self {
            market: facts.market.as_ref().map(MarketSlug::as_str).unwrap_or_default().to_owned(),
            source: facts.source.clone().unwrap_or_default(),
            agent: facts.assignee.map_or(Uuid::nil(), |agent| agent.0),
            days,
        }
    }

    /// Adds it to sums, `times` times: once, or minus once to take it back.
    pub fn add_to(&self, sums: &mut BTreeMap<Cell, i64>, times: i64) {
        for (day, measure) in &self.days {
            let (market, source) = (self.market.clone(), self.source.clone());
            let cell = Cell { day: Day(*day), market, source, agent: self.agent, measure: *measure };
            *sums.entry(cell).or_default() += times;
        }
    }
}

/// The range of [`RESPONSE_MINUTES`] that a time in microseconds falls into.
fn response_range(micros: i64) -> u8 {
    RESPONSE_MINUTES.partition_point(|minutes| i64::from(*minutes) * 60 * SECOND < micros) as u8
}

/// The median of first responses in minutes from how many fell into each range, as if they lay evenly in theirs; none
/// without any. In the last range, which has no end, it is its beginning.
pub fn median_response(counts: &[u64]) -> Option<f64> {
    let total: u64 = counts.iter().sum();
    let half = total as f64 / 2.0;
    let mut before = 0.0;
    for (range, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let from = range.checked_sub(1).map_or(0, |before| RESPONSE_MINUTES[before.min(RESPONSE_MINUTES.len() - 1)]);
        let to = RESPONSE_MINUTES.get(range).copied().unwrap_or(from);
        let count = *count as f64;
        if before + count >= half {
            return Some(f64::from(from) + f64::from(to - from) * (half - before) / count);
        }
        before += count;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_read_as_it_is_kept() {
        for code in 0..=u8::MAX {
            assert!(Measure::of_code(code).is_none_or(|measure| measure.code() == code), "{code}");
        }
        assert_eq!(Measure::of_code(23), Some(Measure::Response(13)));
        assert_eq!((Measure::of_code(24), Measure::of_code(5)), (None, None));
    }

    #[test]
    fn a_response_falls_into_one_range() {
        let minutes = |minutes: i64| response_range(minutes * 60 * SECOND);
        assert_eq!([0, 1, 2, 3, 60, 61, 10_080, 10_081].map(minutes), [0, 0, 1, 2, 6, 7, 12, 13]);
    }

    #[test]
    fn a_median_lies_in_the_range_of_the_middle_one() {
        let counts = |some: &[(usize, u64)]| {
            let mut counts = [0; RESPONSE_MINUTES.len() + 1];
            for (range, count) in some {
                counts[*range] = *count;
            }
            median_response(&counts)
        };
        assert_eq!(counts(&[]), None);
        assert_eq!(counts(&[(6, 2)]), Some(45.0));
        assert_eq!(counts(&[(0, 1), (6, 2)]), Some(37.5));
        assert_eq!(counts(&[(0, 3), (13, 1)]), Some(2.0 / 3.0));
        assert_eq!(counts(&[(13, 5)]), Some(10_080.0));
    }
}

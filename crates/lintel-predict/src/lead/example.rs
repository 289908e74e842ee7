//! Examples to learn from: a lead as it stood at a moment of its story, and what came true afterwards.

use lintel_domain::clock::{DAY, Time};
use lintel_domain::interaction::InteractionKind;
use lintel_domain::lead::LeadFacts;

use super::behaviour::Behaviour;
use super::feature::{LeadFeature, cells, values};
use crate::error::Result;
use crate::learn::table::{Cells, Column, Schema, Table};

/// Days of a story at which the lead is looked at: soon, and ever more rarely.
///
/// Looking at fixed ages and not at the end of the story keeps what a model learns like what it is asked later: a lead at
/// some moment whose end nobody knows (landmarking, van Houwelingen 2007).
pub const AGES: [i64; 6] = [1, 7, 30, 90, 180, 365];
/// A win counts as one within this many days of the moment; later ones count as not won.
pub const HORIZON_DAYS: i64 = 365;
/// A lead that does nothing for so many days has gone silent.
pub const SILENT_DAYS: i64 = 30;

/// A lead as it stood at a moment, and what came true afterwards.
#[derive(Debug, Clone)]
pub struct LeadExample<'a> {
    /// Its fields, as far as they are known from that moment.
    pub facts: &'a LeadFacts,
    /// What it had done until then.
    pub behaviour: Behaviour,
    /// The moment; before the label was known.
    pub as_of: Time,
    /// Whether what is asked came true: that it was won, that it went silent.
    pub label: bool,
    /// When the label was known; absent when the story has no dates, so that it can be measured in folds only.
    pub known_at: Option<Time>,
    /// Examples of one person share a number and stay in one fold.
    pub group: u64,
}

/// A lead with everything it did.
#[derive(Debug, Clone, Copy)]
pub struct Story<'a> {
    /// Its fields.
    pub facts: &'a LeadFacts,
    /// What it did, and what was done towards it; any order.
    pub did: &'a [(InteractionKind, Time)],
    /// When it was stored, for leads whose source does not say when they began.
    pub stored_at: Time,
    /// Tells persons apart.
    pub group: u64,
}

impl<'a> Story<'a> {
    fn start(&self) -> Option<Time> {
        self.facts.created_at.or_else(|| self.did.iter().map(|(_, at)| *at).min())
    }

    /// When it ended. An end that is not behind the start is a date nobody knew.
    fn end(&self, start: Time) -> Option<Time> {
        self.facts.outcome_at.filter(|end| *end > start)
    }

    fn at(&self, as_of: Time, label: bool, known_at: Option<Time>) -> LeadExample<'a> {
        let behaviour = Behaviour::as_of(self.did.iter().copied(), as_of);
        LeadExample { facts: self.facts, behaviour, as_of, label, known_at, group: self.group }
    }

    /// Examples of a story whose outcome is known: was it won within [`HORIZON_DAYS`]?
    ///
    /// At the [`AGES`] before its end; a story that was shorter, or of which no dates are known, is looked at once, at
    /// the latest moment before its end.
    pub fn won(&self, won: bool, now: Time) -> Vec<LeadExample<'a>> {
        let last = self.did.iter().map(|(_, at)| *at).filter(|at| *at <= now).max();
        let Some(start) = self.start() else {
            return vec![self.at(self.stored_at.min(now), won, None)];
        };
        let dated = self.end(start);
        let end = dated.or(last.map(|at| at.plus(1))).unwrap_or(start.plus(1)).min(now);
        let example = |as_of: Time| {
            let horizon = as_of.plus(HORIZON_DAYS * DAY);
            self.at(as_of, won && end <= horizon, dated.map(|end| end.min(horizon)))
        };
        let mut examples: Vec<_> =
            AGES.iter().map(|age| start.plus(age * DAY)).filter(|at| *at < end).map(example).collect();
        if examples.is_empty() {
            examples.push(example(end.plus(-1)));
        }
        examples
    }

    /// Examples of whether the lead did nothing for [`SILENT_DAYS`]: at the [`AGES`],
    /// wherever the days that follow were watched to their end. What the lead did is known up to `watched_until`; days
    /// behind the end of a story say nothing.
    pub fn silent(&self, watched_until: Time) -> Vec<LeadExample<'a>> {
        let Some(start) = self.start() else { return Vec::new() };
        let until = self.end(start).map_or(watched_until, |end| end.min(watched_until));
        let acts: Vec<Time> = self.did.iter().filter(|(kind, _)| kind.is_act()).map(|(_, at)| *at).collect();
        AGES.iter()
            .map(|age| start.plus(age * DAY))
            .filter(|at| at.plus(SILENT_DAYS * DAY) <= until)
            .filter(|at| acts.iter().any(|act| act <= at))
            .map(|at| {
                let after = at.plus(SILENT_DAYS * DAY);
                let silent = !acts.iter().any(|act| *act > at && *act <= after);
                self.at(at, silent, Some(after))
            })
            .collect()
    }
}

/// The table of some examples.
pub(crate) fn table_of(features: &[LeadFeature], examples: &[LeadExample<'_>]) -> Result<Table> {
    let columns: Vec<Column> = features.iter().map(LeadFeature::column).collect();
    let mut table = Table::new(Schema::new(columns)?);
    for example in examples {
        let values = values(features, example.facts, &example.behaviour, example.as_of);
        table.push_row(&cells(&values))?;
    }
    Ok(table)
}

/// Whether a column has more than one value; to be missing is one.
pub(crate) fn varies(cells: &Cells) -> bool {
    match cells {
        Cells::Numbers(numbers) => {
            let Some(first) = numbers.first() else {
                return false;
            };
            // NaN differs from itself, so missing is compared apart.
            numbers.iter().any(|number| number.is_nan() != first.is_nan() || (!number.is_nan() && number != first))
        }
        Cells::Words(words) => words.codes().iter().any(|code| Some(code) != words.codes().first()),
    }
}

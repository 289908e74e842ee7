//! What a calculation gives: its inputs, its figures with unit and formula, or the reason why there are none.

use std::borrow::Cow;

use lintel_domain::analysis::{Origin, Unit};
use serde::{Deserialize, Serialize};

/// A value with where it came from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Given<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub origin: Origin,
}

impl<T> Given<T> {
    /// What somebody gave, or what is taken when nobody did.
    pub fn or(given: Option<T>, otherwise: T) -> Self {
        match given {
            Some(value) => Self { value, origin: Origin::Given },
            None => Self { value: otherwise, origin: Origin::Default },
        }
    }
}

/// One number that went in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: f64,
    /// What it counts or measures.
    pub unit: Unit,
    /// Where it came from.
    pub origin: Origin,
}

/// One number that came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Its name.
    pub name: Cow<'static, str>,
    /// Its value; always finite.
    pub value: f64,
    /// What it counts or measures.
    pub unit: Unit,
    /// How it follows from the inputs and the figures before it.
    pub formula: Cow<'static, str>,
}

/// The whole of a calculation. It has figures or a refusal, never both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calculation {
    /// How many homes it rests on.
    pub n: u64,
    /// What went in.
    pub inputs: Vec<Input>,
    /// What came out.
    pub figures: Vec<Figure>,
    /// Why nothing came out.
    pub refused: Option<String>,
}

impl Calculation {
    /// One that cannot be made, as something has to be known and is not.
    pub fn refusing(what: &str) -> Self {
        Self::default().unknown(what)
    }

    /// One that rests on `n` homes.
    pub(super) fn of(n: usize) -> Self {
        Self { n: n as u64, ..Self::default() }
    }

    /// With a number that went in.
    pub(super) fn input(mut self, name: &'static str, given: Given<f64>, unit: Unit) -> Self {
        self.inputs.push(Input { name: name.into(), value: given.value, unit, origin: given.origin });
        self
    }

    /// With a number that somebody gave.
    pub(super) fn given(self, name: &'static str, value: f64, unit: Unit) -> Self {
        self.input(name, Given { value, origin: Origin::Given }, unit)
    }

    /// With a number that was counted in the market.
    pub(super) fn counted(self, name: &'static str, count: usize) -> Self {
        self.input(name, Given { value: count as f64, origin: Origin::Market }, Unit::Homes)
    }

    /// With the days back that sales count.
    pub(super) fn window(self, days: Given<u32>) -> Self {
        self.input("window_days", Given { value: days.value.into(), origin: days.origin }, Unit::Days)
    }

    /// With a number that came out. One that is not finite is left out: it divides by nothing.
    pub(super) fn figure(mut self, name: &'static str, value: f64, unit: Unit, formula: &'static str) -> Self {
        if value.is_finite() {
            self.figures.push(Figure { name: name.into(), value, unit, formula: formula.into() });
        }
        self
    }

    /// Too few homes: `n` of `needed` things that are counted, in the plural.
    pub(super) fn too_few(mut self, n: usize, needed: usize, what: &str) -> Self {
        self.figures.clear();
        self.refused = Some(format!("insufficient data (n = {n}), at least {needed} {what} are needed"));
        self
    }

    /// Something that has to be known is not.
    pub(super) fn unknown(mut self, what: &str) -> Self {
        self.figures.clear();
        self.refused = Some(format!("insufficient data: {what}"));
        self
    }

    /// The figure of this name.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.figures.iter().find(|figure| figure.name == name).map(|figure| figure.value)
    }
}

/// A figure that is not what it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its name.
    pub name: Cow<'static, str>,
    /// What it counts or measures.
    pub unit: Unit,
    /// What it was; nothing when it was not there.
    pub from: Option<f64>,
    /// What it is; nothing when it is not there any more.
    pub to: Option<f64>,
}

/// Every figure that differs, in the order of `after`, those that are gone behind them.
pub fn changes(before: &Calculation, after: &Calculation) -> Vec<Change> {
    let now = after.figures.iter().map(|figure| Change {
        name: figure.name.clone(),
        unit: figure.unit,
        from: before.value(&figure.name),
        to: Some(figure.value),
    });
    let gone = before.figures.iter().filter(|figure| after.value(&figure.name).is_none()).map(|figure| Change {
        name: figure.name.clone(),
        unit: figure.unit,
        from: Some(figure.value),
        to: None,
    });
    now.chain(gone).filter(|change| change.from != change.to).collect()
}

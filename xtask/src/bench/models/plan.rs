//! Which files are compared on, and how: files.toml, as Rust reads it.

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    #[serde(rename = "table")]
    pub(crate) tables: Vec<Task>,
    pub(crate) series: Vec<SeriesTask>,
}

/// A table that is learnt from and predicted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Task {
    pub(crate) name: String,
    pub(crate) file: String,
    #[serde(rename = "task")]
    pub(crate) kind: Kind,
    pub(crate) label: String,
    /// Column that names a row; never a feature.
    pub(crate) id: Option<String>,
    pub(crate) cut: Cut,
    /// Column of the day, with `months`.
    pub(crate) time: Option<String>,
    pub(crate) date: Option<DateOrder>,
    #[serde(default)]
    pub(crate) drop: Vec<String>,
    #[serde(default)]
    pub(crate) allow_protected: Vec<String>,
    /// Mapping file, from the root of the repository.
    pub(crate) mapping: Option<String>,
}

/// A file of series with one calendar.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeriesTask {
    pub(crate) name: String,
    pub(crate) file: String,
    /// Periods in a year: 12, 52 or 4.
    pub(crate) year: usize,
    /// Periods that are forecast.
    pub(crate) horizon: usize,
    /// Last periods that a forecast may see, by the beginning of how they are written.
    pub(crate) origins: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Classify,
    Price,
}

/// How rows are held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cut {
    Stratified,
    Tails,
    Months,
}

/// How a day is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DateOrder {
    /// `20141013…`
    Ymd,
    /// `3/09/2016`
    Dmy,
}

impl Plan {
    pub(crate) fn read() -> Result<Self> {
        toml::from_str(include_str!("files.toml")).context("files.toml")
    }
}

impl DateOrder {
    /// Year, month and day.
    pub(crate) fn parse(self, text: &str) -> Option<(u16, u8, u8)> {
        match self {
            Self::Ymd => {
                Some((text.get(..4)?.parse().ok()?, text.get(4..6)?.parse().ok()?, text.get(6..8)?.parse().ok()?))
            }
            Self::Dmy => {
                let mut parts = text.split('/');
                let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
                Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DateOrder, Plan};

    #[test]
    fn the_plan_can_be_read() {
        let plan = Plan::read().unwrap();
        assert_eq!((plan.tables.len(), plan.series.len()), (6, 7));
    }

    #[test]
    fn days_are_read_in_either_order() {
        assert_eq!(DateOrder::Ymd.parse("20141013T000000"), Some((2014, 10, 13)));
        assert_eq!(DateOrder::Dmy.parse("3/09/2016"), Some((2016, 9, 3)));
        assert_eq!(DateOrder::Ymd.parse("13/10/2014"), None);
    }
}

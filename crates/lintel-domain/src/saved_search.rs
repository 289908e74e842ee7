//! Saved searches: how often they are told of, and why a listing was found.

use serde::{Deserialize, Serialize};

use crate::{contact::words, listing::Status};

/// How often somebody is told what a saved search found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// As it happens.
    #[default]
    Instant,
    /// Once a day, together.
    Daily,
    /// Once a week, together.
    Weekly,
    /// Never: finds are kept, and can be looked up.
    Off,
}

words!(Cadence { Instant => "instant", Daily => "daily", Weekly => "weekly", Off => "off" });

/// Why a listing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It is part of the result for the first time.
    New,
    /// It is part of the result, and its price fell.
    PriceDrop,
    /// It is part of the result, and can be had again after it could not.
    BackOnMarket,
}

words!(Why { New => "new", PriceDrop => "price_drop", BackOnMarket => "back_on_market" });

/// Whether a change of status brings a listing back that could not be had: what was never on the market before is new, not
/// back.
pub fn is_back_on_market(from: Status, to: Status) -> bool {
    to == Status::Active && !matches!(from, Status::Active | Status::ComingSoon | Status::Incomplete)
}

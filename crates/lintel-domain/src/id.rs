//! Identifiers: one type per kind of thing, so that a lead's id cannot be passed where a listing's is wanted.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// A brokerage account; every row belongs to exactly one.
    TenantId,
    /// A person who signs in.
    UserId,
    /// A key that programs present.
    ApiKeyId,
    /// A home on the market, or the record of its sale.
    ListingId,
    /// A person who may buy or sell.
    LeadId,
    /// Something that a lead did, or that was done towards one.
    InteractionId,
    /// A named search with alerts.
    SavedSearchId,
    /// One run of an import.
    ImportId,
    /// One calculation over a listing or a market.
    AnalysisId,
    /// A trained model's artefact.
    ModelId,
    /// A comparison of variants.
    ExperimentId,
    /// A unit of work in the queue.
    JobId,
    /// Something the team has to do with a lead.
    TaskId,
    /// Something that a user is told.
    NotificationId,
    /// A connection to a system of others.
    ConnectionId,
}

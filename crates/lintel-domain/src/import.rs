//! What an import brings and how it went.

use serde::{Deserialize, Serialize};

use crate::contact::words;

/// The kind of records in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// Homes on the market.
    Listings,
    /// Fulfilled sales.
    Sales,
    /// People.
    Leads,
    /// What people did.
    Interactions,
    /// Numbers of a market over time.
    Series,
}

words!(ImportKind {
    Listings => "listings",
    Sales => "sales",
    Leads => "leads",
    Interactions => "interactions",
    Series => "series",
});

/// A row that was not taken, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The line its row begins on, from 1.
    pub line: u64,
    /// The column at fault, when it is one.
    pub column: Option<String>,
    /// What is wrong, in words.
    pub reason: String,
}

/// How many rows had which effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    /// Data rows read.
    pub rows: u64,
    /// Records that are new.
    pub created: u64,
    /// Records that changed.
    pub updated: u64,
    /// Records that were already so.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub rejected: u64,
}

impl ImportCounts {
    /// Adds what a further batch did.
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.rejected += other.rejected;
    }
}

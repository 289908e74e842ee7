//! What a user keeps of a home for themselves: a favourite, or one not to be shown again.

use serde::{Deserialize, Serialize};

use crate::{clock::Time, contact::words, id::ListingId};

/// What a home is to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Worth coming back to.
    Favourite,
    /// Not to be shown again.
    Hidden,
}

words!(Mark { Favourite => "favourite", Hidden => "hidden" });

/// A home with a user's mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// Which home.
    pub listing: ListingId,
    /// What it is to the user.
    pub mark: Mark,
    /// Since when.
    pub at: Time,
}

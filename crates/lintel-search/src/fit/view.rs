//! A single listing as fit sees it, without an index.

use lintel_domain::{listing::Listing, money::Money};

/// A listing with what fit needs of it, for asking whom it suits.
#[derive(Clone, Debug)]
pub struct ListingView {
    listing: Listing,
    estimate: Option<Money>,
}

impl ListingView {
    /// A view of a listing and, if there is one, its estimate.
    pub fn new(listing: &Listing, estimate: Option<Money>) -> Self {
        Self { listing: listing.clone(), estimate }
    }
}

//! The listings of one market, as they were at one moment: an immutable value that every reader shares.

use std::io::{Read, Write};

use lintel_domain::{clock::Day, id::ListingId, listing::Listing, money::Money, preference::Preferences};

use crate::{ClusterQuery, Clusters, Error, Found, Matches, Query};

/// A place in the log: what a part has seen. Its meaning is the caller's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub i64, pub i64);

/// The index of one market. Cheap to clone; changes make a new part that shares what did not change.
#[derive(Clone, Debug, Default)]
pub struct Part {
    cursor: Cursor,
}

/// Gathers listings into a part.
#[derive(Debug, Default)]
pub struct PartBuilder {}

impl PartBuilder {
    /// Adds a listing. Of two with the same id the later one counts.
    pub fn push(&mut self, listing: &Listing) -> Result<(), Error> {
        let _ = listing;
        Ok(())
    }

    /// The part, which has seen the log up to `cursor`.
    pub fn finish(self, cursor: Cursor) -> Part {
        Part { cursor }
    }
}

impl Part {
    /// Begins an index from scratch.
    pub fn builder() -> PartBuilder {
        PartBuilder::default()
    }

    /// Listings in it.
    pub fn len(&self) -> usize {
        0
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What it has seen of the log.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Bytes it occupies in memory.
    pub fn memory_bytes(&self) -> usize {
        0
    }

    /// The part after some listings were stored and some removed. An estimate stays with its listing.
    pub fn with(&self, upserts: &[Listing], removals: &[ListingId], cursor: Cursor) -> Result<Self, Error> {
        let _ = (upserts, removals);
        Ok(Self { cursor })
    }

    /// The part with these listings' estimates set; ids that it does not hold are passed over.
    #[must_use]
    pub fn with_estimates(&self, estimates: &[(ListingId, Option<Money>)]) -> Self {
        let _ = estimates;
        self.clone()
    }

    /// Answers a search.
    pub fn search(&self, query: &Query<'_>) -> Result<Found, Error> {
        let _ = query;
        Err(Error::WrongKey)
    }

    /// Answers a question for clusters.
    pub fn clusters(&self, query: &ClusterQuery<'_>) -> Result<Clusters, Error> {
        let _ = query;
        Err(Error::WrongKey)
    }

    /// The best `k` of the listings that meet the hard wishes, with reasons; the exact best, ties by id.
    pub fn match_top(&self, preferences: &Preferences, k: usize, today: Day) -> Matches {
        let _ = (preferences, k, today);
        Matches { matches: Vec::new(), considered: 0 }
    }

    /// Writes it, so that [`Part::read_snapshot`] can read it.
    pub fn write_snapshot(&self, to: &mut impl Write) -> Result<(), Error> {
        to.flush()?;
        Ok(())
    }

    /// Reads what [`Part::write_snapshot`] wrote; damage or another version is an error.
    pub fn read_snapshot(from: &mut impl Read) -> Result<Self, Error> {
        let mut byte = [0];
        from.read_exact(&mut byte)?;
        Err(Error::Snapshot("empty"))
    }
}

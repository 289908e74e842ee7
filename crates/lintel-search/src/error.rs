//! What can go wrong in the listing index.

/// Why a question has no answer, or a snapshot no index.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sort's name is not known.
    #[error("unknown sort \"{0}\"")]
    UnknownSort(String),
    /// The sort needs something that the query does not have.
    #[error("sort \"{sort}\" needs {needs}")]
    SortNeeds {
        /// The sort as it is written.
        sort: &'static str,
        /// What is missing.
        needs: &'static str,
    },
    /// The viewport is not a box on the earth.
    #[error("a box is west, south, east, north in degrees, south not above north")]
    NotABox,
    /// The page's key does not belong to this sort.
    #[error("the cursor belongs to another sort")]
    WrongKey,
    /// The snapshot is damaged, cut off, or of another version: build the index anew.
    #[error("snapshot cannot be used: {0}")]
    Snapshot(&'static str),
    /// A part cannot hold more listings than this.
    #[error("a market holds at most {0} listings")]
    TooMany(usize),
    /// Reading or writing the snapshot's bytes failed.
    #[error("snapshot bytes")]
    Io(#[from] std::io::Error),
}

//! How busy a store is, for people and charts.

/// How busy a store is, and what it has written since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Writes that were run in commits.
    pub writes: u64,
    /// Those commits: on SQLite, writes that arrive together share one.
    pub commits: u64,
    /// What waits and runs at this moment.
    pub now: Busy,
}

/// What waits and runs at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Busy {
    /// SQLite: calls in line before its threads.
    Lines {
        /// Writes that wait for the writer.
        writes: usize,
        /// Reads that wait for a reader or are read.
        reads: usize,
        /// Places in each line; whoever finds none waits, and is refused after a while.
        places: usize,
    },
    /// PostgreSQL: the pool of connections for writes and reads of many rows.
    Pool {
        /// Connections that are open.
        open: usize,
        /// Those that somebody uses.
        in_use: usize,
        /// Calls that wait for one.
        waiting: usize,
        /// The most there may be.
        most: usize,
    },
}

/// What the read replicas did since the store was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicaStats {
    /// How many there are.
    pub configured: usize,
    /// Those that are well.
    pub used: usize,
    /// Reads that they answered.
    pub reads: u64,
    /// How often one was taken out of use.
    pub ejections: u64,
}

impl Load {
    /// Calls that wait at this moment: on SQLite writes for their turn, on PostgreSQL calls for a connection.
    pub fn waiting(&self) -> usize {
        match self.now {
            Busy::Lines { writes, .. } => writes,
            Busy::Pool { waiting, .. } => waiting,
        }
    }
}

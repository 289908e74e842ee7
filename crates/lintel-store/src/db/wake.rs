//! Waiting for news: woken at once by this process, soon by others, and by looking now and then in any case.

use std::time::Duration;

use tokio::{
    sync::watch,
    time::{Instant, timeout_at},
};

use super::Store;

/// Wakes whoever reads the log or claims jobs. It only wakes; whether there is something, reading tells.
pub struct Wake {
    store: Store,
    news: watch::Receiver<u64>,
    poll: Duration,
    /// On SQLite, the file's change counter at the last look.
    seen: Option<i64>,
}

impl Wake {
    pub(super) fn new(store: Store, mut news: watch::Receiver<u64>, poll: Duration) -> Self {
        news.mark_unchanged();
        let seen = store.data_version().ok().flatten();
        Self { store, news, poll, seen }
    }

    /// Returns when there may be something new, at the latest after `most`; true when it was not only the time.
    ///
    /// On SQLite the file's change counter is looked at every polling interval, so that a write by another process is
    /// noticed; on PostgreSQL an interval without a wake-up is itself a reason to look.
    pub async fn wait(&mut self, most: Duration) -> bool {
        let deadline = Instant::now() + most;
        loop {
            let look = (Instant::now() + self.poll).min(deadline);
            if let Ok(changed) = timeout_at(look, self.news.changed()).await {
                return changed.is_ok();
            }
            match self.store.data_version() {
                Ok(Some(version)) if Some(version) == self.seen => {}
                Ok(version) => {
                    self.seen = version;
                    return true;
                }
                Err(_) => return true,
            }
            if Instant::now() >= deadline {
                return false;
            }
        }
    }
}

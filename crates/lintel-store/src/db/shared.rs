//! What both engines report to: counters, wake-ups and the state of the disk.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::sync::{Notify, broadcast, watch};

use super::{Stats, options::OnCommit, tx::Kept};

/// Whether the disk takes writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Disk {
    /// It does.
    #[default]
    Fine,
    /// There is no space. Writes are tried again and succeed when there is.
    Full,
    /// It refused a write that had to be durable; this process acknowledges nothing any more.
    Failed(String),
}

/// Shared by a store, its threads and its tasks.
pub(crate) struct Shared {
    pub(crate) stats: Stats,
    pub(crate) disk: watch::Sender<Disk>,
    /// Grows whenever the log may have grown.
    pub(crate) log: watch::Sender<u64>,
    /// Grows whenever a job may have become ready.
    pub(crate) jobs: watch::Sender<u64>,
    /// What processes on this database say to each other and nobody keeps.
    pub(crate) said: broadcast::Sender<Arc<str>>,
    /// What other processes have not been told yet.
    pub(crate) untold: Untold,
    /// Hears of what was kept before anybody is told that it is.
    on_commit: OnCommit,
}

/// The most that processes say to each other and has not been sent or heard yet: 8 MB, since each is at most 8 kB.
const MOST_SAID: usize = 1024;

/// Who has something to do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Woken {
    pub(crate) log: bool,
    pub(crate) jobs: bool,
}

/// Wake-ups on their way to other processes, merged until they are sent.
#[derive(Default)]
pub(crate) struct Untold {
    log: AtomicU64,
    jobs: AtomicU64,
    /// Oldest first.
    said: Mutex<VecDeque<String>>,
    pub(crate) any: Notify,
}

impl Untold {
    /// What is to be told now; it counts as told from here on.
    pub(crate) fn take(&self) -> Woken {
        Woken { log: self.log.swap(0, Ordering::Relaxed) > 0, jobs: self.jobs.swap(0, Ordering::Relaxed) > 0 }
    }

    /// What this process says that is not on its way yet.
    pub(crate) fn take_said(&self) -> VecDeque<String> {
        std::mem::take(&mut *self.said.lock())
    }

    /// Says something to the other processes; of too much that waits the oldest is dropped.
    pub(crate) fn say(&self, text: String) {
        let mut said = self.said.lock();
        if said.len() == MOST_SAID {
            said.pop_front();
        }
        said.push_back(text);
        self.any.notify_one();
    }

    fn add(&self, woken: Woken) {
        self.log.fetch_add(woken.log.into(), Ordering::Relaxed);
        self.jobs.fetch_add(woken.jobs.into(), Ordering::Relaxed);
        self.any.notify_one();
    }
}

impl Shared {
    pub(crate) fn new(stats: Stats, on_commit: OnCommit) -> Self {
        Self {
            stats,
            disk: watch::Sender::default(),
            log: watch::Sender::default(),
            jobs: watch::Sender::default(),
            said: broadcast::Sender::new(MOST_SAID),
            untold: Untold::default(),
            on_commit,
        }
    }

    /// Tells this process what was kept, wakes its readers, and leaves word for the others.
    pub(crate) fn tell(&self, kept: &Kept) {
        let woken = Woken { log: !kept.events.is_empty(), jobs: kept.jobs };
        if woken.log {
            self.on_commit.tell(&kept.events);
        }
        if woken.log || woken.jobs {
            self.wake_here(woken);
            self.untold.add(woken);
        }
    }

    /// Wakes this process's readers.
    pub(crate) fn wake_here(&self, woken: Woken) {
        if woken.log {
            self.log.send_modify(|count| *count += 1);
        }
        if woken.jobs {
            self.jobs.send_modify(|count| *count += 1);
        }
    }
}

//! Followers of the log: each reads events in the order of their commits and reacts to them, with a cursor of its own.

mod alerts;
mod appraiser;
mod counter;
mod durable;
mod hub;
pub(crate) mod index;
mod notifier;
mod presence;
mod scorer;
pub(crate) mod tail;
mod triggers;

use std::{num::NonZero, sync::atomic::Ordering, time::Duration};

use tokio::{sync::watch, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use scorer::write_scores;

use crate::{App, Error, Result};
use durable::follow;

/// How long a durable follower rests after it has written because of a few events, if it is about how things are and not about each
/// change. What comes meanwhile is one step: that costs a commit and some reads however many events it takes.
const REST: Duration = Duration::from_millis(100);

/// How long a follower waits for news at most.
const IDLE: Duration = Duration::from_secs(5);

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// Answers requests, and so keeps the listing index fresh and tells clients what happens.
    pub api: bool,
    /// Keeps live scores fresh, freezes estimates of homes that come on the market and scores them at the sale, tells saved
    /// searches of changed listings, teams of what leads do, and users of what happened, and keeps daily figures.
    pub followers: bool,
    /// Runs jobs.
    pub worker: bool,
}

impl Roles {
    /// Everything.
    pub const ALL: Self = Self { api: true, followers: true, worker: true };

    /// Reads a comma-separated list such as `api,worker`, or `all`; `None` when a word is unknown or there is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut roles = Self { api: false, followers: false, worker: false };
        for word in text.split(',') {
            match word.trim() {
                "api" => roles.api = true,
                "followers" => roles.followers = true,
                "worker" => roles.worker = true,
                "all" => roles = Self { api: true, followers: true, worker: true },
                _ => return None,
            }
        }
        Some(roles)
    }
}

impl App {
    /// Starts what these roles do beside answering requests. All of it ends soon after `stop`, and `tasks` knows when.
    pub fn start(&self, roles: Roles, tasks: &TaskTracker, stop: &CancellationToken) {
        self.0.answers.store(roles.api, Ordering::Relaxed);
        if roles.api || roles.worker || roles.followers {
            tasks.spawn(tail::read(self.clone(), stop.clone()));
            tasks.spawn(index::follow(self.clone(), roles.api, stop.clone()));
        }
        if roles.api {
            if let Some(redis) = self.0.caches.redis().cloned() {
                let stop = stop.clone();
                tasks.spawn(async move { redis.run(stop).await });
            }
            tasks.spawn(hub::follow(self.clone(), stop.clone()));
            tasks.spawn(presence::tell(self.clone(), stop.clone()));
            if self.0.store.is_postgres() {
                tasks.spawn(presence::hear(self.clone(), stop.clone()));
            }
            for _ in 0..std::thread::available_parallelism().map_or(1, NonZero::get) {
                tasks.spawn(hub::carry(self.clone(), stop.clone()));
            }
        }
        if roles.followers {
            tasks.spawn(follow(self.clone(), stop.clone(), scorer::NAME, REST, scorer::react));
            tasks.spawn(follow(self.clone(), stop.clone(), appraiser::NAME, Duration::ZERO, appraiser::react));
            tasks.spawn(follow(self.clone(), stop.clone(), alerts::NAME, Duration::ZERO, alerts::react));
            tasks.spawn(follow(self.clone(), stop.clone(), triggers::NAME, Duration::ZERO, triggers::react));
            tasks.spawn(follow(self.clone(), stop.clone(), notifier::NAME, Duration::ZERO, notifier::react));
            tasks.spawn(follow(self.clone(), stop.clone(), counter::NAME, REST, counter::react));
        }
        if roles.worker {
            crate::jobs::start(self, tasks, stop);
        }
    }
}

/// The time between two steps of a follower: none while there is something, else until the log has been read again.
struct Pace {
    name: &'static str,
    looks: watch::Receiver<u64>,
    stop: CancellationToken,
}

impl Pace {
    fn new(app: &App, stop: &CancellationToken, name: &'static str) -> Self {
        Self { name, looks: app.0.tail.looks(), stop: stop.clone() }
    }

    /// Waits after a step that ended so; no longer than until the stop, and than `most` when there was nothing.
    async fn wait(&mut self, ended: Result<bool>, most: Duration) {
        let pause = match ended {
            Ok(true) => return,
            Ok(false) => most,
            Err(error) => stumbled(self.name, &error),
        };
        // It only wakes; whether there is something, the next step tells.
        let _ = self.stop.run_until_cancelled(timeout(pause, self.looks.changed())).await;
    }
}

/// Tells of a follower that could not go on; how long it waits before it tries again.
fn stumbled(name: &'static str, error: &Error) -> Duration {
    let error = error as &dyn std::error::Error;
    tracing::warn!(follower.name = name, error, "follower stumbled and tries again");
    Duration::from_secs(1)
}

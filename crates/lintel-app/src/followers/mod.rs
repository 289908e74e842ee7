//! Followers of the log: each reads events in the order of their commits and reacts to them, with a cursor of its own.

mod alerts;
mod appraiser;
mod counter;
mod hub;
pub(crate) mod index;
mod notifier;
mod presence;
mod scorer;
mod triggers;

use std::{num::NonZero, sync::atomic::Ordering, time::Duration};

use lintel_store::{
    db::Wake,
    log::{Cursor, Recorded},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use scorer::write_scores;

use crate::{App, Error, Result};

/// The most events that are read at once. One may tell of a thousand rows.
pub(crate) const BATCH: u32 = 64;

/// How long a durable follower rests after it has read a few events, if it is about how things are and not about each change. What
/// comes meanwhile is one step: that costs a commit and some reads however many events it takes.
const REST: Duration = Duration::from_millis(100);

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

/// Drives a durable follower: what it does and the move of its cursor are one commit, so that everything happens once.
async fn follow<R, F>(app: App, stop: CancellationToken, name: &'static str, rest: Duration, react: R)
where
    R: Fn(App, Vec<Recorded>, Option<Cursor>, Cursor) -> F,
    F: Future<Output = Result<()>>,
{
    let mut pace = Pace::new(&app, &stop, name);
    while let Some(ended) = stop.run_until_cancelled(step(&app, name, &react)).await {
        if matches!(ended, Ok(read) if read > 0 && read < BATCH as usize) {
            stop.run_until_cancelled(tokio::time::sleep(rest)).await;
        }
        pace.wait(ended.map(|read| read > 0)).await;
    }
}

/// The time between two steps of a follower: none while there is something, else until the log has grown.
struct Pace<'a> {
    wake: Wake,
    stop: &'a CancellationToken,
    name: &'static str,
}

impl<'a> Pace<'a> {
    fn new(app: &App, stop: &'a CancellationToken, name: &'static str) -> Self {
        Self { wake: app.0.store.log_wake(), stop, name }
    }

    /// Waits after a step that ended so; no longer than until the stop.
    async fn wait(&mut self, ended: Result<bool>) {
        let pause = match ended {
            Ok(true) => return,
            Ok(false) => Duration::from_secs(5),
            Err(error) => {
                tracing::warn!(
                    follower.name = self.name,
                    error = &error as &dyn std::error::Error,
                    "follower stumbled and tries again"
                );
                Duration::from_secs(1)
            }
        };
        self.stop.run_until_cancelled(self.wake.wait(pause)).await;
    }
}

/// Reacts to the next events; how many were read.
async fn step<R, F>(app: &App, name: &'static str, react: &R) -> Result<usize>
where
    R: Fn(App, Vec<Recorded>, Option<Cursor>, Cursor) -> F,
    F: Future<Output = Result<()>>,
{
    let from = app.0.store.follower_cursor(name).await?;
    let events = app.0.store.events_after(from.unwrap_or_default(), BATCH).await?;
    let Some(last) = events.last() else { return Ok(0) };
    let (to, read) = (last.cursor, events.len());
    match react(app.clone(), events, from, to).await {
        // Another node did it; its cursor is where to go on.
        Err(Error::Moved) => Ok(read),
        other => other.map(|()| read),
    }
}

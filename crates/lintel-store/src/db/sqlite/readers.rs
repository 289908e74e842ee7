//! Threads that read: a bounded line of reads, each on its own snapshot.

use std::{collections::VecDeque, sync::Arc, thread, time::Instant};

use parking_lot::{Condvar, Mutex};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::{open::Opened, run};
use crate::{
    Error, Result,
    db::{Options, Params, Row, Shared, Sql, step_back},
};

type Read = Box<dyn FnOnce(&Opened) + Send>;

/// How readers go about it.
#[derive(Clone, Copy)]
pub(super) enum Pace {
    /// Somebody waits.
    Prompt,
    /// They give way to whoever wants their core.
    GivingWay,
}

#[derive(Default)]
struct Line {
    reads: Mutex<(VecDeque<Read>, bool)>,
    arrived: Condvar,
}

pub(super) struct Readers {
    line: Arc<Line>,
    places: Arc<Semaphore>,
    queue: usize,
    wait: std::time::Duration,
    shared: Arc<Shared>,
}

impl Readers {
    pub(super) fn start(connections: Vec<Opened>, pace: Pace, options: &Options, shared: Arc<Shared>) -> Result<Self> {
        let line = Arc::new(Line::default());
        for (number, opened) in connections.into_iter().enumerate() {
            let line = Arc::clone(&line);
            let (name, begin): (_, fn()) = match pace {
                Pace::Prompt => (format!("sqlite-read-{number}"), || ()),
                Pace::GivingWay => ("sqlite-read-idle".to_owned(), step_back),
            };
            let reading = move || {
                begin();
                work(&opened, &line);
            };
            thread::Builder::new()
                .name(name)
                .spawn(reading)
                .map_err(|e| Error::Unavailable { reason: format!("cannot start a reader: {e}") })?;
        }
        let places = Arc::new(Semaphore::new(options.queue));
        Ok(Self { line, places, queue: options.queue, wait: options.wait_timeout, shared })
    }

    pub(super) async fn query<T, F>(&self, sql: &'static Sql, params: Params, map: F) -> Result<Vec<T>>
    where
        T: Send + 'static,
        F: Fn(&Row<'_>) -> Result<T> + Send + 'static,
    {
        let begun = Instant::now();
        let place = self.place().await?;
        let shared = Arc::clone(&self.shared);
        let (answer, answered) = oneshot::channel();
        let read = Box::new(move |opened: &Opened| {
            let _place: OwnedSemaphorePermit = place;
            if answer.is_closed() {
                return;
            }
            shared.stats.waited(begun);
            opened.deadline.start();
            let begun = Instant::now();
            let result = run::query(&opened.connection, sql, &params, map);
            let _ = answer.send(shared.stats.record(sql, begun, result));
        });
        {
            let mut reads = self.line.reads.lock();
            if reads.1 {
                return Err(Error::Closed);
            }
            reads.0.push_back(read);
        }
        self.line.arrived.notify_one();
        answered.await.map_err(|_| Error::Panicked)?
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit> {
        match tokio::time::timeout(self.wait, Arc::clone(&self.places).acquire_owned()).await {
            Ok(Ok(place)) => Ok(place),
            Ok(Err(_)) => Err(Error::Closed),
            Err(_) => Err(Error::Busy { what: "too many reads in line" }),
        }
    }

    /// How many reads wait or are read, and how many may.
    pub(super) fn in_line(&self) -> (usize, usize) {
        (self.queue.saturating_sub(self.places.available_permits()), self.queue)
    }

    /// Refuses further reads; those in line are still answered.
    pub(super) fn close(&self) {
        self.places.close();
        self.line.reads.lock().1 = true;
        self.line.arrived.notify_all();
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.close();
    }
}

fn work(opened: &Opened, line: &Line) {
    loop {
        let read = {
            let mut reads = line.reads.lock();
            loop {
                if let Some(read) = reads.0.pop_front() {
                    break read;
                }
                if reads.1 {
                    return;
                }
                line.arrived.wait(&mut reads);
            }
        };
        // A panic in a caller's mapping reaches that caller as a lost answer, not the thread.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read(opened)));
    }
}

//! The one thread that writes. Small writes that arrive together share one commit and so one fsync.
//!
//! Each write runs in its own savepoint, so that a failing one leaves no trace in the others. Nobody is answered, not
//! even with an error, before the commit: what a write saw of its neighbours has to be durable first.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{
    open::Opened,
    run::{control, error},
};
use crate::{
    Error, Result,
    db::{Disk, Options, Shared, Tx, tx::Kept},
};

enum Message {
    Write(Box<dyn Pending>),
    Close(oneshot::Sender<()>),
}

/// What became of one write before the commit.
struct Ran {
    /// What others hear of when it is to be kept.
    kept: Option<Kept>,
    /// What the disk refused on the way.
    disk: Option<Error>,
}

/// A write in line, its types forgotten.
trait Pending: Send {
    /// Runs the closure.
    fn run(&mut self, connection: &Connection, shared: &Shared) -> Ran;
    /// Answers the caller: with the closure's own result, or with why it was lost.
    fn answer(self: Box<Self>, lost: Option<Error>);
}

struct Write<T, E, F> {
    closure: F,
    result: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
    begun: Instant,
}

impl<T, E, F> Pending for Write<T, E, F>
where
    T: Send,
    E: From<Error> + Send,
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, connection: &Connection, shared: &Shared) -> Ran {
        shared.stats.waited(self.begun);
        let mut tx = Tx::sqlite(connection, &shared.stats);
        let ran = catch_unwind(AssertUnwindSafe(|| (self.closure)(&mut tx)));
        let result = match ran {
            Err(_) => Err(Error::Panicked.into()),
            Ok(Ok(_)) if tx.failed().is_some() => {
                Err(Error::WentOn { statement: tx.failed().unwrap_or_default() }.into())
            }
            Ok(result) => result,
        };
        let disk = tx.take_disk();
        let kept = result.is_ok().then_some(tx.kept);
        self.result = Some(result);
        Ran { kept, disk }
    }

    fn answer(self: Box<Self>, lost: Option<Error>) {
        let result = match (lost, self.result) {
            (None, Some(result)) | (Some(_), Some(result @ Err(_))) => result,
            (Some(lost), _) => Err(lost.into()),
            (None, None) => Err(Error::Closed.into()),
        };
        let _ = self.caller.send(result);
    }
}

pub(super) struct Writer {
    line: mpsc::Sender<Message>,
    wait: Duration,
}

impl Writer {
    pub(super) fn start(opened: Opened, options: &Options, shared: Arc<Shared>) -> Result<Self> {
        let (line, messages) = mpsc::channel(options.queue);
        let mut work = Work {
            connection: opened.connection,
            messages,
            shared,
            group_writes: options.group_writes,
            group_time: options.group_time,
        };
        thread::Builder::new()
            .name("sqlite-write".into())
            .spawn(move || work.run())
            .map_err(|e| Error::Unavailable { reason: format!("cannot start the writer: {e}") })?;
        Ok(Self { line, wait: options.wait_timeout })
    }

    pub(super) async fn write<T, E, F>(&self, write: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let write = Write { closure: write, result: None, caller, begun: Instant::now() };
        self.line.send_timeout(Message::Write(Box::new(write)), self.wait).await.map_err(|e| match e {
            mpsc::error::SendTimeoutError::Timeout(_) => Error::Busy { what: "too many writes in line" },
            mpsc::error::SendTimeoutError::Closed(_) => Error::Closed,
        })?;
        answer.await.map_err(|_| Error::Closed)?
    }

    /// How many writes wait.
    pub(super) fn in_line(&self) -> usize {
        self.line.max_capacity() - self.line.capacity()
    }

    /// Waits, at most `patience`, until what is in line has been written; what comes later is refused.
    pub(super) async fn close(&self, patience: Duration) {
        let (done, finished) = oneshot::channel();
        if self.line.send_timeout(Message::Close(done), patience).await.is_ok() {
            let _ = tokio::time::timeout(patience, finished).await;
        }
    }
}

struct Work {
    connection: Connection,
    messages: mpsc::Receiver<Message>,
    shared: Arc<Shared>,
    group_writes: usize,
    group_time: Duration,
}

impl Work {
    fn run(&mut self) {
        let mut closing = None;
        while let Some(message) = self.messages.blocking_recv() {
            match message {
                Message::Write(first) => closing = self.group(first),
                Message::Close(done) => closing = Some(done),
            }
            if closing.is_some() {
                break;
            }
        }
        // Plans for the next start and a short log; both may fail without harm.
        let _ = self.connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)");
        if let Some(done) = closing {
            let _ = done.send(());
        }
    }

    /// Writes `first` and whatever else is in line in one transaction. Returns who asked for the end meanwhile.
    fn group(&mut self, first: Box<dyn Pending>) -> Option<oneshot::Sender<()>> {
        if let Disk::Failed(reason) = &*self.shared.disk.borrow() {
            first.answer(Some(Error::DiskFailed { reason: reason.clone() }));
            return None;
        }
        if let Err(e) = control(&self.connection, "BEGIN IMMEDIATE") {
            let e = error("begin", e);
            self.note(&e, false);
            first.answer(Some(e));
            return None;
        }
        let begun = Instant::now();
        let mut ran = Vec::new();
        let mut kept = Kept::default();
        let mut closing = None;
        let mut lost = None;
        let mut next = Some(first);
        while let Some(mut write) = next.take() {
            match self.one(write.as_mut()) {
                Ok(more) => kept.add(more),
                Err(e) => lost = Some(e),
            }
            ran.push(write);
            if lost.is_some() || ran.len() >= self.group_writes || begun.elapsed() >= self.group_time {
                break;
            }
            match self.messages.try_recv() {
                Ok(Message::Write(write)) => next = Some(write),
                Ok(Message::Close(done)) => closing = Some(done),
                Err(_) => {}
            }
        }
        let lost = lost.or_else(|| self.commit().err());
        if lost.is_none() {
            self.shared.disk.send_if_modified(|disk| std::mem::replace(disk, Disk::Fine) != Disk::Fine);
            self.shared.stats.committed(ran.len());
            self.shared.tell(&kept);
        }
        for write in ran {
            write.answer(lost.as_ref().map(again));
        }
        closing
    }

    /// Runs one write in its savepoint. An error means that the whole transaction is gone.
    fn one(&self, write: &mut dyn Pending) -> Result<Kept> {
        let gone = |e| {
            let e = error("savepoint", e);
            self.undo();
            e
        };
        control(&self.connection, "SAVEPOINT one").map_err(gone)?;
        let Ran { kept, disk } = write.run(&self.connection, &self.shared);
        if let Some(disk) = &disk {
            self.note(disk, false);
        }
        if self.connection.is_autocommit() {
            // The engine undid everything by itself: no space, no memory, or the disk refused.
            return Err(disk.unwrap_or(Error::Unavailable { reason: "the engine undid the transaction".into() }));
        }
        if kept.is_none() {
            control(&self.connection, "ROLLBACK TO one").map_err(gone)?;
        }
        control(&self.connection, "RELEASE one").map_err(gone)?;
        Ok(kept.unwrap_or_default())
    }

    fn commit(&self) -> Result<()> {
        control(&self.connection, "COMMIT").map_err(|e| {
            let failed = error("commit", e);
            self.note(&failed, true);
            self.undo();
            failed
        })
    }

    fn undo(&self) {
        if !self.connection.is_autocommit() {
            let _ = control(&self.connection, "ROLLBACK");
        }
    }

    /// Remembers what is wrong with the disk. A commit that the disk refused leaves unknown what is on it: after that
    /// nothing may be acknowledged until a new process has read the log again.
    fn note(&self, error: &Error, committing: bool) {
        let disk = match error {
            Error::DiskFull => Disk::Full,
            Error::DiskFailed { reason } if committing => Disk::Failed(reason.clone()),
            _ => return,
        };
        tracing::error!(?disk, "the disk refuses writes");
        self.shared.disk.send_replace(disk);
    }
}

/// The same error for each write of the group.
fn again(error: &Error) -> Error {
    match error {
        Error::DiskFull => Error::DiskFull,
        Error::DiskFailed { reason } => Error::DiskFailed { reason: reason.clone() },
        Error::Busy { what } => Error::Busy { what },
        other => Error::Unavailable { reason: other.to_string() },
    }
}

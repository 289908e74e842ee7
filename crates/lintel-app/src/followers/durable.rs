//! Durable followers: each has a cursor in the store, which moves in the commit of what the follower does about the events.

use std::{sync::Arc, time::Duration};

use lintel_store::{
    Tx,
    log::{Cursor, Recorded},
};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    IDLE, Pace,
    tail::{BATCH, BATCH_ITEMS, Stride, items_of},
};
use crate::{App, Result};

/// How long a place in the log may be known to this process alone, when nothing had to be written on the way there.
const KEEP: Duration = Duration::from_secs(1);
/// How long the last place is waited for when the process ends.
const LAST: Duration = Duration::from_secs(2);

/// What a follower does about events.
#[derive(Default)]
pub(super) struct Step {
    write: Option<Write>,
    /// Where to go on, if not behind the events.
    to: Option<Cursor>,
}

type Write = Box<dyn Fn(&mut Tx<'_>) -> lintel_store::Result<()> + Send>;

impl Step {
    /// The events are of no concern.
    pub(super) fn nothing() -> Self {
        Self::default()
    }

    /// What is written because of the events.
    pub(super) fn write(write: impl Fn(&mut Tx<'_>) -> lintel_store::Result<()> + Send + 'static) -> Self {
        Self { write: Some(Box::new(write)), to: None }
    }

    /// Has the follower go on at this place instead of behind the events.
    pub(super) fn and_go_to(self, to: Cursor) -> Self {
        Self { to: Some(to), ..self }
    }
}

/// Drives a durable follower: what it does and the move of its cursor are one commit, so that everything happens once. Events
/// that it does nothing about cost no commit each: how far it has come is written down with the next thing it does, or within
/// two seconds.
///
/// `react` is given some events, and whether they are the first that the follower sees; what it answers is written then,
/// even if it is nothing.
pub(super) async fn follow<R, F>(app: App, stop: CancellationToken, name: &'static str, rest: Duration, react: R)
where
    R: Fn(App, Vec<Arc<Recorded>>, bool) -> F,
    F: Future<Output = Result<Step>>,
{
    let mut pace = Pace::new(&app, &stop, name);
    let mut follower = Follower { app, name, place: None, stride: Stride::default() };
    while let Some(ended) = stop.run_until_cancelled(follower.step(&react)).await {
        if matches!(ended, Ok(Some(Did::Little))) {
            stop.run_until_cancelled(sleep(rest)).await;
        }
        let most = if follower.is_ahead() { KEEP } else { IDLE };
        pace.wait(ended.map(|did| did.is_some()), most).await;
    }
    // Who begins there again reads a little twice, which does no harm.
    let _ = timeout(LAST, follower.keep()).await;
}

/// What a step did about events, if there were any.
enum Did {
    /// Nothing, or a whole step: there may be more.
    More,
    /// It wrote something because of a few events.
    Little,
}

struct Follower {
    app: App,
    name: &'static str,
    place: Option<Place>,
    stride: Stride,
}

/// How far a follower is.
#[derive(Clone, Copy)]
struct Place {
    /// Up to where, as the store has it.
    stored: Option<Cursor>,
    /// Up to where there was nothing to write since.
    at: Cursor,
    /// When these were the same.
    kept: Instant,
    /// Whether this process has moved the stored one last. Another may have moved it on meanwhile, which is found out when
    /// this one moves it; better is to look before the work.
    is_own: bool,
    /// Which reading of the log it is a place in.
    begun: u64,
}

impl Place {
    fn new(stored: Option<Cursor>, begun: u64) -> Self {
        Self { stored, at: stored.unwrap_or_default(), kept: Instant::now(), is_own: false, begun }
    }

    /// Whether it is further than the store knows.
    fn is_ahead(self) -> bool {
        self.stored.is_some_and(|stored| stored < self.at)
    }
}

impl Follower {
    /// Reacts to the next events.
    async fn step<R, F>(&mut self, react: &R) -> Result<Option<Did>>
    where
        R: Fn(App, Vec<Arc<Recorded>>, bool) -> F,
        F: Future<Output = Result<Step>>,
    {
        let begun = self.app.0.tail.begun();
        let mut place = match self.place.filter(|place| place.begun == begun) {
            Some(place) => place,
            None => Place::new(self.stored().await?, begun),
        };
        let mut events = self.app.log_after_by(place.at, &mut self.stride).await?;
        if !events.is_empty() && !place.is_own {
            let stored = self.stored().await?;
            if stored != place.stored {
                place = Place::new(stored, begun);
                events = self.app.log_after_by(place.at, &mut self.stride).await?;
            }
        }
        self.place = Some(place);
        let Some(last) = events.last().map(|event| event.cursor) else {
            if place.kept.elapsed() >= KEEP {
                self.keep().await?;
            }
            return Ok(None);
        };
        let (few, begins) = (is_few(&events), place.stored.is_none());
        let Step { write, to } = react(self.app.clone(), events, begins).await?;
        let to = to.unwrap_or(last);
        if write.is_none() && !begins && place.kept.elapsed() < KEEP {
            self.place = Some(Place { at: to, ..place });
            return Ok(Some(Did::More));
        }
        let wrote = write.is_some();
        self.advance(place, to, write).await?;
        Ok(Some(if wrote && few { Did::Little } else { Did::More }))
    }

    fn is_ahead(&self) -> bool {
        self.place.is_some_and(Place::is_ahead)
    }

    /// Up to where it has come, as the store has it.
    async fn stored(&self) -> Result<Option<Cursor>> {
        Ok(self.app.0.store.follower_cursor(self.name).await?)
    }

    /// Writes down how far it has come.
    async fn keep(&mut self) -> Result<()> {
        match self.place {
            Some(place) if place.is_ahead() => self.advance(place, place.at, None).await,
            _ => Ok(()),
        }
    }

    /// Moves on in the store, with what is written on the way.
    async fn advance(&mut self, place: Place, to: Cursor, write: Option<Write>) -> Result<()> {
        let (name, now) = (self.name, self.app.clock().now());
        // Unless it is known how this ends, the store has to be asked.
        self.place = None;
        let moved = self.app.0.store.write(move |tx| {
            tx.follower_advance(name, place.stored, to, now)?;
            write.as_ref().map_or(Ok(()), |write| write(tx))
        });
        match moved.await {
            Ok(()) => {
                self.place = Some(Place { stored: Some(to), at: to, kept: Instant::now(), is_own: true, ..place });
                Ok(())
            }
            // Another node did it; where it is now is where to go on.
            Err(lintel_store::Error::FollowerMoved { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether these are much fewer than make a whole step.
fn is_few(events: &[Arc<Recorded>]) -> bool {
    events.len() < BATCH && events.iter().map(|event| items_of(event)).sum::<usize>() < BATCH_ITEMS / 2
}

//! The tail of the log: what has happened of late, read once and kept in memory for all followers of this process.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use lintel_store::log::{Cursor, Recorded};
use parking_lot::RwLock;
use tokio::{
    sync::watch,
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use super::stumbled;
use crate::{App, Result};

/// The most events that are read at once.
const READ: u32 = 256;
/// The most events that are kept.
const KEPT: usize = 1_024;
/// The most things that the kept events tell of.
const KEPT_ITEMS: usize = 32_768;
/// The most events that a follower is given at once.
pub(super) const BATCH: usize = 64;
/// The most things that they tell of, if it is more than one event: about what one commit may hold.
pub(super) const BATCH_ITEMS: usize = 1_000;
/// How much time there is from one reading to the next on average, while there is something: under load each finds more.
const EVERY: Duration = Duration::from_millis(10);
/// How much of that time can be saved up while there is nothing: what leads to something else is followed at once.
const SAVED: Duration = Duration::from_millis(30);
/// How long it is not read when nothing says that it has grown.
const PAUSE: Duration = Duration::from_secs(5);
/// How often it is asked whether it still is the same log, besides after every failure.
const SAME_EVERY: Duration = Duration::from_secs(1);

/// The newest events of the log.
pub(crate) struct Tail {
    kept: RwLock<Kept>,
    /// How often the log has been read.
    looks: watch::Sender<u64>,
}

#[derive(Default)]
struct Kept {
    events: VecDeque<Arc<Recorded>>,
    /// What all of them tell of.
    items: usize,
    /// Everything between these two places is kept; nothing is known before the log was read for the first time.
    span: Option<(Cursor, Cursor)>,
    /// Of which database.
    lineage: Option<String>,
    /// How often it has begun anew.
    begun: u64,
}

impl Default for Tail {
    fn default() -> Self {
        Self { kept: RwLock::default(), looks: watch::Sender::new(0) }
    }
}

impl Tail {
    /// Hears of each time that the log has been read. Take it before reading, then nothing is missed.
    pub(super) fn looks(&self) -> watch::Receiver<u64> {
        self.looks.subscribe()
    }

    /// How often it has begun anew. Since then the log may be another one: places that are not stored in it mean nothing.
    pub(super) fn begun(&self) -> u64 {
        self.kept.read().begun
    }
}

impl App {
    /// Some of the events behind a place, in the order of the commits: as many as make a step. There may be more in the log
    /// that nobody has read yet.
    ///
    /// [`lintel_store::Error::CursorGone`] when some have been removed.
    pub(crate) async fn log_after(&self, at: Cursor) -> lintel_store::Result<Vec<Arc<Recorded>>> {
        self.log_after_by(at, &mut Stride::default()).await
    }

    /// The same for one who may be far behind, a stride at a time.
    pub(crate) async fn log_after_by(
        &self,
        at: Cursor,
        stride: &mut Stride,
    ) -> lintel_store::Result<Vec<Arc<Recorded>>> {
        if let Some(events) = self.0.tail.kept.read().after(at) {
            return Ok(events);
        }
        let events = self.0.store.events_after(at, stride.0 as u32).await?;
        let step = step_of(events.into_iter().map(Arc::new));
        stride.took(step.len());
        Ok(step)
    }
}

/// How many events are read at once by one who is behind what is kept. Those of an import tell of a thousand things each and make
/// a step alone: to read many of them for each step would cost as many times the work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stride(usize);

impl Default for Stride {
    fn default() -> Self {
        Self(BATCH)
    }
}

impl Stride {
    /// So many of those that were read made a step.
    fn took(&mut self, events: usize) {
        self.0 = if events < self.0 { events + 1 } else { (2 * self.0).min(BATCH) };
    }
}

/// Reads the log until told to stop.
pub(super) async fn read(app: App, stop: CancellationToken) {
    let mut wake = app.0.store.log_wake();
    let (mut due, mut same_until) = (Instant::now(), None);
    while let Some(ended) = stop.run_until_cancelled(look(&app, &mut same_until)).await {
        app.0.tail.looks.send_modify(|looks| *looks += 1);
        let waiting = async {
            match ended {
                Ok(true) => {}
                Ok(false) => drop(wake.wait(PAUSE).await),
                Err(error) => {
                    same_until = None;
                    sleep(stumbled("log", &error)).await;
                }
            }
            due = due.max(Instant::now() - SAVED) + EVERY;
            sleep_until(due).await;
        };
        stop.run_until_cancelled(waiting).await;
    }
}

/// Reads what is new; false when there was nothing.
async fn look(app: &App, same_until: &mut Option<Instant>) -> Result<bool> {
    let (tail, store) = (&app.0.tail, &app.0.store);
    if same_until.is_none_or(|until| until <= Instant::now()) {
        let lineage = store.lineage().await?;
        if !tail.kept.read().is_of(lineage.as_ref()) {
            let head = store.log_head().await?;
            tail.kept.write().begin(head, lineage);
        }
        *same_until = Some(Instant::now() + SAME_EVERY);
    }
    let Some(at) = tail.kept.read().end() else { return Ok(false) };
    match store.events_after(at, READ).await {
        Ok(events) => {
            let found = !events.is_empty();
            tail.kept.write().extend(events);
            Ok(found)
        }
        // So far behind that the log has been cut.
        Err(lintel_store::Error::CursorGone) => {
            tail.kept.write().span = None;
            *same_until = None;
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}

impl Kept {
    /// Whether it is of this log.
    fn is_of(&self, lineage: Option<&String>) -> bool {
        self.span.is_some() && self.lineage.as_ref() == lineage
    }

    /// Up to where it has been read.
    fn end(&self) -> Option<Cursor> {
        self.span.map(|(_, to)| to)
    }

    fn begin(&mut self, at: Cursor, lineage: Option<String>) {
        *self = Self { span: Some((at, at)), lineage, begun: self.begun + 1, ..Self::default() };
    }

    /// Keeps what comes next, and forgets the oldest.
    fn extend(&mut self, events: Vec<Recorded>) {
        let Some((mut from, mut to)) = self.span else { return };
        for event in events {
            to = event.cursor;
            self.items += items_of(&event);
            self.events.push_back(Arc::new(event));
        }
        while (self.events.len() > KEPT || self.items > KEPT_ITEMS)
            && let Some(oldest) = self.events.pop_front()
        {
            from = oldest.cursor;
            self.items -= items_of(&oldest);
        }
        self.span = Some((from, to));
    }

    /// The next events behind a place; `None` when they are not kept any more.
    fn after(&self, at: Cursor) -> Option<Vec<Arc<Recorded>>> {
        let (from, _) = self.span.filter(|(from, _)| *from <= at)?;
        let first = if at == from { 0 } else { self.events.partition_point(|event| event.cursor <= at) };
        Some(step_of(self.events.range(first..).cloned()))
    }
}

/// The first of some events, as many as make a step: at least one.
fn step_of(events: impl Iterator<Item = Arc<Recorded>>) -> Vec<Arc<Recorded>> {
    let mut told = 0;
    let fits = |(nth, event): &(usize, Arc<Recorded>)| {
        told += items_of(event);
        *nth == 0 || told <= BATCH_ITEMS
    };
    events.take(BATCH).enumerate().take_while(fits).map(|(_, event)| event).collect()
}

/// How many things an event tells of.
pub(super) fn items_of(event: &Recorded) -> usize {
    event.event.as_ref().map_or(1, lintel_domain::event::Event::items)
}

#[cfg(test)]
mod tests {
    use lintel_domain::{
        clock::Time,
        event::Event,
        id::{LeadId, TenantId},
    };
    use uuid::Uuid;

    use super::*;

    fn at(id: i64) -> Cursor {
        Cursor { txid: 0, id }
    }

    fn event(id: i64, leads: usize) -> Recorded {
        let event = Event::LeadUpdated { leads: vec![LeadId(Uuid::nil()); leads] };
        Recorded {
            cursor: at(id),
            tenant: TenantId(Uuid::nil()),
            kind: event.kind().to_owned(),
            event: Some(event),
            caused_by: None,
            depth: 0,
            at: Time(id),
        }
    }

    fn kept(events: impl Iterator<Item = Recorded>) -> Kept {
        let mut kept = Kept::default();
        kept.begin(at(10), None);
        kept.extend(events.collect());
        kept
    }

    fn ids(kept: &Kept, from: i64) -> Option<Vec<i64>> {
        kept.after(at(from)).map(|events| events.iter().map(|event| event.cursor.id).collect())
    }

    #[test]
    fn whoever_is_within_what_is_kept_gets_what_comes_next_and_others_have_to_ask_the_log() {
        let kept = kept((11..15).map(|id| event(id, 1)));
        assert_eq!(ids(&kept, 9), None);
        assert_eq!(ids(&kept, 10), Some(vec![11, 12, 13, 14]));
        assert_eq!(ids(&kept, 12), Some(vec![13, 14]));
        assert_eq!(ids(&kept, 14), Some(Vec::new()));
        assert_eq!(ids(&kept, 20), Some(Vec::new()), "further than the log has been read");
        assert_eq!(Kept::default().after(at(0)), None);
    }

    #[test]
    fn a_step_is_bounded_by_what_its_events_tell_of_and_is_at_least_one_event() {
        let kept = kept((11..400).map(|id| event(id, if id < 14 { 500 } else { 1 })));
        assert_eq!(ids(&kept, 10), Some(vec![11, 12]));
        assert_eq!(ids(&kept, 12).unwrap().len(), BATCH);
        let huge = self::kept((11..13).map(|id| event(id, BATCH_ITEMS + 1)));
        assert_eq!(ids(&huge, 10), Some(vec![11]));
    }

    #[test]
    fn who_is_behind_reads_little_more_than_makes_a_step() {
        let mut stride = Stride::default();
        let mut reads = |there: usize| {
            let read = stride.0;
            stride.took(there.min(read));
            read
        };
        assert_eq!([1, 1, 1].map(&mut reads), [BATCH, 2, 2], "each event makes a step alone");
        assert_eq!([9; 4].map(&mut reads), [2, 4, 8, 16], "up to nine do");
        assert_eq!([BATCH; 5].map(&mut reads), [10, 20, 40, BATCH, BATCH]);
    }

    #[test]
    fn the_oldest_is_forgotten_first_by_number_and_by_what_it_tells_of() {
        let many = kept((11..).take(KEPT + 3).map(|id| event(id, 1)));
        assert_eq!(many.events.len(), KEPT);
        assert_eq!((ids(&many, 12), ids(&many, 13).unwrap()[0]), (None, 14));
        let large = kept((11..).take(40).map(|id| event(id, 1_000)));
        assert_eq!((large.events.len(), large.items), (32, 32_000));
        assert_eq!((ids(&large, 17), ids(&large, 18)), (None, Some(vec![19])));
    }

    #[test]
    fn another_log_is_not_read_from_the_place_in_this_one() {
        let mut kept = kept((11..15).map(|id| event(id, 1)));
        assert_eq!((kept.is_of(None), kept.end()), (true, Some(at(14))));
        let other = "another".to_owned();
        assert!(!kept.is_of(Some(&other)));
        kept.begin(at(12), Some(other.clone()));
        assert_eq!((kept.is_of(Some(&other)), kept.end(), kept.begun), (true, Some(at(12)), 2));
        assert_eq!(ids(&kept, 11), None);
    }
}

//! Work that takes long, as those see it who do not do it: what it is at, how much is done, and the wish that it stop.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU32, Ordering},
    },
};

use lintel_domain::job::Phase;
use lintel_predict::learn::progress::Progress;
use lintel_store::job::Claimed;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::App;

/// One whole, as shares are counted here.
const WHOLE: f64 = 1e6;

/// A piece of work that is done once. Clones look at the same work.
#[derive(Clone, Debug)]
pub struct Work {
    seen: Arc<Seen>,
    progress: Progress,
}

#[derive(Debug, Default)]
struct Seen {
    /// Which of [`Phase::ALL`], counted from 1; 0 before the first.
    phase: AtomicU8,
    /// In millionths.
    done: AtomicU32,
    end: CancellationToken,
}

impl Default for Work {
    fn default() -> Self {
        let seen = Arc::<Seen>::default();
        let progress = {
            let seen = Arc::clone(&seen);
            // Threads come with what they counted in any order; only the most counts.
            Progress::watched_by(move |done| {
                seen.done.fetch_max((done * WHOLE) as u32, Ordering::Relaxed);
                if seen.end.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        };
        Self { seen, progress }
    }
}

impl Work {
    /// What it is at and how much of it is done, 0 to 1; nothing before it began.
    pub fn so_far(&self) -> Option<(Phase, f64)> {
        let phase = usize::from(self.seen.phase.load(Ordering::Relaxed)).checked_sub(1)?;
        Some((*Phase::ALL.get(phase)?, f64::from(self.seen.done.load(Ordering::Relaxed)) / WHOLE))
    }

    /// Asks for its end: what is being learnt stops before the next tree.
    pub fn stop(&self) {
        self.seen.end.cancel();
    }

    /// Asks for its end when this is dropped: by whoever waits for it, when nobody does any more.
    pub(crate) fn stop_when_dropped(&self) -> DropGuard {
        self.seen.end.clone().drop_guard()
    }

    /// Says what it is at from now on.
    pub(crate) fn enter(&self, phase: Phase) {
        let nth = Phase::ALL.iter().position(|one| *one == phase).unwrap_or_default();
        self.seen.phase.store(nth as u8 + 1, Ordering::Relaxed);
    }

    /// What is told of a share of it, 0 to 1.
    pub(crate) fn part(&self, share: f64) -> Progress {
        self.progress.part(share)
    }
}

/// What was told of a running job so far: its phase and percent.
#[derive(Default)]
pub(super) struct Told(Option<(Phase, u32)>);

impl Told {
    /// Keeps with the job how far it is, and tells of it, when that is news. To be called about once a second.
    pub(super) async fn tell(&mut self, app: &App, job: &Claimed, work: &Work) {
        let Some((phase, done)) = work.so_far() else { return };
        let news = Some((phase, (done * 100.0) as u32));
        if self.0 == news {
            return;
        }
        let (held, now) = (job.clone(), app.clock().now());
        match app.0.store.write(move |tx| tx.job_progress(&held, phase, done, now)).await {
            Ok(is_told) if is_told => self.0 = news,
            Ok(_) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, job.id = %job.id, "how far a job is cannot be told");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_that_was_counted_is_what_is_done() {
        let work = Work::default();
        assert_eq!(work.so_far(), None);
        work.enter(Phase::Learning);
        assert_eq!(work.so_far(), Some((Phase::Learning, 0.0)));
        work.part(0.5).add(0.5).unwrap();
        work.enter(Phase::Judging);
        assert_eq!(work.so_far(), Some((Phase::Judging, 0.25)));
    }

    #[test]
    fn a_stop_is_an_error_for_whoever_works() {
        let work = Work::default();
        work.part(1.0).check().unwrap();
        work.clone().stop();
        assert_eq!(work.part(0.1).add(0.1), Err(lintel_predict::Error::Stopped));
    }
}

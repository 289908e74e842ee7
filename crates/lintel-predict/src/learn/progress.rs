//! How far a training is, and the wish that it stop.

use std::{
    fmt,
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::error::{Error, Result};

/// One whole, as shares are counted.
const WHOLE: f64 = (1u64 << 52) as f64;

/// Somebody who looks on work that takes long, or on a part of it: is told how much is done, and may stop it.
///
/// Clones and [parts](Self::part) are of the same work, whatever thread they are on. With the default nobody looks: it
/// costs nothing and never stops. It is no part of what is learnt, so all are equal.
#[derive(Clone)]
pub struct Progress {
    work: Option<Arc<Work>>,
    /// How much of the whole work this part is.
    share: f64,
}

struct Work {
    /// In units of 1/[`WHOLE`].
    done: AtomicU64,
    watch: Box<dyn Fn(f64) -> ControlFlow<()> + Send + Sync>,
}

impl Progress {
    /// Nobody looks.
    pub const UNWATCHED: Self = Self { work: None, share: 0.0 };

    /// A whole work of which nothing is done. Before every tree `watch` is told how much is, 0 to 1, by whatever thread grows
    /// it; on `Break` the work ends with [`Error::Stopped`].
    pub fn watched_by(watch: impl Fn(f64) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        Self { work: Some(Arc::new(Work { done: AtomicU64::new(0), watch: Box::new(watch) })), share: 1.0 }
    }

    /// A part of this work: a share of it, 0 to 1. The parts of a work should sum to 1.
    #[must_use]
    pub fn part(&self, share: f64) -> Self {
        Self { work: self.work.clone(), share: self.share * share }
    }

    /// Says that a share of this part is done, 0 to 1.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`] when whoever looks on wants the work to end.
    pub fn add(&self, share: f64) -> Result<()> {
        let Some(work) = &self.work else { return Ok(()) };
        work.done.fetch_add((self.share * share * WHOLE) as u64, Ordering::Relaxed);
        self.check()
    }

    /// Says nothing new, and asks whether to go on.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`] when whoever looks on wants the work to end.
    pub fn check(&self) -> Result<()> {
        let Some(work) = &self.work else { return Ok(()) };
        let done = (work.done.load(Ordering::Relaxed) as f64 / WHOLE).min(1.0);
        if (work.watch)(done).is_break() { Err(Error::Stopped) } else { Ok(()) }
    }
}

impl Default for Progress {
    fn default() -> Self {
        Self::UNWATCHED
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").field("share", &self.share).finish_non_exhaustive()
    }
}

impl PartialEq for Progress {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn parts_add_up_to_the_whole() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&told);
        let whole = Progress::watched_by(move |done| {
            seen.lock().unwrap().push(done);
            ControlFlow::Continue(())
        });
        for part in [0.25, 0.75] {
            let part = whole.part(part);
            for _ in 0..7 {
                part.part(1.0 / 7.0).add(0.5).unwrap();
            }
            part.add(0.5).unwrap();
        }
        whole.add(0.1).unwrap();
        let told = told.lock().unwrap();
        assert!(told.is_sorted());
        assert!((told[told.len() - 2] - 1.0).abs() < 1e-12, "{told:?}");
        assert_eq!(told.last(), Some(&1.0), "never more than all");
    }

    #[test]
    fn a_stop_is_an_error_in_every_part() {
        let whole =
            Progress::watched_by(|done| if done < 0.5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) });
        let part = whole.part(0.5);
        assert_eq!((part.add(0.75), part.add(0.25)), (Ok(()), Err(Error::Stopped)));
        assert_eq!((part.check(), whole.part(0.1).add(0.1)), (Err(Error::Stopped), Err(Error::Stopped)));
    }

    #[test]
    fn without_anybody_who_looks_on_work_goes_on() {
        let none = Progress::default();
        assert_eq!((none.part(0.5).add(0.5), none.check()), (Ok(()), Ok(())));
    }
}

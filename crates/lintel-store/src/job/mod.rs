//! The job queue: work is stored with the change that causes it, claimed under a lease, tried again with backoff.

mod admin;
mod cancel;
mod claim;
mod outcome;
mod progress;
mod queue;

use lintel_domain::{
    clock::{SECOND, Time},
    id::{JobId, TenantId},
    job::Job,
    rng::Rng,
};
use uuid::Uuid;

use crate::{db::Sql, log::Cause};

pub use admin::{JobCount, JobRow};
pub use claim::Claim;
pub use outcome::Outcome;
pub use progress::JobProgress;

/// How urgent a job is; a more urgent one is always claimed first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Somebody waits for it.
    Urgent,
    /// The usual.
    #[default]
    Normal,
    /// Can wait while there is anything else.
    Low,
    /// Bulk work.
    Idle,
}

impl Priority {
    /// Every priority, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Urgent, Self::Normal, Self::Low, Self::Idle];

    pub(crate) fn rank(self) -> i64 {
        self as i64
    }
}

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for its time or for a worker.
    Ready,
    /// A worker holds it.
    Running,
    /// It succeeded.
    Done,
    /// It was given up; it can be replayed or dropped.
    Dead,
    /// Somebody ended it before it was done.
    Cancelled,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Ready, Self::Running, Self::Done, Self::Dead, Self::Cancelled];

    /// Its word in the database and at the edge.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A job to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// For whom.
    pub tenant: TenantId,
    /// What to do. Jobs of one tenant with the same [`Job::exclusive_key`] never run at the same time.
    pub job: Job,
    /// How urgent it is.
    pub priority: Priority,
    /// Not before this time.
    pub run_at: Time,
    /// How often it is tried before it is given up.
    pub max_attempts: u32,
    /// Do nothing when a job with the same key waits already.
    pub coalesce: bool,
    /// When it was asked for.
    pub created_at: Time,
}

impl NewJob {
    /// A job to run as soon as possible, tried eight times.
    pub fn new(id: JobId, tenant: TenantId, job: Job, now: Time) -> Self {
        let priority = Priority::default();
        Self { id, tenant, job, priority, run_at: now, max_attempts: 8, coalesce: false, created_at: now }
    }
}

/// A job that a worker holds until its lease runs out.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// Its id.
    pub id: JobId,
    /// For whom.
    pub tenant: TenantId,
    /// What to do.
    pub job: Job,
    /// How urgent it is.
    pub priority: Priority,
    /// Which attempt this is, counted from 1.
    pub attempt: u32,
    /// After how many it is given up.
    pub max_attempts: u32,
    /// When it was asked for.
    pub created_at: Time,
    /// Why it was asked for.
    pub cause: Option<Cause>,
    /// The claim's own id: every answer about the job shows it, so that a worker whose lease ran out cannot answer.
    pub fence: Uuid,
}

/// The wait before the attempt after `attempt`, in microseconds: 5 s · 4^(attempt − 1), at most an hour, ± 20 %.
pub fn backoff(attempt: u32, rng: &mut Rng) -> i64 {
    const FIRST: i64 = 5 * SECOND;
    const LONGEST: i64 = 3600 * SECOND;
    let wait = FIRST.saturating_mul(4i64.saturating_pow(attempt.saturating_sub(1))).min(LONGEST);
    (wait as f64 * (0.8 + 0.4 * rng.unit())) as i64
}

/// Every statement of the queue.
pub(crate) fn statements() -> impl Iterator<Item = &'static Sql> {
    [
        queue::STATEMENTS,
        claim::STATEMENTS,
        outcome::STATEMENTS,
        progress::STATEMENTS,
        cancel::STATEMENTS,
        admin::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_an_hour_and_never_agree() {
        let mut rng = Rng::new(1);
        let seconds = |attempt, rng: &mut Rng| backoff(attempt, rng) as f64 / SECOND as f64;
        for (attempt, expected) in [(1, 5.0), (2, 20.0), (3, 80.0), (5, 1280.0), (6, 3600.0), (60, 3600.0)] {
            let wait = seconds(attempt, &mut rng);
            assert!((expected * 0.8..=expected * 1.2).contains(&wait), "{attempt}: {wait}");
        }
        assert_ne!(backoff(1, &mut rng), backoff(1, &mut rng));
    }

    #[test]
    fn a_state_reads_as_it_is_written() {
        assert_eq!(JobState::parse("dead"), Some(JobState::Dead));
        assert_eq!(JobState::parse("asleep"), None);
    }
}

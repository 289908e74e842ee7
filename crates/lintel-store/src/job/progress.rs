//! How far a job is that takes long: kept with it, and told about once a second.

use lintel_domain::{
    clock::{SECOND, Time},
    event::Event,
    job::Phase,
};

use super::Claimed;
use crate::{Result, Tx, params};

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JobProgress {
    /// What it is at.
    pub phase: Phase,
    /// How much of it is done, 0 to 1.
    pub done: f64,
    /// When that was told.
    pub at: Time,
}

/// The least time between two words about one job, in microseconds; a little less than the second in which a worker looks at
/// its jobs.
const APART: i64 = SECOND * 9 / 10;

crate::sql! {
    /// How far a job is that is held, unless that was told just now.
    TELL "job.progress" across_tenants = "UPDATE jobs SET phase = $3, share_done = $4, progressed_at = $5
        WHERE id = $1 AND fence = $2 AND state = 'running' AND (progressed_at IS NULL OR progressed_at <= $6)";
}

impl Tx<'_> {
    /// Says how far a job is, and tells of it; false when that was told just now, or the job is not held any more.
    pub fn job_progress(&mut self, job: &Claimed, phase: Phase, done: f64, now: Time) -> Result<bool> {
        let row = params![job.id, job.fence, phase.as_str(), done, now, now.plus(-APART)];
        if self.execute(&TELL, row)? != 1 {
            return Ok(false);
        }
        let kind = job.job.kind().to_owned();
        self.emit(job.tenant, now, &Event::JobProgress { job: job.id, kind, phase, done })?;
        Ok(true)
    }
}

//! How jobs end: done, going on later, tried again, given up; and the heartbeat that keeps them until then.

use lintel_domain::{clock::Time, event::Event, id::JobId, job::Job};
use uuid::Uuid;

use super::Claimed;
use crate::{Error, Result, Store, Tx, params};

/// What became of a job that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is tried again at this time.
    Again(Time),
    /// It had its last attempt and is dead.
    Dead,
    /// Somebody had asked for its end.
    Cancelled,
}

crate::sql! {
    /// Success.
    DONE "job.done" across_tenants = "UPDATE jobs SET state = 'done', result = $3, finished_at = $4, lease_until = NULL, last_error = NULL
        WHERE id = $1 AND fence = $2 AND state = 'running'";
    /// One step of many is done.
    GO_ON "job.go_on" across_tenants = "UPDATE jobs SET state = 'ready', key = $3, body = $4, run_at = $5, attempts = 0,
            lease_until = NULL, fence = NULL, last_error = NULL
        WHERE id = $1 AND fence = $2 AND state = 'running'";
    /// Another attempt.
    AGAIN "job.again" across_tenants = "UPDATE jobs SET state = 'ready', run_at = $3, last_error = $4, lease_until = NULL, fence = NULL,
            phase = NULL, share_done = NULL, progressed_at = NULL
        WHERE id = $1 AND fence = $2 AND state = 'running'";
    /// The end.
    DEAD "job.dead" across_tenants = "UPDATE jobs SET state = 'dead', finished_at = $3, last_error = $4, lease_until = NULL, fence = NULL
        WHERE id = $1 AND fence = $2 AND state = 'running'";
    /// A job that was taken and not begun goes back.
    RELEASE "job.release" across_tenants = "UPDATE jobs SET state = 'ready', attempts = attempts - 1, lease_until = NULL, fence = NULL,
            phase = NULL, share_done = NULL, progressed_at = NULL
        WHERE id = $1 AND fence = $2 AND state = 'running'";
    /// A longer lease.
    HEARTBEAT "job.heartbeat" across_tenants = "UPDATE jobs SET lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'running'
        RETURNING id";
}

/// The most characters of an error that are kept.
const ERROR_CHARS: usize = 2_000;

impl Tx<'_> {
    /// The job succeeded. Call it in the write that holds what the job did: [`Error::LeaseLost`] then undoes all of it,
    /// because another worker has the job.
    pub fn job_done(&mut self, job: &Claimed, result: Option<serde_json::Value>, now: Time) -> Result<()> {
        let changed = self.execute(&DONE, params![job.id, job.fence, result, now])?;
        held(changed)?;
        // A job with the same key may have waited for this one.
        self.kept.jobs = true;
        Ok(())
    }

    /// The job did one step of many and goes on at `at` as `next`, with all attempts anew; when somebody asked for its end,
    /// that is it. Call it in the write that holds what the step did, like [`Tx::job_done`].
    pub fn job_goes_on(&mut self, job: &Claimed, next: &Job, at: Time, now: Time) -> Result<()> {
        if self.stops(job, now)? {
            return Ok(());
        }
        let body = serde_json::to_value(next).map_err(|source| Error::Decode { what: "job", source })?;
        let changed = self.execute(&GO_ON, params![job.id, job.fence, next.exclusive_key(), body, at])?;
        self.kept.jobs = true;
        held(changed)
    }

    /// The job failed and is tried again at `again_at` (see [`super::backoff`]), or is dead after its last attempt; when
    /// somebody asked for its end, that is it.
    pub fn job_failed(&mut self, job: &Claimed, error: &str, again_at: Time, now: Time) -> Result<Outcome> {
        if self.stops(job, now)? {
            return Ok(Outcome::Cancelled);
        }
        if job.attempt >= job.max_attempts {
            self.job_given_up(job, error, now)?;
            return Ok(Outcome::Dead);
        }
        let changed = self.execute(&AGAIN, params![job.id, job.fence, again_at, shortened(error)])?;
        held(changed)?;
        self.kept.jobs = true;
        Ok(Outcome::Again(again_at))
    }

    /// The job failed in a way that no further attempt will cure: it is dead, and an event says so.
    pub fn job_given_up(&mut self, job: &Claimed, error: &str, now: Time) -> Result<()> {
        let changed = self.execute(&DEAD, params![job.id, job.fence, now, shortened(error)])?;
        held(changed)?;
        self.emit(job.tenant, now, &Event::JobDead { job: job.id, kind: job.job.kind().to_owned() })?;
        self.kept.jobs = true;
        Ok(())
    }

    /// Gives back a job that was not begun, for instance because the process stops; when somebody asked for its end, that
    /// is it.
    pub fn job_release(&mut self, job: &Claimed, now: Time) -> Result<()> {
        if self.stops(job, now)? {
            return Ok(());
        }
        let changed = self.execute(&RELEASE, params![job.id, job.fence])?;
        self.kept.jobs = true;
        held(changed)
    }
}

impl Store {
    /// Keeps jobs for longer. Returns those that are still held; the others must not be answered for.
    pub async fn job_heartbeat(&self, held: &[(JobId, Uuid)], until: Time) -> Result<Vec<JobId>> {
        let held = held.to_vec();
        self.write(move |tx| {
            let items = held.iter().map(|(id, fence)| params![id, *fence, until]);
            Ok(tx.query_many(&HEARTBEAT, items, |row| row.get(0))?.into_iter().flatten().collect())
        })
        .await
    }
}

pub(super) fn held(changed: u64) -> Result<()> {
    if changed == 1 { Ok(()) } else { Err(Error::LeaseLost { what: "job" }) }
}

fn shortened(error: &str) -> String {
    error.chars().filter(|c| *c != '\0').take(ERROR_CHARS).collect()
}

//! Cancelling: a job that waits ends at once; one that runs is asked to stop, and ends when its worker has stopped.

use lintel_domain::{
    clock::Time,
    event::Event,
    id::{JobId, TenantId},
    job::Job,
};

use super::{Claimed, JobState, outcome::held};
use crate::{Result, Store, Tx, params};

crate::sql! {
    /// The end of a job that waits; a word to one that runs.
    CANCEL "job.cancel" = "UPDATE jobs SET cancel_asked_at = COALESCE(cancel_asked_at, $3),
            finished_at = CASE WHEN state = 'ready' THEN CAST($3 AS bigint) END,
            state = CASE WHEN state = 'ready' THEN 'cancelled' ELSE state END
        WHERE id = $1 AND tenant_id = $2 AND state IN ('ready', 'running') RETURNING state, kind, body";
    /// The job with a key that has not ended.
    OF_KEY "job.of_key" at_primary = "SELECT id FROM jobs WHERE tenant_id = $1 AND key = $2 AND state IN ('ready', 'running') LIMIT 1";
    /// Whether somebody asked for the end of a job that is held.
    ASKED "job.cancel_asked" across_tenants = "SELECT 1 FROM jobs
        WHERE id = $1 AND fence = $2 AND cancel_asked_at IS NOT NULL";
    /// The end of a job whose worker stopped, if somebody asked for it.
    STOP "job.stop" across_tenants = "UPDATE jobs SET state = 'cancelled', finished_at = $3, lease_until = NULL, fence = NULL
        WHERE id = $1 AND fence = $2 AND state = 'running' AND cancel_asked_at IS NOT NULL";
}

impl Store {
    /// Whether somebody asked for the end of a job while it is held.
    pub async fn job_cancel_asked(&self, job: &Claimed) -> Result<bool> {
        Ok(self.point(&ASKED, params![job.id, job.fence], |_| Ok(())).await?.is_some())
    }

    /// The job of a tenant with this key that waits or runs.
    pub async fn job_of_key(&self, tenant: TenantId, key: &str) -> Result<Option<JobId>> {
        self.point(&OF_KEY, params![tenant, key], |row| row.get(0)).await
    }
}

impl Tx<'_> {
    /// Cancels a job that waits, and asks one that runs to stop; the state it is in then. `None` when it has ended, or there
    /// is no such job.
    pub fn job_cancel(&mut self, tenant: TenantId, id: JobId, now: Time) -> Result<Option<JobState>> {
        let found = self.query_opt(&CANCEL, params![id, tenant, now], |row| {
            Ok((row.word(0, JobState::parse)?, row.get::<String>(1)?, serde_json::from_value(row.get(2)?).ok()))
        })?;
        let Some((state, kind, job)) = found else { return Ok(None) };
        if state == JobState::Cancelled {
            self.tell_cancelled(tenant, id, kind, job.as_ref(), now)?;
        }
        Ok(Some(state))
    }

    /// The worker of a job has stopped because somebody asked for it. [`crate::Error::LeaseLost`] when nobody did, or the
    /// job had ended.
    pub fn job_stopped(&mut self, job: &Claimed, now: Time) -> Result<()> {
        held(u64::from(self.stops(job, now)?))
    }

    /// Ends a job that did not succeed, if somebody asked for its end; whether that was so.
    pub(super) fn stops(&mut self, job: &Claimed, now: Time) -> Result<bool> {
        if self.execute(&STOP, params![job.id, job.fence, now])? != 1 {
            return Ok(false);
        }
        self.tell_cancelled(job.tenant, job.id, job.job.kind().to_owned(), Some(&job.job), now)?;
        self.kept.jobs = true;
        Ok(true)
    }

    /// Tells of the end of a job. An import that it ran has ended with it; what that stored stays and can be taken back.
    pub(super) fn tell_cancelled(
        &mut self,
        tenant: TenantId,
        id: JobId,
        kind: String,
        job: Option<&Job>,
        now: Time,
    ) -> Result<()> {
        self.emit(tenant, now, &Event::JobCancelled { job: id, kind })?;
        if let Some(Job::RunImport { import }) = job
            && let Some(row) = self.import_cancel(tenant, *import, now)?
        {
            self.emit(tenant, now, &Event::ImportFinished { import: *import, kind: row.kind, counts: row.counts })?;
        }
        Ok(())
    }
}

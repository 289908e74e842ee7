//! Looking at jobs, and what people do with dead ones: replay, drop; counts for metrics; forgetting what is done.

use lintel_domain::{
    clock::Time,
    id::{JobId, TenantId},
    job::Phase,
};

use super::{JobProgress, JobState, Priority};
use crate::{Result, Store, Tx, db::Row, params};

/// A job as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRow {
    /// Its id.
    pub id: JobId,
    /// For whom.
    pub tenant: TenantId,
    /// The name of what it does.
    pub kind: String,
    /// What to do.
    pub body: serde_json::Value,
    /// How urgent it is.
    pub priority: Priority,
    /// Where it is in its life.
    pub state: JobState,
    /// When it is due.
    pub run_at: Time,
    /// Attempts so far.
    pub attempts: i64,
    /// After how many it is given up.
    pub max_attempts: i64,
    /// What it brought, when it says so.
    pub result: Option<serde_json::Value>,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was asked for.
    pub created_at: Time,
    /// When it was done, given up or cancelled.
    pub finished_at: Option<Time>,
    /// When somebody asked for its end.
    pub cancel_asked_at: Option<Time>,
    /// How far it is, when it takes long and has not ended.
    pub progress: Option<JobProgress>,
}

/// How many jobs of a kind are in a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobCount {
    /// The name of what they do.
    pub kind: String,
    /// Where they are in their life.
    pub state: JobState,
    /// How many.
    pub count: i64,
}

crate::sql! {
    /// One job of a tenant.
    BY_ID "job.by_id" at_primary = "SELECT id, tenant_id, kind, body, priority, state, run_at, attempts, max_attempts, result,
            last_error, created_at, finished_at, cancel_asked_at, phase, share_done, progressed_at
        FROM jobs WHERE id = $1 AND tenant_id = $2";
    /// Jobs of a tenant in a state, the newest first, behind an id.
    LIST "job.list" at_primary = "SELECT id, tenant_id, kind, body, priority, state, run_at, attempts, max_attempts, result,
            last_error, created_at, finished_at, cancel_asked_at, phase, share_done, progressed_at
        FROM jobs WHERE tenant_id = $1 AND state = $2 AND id < $3 ORDER BY id DESC LIMIT $4";
    /// How many of each kind are not done.
    COUNTS "job.counts" across_tenants = "SELECT kind, state, COUNT(*) FROM jobs WHERE state IN ('ready', 'running', 'dead')
        GROUP BY state, kind ORDER BY kind, state";
    /// The same for one tenant.
    COUNTS_TENANT "job.counts_tenant" at_primary = "SELECT kind, state, COUNT(*) FROM jobs
        WHERE tenant_id = $1 AND state IN ('ready', 'running', 'dead') GROUP BY state, kind ORDER BY kind, state";
    /// When the job became due that is due for longest.
    OLDEST_DUE "job.oldest_due" across_tenants = "SELECT MIN(run_at) FROM jobs WHERE state = 'ready' AND priority = $1";
    /// A dead job gets all its attempts again.
    REPLAY "job.replay" = "UPDATE jobs SET state = 'ready', attempts = 0, run_at = $3, finished_at = NULL, cancel_asked_at = NULL,
            phase = NULL, share_done = NULL, progressed_at = NULL
        WHERE id = $1 AND tenant_id = $2 AND state = 'dead'";
    /// A dead job is removed.
    DROP "job.drop" = "DELETE FROM jobs WHERE id = $1 AND tenant_id = $2 AND state = 'dead'";
    /// Jobs that came to a state before a time.
    FORGET "job.forget" across_tenants = "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs
        WHERE state = $3 AND state IN ('done', 'dead', 'cancelled') AND finished_at < $1 ORDER BY finished_at LIMIT $2)";
}

impl Store {
    /// One job of the tenant.
    pub async fn job(&self, tenant: TenantId, id: JobId) -> Result<Option<JobRow>> {
        self.point(&BY_ID, params![id, tenant], job_row).await
    }

    /// At most `limit` jobs of the tenant in a state, the newest first, behind `before`.
    pub async fn jobs(
        &self,
        tenant: TenantId,
        state: JobState,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<JobRow>> {
        let before = before.unwrap_or(JobId(uuid::Uuid::max()));
        self.query(&LIST, params![tenant, state.as_str(), before, limit], job_row).await
    }

    /// How many jobs of each kind wait, run and are dead, over all tenants.
    pub async fn job_counts(&self) -> Result<Vec<JobCount>> {
        self.query(&COUNTS, Vec::new(), job_count).await
    }

    /// How many jobs of each kind wait, run and are dead, of one tenant.
    pub async fn job_counts_of(&self, tenant: TenantId) -> Result<Vec<JobCount>> {
        self.query(&COUNTS_TENANT, params![tenant], job_count).await
    }

    /// Since when the longest waiting job of a priority is (or will be) due.
    pub async fn job_oldest_due(&self, priority: Priority) -> Result<Option<Time>> {
        self.query_one(&OLDEST_DUE, params![priority.rank()], |row| row.get(0)).await
    }
}

impl Tx<'_> {
    /// Gives a dead job all its attempts again; false when there is no such dead job.
    pub fn job_replay(&mut self, tenant: TenantId, id: JobId, now: Time) -> Result<bool> {
        let changed = self.execute(&REPLAY, params![id, tenant, now])?;
        self.kept.jobs = true;
        Ok(changed == 1)
    }

    /// Removes a dead job; false when there is no such dead job.
    pub fn job_drop(&mut self, tenant: TenantId, id: JobId) -> Result<bool> {
        Ok(self.execute(&DROP, params![id, tenant])? == 1)
    }

    /// Removes at most `limit` jobs each that were done and cancelled before `before`.
    pub fn jobs_forget(&mut self, before: Time, limit: u32) -> Result<u64> {
        let mut gone = 0;
        for state in [JobState::Done, JobState::Cancelled] {
            gone += self.execute(&FORGET, params![before, limit, state.as_str()])?;
        }
        Ok(gone)
    }
}

fn job_count(row: &Row<'_>) -> Result<JobCount> {
    Ok(JobCount { kind: row.get(0)?, state: row.word(1, JobState::parse)?, count: row.get(2)? })
}

fn job_row(row: &Row<'_>) -> Result<JobRow> {
    let rank: i64 = row.get(4)?;
    let state = row.word(5, JobState::parse)?;
    Ok(JobRow {
        id: row.get(0)?,
        tenant: row.get(1)?,
        kind: row.get(2)?,
        body: row.get(3)?,
        priority: Priority::ALL.into_iter().find(|p| p.rank() == rank).unwrap_or_default(),
        state,
        run_at: row.get(6)?,
        attempts: row.get(7)?,
        max_attempts: row.get(8)?,
        result: row.get(9)?,
        last_error: row.get(10)?,
        created_at: row.get(11)?,
        finished_at: row.get(12)?,
        cancel_asked_at: row.get(13)?,
        progress: if matches!(state, JobState::Ready | JobState::Running) { progress(row)? } else { None },
    })
}

fn progress(row: &Row<'_>) -> Result<Option<JobProgress>> {
    // A phase of a later version is none that this one knows.
    let Some(phase) = row.get::<Option<String>>(14)?.as_deref().and_then(Phase::parse) else { return Ok(None) };
    Ok(Some(JobProgress { phase, done: row.get(15)?, at: row.get(16)? }))
}

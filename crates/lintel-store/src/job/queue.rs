//! Storing jobs, in the write that causes them.

use super::NewJob;
use crate::{Error, Result, Tx, db::Params, params};

crate::sql! {
    /// A new job.
    ENQUEUE "job.enqueue" = "INSERT INTO jobs
        (id, tenant_id, kind, key, body, priority, state, run_at, max_attempts, caused_by, depth, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'ready', $7, $8, $9, $10, $11)";
    /// Whether a job with this key waits.
    WAITING "job.waiting" = "SELECT 1 FROM jobs WHERE tenant_id = $1 AND key = $2 AND state = 'ready' LIMIT 1";
}

impl Tx<'_> {
    /// Stores a job; false when it coalesced with one that waits already.
    pub fn enqueue(&mut self, new: &NewJob) -> Result<bool> {
        let key = new.job.exclusive_key();
        if let Some(key) = key.as_deref().filter(|_| new.coalesce) {
            self.lock(&lock_name(new.tenant, key))?;
            let waiting = self.query(&WAITING, params![new.tenant, key], |_| Ok(()))?;
            if !waiting.is_empty() {
                return Ok(false);
            }
        }
        let row = self.row(new)?;
        self.execute(&ENQUEUE, row)?;
        self.kept.jobs = true;
        Ok(true)
    }

    /// Stores many jobs at once; none of them coalesces.
    pub fn enqueue_many(&mut self, jobs: &[NewJob]) -> Result<()> {
        let rows = jobs.iter().map(|job| self.row(job)).collect::<Result<Vec<_>>>()?;
        self.execute_many(&ENQUEUE, rows)?;
        self.kept.jobs = true;
        Ok(())
    }

    fn row(&self, new: &NewJob) -> Result<Params> {
        let body = serde_json::to_value(&new.job).map_err(|source| Error::Decode { what: "job", source })?;
        let (caused_by, depth) = (self.cause.map(|c| c.event), self.cause.map_or(0, |c| c.depth));
        Ok(params![
            new.id,
            new.tenant,
            new.job.kind(),
            new.job.exclusive_key(),
            body,
            new.priority.rank(),
            new.run_at,
            new.max_attempts,
            caused_by,
            depth,
            new.created_at,
        ])
    }
}

/// The lock under which jobs of one key are looked at and changed.
pub(super) fn lock_name(tenant: lintel_domain::id::TenantId, key: &str) -> String {
    format!("job:{tenant}:{key}")
}

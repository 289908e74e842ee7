//! Claiming: the most urgent due jobs, no tenant crowding out another, at most one running per key.

use std::collections::{HashMap, HashSet};

use lintel_domain::{
    clock::{SECOND, Time},
    event::Event,
    id::{JobId, TenantId},
    job::Job,
};
use uuid::Uuid;

use super::{Claimed, JobState, Priority, queue::lock_name};
use crate::{Result, Store, Tx, db::Row, log::Cause, params};

/// What a worker asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// A new id, shown with every answer about the jobs that this claim gets.
    pub fence: Uuid,
    /// The most jobs.
    pub limit: u32,
    /// The most jobs of one tenant, as long as others wait.
    pub per_tenant: u32,
    /// The present.
    pub now: Time,
    /// How long the jobs are held without a heartbeat, in microseconds.
    pub lease_micros: i64,
    /// Nothing less urgent than this.
    pub down_to: Priority,
}

/// Jobs whose lease ran out that are looked at in one claim.
const EXPIRED: i64 = 100;
/// How long a job waits that this version does not know.
const UNKNOWN_WAIT: i64 = 60 * SECOND;

crate::sql! {
    /// Due jobs of one priority, the longest due first, without those whose key is running.
    DUE "job.due" across_tenants = {
        sqlite: "SELECT id, tenant_id, key FROM jobs j WHERE state = 'ready' AND priority = $1 AND run_at <= $2
            AND (key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs r
                WHERE r.tenant_id = j.tenant_id AND r.key = j.key AND r.state = 'running'))
            ORDER BY run_at LIMIT $3",
        postgres: "SELECT id, tenant_id, key FROM jobs j WHERE state = 'ready' AND priority = $1 AND run_at <= $2
            AND (key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs r
                WHERE r.tenant_id = j.tenant_id AND r.key = j.key AND r.state = 'running'))
            ORDER BY run_at LIMIT $3 FOR UPDATE OF j SKIP LOCKED",
    };
    /// The same for one tenant.
    DUE_TENANT "job.due_tenant" = {
        sqlite: "SELECT id, tenant_id, key FROM jobs j
            WHERE state = 'ready' AND tenant_id = $4 AND priority = $1 AND run_at <= $2
            AND (key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs r
                WHERE r.tenant_id = j.tenant_id AND r.key = j.key AND r.state = 'running'))
            ORDER BY run_at LIMIT $3",
        postgres: "SELECT id, tenant_id, key FROM jobs j
            WHERE state = 'ready' AND tenant_id = $4 AND priority = $1 AND run_at <= $2
            AND (key IS NULL OR NOT EXISTS (SELECT 1 FROM jobs r
                WHERE r.tenant_id = j.tenant_id AND r.key = j.key AND r.state = 'running'))
            ORDER BY run_at LIMIT $3 FOR UPDATE OF j SKIP LOCKED",
    };
    /// Every tenant that has a job waiting, found by hopping from tenant to tenant in the index.
    TENANTS "job.tenants" across_tenants = "WITH RECURSIVE hop (tenant_id) AS (
            SELECT (SELECT tenant_id FROM jobs WHERE state = 'ready' ORDER BY tenant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT j.tenant_id FROM jobs j WHERE j.state = 'ready' AND j.tenant_id > hop.tenant_id
                ORDER BY j.tenant_id LIMIT 1) FROM hop WHERE hop.tenant_id IS NOT NULL)
        SELECT tenant_id FROM hop WHERE tenant_id IS NOT NULL";
    /// Whether a job with this key runs.
    RUNNING "job.key_running" = "SELECT 1 FROM jobs WHERE tenant_id = $1 AND key = $2 AND state = 'running' LIMIT 1";
    /// Takes jobs under a lease.
    TAKE "job.take" across_tenants = {
        sqlite: "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2, fence = $3
            WHERE id IN (SELECT unhex(value) FROM json_each($1))
            RETURNING id, tenant_id, body, priority, attempts, max_attempts, created_at, caused_by, depth",
        postgres: "UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = $2, fence = $3
            WHERE id = ANY($1)
            RETURNING id, tenant_id, body, priority, attempts, max_attempts, created_at, caused_by, depth",
    };
    /// Jobs whose worker is gone.
    EXPIRED_LEASES "job.expired" across_tenants = {
        sqlite: "SELECT id, tenant_id, kind, attempts, max_attempts, cancel_asked_at, body FROM jobs
            WHERE state = 'running' AND lease_until < $1 ORDER BY lease_until LIMIT $2",
        postgres: "SELECT id, tenant_id, kind, attempts, max_attempts, cancel_asked_at, body FROM jobs
            WHERE state = 'running' AND lease_until < $1 ORDER BY lease_until LIMIT $2 FOR UPDATE SKIP LOCKED",
    };
    /// Gives a job whose worker is gone to the next one, gives it up, or ends it because somebody asked for it.
    EXPIRE "job.expire" across_tenants = "UPDATE jobs SET state = $2, lease_until = NULL, fence = NULL, run_at = $3,
            phase = NULL, share_done = NULL, progressed_at = NULL,
            last_error = 'its worker was gone', finished_at = CASE WHEN $2 <> 'ready' THEN CAST($3 AS bigint) END
        WHERE id = $1";
    /// Puts a job back that this version does not know, as if it had never been taken.
    PUT_BACK "job.put_back" across_tenants = "UPDATE jobs SET state = 'ready', lease_until = NULL, fence = NULL, run_at = $2,
            attempts = attempts - 1, last_error = 'a newer version is needed to run it'
        WHERE id = $1";
}

/// A due job, before it is taken.
#[derive(Clone, Debug, PartialEq)]
struct Due {
    id: JobId,
    tenant: TenantId,
    key: Option<String>,
}

impl Store {
    /// Takes due jobs under a lease. Jobs whose lease has run out are due again, or given up after their last attempt.
    pub async fn job_claim(&self, claim: &Claim) -> Result<Vec<Claimed>> {
        let claim = claim.clone();
        self.write(move |tx| {
            expire(tx, claim.now)?;
            let mut picked = Picked::new(&claim);
            for priority in Priority::ALL.into_iter().filter(|p| *p <= claim.down_to) {
                pick(tx, &claim, priority, &mut picked)?;
                if picked.is_full() {
                    break;
                }
            }
            take(tx, &claim, &picked.jobs)
        })
        .await
    }
}

/// What has been picked so far, and the bounds it is picked under.
struct Picked {
    jobs: Vec<JobId>,
    limit: usize,
    per_tenant: usize,
    of_tenant: HashMap<TenantId, usize>,
    keys: HashSet<(TenantId, String)>,
}

impl Picked {
    fn new(claim: &Claim) -> Self {
        Self {
            jobs: Vec::new(),
            limit: claim.limit as usize,
            per_tenant: claim.per_tenant.max(1) as usize,
            of_tenant: HashMap::new(),
            keys: HashSet::new(),
        }
    }

    fn is_full(&self) -> bool {
        self.jobs.len() >= self.limit
    }

    fn has_room_for(&self, tenant: TenantId) -> bool {
        self.of_tenant.get(&tenant).is_none_or(|count| *count < self.per_tenant)
    }

    /// Picks the job unless its key is taken.
    fn add(&mut self, tx: &mut Tx<'_>, due: Due) -> Result<()> {
        if let Some(key) = due.key {
            let free = !self.keys.contains(&(due.tenant, key.clone()))
                && tx.try_lock(&lock_name(due.tenant, &key))?
                && tx.query(&RUNNING, params![due.tenant, &key], |_| Ok(()))?.is_empty();
            if !free {
                return Ok(());
            }
            self.keys.insert((due.tenant, key));
        }
        *self.of_tenant.entry(due.tenant).or_default() += 1;
        self.jobs.push(due.id);
        Ok(())
    }
}

/// Picks jobs of one priority: in the order they became due while every tenant stays within its share; then from
/// tenants that were crowded out; then, when there is room left, beyond the share.
fn pick(tx: &mut Tx<'_>, claim: &Claim, priority: Priority, picked: &mut Picked) -> Result<()> {
    let rank = priority.rank();
    let asked = picked.limit - picked.jobs.len();
    let due = tx.query(&DUE, params![rank, claim.now, asked as i64], due)?;
    let all_seen = due.len() < asked;
    let mut beyond = Vec::new();
    for due in due {
        if picked.has_room_for(due.tenant) { picked.add(tx, due)? } else { beyond.push(due) }
    }
    if !all_seen && !beyond.is_empty() {
        for tenant in tx.query(&TENANTS, Vec::new(), |row| row.get(0))? {
            if picked.is_full() {
                break;
            }
            if picked.of_tenant.contains_key(&tenant) {
                continue;
            }
            let share = picked.per_tenant.min(picked.limit - picked.jobs.len());
            for due in tx.query(&DUE_TENANT, params![rank, claim.now, share as i64, tenant], self::due)? {
                picked.add(tx, due)?;
            }
        }
    }
    for due in beyond {
        if picked.is_full() {
            break;
        }
        picked.add(tx, due)?;
    }
    Ok(())
}

fn take(tx: &mut Tx<'_>, claim: &Claim, picked: &[JobId]) -> Result<Vec<Claimed>> {
    if picked.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = picked.iter().map(|id| id.0).collect();
    let until = claim.now.plus(claim.lease_micros);
    let fence = claim.fence;
    let taken = tx.query(&TAKE, params![ids, until, fence], |row| claimed(row, fence))?;
    let mut known = HashMap::with_capacity(taken.len());
    for (id, job) in taken {
        match job {
            Some(job) => drop(known.insert(id, job)),
            None => drop(tx.execute(&PUT_BACK, params![id, claim.now.plus(UNKNOWN_WAIT)])?),
        }
    }
    Ok(picked.iter().filter_map(|id| known.remove(id)).collect())
}

/// A job whose worker is gone.
struct Expired {
    id: JobId,
    tenant: TenantId,
    kind: String,
    job: Option<Job>,
    becomes: JobState,
}

/// Gives jobs of dead workers to others, gives up those that have had their last attempt, and ends those whose end somebody
/// asked for.
fn expire(tx: &mut Tx<'_>, now: Time) -> Result<()> {
    let expired = tx.query(&EXPIRED_LEASES, params![now, EXPIRED], |row| {
        let is_last = row.get::<i64>(3)? >= row.get::<i64>(4)?;
        let becomes = match row.get::<Option<Time>>(5)? {
            Some(_) => JobState::Cancelled,
            None if is_last => JobState::Dead,
            None => JobState::Ready,
        };
        let job = serde_json::from_value(row.get(6)?).ok();
        Ok(Expired { id: row.get(0)?, tenant: row.get(1)?, kind: row.get(2)?, job, becomes })
    })?;
    for Expired { id, tenant, kind, job, becomes } in expired {
        tx.execute(&EXPIRE, params![id, becomes.as_str(), now])?;
        match becomes {
            JobState::Dead => tx.emit(tenant, now, &Event::JobDead { job: id, kind })?,
            JobState::Cancelled => tx.tell_cancelled(tenant, id, kind, job.as_ref(), now)?,
            _ => {}
        }
    }
    Ok(())
}

fn due(row: &Row<'_>) -> Result<Due> {
    Ok(Due { id: row.get(0)?, tenant: row.get(1)?, key: row.get(2)? })
}

/// The job, or only its id when a newer version wrote a kind that this one does not know.
fn claimed(row: &Row<'_>, fence: Uuid) -> Result<(JobId, Option<Claimed>)> {
    let id = row.get(0)?;
    let Ok(job) = serde_json::from_value(row.get(2)?) else { return Ok((id, None)) };
    let depth = row.get(8)?;
    let job = Claimed {
        id,
        tenant: row.get(1)?,
        job,
        priority: usize::try_from(row.get::<i64>(3)?)
            .ok()
            .and_then(|i| Priority::ALL.get(i).copied())
            .unwrap_or_default(),
        attempt: u32::try_from(row.get::<i64>(4)?).unwrap_or(u32::MAX),
        max_attempts: u32::try_from(row.get::<i64>(5)?).unwrap_or(u32::MAX),
        created_at: row.get(6)?,
        cause: row.get::<Option<i64>>(7)?.map(|event| Cause { event, depth }),
        fence,
    };
    Ok((id, Some(job)))
}

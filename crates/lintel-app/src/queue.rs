//! Administration of jobs, dead letters and the audit log.

use lintel_domain::{
    clock::Time,
    id::{JobId, TenantId},
    scope::Actor,
};
use lintel_store::{
    audit::{AuditRow, NewAudit},
    job::{JobRow, JobState},
};
use uuid::Uuid;

pub use lintel_store::job::JobProgress;

use crate::{App, Error, Listed, Paging, Principal, Result, cursor::List};

/// A job as an administrator sees one.
#[derive(Clone, Debug)]
pub struct JobView {
    /// Id.
    pub id: JobId,
    /// Kind.
    pub kind: String,
    /// `ready`, `running`, `done`, `dead` or `cancelled`.
    pub state: String,
    /// What it is to do.
    pub body: serde_json::Value,
    /// How often it was tried.
    pub attempts: u32,
    /// What it brought, when it says so.
    pub result: Option<serde_json::Value>,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// When it runs next.
    pub run_at: Time,
    /// When it was queued.
    pub created_at: Time,
    /// When somebody asked for its end.
    pub cancel_asked_at: Option<Time>,
    /// How far it is, when it takes long and has not ended.
    pub progress: Option<JobProgress>,
}

/// One privileged act.
#[derive(Clone, Debug)]
pub struct AuditView {
    /// When.
    pub at: Time,
    /// Who: `user:ID`, `key:ID` or `system`.
    pub actor: String,
    /// What, such as `key.create`.
    pub action: String,
    /// On what.
    pub subject: String,
    /// Details.
    pub detail: serde_json::Value,
}

impl App {
    /// The tenant's jobs in a state: `ready`, `running`, `done`, `dead` or `cancelled`; the dead ones when absent. Newest first.
    pub async fn jobs(&self, who: &Principal, state: Option<&str>, paging: Paging) -> Result<Listed<JobView>> {
        let state = JobState::parse(state.unwrap_or("dead"))
            .ok_or_else(|| Error::invalid("/state", "unknown", "one of ready, running, done, dead, cancelled"))?;
        let name = format!("jobs {}", state.as_str());
        let (limit, before) = (paging.limit()?, self.after(who, &name, &paging).await?);
        let rows = self.0.store.jobs(who.tenant, state, before.map(JobId), limit + 1).await?;
        self.listed(who, &name, limit, rows, |row| row.id.0, JobView::from).await
    }

    /// One job.
    pub async fn job(&self, who: &Principal, id: JobId) -> Result<JobView> {
        let row = self.0.store.job(who.tenant, id).await?.ok_or(Error::NotFound("job"))?;
        Ok(row.into())
    }

    /// Cancels a job that waits; asks one that runs to stop, which it does between two of its commits. The answer says in
    /// which state it is now.
    pub async fn job_cancel(&self, who: &Principal, id: JobId) -> Result<JobView> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let before = self.job(who, id).await?;
        let audit =
            self.audit_entry(who, "job.cancel", id.to_string(), serde_json::json!({ "kind": before.kind }), now);
        let write = self.0.store.write(move |tx| {
            let state = tx.job_cancel(tenant, id, now)?;
            if state.is_some() {
                tx.audit(tenant, &audit)?;
            }
            Ok::<_, lintel_store::Error>(state)
        });
        match write.await? {
            Some(JobState::Cancelled) => {
                if let Ok(job) = serde_json::from_value(before.body) {
                    self.upload_discard(tenant, &job).await;
                }
            }
            Some(_) => {}
            None => return Err(Error::Conflict { code: "job_ended", detail: "the job has ended already".into() }),
        }
        self.job(who, id).await
    }

    /// Puts a dead job back into the queue.
    pub async fn job_replay(&self, who: &Principal, id: JobId) -> Result<JobView> {
        self.on_dead(who, id, "job.replay", move |tx, tenant, now| tx.job_replay(tenant, id, now)).await?;
        self.job(who, id).await
    }

    /// Drops a dead job.
    pub async fn job_drop(&self, who: &Principal, id: JobId) -> Result<()> {
        self.on_dead(who, id, "job.drop", move |tx, tenant, _| tx.job_drop(tenant, id)).await
    }

    /// Does something to a dead job, with its audit entry.
    async fn on_dead<F>(&self, who: &Principal, id: JobId, action: &'static str, act: F) -> Result<()>
    where
        F: Fn(&mut lintel_store::Tx<'_>, TenantId, Time) -> lintel_store::Result<bool> + Send + 'static,
    {
        let (tenant, now) = (who.tenant, self.clock().now());
        let audit = self.audit_entry(who, action, id.to_string(), serde_json::json!({}), now);
        let write = self.0.store.write(move |tx| {
            if !act(tx, tenant, now)? {
                return Ok(false);
            }
            tx.audit(tenant, &audit)?;
            Ok::<_, lintel_store::Error>(true)
        });
        if write.await? {
            return Ok(());
        }
        self.job(who, id).await?;
        Err(Error::Conflict { code: "job_not_dead", detail: "only a dead job can be replayed or dropped".into() })
    }

    /// The audit log, newest first.
    pub async fn audit(&self, who: &Principal, paging: Paging) -> Result<Listed<AuditView>> {
        let limit = paging.limit()?;
        let list = List { tenant: who.tenant, name: "audit", shape: &[] };
        let cursors = self.cursors(who.tenant).await?;
        let before = paging.cursor.as_deref().map(|text| cursors.read::<(i64, Uuid)>(&list, text)).transpose()?;
        let mut rows = self.0.store.audit_page(who.tenant, before.map(|(at, id)| (Time(at), id)), limit + 1).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next_cursor = match rows.last().filter(|_| more) {
            Some(last) => Some(cursors.write(&list, &(last.at.0, last.id))?),
            None => None,
        };
        Ok(Listed { items: rows.into_iter().map(AuditView::from).collect(), next_cursor })
    }

    /// An entry of the audit log, to be written in the commit of what it tells of.
    pub(crate) fn audit_entry(
        &self,
        who: &Principal,
        action: &str,
        subject: String,
        detail: serde_json::Value,
        now: Time,
    ) -> NewAudit {
        NewAudit { id: self.0.ids.next(now), at: now, actor: who.actor, action: action.to_owned(), subject, detail }
    }
}

impl From<JobRow> for JobView {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state.as_str().to_owned(),
            body: row.body,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            result: row.result,
            last_error: row.last_error,
            run_at: row.run_at,
            created_at: row.created_at,
            cancel_asked_at: row.cancel_asked_at,
            progress: row.progress,
        }
    }
}

impl From<AuditRow> for AuditView {
    fn from(row: AuditRow) -> Self {
        let actor = match row.actor {
            Actor::User(id) => format!("user:{id}"),
            Actor::Key(id) => format!("key:{id}"),
            Actor::System => "system".to_owned(),
        };
        Self { at: row.at, actor, action: row.action, subject: row.subject, detail: row.detail }
    }
}

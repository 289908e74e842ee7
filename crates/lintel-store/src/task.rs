//! Tasks of leads. The earliest open one stands with its lead, from which the next step follows.

use lintel_domain::{
    clock::Time,
    id::{LeadId, TaskId, TenantId, UserId},
    task::{Task, TaskState},
};
use uuid::Uuid;

use crate::{
    Result, Store, Tx,
    db::{Row, Sql},
    params,
};

/// The place of a task without a time: behind all others.
const NEVER: i64 = i64::MAX;

/// The beginning of every statement that reads tasks.
macro_rules! select {
    () => {
        "SELECT id, lead_id, title, due_key, assignee, done_at, created_at, updated_at FROM tasks "
    };
}

crate::sql! {
    /// A new task, unless its id is there.
    INSERT "task.insert" = "INSERT INTO tasks (tenant_id, id, lead_id, title, due_key, assignee, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (tenant_id, id) DO NOTHING";
    /// One task.
    BY_ID "task.by_id" = (concat!(select!(), "WHERE tenant_id = $1 AND id = $2"));
    /// One task, held until the write ends. SQLite has one writer.
    LOCK "task.lock" = { sqlite: concat!(select!(), "WHERE tenant_id = $1 AND id = $2"),
        postgres: concat!(select!(), "WHERE tenant_id = $1 AND id = $2 FOR UPDATE") };
    /// A changed task.
    UPDATE "task.update" = "UPDATE tasks SET title = $3, due_key = $4, assignee = $5, done_at = $6, updated_at = $7
        WHERE tenant_id = $1 AND id = $2";
    /// A task that is not wanted any more.
    DELETE "task.delete" = "DELETE FROM tasks WHERE tenant_id = $1 AND id = $2 RETURNING lead_id";
    /// The earliest open task of a lead stands with the lead.
    LEAD_DUE "task.lead_due" = "UPDATE leads SET task_due_at = (SELECT min(t.due_key) FROM tasks t
            WHERE t.tenant_id = $1 AND t.lead_id = $2 AND t.done_at IS NULL AND t.due_key < 9223372036854775807)
        WHERE tenant_id = $1 AND id = $2";
    /// Open ones, the earliest first.
    OPEN "task.open" = (concat!(select!(), "WHERE tenant_id = $1 AND done_at IS NULL AND due_key <= $2 AND (due_key, id) > ($3, $4)
        ORDER BY due_key, id LIMIT $5"));
    /// Open ones of an agent.
    OPEN_OF_AGENT "task.open_of_agent" = (concat!(select!(), "WHERE tenant_id = $1 AND assignee = $6 AND done_at IS NULL AND due_key <= $2
        AND (due_key, id) > ($3, $4) ORDER BY due_key, id LIMIT $5"));
    /// Open ones of a lead; few, so that whose they are is looked at in each.
    OPEN_OF_LEAD "task.open_of_lead" = (concat!(select!(), "WHERE tenant_id = $1 AND lead_id = $7 AND done_at IS NULL AND due_key <= $2
        AND (due_key, id) > ($3, $4) AND (assignee = $6 OR $6 IS NULL) ORDER BY due_key, id LIMIT $5"));
    /// Done ones, the last first.
    DONE "task.done" = (concat!(select!(), "WHERE tenant_id = $1 AND done_at IS NOT NULL AND due_key <= $2 AND (done_at, id) < ($3, $4)
        ORDER BY done_at DESC, id DESC LIMIT $5"));
    /// Done ones of an agent.
    DONE_OF_AGENT "task.done_of_agent" = (concat!(select!(), "WHERE tenant_id = $1 AND assignee = $6 AND done_at IS NOT NULL AND due_key <= $2
        AND (done_at, id) < ($3, $4) ORDER BY done_at DESC, id DESC LIMIT $5"));
    /// Done ones of a lead.
    DONE_OF_LEAD "task.done_of_lead" = (concat!(select!(), "WHERE tenant_id = $1 AND lead_id = $7 AND done_at IS NOT NULL AND due_key <= $2
        AND (done_at, id) < ($3, $4) AND (assignee = $6 OR $6 IS NULL) ORDER BY done_at DESC, id DESC LIMIT $5"));
}

/// Which tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Open or done ones.
    pub state: TaskState,
    /// Only of this agent.
    pub assignee: Option<UserId>,
    /// Only with this lead.
    pub lead: Option<LeadId>,
    /// Only due before this time.
    pub due_before: Option<Time>,
}

impl TaskFilter {
    fn statement(&self) -> &'static Sql {
        match (self.state, self.lead, self.assignee) {
            (TaskState::Open, Some(_), _) => &OPEN_OF_LEAD,
            (TaskState::Open, None, Some(_)) => &OPEN_OF_AGENT,
            (TaskState::Open, None, None) => &OPEN,
            (TaskState::Done, Some(_), _) => &DONE_OF_LEAD,
            (TaskState::Done, None, Some(_)) => &DONE_OF_AGENT,
            (TaskState::Done, None, None) => &DONE,
        }
    }
}

/// A task's place in its list: open ones stand in the order in which they are due, done ones the last first.
pub fn place(task: &Task) -> (i64, Uuid) {
    let at = task.done_at.map_or_else(|| task.due_at.map_or(NEVER, |due| due.0), |done| done.0);
    (at, task.id.0)
}

fn task(row: &Row<'_>) -> Result<Task> {
    let due: i64 = row.get(3)?;
    Ok(Task {
        id: row.get(0)?,
        lead: row.get(1)?,
        title: row.get(2)?,
        due_at: (due != NEVER).then_some(Time(due)),
        assignee: row.get(4)?,
        done_at: row.get(5)?,
        created_at: row.get(6)?,
        updated_at: row.get(7)?,
    })
}

impl Store {
    /// One task.
    pub async fn task_get(&self, tenant: TenantId, id: TaskId) -> Result<Option<Task>> {
        self.point(&BY_ID, params![tenant, id], task).await
    }

    /// At most `limit` tasks of a list, behind a [`place`].
    pub async fn tasks(
        &self,
        tenant: TenantId,
        filter: TaskFilter,
        after: Option<(i64, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Task>> {
        let (at, id) = after.unwrap_or(match filter.state {
            TaskState::Open => (i64::MIN, Uuid::nil()),
            TaskState::Done => (i64::MAX, Uuid::max()),
        });
        let due = filter.due_before.map_or(NEVER, |time| time.0.saturating_sub(1));
        let mut params = params![tenant, due, at, id, limit];
        if filter.lead.is_some() || filter.assignee.is_some() {
            params.extend(params![filter.assignee]);
        }
        if filter.lead.is_some() {
            params.extend(params![filter.lead]);
        }
        self.query(filter.statement(), params, task).await
    }
}

impl Tx<'_> {
    /// Stores a task of a lead that is there; false when its id is there already.
    pub fn task_create(&mut self, tenant: TenantId, new: &Task) -> Result<bool> {
        let due = new.due_at.map_or(NEVER, |due| due.0);
        let values = params![tenant, new.id, new.lead, &new.title, due, new.assignee, new.created_at];
        let created = self.execute(&INSERT, values)? == 1;
        self.execute(&LEAD_DUE, params![tenant, new.lead])?;
        Ok(created)
    }

    /// One task, which nobody else changes until this write ends.
    pub fn task_lock(&mut self, tenant: TenantId, id: TaskId) -> Result<Option<Task>> {
        self.query_opt(&LOCK, params![tenant, id], task)
    }

    /// Changes a task: all but its lead and when it was written down.
    pub fn task_update(&mut self, tenant: TenantId, changed: &Task) -> Result<()> {
        let Task { id, lead, title, due_at, assignee, done_at, updated_at, .. } = changed;
        let due = due_at.map_or(NEVER, |due| due.0);
        self.execute(&UPDATE, params![tenant, *id, title, due, *assignee, *done_at, *updated_at])?;
        self.execute(&LEAD_DUE, params![tenant, *lead]).map(|_| ())
    }

    /// Looks anew which open task of a lead is the earliest.
    pub(crate) fn task_due_recount(&mut self, tenant: TenantId, lead: LeadId) -> Result<()> {
        self.execute(&LEAD_DUE, params![tenant, lead]).map(|_| ())
    }

    /// Removes a task; whose it was, if there was one.
    pub fn task_delete(&mut self, tenant: TenantId, id: TaskId) -> Result<Option<LeadId>> {
        let lead = self.query_opt(&DELETE, params![tenant, id], |row| row.get(0))?;
        if let Some(lead) = lead {
            self.execute(&LEAD_DUE, params![tenant, lead])?;
        }
        Ok(lead)
    }
}

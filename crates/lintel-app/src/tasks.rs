//! Notes about leads and tasks with them.

use std::collections::HashMap;

use lintel_domain::{
    clock::Time,
    event::{Event, NoteChanged, TaskChanged},
    id::{InteractionId, LeadId, TaskId, UserId},
    interaction::{InteractionFacts, InteractionKind},
    scalar::{Fields, Scalar},
    scope::Actor,
    task::Task,
};
use lintel_store::task::{TaskFilter, place};
use uuid::Uuid;

use crate::{
    App, Error, Listed, Paging, Principal, Result,
    cursor::List,
    ingest::{self, Arrival},
};

/// A note to be written.
#[derive(Clone, Debug)]
pub struct NewNote {
    /// Its id, when the caller names it (see [`crate::keyed_id`]): a note that is there already is then the answer.
    pub id: Option<InteractionId>,
    /// What it says.
    pub body: String,
}

/// A note that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteView {
    /// Its id in the timeline.
    pub id: InteractionId,
    /// About whom.
    pub lead: LeadId,
    /// What it says.
    pub body: String,
    /// Who wrote it: `user:ID`, `key:ID` or `system`.
    pub author: String,
    /// When.
    pub at: Time,
}

/// A task to be written down.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// Its id, when the caller names it (see [`crate::keyed_id`]): a task that is there already is then the answer.
    pub id: Option<TaskId>,
    /// What is to be done.
    pub title: String,
    /// By when.
    pub due_at: Option<Time>,
    /// Who does it; the lead's agent when absent, else whoever writes it down.
    pub assignee: Option<UserId>,
}

/// Changes to a task. Outer `None` leaves a field, inner `None` clears it.
#[derive(Clone, Debug, Default)]
pub struct TaskPatch {
    /// What is to be done.
    pub title: Option<String>,
    /// By when.
    pub due_at: Option<Option<Time>>,
    /// Who does it.
    pub assignee: Option<Option<UserId>>,
    /// Whether it is done.
    pub done: Option<bool>,
}

/// A list of tasks.
#[derive(Clone, Debug, Default)]
pub struct TaskListRequest {
    /// Which.
    pub filter: TaskFilter,
    /// Which page.
    pub paging: Paging,
}

/// A task with the name of its lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskView {
    /// The task.
    pub task: Task,
    /// The lead's name, if known.
    pub lead_name: Option<String>,
    /// Whether it should have been done by now.
    pub overdue: bool,
}

impl App {
    /// Writes a note about a lead: an item of its timeline.
    pub async fn note_create(&self, who: &Principal, lead: LeadId, new: NewNote) -> Result<NoteView> {
        let (tenant, now) = (who.tenant, self.clock().now());
        self.lead_to_change(tenant, lead).await?;
        let id = new.id.unwrap_or_else(|| InteractionId(self.0.ids.next(now)));
        let author = actor(who);
        let properties = Fields::from([
            ("author".to_owned(), Scalar::Text(author.clone())),
            ("body".to_owned(), Scalar::Text(new.body.clone())),
        ]);
        let (kind, event_id) = (InteractionKind::Note, format!("note-{id}"));
        let facts = InteractionFacts { event_id, kind, at: now, listing_id: None, properties };
        let app = self.clone();
        let write = self.0.store.write(move |tx| {
            let arrival = Arrival { tenant, market: None, import: None, now, ids: &app.0.ids };
            if ingest::record(tx, &arrival, &[(id, lead, facts.clone())])? == [true] {
                tx.emit(tenant, now, &Event::NoteCreated { notes: vec![NoteChanged { note: id, lead }] })?;
            }
            Ok::<_, lintel_store::Error>(())
        });
        write.await?;
        Ok(NoteView { id, lead, body: new.body, author, at: now })
    }

    /// Deletes what a note says. That there was one, whose and when, stays in the timeline, and with it what scores were
    /// made from.
    pub async fn note_delete(&self, who: &Principal, lead: LeadId, note: InteractionId) -> Result<()> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let deleted_by = actor(who);
        let write = self.0.store.write(move |tx| {
            let is_deleted = tx.note_delete(tenant, lead, note, &deleted_by)?;
            if is_deleted {
                tx.emit(tenant, now, &Event::NoteDeleted { notes: vec![NoteChanged { note, lead }] })?;
            }
            Ok::<_, lintel_store::Error>(is_deleted)
        });
        if write.await? {
            return Ok(());
        }
        match self.lead_missing(tenant, lead).await {
            Error::NotFound(_) => Err(Error::NotFound("note")),
            error => Err(error),
        }
    }

    /// Writes down a task with a lead.
    pub async fn task_create(&self, who: &Principal, lead: LeadId, new: NewTask) -> Result<TaskView> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let of = self.lead_to_change(tenant, lead).await?;
        self.check_agent(who, new.assignee).await?;
        let own = match who.actor {
            Actor::User(user) => Some(user),
            Actor::Key(_) | Actor::System => None,
        };
        let task = Task {
            id: new.id.unwrap_or_else(|| TaskId(self.0.ids.next(now))),
            lead,
            title: new.title,
            due_at: new.due_at,
            assignee: new.assignee.or(of.facts.assignee).or(own),
            done_at: None,
            created_at: now,
            updated_at: now,
        };
        let (id, due) = (task.id, self.task_due_job(tenant, &task, now));
        let write = self.0.store.write(move |tx| {
            if !tx.leads_hold(tenant, [lead])?.contains(&lead) {
                return Ok(false);
            }
            if tx.task_create(tenant, &task)? {
                tx.emit(tenant, now, &Event::TaskCreated { tasks: vec![TaskChanged { task: id, lead }] })?;
                due.iter().try_for_each(|job| tx.enqueue(job).map(|_| ()))?;
            }
            Ok::<_, lintel_store::Error>(true)
        });
        if write.await? { self.task(who, id).await } else { Err(self.lead_missing(tenant, lead).await) }
    }

    /// One task.
    pub async fn task(&self, who: &Principal, id: TaskId) -> Result<TaskView> {
        let task = self.0.store.task_get(who.tenant, id).await?.ok_or(Error::NotFound("task"))?;
        let mut views = self.task_views(who, vec![task]).await?;
        views.pop().ok_or(Error::NotFound("task"))
    }

    /// A page of tasks: open ones as they are due, those without a time last; done ones the last first.
    pub async fn tasks(&self, who: &Principal, request: TaskListRequest) -> Result<Listed<TaskView>> {
        let limit = request.paging.limit()?;
        let TaskFilter { state, assignee, lead, due_before } = request.filter;
        let shape = serde_json::to_vec(&(state, assignee, lead, due_before)).map_err(Error::internal)?;
        let list = List { tenant: who.tenant, name: "tasks", shape: &shape };
        let cursors = self.cursors(who.tenant).await?;
        let after =
            request.paging.cursor.as_deref().map(|text| cursors.read::<(i64, Uuid)>(&list, text)).transpose()?;
        let mut rows = self.0.store.tasks(who.tenant, request.filter, after, limit + 1).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next_cursor = match rows.last().filter(|_| more) {
            Some(last) => Some(cursors.write(&list, &place(last))?),
            None => None,
        };
        Ok(Listed { items: self.task_views(who, rows).await?, next_cursor })
    }

    /// Changes a task; `done` finishes it or opens it again. A patch that changes nothing has no effect.
    pub async fn task_patch(&self, who: &Principal, id: TaskId, patch: TaskPatch) -> Result<TaskView> {
        let (tenant, now) = (who.tenant, self.clock().now());
        self.check_agent(who, patch.assignee.flatten()).await?;
        let app = self.clone();
        let write = self.0.store.write(move |tx| {
            let Some(task) = tx.task_lock(tenant, id)? else { return Ok(false) };
            let changed = patched(&task, &patch, now);
            if changed != task {
                let finished = task.done_at.is_none() && changed.done_at.is_some();
                let due = app.task_due_job(tenant, &changed, now);
                let again = changed.due_at != task.due_at || (task.done_at.is_some() && changed.done_at.is_none());
                due.iter().filter(|_| again).try_for_each(|job| tx.enqueue(job).map(|_| ()))?;
                tx.task_update(tenant, &Task { updated_at: now, ..changed })?;
                let tasks = vec![TaskChanged { task: id, lead: task.lead }];
                let event = if finished { Event::TaskDone { tasks } } else { Event::TaskUpdated { tasks } };
                tx.emit(tenant, now, &event)?;
            }
            Ok::<_, lintel_store::Error>(true)
        });
        if write.await? { self.task(who, id).await } else { Err(Error::NotFound("task")) }
    }

    /// Removes a task.
    pub async fn task_delete(&self, who: &Principal, id: TaskId) -> Result<()> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let audit = self.audit_entry(who, "task.delete", id.to_string(), serde_json::json!({}), now);
        let write = self.0.store.write(move |tx| {
            let Some(lead) = tx.task_delete(tenant, id)? else { return Ok(false) };
            tx.emit(tenant, now, &Event::TaskDeleted { tasks: vec![TaskChanged { task: id, lead }] })?;
            tx.audit(tenant, &audit)?;
            Ok::<_, lintel_store::Error>(true)
        });
        if write.await? { Ok(()) } else { Err(Error::NotFound("task")) }
    }

    async fn task_views(&self, who: &Principal, tasks: Vec<Task>) -> Result<Vec<TaskView>> {
        let now = self.clock().now();
        let mut leads: Vec<LeadId> = tasks.iter().map(|task| task.lead).collect();
        leads.sort_unstable();
        leads.dedup();
        let leads = self.0.store.leads_by_ids(who.tenant, &leads).await?;
        let names: HashMap<LeadId, String> =
            leads.into_iter().filter_map(|lead| Some((lead.id, lead.facts.name?))).collect();
        let view = |task: Task| TaskView {
            lead_name: names.get(&task.lead).cloned(),
            overdue: task.done_at.is_none() && task.due_at.is_some_and(|due| due <= now),
            task,
        };
        Ok(tasks.into_iter().map(view).collect())
    }

    /// Refuses a user that the tenant does not have.
    async fn check_agent(&self, who: &Principal, user: Option<UserId>) -> Result<()> {
        if let Some(user) = user {
            let there = self.0.store.user_get(who.tenant, user).await?;
            there.ok_or_else(|| Error::invalid("/assignee", "unknown", "there is no such user"))?;
        }
        Ok(())
    }
}

fn patched(old: &Task, patch: &TaskPatch, now: Time) -> Task {
    let mut task = old.clone();
    if let Some(title) = &patch.title {
        task.title.clone_from(title);
    }
    task.due_at = patch.due_at.unwrap_or(task.due_at);
    task.assignee = patch.assignee.unwrap_or(task.assignee);
    task.done_at = match patch.done {
        Some(true) => task.done_at.or(Some(now)),
        Some(false) => None,
        None => task.done_at,
    };
    task
}

fn actor(who: &Principal) -> String {
    match who.actor {
        Actor::User(id) => format!("user:{id}"),
        Actor::Key(id) => format!("key:{id}"),
        Actor::System => "system".to_owned(),
    }
}

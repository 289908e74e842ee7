//! Notifications: a user's list, what was read of it, and the job that tells of a task when it is due.

use std::collections::HashMap;

use lintel_domain::{
    clock::Time,
    event::{Event, NotificationCreated},
    id::{JobId, LeadId, NotificationId, TaskId, TenantId, UserId},
    job::Job,
    notification::{Notification, NotificationKind},
    scope::{Actor, Role},
    task::Task,
};
use lintel_store::{
    Tx,
    job::{Claimed, NewJob},
};

use crate::{App, Listed, Paging, Principal, Result};

/// A notification as a user sees one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationView {
    /// The notification.
    pub notification: Notification,
    /// What it says.
    pub title: String,
}

/// A page of notifications.
#[derive(Clone, Debug)]
pub struct NotificationPage {
    /// The page, the newest first.
    pub listed: Listed<NotificationView>,
    /// How many the user has not read, on all pages.
    pub unread: u64,
}

/// Which notifications were read.
#[derive(Clone, Debug)]
pub enum ReadNotifications {
    /// These.
    Ids(Vec<NotificationId>),
    /// This one and all before it.
    UpTo(NotificationId),
}

impl App {
    /// The caller's notifications, the newest first. A program with a key has none.
    pub async fn notifications(&self, who: &Principal, unread: bool, paging: Paging) -> Result<NotificationPage> {
        let limit = paging.limit()?;
        let Actor::User(user) = who.actor else {
            return Ok(NotificationPage { listed: Listed { items: Vec::new(), next_cursor: None }, unread: 0 });
        };
        let name = format!("notifications {user} {unread}");
        let before = self.after(who, &name, &paging).await?.map(NotificationId);
        let rows = self.0.store.notifications(who.tenant, user, unread, before, limit + 1).await?;
        let ids: Vec<LeadId> = rows.iter().filter_map(|row| row.lead).collect();
        let leads = self.0.store.leads_by_ids(who.tenant, &ids).await?;
        let names: HashMap<LeadId, String> =
            leads.into_iter().filter_map(|lead| Some((lead.id, lead.facts.name?))).collect();
        let view = |notification: Notification| {
            let lead = notification.lead.and_then(|lead| names.get(&lead)).map_or("A lead", String::as_str);
            NotificationView { title: title(&notification, lead), notification }
        };
        let listed = self.listed(who, &name, limit, rows, |row| row.id.0, view).await?;
        Ok(NotificationPage { listed, unread: self.0.store.notifications_unread(who.tenant, user).await? })
    }

    /// Marks notifications of the caller as read; how many are left.
    pub async fn notifications_read(&self, who: &Principal, read: ReadNotifications) -> Result<u64> {
        let Actor::User(user) = who.actor else { return Ok(0) };
        let (tenant, now) = (who.tenant, self.clock().now());
        let write = self.0.store.write(move |tx| match &read {
            ReadNotifications::Ids(ids) => tx.notifications_read(tenant, user, ids, now),
            ReadNotifications::UpTo(last) => tx.notifications_read_up_to(tenant, user, *last, now),
        });
        write.await?;
        Ok(self.0.store.notifications_unread(tenant, user).await?)
    }

    /// The job that tells of a task when it is due; none of one without a time, or that is done.
    pub(crate) fn task_due_job(&self, tenant: TenantId, task: &Task, now: Time) -> Option<NewJob> {
        let due_at = task.due_at.filter(|_| task.done_at.is_none())?;
        let job = Job::TaskDue { task: task.id, due_at };
        Some(NewJob { run_at: due_at, ..NewJob::new(JobId(self.0.ids.next(now)), tenant, job, now) })
    }

    /// Tells whose task it is, if it is still open and due at that time: the notification and the end of the job are one commit.
    pub(crate) async fn job_task_due(&self, job: &Claimed, task: TaskId, due_at: Time) -> Result<()> {
        let (job, now, app) = (job.clone(), self.clock().now(), self.clone());
        let write = self.0.store.write(move |tx| {
            let task = tx.task_lock(job.tenant, task)?;
            let due = task.filter(|task| task.done_at.is_none() && task.due_at == Some(due_at));
            if let Some((task, user)) = due.and_then(|task| task.assignee.map(|user| (task, user))) {
                let told = Notice {
                    kind: NotificationKind::TaskDue,
                    lead: Some(task.lead),
                    subject: Some(task.id.0),
                    text: Some(task.title),
                };
                notify(tx, &app, job.tenant, &[(user, told)], now)?;
            }
            tx.job_done(&job, None, now)
        });
        Ok(write.await?)
    }

    /// The users who run the account.
    pub(crate) async fn administrators(&self, tenant: TenantId) -> Result<Vec<UserId>> {
        let users = self.0.store.users(tenant, None, 200).await?.into_iter();
        let runs = |role| matches!(role, Role::Owner | Role::Admin);
        Ok(users.filter(|user| runs(user.role) && user.disabled_at.is_none()).map(|user| user.id).collect())
    }
}

/// What somebody is to be told.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub(crate) kind: NotificationKind,
    pub(crate) lead: Option<LeadId>,
    pub(crate) subject: Option<uuid::Uuid>,
    pub(crate) text: Option<String>,
}

/// Stores notices and tells screens of them.
pub(crate) fn notify(
    tx: &mut Tx<'_>,
    app: &App,
    tenant: TenantId,
    notices: &[(UserId, Notice)],
    now: Time,
) -> lintel_store::Result<()> {
    if notices.is_empty() {
        return Ok(());
    }
    let new = |(user, Notice { kind, lead, subject, text }): &(UserId, Notice)| Notification {
        id: NotificationId(app.0.ids.next(now)),
        user: *user,
        kind: *kind,
        lead: *lead,
        subject: *subject,
        text: text.clone(),
        created_at: now,
        read_at: None,
    };
    let new: Vec<Notification> = notices.iter().map(new).collect();
    tx.notifications_add(tenant, &new)?;
    for chunk in new.chunks(lintel_domain::event::MAX_ITEMS) {
        let told = chunk.iter().map(|one| NotificationCreated { notification: one.id, user: one.user });
        tx.emit(tenant, now, &Event::NotificationCreated { notifications: told.collect() })?;
    }
    Ok(())
}

fn title(notification: &Notification, lead: &str) -> String {
    let text = notification.text.as_deref().unwrap_or_default();
    match notification.kind {
        NotificationKind::TaskDue => format!("Task due: {text}"),
        NotificationKind::LeadAssigned => format!("{lead} was handed to you"),
        NotificationKind::LeadHot => format!("{lead} is hot now"),
        NotificationKind::Behaviour => format!("{lead} {text}"),
        NotificationKind::HomesFound => format!("{text} for {lead}"),
        NotificationKind::ImportFinished => format!("Import finished: {text}"),
        NotificationKind::JobDead => format!("A job was given up: {text}"),
    }
}

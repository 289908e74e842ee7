//! Notifications: what a user should hear of although they are looking at something else.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    clock::Time,
    contact::words,
    id::{LeadId, NotificationId, UserId},
};

/// What a notification tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// A task of the user is due.
    TaskDue,
    /// A lead was handed to the user.
    LeadAssigned,
    /// A lead of the user has become hot.
    LeadHot,
    /// A lead of the user did what is worth a word at once.
    Behaviour,
    /// A saved search of a lead of the user found homes.
    HomesFound,
    /// An import came to its end.
    ImportFinished,
    /// A job was given up.
    JobDead,
}

words!(NotificationKind {
    TaskDue => "task_due",
    LeadAssigned => "lead_assigned",
    LeadHot => "lead_hot",
    Behaviour => "behaviour",
    HomesFound => "homes_found",
    ImportFinished => "import_finished",
    JobDead => "job_dead",
});

/// What one user is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its id; ids ascend with time.
    pub id: NotificationId,
    /// Who is told.
    pub user: UserId,
    /// Of what.
    pub kind: NotificationKind,
    /// The lead that it is about, with which it goes.
    pub lead: Option<LeadId>,
    /// The task, listing, saved search, import or job that it is about.
    pub subject: Option<Uuid>,
    /// What the subject is called, or what happened.
    pub text: Option<String>,
    /// When.
    pub created_at: Time,
    /// When the user has read it.
    pub read_at: Option<Time>,
}

//! Tasks: what the team has to do with a lead, by when, and who does it.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    contact::words,
    id::{LeadId, TaskId, UserId},
};

/// Whether a task is still to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// To be done.
    #[default]
    Open,
    /// Done.
    Done,
}

words!(TaskState { Open => "open", Done => "done" });

/// Something the team has to do with a lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// With whom.
    pub lead: LeadId,
    /// What.
    pub title: String,
    /// By when, if by any time.
    pub due_at: Option<Time>,
    /// Who does it.
    pub assignee: Option<UserId>,
    /// When it was done.
    pub done_at: Option<Time>,
    /// When it was written down.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
}

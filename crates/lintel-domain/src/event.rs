//! The events of the log. Each is a batch: one import of a thousand rows tells of them in one event.

use serde::{Deserialize, Serialize};

use crate::{
    analysis::{AnalysisKind, Subject},
    clock::Time,
    id::{
        AnalysisId, ImportId, InteractionId, JobId, LeadId, ListingId, ModelId, NotificationId, SavedSearchId, TaskId,
        UserId,
    },
    import::{ImportCounts, ImportKind},
    interaction::InteractionKind,
    job::Phase,
    listing::Status,
    market::MarketSlug,
    model::ModelKind,
    money::Money,
    saved_search::Why,
    trigger::Trigger,
};

/// The most items in one event.
pub const MAX_ITEMS: usize = 1000;

/// Something that happened, as every follower reads it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// Leads were stored for the first time.
    #[serde(rename = "lead.created")]
    LeadCreated {
        /// Which.
        leads: Vec<LeadId>,
    },
    /// Something known about leads changed.
    #[serde(rename = "lead.updated")]
    LeadUpdated {
        /// Which.
        leads: Vec<LeadId>,
    },
    /// Live scores changed.
    #[serde(rename = "lead.scored")]
    LeadScored {
        /// Which, and to what.
        scores: Vec<LeadScored>,
    },
    /// Leads were handed to an agent.
    #[serde(rename = "lead.assigned")]
    LeadAssigned {
        /// Which.
        leads: Vec<LeadId>,
    },
    /// Leads were removed with everything known about them.
    #[serde(rename = "lead.erased")]
    LeadErased {
        /// Which.
        leads: Vec<LeadId>,
    },
    /// A lead was merged into another: everything of it is that one's now.
    #[serde(rename = "lead.merged")]
    LeadMerged {
        /// The one that stays.
        lead: LeadId,
        /// The one that is there no more.
        from: LeadId,
    },
    /// A merge was taken back: both are there again.
    #[serde(rename = "lead.unmerged")]
    LeadUnmerged {
        /// The one that had stayed.
        lead: LeadId,
        /// The one that is back.
        from: LeadId,
    },
    /// Leads did something.
    #[serde(rename = "interaction.recorded")]
    InteractionRecorded {
        /// What and whose.
        interactions: Vec<InteractionRecorded>,
    },
    /// Notes about leads were written.
    #[serde(rename = "note.created")]
    NoteCreated {
        /// Which.
        notes: Vec<NoteChanged>,
    },
    /// Notes about leads were deleted: they stay in the timeline, without what they said.
    #[serde(rename = "note.deleted")]
    NoteDeleted {
        /// Which.
        notes: Vec<NoteChanged>,
    },
    /// Tasks were written down.
    #[serde(rename = "task.created")]
    TaskCreated {
        /// Which.
        tasks: Vec<TaskChanged>,
    },
    /// Tasks were changed, or opened again.
    #[serde(rename = "task.updated")]
    TaskUpdated {
        /// Which.
        tasks: Vec<TaskChanged>,
    },
    /// Tasks were done.
    #[serde(rename = "task.done")]
    TaskDone {
        /// Which.
        tasks: Vec<TaskChanged>,
    },
    /// Tasks were taken away.
    #[serde(rename = "task.deleted")]
    TaskDeleted {
        /// Which.
        tasks: Vec<TaskChanged>,
    },
    /// Listings were stored for the first time.
    #[serde(rename = "listing.created")]
    ListingCreated {
        /// Where.
        market: MarketSlug,
        /// Which.
        listings: Vec<ListingId>,
    },
    /// Something about listings changed besides price and status.
    #[serde(rename = "listing.updated")]
    ListingUpdated {
        /// Where.
        market: MarketSlug,
        /// Which.
        listings: Vec<ListingId>,
    },
    /// Asking prices changed.
    #[serde(rename = "listing.price_changed")]
    ListingPriceChanged {
        /// Where.
        market: MarketSlug,
        /// Which, from what, to what.
        changes: Vec<PriceChanged>,
    },
    /// Statuses changed.
    #[serde(rename = "listing.status_changed")]
    ListingStatusChanged {
        /// Where.
        market: MarketSlug,
        /// Which, from what, to what.
        changes: Vec<StatusChanged>,
    },
    /// Listings were taken out again, by undoing the import that brought them.
    #[serde(rename = "listing.removed")]
    ListingRemoved {
        /// Where.
        market: MarketSlug,
        /// Which.
        listings: Vec<ListingId>,
    },
    /// Changed listings are what saved searches look for, or are homes that leads saved and that got cheaper.
    #[serde(rename = "match.found")]
    MatchFound {
        /// Where.
        market: MarketSlug,
        /// For whom, which, and why.
        matches: Vec<MatchFound>,
    },
    /// Leads did what somebody should know of at once.
    #[serde(rename = "behaviour.triggered")]
    BehaviourTriggered {
        /// Who, and what.
        triggers: Vec<BehaviourTriggered>,
    },
    /// Users were told something.
    #[serde(rename = "notification.created")]
    NotificationCreated {
        /// Who, and where it stands.
        notifications: Vec<NotificationCreated>,
    },
    /// A job that takes long got further; told about once a second.
    #[serde(rename = "job.progress")]
    JobProgress {
        /// Which.
        job: JobId,
        /// Its kind.
        kind: String,
        /// What it is at.
        phase: Phase,
        /// How much of it is done, 0 to 1.
        done: f64,
    },
    /// A job was given up.
    #[serde(rename = "job.dead")]
    JobDead {
        /// Which.
        job: JobId,
        /// Its kind.
        kind: String,
    },
    /// A job was ended before it was done, because somebody asked for it.
    #[serde(rename = "job.cancelled")]
    JobCancelled {
        /// Which.
        job: JobId,
        /// Its kind.
        kind: String,
    },
    /// An import took more rows; told about once a second.
    #[serde(rename = "import.progress")]
    ImportProgress {
        /// Which.
        import: ImportId,
        /// How it went so far.
        counts: ImportCounts,
        /// Bytes of the file that were read.
        bytes: u64,
        /// Bytes of the file, if known.
        total_bytes: Option<u64>,
    },
    /// An import came to its end.
    #[serde(rename = "import.finished")]
    ImportFinished {
        /// Which.
        import: ImportId,
        /// What it brought.
        kind: ImportKind,
        /// How it went.
        counts: ImportCounts,
    },
    /// A model took over.
    #[serde(rename = "model.promoted")]
    ModelPromoted {
        /// Which.
        model: ModelId,
        /// What it predicts.
        kind: ModelKind,
        /// For which market; all when absent.
        market: Option<MarketSlug>,
    },
    /// An analysis was calculated.
    #[serde(rename = "analysis.finished")]
    AnalysisFinished {
        /// Which.
        analysis: AnalysisId,
        /// Which calculation.
        kind: AnalysisKind,
        /// About what.
        subject: Subject,
    },
}

/// One lead's new score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadScored {
    /// Whose.
    pub lead: LeadId,
    /// The calibrated probability, 0 to 1.
    pub probability: f64,
    /// Whether the lead was hot by it; absent from events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hot: Option<bool>,
}

/// One interaction that was stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InteractionRecorded {
    /// Whose.
    pub lead: LeadId,
    /// Which.
    pub interaction: InteractionId,
    /// Its kind.
    pub kind: InteractionKind,
    /// When it happened; absent from events of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
}

/// One note that something happened to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoteChanged {
    /// Which: an item of the lead's timeline.
    pub note: InteractionId,
    /// About whom.
    pub lead: LeadId,
}

/// One task that something happened to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskChanged {
    /// Which.
    pub task: TaskId,
    /// With whom.
    pub lead: LeadId,
}

/// One notification of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotificationCreated {
    /// Which.
    pub notification: NotificationId,
    /// Who is told.
    pub user: UserId,
}

/// One listing's new price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriceChanged {
    /// Which.
    pub listing: ListingId,
    /// The asking price before.
    pub from: Option<Money>,
    /// The asking price now.
    pub to: Option<Money>,
}

/// One listing's new status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusChanged {
    /// Which.
    pub listing: ListingId,
    /// The status before.
    pub from: Status,
    /// The status now.
    pub to: Status,
}

/// Listings that were found for one saved search, or for one lead among the homes it saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatchFound {
    /// The search that found them; absent when they are homes that the lead saved.
    pub search: Option<SavedSearchId>,
    /// Whose search it is, if somebody's, or who saved the homes.
    pub lead: Option<LeadId>,
    /// Why they were found.
    pub why: Why,
    /// Which.
    pub listings: Vec<ListingId>,
    /// How many more were found at the same time and are not named.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: u32,
}

/// Something that one lead did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BehaviourTriggered {
    /// Whose doing.
    pub lead: LeadId,
    /// What was done.
    pub trigger: Trigger,
    /// The home it is about.
    pub listing: Option<ListingId>,
    /// When it happened.
    pub at: Time,
    /// How many visits, homes or views there were by then, or days away; else 1.
    pub n: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Event {
    /// The event's type, as clients know it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::LeadCreated { .. } => "lead.created",
            Self::LeadUpdated { .. } => "lead.updated",
            Self::LeadScored { .. } => "lead.scored",
            Self::LeadAssigned { .. } => "lead.assigned",
            Self::LeadErased { .. } => "lead.erased",
            Self::LeadMerged { .. } => "lead.merged",
            Self::LeadUnmerged { .. } => "lead.unmerged",
            Self::InteractionRecorded { .. } => "interaction.recorded",
            Self::NoteCreated { .. } => "note.created",
            Self::NoteDeleted { .. } => "note.deleted",
            Self::TaskCreated { .. } => "task.created",
            Self::TaskUpdated { .. } => "task.updated",
            Self::TaskDone { .. } => "task.done",
            Self::TaskDeleted { .. } => "task.deleted",
            Self::ListingCreated { .. } => "listing.created",
            Self::ListingUpdated { .. } => "listing.updated",
            Self::ListingPriceChanged { .. } => "listing.price_changed",
            Self::ListingStatusChanged { .. } => "listing.status_changed",
            Self::ListingRemoved { .. } => "listing.removed",
            Self::MatchFound { .. } => "match.found",
            Self::BehaviourTriggered { .. } => "behaviour.triggered",
            Self::NotificationCreated { .. } => "notification.created",
            Self::JobProgress { .. } => "job.progress",
            Self::JobDead { .. } => "job.dead",
            Self::JobCancelled { .. } => "job.cancelled",
            Self::ImportProgress { .. } => "import.progress",
            Self::ImportFinished { .. } => "import.finished",
            Self::ModelPromoted { .. } => "model.promoted",
            Self::AnalysisFinished { .. } => "analysis.finished",
        }
    }

    /// The leads of which something changed.
    pub fn leads(&self) -> Vec<LeadId> {
        match self {
            Self::LeadCreated { leads }
            | Self::LeadUpdated { leads }
            | Self::LeadAssigned { leads }
            | Self::LeadErased { leads } => leads.clone(),
            Self::LeadMerged { lead, from } | Self::LeadUnmerged { lead, from } => vec![*lead, *from],
            Self::LeadScored { scores } => scores.iter().map(|one| one.lead).collect(),
            Self::InteractionRecorded { interactions } => interactions.iter().map(|one| one.lead).collect(),
            Self::NoteCreated { notes } | Self::NoteDeleted { notes } => notes.iter().map(|one| one.lead).collect(),
            Self::TaskCreated { tasks }
            | Self::TaskUpdated { tasks }
            | Self::TaskDone { tasks }
            | Self::TaskDeleted { tasks } => tasks.iter().map(|one| one.lead).collect(),
            _ => Vec::new(),
        }
    }

    /// How many things it tells of.
    pub fn items(&self) -> usize {
        match self {
            Self::LeadCreated { leads }
            | Self::LeadUpdated { leads }
            | Self::LeadAssigned { leads }
            | Self::LeadErased { leads } => leads.len(),
            Self::LeadScored { scores } => scores.len(),
            Self::InteractionRecorded { interactions } => interactions.len(),
            Self::NoteCreated { notes } | Self::NoteDeleted { notes } => notes.len(),
            Self::TaskCreated { tasks }
            | Self::TaskUpdated { tasks }
            | Self::TaskDone { tasks }
            | Self::TaskDeleted { tasks } => tasks.len(),
            Self::ListingCreated { listings, .. }
            | Self::ListingUpdated { listings, .. }
            | Self::ListingRemoved { listings, .. } => listings.len(),
            Self::ListingPriceChanged { changes, .. } => changes.len(),
            Self::ListingStatusChanged { changes, .. } => changes.len(),
            Self::MatchFound { matches, .. } => matches.iter().map(|one| 1 + one.listings.len()).sum(),
            Self::BehaviourTriggered { triggers } => triggers.len(),
            Self::NotificationCreated { notifications } => notifications.len(),
            Self::LeadMerged { .. }
            | Self::LeadUnmerged { .. }
            | Self::JobProgress { .. }
            | Self::JobDead { .. }
            | Self::JobCancelled { .. }
            | Self::ImportProgress { .. }
            | Self::ImportFinished { .. }
            | Self::ModelPromoted { .. }
            | Self::AnalysisFinished { .. } => 1,
        }
    }

    /// The market it happened in, if in one.
    pub fn market(&self) -> Option<&MarketSlug> {
        match self {
            Self::ListingCreated { market, .. }
            | Self::ListingUpdated { market, .. }
            | Self::ListingPriceChanged { market, .. }
            | Self::ListingStatusChanged { market, .. }
            | Self::ListingRemoved { market, .. }
            | Self::MatchFound { market, .. } => Some(market),
            Self::ModelPromoted { market, .. } => market.as_ref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_the_type_in_the_body() {
        let event = Event::JobDead { job: JobId(uuid::Uuid::nil()), kind: "train".into() };
        let body = serde_json::to_value(&event).unwrap();
        assert_eq!(body["type"], event.kind());
        assert_eq!(serde_json::from_value::<Event>(body).unwrap(), event);
    }
}

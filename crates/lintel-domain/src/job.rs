//! Work that is done later: each job is small, can be done twice without harm, and is stored with the change that caused it.

use serde::{Deserialize, Serialize};

use crate::{
    analysis::{AnalysisInputs, AnalysisKind, Subject},
    clock::Time,
    id::{ImportId, LeadId, ListingId, TaskId},
    market::MarketSlug,
    model::ModelKind,
};

/// A unit of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Score these leads again.
    ScoreLeads {
        /// Which; at most a thousand.
        leads: Vec<LeadId>,
    },
    /// Say in detail how likely leads are to be won, and what changed; the answer is the job's result.
    AnalyzeLeads {
        /// Which; at most a thousand.
        leads: Vec<LeadId>,
    },
    /// Score every lead of the tenant again, in pages.
    RescoreAll {
        /// The last lead of the page before.
        after: Option<LeadId>,
        /// How many leads the pages before had.
        #[serde(default)]
        done: u64,
        /// How many there were when it began.
        #[serde(default)]
        of: u64,
        /// Whether a score that hardly moved stays as it is: for scores that only grew older.
        #[serde(default)]
        moved_only: bool,
    },
    /// Train a model from the store, evaluate it, and promote it when it is better.
    Train {
        /// What it predicts.
        model: ModelKind,
        /// For which market; needed for prices.
        market: Option<MarketSlug>,
    },
    /// See whether a live model is to be trained again, or to be moved by recent outcomes, and whether its world has
    /// drifted; then again a while later.
    ReviewModel {
        /// What it predicts.
        model: ModelKind,
        /// For which market; needed for prices.
        market: Option<MarketSlug>,
    },
    /// Run an uploaded import.
    RunImport {
        /// Which.
        import: ImportId,
    },
    /// Apply the events of others that wait, in the order in which they came.
    ApplyHooks,
    /// Freeze estimates of homes of a market that are for sale and have none yet, some at a time.
    FreezeEstimates {
        /// Where.
        market: MarketSlug,
        /// The last listing that was looked at.
        after: Option<ListingId>,
    },
    /// Tell whose task it is that it is due, if it is still open and due at this time.
    TaskDue {
        /// Which.
        task: TaskId,
        /// When it is due.
        due_at: Time,
    },
    /// Calculate an analysis; its id is the job's.
    RunAnalysis {
        /// Which calculation.
        analysis: AnalysisKind,
        /// About what.
        subject: Subject,
        /// What was given to it.
        inputs: AnalysisInputs,
    },
}

/// What a job that takes long is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Reading what it learns from.
    Reading,
    /// Learning a model.
    Learning,
    /// Repeating the recipe on the past, to see what the model is worth.
    Judging,
    /// Comparing it with the one in place.
    Comparing,
    /// Scoring leads.
    Scoring,
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 5] = [Self::Reading, Self::Learning, Self::Judging, Self::Comparing, Self::Scoring];

    /// Its word in the database and at the edge.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Learning => "learning",
            Self::Judging => "judging",
            Self::Comparing => "comparing",
            Self::Scoring => "scoring",
        }
    }

    /// The phase of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == word)
    }
}

impl Job {
    /// The first page of scoring every lead again.
    pub fn rescore_all(moved_only: bool) -> Self {
        Self::RescoreAll { after: None, done: 0, of: 0, moved_only }
    }

    /// The name under which it is counted.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ApplyHooks => "apply_hooks",
            Self::ScoreLeads { .. } => "score_leads",
            Self::AnalyzeLeads { .. } => "analyze_leads",
            Self::RescoreAll { .. } => "rescore_all",
            Self::Train { .. } => "train",
            Self::ReviewModel { .. } => "review_model",
            Self::RunImport { .. } => "run_import",
            Self::FreezeEstimates { .. } => "freeze_estimates",
            Self::TaskDue { .. } => "task_due",
            Self::RunAnalysis { .. } => "run_analysis",
        }
    }

    /// Jobs with the same key of one tenant never run at the same time.
    pub fn exclusive_key(&self) -> Option<String> {
        match self {
            Self::ScoreLeads { .. } | Self::AnalyzeLeads { .. } | Self::TaskDue { .. } | Self::RunAnalysis { .. } => {
                None
            }
            // A new round does not coalesce with the rest of an older one, which began with an older model.
            Self::RescoreAll { after: None, .. } => Some("rescore_all".to_owned()),
            Self::RescoreAll { after: Some(_), .. } => Some("rescore_page".to_owned()),
            Self::Train { model, market } => {
                Some(format!("train:{model}:{}", market.as_ref().map_or("", MarketSlug::as_str)))
            }
            Self::ReviewModel { model, market } => {
                Some(format!("review:{model}:{}", market.as_ref().map_or("", MarketSlug::as_str)))
            }
            // One round at a time: one that waits at its beginning finds what a later place would find.
            Self::FreezeEstimates { market, .. } => Some(format!("freeze:{market}")),
            Self::RunImport { import } => Some(format!("import:{import}")),
            Self::ApplyHooks => Some("hooks".to_owned()),
        }
    }
}

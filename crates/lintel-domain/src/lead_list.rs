//! Which leads a list asks for, and in which order.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    clock::Time,
    contact::words,
    desk::Situation,
    id::{LeadId, UserId},
    lead::Outcome,
    market::MarketSlug,
    page::KeyValue,
};

/// Conditions that all hold; an absent one does not matter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadFilter {
    /// Only with a live score of at least this.
    pub score_from: Option<f64>,
    /// Only with a live score below this.
    pub score_below: Option<f64>,
    /// Only of this market.
    pub market: Option<MarketSlug>,
    /// Only of this agent.
    pub assignee: Option<UserId>,
    /// Only at this stage.
    pub stage: Option<String>,
    /// Only from this source.
    pub source: Option<String>,
    /// Only with this outcome.
    pub outcome: Option<Outcome>,
    /// Only with this label.
    pub tag: Option<String>,
    /// Only whose name, address, number or outside id holds this text, whatever the case.
    pub q: Option<String>,
}

impl LeadFilter {
    /// Whether a condition beside market, agent and score may leave few of many.
    pub fn is_narrow(&self) -> bool {
        let Self { stage, source, outcome, tag, q, .. } = self;
        stage.is_some() || source.is_some() || outcome.is_some() || tag.is_some() || q.is_some()
    }

    /// Whether the tables have these leads in this order, so that a page of them is found without looking at others.
    pub fn is_ordered(&self, sort: LeadSort) -> bool {
        let tier = self.score_from.is_some() || self.score_below.is_some();
        let place = self.market.is_some() || self.assignee.is_some();
        !self.is_narrow()
            && match sort.key {
                LeadSortKey::Score => true,
                LeadSortKey::LastInteractionAt => !tier,
                LeadSortKey::CreatedAt | LeadSortKey::Name => !tier && !place,
            }
    }

    /// The text looked for as it is compared: trimmed and in lower case; none when nothing is left of it.
    pub fn needle(&self) -> Option<String> {
        self.q.as_deref().map(|q| q.trim().to_lowercase()).filter(|q| !q.is_empty())
    }
}

/// What a list of leads is ordered by; leads without a value come last, and the id breaks ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeadSort {
    /// By what.
    pub key: LeadSortKey,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// A value that leads are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadSortKey {
    /// The live score.
    Score,
    /// When anything last happened with the lead.
    LastInteractionAt,
    /// When it appeared.
    CreatedAt,
    /// Its name in lower case.
    Name,
}

impl LeadSort {
    /// Reads `score`, `last_interaction_at`, `created_at` or `name`, with `-` in front for descending.
    pub fn parse(word: &str) -> Option<Self> {
        let (word, descending) = word.strip_prefix('-').map_or((word, false), |word| (word, true));
        let key = match word {
            "score" => LeadSortKey::Score,
            "last_interaction_at" => LeadSortKey::LastInteractionAt,
            "created_at" => LeadSortKey::CreatedAt,
            "name" => LeadSortKey::Name,
            _ => return None,
        };
        Some(Self { key, descending })
    }

    /// Before the first row that has a value.
    pub fn start(self) -> KeyValue {
        match (self.key, self.descending) {
            (LeadSortKey::Score, true) => KeyValue::Real(2.0),
            (LeadSortKey::Score, false) => KeyValue::Real(-1.0),
            (LeadSortKey::LastInteractionAt | LeadSortKey::CreatedAt, true) => KeyValue::Int(i64::MAX),
            (LeadSortKey::LastInteractionAt | LeadSortKey::CreatedAt, false) => KeyValue::Int(i64::MIN),
            (LeadSortKey::Name, true) => KeyValue::Text("\u{10FFFF}".repeat(8)),
            (LeadSortKey::Name, false) => KeyValue::Text(String::new()),
        }
    }

    /// Before the first id.
    pub fn start_id(self) -> Uuid {
        if self.descending { Uuid::max() } else { Uuid::nil() }
    }
}

/// A lead as far as lists are filtered, counted and ordered by it.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// Which lead.
    pub id: LeadId,
    /// The market it looks in.
    pub market: Option<MarketSlug>,
    /// The agent who works on it.
    pub assignee: Option<UserId>,
    /// Where it stands in the team's own pipeline.
    pub stage: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// Its labels.
    pub tags: Vec<String>,
    /// Everything it is known by, in lower case, one on a line.
    pub words: String,
    /// Its name as lists are ordered by it.
    pub name_key: Option<String>,
    /// Its telephone number.
    pub phone: Option<String>,
    /// Its live score.
    pub score: Option<f64>,
    /// When anything last happened with it.
    pub last_interaction_at: Option<Time>,
    /// What its next step follows from.
    pub situation: Situation,
    /// Until when it is put off.
    pub snoozed_until: Option<Time>,
}

/// Which leads of a list are meant, by whether they are put off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Snoozed {
    /// Those that are not.
    #[default]
    Hide,
    /// Those that are.
    Only,
    /// All of them.
    Include,
}

words!(Snoozed { Hide => "hide", Only => "only", Include => "include" });

impl Snoozed {
    /// Whether a lead that is put off until a time is meant.
    pub fn means(self, until: Option<Time>, now: Time) -> bool {
        let snoozed = until.is_some_and(|until| until > now);
        match self {
            Self::Hide => !snoozed,
            Self::Only => snoozed,
            Self::Include => true,
        }
    }
}

/// How many leads of a list stand where. Those that are put off count as such and nowhere else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeadCounts {
    /// Hot ones.
    pub hot: u64,
    /// Warm ones.
    pub warm: u64,
    /// Cool ones.
    pub cool: u64,
    /// Those without a score yet.
    pub unscored: u64,
    /// Those that wait for a next step that is due.
    pub follow_up: u64,
    /// Those that are put off.
    pub snoozed: u64,
    /// All others.
    pub total: u64,
}

//! A person who may buy or sell.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    contact::words,
    desk::Dealings,
    fingerprint::{Canon, Fingerprint},
    id::{LeadId, UserId},
    listing::Provenance,
    market::MarketSlug,
    preference::Preferences,
    scalar::Fields,
};

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Bought, sold or signed.
    Won,
    /// Went elsewhere or gave up.
    Lost,
}

words!(Outcome { Won => "won", Lost => "lost" });

/// How urgent a lead is among the tenant's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// At or above the 80th percentile of live scores.
    Hot,
    /// At or above the median of live scores.
    Warm,
    /// The rest.
    Cool,
}

words!(Tier { Hot => "hot", Warm => "warm", Cool => "cool" });

/// What is known about a lead.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadFacts {
    /// The id in the customer-relationship system or file it came from.
    pub external_id: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Where the lead came from, such as a portal or a referral.
    pub source: Option<String>,
    /// Where it stands in the team's own pipeline.
    pub stage: Option<String>,
    /// The agent who works on it.
    pub assignee: Option<UserId>,
    /// The market it looks in.
    pub market: Option<MarketSlug>,
    /// What it looks for.
    pub preferences: Preferences,
    /// The team's own labels, sorted, each once.
    pub tags: Vec<String>,
    /// Custom fields by stable key.
    pub custom: Fields,
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// When it ended.
    pub outcome_at: Option<Time>,
    /// When it first appeared at its source; the time of storing when the source does not say.
    pub created_at: Option<Time>,
    /// How the record came to be here.
    pub provenance: Provenance,
}

impl LeadFacts {
    /// A lead of which nothing is known yet.
    pub fn new(provenance: Provenance) -> Self {
        Self {
            external_id: None,
            name: None,
            email: None,
            phone: None,
            source: None,
            stage: None,
            assignee: None,
            market: None,
            preferences: Preferences::default(),
            tags: Vec::new(),
            custom: Fields::new(),
            outcome: None,
            outcome_at: None,
            created_at: None,
            provenance,
        }
    }

    /// Everything the person is known by, in lower case, one on a line: what free-text search looks into.
    pub fn words(&self) -> String {
        let parts = [&self.name, &self.email, &self.phone, &self.external_id];
        parts.into_iter().flatten().map(|part| part.to_lowercase()).collect::<Vec<_>>().join("\n")
    }

    /// The name as lists are ordered by it.
    pub fn name_key(&self) -> Option<String> {
        self.name.as_deref().map(|name| name.trim().to_lowercase())
    }

    /// Changes exactly when something known about the lead changes.
    pub fn fingerprint(&self) -> Fingerprint {
        let preferences = serde_json::to_string(&self.preferences).unwrap_or_default();
        let assignee = self.assignee.map(|id| id.to_string());
        let mut canon = Canon::default();
        canon
            .text(self.external_id.as_deref())
            .text(self.name.as_deref())
            .text(self.email.as_deref())
            .text(self.phone.as_deref())
            .text(self.source.as_deref())
            .text(self.stage.as_deref())
            .text(assignee.as_deref())
            .text(self.market.as_ref().map(MarketSlug::as_str))
            .text(Some(&preferences))
            .texts(&self.tags)
            .fields(&self.custom)
            .text(self.outcome.map(Outcome::as_str))
            .int(self.outcome_at.map(|t| t.0))
            .int(self.created_at.map(|t| t.0))
            .text(Some(self.provenance.as_str()));
        canon.finish()
    }
}

/// A lead as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Lead {
    /// Its id.
    pub id: LeadId,
    /// What is known about it.
    pub facts: LeadFacts,
    /// The live score: the calibrated probability of winning it, 0 to 1.
    pub score: Option<f64>,
    /// When the live score was made.
    pub scored_at: Option<Time>,
    /// The probability that it goes silent, 0 to 1, as of the live score; absent without a model of it.
    pub churn: Option<f64>,
    /// The strongest reason for the live score, in words; absent when nothing speaks for it.
    pub top_reason: Option<String>,
    /// When it last did something.
    pub last_interaction_at: Option<Time>,
    /// What it and the team last did towards each other.
    pub dealings: Dealings,
    /// When the team first reached out.
    pub first_contacted_at: Option<Time>,
    /// When it first became hot.
    pub first_hot_at: Option<Time>,
    /// When its earliest open task is due.
    pub task_due_at: Option<Time>,
    /// Until when it is put off: lists leave it out unless asked.
    pub snoozed_until: Option<Time>,
    /// Counts the changes, from 1.
    pub version: i64,
    /// When it was first stored, or appeared at its source.
    pub created_at: Time,
    /// When it was last changed here.
    pub updated_at: Time,
}

impl Lead {
    /// A lead that is stored now, of which nothing but its facts is known yet.
    pub fn new(id: LeadId, facts: LeadFacts, now: Time) -> Self {
        Self {
            id,
            created_at: facts.created_at.unwrap_or(now),
            facts,
            score: None,
            scored_at: None,
            churn: None,
            top_reason: None,
            last_interaction_at: None,
            dealings: Dealings::default(),
            first_contacted_at: None,
            first_hot_at: None,
            task_due_at: None,
            snoozed_until: None,
            version: 1,
            updated_at: now,
        }
    }
}

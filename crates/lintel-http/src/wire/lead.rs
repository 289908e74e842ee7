//! Leads on the wire.
#![expect(clippy::option_option, reason = "absent, null and given are three things in a patch")]

use std::collections::BTreeMap;

use lintel_app::{LeadPatch, LeadView, NewLead};
use lintel_domain::{
    clock::Time,
    contact::Consent,
    desk::{NextStep, NextStepCode},
    id::{LeadId, UserId},
    lead::{LeadFacts, Outcome, Tier},
    listing::Provenance,
    market::MarketSlug,
    preference::Preferences,
    scalar::{Fields, Scalar},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Check, check_preferences, given, shapes};
use crate::error::Result;

/// A lead to be created.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"external_id": "crm-1", "name": "Ada Example", "email": "ada@example.com", "source": "portal", "market": "king-county", "preferences": {"price": {"max": 650000}, "bedrooms": {"min": 3}}, "custom": {"budget_confirmed": true}}))]
pub(crate) struct LeadIn {
    /// The id in the system it came from; taken ones are a conflict.
    #[schema(min_length = 1, max_length = 200)]
    external_id: Option<String>,
    /// Name.
    #[schema(min_length = 1, max_length = 500)]
    name: Option<String>,
    /// E-mail address.
    #[schema(min_length = 1, max_length = 320)]
    email: Option<String>,
    /// Telephone number.
    #[schema(min_length = 1, max_length = 64)]
    phone: Option<String>,
    /// Where it came from, such as a portal.
    #[schema(min_length = 1, max_length = 200)]
    source: Option<String>,
    /// Where it stands in the team's own pipeline.
    #[schema(min_length = 1, max_length = 200)]
    stage: Option<String>,
    /// The agent who works on it.
    #[schema(value_type = Option<uuid::Uuid>)]
    assignee: Option<UserId>,
    /// The market it looks in.
    #[schema(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    /// What it looks for.
    #[schema(value_type = Option<shapes::Preferences>)]
    preferences: Option<Preferences>,
    /// The team's own labels.
    tags: Vec<String>,
    /// Custom fields by stable key; null is the same as absent.
    #[schema(value_type = shapes::FreeChanges)]
    custom: BTreeMap<String, Option<Scalar>>,
    /// How it ended.
    #[schema(value_type = Option<shapes::Outcome>)]
    outcome: Option<Outcome>,
    /// When it ended.
    #[schema(value_type = Option<shapes::Time>)]
    outcome_at: Option<Time>,
    /// What the person agreed to.
    #[schema(value_type = Vec<shapes::Consent>)]
    consent: Vec<Consent>,
}

impl LeadIn {
    /// The lead, if every field can be accepted.
    pub(crate) fn check(self) -> Result<NewLead> {
        let mut check = Check::default();
        texts(
            &mut check,
            [&self.external_id, &self.name, &self.email, &self.phone, &self.source, &self.stage].map(Option::as_deref),
        );
        check.texts("/tags", &self.tags, 100, 100);
        check.named("/custom", self.custom.iter().map(|(name, value)| (name.as_str(), value.as_ref())));
        consents(&mut check, &self.consent);
        let preferences = self.preferences.unwrap_or_default();
        check_preferences(&mut check, "/preferences", &preferences);
        check.end()?;
        let facts = LeadFacts {
            external_id: self.external_id,
            name: self.name,
            email: self.email,
            phone: self.phone,
            source: self.source,
            stage: self.stage,
            assignee: self.assignee,
            market: self.market,
            preferences,
            tags: self.tags,
            custom: self.custom.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
            outcome: self.outcome,
            outcome_at: self.outcome_at,
            created_at: None,
            provenance: Provenance::Api,
        };
        Ok(NewLead { id: None, facts, consent: self.consent })
    }
}

/// Changes to a lead: a field that is absent stays, one that is null is cleared.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"stage": "viewing", "tags": ["vip"], "custom": {"old_field": null}}))]
pub(crate) struct LeadPatchIn {
    /// The id in the system it came from.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    external_id: Option<Option<String>>,
    /// Name.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    name: Option<Option<String>>,
    /// E-mail address.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 320)]
    email: Option<Option<String>>,
    /// Telephone number.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    phone: Option<Option<String>>,
    /// Where it came from.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    source: Option<Option<String>>,
    /// Where it stands in the team's own pipeline.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    stage: Option<Option<String>>,
    /// The agent who works on it.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<uuid::Uuid>)]
    assignee: Option<Option<UserId>>,
    /// The market it looks in.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<shapes::Slug>)]
    market: Option<Option<MarketSlug>>,
    /// What it looks for; replaces.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<shapes::Preferences>)]
    preferences: Option<Option<Preferences>>,
    /// The team's own labels; replaces.
    tags: Option<Vec<String>>,
    /// Custom fields: each named one is set, or cleared by null.
    #[schema(value_type = shapes::FreeChanges)]
    custom: BTreeMap<String, Option<Scalar>>,
    /// How it ended.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<shapes::Outcome>)]
    outcome: Option<Option<Outcome>>,
    /// When it ended.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<shapes::Time>)]
    outcome_at: Option<Option<Time>>,
    /// Until when it is put off: lists leave it out unless asked, and it comes back by itself when the lead asks something.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<shapes::Time>)]
    snoozed_until: Option<Option<Time>>,
    /// Consent records to append.
    #[schema(value_type = Vec<shapes::Consent>)]
    consent: Vec<Consent>,
}

impl LeadPatchIn {
    /// The changes, if every field can be accepted.
    pub(crate) fn check(self) -> Result<LeadPatch> {
        let mut check = Check::default();
        let inner = |field: &Option<Option<String>>| field.clone().flatten();
        let given = [&self.external_id, &self.name, &self.email, &self.phone, &self.source, &self.stage].map(inner);
        texts(&mut check, given.each_ref().map(Option::as_deref));
        if let Some(tags) = &self.tags {
            check.texts("/tags", tags, 100, 100);
        }
        check.named("/custom", self.custom.iter().map(|(name, value)| (name.as_str(), value.as_ref())));
        consents(&mut check, &self.consent);
        let preferences = self.preferences.map(Option::unwrap_or_default);
        if let Some(preferences) = &preferences {
            check_preferences(&mut check, "/preferences", preferences);
        }
        check.end()?;
        Ok(LeadPatch {
            external_id: self.external_id,
            name: self.name,
            email: self.email,
            phone: self.phone,
            source: self.source,
            stage: self.stage,
            assignee: self.assignee,
            market: self.market,
            preferences,
            tags: self.tags,
            custom: self.custom.into_iter().collect(),
            outcome: self.outcome,
            outcome_at: self.outcome_at,
            snoozed_until: self.snoozed_until,
            consent: self.consent,
        })
    }
}

/// External id, name, e-mail, phone, source, stage.
fn texts(check: &mut Check, fields: [Option<&str>; 6]) {
    let bounds =
        [("/external_id", 200), ("/name", 500), ("/email", 320), ("/phone", 64), ("/source", 200), ("/stage", 200)];
    for ((pointer, max), text) in bounds.into_iter().zip(fields) {
        check.text(pointer, text, max);
    }
}

fn consents(check: &mut Check, consents: &[Consent]) {
    if consents.len() > 100 {
        check.refuse("/consent", "too_many", "must have at most 100 items");
    }
    for (index, consent) in consents.iter().enumerate() {
        check.text(&format!("/consent/{index}/source"), consent.source.as_deref(), 500);
        check.text(&format!("/consent/{index}/text"), consent.text.as_deref(), 10_000);
    }
}

/// What is to be done next with a lead, by the first of these rules that holds: a task is overdue; it asked and nobody answered;
/// a task is planned; nobody ever reached out; it came back after 14 days or more; it is hot and nobody reached out for 7 days.
#[derive(Debug, Serialize, ToSchema)]
struct NextStepOut {
    #[schema(value_type = shapes::NextStepCode)]
    code: NextStepCode,
    /// The same in words.
    label: &'static str,
    /// By when, where the step has such a time.
    #[schema(value_type = Option<shapes::Time>)]
    due_at: Option<Time>,
}

impl From<NextStep> for NextStepOut {
    fn from(NextStep { code, due_at, .. }: NextStep) -> Self {
        Self { code, label: code.label(), due_at }
    }
}

/// A lead.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeadOut {
    #[schema(value_type = uuid::Uuid)]
    pub(crate) id: LeadId,
    external_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    source: Option<String>,
    stage: Option<String>,
    #[schema(value_type = Option<uuid::Uuid>)]
    assignee: Option<UserId>,
    #[schema(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    #[schema(value_type = shapes::Preferences)]
    preferences: Preferences,
    tags: Vec<String>,
    #[schema(value_type = shapes::FreeFields)]
    custom: Fields,
    #[schema(value_type = Option<shapes::Outcome>)]
    outcome: Option<Outcome>,
    #[schema(value_type = Option<shapes::Time>)]
    outcome_at: Option<Time>,
    #[schema(value_type = shapes::Time)]
    created_at: Time,
    #[schema(value_type = shapes::Time)]
    updated_at: Time,
    #[schema(value_type = Option<shapes::Time>)]
    last_interaction_at: Option<Time>,
    /// The live score, 0 to 100: the calibrated probability of winning the lead, times 100.
    score: Option<f64>,
    #[schema(value_type = Option<shapes::Time>)]
    scored_at: Option<Time>,
    /// The probability that the lead goes silent for 30 days, 0 to 1, as of the live score; null without a model of it.
    churn: Option<f64>,
    #[schema(value_type = Option<shapes::Tier>)]
    tier: Option<Tier>,
    /// The strongest reason for the live score, in words; null when nothing speaks for the lead, or it was not scored yet.
    top_reason: Option<String>,
    /// What is to be done next; null when nothing is.
    next_step: Option<NextStepOut>,
    /// Since when the lead waits for the next step.
    #[schema(value_type = Option<shapes::Time>)]
    waiting_since: Option<Time>,
    /// Until when it is put off.
    #[schema(value_type = Option<shapes::Time>)]
    snoozed_until: Option<Time>,
    /// The lead that this one was merged into: it is there no more, and stands here as it was then. Else null.
    #[schema(value_type = Option<uuid::Uuid>)]
    merged_into: Option<LeadId>,
    provenance: &'static str,
    /// Counts the changes, from 1; also the `ETag`.
    pub(crate) version: i64,
}

impl From<LeadView> for LeadOut {
    fn from(LeadView { lead, tier, next_step, merged_into }: LeadView) -> Self {
        let facts = lead.facts;
        Self {
            id: lead.id,
            external_id: facts.external_id,
            name: facts.name,
            email: facts.email,
            phone: facts.phone,
            source: facts.source,
            stage: facts.stage,
            assignee: facts.assignee,
            market: facts.market,
            preferences: facts.preferences,
            tags: facts.tags,
            custom: facts.custom,
            outcome: facts.outcome,
            outcome_at: facts.outcome_at,
            created_at: lead.created_at,
            updated_at: lead.updated_at,
            last_interaction_at: lead.last_interaction_at,
            score: lead.score.map(|probability| probability * 100.0),
            scored_at: lead.scored_at,
            churn: lead.churn,
            tier,
            top_reason: lead.top_reason,
            waiting_since: next_step.and_then(|step| step.since),
            snoozed_until: lead.snoozed_until,
            next_step: next_step.map(NextStepOut::from),
            merged_into,
            provenance: facts.provenance.as_str(),
            version: lead.version,
        }
    }
}

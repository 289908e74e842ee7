//! How a lead lies in its columns.

use lintel_domain::{
    desk::Dealings,
    lead::{Lead, LeadFacts, Outcome},
    listing::Provenance,
};

use crate::{
    Error, Result,
    db::{Params, Row, Value},
};

/// The columns that a whole lead is read from.
macro_rules! fields {
    () => {
        "id, external_id, name, email, phone, source, stage, assignee, market, preferences, tags, custom, outcome, \
         outcome_at, source_created_at, provenance, score, scored_at, last_interaction_at, version, created_at, updated_at, churn, \
         top_reason, acted_at, contacted_at, waiting_since, returned_at, task_due_at, snoozed_until, \
         first_contacted_at, first_hot_at"
    };
}
pub(super) use fields;

/// The beginning of every statement that reads whole leads.
macro_rules! select {
    () => {
        concat!("SELECT ", $crate::lead::columns::fields!(), " FROM leads ")
    };
}
pub(super) use select;

/// Reads a row that begins with [`fields!`].
pub(super) fn lead(row: &Row<'_>) -> Result<Lead> {
    let outcome: Option<String> = row.get(12)?;
    Ok(Lead {
        id: row.get(0)?,
        facts: LeadFacts {
            external_id: row.get(1)?,
            name: row.get(2)?,
            email: row.get(3)?,
            phone: row.get(4)?,
            source: row.get(5)?,
            stage: row.get(6)?,
            assignee: row.get(7)?,
            market: row.get(8)?,
            preferences: row.json(9, "preferences")?,
            tags: row.json(10, "tags")?,
            custom: row.json(11, "custom")?,
            outcome: outcome.is_some().then(|| row.word(12, Outcome::parse)).transpose()?,
            outcome_at: row.get(13)?,
            created_at: row.get(14)?,
            provenance: row.word(15, Provenance::parse)?,
        },
        score: row.get(16)?,
        scored_at: row.get(17)?,
        last_interaction_at: row.get(18)?,
        version: row.get(19)?,
        created_at: row.get(20)?,
        updated_at: row.get(21)?,
        churn: row.get(22)?,
        top_reason: row.get(23)?,
        dealings: dealings(row, 24)?,
        task_due_at: row.get(28)?,
        snoozed_until: row.get(29)?,
        first_contacted_at: row.get(30)?,
        first_hot_at: row.get(31)?,
    })
}

/// Reads `acted_at, contacted_at, waiting_since, returned_at` from a column on.
pub(super) fn dealings(row: &Row<'_>, from: usize) -> Result<Dealings> {
    Ok(Dealings {
        acted_at: row.get(from)?,
        contacted_at: row.get(from + 1)?,
        waiting_since: row.get(from + 2)?,
        returned_at: row.get(from + 3)?,
    })
}

/// Writes `external_id, name, name_key, email, phone, source, stage, assignee, market, preferences, tags, custom, outcome,
/// outcome_at, source_created_at, provenance, words`.
pub(super) fn push_facts(params: &mut Params, facts: &LeadFacts) -> Result<()> {
    params.extend([
        Value::from(facts.external_id.as_deref()),
        facts.name.as_deref().into(),
        facts.name_key().into(),
        facts.email.as_deref().into(),
        facts.phone.as_deref().into(),
        facts.source.as_deref().into(),
        facts.stage.as_deref().into(),
        facts.assignee.into(),
        facts.market.as_ref().into(),
        encode(&facts.preferences)?,
        encode(&facts.tags)?,
        encode(&facts.custom)?,
        facts.outcome.map(Outcome::as_str).into(),
        facts.outcome_at.into(),
        facts.created_at.into(),
        facts.provenance.as_str().into(),
        facts.words().into(),
    ]);
    Ok(())
}

fn encode(value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_string(value).map(Value::Json).map_err(|source| Error::Decode { what: "lead", source })
}

//! Scores of leads: the live one with the lead, and every one there was.

use lintel_domain::{
    clock::Time,
    id::{LeadId, TenantId},
};

use crate::{Result, Store, Tx, db::Row, params};

/// A score to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewScore {
    /// Whose.
    pub lead: LeadId,
    /// Calibrated probability, 0 to 1.
    pub probability: f64,
    /// What reasons are added to, in log-odds.
    pub base: f64,
    /// The model's version.
    pub model: String,
    /// What it was made from, as the model keeps it; absent of scores of earlier versions.
    pub inputs: Option<Vec<u8>>,
    /// The probability that the lead goes silent, 0 to 1; absent without a model of it.
    pub churn: Option<f64>,
    /// The strongest reason for it, in words: kept with the live score only.
    pub top_reason: Option<String>,
    /// Whether it is hot among the tenant's live scores; told with the live score only.
    pub is_hot: bool,
    /// When it was made.
    pub at: Time,
}

/// A score that was kept.
pub type ScoreRow = NewScore;

crate::sql! {
    /// The live score. A lead that was scored later by somebody else keeps that.
    LIVE "score.live" = "UPDATE leads SET score = $3, scored_at = $4, churn = $5, top_reason = $6,
            first_hot_at = coalesce(first_hot_at, CASE WHEN $7 THEN $4 END)
        WHERE tenant_id = $1 AND id = $2 AND (scored_at IS NULL OR scored_at <= $4)";
    /// The history. Of two scores of one moment the first stays, as it is the one that was told of.
    HISTORY "score.history" = "INSERT INTO scores (tenant_id, lead_id, at, probability, base, model, inputs, churn)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, lead_id, at) DO NOTHING";
    /// The last one at a time.
    AS_OF "score.as_of" = "SELECT lead_id, probability, base, model, inputs, churn, at FROM scores
        WHERE tenant_id = $1 AND lead_id = $2 AND at <= $3 ORDER BY at DESC LIMIT 1";
    /// How many leads have a live score.
    COUNT "score.count" = "SELECT count(*) FROM leads WHERE tenant_id = $1 AND score IS NOT NULL";
    /// The score at a place in their ascending order.
    NTH "score.nth" = "SELECT score FROM leads WHERE tenant_id = $1 AND score IS NOT NULL
        ORDER BY score, id LIMIT 1 OFFSET $2";
}

fn score(row: &Row<'_>) -> Result<ScoreRow> {
    Ok(ScoreRow {
        lead: row.get(0)?,
        probability: row.get(1)?,
        base: row.get(2)?,
        model: row.get(3)?,
        inputs: row.get(4)?,
        churn: row.get(5)?,
        top_reason: None,
        is_hot: false,
        at: row.get(6)?,
    })
}

impl Store {
    /// The score a lead had at a time.
    pub async fn score_as_of(&self, tenant: TenantId, lead: LeadId, at: Time) -> Result<Option<ScoreRow>> {
        self.point(&AS_OF, params![tenant, lead, at], score).await
    }

    /// How many leads have a live score.
    pub async fn scored_lead_count(&self, tenant: TenantId) -> Result<u64> {
        let count: i64 = self.query_one(&COUNT, params![tenant], |row| row.get(0)).await?;
        Ok(count.unsigned_abs())
    }

    /// The least live score `s` such that at least the share `q` (0 to 1) of the `count` live scores come before it in
    /// their ascending order: with 100 different scores and `q` = 0.8, the 81st, so that 20 are at or above it. None when
    /// no lead has a score.
    pub async fn score_percentile(&self, tenant: TenantId, count: u64, q: f64) -> Result<Option<f64>> {
        // A share such as 0.8 of 105 is 84 and a little more in binary; that little must not count as one more.
        let below = (q * count as f64 - 1e-6).ceil().max(0.0) as u64;
        let place = below.min(count.saturating_sub(1)) as i64;
        let rows = self.query(&NTH, params![tenant, place], |row| row.get(0)).await?;
        Ok(rows.into_iter().next())
    }
}

impl Tx<'_> {
    /// Keeps scores: each becomes the live one of its lead and joins the history. Leads that are gone are passed over.
    pub fn leads_score(&mut self, tenant: TenantId, scores: &[NewScore]) -> Result<()> {
        let there = self.leads_hold(tenant, scores.iter().map(|one| one.lead))?;
        let scores = || scores.iter().filter(|one| there.contains(&one.lead));
        let live = |one: &NewScore| {
            params![tenant, one.lead, one.probability, one.at, one.churn, one.top_reason.as_deref(), one.is_hot]
        };
        self.execute_many(&LIVE, scores().map(live))?;
        let history = scores().map(|one| {
            let inputs = one.inputs.clone();
            params![tenant, one.lead, one.at, one.probability, one.base, &one.model, inputs, one.churn]
        });
        self.execute_many(&HISTORY, history).map(|_| ())
    }
}

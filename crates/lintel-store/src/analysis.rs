//! Analyses: kept for ever as they were calculated, each with what differs from the one before it.

use lintel_domain::{
    analysis::{AnalysisKind, Subject},
    clock::Time,
    fingerprint::Fingerprint,
    id::{AnalysisId, TenantId},
};
use serde_json::Value as Json;

use crate::{Error, Result, Store, Tx, db::Row, params};

/// An analysis as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalysisRow {
    /// Its id, which is that of the job that calculated it.
    pub id: AnalysisId,
    /// When it was calculated.
    pub at: Time,
    /// Which calculation.
    pub kind: AnalysisKind,
    /// About what.
    pub subject: Subject,
    /// What was given to it.
    pub asked: Json,
    /// Changes with kind, subject, what was given, and the listing it is about.
    pub fingerprint: Fingerprint,
    /// Inputs and figures, or why there are none.
    pub result: Json,
    /// The one before of the same kind about the same subject.
    pub previous: Option<AnalysisId>,
    /// The figures that differ from it.
    pub changes: Json,
    /// Until when it is answered instead of a new calculation of the same.
    pub valid_until: Time,
}

macro_rules! select {
    () => {
        "SELECT id, at, kind, subject, asked, fingerprint, result, previous, changes, valid_until FROM analyses "
    };
}

crate::sql! {
    /// A new one, unless a second run of its job made it before.
    INSERT "analysis.insert" = "INSERT INTO analyses
            (tenant_id, id, at, kind, subject, asked, fingerprint, result, previous, changes, valid_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (tenant_id, id, at) DO NOTHING";
    /// By id.
    BY_ID "analysis.by_id" = (concat!(select!(), "WHERE tenant_id = $1 AND id = $2"));
    /// The last of a kind about a subject.
    LATEST "analysis.latest" = (concat!(select!(), "WHERE tenant_id = $1 AND subject = $2 AND kind = $3
        ORDER BY at DESC, id DESC LIMIT 1"));
    /// The last that is the same question.
    SAME "analysis.same" = (concat!(select!(), "WHERE tenant_id = $1 AND fingerprint = $2 ORDER BY at DESC, id DESC LIMIT 1"));
}

fn analysis(row: &Row<'_>) -> Result<AnalysisRow> {
    let fingerprint: Vec<u8> = row.get(5)?;
    let short = |_| Error::Column { index: 5, message: "not a fingerprint".into() };
    Ok(AnalysisRow {
        id: row.get(0)?,
        at: row.get(1)?,
        kind: row.word(2, AnalysisKind::parse)?,
        subject: row.word(3, Subject::parse)?,
        asked: row.get(4)?,
        fingerprint: fingerprint.try_into().map_err(short)?,
        result: row.get(6)?,
        previous: row.get(7)?,
        changes: row.get(8)?,
        valid_until: row.get(9)?,
    })
}

impl Store {
    /// One analysis.
    pub async fn analysis_get(&self, tenant: TenantId, id: AnalysisId) -> Result<Option<AnalysisRow>> {
        self.point(&BY_ID, params![tenant, id], analysis).await
    }

    /// The last analysis of a kind about a subject.
    pub async fn analysis_latest(
        &self,
        tenant: TenantId,
        subject: &Subject,
        kind: AnalysisKind,
    ) -> Result<Option<AnalysisRow>> {
        self.point(&LATEST, params![tenant, subject.key(), kind.as_str()], analysis).await
    }

    /// The last analysis with this fingerprint that is valid at `now`.
    pub async fn analysis_valid(
        &self,
        tenant: TenantId,
        fingerprint: &Fingerprint,
        now: Time,
    ) -> Result<Option<AnalysisRow>> {
        let found = self.point(&SAME, params![tenant, &fingerprint[..]], analysis).await?;
        Ok(found.filter(|row| row.valid_until > now))
    }
}

impl Tx<'_> {
    /// The last analysis of a kind about a subject. No other write adds one until this one ends.
    pub fn analysis_latest_held(
        &mut self,
        tenant: TenantId,
        subject: &Subject,
        kind: AnalysisKind,
    ) -> Result<Option<AnalysisRow>> {
        let key = subject.key();
        self.lock(&format!("analysis {tenant} {kind} {key}"))?;
        self.query_opt(&LATEST, params![tenant, key, kind.as_str()], analysis)
    }

    /// Whether an analysis was kept.
    pub fn analysis_is_kept(&mut self, tenant: TenantId, id: AnalysisId) -> Result<bool> {
        Ok(self.query_opt(&BY_ID, params![tenant, id], |_| Ok(()))?.is_some())
    }

    /// Keeps an analysis.
    pub fn analysis_insert(&mut self, tenant: TenantId, row: &AnalysisRow) -> Result<()> {
        let values = params![
            tenant,
            row.id,
            row.at,
            row.kind.as_str(),
            row.subject.key(),
            &row.asked,
            &row.fingerprint[..],
            &row.result,
            row.previous,
            &row.changes,
            row.valid_until,
        ];
        self.execute(&INSERT, values).map(|_| ())
    }
}

//! Experiments, and to whom which variant was shown.

use lintel_domain::{
    clock::Time,
    id::{ExperimentId, LeadId, TenantId},
};

use crate::{Error, Result, Store, Tx, db::Row, params};

/// An experiment as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentRow {
    /// Its id.
    pub id: ExperimentId,
    /// Its name.
    pub name: String,
    /// The variants with their weights; the first is the control.
    pub variants: Vec<(String, u32)>,
    /// When it began.
    pub created_at: Time,
    /// When it ended: nobody is exposed after.
    pub ended_at: Option<Time>,
}

/// To whom which variant was shown, and when first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExposureRow {
    /// To whom.
    pub lead: LeadId,
    /// The place of the variant.
    pub variant: u32,
    /// When first.
    pub at: Time,
}

crate::sql! {
    /// A new experiment, unless its id is there.
    INSERT "experiment.insert" = "INSERT INTO experiments (tenant_id, id, name, variants, created_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, id) DO NOTHING";
    /// By id.
    BY_ID "experiment.by_id" = "SELECT id, name, variants, created_at, ended_at FROM experiments
        WHERE tenant_id = $1 AND id = $2";
    /// A page, the newest first.
    PAGE "experiment.page" = "SELECT id, name, variants, created_at, ended_at FROM experiments
        WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    /// Its end, once.
    END "experiment.end" = "UPDATE experiments SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL";
    /// The first showing of a variant to a lead.
    EXPOSE "exposure.insert" = "INSERT INTO exposures (tenant_id, experiment_id, lead_id, variant, at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, experiment_id, lead_id) DO NOTHING";
    /// A page of those of an experiment, by lead.
    EXPOSURES "exposure.page" = "SELECT lead_id, variant, at FROM exposures
        WHERE tenant_id = $1 AND experiment_id = $2 AND lead_id > $3 ORDER BY lead_id LIMIT $4";
}

fn experiment(row: &Row<'_>) -> Result<ExperimentRow> {
    let variants: serde_json::Value = row.get(2)?;
    Ok(ExperimentRow {
        id: row.get(0)?,
        name: row.get(1)?,
        variants: serde_json::from_value(variants).map_err(|source| Error::Decode { what: "variants", source })?,
        created_at: row.get(3)?,
        ended_at: row.get(4)?,
    })
}

impl Store {
    /// One experiment.
    pub async fn experiment_get(&self, tenant: TenantId, id: ExperimentId) -> Result<Option<ExperimentRow>> {
        self.point(&BY_ID, params![tenant, id], experiment).await
    }

    /// At most `limit` experiments, the newest first, behind `before`.
    pub async fn experiments(
        &self,
        tenant: TenantId,
        before: Option<ExperimentId>,
        limit: u32,
    ) -> Result<Vec<ExperimentRow>> {
        let before = before.unwrap_or(ExperimentId(uuid::Uuid::max()));
        self.query(&PAGE, params![tenant, before, limit], experiment).await
    }

    /// At most `limit` exposures of an experiment, by lead, behind `after`.
    pub async fn exposures(
        &self,
        tenant: TenantId,
        experiment: ExperimentId,
        after: Option<LeadId>,
        limit: u32,
    ) -> Result<Vec<ExposureRow>> {
        let after = after.unwrap_or(LeadId(uuid::Uuid::nil()));
        self.survey(&EXPOSURES, params![tenant, experiment, after, limit], |row| {
            let variant: i64 = row.get(1)?;
            Ok(ExposureRow { lead: row.get(0)?, variant: u32::try_from(variant).unwrap_or(0), at: row.get(2)? })
        })
        .await
    }
}

impl Tx<'_> {
    /// Stores an experiment; false when its id is there already.
    pub fn experiment_create(&mut self, tenant: TenantId, new: &ExperimentRow) -> Result<bool> {
        let variants =
            serde_json::to_value(&new.variants).map_err(|source| Error::Decode { what: "variants", source })?;
        Ok(self.execute(&INSERT, params![tenant, new.id, &new.name, variants, new.created_at])? == 1)
    }

    /// Ends an experiment; false when there is none that goes on.
    pub fn experiment_end(&mut self, tenant: TenantId, id: ExperimentId, now: Time) -> Result<bool> {
        Ok(self.execute(&END, params![tenant, id, now])? == 1)
    }

    /// Records that a variant was shown to a lead; only the first time counts, and a lead that is gone is passed over.
    pub fn exposure_record(
        &mut self,
        tenant: TenantId,
        experiment: ExperimentId,
        exposure: ExposureRow,
    ) -> Result<bool> {
        if !self.leads_hold(tenant, [exposure.lead])?.contains(&exposure.lead) {
            return Ok(false);
        }
        let values = params![tenant, experiment, exposure.lead, i64::from(exposure.variant), exposure.at];
        Ok(self.execute(&EXPOSE, values)? == 1)
    }
}

//! Trained models: their artefacts, what they were judged by, and which one is live.

use lintel_domain::{
    clock::Time,
    id::{ModelId, TenantId},
    market::MarketSlug,
    model::ModelKind,
};

use crate::{Error, Result, Store, Tx, db::Row, params};

/// A model to be stored, as a candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct NewModel {
    /// Its id.
    pub id: ModelId,
    /// What it predicts.
    pub kind: ModelKind,
    /// For which market; all when absent.
    pub market: Option<MarketSlug>,
    /// Its name among the tenant's models of the kind and market.
    pub version: String,
    /// Its stored form.
    pub artefact: Vec<u8>,
    /// What it was judged by.
    pub metrics: serde_json::Value,
}

/// A model as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRow {
    /// Its id.
    pub id: ModelId,
    /// Its name.
    pub version: String,
    /// Its stored form.
    pub artefact: Vec<u8>,
    /// What it was judged by.
    pub metrics: serde_json::Value,
    /// When it was trained.
    pub created_at: Time,
}

/// A live model without its artefact.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveModelRow {
    /// What it predicts.
    pub kind: ModelKind,
    /// For which market; all when absent.
    pub market: Option<MarketSlug>,
    /// Its name.
    pub version: String,
    /// What it was judged by.
    pub metrics: serde_json::Value,
    /// When it was trained.
    pub created_at: Time,
    /// When it took over.
    pub promoted_at: Option<Time>,
}

crate::sql! {
    /// A candidate.
    INSERT "model.insert" = "INSERT INTO models (tenant_id, id, kind, market, version, artefact, metrics, state, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 'candidate', $8)";
    /// Makes room for a new live model of the same kind and market.
    RETIRE "model.retire" = "UPDATE models SET state = 'retired' WHERE tenant_id = $1 AND state = 'live'
        AND (kind, market) = (SELECT kind, market FROM models WHERE tenant_id = $1 AND id = $2)";
    /// Puts a model in place.
    PROMOTE "model.promote" = "UPDATE models SET state = 'live', promoted_at = $3 WHERE tenant_id = $1 AND id = $2";
    /// The one in place.
    LIVE "model.live" = "SELECT id, version, artefact, metrics, created_at FROM models
        WHERE tenant_id = $1 AND kind = $2 AND market = $3 AND state = 'live'";
    /// All in place, without their artefacts.
    ALL_LIVE "model.all_live" = "SELECT kind, market, version, metrics, created_at, promoted_at FROM models
        WHERE tenant_id = $1 AND state = 'live' ORDER BY kind, market";
    /// By its name.
    BY_VERSION "model.by_version" = "SELECT id, version, artefact, metrics, created_at FROM models
        WHERE tenant_id = $1 AND kind = $2 AND market = $3 AND version = $4";
}

fn model(row: &Row<'_>) -> Result<ModelRow> {
    Ok(ModelRow {
        id: row.get(0)?,
        version: row.get(1)?,
        artefact: row.get(2)?,
        metrics: row.get(3)?,
        created_at: row.get(4)?,
    })
}

/// A model of all markets is kept under an empty name, so that uniqueness covers it.
fn place(market: Option<&MarketSlug>) -> &str {
    market.map_or("", MarketSlug::as_str)
}

impl Store {
    /// The live model of a kind and market.
    pub async fn model_live(
        &self,
        tenant: TenantId,
        kind: ModelKind,
        market: Option<&MarketSlug>,
    ) -> Result<Option<ModelRow>> {
        let rows = self.query(&LIVE, params![tenant, kind.as_str(), place(market)], model).await?;
        Ok(rows.into_iter().next())
    }

    /// All live models of a tenant, by kind and market.
    pub async fn models_live(&self, tenant: TenantId) -> Result<Vec<LiveModelRow>> {
        self.query(&ALL_LIVE, params![tenant], |row| {
            let market: String = row.get(1)?;
            Ok(LiveModelRow {
                kind: row.word(0, ModelKind::parse)?,
                market: market.parse().ok(),
                version: row.get(2)?,
                metrics: row.get(3)?,
                created_at: row.get(4)?,
                promoted_at: row.get(5)?,
            })
        })
        .await
    }

    /// A model by its name, live or not.
    pub async fn model_by_version(
        &self,
        tenant: TenantId,
        kind: ModelKind,
        market: Option<&MarketSlug>,
        version: &str,
    ) -> Result<Option<ModelRow>> {
        let rows = self.query(&BY_VERSION, params![tenant, kind.as_str(), place(market), version], model).await?;
        Ok(rows.into_iter().next())
    }
}

impl Tx<'_> {
    /// Stores a candidate.
    pub fn model_insert(&mut self, tenant: TenantId, new: &NewModel, now: Time) -> Result<()> {
        let place = place(new.market.as_ref());
        let values = params![tenant, new.id, new.kind.as_str(), place, &new.version, &new.artefact, &new.metrics, now];
        self.execute(&INSERT, values).map(|_| ())
    }

    /// Puts a model in place of the live one of its kind and market; [`Error::NoRow`] when there is no such model.
    pub fn model_promote(&mut self, tenant: TenantId, id: ModelId, now: Time) -> Result<()> {
        self.lock(&format!("models {tenant}"))?;
        self.execute(&RETIRE, params![tenant, id])?;
        let promoted = self.execute(&PROMOTE, params![tenant, id, now])?;
        if promoted == 1 { Ok(()) } else { Err(Error::NoRow { statement: PROMOTE.name() }) }
    }
}

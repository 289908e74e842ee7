//! How far the leads of today differ from those a model was put in place for.

use lintel_domain::{clock::Time, model::ModelKind};
use lintel_predict::lead::{Reference, Watched, drift::Moved};

use crate::{
    App, Error, Principal, Result,
    train::{Which, inputs, open},
};

/// The most open leads that are looked at.
const MOST: usize = 5_000;

/// Drift of a live model.
#[derive(Clone, Debug)]
pub struct DriftReport {
    /// The model's version.
    pub version: String,
    /// When it was trained.
    pub trained_at: Time,
    /// Leads in the reference.
    pub reference: u64,
    /// Open leads that were looked at.
    pub n: u64,
    /// Its features and `score`, the most moved first.
    pub spreads: Vec<Moved>,
}

impl App {
    /// Compares the newest open leads with the reference that is kept with the live model.
    pub async fn drift(&self, who: &Principal, kind: ModelKind) -> Result<DriftReport> {
        if kind == ModelKind::Price {
            return Err(Error::NotFound("drift of a price model"));
        }
        let row = self.0.store.model_live(who.tenant, kind, None).await?.ok_or(Error::NotFound("trained model"))?;
        let reference: Reference = serde_json::from_value(row.metrics["reference"].clone())
            .map_err(|_| Error::NotFound("reference of this model"))?;
        let live = self.lead_models(who.tenant).await?;
        let stories = self.stories_up_to(who.tenant, Which::All, MOST).await?;
        let now = self.clock().now();
        let looking = move || {
            let open: Vec<_> = open(&stories, now).collect();
            let watched = match (kind, &live.churn) {
                (ModelKind::Churn, Some(churn)) => Watched::Churn(&churn.model),
                _ => Watched::LeadScore(&live.model),
            };
            let spreads = watched.drift(&reference, &inputs(&open, now)).map_err(Error::internal)?;
            let n = open.len() as u64;
            Ok(DriftReport { version: row.version, trained_at: row.created_at, reference: reference.n, n, spreads })
        };
        self.background(looking).await?
    }
}

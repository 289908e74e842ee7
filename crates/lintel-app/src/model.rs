//! Live models: loaded when first needed, replaced in one step when another is promoted.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use lintel_domain::{clock::Time, event::Event, id::TenantId, market::MarketSlug, model::ModelKind};
use lintel_predict::lead::{ChurnModel, LeadScoreModel};
use lintel_store::log::Recorded;
use parking_lot::RwLock;
use tokio::sync::Mutex;

use crate::{App, Error, Result, ScoreModelNote, pricer::Pricer};

/// The version of the documented prior.
pub(crate) const PRIOR_VERSION: &str = "prior-1";

/// The models of leads in use, which are replaced together.
pub(crate) struct LeadModels {
    pub(crate) model: LeadScoreModel,
    pub(crate) version: String,
    /// Absent of the prior.
    pub(crate) trained_at: Option<Time>,
    pub(crate) churn: Option<LiveChurn>,
}

/// A live model of silence.
pub(crate) struct LiveChurn {
    pub(crate) model: ChurnModel,
    pub(crate) version: String,
    pub(crate) trained_at: Time,
}

impl LeadModels {
    pub(crate) fn note(&self) -> ScoreModelNote {
        ScoreModelNote {
            version: self.version.clone(),
            trained_at: self.trained_at,
            n: self.model.rows() as u64,
            prior: self.model.is_prior(),
        }
    }
}

/// Who waits for a price model that is being loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Waits {
    /// A request: it is loaded at once.
    Somebody,
    /// Work in the background: it is loaded while the cores have nothing else to do.
    Nobody,
}

/// Held while a model is loaded.
type Turn = Arc<Mutex<()>>;

/// The models in use, by tenant.
#[derive(Default)]
pub(crate) struct Models {
    leads: RwLock<HashMap<TenantId, Arc<LeadModels>>>,
    /// Counts what was forgotten: a model that was read before is not kept after.
    forgotten: AtomicU64,
    prices: RwLock<HashMap<(TenantId, MarketSlug), Arc<Pricer>>>,
    /// One lock per price model that is being loaded, so that a slow load is done once; a request does not wait behind
    /// the background.
    loading: Mutex<HashMap<(TenantId, MarketSlug, Waits), Turn>>,
}

impl Models {
    /// Forgets what the events replaced; it is loaded anew when next needed.
    pub(crate) fn notice(&self, events: &[Arc<Recorded>]) {
        for recorded in events {
            match &recorded.event {
                Some(Event::ModelPromoted { kind, market, .. }) => self.forget(recorded.tenant, *kind, market.as_ref()),
                Some(event) => {
                    if let Some(pricer) = event.market().and_then(|market| self.price(recorded.tenant, market)) {
                        pricer.notice();
                    }
                }
                None => {}
            }
        }
    }

    pub(crate) fn forget(&self, tenant: TenantId, kind: ModelKind, market: Option<&MarketSlug>) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        match (kind, market) {
            (ModelKind::LeadScore | ModelKind::Churn, _) => drop(self.leads.write().remove(&tenant)),
            (ModelKind::Price, Some(market)) => drop(self.prices.write().remove(&(tenant, market.clone()))),
            (ModelKind::Price, None) => self.prices.write().retain(|(other, _), _| *other != tenant),
        }
    }

    /// How many models were forgotten so far: to be asked before a model is read.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::SeqCst)
    }

    /// Keeps a price model for the next who ask, unless one was forgotten since `seen`: it may be the one.
    pub(crate) fn put_price(&self, tenant: TenantId, market: MarketSlug, pricer: Arc<Pricer>, seen: u64) {
        let mut prices = self.prices.write();
        if self.forgotten() == seen {
            prices.insert((tenant, market), pricer);
        }
    }

    pub(crate) fn price(&self, tenant: TenantId, market: &MarketSlug) -> Option<Arc<Pricer>> {
        self.prices.read().get(&(tenant, market.clone())).cloned()
    }
}

impl App {
    /// The models of leads in use: the promoted ones; for the lead score the documented prior when there is none.
    pub(crate) async fn lead_models(&self, tenant: TenantId) -> Result<Arc<LeadModels>> {
        let models = &self.0.models;
        if let Some(live) = models.leads.read().get(&tenant) {
            return Ok(Arc::clone(live));
        }
        let seen = models.forgotten();
        let churn = match self.0.store.model_live(tenant, ModelKind::Churn, None).await? {
            None => None,
            Some(row) => Some(LiveChurn {
                model: ChurnModel::from_bytes(&row.artefact).map_err(Error::internal)?,
                version: row.version,
                trained_at: row.created_at,
            }),
        };
        let live = match self.0.store.model_live(tenant, ModelKind::LeadScore, None).await? {
            None => LeadModels {
                model: LeadScoreModel::prior(),
                version: PRIOR_VERSION.to_owned(),
                trained_at: None,
                churn,
            },
            Some(row) => LeadModels {
                model: LeadScoreModel::from_bytes(&row.artefact).map_err(Error::internal)?,
                version: row.version,
                trained_at: Some(row.created_at),
                churn,
            },
        };
        let live = Arc::new(live);
        let mut leads = models.leads.write();
        if models.forgotten() == seen {
            leads.insert(tenant, Arc::clone(&live));
        }
        Ok(live)
    }

    /// The lead score of a version, in use or not; `None` when there is no such version.
    pub(crate) async fn lead_model_of(&self, tenant: TenantId, version: &str) -> Result<Option<LeadScoreModel>> {
        if version == PRIOR_VERSION {
            return Ok(Some(LeadScoreModel::prior()));
        }
        let row = self.0.store.model_by_version(tenant, ModelKind::LeadScore, None, version).await?;
        row.map(|row| LeadScoreModel::from_bytes(&row.artefact).map_err(Error::internal)).transpose()
    }

    /// What is to be said about the model that made a stored score.
    pub(crate) async fn lead_model_note(&self, tenant: TenantId, version: &str) -> Result<ScoreModelNote> {
        let prior = version == PRIOR_VERSION;
        let row = if prior {
            None
        } else {
            self.0.store.model_by_version(tenant, ModelKind::LeadScore, None, version).await?
        };
        Ok(ScoreModelNote {
            version: version.to_owned(),
            trained_at: row.as_ref().map(|row| row.created_at),
            n: row.as_ref().and_then(|row| row.metrics["n"].as_u64()).unwrap_or(0),
            prior,
        })
    }

    /// The price model of a market with its sales, loaded if it is not yet.
    pub(crate) async fn pricer(&self, tenant: TenantId, market: &MarketSlug, waits: Waits) -> Result<Arc<Pricer>> {
        let models = &self.0.models;
        if let Some(pricer) = models.price(tenant, market) {
            return Ok(pricer);
        }
        let key = (tenant, market.clone(), waits);
        let turn = Arc::clone(models.loading.lock().await.entry(key.clone()).or_default());
        let _turn = turn.lock().await;
        if let Some(pricer) = models.price(tenant, market) {
            return Ok(pricer);
        }
        let seen = models.forgotten();
        let pricer = Arc::new(self.load_pricer(tenant, market, waits).await?);
        models.put_price(tenant, market.clone(), Arc::clone(&pricer), seen);
        self.0.caches.market_changed(tenant, market);
        models.loading.lock().await.remove(&key);
        Ok(pricer)
    }
}

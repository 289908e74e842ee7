//! Reviewing live models on a schedule: trained again when enough is new, moved by recent outcomes, watched for drift.

use lintel_domain::{
    clock::{DAY, Time},
    id::{JobId, TenantId},
    job::Job,
    market::MarketSlug,
    model::ModelKind,
    scope::Principal,
};
use lintel_predict::lead::{drift::DriftState, train::MIN_LEADS};
use lintel_store::{
    job::{Claimed, NewJob, Priority},
    model::ModelRow,
};
use serde_json::{Value, json};

use crate::{
    App, Error, ModelQuery, Result, TrainRequest, Work,
    evaluate::new_outcomes,
    train::{Candidate, Which},
};

/// New outcomes that have a model trained again: this share of those it learnt from, and no fewer than that many.
const NEW_SHARE: f64 = 0.2;
const NEW_LEAST: u64 = 50;
/// New outcomes from which on a model is looked at for recalibration.
const RECALIBRATE_LEAST: usize = 30;
/// Churn needs no outcomes, only time: it is trained again after so many microseconds.
const CHURN_AGE: i64 = 7 * DAY;
/// A price model is trained again when its market has this many times the closed listings of then.
const SALES_GROWTH: f64 = 1.1;

/// What a review did.
#[derive(Clone, Debug, PartialEq)]
enum Review {
    /// Nothing: why.
    Kept(&'static str),
    /// A new model was trained.
    Trained { version: String, promoted: bool, reason: String },
    /// The live model was moved by recent outcomes.
    Recalibrated { version: String, detail: Value },
}

impl App {
    /// Sees to it that a review waits for every model of every tenant, if reviews are wanted. Each review makes sure of
    /// the next by itself; this is for new tenants and markets, and for reviews that were given up.
    pub(crate) async fn reviews_ensure(&self) -> Result<()> {
        if self.0.review_every.is_none() {
            return Ok(());
        }
        let now = self.clock().now();
        let mut wanted: Vec<(TenantId, ModelKind, Option<MarketSlug>)> = Vec::new();
        for tenant in self.0.store.tenant_ids().await? {
            wanted.push((tenant, ModelKind::LeadScore, None));
            wanted.push((tenant, ModelKind::Churn, None));
        }
        for (tenant, market) in self.0.store.markets_of_all_tenants().await? {
            wanted.push((tenant, ModelKind::Price, Some(market)));
        }
        for (tenant, model, market) in wanted {
            let review = self.next_review(tenant, model, market, now);
            self.0.store.write(move |tx| review.as_ref().map_or(Ok(false), |review| tx.enqueue(review))).await?;
        }
        Ok(())
    }

    /// Has a model reviewed as soon as a worker is free; the job's result says what that did.
    pub async fn model_review(&self, who: &Principal, query: ModelQuery) -> Result<JobId> {
        let (model, market) = match (query.kind, query.market) {
            (ModelKind::Price, None) => return Err(Error::market_missing()),
            (ModelKind::Price, Some(market)) => {
                self.0.store.market_get(who.tenant, &market).await?.ok_or_else(Error::unknown_market)?;
                (ModelKind::Price, Some(market))
            }
            (kind, _) => (kind, None),
        };
        let now = self.clock().now();
        let id = JobId(self.0.ids.next(now));
        let audit = self.audit_entry(who, "model.review", model.to_string(), json!({ "market": market }), now);
        let job = NewJob { max_attempts: 3, ..NewJob::new(id, who.tenant, Job::ReviewModel { model, market }, now) };
        let tenant = who.tenant;
        let write = self.0.store.write(move |tx| {
            tx.enqueue(&job)?;
            tx.audit(tenant, &audit)
        });
        write.await?;
        Ok(id)
    }

    /// Reviews one model; what that did, the next review and the end of the job are one commit, after the commit of a new
    /// model, which can be repeated: a second review finds nothing new.
    pub(crate) async fn job_review_model(
        &self,
        job: &Claimed,
        model: ModelKind,
        market: Option<MarketSlug>,
        work: &Work,
    ) -> Result<()> {
        let who = Principal::system(job.tenant);
        let review = match self.review(&who, model, market.clone(), work).await {
            // Too little or senseless history is no failure of the job: it comes again.
            Err(Error::Invalid(_)) => Review::Kept("there is not enough history"),
            other => other?,
        };
        let drifted = self.drifted(&who, model).await?;
        let now = self.clock().now();
        let next = self.next_review(job.tenant, model, market, now);
        let rescore = (model == ModelKind::LeadScore).then(|| NewJob {
            priority: Priority::Idle,
            coalesce: true,
            ..NewJob::new(JobId(self.0.ids.next(now)), job.tenant, Job::rescore_all(true), now)
        });
        let result = json!({ "review": told(&review), "drifted": drifted });
        let job = job.clone();
        let write = self.0.store.write(move |tx| {
            for follow_up in [&next, &rescore].into_iter().flatten() {
                tx.enqueue(follow_up)?;
            }
            tx.job_done(&job, Some(result.clone()), now)
        });
        Ok(write.await?)
    }

    /// The next review, spread over a tenth of the interval so that not all tenants train at once.
    fn next_review(&self, tenant: TenantId, model: ModelKind, market: Option<MarketSlug>, now: Time) -> Option<NewJob> {
        let every = i64::try_from(self.0.review_every?.as_micros()).unwrap_or(i64::MAX);
        let id = JobId(self.0.ids.next(now));
        let spread = (id.0.as_u64_pair().1 % 1000) as i64 * (every / 10_000);
        Some(NewJob {
            priority: Priority::Idle,
            run_at: now.plus(every).plus(spread),
            max_attempts: 3,
            coalesce: true,
            ..NewJob::new(id, tenant, Job::ReviewModel { model, market }, now)
        })
    }

    async fn review(
        &self,
        who: &Principal,
        model: ModelKind,
        market: Option<MarketSlug>,
        work: &Work,
    ) -> Result<Review> {
        let live = self.0.store.model_live(who.tenant, model, market.as_ref()).await?;
        let now = self.clock().now();
        let due = match (model, &live) {
            (ModelKind::LeadScore, live) => {
                let since = live.as_ref().map_or(Time::default(), learnt_at);
                let new = self.0.store.outcomes_since(who.tenant, since).await?;
                let learnt = live.as_ref().map_or(0, |row| row.metrics["n"].as_u64().unwrap_or(0));
                let enough = ((learnt as f64 * NEW_SHARE) as u64).max(NEW_LEAST);
                new >= if live.is_some() { enough } else { MIN_LEADS as u64 }
            }
            (ModelKind::Churn, None) => true,
            (ModelKind::Churn, Some(row)) => now.since(row.created_at) >= CHURN_AGE,
            (ModelKind::Price, live) => self.has_new_sales(who.tenant, market.as_ref(), live.as_ref()).await?,
        };
        if due {
            let report = self.train(who, TrainRequest { kind: model, market }, work).await?;
            let (version, promoted, reason) = (report.version, report.promoted, report.reason);
            return Ok(Review::Trained { version, promoted, reason });
        }
        match live {
            Some(row) if model == ModelKind::LeadScore => self.recalibrate(who, row).await,
            _ => Ok(Review::Kept("nothing is new enough")),
        }
    }

    async fn has_new_sales(
        &self,
        tenant: TenantId,
        market: Option<&MarketSlug>,
        live: Option<&ModelRow>,
    ) -> Result<bool> {
        let Some(market) = market else { return Ok(false) };
        let closed = self.closed_listings(tenant, market).await?;
        let before = live.and_then(|row| row.metrics["closed"].as_f64().or(row.metrics["n"].as_f64())).unwrap_or(0.0);
        Ok(closed > 0 && closed as f64 >= SALES_GROWTH * before)
    }

    /// Moves the live lead score along a line by the outcomes written since, when that clearly helps: a version of its own.
    async fn recalibrate(&self, who: &Principal, row: ModelRow) -> Result<Review> {
        let now = self.clock().now();
        let stories = self.stories(who.tenant, Which::Over).await?;
        let live = self.lead_models(who.tenant).await?;
        if live.version != row.version {
            return Ok(Review::Kept("another model took over meanwhile"));
        }
        let since = Some(row.created_at);
        let model = live.model.clone();
        let looking = move || new_outcomes(ModelKind::LeadScore, &live, &stories, since, now);
        let found = self.background(looking).await??;
        let Some(found) = found.filter(|found| found.recalibration.n >= RECALIBRATE_LEAST) else {
            return Ok(Review::Kept("too few outcomes are new"));
        };
        if !found.recalibration.helps() {
            return Ok(Review::Kept("the model is right about new outcomes"));
        }
        let detail = json!({ "from": row.version, "found": found.recalibration });
        let mut metrics = row.metrics;
        metrics["learnt_at"] = metrics.get("learnt_at").cloned().unwrap_or(json!(row.created_at));
        metrics["recalibration"] = detail.clone();
        let artefact = model.recalibrated(found.recalibration.line).to_bytes().map_err(Error::internal)?;
        let candidate = Candidate { kind: ModelKind::LeadScore, market: None, artefact, metrics, promoted: true };
        let version = self.model_keep(who, candidate).await?;
        Ok(Review::Recalibrated { version, detail })
    }

    /// The names of what has drifted since the live model was put in place; said in the log too.
    async fn drifted(&self, who: &Principal, model: ModelKind) -> Result<Vec<String>> {
        let report = match self.drift(who, model).await {
            Err(Error::NotFound(_)) => return Ok(Vec::new()),
            other => other?,
        };
        let drifted = report.spreads.into_iter().filter(|one| one.state == DriftState::Drifted);
        let names: Vec<String> = drifted.map(|one| one.feature).collect();
        if !names.is_empty() {
            tracing::warn!(tenant.id = %who.tenant, model.kind = %model, model.version = %report.version, features = ?names, "leads have drifted from those the model was trained for");
        }
        Ok(names)
    }
}

/// When a model last learnt from outcomes; recalibrating it is no learning.
fn learnt_at(row: &ModelRow) -> Time {
    row.metrics["learnt_at"].as_str().and_then(|text| text.parse().ok()).unwrap_or(row.created_at)
}

fn told(review: &Review) -> Value {
    match review {
        Review::Kept(why) => json!({ "did": "kept", "why": why }),
        Review::Trained { version, promoted, reason } => {
            json!({ "did": "trained", "version": version, "promoted": promoted, "why": reason })
        }
        Review::Recalibrated { version, detail } => {
            json!({ "did": "recalibrated", "version": version, "recalibration": detail })
        }
    }
}

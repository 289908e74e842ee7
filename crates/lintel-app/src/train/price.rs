//! Training the home price of a market, and whether a new model is better than the one in place.

use lintel_domain::{clock::Day, id::TenantId, job::Phase, market::MarketSlug, model::ModelKind};
use lintel_predict::{
    Error as PredictError,
    lead::Paired,
    learn::progress::Progress,
    price::{Answer, PriceModel, PriceOptions, SaleRecord, SalesIndex, Wanted, train_price},
};
use lintel_store::model::ModelRow;
use serde_json::json;

use super::{Trained, refuse, told};
use crate::{App, Error, Result, Work};

/// About how much of the time learning takes where there is a model in place; the rest is comparing with it.
const LEARNING: f64 = 0.55;
/// The fewest sales that neither model has seen by which they can be told apart.
const UNSEEN: usize = 30;
/// The most sales that a price model learns from, the newest: they bound the time of a training. Comparables are taken
/// from all.
const MOST_LEARNT: usize = 100_000;

impl App {
    pub(super) async fn train_price(&self, tenant: TenantId, market: &MarketSlug, work: &Work) -> Result<Trained> {
        self.0.store.market_get(tenant, market).await?.ok_or_else(Error::unknown_market)?;
        let live = self.0.store.model_live(tenant, ModelKind::Price, Some(market)).await?;
        let closed = self.closed_listings(tenant, market).await?;
        let sales = self.sale_records(tenant, market).await?;
        let watched = work.clone();
        let training = move || {
            let records = learnt_from(&sales);
            watched.enter(Phase::Learning);
            let learning = if live.is_some() { LEARNING } else { 1.0 };
            let mut trained = train_price(records, &options(watched.part(learning)))?;
            let study = trained.model.study();
            let mut warnings: Vec<String> = trained.warnings.iter().map(told).collect();
            let left_out = trained.validation.faults.iter().flatten().count();
            if left_out > 0 {
                warnings.push(format!("{left_out} of {} sales are not market sales and were left out", records.len()));
            }
            let (n, loss) = (trained.model.rows() as u64, study.median_ape);
            watched.enter(Phase::Comparing);
            let compare = |live| newer_sales(live, records, &watched.part(1.0 - learning));
            let compared = live.as_ref().map(compare).transpose()?.flatten();
            let metrics = json!({
                "n": n,
                "loss": loss,
                "held_out": study,
                "confidence": trained.model.confidence(),
                "tiers": trained.model.tiers(),
                "features": trained.model.features(),
                "closed": closed,
                "learnt_until": records.iter().map(|sale| sale.close_date).max(),
                "compared": compared,
                "compared_with": live.as_ref().map(|live| live.version.clone()),
            });
            let before = live.as_ref().and_then(|live| live.metrics["loss"].as_f64());
            let verdict = verdict(loss, before, compared);
            trained.model.keep(sales)?;
            Ok(Trained { n, metrics, verdict, warnings, artefact: trained.model.to_bytes()? })
        };
        self.training(work, training).await?.map_err(refuse)
    }
}

fn options(progress: Progress) -> PriceOptions {
    let mut options = PriceOptions::default();
    options.boost.progress = progress;
    options
}

/// Those of the sales, newest first, that a model learns from.
pub(crate) fn learnt_from(sales: &[SaleRecord]) -> &[SaleRecord] {
    &sales[..sales.len().min(MOST_LEARNT)]
}

/// The live model and the recipe of the new one on the same sales: the later half of those behind what the live one
/// learnt from. The new one learns from everything before them; each sale is priced as of the day before it. Losses are
/// `|ln(estimate / price)|`. `None` when there are too few.
fn newer_sales(live: &ModelRow, records: &[SaleRecord], progress: &Progress) -> Result<Option<Paired>, PredictError> {
    let until: Option<Day> = serde_json::from_value(live.metrics["learnt_until"].clone()).ok();
    let Some(until) = until else { return Ok(None) };
    let mut days: Vec<Day> = records.iter().map(|sale| sale.close_date).filter(|day| *day > until).collect();
    days.sort_unstable();
    let Some(cut) = days.get(days.len() / 2).copied() else { return Ok(None) };
    let (known, later): (Vec<SaleRecord>, Vec<SaleRecord>) =
        records.iter().cloned().partition(|sale| sale.close_date <= cut);
    if later.len() < UNSEEN {
        return Ok(None);
    }
    let Ok(champion) = PriceModel::from_bytes(&live.artefact) else { return Ok(None) };
    let challenger = match train_price(&known, &options(progress.clone())) {
        Err(PredictError::InsufficientData { .. }) => return Ok(None),
        trained => trained?.model,
    };
    let losses = |model| losses(model, records, &later, progress);
    let (old, new) = (losses(&champion)?, losses(&challenger)?);
    let both: Vec<(f64, f64)> = old.into_iter().zip(new).filter_map(|(old, new)| Some((old?, new?))).collect();
    let groups: Vec<u64> = (0..both.len() as u64).collect();
    let (old, new): (Vec<f64>, Vec<f64>) = both.into_iter().unzip();
    Ok((old.len() >= UNSEEN).then(|| Paired::of(&old, &new, &groups)))
}

/// How far a model is off each sale; nothing where it refuses.
fn losses(
    model: &PriceModel,
    records: &[SaleRecord],
    sales: &[SaleRecord],
    progress: &Progress,
) -> Result<Vec<Option<f64>>, PredictError> {
    let index = SalesIndex::build(model, records.iter().cloned())?;
    let loss = |sale: &SaleRecord| {
        progress.check()?;
        let before = Day(sale.close_date.0 - 1);
        Ok(match model.estimate(&index, &sale.home, before, Wanted { comparables: 5, reasons: false })? {
            Answer::Estimate(estimate) => Some((estimate.value.major() / sale.close_price).ln().abs()),
            Answer::Refused(_) => None,
        })
    };
    sales.iter().map(loss).collect()
}

/// Whether the new model takes over, and why.
fn verdict(new: f64, live: Option<f64>, compared: Option<Paired>) -> (bool, String) {
    let Some(old) = live else { return (true, "the first model".to_owned()) };
    if let Some(paired) = compared {
        let wins = paired.second_wins();
        let word = if wins { "better than" } else { "not clearly better than" };
        let (first, second, n, error) = (paired.first, paired.second, paired.n, paired.standard_error);
        let reason = format!(
            "mean absolute log error {second:.5} is {word} {first:.5} of the live model on the same {n} later sales (standard error {error:.5})"
        );
        return (wins, reason);
    }
    // Few sales are newer; more of the past may still have come in, and the latest sales that both were judged on are
    // about the same.
    let better = new < old;
    let word = if better { "lower than" } else { "not lower than" };
    (better, format!("held-out median error {new:.5} is {word} {old:.5} of the live model, and few sales are newer"))
}

//! Training the home price of a market.

use lintel_domain::{id::TenantId, market::MarketSlug, model::ModelKind};
use lintel_predict::price::{PriceOptions, train_price};

use super::{Trained, refuse, told};
use crate::{App, Error, Result};

impl App {
    pub(super) async fn train_price(&self, tenant: TenantId, market: &MarketSlug) -> Result<Trained> {
        self.0.store.market_get(tenant, market).await?.ok_or_else(Error::unknown_market)?;
        let live = self.0.store.model_live(tenant, ModelKind::Price, Some(market)).await?;
        let before = live.and_then(|row| row.metrics["loss"].as_f64());
        let (records, _) = self.sale_records(tenant, market).await?;
        let training = move || {
            let trained = train_price(&records, &PriceOptions::default())?;
            let study = trained.model.study();
            let mut warnings: Vec<String> = trained.warnings.iter().map(told).collect();
            let left_out = trained.validation.faults.iter().flatten().count();
            if left_out > 0 {
                warnings.push(format!("{left_out} of {} sales are not market sales and were left out", records.len()));
            }
            let (n, loss) = (trained.model.rows() as u64, study.median_ape);
            Ok(Trained {
                n,
                metrics: serde_json::json!({
                    "n": n, "loss": loss, "held_out": study, "features": trained.model.features(),
                }),
                verdict: verdict(loss, before),
                warnings,
                artefact: trained.model.to_bytes()?,
            })
        };
        tokio::task::spawn_blocking(training).await.map_err(Error::internal)?.map_err(refuse)
    }
}

/// Whether the new model takes over, and why. Both were judged on the latest sales of their day, which they had not
/// seen; a new one that is not worse by more than a hundredth takes over, since it has seen more.
fn verdict(new: f64, live: Option<f64>) -> (bool, String) {
    let Some(old) = live else { return (true, "the first model".to_owned()) };
    let better = new <= old * 1.01;
    let word = if better { "not worse than" } else { "worse than" };
    (better, format!("held-out loss {new:.5} is {word} {old:.5} of the live model"))
}

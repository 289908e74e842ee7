//! `lintel evaluate forecast`: forecasts of the stored series made again at earlier periods, against what came.

use lintel_app::{
    App, ForecastEvaluation, ForecastEvaluationRequest, HorizonScore, OriginScore, PoolEvaluation, Principal,
};
use serde_json::{Value, json};

use crate::{
    cli::Evaluate,
    output::{self, group, say},
};

/// Evaluates forecasts and says what they were worth.
pub(super) async fn run(app: &App, who: &Principal, flags: Evaluate) -> anyhow::Result<()> {
    let request = ForecastEvaluationRequest {
        market: flags.market.clone(),
        metric: flags.metric,
        horizon: flags.horizon as usize,
    };
    let evaluation = app.evaluate_forecasts(who, request).await?;
    if flags.json {
        let totals = &evaluation.totals;
        let pools: Vec<Value> = evaluation.pools.iter().map(pool_json).collect();
        output::json(&json!({
            "kind": "forecast",
            "market": flags.market,
            "n": evaluation.series,
            "horizon": flags.horizon,
            "metrics": {
                "origins": totals.origins, "values": totals.values, "mase": totals.mase,
                "naive_mase": totals.naive_mase, "coverage80": totals.coverage,
            },
            "series": pools,
        }))
    } else {
        in_words(&evaluation, flags.horizon)
    }
}

fn pool_json(pool: &PoolEvaluation) -> Value {
    let origin = |score: &OriginScore| {
        json!({
            "origin": score.origin.to_string(), "series": score.series, "values": score.values, "mase": score.mase,
            "naive_mase": score.naive_mase, "coverage80": score.coverage,
        })
    };
    let step = |score: &HorizonScore| {
        json!({
            "step": score.step, "values": score.values, "mase": score.mase, "naive_mase": score.naive_mase,
            "coverage80": score.coverage,
        })
    };
    json!({
        "metric": pool.metric,
        "pooled": pool.series,
        "n": pool.judged,
        "origins": pool.origins.iter().map(origin).collect::<Vec<_>>(),
        "by_horizon": pool.horizon.iter().map(step).collect::<Vec<_>>(),
    })
}

fn in_words(evaluation: &ForecastEvaluation, horizon: u32) -> anyhow::Result<()> {
    for pool in &evaluation.pools {
        let [judged, series] = [pool.judged, pool.series].map(|n| group(n as u64));
        say(format!("{}: {judged} of {series} series judged, {horizon} periods ahead", pool.metric))?;
        say("  made at     series   MASE  naive  80 % interval")?;
        for score in &pool.origins {
            let OriginScore { origin, series, .. } = score;
            say(format!("  {origin}  {series:>6}  {}", measures(score.mase, score.naive_mase, score.coverage)))?;
        }
        say("  ahead       values   MASE  naive  80 % interval")?;
        for score in &pool.horizon {
            let HorizonScore { step, values, .. } = score;
            say(format!("  {step:<10}  {values:>6}  {}", measures(score.mase, score.naive_mase, score.coverage)))?;
        }
    }
    let totals = &evaluation.totals;
    let verdict = if totals.mase < totals.naive_mase { "better" } else { "not better" };
    say(format!(
        "over {} origins MASE {:.3}, {verdict} than {:.3} of the last value; the 80 % intervals hold {:.1} %",
        totals.origins,
        totals.mase,
        totals.naive_mase,
        100.0 * totals.coverage
    ))
}

fn measures(mase: f64, naive: f64, coverage: f64) -> String {
    format!("{mase:>5.3}  {naive:>5.3}  {:.1} %", 100.0 * coverage)
}

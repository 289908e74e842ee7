//! `lintel evaluate`: repeating the evaluation of what is live, and measuring forecasts and taste on what is stored.

mod forecast;
mod taste;

use lintel_app::{App, EvaluationReport, ModelQuery, Principal};
use lintel_domain::{market::MarketSlug, model::ModelKind};
use serde_json::{Value, json};

use crate::{
    cli::{Evaluate, Evaluated},
    config::Config,
    output::{self, Exit, group, say},
    wire,
};

/// Measures what was asked for.
pub(crate) async fn run(config: Config, flags: Evaluate) -> anyhow::Result<Exit> {
    let app = wire::open(&config).await?;
    let who = app.system_of(&flags.tenant).await?;
    match flags.what {
        Evaluated::Model(kind) => model(&app, &who, kind, flags.market, flags.json).await?,
        Evaluated::Forecast => forecast::run(&app, &who, flags).await?,
        Evaluated::Taste => taste::run(&app, &who, flags).await?,
    }
    app.close().await;
    Ok(Exit::Done)
}

/// Evaluates the live model's recipe once more on what is stored, and the model itself on what came since.
async fn model(
    app: &App,
    who: &Principal,
    kind: ModelKind,
    market: Option<MarketSlug>,
    as_object: bool,
) -> anyhow::Result<()> {
    let report = app.evaluation(who, ModelQuery { kind, market }, true).await?;
    if as_object { output::json(&as_json(&report)) } else { in_words(&report) }
}

fn as_json(report: &EvaluationReport) -> Value {
    let model = &report.model;
    json!({
        "kind": model.kind,
        "market": model.market,
        "version": model.version,
        "trained_at": model.trained_at,
        "n": model.n,
        "prior": model.trained_at.is_none(),
        "metrics": measured(report),
        "repeated": report.repeated,
        "same": report.same,
        "trained": model.metrics,
        "since": report.since.as_ref().map(|since| json!({ "metrics": since.metrics, "recalibration": since.recalibration })),
    })
}

/// The figures that count: those of the repetition, else those of new outcomes (all that there are of the prior), else
/// those of the training.
fn measured(report: &EvaluationReport) -> Value {
    let repeated = report.repeated.as_ref().map(|again| match report.model.kind {
        ModelKind::Price => again.clone(),
        ModelKind::LeadScore | ModelKind::Churn => again["metrics"].clone(),
    });
    let since = || report.since.as_ref().and_then(|since| serde_json::to_value(&since.metrics).ok());
    let prior = report.model.trained_at.is_none();
    let live = if prior { since().or(repeated) } else { repeated.or_else(since) };
    live.unwrap_or_else(|| report.model.metrics["held_out"].clone())
}

fn in_words(report: &EvaluationReport) -> anyhow::Result<()> {
    let model = &report.model;
    say(format!("{} {} from {} rows", model.kind, model.version, group(model.n)))?;
    match (&report.repeated, report.same) {
        (Some(_), Some(true)) => say("repeated: the same as when it was trained")?,
        (Some(_), _) => say("repeated: other data than when it was trained")?,
        (None, _) => say("not repeated: too little can be held out")?,
    }
    say(serde_json::to_string_pretty(&measured(report))?)?;
    if let Some(since) = &report.since {
        let (line, n) = (since.recalibration.line, since.metrics.n as u64);
        say(format!("on {} outcomes it had not seen:", group(n)))?;
        say(serde_json::to_string_pretty(&since.metrics)?)?;
        say(format!("they would move its log-odds to {:.3} times, {:+.3}", line.slope, line.intercept))?;
    }
    Ok(())
}

//! `lintel train`: learning from the store.

use lintel_app::{TrainRequest, Work};
use serde_json::json;

use crate::{
    cli::Train,
    config::Config,
    output::{self, Bar, Exit, group, say},
    wire,
};

/// Trains, evaluates on held-out rows, and promotes if better.
pub(crate) async fn run(config: Config, flags: Train) -> anyhow::Result<Exit> {
    let app = wire::open(&config).await?;
    let who = app.system_of(&flags.tenant).await?;
    let request = TrainRequest { kind: flags.kind, market: flags.market };
    let work = Work::default();
    let bar = Bar::new();
    let report = bar.watch(&work, app.train(&who, request, &work)).await;
    bar.finish();
    let report = report?;
    let market = report.market.as_ref().map(|market| market.as_str().to_owned());
    if flags.json {
        output::json(&json!({
            "kind": report.kind, "market": market, "version": report.version, "n": report.n, "promoted": report.promoted,
            "reason": report.reason, "metrics": report.metrics, "warnings": report.warnings,
        }))?;
    } else {
        say(format!("{} {} from {} rows", report.kind, report.version, group(report.n)))?;
        say(format!("{}: {}", if report.promoted { "promoted" } else { "not promoted" }, report.reason))?;
        say(serde_json::to_string_pretty(&report.metrics)?)?;
        for warning in &report.warnings {
            say(format!("warning: {warning}"))?;
        }
    }
    app.close().await;
    Ok(Exit::Done)
}

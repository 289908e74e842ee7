//! `lintel demo`: a synthetic market to look at and to measure with.

use lintel_app::DemoRequest;
use serde_json::{Map, json};

use crate::{
    cli::Demo,
    config::Config,
    output::{self, Bar, Exit, group, say},
    wire,
};

/// Fills the store; the same seed again changes nothing.
pub(crate) async fn run(config: Config, flags: Demo) -> anyhow::Result<Exit> {
    let app = wire::open(&config).await?;
    let who = app.system(&flags.tenant).await?;
    let bar = Bar::new();
    let request = DemoRequest {
        market: flags.market.clone(),
        listings: flags.listings,
        sales: flags.sales,
        leads: flags.leads,
        days: flags.days,
        seed: flags.seed,
    };
    let counts = app.demo(&who, request, |progress| bar.show(progress)).await?;
    bar.finish();
    if flags.json {
        let kinds: Map<String, serde_json::Value> = counts
            .kinds
            .iter()
            .map(|(kind, counts)| Ok((kind.to_string(), serde_json::to_value(counts)?)))
            .collect::<anyhow::Result<_>>()?;
        output::json(
            &json!({ "tenant": flags.tenant, "market": flags.market, "provenance": "synthetic", "kinds": kinds }),
        )?;
    } else {
        say(format!("Synthetic market {} of tenant {}:", flags.market, flags.tenant))?;
        for (kind, counts) in &counts.kinds {
            say(format!(
                "  {:<13} {:>9} new, {:>9} unchanged",
                kind.to_string(),
                group(counts.created),
                group(counts.unchanged)
            ))?;
        }
    }
    app.close().await;
    Ok(Exit::Done)
}

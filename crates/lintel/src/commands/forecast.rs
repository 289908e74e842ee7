//! `lintel forecast`: what the series of a file will be, with intervals.

use lintel_app::{FileForecastRequest, FileForecastSummary, SeriesLayout, forecast_file};
use serde_json::json;

use super::learn::print_rejected;
use crate::{
    cli::{Forecast, Layout},
    output::{self, Exit, group, say},
};

/// The series without a forecast that are shown to people; the file has all of them.
const SHOWN: usize = 20;

/// Forecasts a file.
pub(crate) fn run(flags: Forecast) -> anyhow::Result<Exit> {
    let layout = match flags.layout {
        Layout::Wide => SeriesLayout::Wide,
        Layout::Long => SeriesLayout::Long,
    };
    let request =
        FileForecastRequest { from: flags.from, layout, horizon: flags.horizon as usize, out: flags.out.clone() };
    let summary = forecast_file(&request)?;
    if flags.json {
        print_json(&summary, &flags.out.display().to_string(), flags.horizon)?;
    } else {
        print_text(&summary, flags.horizon)?;
    }
    let all = summary.refused.is_empty() && summary.rejected.is_empty();
    Ok(if all { Exit::Done } else { Exit::SomeRejected })
}

fn print_json(summary: &FileForecastSummary, out: &str, horizon: u32) -> anyhow::Result<()> {
    let refused: Vec<_> =
        summary.refused.iter().map(|(series, reason)| json!({ "series": series, "reason": reason })).collect();
    output::json(&json!({
        "series": summary.series, "forecast": summary.forecast, "horizon": horizon, "out": out, "refused": refused,
        "rejected": summary.rejected,
    }))
}

fn print_text(summary: &FileForecastSummary, horizon: u32) -> anyhow::Result<()> {
    let [forecast, series] = [summary.forecast, summary.series].map(|n| group(n as u64));
    say(format!("{forecast} of {series} series forecast for {horizon} periods"))?;
    for (series, reason) in summary.refused.iter().take(SHOWN) {
        say(format!("  {series}: {reason}"))?;
    }
    if summary.refused.len() > SHOWN {
        say(format!("  and {} more", group((summary.refused.len() - SHOWN) as u64)))?;
    }
    print_rejected(&summary.rejected)
}

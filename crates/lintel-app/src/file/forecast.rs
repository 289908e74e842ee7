//! Forecasts of a file of series: read, forecast together, written as CSV. No store is needed.

use std::io::Write;
use std::path::PathBuf;

use lintel_domain::{clock::Day, import::Rejected};
use lintel_feed::table::Source;
use lintel_feed::{Layout, PeriodStyle, SeriesFile, read_series};
use lintel_predict::forecast::{self, Forecast, Periods, Points};

use super::{output::NewFile, rejected};
use crate::error::chain;
use crate::{Error, Result};

/// How a file of series is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesLayout {
    /// One series a row.
    Wide,
    /// One value a row.
    Long,
}

/// Forecasts asked for.
#[derive(Clone, Debug)]
pub struct FileForecastRequest {
    /// The file of series; `-` is standard input.
    pub from: PathBuf,
    /// How it is laid out.
    pub layout: SeriesLayout,
    /// How many periods to forecast, 1 to [`MOST_FORECAST_STEPS`].
    pub horizon: usize,
    /// Where the forecasts go.
    pub out: PathBuf,
}

/// The most periods that are forecast.
pub const MOST_FORECAST_STEPS: usize = forecast::MOST_STEPS;

/// What became of a file of series.
#[derive(Clone, Debug)]
pub struct FileForecastSummary {
    /// Series in the file.
    pub series: usize,
    /// Series with a forecast.
    pub forecast: usize,
    /// Series without one: name and reason.
    pub refused: Vec<(String, String)>,
    /// Rows of the file that could not be used.
    pub rejected: Vec<Rejected>,
}

/// Forecasts every series of a file and writes `series,period,mean,lower80,upper80,method,reason`, the series in the
/// order of the file. A series that cannot be forecast has one row with its reason. Nothing is written on failure.
pub fn forecast_file(request: &FileForecastRequest) -> Result<FileForecastSummary> {
    let unread = |error: lintel_feed::Error| Error::File(chain(&error));
    let source = Source::open(&request.from).map_err(unread)?;
    let layout = match request.layout {
        SeriesLayout::Wide => Layout::Wide,
        SeriesLayout::Long => Layout::Long,
    };
    let file = read_series(source, layout).map_err(unread)?;
    if file.series.is_empty() {
        return Err(Error::File("there is no series in the file".into()));
    }
    if let Some(days) = &file.periods
        && days.len() > 1
        && forecast::calendar::Calendar::of(days).is_none()
    {
        return Err(Error::File("the columns of periods are at no regular distance from each other".into()));
    }
    let outcomes = forecast_all(&file, request.horizon);
    let mut out = NewFile::create(&request.out)?;
    if let Err(error) = write_all(&mut out, &file, &outcomes) {
        return Err(out.failed(&error));
    }
    out.keep()?;
    let named = file.series.iter().zip(&outcomes);
    let refused: Vec<_> =
        named.filter_map(|(series, outcome)| Some((series.name.clone(), outcome.as_ref().err()?.clone()))).collect();
    Ok(FileForecastSummary {
        series: outcomes.len(),
        forecast: outcomes.len() - refused.len(),
        refused,
        rejected: rejected(&file.rejected).collect(),
    })
}

/// The forecast of each series, or why there is none.
fn forecast_all(file: &SeriesFile, horizon: usize) -> Vec<Result<Forecast, String>> {
    let usable: Vec<Points> =
        file.series.iter().filter(|series| series.fault.is_none()).map(|series| series.points.clone()).collect();
    let periods = file.periods.as_deref().map_or(Periods::Own, Periods::Shared);
    let mut forecasts = forecast::forecast(&usable, periods, horizon).into_iter();
    let outcome = |fault: &Option<String>| match fault {
        Some(fault) => Err(fault.clone()),
        None => forecasts.next().map_or(Err(String::new()), |made| made.map_err(|refusal| refusal.to_string())),
    };
    file.series.iter().map(|series| &series.fault).map(outcome).collect()
}

fn write_all(out: &mut impl Write, file: &SeriesFile, outcomes: &[Result<Forecast, String>]) -> std::io::Result<()> {
    writeln!(out, "series,period,mean,lower80,upper80,method,reason")?;
    file.series
        .iter()
        .zip(outcomes)
        .try_for_each(|(series, outcome)| write_series(out, &series.name, outcome, file.style))
}

fn write_series(
    out: &mut impl Write,
    name: &str,
    outcome: &Result<Forecast, String>,
    style: PeriodStyle,
) -> std::io::Result<()> {
    let name = quoted(name);
    match outcome {
        Err(reason) => writeln!(out, "{name},,,,,,{}", quoted(reason)),
        Ok(forecast) => forecast.steps.iter().try_for_each(|step| {
            let period = written(step.period, style);
            let [mean, lower, upper] = [step.mean, step.lower80, step.upper80];
            writeln!(out, "{name},{period},{mean},{lower},{upper},{},", quoted(forecast.method))
        }),
    }
}

fn written(period: Day, style: PeriodStyle) -> String {
    let mut text = period.to_string();
    if style == PeriodStyle::Month {
        // `2022-10-01` without its day.
        text.truncate(text.len() - 3);
    }
    text
}

/// A field as CSV wants it.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

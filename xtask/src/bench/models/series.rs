//! Series: forecasts as of several periods, against what came.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use csv::StringRecord;

use super::Bench;
use super::measures::{Better, Measure, mean, scaled_error};
use super::peers::{FORECASTERS, series_job};
use super::plan::SeriesTask;
use super::report::{Comparison, OURS, Scores, compare};
use super::table::Table;

const MEASURES: [Measure; 2] = [
    Measure { name: "MASE", better: Better::Lower, judged: true },
    Measure { name: "coverage 80", better: Better::Near(80), judged: false },
];

/// What was said about each period of a series: mean and bounds.
type Forecasts = HashMap<String, Vec<[f64; 3]>>;

pub(crate) fn compared(bench: &mut Bench, task: &SeriesTask) -> Result<Comparison> {
    let wide = Table::read(&bench.data.join(&task.file))?.wide();
    let first = wide.header.iter().position(|name| name.starts_with(|c: char| c.is_ascii_digit()));
    let first = first.with_context(|| format!("{} has no periods", task.file))?;
    let folder = bench.folder.join(&task.name);
    fs::create_dir_all(&folder)?;
    let (mut jobs, mut seconds) = (Vec::new(), 0.0);
    for origin in &task.origins {
        let file = folder.join(format!("{origin}.csv"));
        cut(&wide, origin)?.write(&(0..wide.rows.len()).collect::<Vec<_>>(), None, &file)?;
        let out = |method: &str| folder.join(format!("{origin}-{method}.csv"));
        seconds += bench.ours.forecast(&file, task.horizon, &out(OURS))?;
        jobs.push(series_job(task, &file, out));
    }
    let answer = bench.ask(&jobs)?;
    let (mut scores, mut predicted, mut answered) = (Scores::new(), 0, 0);
    for origin in &task.origins {
        let methods = FORECASTERS.iter().copied().chain([OURS]);
        let said: BTreeMap<&str, Forecasts> = methods
            .map(|method| Ok((method, read(&folder.join(format!("{origin}-{method}.csv")))?)))
            .collect::<Result<_>>()?;
        let mut of_series: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
        for row in &wide.rows {
            let Some((before, actual)) = values(row, first, column(&wide, origin)?, task.horizon) else { continue };
            let measured = said
                .iter()
                .map(|(method, said)| Some((*method, measured(task.year, said.get(&row[0])?, &before, &actual)?)));
            let scaled = scaled_error(task.year, &before, &actual, &actual).is_some();
            predicted += usize::from(scaled) * task.horizon;
            answered += usize::from(scaled && said[OURS].contains_key(&row[0])) * task.horizon;
            // Everyone is measured on the series that all of them forecast.
            for (method, both) in measured.collect::<Option<Vec<_>>>().into_iter().flatten() {
                of_series.entry(method).or_default().push(both);
            }
        }
        for (method, both) in of_series {
            let (errors, covered): (Vec<f64>, Vec<f64>) = both.into_iter().unzip();
            scores.entry(method.to_owned()).or_default().push(vec![mean(&errors), 100.0 * mean(&covered)]);
        }
    }
    ensure!(
        scores.contains_key(OURS),
        "no series of {} goes on for {} periods after an origin",
        task.name,
        task.horizon
    );
    let both = answer.answers.iter().filter_map(|job| job.get("both")).sum();
    let measures = compare(&MEASURES, &scores);
    Ok(Comparison {
        name: task.name.clone(),
        commit: bench.machine.commit.clone(),
        predicted,
        answered: answered as f64 / predicted as f64,
        seconds: [(OURS.to_owned(), seconds), (FORECASTERS.join(" and "), both)].into(),
        no_worse: measures.iter().all(|measure| measure.no_worse != Some(false)),
        measures,
    })
}

/// Where a period stands.
fn column(wide: &Table, period: &str) -> Result<usize> {
    let found = wide.header.iter().position(|name| name.starts_with(period));
    found.with_context(|| format!("there is no period {period}"))
}

/// The table up to a period.
fn cut(wide: &Table, origin: &str) -> Result<Table> {
    let end = column(wide, origin)?;
    let part = |row: &StringRecord| row.iter().take(end + 1).collect::<StringRecord>();
    Ok(Table { header: part(&wide.header), rows: wide.rows.iter().map(part).collect() })
}

/// The values up to the origin and those of the periods after it; `None` unless all of the latter are known.
fn values(row: &StringRecord, first: usize, origin: usize, horizon: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let known = |text: &str| text.parse::<f64>().ok();
    let before: Vec<f64> = row.iter().take(origin + 1).skip(first).filter_map(known).collect();
    let actual: Vec<f64> = row.iter().skip(origin + 1).take(horizon).map(known).collect::<Option<_>>()?;
    (actual.len() == horizon && known(&row[origin]).is_some()).then_some((before, actual))
}

/// Scaled error, and share of periods within the bounds.
fn measured(year: usize, said: &[[f64; 3]], before: &[f64], actual: &[f64]) -> Option<(f64, f64)> {
    let means: Vec<f64> = said.iter().map(|period| period[0]).collect();
    let within: Vec<f64> = said
        .iter()
        .zip(actual)
        .map(|([_, low, high], value)| f64::from(u8::from((low..=high).contains(&value))))
        .collect();
    Some((scaled_error(year, before, &means, actual)?, mean(&within)))
}

fn read(path: &Path) -> Result<Forecasts> {
    let table = Table::read(path)?;
    let id = table.column("series")?;
    let [mean, lower, upper] = ["mean", "lower80", "upper80"].map(|name| table.numbers(name));
    let (mean, lower, upper) = (mean?, lower?, upper?);
    let mut said = Forecasts::new();
    for (at, row) in table.rows.iter().enumerate() {
        if let (Some(mean), Some(lower), Some(upper)) = (mean[at], lower[at], upper[at]) {
            said.entry(row[id].to_owned()).or_default().push([mean, lower, upper]);
        }
    }
    Ok(said)
}

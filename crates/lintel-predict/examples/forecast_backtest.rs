//! Scores forecasts of the series in a wide file, made as of earlier months: `forecast_backtest FILE [STEPS] [ORIGIN…]`.
//!
//! The file is CSV, gzip-compressed where its name ends in `.gz`; its columns from the first one that is an ISO date on
//! are periods. Without origins those of every second October from 2010 to 2020 are taken.

#![expect(clippy::print_stdout, reason = "an example says what it measured")]

use std::{error::Error, fs::File, io::Read, path::Path, time::Instant};

use flate2::read::GzDecoder;
use lintel_domain::clock::Day;
use lintel_predict::forecast::{Periods, Points, backtest, forecast};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which file?")?;
    let steps: usize = arguments.next().map_or(Ok(24), |text| text.parse())?;
    let given: Vec<Day> = arguments.map(|text| text.parse()).collect::<Result<_, _>>()?;
    let (days, series) = read(&path)?;
    let origins = if given.is_empty() {
        let october =
            |year: i16| days.iter().rev().find(|day| Day::from_ymd(year, 10, 31).is_some_and(|end| **day <= end));
        (2010..=2020).step_by(2).filter_map(october).copied().collect()
    } else {
        given
    };
    let begin = Instant::now();
    let forecasts = forecast(&series, Periods::Shared(&days), steps);
    let made = forecasts.iter().filter(|forecast| forecast.is_ok()).count();
    println!("{made} of {} series × {steps} steps in {:.2} s", series.len(), begin.elapsed().as_secs_f64());
    println!("origin      series   MASE  naive  80 % interval");
    let scores = backtest::score(&series, &origins, steps, true);
    for score in &scores {
        println!(
            "{}  {:>6}  {:.3}  {:.3}  {:.1} %",
            score.origin,
            score.series,
            score.mase,
            score.naive_mase,
            100.0 * score.coverage
        );
    }
    let mean = |of: fn(&backtest::OriginScore) -> f64| scores.iter().map(of).sum::<f64>() / scores.len() as f64;
    let [mase, naive, coverage] = [mean(|s| s.mase), mean(|s| s.naive_mase), mean(|s| s.coverage)];
    println!("mean                {mase:.3}  {naive:.3}  {:.1} %", 100.0 * coverage);
    Ok(())
}

fn read(path: &str) -> Result<(Vec<Day>, Vec<Points>), Box<dyn Error>> {
    let file = File::open(path)?;
    let bytes: Box<dyn Read> = if Path::new(path).extension().is_some_and(|end| end == "gz") {
        Box::new(GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut rows = csv::Reader::from_reader(bytes);
    let header = rows.headers()?.clone();
    let columns: Vec<(usize, Day)> =
        header.iter().enumerate().filter_map(|(n, name)| Some((n, name.parse().ok()?))).collect();
    let mut series = Vec::new();
    for row in rows.records() {
        let row = row?;
        series.push(columns.iter().filter_map(|(n, day)| Some((*day, row.get(*n)?.parse().ok()?))).collect());
    }
    Ok((columns.into_iter().map(|(_, day)| day).collect(), series))
}

//! What each part brings, side by side: the same operations with everything and without it.

use std::fmt::Write as _;

use lintel_load::{measure::Latency, play::Played};

use super::{Came, Run};

/// Characters of the first column and of a run's two.
const NAMES: usize = 26;
const RUN: usize = 22;

/// One row for each operation of each phase, one pair of columns for each run.
pub(super) fn of(runs: &[Run]) -> String {
    let mut text = format!("\n{:<NAMES$}", "");
    for run in runs {
        let name = run.without.map_or_else(|| "with everything".to_owned(), |part| format!("without {part}"));
        let _ = write!(text, "{name:>RUN$}");
    }
    let _ = write!(text, "\n{:<NAMES$}", "milliseconds");
    for _ in runs {
        let _ = write!(text, "{:>12}{:>10}", "p50", "p99");
    }
    for (name, latencies) in rows(runs) {
        let _ = write!(text, "\n{name:<NAMES$}");
        for latency in latencies {
            match latency {
                Some(Latency { p50, p99, .. }) => {
                    let _ = write!(text, "{:>12.2}{:>10.2}", p50 as f64 / 1e3, p99 as f64 / 1e3);
                }
                None => {
                    let _ = write!(text, "{:>RUN$}", "-");
                }
            }
        }
    }
    let mut line = |name: &str, of: &dyn Fn(&Run) -> Option<String>| {
        let _ = write!(text, "\n{name:<NAMES$}");
        for run in runs {
            let _ = write!(text, "{:>RUN$}", of(run).unwrap_or_else(|| "-".to_owned()));
        }
    };
    for (at, prefix) in prefixes(runs).iter().enumerate() {
        let phase = |run: &Run, of: fn(&Played) -> f64| Some(format!("{:.1}", of(phases(&run.came).get(at)?)));
        line(&format!("{prefix}answered/s"), &|run| phase(run, |played| played.answered_per_second));
        line(&format!("{prefix}turned away/s"), &|run| phase(run, |played| played.shed as f64 / played.seconds));
    }
    line("processor ms a request", &|run| run.cpu_ms_per_request.map(|ms| format!("{ms:.3}")));
    text
}

fn phases(came: &Came) -> &[Played] {
    match came {
        Came::Report(report) => &report.phases,
        Came::Realtime(_) => &[],
    }
}

/// What stands before the names of rows: of which phase they are, where there are several.
fn prefixes(runs: &[Run]) -> Vec<String> {
    let phases = runs.first().map_or(&[][..], |run| phases(&run.came));
    let prefix = |phase: &Played| if phases.len() > 1 { format!("{}: ", phase.name) } else { String::new() };
    phases.iter().map(prefix).collect()
}

/// The latencies of each run by what was asked, in the order of the first run.
fn rows(runs: &[Run]) -> Vec<(String, Vec<Option<Latency>>)> {
    let prefixes = prefixes(runs);
    let each: Vec<Vec<(String, Latency)>> = runs.iter().map(|run| latencies(&run.came, &prefixes)).collect();
    let names = each.first().into_iter().flatten().map(|(name, _)| name.clone());
    let of =
        |name: &str, run: &[(String, Latency)]| run.iter().find(|(other, _)| other == name).map(|(_, found)| *found);
    names.map(|name| (name.clone(), each.iter().map(|run| of(&name, run)).collect())).collect()
}

fn latencies(came: &Came, prefixes: &[String]) -> Vec<(String, Latency)> {
    if let Came::Realtime(report) = came {
        return vec![
            ("written".to_owned(), report.written_us),
            ("written to heard".to_owned(), report.from_acknowledged_us),
        ];
    }
    let of_phase = |(prefix, phase): (&String, &Played)| -> Vec<(String, Latency)> {
        let named = phase.operations.iter();
        named.map(|figures| (format!("{prefix}{}", figures.operation.name()), figures.latency_us)).collect()
    };
    prefixes.iter().zip(phases(came)).flat_map(of_phase).collect()
}

#[cfg(test)]
mod tests {
    use lintel_load::realtime::Report;

    use super::*;

    #[test]
    fn every_run_has_its_columns() {
        let report = |p99| Report {
            clients: 1,
            writes: 1,
            due: 1,
            heard: 1,
            from_acknowledged_us: Latency { p50: 1_500, p99, ..Latency::default() },
            from_intended_us: Latency::default(),
            written_us: Latency::default(),
            opened_in: 0.1,
            bytes_per_client: None,
        };
        let run =
            |without, p99| Run { without, cpu_ms_per_request: Some(0.25), came: Came::Realtime(Box::new(report(p99))) };
        let table = of(&[run(None, 2_000), run(Some("group-commit"), 9_000)]);
        let lines: Vec<&str> = table.lines().collect();
        assert!(lines[1].contains("with everything") && lines[1].contains("without group-commit"), "{table}");
        let heard: Vec<&str> =
            lines.iter().find(|line| line.starts_with("written to heard")).unwrap().split_whitespace().collect();
        assert_eq!(heard[3..], ["1.50", "2.00", "1.50", "9.00"]);
        assert!(lines.last().unwrap().ends_with("0.250"), "{table}");
    }
}

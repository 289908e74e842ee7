//! The report as text for a terminal.

use std::fmt;

use super::report::{Outcome, Overload, Played, Report, Verdict};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (machine, server) = (&self.machine, &self.server);
        writeln!(f, "\n{}: {}", self.scenario, self.about)?;
        let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
        writeln!(
            f,
            "server {} (commit {}) on {}; {} ({} cores, {:.0} GiB, Linux {})",
            known(&server.version),
            known(&server.commit),
            known(&server.store),
            machine.processor,
            machine.cores,
            machine.memory_gib,
            machine.kernel,
        )?;
        if self.is_shortened {
            writeln!(f, "shortened: its figures say little")?;
        }
        self.phases.iter().try_for_each(|phase| phase_table(f, phase))?;
        if let Some(overload) = &self.overload {
            overload_table(f, overload)?;
        }
        if let Some(memory) = &self.memory {
            write!(f, "\nmemory {:.0} MiB at the begin, {:.0} MiB at the end", memory.begin_mib, memory.end_mib)?;
            let peak = memory.peak_mib.map(|peak| format!(", at most {peak:.0} MiB ever")).unwrap_or_default();
            writeln!(f, "{peak}")?;
        }
        writeln!(f, "\n{:<22} {:<36} {:>10} {:>12}  verdict", "phase", "line", "measured", "limit")?;
        self.verdicts.iter().try_for_each(|verdict| verdict_line(f, verdict))?;
        let count = |outcome| self.verdicts.iter().filter(|verdict| verdict.outcome == outcome).count();
        let all = if self.holds() { "every line was kept" } else { "not every line was kept" };
        let (met, missed, unknown) = (count(Outcome::Met), count(Outcome::NotMet), count(Outcome::NotMeasured));
        writeln!(f, "\n{all}: {met} met, {missed} not met, {unknown} not measured")
    }
}

fn phase_table(f: &mut fmt::Formatter<'_>, phase: &Played) -> fmt::Result {
    writeln!(
        f,
        "\n{}: {:.0} requests a second for {:.0} s, {:.0} a second answered, {} failed, {} turned away, generator late by {:.1} ms (p99)",
        phase.name,
        phase.rate,
        phase.seconds,
        phase.answered_per_second,
        phase.failed,
        phase.shed,
        ms(phase.lateness_us.p99),
    )?;
    writeln!(
        f,
        "  {:<12} {:>8} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8} {:>7} {:>7}",
        "operation", "count", "answers/s", "p50 ms", "p95 ms", "p99 ms", "p99.9 ms", "max ms", "failed", "shed"
    )?;
    for figures in &phase.operations {
        let latency = &figures.latency_us;
        writeln!(
            f,
            "  {:<12} {:>8} {:>9.1} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>7} {:>7}",
            figures.operation.name(),
            figures.due,
            figures.per_second,
            ms(latency.p50),
            ms(latency.p95),
            ms(latency.p99),
            ms(latency.p999),
            ms(latency.max),
            figures.failed(),
            figures.shed,
        )?;
        if !figures.errors.is_empty() {
            let kinds: Vec<String> = figures.errors.iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
            writeln!(f, "    {}", kinds.join(", "))?;
        }
    }
    Ok(())
}

fn overload_table(f: &mut fmt::Formatter<'_>, overload: &Overload) -> fmt::Result {
    writeln!(
        f,
        "\n{:<20} {:>9} {:>12} {:>9} {:>9} {:>8} {:>8} {:>8}",
        "ramp and overload", "sent/s", "good in 1 s", "p50 ms", "p99 ms", "failed", "shed", "late ms"
    )?;
    for step in overload.steps.iter().chain([&overload.over, &overload.after]) {
        writeln!(
            f,
            "{:<20} {:>9.0} {:>10.0}/s {:>9.2} {:>9.2} {:>8} {:>8} {:>8.1}",
            step.name,
            step.due as f64 / step.seconds,
            step.goodput_per_second,
            ms(step.latency_us.p50),
            ms(step.latency_us.p99),
            step.failed,
            step.shed,
            ms(step.lateness_us.p99),
        )?;
    }
    let known = if overload.is_broken { "" } else { " or more" };
    writeln!(f, "capacity {:.0} a second{known}", overload.capacity_per_second)
}

fn verdict_line(f: &mut fmt::Formatter<'_>, verdict: &Verdict) -> fmt::Result {
    let measured = verdict.measured.map_or_else(|| "-".to_owned(), number);
    let sign = if verdict.is_least { "≥" } else { "≤" };
    let limit = format!("{sign} {}", number(verdict.limit));
    let reason = verdict.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
    let words = verdict.outcome.words();
    writeln!(f, "{:<22} {:<36} {measured:>10} {limit:>12}  {words}{reason}", verdict.phase, verdict.what)
}

/// A number with as many digits as it deserves.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 0.1 => format!("{value:.4}"),
        size if size < 100.0 => format!("{value:.2}"),
        _ => format!("{value:.0}"),
    }
}

fn ms(microseconds: u64) -> f64 {
    microseconds as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_have_as_many_digits_as_they_deserve() {
        assert_eq!([0.0, 0.001, 0.25, 42.123, 1234.5].map(number), ["0", "0.0010", "0.25", "42.12", "1234"]);
    }
}

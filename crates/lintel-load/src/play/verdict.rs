//! The lines a scenario is held to, each judged on its own.

use super::overload::RECOVERED;
use super::report::{LATE_BEYOND_CAPACITY_US, Outcome, Overload, Played, Report, Verdict};
use crate::scenario::{Scenario, Slo};

/// While more comes than can be answered, what is answered may take so many times as long as the lines say.
const OVERLOADED: f64 = 3.0;

/// The share of the capacity that is still answered when several times as much comes.
const KEPT: f64 = 0.8;

/// Seconds within which it must have recovered.
const RECOVERY: f64 = 5.0;

/// A verdict for each line.
pub(super) fn of(report: &Report, scenario: &Scenario) -> Vec<Verdict> {
    let judged = scenario.phases.iter().zip(&report.phases).filter(|(phase, _)| phase.judged);
    let mut verdicts: Vec<Verdict> = judged.flat_map(|(_, played)| of_phase(played, report, scenario)).collect();
    if let Some(overload) = &report.overload {
        verdicts.extend(of_overload(overload, &scenario.slo));
    }
    if let Some(most) = scenario.slo.memory_growth_mib {
        let grown = report.memory.as_ref().map(super::facts::MemoryUse::growth_mib);
        let missing = grown.is_none().then(|| "nobody told the server's memory: give --pid".to_owned());
        verdicts.push(judge("all", "memory grown by, MiB", grown, Line::Most(most), missing));
    }
    verdicts
}

enum Line {
    Most(f64),
    Least(f64),
}

/// A latency in milliseconds; a late generator explains only as much as it was late, so what is missed by more is missed.
fn judge_latency(phase: &Played, what: String, measured: Option<f64>, most: f64, doubt: Option<String>) -> Verdict {
    let is_missed_anyway = measured.is_some_and(|time| time - ms(phase.lateness_us.p99) > most);
    judge(&phase.name, what, measured, Line::Most(most), doubt.filter(|_| !is_missed_anyway))
}

/// A verdict; `doubt` is why the measure cannot be trusted.
fn judge(phase: &str, what: impl Into<String>, measured: Option<f64>, line: Line, doubt: Option<String>) -> Verdict {
    let (limit, is_least) = match line {
        Line::Most(limit) => (limit, false),
        Line::Least(limit) => (limit, true),
    };
    let outcome = match measured {
        Some(measured) if doubt.is_none() => {
            let is_met = if is_least { measured >= limit } else { measured <= limit };
            if is_met { Outcome::Met } else { Outcome::NotMet }
        }
        _ => Outcome::NotMeasured,
    };
    Verdict { phase: phase.to_owned(), what: what.into(), measured, limit, is_least, outcome, reason: doubt }
}

fn of_phase(phase: &Played, report: &Report, scenario: &Scenario) -> Vec<Verdict> {
    let slo = &scenario.slo;
    let late = lateness(phase, borne(slo));
    let share = (phase.due > 0).then(|| phase.error_share());
    let nothing = share.is_none().then(|| "nothing was sent".to_owned());
    let mut verdicts =
        vec![judge(&phase.name, "errors, share", share, Line::Most(slo.errors), late.clone().or(nothing))];
    let factor = if phase.may_shed && phase.shed > 0 { OVERLOADED } else { 1.0 };
    for operation in scenario.operations() {
        let figures = phase.operations.iter().find(|figures| figures.operation == operation);
        let answered = figures.filter(|figures| figures.due > figures.shed);
        let useless = report.useful.get(&operation).is_some_and(|useful| useful.useful == 0);
        let doubt = late.clone().or_else(|| {
            let none = answered.is_none().then(|| "nothing was asked, or all of it turned away".to_owned());
            none.or_else(|| useless.then(|| "no answer held what was asked for".to_owned()))
        });
        let line = slo.line(operation);
        for (percent, limit) in [("p95", line.p95_ms), ("p99", line.p99_ms)] {
            let measured = answered.map(|figures| {
                let latency = &figures.latency_us;
                ms(if percent == "p95" { latency.p95 } else { latency.p99 })
            });
            let what = format!("{operation} {percent}, ms");
            verdicts.extend(limit.map(|limit| judge_latency(phase, what, measured, limit * factor, doubt.clone())));
        }
    }
    if phase.may_shed && phase.shed > 0 {
        verdicts.push(shed(phase, slo));
    }
    verdicts
}

fn of_overload(overload: &Overload, slo: &Slo) -> Vec<Verdict> {
    let Overload { over, after, .. } = overload;
    let unknown = (!overload.is_broken).then(|| {
        let is_late = overload.steps.last().is_some_and(|step| step.is_later_than(LATE_BEYOND_CAPACITY_US));
        let what = if is_late { "the generator" } else { "the ramp" };
        format!("{what} reached its end before the server did: its capacity is unknown")
    });
    let doubt = |phase: &Played| unknown.clone().or_else(|| lateness(phase, LATE_BEYOND_CAPACITY_US));
    let kept = over.goodput_per_second / overload.capacity_per_second.max(f64::MIN_POSITIVE);
    let slower = ms(over.latency_us.p99) / ms(overload.capacity_p99_us.max(1));
    let recovered = overload.recovered_after_seconds.unwrap_or(f64::INFINITY);
    let mut verdicts = vec![
        judge(&over.name, "goodput, share of capacity", Some(kept), Line::Least(KEPT), doubt(over)),
        judge(&over.name, "errors, share", Some(over.error_share()), Line::Most(slo.errors), doubt(over)),
        judge(&over.name, "accepted p99, times that at capacity", Some(slower), Line::Most(OVERLOADED), doubt(over)),
    ];
    if over.shed > 0 {
        verdicts.push(shed(over, slo));
    }
    let back = format!("back at {RECOVERED} of capacity after, s");
    // A number that JSON can hold: never means longer than was looked.
    let recovered = recovered.min(after.seconds.max(RECOVERY + 1.0));
    verdicts.push(judge(&after.name, back, Some(recovered), Line::Most(RECOVERY), doubt(after)));
    verdicts
}

fn shed(phase: &Played, slo: &Slo) -> Verdict {
    let doubt = lateness(phase, borne(slo));
    judge_latency(phase, "turned away p99, ms".to_owned(), Some(ms(phase.shed_us.p99)), slo.shed_p99_ms, doubt)
}

/// Why the generator's own lateness makes figures doubtful, if it does.
fn lateness(phase: &Played, borne_us: u64) -> Option<String> {
    phase.is_later_than(borne_us).then(|| format!("the generator was late: p99 {:.1} ms", ms(phase.lateness_us.p99)))
}

/// How late the generator may be, in microseconds.
fn borne(slo: &Slo) -> u64 {
    (slo.generator_p99_ms * 1000.0) as u64
}

fn ms(microseconds: u64) -> f64 {
    microseconds as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::operation::Operation;
    use crate::play::report::tests::report;
    use crate::play::report::{Outcome, Overload, Played, Report, Verdict};
    use crate::preflight::Useful;
    use crate::scenario::Scenario;

    fn verdicts(slo: &str, report: &Report) -> Vec<Verdict> {
        let phase = "[[phases]]\nname = \"100 users\"\nusers = 100\nseconds = 10";
        let text = format!("name = \"one\"\n{phase}\n[weights]\nscore = 1\n[slo]\n{slo}");
        of(report, &Scenario::parse(&text).expect("a scenario"))
    }

    fn outcomes(slo: &str, report: &Report) -> Vec<Outcome> {
        verdicts(slo, report).iter().map(|verdict| verdict.outcome).collect()
    }

    #[test]
    fn each_line_is_judged_on_its_own() {
        use Outcome::{Met, NotMet};
        // The 95th percentile is 10 ms, the 99th is 20 ms, and nothing failed.
        assert_eq!(outcomes("", &report()), [Met, Met]);
        assert_eq!(outcomes("[slo.score]\np95_ms = 9\np99_ms = 20", &report()), [Met, NotMet, Met]);
        let mut failing = report();
        failing.phases[0].failed = 2;
        assert_eq!(outcomes("", &failing), [NotMet, Met]);
        assert_eq!(outcomes("errors = 0.002", &failing), [Met, Met]);
    }

    #[test]
    fn a_late_generator_measured_nothing() {
        let mut late = report();
        late.phases[0].lateness_us.p99 = 12_000;
        let verdicts = verdicts("", &late);
        assert!(verdicts.iter().all(|verdict| verdict.outcome == Outcome::NotMeasured));
        assert!(verdicts[0].reason.as_ref().is_some_and(|reason| reason.contains("late: p99 12.0 ms")), "{verdicts:?}");
    }

    #[test]
    fn what_is_missed_by_more_than_the_generator_was_late_is_missed() {
        let mut late = report();
        late.phases[0].lateness_us.p99 = 12_000;
        late.phases[0].operations[0].latency_us.p95 = 46_000;
        assert_eq!(outcomes("", &late)[1], Outcome::NotMeasured);
        late.phases[0].operations[0].latency_us.p95 = 48_000;
        assert_eq!(outcomes("", &late), [Outcome::NotMeasured, Outcome::NotMet]);
    }

    #[test]
    fn an_operation_without_requests_or_useful_answers_was_not_measured() {
        let mut empty = report();
        empty.phases[0].operations.clear();
        assert_eq!(outcomes("", &empty)[1], Outcome::NotMeasured);
        let mut useless = report();
        useless.useful.insert(Operation::Score, Useful { asked: 9, useful: 0 });
        assert_eq!(outcomes("", &useless), [Outcome::Met, Outcome::NotMeasured]);
    }

    #[test]
    fn turning_away_is_judged_by_how_soon_it_is_told() {
        let mut shedding = report();
        shedding.phases[0].shed = 100;
        assert_eq!(outcomes("", &shedding)[0], Outcome::NotMet);
        shedding.phases[0].may_shed = true;
        shedding.phases[0].shed_us.p99 = 49_000;
        let judged = verdicts("[slo.score]\np95_ms = 4", &shedding);
        assert!(judged.iter().all(|verdict| verdict.outcome == Outcome::Met), "{judged:?}");
        assert_eq!(judged[1].limit, 12.0);
        shedding.phases[0].shed_us.p99 = 51_000;
        assert_eq!(outcomes("", &shedding).last(), Some(&Outcome::NotMet));
    }

    #[test]
    fn a_phase_of_getting_over_it_is_held_to_nothing() {
        let phase = "[[phases]]\nname = \"100 users\"\nusers = 100\nseconds = 10\njudged = false";
        let scenario = Scenario::parse(&format!("name = \"one\"\n{phase}\n[weights]\nscore = 1")).expect("a scenario");
        assert!(of(&report(), &scenario).is_empty());
    }

    #[test]
    fn memory_that_nobody_told_was_not_measured() {
        assert_eq!(outcomes("memory_growth_mib = 10", &report())[2], Outcome::NotMeasured);
    }

    fn overloaded(kept: f64, recovered: Option<f64>, is_broken: bool) -> Vec<Outcome> {
        let phase = |name: &str, goodput| {
            let phase = report().phases.remove(0);
            Played { name: name.into(), goodput_per_second: goodput, may_shed: true, ..phase }
        };
        let mut report = report();
        report.phases.clear();
        report.overload = Some(Overload {
            steps: vec![phase("ramp", 1000.0)],
            is_broken,
            capacity_per_second: 1000.0,
            capacity_p99_us: 20_000,
            over: phase("overload", kept * 1000.0),
            after: phase("after the overload", 1000.0),
            recovered_after_seconds: recovered,
        });
        outcomes("", &report)
    }

    #[test]
    fn the_promise_of_an_overload_is_goodput_latency_and_recovery() {
        use Outcome::{Met, NotMeasured, NotMet};
        assert_eq!(overloaded(0.85, Some(2.0), true), [Met, Met, Met, Met]);
        assert_eq!(overloaded(0.75, Some(2.0), true), [NotMet, Met, Met, Met]);
        assert_eq!(overloaded(0.85, Some(6.0), true), [Met, Met, Met, NotMet]);
        assert_eq!(overloaded(0.85, None, true), [Met, Met, Met, NotMet]);
        assert_eq!(overloaded(0.85, Some(2.0), false), [NotMeasured; 4]);
    }
}

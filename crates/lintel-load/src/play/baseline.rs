//! A playing held beside an earlier one of the same scenario: what became worse by more than chance.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::report::{LATE_US, Played, Report};
use crate::Error;
use crate::measure::Figures;

/// Latencies that differ by less, in microseconds, differ by what else the machine does.
pub const NOISE_US: u64 = 1_000;

/// Shares of good answers that differ by fewer standard errors differ by chance.
pub const NOISE_ERRORS: f64 = 3.0;

/// With fewer requests than this a 99th percentile is one or two of them, and is not compared.
pub const FEWEST: u64 = 200;

/// A share, said as `10%` or `0.1`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Share(pub f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
        let share = number.trim().parse::<f64>().map(|number| number / unit);
        let share = share.ok().filter(|share| (0.0..=10.0).contains(share));
        share.map(Self).ok_or_else(|| format!("{text:?} is no share like 10% or 0.1"))
    }
}

/// One figure then and now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Phase and operation.
    pub of: String,
    /// Which figure, with its unit.
    pub what: String,
    /// As it was.
    pub before: f64,
    /// As it is.
    pub now: f64,
    /// By what share it is worse; less than 0 when it is better.
    pub worse_by: f64,
    /// Whether that is more than is allowed, and more than noise.
    pub is_regression: bool,
}

/// All figures that both have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The share by which a figure may be worse.
    pub allowed: Share,
    /// What makes them hard to compare.
    pub doubts: Vec<String>,
    /// One for each figure that was compared.
    pub changes: Vec<Change>,
    /// Operations with too few requests to compare, by phase.
    pub too_few: Vec<String>,
}

impl Comparison {
    /// Whether anything is worse by more than is allowed.
    pub fn is_worse(&self) -> bool {
        self.changes.iter().any(|change| change.is_regression)
    }
}

/// Holds a report beside an earlier one of the same scenario.
pub fn compare(before: &Report, now: &Report, allowed: Share) -> Result<Comparison, Error> {
    if before.scenario != now.scenario {
        let names = format!("the baseline is of {:?}, not of {:?}", before.scenario, now.scenario);
        return Err(Error::Scenario(names));
    }
    let mut comparison = Comparison { allowed, doubts: doubts(before, now), changes: Vec::new(), too_few: Vec::new() };
    for phase in &now.phases {
        let same = |other: &&Played| other.name == phase.name && other.rate == phase.rate;
        if let Some(earlier) = before.phases.iter().find(same) {
            comparison.phase(earlier, phase);
        }
    }
    if let (Some(earlier), Some(overload)) = (&before.overload, &now.overload)
        && earlier.is_broken
        && overload.is_broken
    {
        let (capacity, was) = (overload.capacity_per_second, earlier.capacity_per_second);
        comparison.add("ramp", "capacity, a second", was, capacity, 1.0 - capacity / was, true);
    }
    if comparison.changes.is_empty() {
        return Err(Error::Scenario("the baseline has no phase and operation that can be compared".into()));
    }
    Ok(comparison)
}

impl Comparison {
    fn phase(&mut self, before: &Played, now: &Played) {
        for figures in &now.operations {
            let same = |other: &&Figures| other.operation == figures.operation;
            let Some(earlier) = before.operations.iter().find(same) else { continue };
            let of = format!("{}: {}", now.name, figures.operation);
            if figures.due.min(earlier.due) < FEWEST {
                self.too_few.push(of);
                continue;
            }
            let (was, is) = (earlier.latency_us.p99, figures.latency_us.p99);
            let worse = is as f64 / was.max(1) as f64 - 1.0;
            self.add(&of, "p99, ms", was as f64 / 1000.0, is as f64 / 1000.0, worse, is.saturating_sub(was) > NOISE_US);
            let (was, is) = (good_share(earlier), good_share(figures));
            // The difference of two shares, each of its own number of requests.
            let variance = variance_of(was, earlier.due) + variance_of(is, figures.due);
            let is_clear = was - is > NOISE_ERRORS * variance.sqrt();
            let worse = 1.0 - is / was.max(f64::MIN_POSITIVE);
            self.add(&of, "goodput, share of what was due", was, is, worse, is_clear);
        }
    }

    fn add(&mut self, of: &str, what: &str, before: f64, now: f64, worse_by: f64, is_clear: bool) {
        let is_regression = is_clear && worse_by > self.allowed.0;
        self.changes.push(Change { of: of.to_owned(), what: what.to_owned(), before, now, worse_by, is_regression });
    }
}

/// Good answers, of what was due, since the number of requests is itself by chance.
fn good_share(figures: &Figures) -> f64 {
    figures.good as f64 / figures.due as f64
}

/// The variance of a share that was counted on so many requests: p (1 - p) / n.
fn variance_of(share: f64, requests: u64) -> f64 {
    (share * (1.0 - share)).max(0.0) / requests as f64
}

fn doubts(before: &Report, now: &Report) -> Vec<String> {
    let mut doubts = Vec::new();
    if before.machine != now.machine {
        doubts.push("the baseline was measured on another machine, kernel or generator".to_owned());
    }
    if before.server.store != now.server.store {
        doubts.push("the baseline was measured on another store".to_owned());
    }
    if before.is_shortened || now.is_shortened {
        doubts.push("at least one of the two was shortened".to_owned());
    }
    let late = [before, now].into_iter().flat_map(|report| &report.phases).filter(|phase| phase.is_later_than(LATE_US));
    doubts.extend(late.map(|phase| format!("the generator was late in {:?}", phase.name)));
    doubts
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allowed = self.allowed.0 * 100.0;
        let noise = NOISE_US / 1000;
        writeln!(f, "\nbeside the baseline: worse by more than {allowed:.0} % is a regression")?;
        writeln!(f, "  noise: p99 less than {noise} ms apart, shares within {NOISE_ERRORS} standard errors")?;
        self.doubts.iter().try_for_each(|doubt| writeln!(f, "  beware: {doubt}"))?;
        for change in &self.changes {
            let Change { of, what, before, now, .. } = change;
            let direction = if change.worse_by > 0.0 { "worse" } else { "better" };
            let share = change.worse_by.abs() * 100.0;
            let mark = if change.is_regression { "  REGRESSION" } else { "" };
            writeln!(f, "  {of:<34} {what:<32} {before:>9.2} → {now:>9.2}  {share:>5.1} % {direction}{mark}")?;
        }
        if !self.too_few.is_empty() {
            writeln!(f, "  fewer than {FEWEST} requests, not compared: {}", self.too_few.join("; "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Share, compare};
    use crate::play::report::tests::report;

    const TEN: Share = Share(0.1);

    #[test]
    fn a_share_is_said_in_percent_or_as_a_fraction() {
        assert_eq!("10%".parse(), Ok(TEN));
        assert_eq!("0.1".parse(), Ok(TEN));
        for wrong in ["", "ten", "-5%", "NaN", "2000%"] {
            assert!(wrong.parse::<Share>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_same_again_is_no_regression() {
        let comparison = compare(&report(), &report(), TEN).expect("a comparison");
        assert!(!comparison.is_worse() && comparison.doubts.is_empty(), "{comparison}");
        assert_eq!(comparison.changes.len(), 2);
    }

    #[test]
    fn a_p99_that_is_worse_by_more_than_its_share_and_more_than_noise_is_a_regression() {
        let worse_by = |us: u64, allowed| {
            let mut now = report();
            now.phases[0].operations[0].latency_us.p99 += us;
            compare(&report(), &now, allowed).expect("a comparison").is_worse()
        };
        // It was 20 ms.
        assert!(worse_by(2_500, TEN));
        assert!(!worse_by(2_500, Share(0.2)));
        assert!(!worse_by(1_900, TEN));
        assert!(!worse_by(900, Share(0.01)));
    }

    #[test]
    fn shares_of_few_requests_may_differ_by_chance() {
        let worse = |due: u64| {
            let (mut before, mut now) = (report(), report());
            for (report, good) in [(&mut before, due / 5), (&mut now, due / 6)] {
                let figures = &mut report.phases[0].operations[0];
                (figures.due, figures.good) = (due, good);
            }
            compare(&before, &now, TEN).expect("a comparison").is_worse()
        };
        assert!(!worse(300));
        assert!(worse(30_000));
    }

    #[test]
    fn fewer_good_answers_are_a_regression() {
        let mut now = report();
        now.phases[0].operations[0].good = 800;
        let comparison = compare(&report(), &now, TEN).expect("a comparison");
        assert!(comparison.is_worse());
        assert!(comparison.to_string().contains("REGRESSION"), "{comparison}");
    }

    #[test]
    fn what_cannot_be_compared_is_an_error_or_a_doubt_and_never_silence() {
        let mut other = report();
        other.scenario = "other".into();
        assert!(compare(&other, &report(), TEN).is_err());
        let mut few = report();
        few.phases[0].operations[0].due = 10;
        assert!(compare(&few, &report(), TEN).is_err());
        let mut faster = report();
        faster.phases[0].rate = 7.0;
        assert!(compare(&faster, &report(), TEN).is_err());
        let mut elsewhere = report();
        elsewhere.machine.cores += 1;
        assert_eq!(compare(&elsewhere, &report(), TEN).expect("a comparison").doubts.len(), 1);
    }
}

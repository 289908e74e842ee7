//! Days on market: the odds of a sale within 30, 60 and 90 days.
//!
//! Homes that are still for sale, or left the market unsold, have been on it for at least as long as is known: they are
//! censored, and leaving them out would make every market look fast. The share still unsold after t days is the
//! product-limit estimate S(t) = Π (1 − d_i / n_i) over the days t_i ≤ t with d_i sales among n_i homes at risk (Kaplan &
//! Meier, JASA 53, 1958). Its variance is Greenwood's, and the 95 % interval is taken on log(−log S) (Kalbfleisch &
//! Prentice, The Statistical Analysis of Failure Time Data), so that it stays between 0 and 1. For a home that has been
//! on the market for a days, the odds within t more are 1 − S(a + t) / S(a).
//!
//! Of homes that are for sale now the slow ones are over-represented; they enter as censored, which is right for them,
//! but sales older than the window do not enter, so the window should be long against the time a sale takes.

use lintel_domain::clock::Day;

use super::{
    Calculation, Given, Observed, Origin, Stage,
    Unit::{Days, Share},
    supply::Asked,
};

/// The fewest sales that odds are told from.
const LEAST_SALES: usize = 20;
/// The normal quantile of a 95 % interval.
const Z: f64 = 1.96;

/// The name of each figure and its bounds, with the days.
const HORIZONS: [(f64, [&str; 3]); 3] = [
    (30.0, ["sold_within_30_days", "sold_within_30_days_low", "sold_within_30_days_high"]),
    (60.0, ["sold_within_60_days", "sold_within_60_days_low", "sold_within_60_days_high"]),
    (90.0, ["sold_within_90_days", "sold_within_90_days_low", "sold_within_90_days_high"]),
];

/// The odds on `today`; for a home that has been on the market for `so_far` days when given.
pub fn calculate(homes: &[Observed], asked: &Asked, so_far: Option<f64>, today: Day) -> Calculation {
    let mut spells: Vec<(f64, bool)> = Vec::new();
    for home in asked.segment.of(homes) {
        let sold = home.sold_within(asked.window.value, today);
        let counts = sold || matches!(home.stage, Stage::ForSale | Stage::UnderContract | Stage::Unsold);
        if let Some(days) = home.days.filter(|days| counts && days.is_finite()) {
            // An accepted offer is not yet a sale; until when it was on offer is known.
            spells.push((days, sold));
        }
    }
    let sales = spells.iter().filter(|(_, sold)| *sold).count();
    let mut answer = Calculation::of(spells.len())
        .window(asked.window)
        .counted("homes_sold", sales)
        .counted("homes_not_sold", spells.len() - sales);
    if let Some(days) = so_far {
        answer = answer.input("days_so_far", Given { value: days, origin: Origin::Listing }, Days);
    }
    if sales < LEAST_SALES {
        return answer.too_few(sales, LEAST_SALES, "sales in the window");
    }
    let curve = Curve::of(spells);
    let from = so_far.unwrap_or(0.0);
    if curve.unsold(from) <= 0.0 {
        return answer.unknown("no home was on the market for as long as this one");
    }
    for (days, [name, low, high]) in HORIZONS {
        let (odds, bounds) = curve.odds(from, days);
        answer = answer
            .figure(name, odds, Share, "1 - S(days_so_far + t) / S(days_so_far), S by Kaplan and Meier")
            .figure(low, bounds[0], Share, "lower end of the 95 % interval, Greenwood on log(-log S)")
            .figure(high, bounds[1], Share, "upper end of the 95 % interval, Greenwood on log(-log S)");
    }
    match curve.median(from) {
        Some(days) => {
            answer.figure("median_days", days, Days, "least t with S(days_so_far + t) / S(days_so_far) <= 1/2")
        }
        None => answer,
    }
}

/// The product-limit estimate: the days of sales in order, each with the share unsold after it and Greenwood's sum.
struct Curve(Vec<Step>);

struct Step {
    day: f64,
    unsold: f64,
    /// Σ d / (n (n − d)); infinite once nobody is left.
    variance: f64,
}

impl Curve {
    fn of(mut spells: Vec<(f64, bool)>) -> Self {
        spells.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let (mut steps, mut unsold, mut variance) = (Vec::new(), 1.0, 0.0);
        let mut rest = spells.as_slice();
        while let Some((day, _)) = rest.first() {
            let at_risk = rest.len() as f64;
            let same = rest.iter().take_while(|(other, _)| other == day).count();
            let sold = rest[..same].iter().filter(|(_, sold)| *sold).count() as f64;
            if sold > 0.0 {
                unsold *= 1.0 - sold / at_risk;
                variance += sold / (at_risk * (at_risk - sold));
                steps.push(Step { day: *day, unsold, variance });
            }
            rest = &rest[same..];
        }
        Self(steps)
    }

    fn at(&self, day: f64) -> (f64, f64) {
        let before = self.0.partition_point(|step| step.day <= day);
        before.checked_sub(1).and_then(|last| self.0.get(last)).map_or((1.0, 0.0), |step| (step.unsold, step.variance))
    }

    fn unsold(&self, day: f64) -> f64 {
        self.at(day).0
    }

    /// The odds of a sale within `days` after `from`, and their 95 % interval.
    fn odds(&self, from: f64, days: f64) -> (f64, [f64; 2]) {
        let (before, variance_before) = self.at(from);
        let (after, variance_after) = self.at(from + days);
        let kept = after / before;
        if kept <= 0.0 {
            return (1.0, [f64::NAN, 1.0]);
        }
        if kept >= 1.0 {
            return (0.0, [0.0, f64::NAN]);
        }
        // log(−log S) has the deviation √V / |log S|.
        let spread = (Z * (variance_after - variance_before).max(0.0).sqrt() / kept.ln().abs()).exp();
        (1.0 - kept, [1.0 - kept.powf(1.0 / spread), 1.0 - kept.powf(spread)])
    }

    /// After how many more days half of those unsold at `from` are sold.
    fn median(&self, from: f64) -> Option<f64> {
        let half = self.unsold(from) / 2.0;
        self.0.iter().find(|step| step.day > from && step.unsold <= half).map(|step| step.day - from)
    }
}

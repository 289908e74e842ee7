//! What predictions are worth: one implementation for everyone who is compared.

/// A measure, and how it is read.
pub(crate) struct Measure {
    pub(crate) name: &'static str,
    pub(crate) better: Better,
    /// Whether the verdict rests on it.
    pub(crate) judged: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Higher,
    Lower,
    /// The nearer to this many percent.
    Near(i8),
}

const fn measure(name: &'static str, better: Better, judged: bool) -> Measure {
    Measure { name, better, judged }
}

/// In the order of what [`classify`] returns.
pub(crate) const CLASSIFY: [Measure; 5] = [
    measure("AUC", Better::Higher, true),
    measure("PR-AUC", Better::Higher, true),
    measure("log loss", Better::Lower, true),
    measure("Brier", Better::Lower, true),
    measure("ECE", Better::Lower, false),
];

/// In the order of what [`price`] returns; all in percent.
pub(crate) const PRICE: [Measure; 8] = [
    measure("MdAPE", Better::Lower, true),
    measure("MAPE", Better::Lower, true),
    measure("within 10", Better::Higher, true),
    measure("within 20", Better::Higher, true),
    measure("median error", Better::Near(0), false),
    measure("coverage 80", Better::Near(80), false),
    measure("coverage 95", Better::Near(95), false),
    measure("interval score 80", Better::Lower, false),
];

/// A predicted number with its intervals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    pub(crate) value: f64,
    pub(crate) in80: [f64; 2],
    pub(crate) in95: [f64; 2],
}

/// Measures of probabilities of a yes; rows of both kinds are needed for more than NaN.
pub(crate) fn classify(rows: &[(f64, bool)]) -> Vec<f64> {
    let n = rows.len() as f64;
    let hit = |yes: bool| f64::from(u8::from(yes));
    let log_loss = rows.iter().map(|(p, yes)| {
        let of_truth = if *yes { *p } else { 1.0 - p };
        -of_truth.max(1e-15).ln()
    });
    let brier = rows.iter().map(|(p, yes)| (p - hit(*yes)).powi(2));
    // Ten bins of equal width: what was said, what happened.
    let mut bins = [(0.0, 0.0); 10];
    for (p, yes) in rows {
        let bin = &mut bins[((p * 10.0) as usize).min(9)];
        *bin = (bin.0 + p, bin.1 + hit(*yes));
    }
    let ece = bins.iter().map(|(said, happened)| (said - happened).abs()).sum::<f64>() / n;
    let (auc, pr_auc) = ranking(rows);
    vec![auc, pr_auc, log_loss.sum::<f64>() / n, brier.sum::<f64>() / n, ece]
}

/// Area under the ROC curve, and average precision; ties count half and together.
fn ranking(rows: &[(f64, bool)]) -> (f64, f64) {
    let mut order: Vec<&(f64, bool)> = rows.iter().collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = rows.iter().filter(|row| row.1).count() as f64;
    let negatives = rows.len() as f64 - positives;
    let (mut yes, mut no, mut area, mut precision) = (0.0, 0.0, 0.0, 0.0);
    for tied in order.chunk_by(|a, b| a.0 == b.0) {
        let new_yes = tied.iter().filter(|row| row.1).count() as f64;
        let new_no = tied.len() as f64 - new_yes;
        area += new_no * (yes + new_yes / 2.0);
        yes += new_yes;
        no += new_no;
        precision += new_yes * yes / (yes + no);
    }
    (area / (positives * negatives), precision / positives)
}

/// Measures of predicted prices against paid ones.
pub(crate) fn price(rows: &[(Interval, f64)]) -> Vec<f64> {
    let share = |count: usize| 100.0 * count as f64 / rows.len() as f64;
    let errors: Vec<f64> = rows.iter().map(|(said, paid)| 100.0 * (said.value / paid - 1.0)).collect();
    let sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    let within = |most: f64| share(sizes.iter().filter(|size| **size <= most).count());
    let covered = |of: fn(&Interval) -> [f64; 2]| {
        let holds = |(said, paid): &&(Interval, f64)| (of(said)[0]..=of(said)[1]).contains(paid);
        share(rows.iter().filter(holds).count())
    };
    // Width plus 2/α times the miss, in percent of the price paid (Gneiting and Raftery 2007).
    let score = |(said, paid): &(Interval, f64)| {
        let [low, high] = said.in80;
        100.0 * (high - low + 10.0 * ((low - paid).max(0.0) + (paid - high).max(0.0))) / paid
    };
    vec![
        median(&sizes),
        mean(&sizes),
        within(10.0),
        within(20.0),
        median(&errors),
        covered(|said| said.in80),
        covered(|said| said.in95),
        mean(&rows.iter().map(score).collect::<Vec<_>>()),
    ]
}

/// Mean absolute error of a forecast over the mean absolute change in a year before it (MASE); `None` without two years.
///
/// `year` is the number of periods in one.
pub(crate) fn scaled_error(year: usize, before: &[f64], forecast: &[f64], actual: &[f64]) -> Option<f64> {
    if before.len() < 2 * year || forecast.len() != actual.len() {
        return None;
    }
    let changes: Vec<f64> = before.windows(year + 1).map(|part| (part[year] - part[0]).abs()).collect();
    let errors: Vec<f64> = forecast.iter().zip(actual).map(|(said, was)| (said - was).abs()).collect();
    let scale = mean(&changes);
    (scale > 0.0).then(|| mean(&errors) / scale)
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard error of the mean; NaN for one value.
pub(crate) fn standard_error(values: &[f64]) -> f64 {
    let (n, middle) = (values.len() as f64, mean(values));
    (values.iter().map(|value| (value - middle).powi(2)).sum::<f64>() / (n - 1.0) / n).sqrt()
}

pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[half],
        _ => f64::midpoint(sorted[half - 1], sorted[half]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
        }
    }

    #[test]
    fn probabilities_are_measured_as_worked_out_by_hand() {
        let rows = [(0.9, true), (0.6, false), (0.6, true), (0.1, false)];
        // Pairs: 0.9 beats both, the tied 0.6 half of one and all of the other: 3.5 of 4.
        let log_loss = -(0.9_f64.ln() + 0.4_f64.ln() + 0.6_f64.ln() + 0.9_f64.ln()) / 4.0;
        let brier = (0.01 + 0.36 + 0.16 + 0.01) / 4.0;
        let precision = f64::midpoint(1.0, 2.0 / 3.0);
        close(&classify(&rows), &[0.875, precision, log_loss, brier, (0.1 + 0.2 + 0.1) / 4.0]);
    }

    #[test]
    fn prices_are_measured_as_worked_out_by_hand() {
        let said =
            |value: f64, low: f64, high: f64| Interval { value, in80: [low, high], in95: [low - 20.0, high + 20.0] };
        let rows = [(said(105.0, 90.0, 110.0), 100.0), (said(170.0, 160.0, 190.0), 200.0)];
        // Errors +5 % and −15 %; the second price lies 10 above its interval of width 30.
        close(&price(&rows), &[10.0, 10.0, 50.0, 100.0, -5.0, 50.0, 100.0, f64::midpoint(20.0, 65.0)]);
    }

    #[test]
    fn a_forecast_is_measured_in_changes_of_a_year() {
        let rising: Vec<f64> = (0..36).map(f64::from).collect();
        close(&[scaled_error(12, &rising, &[36.0, 40.0], &[36.0, 37.0]).unwrap()], &[1.5 / 12.0]);
        assert_eq!(scaled_error(12, &rising[..20], &[1.0], &[1.0]), None);
    }
}

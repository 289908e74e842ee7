//! Seasons: what a place in the year adds to a series, as far as the years before agree on it.
//!
//! Each series is taken apart by a centred mean over one year; the rest, averaged by place in the year, is the season.
//! It is shrunk by how much the years disagree (positive-part James-Stein), so a series without seasons gets none.
//! Where many series are known, the mean season of all is found first and each series adds only its own difference.

use super::panel::Panel;

/// Years that a season needs to be seen in.
const YEARS: usize = 3;
/// How much of the noise is taken off what the years agree on; above 1, doubt counts against a season.
const DOUBT: f64 = 2.0;

/// The season of each row of a panel, by place in the year; empty where there is none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seasons {
    /// What all rows share.
    pub(super) common: Vec<f64>,
    /// What each row adds to nothing: its season as a whole.
    pub(super) rows: Vec<Vec<f64>>,
}

impl Seasons {
    /// What is known of the seasons at the end of slot `now`.
    pub(super) fn at(panel: &Panel, now: usize) -> Self {
        let none = || Self { common: Vec::new(), rows: vec![Vec::new(); panel.rows.len()] };
        let year = panel.per_year.round() as usize;
        if panel.bins == 0 || now < (YEARS + 1) * year {
            return none();
        }
        let rests: Vec<(usize, Vec<f64>)> =
            panel.rows.iter().map(|row| rest(&row.values[..=now], row.first, year)).collect();
        let mut common = Vec::new();
        let mut shared = Vec::new();
        if panel.is_pooled() {
            shared = mean_of(&rests, panel, now);
            common = factors(&shared, 0, panel);
        }
        let mut rows = Vec::with_capacity(rests.len());
        for ((first, mut rest), row) in rests.into_iter().zip(&panel.rows) {
            let pooled = row.is_log && !shared.is_empty();
            if pooled {
                rest.iter_mut().enumerate().for_each(|(i, r)| *r -= shared[first + i]);
            }
            let own = factors(&rest, first, panel);
            rows.push(match (pooled && !common.is_empty(), own.is_empty()) {
                (true, true) => common.clone(),
                (true, false) => own.iter().zip(&common).map(|(own, common)| own + common).collect(),
                (false, _) => own,
            });
        }
        Self { common, rows }
    }
}

/// What the season of a row adds at a slot.
#[inline]
pub(super) fn of(season: &[f64], panel: &Panel, slot: usize) -> f64 {
    if season.is_empty() { 0.0 } else { season[panel.season[slot]] }
}

/// A series without its centred mean over one year, and the slot the rest begins at.
fn rest(values: &[f64], first: usize, year: usize) -> (usize, Vec<f64>) {
    let half = year / 2;
    let begin = first + half;
    if values.len() < begin + half + 1 {
        return (0, Vec::new());
    }
    let mut sums = Vec::with_capacity(values.len() - first + 1);
    let mut sum = 0.0;
    sums.push(sum);
    for value in &values[first..] {
        sum += value;
        sums.push(sum);
    }
    let rest = (begin..values.len() - half)
        .map(|at| {
            let (low, high) = (at - half - first, at + half - first);
            let whole = sums[high + 1] - sums[low];
            // An even year takes half of both ends, so that every place in the year counts once.
            let mean = if year.is_multiple_of(2) {
                (whole - 0.5 * (values[at - half] + values[at + half])) / year as f64
            } else {
                whole / year as f64
            };
            values[at] - mean
        })
        .collect();
    (begin, rest)
}

/// The mean rest of all rows that are pooled, by slot; 0 where there is none.
fn mean_of(rests: &[(usize, Vec<f64>)], panel: &Panel, now: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0usize); now + 1];
    for ((first, rest), _) in rests.iter().zip(&panel.rows).filter(|(_, row)| row.is_log) {
        for (sum, value) in sums[*first..].iter_mut().zip(rest) {
            sum.0 += value;
            sum.1 += 1;
        }
    }
    sums.into_iter().map(|(sum, n)| if n == 0 { 0.0 } else { sum / n as f64 }).collect()
}

/// The mean of each place in the year, shrunk by how little the years agree; empty where nothing is left.
fn factors(rest: &[f64], first: usize, panel: &Panel) -> Vec<f64> {
    let bins = panel.bins;
    let mut sums = vec![(0.0, 0.0, 0usize); bins];
    for (i, value) in rest.iter().enumerate() {
        let bin = &mut sums[panel.season[first + i]];
        bin.0 += value;
        bin.1 += value * value;
        bin.2 += 1;
    }
    let fewest = sums.iter().map(|bin| bin.2).min().unwrap_or(0);
    if fewest < YEARS {
        return Vec::new();
    }
    let (mut within, mut free) = (0.0, 0usize);
    for (sum, squares, n) in &sums {
        within += (squares - sum * sum / *n as f64).max(0.0);
        free += n - 1;
    }
    let mut means: Vec<f64> = sums.iter().map(|(sum, _, n)| sum / *n as f64).collect();
    let mut noise = within / free as f64 / (rest.len() as f64 / bins as f64);
    if bins > 12 {
        // Neighbouring weeks are alike: smoothing over five takes most of the noise.
        means = smooth(&means);
        noise *= SMOOTHED_NOISE;
    }
    let centre = means.iter().sum::<f64>() / bins as f64;
    for mean in &mut means {
        *mean -= centre;
    }
    let signal = means.iter().map(|mean| mean * mean).sum::<f64>() / bins as f64;
    let keep = if signal > 0.0 { 1.0 - DOUBT * noise / signal } else { 0.0 };
    if keep <= 0.0 {
        return Vec::new();
    }
    for mean in &mut means {
        *mean *= keep;
    }
    means
}

const WEIGHTS: [f64; 5] = [1.0 / 9.0, 2.0 / 9.0, 3.0 / 9.0, 2.0 / 9.0, 1.0 / 9.0];
/// The sum of the squares of [`WEIGHTS`].
const SMOOTHED_NOISE: f64 = 19.0 / 81.0;

fn smooth(circle: &[f64]) -> Vec<f64> {
    let n = circle.len();
    (0..n).map(|at| WEIGHTS.iter().enumerate().map(|(i, w)| w * circle[(at + n + i - 2) % n]).sum()).collect()
}

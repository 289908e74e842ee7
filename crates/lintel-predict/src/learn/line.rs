//! A straight line over all features, pulled towards 0: the one learner here that goes on beyond what it has seen.

use super::bins::Matrix;
use super::boost::Rows;
use super::drift::told_by_time;
use super::loss::Loss;
use serde::{Deserialize, Serialize};

/// A feature counts up to this many standard deviations from its mean.
const REACH: f64 = 4.0;
/// The pull towards 0, as a share of the weight of all rows and for features of variance 1.
const RIDGE: f64 = 0.0015;
/// How many rows of one stretch of time say no more than one about a feature that is the same in all of them.
const ALIKE: f64 = 100.0;
/// How often the curvature of the loss is taken anew.
const ROUNDS: usize = 8;
/// Sweeps over all features for each curvature.
const SWEEPS: usize = 10;
/// How often a step that leads upwards is halved before it is given up.
const HALVINGS: usize = 8;

/// What one feature adds: `weight · (x − mean)`, straight up to `reach` either way and flat beyond; 0 when missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Slope {
    mean: f64,
    reach: f64,
    weight: f64,
}

impl Slope {
    /// What a feature of this value adds.
    pub(crate) fn at(&self, value: f32) -> f64 {
        self.weight * self.centred(value)
    }

    /// The same slope, this many times as steep.
    pub(crate) fn times(self, factor: f64) -> Self {
        Self { weight: self.weight * factor, ..self }
    }

    /// Whether a stored slope is finite.
    pub(crate) fn is_sound(&self) -> bool {
        self.mean.is_finite() && self.weight.is_finite() && self.reach >= 0.0 && self.reach.is_finite()
    }

    fn centred(&self, value: f32) -> f64 {
        if value.is_nan() { 0.0 } else { (f64::from(value) - self.mean).clamp(-self.reach, self.reach) }
    }

    fn of(column: &[f32], weight: &dyn Fn(usize) -> f64) -> Self {
        let known = || column.iter().enumerate().filter(|(_, value)| !value.is_nan());
        let total: f64 = known().map(|(row, _)| weight(row)).sum();
        let moment = |of: &dyn Fn(f64) -> f64| {
            known().map(|(row, value)| weight(row) * of(f64::from(*value))).sum::<f64>() / total.max(f64::MIN_POSITIVE)
        };
        let mean = moment(&|value| value);
        // Scaled up, a word of a few rows could have any effect.
        let is_word = known().all(|(_, value)| *value == 0.0 || *value == 1.0);
        let spread = moment(&|value| (value - mean).powi(2)).sqrt();
        let deviation = if is_word && spread > 0.0 { 1.0 } else { spread };
        Self { mean, reach: REACH * deviation, weight: 0.0 }
    }
}

/// The line with the least `Σ weight·loss + Σ pull·(weight·deviation)²/2`, by coordinate descent within Newton's method;
/// returns its height at the mean of all features, and a slope for each.
///
/// With `stretches` of time a feature is pulled the more, the more it tells the time: what all rows of a stretch share
/// was seen as often as there are stretches, not rows. Suits losses with a curvature: logistic, squared and Huber's.
///
/// A feature that `repeats` what others say is left out: told twice, it would be pulled half as much.
pub(crate) fn fit(rows: Rows<'_>, repeats: &[bool], stretches: Option<&[usize]>, loss: Loss) -> (f64, Vec<Slope>) {
    let weights: Vec<f64> =
        (0..rows.targets.len()).map(|row| rows.weights.map_or(1.0, |weights| f64::from(weights[row]))).collect();
    let slope = |(column, repeats): (&Vec<f32>, &bool)| {
        if *repeats { Slope::default() } else { Slope::of(column, &|row| weights[row]) }
    };
    let mut slopes: Vec<Slope> = rows.matrix.columns().iter().zip(repeats).map(slope).collect();
    let units = standardised(rows.matrix, &slopes);
    let pull = |unit: &Vec<f64>| {
        let told = stretches.map_or(0.0, |stretches| told_by_time(unit, stretches, &weights));
        RIDGE * weights.iter().sum::<f64>() / (1.0 - told + told / ALIKE)
    };
    let ground = Ground { pulls: units.iter().map(pull).collect(), units, targets: rows.targets, weights, loss };
    let mut line = Line { start: loss.initial(rows.targets, rows.weights), sizes: vec![0.0; slopes.len()] };
    let mut standing = ground.loss(&line);
    for _ in 0..ROUNDS {
        let mut next = ground.step(&line);
        let mut value = ground.loss(&next);
        for _ in 0..HALVINGS {
            if value <= standing {
                break;
            }
            next.halfway(&line);
            value = ground.loss(&next);
        }
        if value > standing {
            break;
        }
        (line, standing) = (next, value);
    }
    for (slope, size) in slopes.iter_mut().zip(line.sizes) {
        slope.weight = if slope.reach > 0.0 { size * REACH / slope.reach } else { 0.0 };
    }
    (line.start, slopes)
}

/// A line over standardised features.
#[derive(Debug, Clone)]
struct Line {
    start: f64,
    sizes: Vec<f64>,
}

impl Line {
    fn halfway(&mut self, other: &Self) {
        self.start = f64::midpoint(self.start, other.start);
        for (size, other) in self.sizes.iter_mut().zip(&other.sizes) {
            *size = f64::midpoint(*size, *other);
        }
    }
}

/// What a line is fitted to.
struct Ground<'a> {
    /// Standardised features; empty where one does not vary.
    units: Vec<Vec<f64>>,
    targets: &'a [f64],
    weights: Vec<f64>,
    /// What pulls each feature towards 0.
    pulls: Vec<f64>,
    loss: Loss,
}

impl Ground<'_> {
    fn raw(&self, line: &Line) -> Vec<f64> {
        let mut raw = vec![line.start; self.targets.len()];
        for (unit, size) in self.units.iter().zip(&line.sizes) {
            for (raw, x) in raw.iter_mut().zip(unit) {
                *raw += x * size;
            }
        }
        raw
    }

    fn loss(&self, line: &Line) -> f64 {
        let raw = self.raw(line);
        let rows = self.targets.iter().zip(&raw).zip(&self.weights);
        let loss: f64 = rows.map(|((target, raw), weight)| weight * self.loss.value(*target, *raw)).sum();
        loss + line.sizes.iter().zip(&self.pulls).map(|(size, pull)| pull * size * size).sum::<f64>() / 2.0
    }

    /// Newton's step, its linear equations solved by some sweeps over the features.
    fn step(&self, line: &Line) -> Line {
        let raw = self.raw(line);
        let mut curvature = Vec::with_capacity(raw.len());
        // What the quadratic model has left to explain in each row: −gradient − curvature · step.
        let mut rest = Vec::with_capacity(raw.len());
        for ((target, raw), weight) in self.targets.iter().zip(&raw).zip(&self.weights) {
            let (g, h) = self.loss.derivatives(*target, *raw);
            rest.push(-g * weight);
            curvature.push(h * weight);
        }
        let mut next = line.clone();
        let everywhere = vec![1.0; raw.len()];
        for _ in 0..SWEEPS {
            next.start += move_along(&everywhere, &curvature, &mut rest, (0.0, f64::MIN_POSITIVE));
            for ((unit, size), pull) in self.units.iter().zip(&mut next.sizes).zip(&self.pulls) {
                if !unit.is_empty() {
                    *size += move_along(unit, &curvature, &mut rest, (-pull * *size, *pull));
                }
            }
        }
        next
    }
}

/// The best step along one feature, taken off what is left to explain; `ridge` is its pull and curvature.
fn move_along(unit: &[f64], curvature: &[f64], rest: &mut [f64], ridge: (f64, f64)) -> f64 {
    let (mut pull, mut bend) = ridge;
    for ((x, rest), h) in unit.iter().zip(rest.iter()).zip(curvature) {
        pull += x * rest;
        bend += x * x * h;
    }
    let step = pull / bend;
    for ((x, rest), h) in unit.iter().zip(rest).zip(curvature) {
        *rest -= h * step * x;
    }
    step
}

/// Every feature from its mean in its own deviations; empty where it does not vary.
fn standardised(matrix: &Matrix, slopes: &[Slope]) -> Vec<Vec<f64>> {
    let unit = |(column, slope): (&Vec<f32>, &Slope)| {
        if !(slope.reach > 0.0 && slope.reach.is_finite()) {
            return Vec::new();
        }
        column.iter().map(|value| slope.centred(*value) * REACH / slope.reach).collect()
    };
    matrix.columns().iter().zip(slopes).map(unit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::drift::stretches;
    use lintel_domain::rng::Rng;

    fn fitted(columns: Vec<Vec<f32>>, targets: &[f64], repeats: &[bool], stretches: Option<&[usize]>) -> Vec<f64> {
        let matrix = Matrix::new(columns);
        let rows = Rows { matrix: &matrix, targets, weights: None };
        fit(rows, repeats, stretches, Loss::Logistic).1.iter().map(|slope| slope.weight).collect()
    }

    #[test]
    fn what_all_rows_of_a_month_share_is_trusted_less_and_what_varies_among_them_is_not() {
        let mut rng = Rng::new(4);
        let months: Vec<f64> = (0..10).map(|_| rng.normal()).collect();
        let index: Vec<f32> = (0..4000).map(|row| months[row / 400] as f32).collect();
        let own: Vec<f32> = (0..4000).map(|_| rng.normal() as f32).collect();
        let mut hit = |row: usize| rng.chance(1.0 / (1.0 + (3.0 - f64::from(index[row]) - f64::from(own[row])).exp()));
        let targets: Vec<f64> = (0..4000).map(|row| f64::from(u8::from(hit(row)))).collect();
        let stretches = stretches(&(0..4000).map(f64::from).collect::<Vec<_>>());
        let columns = || vec![index.clone(), own.clone()];
        let blind = fitted(columns(), &targets, &[false; 2], None);
        let aware = fitted(columns(), &targets, &[false; 2], Some(&stretches));
        let kept = |at: usize| aware[at] / blind[at];
        assert!((0.1..0.6).contains(&kept(0)) && (0.75..1.1).contains(&kept(1)), "{aware:?}, without time {blind:?}");
    }

    #[test]
    fn a_word_of_a_few_rows_cannot_say_anything_it_likes() {
        let rare: Vec<f32> = (0..2000).map(|row| f32::from(row < 12)).collect();
        let targets: Vec<f64> = (0..2000).map(|row| f64::from(u8::from(row < 12 || row % 10 == 0))).collect();
        let found = fitted(vec![rare.clone(), rare], &targets, &[false, true], None);
        // The rate is 0.1 without the word; with it all twelve are positive.
        assert!((1.5..3.0).contains(&found[0]), "{found:?}");
        assert_eq!(found[1], 0.0, "what repeats another is left out");
    }
}

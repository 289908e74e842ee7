//! A straight line over all features, pulled towards 0: the one learner here that goes on beyond what it has seen.

use super::bins::Matrix;
use super::boost::Rows;
use super::loss::Loss;
use serde::{Deserialize, Serialize};

/// A feature counts up to this many standard deviations from its mean.
const REACH: f64 = 4.0;
/// The pull towards 0, as a share of the weight of all rows and for features of variance 1.
const RIDGE: f64 = 0.0015;
/// How often the curvature of the loss is taken anew.
const ROUNDS: usize = 8;
/// Sweeps over all features for each curvature.
const SWEEPS: usize = 10;
/// How often a step that leads upwards is halved before it is given up.
const HALVINGS: usize = 8;

/// What one feature adds: `weight · (x − mean)`, straight up to `reach` either way and flat beyond; 0 when missing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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
        let deviation = moment(&|value| (value - mean).powi(2)).sqrt();
        Self { mean, reach: REACH * deviation, weight: 0.0 }
    }
}

/// The line with the least `Σ weight·loss + ridge·Σ (weight·deviation)²/2`, by coordinate descent within Newton's method;
/// returns its height at the mean of all features, and a slope for each.
///
/// Suits losses with a curvature: logistic, squared and Huber's.
pub(crate) fn fit(rows: Rows<'_>, loss: Loss) -> (f64, Vec<Slope>) {
    let weights: Vec<f64> =
        (0..rows.targets.len()).map(|row| rows.weights.map_or(1.0, |weights| f64::from(weights[row]))).collect();
    let mut slopes: Vec<Slope> =
        rows.matrix.columns().iter().map(|column| Slope::of(column, &|row| weights[row])).collect();
    let ground = Ground {
        units: standardised(rows.matrix, &slopes),
        targets: rows.targets,
        ridge: RIDGE * weights.iter().sum::<f64>(),
        weights,
        loss,
    };
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
    ridge: f64,
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
        loss + self.ridge * line.sizes.iter().map(|size| size * size).sum::<f64>() / 2.0
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
            for (unit, size) in self.units.iter().zip(&mut next.sizes) {
                if !unit.is_empty() {
                    *size += move_along(unit, &curvature, &mut rest, (-self.ridge * *size, self.ridge));
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

/// Every feature with mean 0 and variance 1; empty where it does not vary.
fn standardised(matrix: &Matrix, slopes: &[Slope]) -> Vec<Vec<f64>> {
    let unit = |(column, slope): (&Vec<f32>, &Slope)| {
        if !(slope.reach > 0.0 && slope.reach.is_finite()) {
            return Vec::new();
        }
        column.iter().map(|value| slope.centred(*value) * REACH / slope.reach).collect()
    };
    matrix.columns().iter().zip(slopes).map(unit).collect()
}

//! The market's level over time, estimated apart from the trees so that it can go beyond them.
//!
//! Weekly medians of `ln price − what the home alone explains` follow a local linear trend
//! (Durbin & Koopman 2012, ch. 3):
//!
//! ```text
//! y_t = level_t + ε_t              ε_t ~ N(0, π/2 · s² / n_t)
//! level_{t+1} = level_t + slope_t + η_t     η_t ~ N(0, q_level)
//! slope_{t+1} = slope_t + ζ_t               ζ_t ~ N(0, q_slope)
//! ```
//!
//! The Kalman filter gives the likelihood of each `(q_level, q_slope)` on a grid. Their smoothers,
//! averaged by likelihood, give past levels; their last states the forecast and how unsure it is:
//! the best one alone would jump with every sample. Ahead of the last
//! sale the slope fades by [`FADE`] a week (Gardner & McKenzie 1985): trends do not go on for ever.

use lintel_domain::clock::Day;
use serde::{Deserialize, Serialize};

use crate::learn::metrics::median;

const STEP_DAYS: i32 = 7;
/// Variance of a median over that of a mean, for normal noise: π / 2.
const MEDIAN: f64 = std::f64::consts::FRAC_PI_2;
/// What is left of the slope after each week ahead: half after four months.
const FADE: f64 = 0.96;
/// Days beyond the last sale that a level is ever forecast for.
pub const MAX_AHEAD_DAYS: i32 = 400;
/// More weeks than this are not kept; older sales sit in the first.
const MAX_WEEKS: usize = 3000;

/// The market's log level, week by week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    first_day: i32,
    last_day: i32,
    weeks: Vec<f64>,
    slope: f64,
    /// Variance of the last level, covariance with the slope, variance of the slope.
    variance: [f64; 3],
    steps: Trend,
}

/// A level with the variance of its forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelAt {
    /// The log level.
    pub level: f64,
    /// Variance of the level beyond the last sale; 0 within the sales.
    pub variance: f64,
}

impl Level {
    /// Estimates the level from days and the part of log prices that homes do not explain.
    pub fn learn(days: &[Day], residuals: &[f64]) -> Self {
        let last_day = days.iter().map(|day| day.0).max().unwrap_or(0);
        let earliest = days.iter().map(|day| day.0).min().unwrap_or(0);
        let count = ((last_day.saturating_sub(earliest)) / STEP_DAYS + 1) as usize;
        let count = count.clamp(1, MAX_WEEKS);
        // Weeks are counted back from the last sale, so that the last one is whole.
        let first_day = last_day.saturating_sub(count as i32 * STEP_DAYS - 1);
        let mut buckets: Vec<Vec<f64>> = vec![Vec::new(); count];
        for (day, residual) in days.iter().zip(residuals) {
            let week = (day.0.saturating_sub(first_day).max(0) / STEP_DAYS) as usize;
            buckets[week.min(count - 1)].push(*residual);
        }
        let noise = noise_of(residuals);
        let points: Vec<Option<(f64, f64)>> = buckets
            .iter()
            .map(|bucket| (!bucket.is_empty()).then(|| (median(bucket), noise * MEDIAN / bucket.len() as f64)))
            .collect();
        let mut trends = Vec::new();
        for q_level in [0.0, 1e-6, 4e-6, 1.6e-5, 6.4e-5, 2.6e-4] {
            for q_slope in [0.0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5] {
                let trend = Trend { q_level, q_slope };
                trends.push((trend, trend.filter(&points)));
            }
        }
        let most = trends.iter().map(|(_, run)| run.likelihood).fold(f64::MIN, f64::max);
        let mut level = Self {
            first_day,
            last_day,
            weeks: vec![0.0; count],
            slope: 0.0,
            variance: [0.0; 3],
            steps: Trend { q_level: 0.0, q_slope: 0.0 },
        };
        let total: f64 = trends.iter().map(|(_, run)| (run.likelihood - most).exp()).sum();
        let mut spread = 0.0;
        for (trend, run) in &trends {
            let weight = (run.likelihood - most).exp() / total;
            let (weeks, last) = Trend::smooth(run);
            for (sum, value) in level.weeks.iter_mut().zip(&weeks) {
                *sum += weight * value;
            }
            level.slope += weight * last.slope;
            for (sum, value) in level.variance.iter_mut().zip([last.p00, last.p01, last.p11]) {
                *sum += weight * value;
            }
            level.steps.q_level += weight * trend.q_level;
            level.steps.q_slope += weight * trend.q_slope;
            spread += weight * last.level * last.level;
        }
        // Between the trends the last level differs too.
        level.variance[0] += (spread - level.weeks[count - 1].powi(2)).max(0.0);
        level
    }

    /// The level on a day: between weeks straight, before the first flat, after the last forecast.
    pub fn at(&self, day: Day) -> LevelAt {
        let middle = f64::from(STEP_DAYS - 1) / 2.0;
        let position = (f64::from(day.0.saturating_sub(self.first_day)) - middle) / f64::from(STEP_DAYS);
        let last = self.weeks.len() - 1;
        if position <= 0.0 {
            return LevelAt { level: self.weeks[0], variance: 0.0 };
        }
        if position <= last as f64 {
            let low = position.floor() as usize;
            let high = (low + 1).min(last);
            let share = position - low as f64;
            return LevelAt { level: self.weeks[low] * (1.0 - share) + self.weeks[high] * share, variance: 0.0 };
        }
        self.ahead(position - last as f64)
    }

    /// The last day with a sale.
    pub fn last_day(&self) -> Day {
        Day(self.last_day)
    }

    /// The first day that the levels cover.
    pub fn first_day(&self) -> Day {
        Day(self.first_day)
    }

    fn ahead(&self, weeks: f64) -> LevelAt {
        let mut level = self.weeks[self.weeks.len() - 1];
        let (mut slope, [mut p00, mut p01, mut p11]) = (self.slope, self.variance);
        let mut left = weeks.min(f64::from(MAX_AHEAD_DAYS) / f64::from(STEP_DAYS));
        let f = FADE;
        while left > 0.0 {
            let share = left.min(1.0);
            level += share * f * slope;
            // The covariance of one whole step, taken in proportion for the last part.
            let next = p00 + 2.0 * f * p01 + f * f * p11 + self.steps.q_level;
            p00 += share * (next - p00);
            p01 = f * p01 + f * f * p11;
            p11 = f * f * p11 + self.steps.q_slope;
            slope *= f;
            left -= 1.0;
        }
        LevelAt { level, variance: p00.max(0.0) }
    }

    pub(crate) fn is_sound(&self) -> bool {
        !self.weeks.is_empty() && self.weeks.iter().all(|level| level.is_finite()) && self.slope.is_finite()
    }
}

/// Variance of one residual about its market, robustly.
fn noise_of(residuals: &[f64]) -> f64 {
    let centre = median(residuals);
    let sizes: Vec<f64> = residuals.iter().map(|r| (r - centre).abs()).collect();
    (1.4826 * median(&sizes)).powi(2).max(1e-6)
}

/// Variances of what a week adds to the level and to the slope.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Trend {
    q_level: f64,
    q_slope: f64,
}

/// Mean and covariance of (level, slope).
#[derive(Debug, Clone, Copy)]
struct State {
    level: f64,
    slope: f64,
    p00: f64,
    p01: f64,
    p11: f64,
}

struct Run {
    likelihood: f64,
    predicted: Vec<State>,
    filtered: Vec<State>,
}

impl Trend {
    fn filter(&self, points: &[Option<(f64, f64)>]) -> Run {
        let first = points.iter().flatten().next().map_or(0.0, |(value, _)| *value);
        let mut state = State { level: first, slope: 0.0, p00: 0.04, p01: 0.0, p11: 1e-4 };
        let mut run = Run {
            likelihood: 0.0,
            predicted: Vec::with_capacity(points.len()),
            filtered: Vec::with_capacity(points.len()),
        };
        for (index, point) in points.iter().enumerate() {
            if index > 0 {
                state = self.step(&state);
            }
            run.predicted.push(state);
            if let Some((value, noise)) = point {
                let spread = state.p00 + noise;
                let error = value - state.level;
                run.likelihood -= 0.5 * (spread.ln() + error * error / spread);
                let (k0, k1) = (state.p00 / spread, state.p01 / spread);
                state = State {
                    level: state.level + k0 * error,
                    slope: state.slope + k1 * error,
                    p00: state.p00 * (1.0 - k0),
                    p01: state.p01 * (1.0 - k0),
                    p11: state.p11 - k1 * state.p01,
                };
            }
            run.filtered.push(state);
        }
        run
    }

    fn step(&self, s: &State) -> State {
        State {
            level: s.level + s.slope,
            slope: s.slope,
            p00: s.p00 + 2.0 * s.p01 + s.p11 + self.q_level,
            p01: s.p01 + s.p11,
            p11: s.p11 + self.q_slope,
        }
    }

    /// The smoothed levels (Rauch, Tung, Striebel 1965) and the last state.
    fn smooth(run: &Run) -> (Vec<f64>, State) {
        let n = run.filtered.len();
        let mut next = run.filtered[n - 1];
        let mut levels = vec![next.level; n];
        let last = next;
        for index in (0..n - 1).rev() {
            let (now, ahead) = (&run.filtered[index], &run.predicted[index + 1]);
            let determinant = ahead.p00 * ahead.p11 - ahead.p01 * ahead.p01;
            // C = P Fᵀ with F = [[1, 1], [0, 1]]
            let (c00, c01) = (now.p00 + now.p01, now.p01);
            let (c10, c11) = (now.p01 + now.p11, now.p11);
            let (e0, e1) = (next.level - ahead.level, next.slope - ahead.slope);
            let (g0, g1) = if determinant > 1e-18 {
                ((ahead.p11 * e0 - ahead.p01 * e1) / determinant, (ahead.p00 * e1 - ahead.p01 * e0) / determinant)
            } else {
                (e0 / ahead.p00.max(1e-12), 0.0)
            };
            next = State { level: now.level + c00 * g0 + c01 * g1, slope: now.slope + c10 * g0 + c11 * g1, ..*now };
            levels[index] = next.level;
        }
        (levels, last)
    }
}

//! The market's level over time, estimated apart from the trees so that it can go beyond them.
//!
//! Weekly medians of `ln price − what the home alone explains` follow a local linear trend with a
//! yearly wave (Durbin & Koopman 2012, ch. 3):
//!
//! ```text
//! y_t = level_t + season_t + ε_t            ε_t ~ N(0, π/2 · s² / n_t)
//! level_{t+1} = level_t + slope_t + η_t     η_t ~ N(0, q_level)
//! slope_{t+1} = slope_t + ζ_t               ζ_t ~ N(0, q_slope)
//! season_t = a · cos(year) + b · sin(year)
//! ```
//!
//! The Kalman filter gives the likelihood of each `(q_level, q_slope)` on a grid. Their smoothers,
//! averaged by likelihood, give past levels; their last states the forecast and how unsure it is:
//! the best one alone would jump with every sample. Ahead of the last sale the slope fades by
//! [`FADE`] a week (Gardner & McKenzie 1985): trends do not go on for ever. The wave starts from
//! what is known of housing markets in general ([`super::season`]); without it, a spring seen from
//! the winter before would look like no spring.

use lintel_domain::clock::Day;
use serde::{Deserialize, Serialize};

use super::season::{AMPLITUDE, Hemisphere, Season, UNSURE};
use super::trend::{Belief, STATES, Trend, Week};
use crate::learn::metrics::median;

const STEP_DAYS: i32 = 7;
/// Variance of a median over that of a mean, for normal noise: π / 2.
const MEDIAN: f64 = std::f64::consts::FRAC_PI_2;
/// What is left of the slope after each week ahead: half after eight months.
const FADE: f64 = 0.98;
/// Days beyond the last sale that a level is ever forecast for.
pub const MAX_AHEAD_DAYS: i32 = 400;
/// More weeks than this are not kept; older sales sit in the first.
const MAX_WEEKS: usize = 3000;

/// The market's log level, week by week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    first_day: i32,
    last_day: i32,
    /// Levels without the season.
    weeks: Vec<f64>,
    season: Season,
    /// What is believed at the last week.
    last: Belief,
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
    pub fn learn(days: &[Day], residuals: &[f64], hemisphere: Hemisphere) -> Self {
        let last_day = days.iter().map(|day| day.0).max().unwrap_or(0);
        let earliest = days.iter().map(|day| day.0).min().unwrap_or(0);
        let count = ((last_day.saturating_sub(earliest)) / STEP_DAYS + 1) as usize;
        let count = count.clamp(1, MAX_WEEKS);
        // Weeks are counted back from the last sale, so that the last one is whole.
        let first_day = last_day.saturating_sub(count as i32 * STEP_DAYS - 1);
        let weeks = weeks_of(days, residuals, first_day, count, hemisphere);
        let start = weeks.iter().find_map(|week| week.seen).map_or(0.0, |(value, _)| value);
        let unsure = Belief::before(start, (AMPLITUDE, 0.0), UNSURE);
        let mut runs = Vec::new();
        for level in [0.0, 1e-6, 4e-6, 1.6e-5, 6.4e-5, 2.6e-4] {
            for slope in [0.0, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5] {
                let trend = Trend { level, slope };
                let run = trend.filter(&weeks, unsure);
                runs.push((trend, run.likelihood, run.last()));
            }
        }
        let most = runs.iter().map(|(_, likelihood, _)| *likelihood).fold(f64::MIN, f64::max);
        let total: f64 = runs.iter().map(|(_, likelihood, _)| (likelihood - most).exp()).sum();
        let weighed: Vec<(Trend, f64, Belief)> = runs
            .into_iter()
            .map(|(trend, likelihood, last)| (trend, (likelihood - most).exp() / total, last))
            .collect();
        let last = mixture(&weighed);
        let season = Season { hemisphere, cosine: last.mean[2], sine: last.mean[3] };
        let mut levels = vec![0.0; count];
        // Given the wave, the levels' means need only the trend: exact, since all is linear.
        for (trend, weight, belief) in weighed.iter().filter(|(_, weight, _)| *weight > 1e-6) {
            let known = Belief::before(start, (belief.mean[2], belief.mean[3]), 0.0);
            for (sum, value) in levels.iter_mut().zip(trend.filter(&weeks, known).smooth()) {
                *sum += weight * value;
            }
        }
        let steps = Trend {
            level: weighed.iter().map(|(trend, weight, _)| weight * trend.level).sum(),
            slope: weighed.iter().map(|(trend, weight, _)| weight * trend.slope).sum(),
        };
        Self { first_day, last_day, weeks: levels, season, last, steps }
    }

    /// The level on a day: between weeks straight, before the first flat, after the last forecast;
    /// with the season everywhere.
    pub fn at(&self, day: Day) -> LevelAt {
        let middle = f64::from(STEP_DAYS - 1) / 2.0;
        let position = (f64::from(day.0.saturating_sub(self.first_day)) - middle) / f64::from(STEP_DAYS);
        let last = self.weeks.len() - 1;
        let season = self.season.at(day);
        if position <= 0.0 {
            return LevelAt { level: self.weeks[0] + season, variance: 0.0 };
        }
        if position <= last as f64 {
            let low = position.floor() as usize;
            let high = (low + 1).min(last);
            let share = position - low as f64;
            let level = self.weeks[low] * (1.0 - share) + self.weeks[high] * share;
            return LevelAt { level: level + season, variance: 0.0 };
        }
        let weeks = (position - last as f64).min(f64::from(MAX_AHEAD_DAYS) / f64::from(STEP_DAYS));
        let belief = self.ahead(weeks);
        let waves = Season::waves(self.season.hemisphere, f64::from(day.0));
        let gain = belief.mean[0] - self.last.mean[0];
        LevelAt { level: self.weeks[last] + gain + season, variance: belief.variance(waves) }
    }

    /// The last day with a sale.
    pub fn last_day(&self) -> Day {
        Day(self.last_day)
    }

    /// The first day that the levels cover.
    pub fn first_day(&self) -> Day {
        Day(self.first_day)
    }

    fn ahead(&self, weeks: f64) -> Belief {
        let mut belief = self.last;
        let mut left = weeks;
        while left > 0.0 {
            belief.step(self.steps, FADE, left.min(1.0));
            left -= 1.0;
        }
        belief
    }

    pub(crate) fn is_sound(&self) -> bool {
        let states = self.last.mean.iter().chain(self.last.spread.iter().flatten());
        !self.weeks.is_empty() && self.weeks.iter().chain(states).all(|value| value.is_finite())
    }
}

/// The weekly medians with their variances.
fn weeks_of(days: &[Day], residuals: &[f64], first_day: i32, count: usize, hemisphere: Hemisphere) -> Vec<Week> {
    let mut buckets: Vec<Vec<f64>> = vec![Vec::new(); count];
    for (day, residual) in days.iter().zip(residuals) {
        let week = (day.0.saturating_sub(first_day).max(0) / STEP_DAYS) as usize;
        buckets[week.min(count - 1)].push(*residual);
    }
    let noise = noise_of(residuals);
    let middle = |week: usize| f64::from(first_day) + f64::from(STEP_DAYS) * week as f64 + f64::from(STEP_DAYS / 2);
    buckets
        .iter()
        .enumerate()
        .map(|(week, bucket)| Week {
            seen: (!bucket.is_empty()).then(|| (median(bucket), noise * MEDIAN / bucket.len() as f64)),
            waves: Season::waves(hemisphere, middle(week)),
        })
        .collect()
}

/// Mean and covariance of a mixture: between the trends the states differ too.
fn mixture(weighed: &[(Trend, f64, Belief)]) -> Belief {
    let mut all = Belief { mean: [0.0; STATES], spread: [[0.0; STATES]; STATES] };
    for (_, weight, belief) in weighed {
        for (sum, value) in all.mean.iter_mut().zip(belief.mean) {
            *sum += weight * value;
        }
    }
    for (_, weight, belief) in weighed {
        let off: Vec<f64> = belief.mean.iter().zip(all.mean).map(|(value, mean)| value - mean).collect();
        for row in 0..STATES {
            for column in 0..STATES {
                all.spread[row][column] += weight * (belief.spread[row][column] + off[row] * off[column]);
            }
        }
    }
    all
}

/// Variance of one residual about its market, robustly.
fn noise_of(residuals: &[f64]) -> f64 {
    let centre = median(residuals);
    let sizes: Vec<f64> = residuals.iter().map(|r| (r - centre).abs()).collect();
    (1.4826 * median(&sizes)).powi(2).max(1e-6)
}

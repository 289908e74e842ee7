//! Kalman filter and smoother of a local linear trend with a yearly wave.

/// Variances of what a week adds to the level and to the slope.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Trend {
    pub(crate) level: f64,
    pub(crate) slope: f64,
}

/// Level, slope, and the wave's cosine and sine.
pub(crate) const STATES: usize = 4;

/// Mean and covariance of the states.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Belief {
    pub(crate) mean: [f64; STATES],
    pub(crate) spread: [[f64; STATES]; STATES],
}

/// A week's median with its variance and the wave's cosine and sine then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Week {
    pub(crate) seen: Option<(f64, f64)>,
    pub(crate) waves: (f64, f64),
}

/// The filter's way through all weeks.
pub(crate) struct Run {
    pub(crate) likelihood: f64,
    predicted: Vec<Belief>,
    filtered: Vec<Belief>,
}

impl Belief {
    /// Nothing known but the wave, which may be off by `unsure` (its sine by less).
    pub(crate) fn before(level: f64, (cosine, sine): (f64, f64), unsure: f64) -> Self {
        let mut spread = [[0.0; STATES]; STATES];
        for (state, variance) in [0.04, 1e-4, unsure.powi(2), unsure.powi(2) / 2.0].into_iter().enumerate() {
            spread[state][state] = variance;
        }
        Self { mean: [level, 0.0, cosine, sine], spread }
    }

    /// One week on, or a part of it; `fade` of the slope is left.
    pub(crate) fn step(&mut self, trend: Trend, fade: f64, share: f64) {
        self.mean[0] += share * fade * self.mean[1];
        self.mean[1] *= fade;
        // P ← F P Fᵀ + Q with F = [[1, share · fade], [0, fade]] on level and slope.
        for column in 0..STATES {
            self.spread[0][column] += share * fade * self.spread[1][column];
            self.spread[1][column] *= fade;
        }
        for row in &mut self.spread {
            row[0] += share * fade * row[1];
            row[1] *= fade;
        }
        self.spread[0][0] += share * trend.level;
        self.spread[1][1] += share * trend.slope;
    }

    /// Variance of the level with the wave.
    pub(crate) fn variance(&self, (cosine, sine): (f64, f64)) -> f64 {
        let seen = [1.0, 0.0, cosine, sine];
        let product = |row: &[f64; STATES]| row.iter().zip(seen).map(|(p, h)| p * h).sum::<f64>();
        self.spread.iter().zip(seen).map(|(row, h)| h * product(row)).sum::<f64>().max(0.0)
    }

    /// Learns from one week; returns its log-likelihood.
    fn observe(&mut self, value: f64, noise: f64, (cosine, sine): (f64, f64)) -> f64 {
        let seen = [1.0, 0.0, cosine, sine];
        let dot = |values: &[f64; STATES]| values.iter().zip(seen).map(|(p, h)| p * h).sum::<f64>();
        let carried = self.spread.map(|row| dot(&row));
        let spread = dot(&carried) + noise;
        let error = value - dot(&self.mean);
        for row in 0..STATES {
            let gain = carried[row] / spread;
            self.mean[row] += gain * error;
            for (cell, carried) in self.spread[row].iter_mut().zip(carried) {
                *cell -= gain * carried;
            }
        }
        -0.5 * (spread.ln() + error * error / spread)
    }
}

impl Trend {
    pub(crate) fn filter(self, weeks: &[Week], before: Belief) -> Run {
        let mut belief = before;
        let mut run = Run {
            likelihood: 0.0,
            predicted: Vec::with_capacity(weeks.len()),
            filtered: Vec::with_capacity(weeks.len()),
        };
        for (index, week) in weeks.iter().enumerate() {
            if index > 0 {
                belief.step(self, 1.0, 1.0);
            }
            run.predicted.push(belief);
            if let Some((value, noise)) = week.seen {
                run.likelihood += belief.observe(value, noise, week.waves);
            }
            run.filtered.push(belief);
        }
        run
    }
}

impl Run {
    /// What is believed after the last week.
    pub(crate) fn last(&self) -> Belief {
        self.filtered[self.filtered.len() - 1]
    }

    /// The smoothed levels of a run whose wave is fixed (Rauch, Tung, Striebel 1965).
    pub(crate) fn smooth(&self) -> Vec<f64> {
        let last = self.last();
        let mut next = (last.mean[0], last.mean[1]);
        let mut levels = vec![next.0; self.filtered.len()];
        for index in (0..self.filtered.len() - 1).rev() {
            let (now, ahead) = (&self.filtered[index], &self.predicted[index + 1]);
            let (p, a) = (&now.spread, &ahead.spread);
            let determinant = a[0][0] * a[1][1] - a[0][1] * a[0][1];
            let (e0, e1) = (next.0 - ahead.mean[0], next.1 - ahead.mean[1]);
            let (g0, g1) = if determinant > 1e-18 {
                ((a[1][1] * e0 - a[0][1] * e1) / determinant, (a[0][0] * e1 - a[0][1] * e0) / determinant)
            } else {
                (e0 / a[0][0].max(1e-12), 0.0)
            };
            // C = P Fᵀ with F = [[1, 1], [0, 1]]
            next = (
                now.mean[0] + (p[0][0] + p[0][1]) * g0 + p[0][1] * g1,
                now.mean[1] + (p[0][1] + p[1][1]) * g0 + p[1][1] * g1,
            );
            levels[index] = next.0;
        }
        levels
    }
}

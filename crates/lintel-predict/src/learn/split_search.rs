//! Finds the best split of one column from its histogram.

use super::table::Monotone;

/// Sums of one bin.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct HistBin {
    pub(crate) gradient: f64,
    pub(crate) hessian: f64,
    pub(crate) rows: u32,
}

impl HistBin {
    pub(crate) fn subtract(&mut self, other: &Self) {
        self.gradient -= other.gradient;
        self.hessian -= other.hessian;
        self.rows -= other.rows;
    }
}

/// Sums over a set of rows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    pub(crate) gradient: f64,
    pub(crate) hessian: f64,
    pub(crate) rows: u32,
}

impl Sums {
    pub(crate) fn of_rows(slopes: &[(f32, f32)], rows: &[u32]) -> Self {
        let mut sums = Self::default();
        for row in rows {
            let (g, h) = slopes[*row as usize];
            sums.gradient += f64::from(g);
            sums.hessian += f64::from(h);
        }
        sums.rows = rows.len() as u32;
        sums
    }

    /// The Newton step `−G / (H + λ)`.
    pub(crate) fn weight(&self, l2: f64) -> f64 {
        let weight = -self.gradient / (self.hessian + l2);
        if weight.is_finite() { weight } else { 0.0 }
    }

    pub(crate) fn add(&mut self, bin: &HistBin) {
        self.gradient += bin.gradient;
        self.hessian += bin.hessian;
        self.rows += bin.rows;
    }

    pub(crate) fn with(mut self, bin: &HistBin) -> Self {
        self.add(bin);
        self
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self {
            gradient: self.gradient + other.gradient,
            hessian: self.hessian + other.hessian,
            rows: self.rows + other.rows,
        }
    }

    pub(crate) fn without(&self, other: &Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            hessian: self.hessian - other.hessian,
            rows: self.rows - other.rows,
        }
    }
}

/// What a split must respect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) l2: f64,
    pub(crate) min_child_weight: f64,
    pub(crate) min_child_rows: u32,
    pub(crate) min_gain: f64,
}

/// A split that may be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Best {
    pub(crate) slot: usize,
    pub(crate) bin: u8,
    pub(crate) missing_left: bool,
    pub(crate) gain: f64,
    pub(crate) left: Sums,
    pub(crate) right: Sums,
    pub(crate) left_value: f64,
    pub(crate) right_value: f64,
}

/// The split of one column with the most gain, missing values on the better side.
///
/// Gain is `2·(loss before − loss after)` in the second-order model:
/// `G_L²/(H_L+λ) + G_R²/(H_R+λ) − G²/(H+λ)` when no bound is active.
pub(crate) fn best_split(
    bins: &[HistBin],
    total: &Sums,
    limits: Limits,
    monotone: Monotone,
    bounds: (f64, f64),
) -> Option<Best> {
    let missing = bins[0];
    let parent = score(total, limits.l2, bounds).0;
    let mut best: Option<Best> = None;
    let mut below = Sums::default();
    let last = bins.len() - 1;
    for (index, bin) in bins.iter().enumerate().skip(1) {
        below.add(bin);
        // A cut inside a run of empty bins is the cut at its start.
        if bin.rows == 0 {
            continue;
        }
        let sides: &[(Sums, bool)] =
            if missing.rows == 0 { &[(below, false)] } else { &[(below, false), (below.with(&missing), true)] };
        for (left, missing_left) in sides {
            if index == last && *missing_left {
                continue;
            }
            let right = total.without(left);
            if left.rows < limits.min_child_rows
                || right.rows < limits.min_child_rows
                || left.hessian < limits.min_child_weight
                || right.hessian < limits.min_child_weight
            {
                continue;
            }
            let (left_score, left_value) = score(left, limits.l2, bounds);
            let (right_score, right_value) = score(&right, limits.l2, bounds);
            let against = match monotone {
                Monotone::Free => false,
                Monotone::Rising => left_value > right_value,
                Monotone::Falling => left_value < right_value,
            };
            let gain = left_score + right_score - parent;
            if against || gain.is_nan() || gain <= limits.min_gain {
                continue;
            }
            if best.as_ref().is_none_or(|best| gain > best.gain) {
                best = Some(Best {
                    slot: 0,
                    bin: index as u8,
                    // Nothing was missing here: later missing values go with the many.
                    missing_left: *missing_left || (missing.rows == 0 && left.rows >= right.rows),
                    gain,
                    left: *left,
                    right,
                    left_value,
                    right_value,
                });
            }
        }
    }
    best
}

/// Score and value of a leaf: `−2·(G·w + (H+λ)·w²/2)` at the bounded step `w`.
pub(crate) fn score(sums: &Sums, l2: f64, (low, high): (f64, f64)) -> (f64, f64) {
    let free = sums.weight(l2);
    let weight = free.clamp(low, high);
    let score = -2.0 * sums.gradient * weight - (sums.hessian + l2) * weight * weight;
    (score, weight)
}

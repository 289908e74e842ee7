//! Damped trends: where a series stands, how fast it moves over several windows, and the paths that follow from it.
//!
//! With level `l`, growth `g` of one step, long-run growth `m` and damping `φ`, the path after `h` steps is
//! `l + m (h − c) + g c` with `c = φ + φ² + … + φʰ`: the growth of now gives way to the long-run one. Without a window
//! `g = m`, or no growth at all. This is Holt's damped trend (Gardner and McKenzie 1985) with a drift to come back to.

/// Ages, in years, of the mean observation in a level: 0 is the last value itself.
const AGES: [f64; 3] = [0.0, 1.0 / 12.0, 1.0 / 3.0];
/// Spans, in years, over which growth is measured.
const WINDOWS: [f64; 4] = [1.0 / 12.0, 0.25, 0.5, 1.0];
/// A level forgets what is older than this many times its mean age (plus one step).
const MEMORY: f64 = 8.0;

/// One way to go on: a level, a growth, how fast it is damped and what it is damped to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// Index into [`AGES`].
    age: usize,
    /// Index into [`WINDOWS`], and into the half-lives of the family.
    growth: Option<(usize, usize)>,
    /// Share of the long-run growth that is gone on with.
    drift: f64,
}

/// How many ways to go on there are, told apart by whether a candidate has a growth of now and a long-run growth.
pub(super) const WAYS: usize = 4;

/// Candidates that are weighed against each other.
#[derive(Debug, Clone)]
pub(super) struct Family {
    pub(super) candidates: Vec<Candidate>,
    /// `c` of each half-life by step, from step 1.
    damped: Vec<Vec<f64>>,
    shape: Shape,
}

/// Levels and windows in steps of the series.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// Weight of the newest value in each level.
    alphas: [f64; AGES.len()],
    windows: [usize; WINDOWS.len()],
}

/// Where a series stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct State {
    level: [f64; AGES.len()],
    growth: [[f64; WINDOWS.len()]; AGES.len()],
    mean: f64,
}

impl Shape {
    /// For series with this many steps a year.
    pub(super) fn new(per_year: f64) -> Self {
        Self {
            alphas: AGES.map(|age| 1.0 / (1.0 + age * per_year)),
            windows: WINDOWS.map(|span| ((span * per_year).round() as usize).max(1)),
        }
    }

    /// How many of the newest values [`State::of`] looks at.
    pub(super) fn memory(&self) -> usize {
        let oldest = self.alphas.iter().map(|alpha| (MEMORY / alpha) as usize).max().unwrap_or(0);
        self.windows[WINDOWS.len() - 1] + oldest + 1
    }
}

impl Candidate {
    /// Which of the [`WAYS`] it is.
    pub(super) fn way(self) -> usize {
        2 * usize::from(self.growth.is_some()) + usize::from(self.drift > 0.0)
    }
}

impl Family {
    /// Every level, window and half-life (in years), with each of the drifts.
    pub(super) fn new(per_year: f64, steps: usize, half_lives: &[f64], drifts: &[f64]) -> Self {
        let mut candidates = Vec::new();
        for age in 0..AGES.len() {
            for &drift in drifts {
                candidates.push(Candidate { age, growth: None, drift });
                for window in 0..WINDOWS.len() {
                    let growths = (0..half_lives.len()).map(|half_life| Some((window, half_life)));
                    candidates.extend(growths.map(|growth| Candidate { age, growth, drift }));
                }
            }
        }
        let damped = half_lives
            .iter()
            .map(|years| {
                let phi = 0.5f64.powf(1.0 / (years * per_year));
                let (mut power, mut sum) = (1.0, 0.0);
                (0..steps)
                    .map(|_| {
                        power *= phi;
                        sum += power;
                        sum
                    })
                    .collect()
            })
            .collect();
        Self { candidates, damped, shape: Shape::new(per_year) }
    }

    /// The path of one candidate, added to `into` with a weight; step 1 comes first.
    pub(super) fn add_path(&self, candidate: Candidate, state: &State, weight: f64, into: &mut [f64]) {
        let path = self.path(candidate, state);
        for (i, value) in into.iter_mut().enumerate() {
            *value += weight * path.at(i);
        }
    }

    /// The distances of one candidate's path from what came, added to `into` at the steps that are known.
    pub(super) fn add_misses(&self, candidate: Candidate, state: &State, came: &[f64], into: &mut [f64]) {
        let path = self.path(candidate, state);
        for (i, (sum, actual)) in into.iter_mut().zip(came).enumerate().filter(|(_, (_, actual))| actual.is_finite()) {
            *sum += (path.at(i) - actual).abs();
        }
    }

    /// The mean distance of one candidate's path from what came, over the steps that are known.
    pub(super) fn miss(&self, candidate: Candidate, state: &State, came: &[f64]) -> f64 {
        let path = self.path(candidate, state);
        let mut sum = 0.0;
        let mut known = 0usize;
        for (i, actual) in came.iter().enumerate() {
            if actual.is_finite() {
                sum += (path.at(i) - actual).abs();
                known += 1;
            }
        }
        if known == 0 { f64::NAN } else { sum / known as f64 }
    }

    fn path(&self, candidate: Candidate, state: &State) -> Path<'_> {
        let alpha = self.shape.alphas[candidate.age];
        let drift = candidate.drift * state.mean;
        let (growth, damped) = match candidate.growth {
            Some((window, half_life)) => (state.growth[candidate.age][window], Some(self.damped[half_life].as_slice())),
            None => (drift, None),
        };
        // A smoothed level lies behind a moving series by (1 − α)/α steps.
        let level = state.level[candidate.age] + growth * (1.0 - alpha) / alpha;
        Path { level, drift, growth, damped }
    }
}

struct Path<'a> {
    level: f64,
    drift: f64,
    growth: f64,
    damped: Option<&'a [f64]>,
}

impl Path<'_> {
    /// The value after `i + 1` steps.
    #[inline]
    fn at(&self, i: usize) -> f64 {
        let c = self.damped.map_or(0.0, |damped| damped[i]);
        self.level + self.drift * ((i + 1) as f64 - c) + self.growth * c
    }
}

impl State {
    /// Looks at the newest values of a series, oldest first and at least one; `mean` is its long-run growth of one step.
    pub(super) fn of(shape: &Shape, recent: &[f64], mean: f64) -> Self {
        let mut state = Self { level: [0.0; AGES.len()], growth: [[0.0; WINDOWS.len()]; AGES.len()], mean };
        let n = recent.len();
        for (age, &alpha) in shape.alphas.iter().enumerate() {
            let mut level = recent[0];
            let mut at = [level; WINDOWS.len()];
            for (i, value) in recent.iter().enumerate() {
                level += alpha * (value - level);
                for (mark, window) in at.iter_mut().zip(&shape.windows) {
                    if i + window + 1 == n || (i == 0 && window + 1 > n) {
                        *mark = level;
                    }
                }
            }
            state.level[age] = level;
            for ((growth, mark), window) in state.growth[age].iter_mut().zip(at).zip(&shape.windows) {
                let steps = (*window).min(n - 1).max(1);
                *growth = (level - mark) / steps as f64;
            }
        }
        state
    }
}

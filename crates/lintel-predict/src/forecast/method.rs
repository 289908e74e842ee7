//! The method: candidates weighed by how far they missed at earlier origins, for the market of all series, for what each
//! series adds to it, and for each series by itself; then the two views of a series weighed the same way.

use super::alone;
use super::market::Market;
use super::panel::{Panel, Row};
use super::season::{self, Seasons};
use super::trend::{Family, Shape, State};

/// Half-lives, in years, of the growth of a market or of a series by itself, and of what a series adds to the market.
const HALF_LIVES: [f64; 4] = [0.25, 0.5, 1.2, 3.0];
const OWN_HALF_LIVES: [f64; 3] = [0.15, 0.35, 1.0];
const DRIFTS: [f64; 2] = [0.0, 1.0];
/// A candidate's weight is its past error to the power of minus this; the surer the comparison, the sharper.
const SHARP_MARKET: f64 = 24.0;
const SHARP_DEVIATION: f64 = 4.0;
const SHARP_OWN: f64 = 3.0;
const SHARP_BLEND: f64 = 6.0;
/// How many years of its own record a series needs to count as much as that of all series.
const YEARS_OF_TRUST: f64 = 10.0;
/// Origins a year, and the most there are.
const ORIGINS_A_YEAR: f64 = 4.0;
const MOST_ORIGINS: usize = 120;
/// The most errors that are kept: series × origins × steps.
const MOST_ERRORS: usize = 8_000_000;

/// A panel with its weights.
pub(super) struct Method<'a> {
    panel: &'a Panel,
    steps: usize,
    market: Option<Market>,
    shape: Shape,
    own: Family,
    common: Family,
    deviation: Family,
    weights: Weights,
}

struct Weights {
    own: Vec<Vec<f64>>,
    common: Vec<f64>,
    deviation: Vec<f64>,
    /// Share of the view through the market, by row.
    blend: Vec<f64>,
}

/// What the method said at earlier origins, against what came.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// By row: by origin: actual minus forecast at each step, over the row's scale; not a number where unknown.
    pub(super) errors: Vec<Vec<Vec<f64>>>,
}

/// Where everything stands at an origin.
struct View {
    seasons: Seasons,
    market: Option<State>,
}

impl<'a> Method<'a> {
    /// Weighs the candidates on the history of a panel; forecasts have this many steps.
    pub(super) fn fit(panel: &'a Panel, steps: usize) -> (Self, Record) {
        let family = |half_lives: &[f64], drifts: &[f64]| Family::new(panel.per_year, steps, half_lives, drifts);
        let own = family(&HALF_LIVES, &DRIFTS);
        let common = own.clone();
        let deviation = family(&OWN_HALF_LIVES, &[0.0]);
        let even = |family: &Family| vec![1.0 / family.candidates.len() as f64; family.candidates.len()];
        let weights = Weights {
            own: vec![even(&own); panel.rows.len()],
            common: even(&common),
            deviation: even(&deviation),
            blend: vec![0.5; panel.rows.len()],
        };
        let shape = Shape::new(panel.per_year);
        let mut method = Self { panel, steps, market: Market::of(panel), shape, own, common, deviation, weights };
        let (origins, apart) = method.origins();
        if panel.is_pooled() {
            method.weigh_candidates(&origins);
        } else {
            method.weigh_alone(&origins, apart);
        }
        let record = method.weigh_views(&origins);
        (method, record)
    }

    /// The forecast of a row from the end of the history: the centre by step, in the row's transformed unit.
    pub(super) fn paths(&self) -> Vec<Vec<f64>> {
        let now = self.panel.length - 1;
        let view = self.view(now);
        (0..self.panel.rows.len())
            .map(|number| {
                let (own, pooled) = self.views_of(number, &view, now);
                let share = self.weights.blend[number];
                let mut path = match pooled {
                    Some(pooled) => own.iter().zip(&pooled).map(|(o, p)| o + share * (p - o)).collect(),
                    None => own,
                };
                let season = &view.seasons.rows[number];
                for (step, value) in path.iter_mut().enumerate() {
                    *value += season::of(season, self.panel, now + 1 + step);
                }
                path
            })
            .collect()
    }

    /// Earlier origins, oldest first, and how many steps they are apart: about every quarter, the newest one step before
    /// the end.
    fn origins(&self) -> (Vec<usize>, usize) {
        let panel = self.panel;
        let Some(first) = panel.rows.iter().map(|row| row.first).min() else { return (Vec::new(), 1) };
        let begin = first + super::MIN_POINTS.max((2.0 * panel.per_year) as usize);
        let room = MOST_ERRORS / (panel.rows.len() * self.steps).max(1);
        let most = room.clamp(8, MOST_ORIGINS);
        let span = panel.length.saturating_sub(1).saturating_sub(begin);
        let apart = ((panel.per_year / ORIGINS_A_YEAR).round() as usize).max(span.div_ceil(most)).max(1);
        let mut origins: Vec<usize> = (begin..panel.length.saturating_sub(1)).rev().step_by(apart).collect();
        origins.reverse();
        (origins, apart)
    }

    fn view(&self, now: usize) -> View {
        let seasons = Seasons::at(self.panel, now);
        let market = self.market.as_ref().and_then(|market| market.state(self.panel, &self.shape, &seasons, now));
        View { seasons, market }
    }

    /// Slots after `now` that are known, up to the number of steps.
    fn known(&self, now: usize) -> std::ops::Range<usize> {
        now + 1..self.panel.length.min(now + 1 + self.steps)
    }

    fn row(&self, number: usize) -> &Row {
        &self.panel.rows[number]
    }

    /// What came of a row after `now`, without its season.
    fn came(&self, number: usize, view: &View, now: usize) -> Vec<f64> {
        let (row, season) = (self.row(number), &view.seasons.rows[number]);
        let value = |slot: usize| if row.seen[slot] { row.values[slot] } else { f64::NAN };
        self.known(now).map(|slot| value(slot) - season::of(season, self.panel, slot)).collect()
    }

    fn own_state(&self, number: usize, view: &View, now: usize) -> State {
        let (row, season) = (self.row(number), &view.seasons.rows[number]);
        let begin = row.first.max((now + 1).saturating_sub(self.shape.memory()));
        let value = |slot: usize| row.values[slot] - season::of(season, self.panel, slot);
        let recent: Vec<f64> = (begin..=now).map(value).collect();
        State::of(&self.shape, &recent, (value(now) - value(row.first)) / (now - row.first).max(1) as f64)
    }

    /// What a row adds to the market; `None` without a market or when the row is not part of it.
    fn deviation_state(&self, number: usize, view: &View, now: usize) -> Option<State> {
        let (row, season) = (self.row(number), &view.seasons.rows[number]);
        let market = self.market.as_ref().filter(|_| row.is_log && view.market.is_some())?;
        let begin = row.first.max(market.first).max((now + 1).saturating_sub(self.shape.memory()));
        if begin + 1 > now {
            return None;
        }
        let value = |slot: usize| {
            row.values[slot] - season::of(season, self.panel, slot) - market.at(self.panel, &view.seasons, slot)
        };
        let recent: Vec<f64> = (begin..=now).map(value).collect();
        Some(State::of(&self.shape, &recent, 0.0))
    }

    /// The path of a row by itself and the path through the market, both without season.
    fn views_of(&self, number: usize, view: &View, now: usize) -> (Vec<f64>, Option<Vec<f64>>) {
        let mix = |family: &Family, weights: &[f64], state: &State, into: &mut [f64]| {
            for (candidate, weight) in family.candidates.iter().zip(weights).filter(|(_, weight)| **weight > 0.0) {
                family.add_path(*candidate, state, *weight, into);
            }
        };
        let mut own = vec![0.0; self.steps];
        mix(&self.own, &self.weights.own[number], &self.own_state(number, view, now), &mut own);
        let pooled = self.deviation_state(number, view, now).zip(view.market.as_ref()).map(|(deviation, market)| {
            let mut path = vec![0.0; self.steps];
            mix(&self.common, &self.weights.common, market, &mut path);
            mix(&self.deviation, &self.weights.deviation, &deviation, &mut path);
            path
        });
        (own, pooled)
    }

    /// Sets the weights of all candidates, of a panel with a market, by how far each missed.
    fn weigh_candidates(&mut self, origins: &[usize]) {
        let rows = self.panel.rows.len();
        let mut own = vec![Misses::new(self.own.candidates.len()); rows];
        let mut common = Misses::new(self.common.candidates.len());
        let mut deviation = Misses::new(self.deviation.candidates.len());
        for &now in origins {
            let view = self.view(now);
            if let (Some(market), Some(state)) = (&self.market, &view.market) {
                let came: Vec<f64> = self.known(now).map(|slot| market.at(self.panel, &view.seasons, slot)).collect();
                common.add(&self.common, state, &came, 1.0);
            }
            for (number, misses) in own.iter_mut().enumerate() {
                let row = self.row(number);
                if !row.is_known(now) {
                    continue;
                }
                let mut came = self.came(number, &view, now);
                misses.add(&self.own, &self.own_state(number, &view, now), &came, row.scale);
                let Some(state) = self.deviation_state(number, &view, now) else { continue };
                if let Some(market) = &self.market {
                    for (slot, value) in self.known(now).zip(&mut came) {
                        *value -= market.at(self.panel, &view.seasons, slot);
                    }
                    deviation.add(&self.deviation, &state, &came, row.scale);
                }
            }
        }
        self.weights.common = common.weights(SHARP_MARKET);
        self.weights.deviation = deviation.weights(SHARP_DEVIATION);
        let all = Misses::pooled(&own);
        let a_year = ORIGINS_A_YEAR.min(self.panel.per_year);
        for (weights, misses) in self.weights.own.iter_mut().zip(&own) {
            *weights = misses.towards(&all, YEARS_OF_TRUST * a_year).weights(SHARP_OWN);
        }
    }

    /// The same without a market: each series by its own record.
    fn weigh_alone(&mut self, origins: &[usize], apart: usize) {
        let mut own = vec![alone::Misses::new(&self.own, self.steps); self.panel.rows.len()];
        for &now in origins {
            let view = self.view(now);
            for (number, misses) in own.iter_mut().enumerate().filter(|(number, _)| self.row(*number).is_known(now)) {
                misses.add(&self.own, &self.own_state(number, &view, now), &self.came(number, &view, now));
            }
        }
        self.weights.own = own.iter().map(|misses| misses.weights(&self.own, apart)).collect();
    }

    /// Sets the share of the view through the market, and keeps what the whole would have missed.
    fn weigh_views(&mut self, origins: &[usize]) -> Record {
        let rows = self.panel.rows.len();
        let mut misses = vec![Misses::new(2); rows];
        let mut kept: Vec<Vec<[Vec<f64>; 2]>> = vec![Vec::new(); rows];
        for &now in origins {
            let view = self.view(now);
            for number in 0..rows {
                let row = self.row(number);
                if !row.is_known(now) {
                    continue;
                }
                let came = self.came(number, &view, now);
                let (own, pooled) = self.views_of(number, &view, now);
                let errors = |path: &[f64]| -> Vec<f64> {
                    came.iter().zip(path).map(|(came, path)| (came - path) / row.scale).collect()
                };
                let own = errors(&own);
                if let Some(pooled) = pooled {
                    let pooled = errors(&pooled);
                    misses[number].add_errors(&[&own, &pooled]);
                    kept[number].push([own, pooled]);
                } else {
                    kept[number].push([own, Vec::new()]);
                }
            }
        }
        let all = Misses::pooled(&misses);
        let trust = YEARS_OF_TRUST * ORIGINS_A_YEAR.min(self.panel.per_year);
        for (share, misses) in self.weights.blend.iter_mut().zip(&misses) {
            *share = misses.towards(&all, trust).weights(SHARP_BLEND)[1];
        }
        let blended = kept.into_iter().zip(&self.weights.blend).map(|(origins, share)| {
            let blend = |[own, pooled]: [Vec<f64>; 2]| {
                if pooled.is_empty() {
                    own
                } else {
                    own.iter().zip(&pooled).map(|(o, p)| o + share * (p - o)).collect()
                }
            };
            origins.into_iter().map(blend).collect()
        });
        Record { errors: blended.collect() }
    }
}

/// How far each candidate missed, summed over origins.
#[derive(Debug, Clone)]
struct Misses {
    sums: Vec<f64>,
    origins: f64,
}

impl Misses {
    fn new(candidates: usize) -> Self {
        Self { sums: vec![0.0; candidates], origins: 0.0 }
    }

    fn add(&mut self, family: &Family, state: &State, came: &[f64], scale: f64) {
        if !came.iter().any(|value| value.is_finite()) {
            return;
        }
        for (sum, candidate) in self.sums.iter_mut().zip(&family.candidates) {
            *sum += family.miss(*candidate, state, came) / scale;
        }
        self.origins += 1.0;
    }

    fn add_errors(&mut self, errors: &[&[f64]]) {
        let mean = |errors: &[f64]| {
            let (sum, n) = errors.iter().filter(|e| e.is_finite()).fold((0.0, 0.0), |(s, n), e| (s + e.abs(), n + 1.0));
            sum / n
        };
        let means: Vec<f64> = errors.iter().map(|errors| mean(errors)).collect();
        if means.iter().all(|mean| mean.is_finite()) {
            self.sums.iter_mut().zip(means).for_each(|(sum, mean)| *sum += mean);
            self.origins += 1.0;
        }
    }

    /// The record of all series as one.
    fn pooled(of: &[Self]) -> Self {
        let mut all = Self::new(of.first().map_or(0, |misses| misses.sums.len()));
        for misses in of {
            all.sums.iter_mut().zip(&misses.sums).for_each(|(all, sum)| *all += sum);
            all.origins += misses.origins;
        }
        all
    }

    /// This record with that of all series counted as so many origins.
    fn towards(&self, all: &Self, origins: f64) -> Self {
        if all.origins == 0.0 {
            return self.clone();
        }
        // Each record in its own unit, the mean miss of its candidates: series differ in how hard they are.
        let unit = |misses: &Self| misses.sums.iter().sum::<f64>() / misses.sums.len() as f64;
        let (own, whole) = (unit(self), unit(all));
        let share = |sum: f64, unit: f64| if unit > 0.0 { sum / unit } else { 0.0 };
        let sums = self.sums.iter().zip(&all.sums);
        Self {
            sums: sums.map(|(s, a)| self.origins * share(*s, own) + origins * share(*a, whole)).collect(),
            origins: self.origins + origins,
        }
    }

    /// Weights that add up to 1: the inverse of the misses to a power, without those that count for next to nothing.
    fn weights(&self, sharp: f64) -> Vec<f64> {
        let best = self.sums.iter().copied().fold(f64::INFINITY, f64::min);
        let raw: Vec<f64> = if self.origins == 0.0 || best <= 0.0 {
            // Nothing known, or something that was never wrong.
            self.sums.iter().map(|sum| if *sum <= 0.0 { 1.0 } else { 0.0 }).collect()
        } else {
            self.sums.iter().map(|sum| (best / sum).powf(sharp)).map(|w| if w < 0.01 { 0.0 } else { w }).collect()
        };
        let total: f64 = raw.iter().sum();
        raw.into_iter().map(|weight| weight / total).collect()
    }
}

//! Learns a number from any table: trees, intervals with adaptive width, and what was measured on held-out rows.

use super::artefact::{self, ArtefactKind};
use super::blend::{Blend, Part};
use super::boost::BoostOptions;
use super::interval::{Conformal, Interval, MIN_RESIDUALS, dispersion_targets};
use super::loss::Loss;
use super::metrics::{NumberMetrics, median, quantile_sorted};
use super::model::{Labels, TreeModel, cross_fit};
use super::split::{Split, folds, tail};
use super::table::{Cell, Table};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Targets more skewed than this, and positive, are tried on a log scale too.
const SKEWED: f64 = 1.0;
/// The straight part of the robust loss begins at this many standard deviations of the residuals.
const ROBUST_FROM: f64 = 2.0;
/// A log prediction beyond this has no finite value.
const MAX_LOG: f64 = 700.0;

/// About how much of the time each step takes.
mod share {
    pub(super) const SCOUTING: f64 = 0.1;
    pub(super) const FITTING: f64 = 0.6;
    pub(super) const TRAINING: f64 = 0.15;
    pub(super) const DISPERSION: f64 = 0.15;
}

/// Settings of a regression.
#[derive(Debug, Clone, PartialEq)]
pub struct RegressOptions {
    /// Settings of the trees; `rounds` is the most that cross-validation may choose and `loss` is not read.
    pub boost: BoostOptions,
    /// Ways of learning to choose and blend from.
    pub parts: Vec<Part>,
    /// Whether rows far off count less (Huber's loss, its width measured) or the mean is wanted.
    pub robust: bool,
    /// Folds of cross-validation.
    pub folds: usize,
    /// How many forests are averaged.
    pub bags: usize,
}

impl Default for RegressOptions {
    fn default() -> Self {
        Self {
            boost: BoostOptions {
                rounds: 800,
                learning_rate: 0.05,
                max_leaves: 24,
                max_depth: 8,
                min_child_rows: 8,
                l2: 2.0,
                row_share: 0.8,
                feature_share: 0.6,
                patience: Some(40),
                ..BoostOptions::default()
            },
            parts: vec![Part::Symmetric, Part::LeafWise],
            robust: true,
            folds: 5,
            bags: 1,
        }
    }
}

/// The scale on which contributions add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// The target itself.
    Plain,
    /// Its natural logarithm.
    Log,
}

impl Scale {
    /// The scale's name in files: `plain` or `log`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Log => "log",
        }
    }

    fn of(self, target: f64) -> f64 {
        match self {
            Self::Plain => target,
            Self::Log => target.ln(),
        }
    }

    /// The target at a value of this scale.
    pub fn value(self, raw: f64) -> f64 {
        match self {
            Self::Plain => raw,
            Self::Log => raw.clamp(-MAX_LOG, MAX_LOG).exp(),
        }
    }
}

/// A predicted number, in units of the target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberPrediction {
    /// The middle of what is likely.
    pub value: f64,
    /// `lower95 ≤ lower80 ≤ value ≤ upper80 ≤ upper95`.
    pub interval: Interval,
}

/// A prediction taken apart by column.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberExplanation {
    /// The scale of everything below.
    pub scale: Scale,
    /// The prediction over all training rows.
    pub base: f64,
    /// What each column adds, in the schema's order.
    pub contributions: Vec<f64>,
    /// Base plus contributions; [`Scale::value`] of it is the prediction.
    pub raw: f64,
}

/// A trained regression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Regressor {
    scale: Scale,
    trees: TreeModel,
    /// Median of the held-out residuals: what is added to every raw prediction.
    bias: f64,
    /// Log of the expected size of the error.
    dispersion: TreeModel,
    conformal: Conformal,
    metrics: NumberMetrics,
}

impl Regressor {
    /// Trains by cross-validation: scale, width of the loss and rounds are chosen on held-out rows, intervals and metrics rest on
    /// their residuals, the served forest has seen all rows.
    ///
    /// `targets` has one entry a row and `groups` too; rows of one group share a fold. `splits` replaces the default folds.
    pub fn learn(
        table: &Table,
        targets: &[f64],
        groups: Option<&[u64]>,
        splits: Option<&[Split]>,
        options: &RegressOptions,
    ) -> Result<Self> {
        check(table, targets)?;
        let own;
        let splits = if let Some(splits) = splits {
            splits
        } else {
            own = folds(table.rows(), groups, options.folds, options.boost.seed);
            &own
        };
        let scouted = scout(table, targets, groups, splits, options)?;
        let scaled: Vec<f64> = targets.iter().map(|target| scouted.scale.of(*target)).collect();
        let boost = BoostOptions { loss: scouted.loss, ..options.boost.clone() };
        let labels = Labels { targets: &scaled, weights: None, groups, times: None, words: None };
        let fit = Blend::fit(table, labels, splits, &options.parts, &boost.part(share::FITTING))?;
        let trees = fit.train(table, labels, options.bags, &boost.progress.part(share::TRAINING))?;
        let measured: Vec<usize> = (0..table.rows()).filter(|row| fit.held_out[*row].is_finite()).collect();
        let held_out: Vec<f64> = measured.iter().map(|row| fit.held_out[*row]).collect();
        let rest: Vec<f64> = measured.iter().zip(&held_out).map(|(row, raw)| scaled[*row] - raw).collect();
        let bias = median(&rest);
        let residuals: Vec<f64> = rest.iter().map(|rest| rest - bias).collect();
        let part = table.select(&measured);
        let groups: Option<Vec<u64>> = groups.map(|groups| measured.iter().map(|row| groups[*row]).collect());
        let (dispersion, scales) = disperse(&part, &residuals, groups.as_deref(), options)?;
        let conformal = Conformal::learn(&residuals, &scales)?;
        let actual: Vec<f64> = measured.iter().map(|row| targets[*row]).collect();
        let predicted: Vec<f64> = held_out.iter().map(|raw| scouted.scale.value(raw + bias)).collect();
        let metrics =
            NumberMetrics { coverage: coverage(&residuals, &scales), ..NumberMetrics::of(&predicted, &actual) };
        Ok(Self { scale: scouted.scale, trees, bias, dispersion, conformal, metrics })
    }

    /// The same where rows have a time: everything is chosen and measured on later rows than those learnt from.
    pub fn learn_in_time(
        table: &Table,
        targets: &[f64],
        groups: Option<&[u64]>,
        times: &[f64],
        options: &RegressOptions,
    ) -> Result<Self> {
        check(table, targets)?;
        Self::learn(table, targets, groups, Some(&tail(times)?), options)
    }

    /// The prediction for one row.
    pub fn predict(&self, row: &[Cell<'_>]) -> Result<NumberPrediction> {
        Ok(self.around(self.trees.predict(row)?, self.dispersion.predict(row)?))
    }

    /// The predictions for every row of a table.
    pub fn predict_table(&self, table: &Table) -> Result<Vec<NumberPrediction>> {
        let raw = self.trees.predict_table(table)?;
        let spread = self.dispersion.predict_table(table)?;
        Ok(raw.into_iter().zip(spread).map(|(raw, spread)| self.around(raw, spread)).collect())
    }

    /// The prediction for one row with what each column adds.
    pub fn explain(&self, row: &[Cell<'_>]) -> Result<NumberExplanation> {
        let parts = self.trees.explain(row)?;
        Ok(NumberExplanation {
            scale: self.scale,
            base: parts.base + self.bias,
            contributions: parts.contributions,
            raw: parts.raw + self.bias,
        })
    }

    /// What the cross-fitted predictions measured.
    pub fn metrics(&self) -> &NumberMetrics {
        &self.metrics
    }

    /// The scale on which contributions add up.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The trees, which predict on [`Regressor::scale`].
    pub fn model(&self) -> &TreeModel {
        &self.trees
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        artefact::write(ArtefactKind::Regressor, self)
    }

    /// Reads the stored form; anything damaged is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        artefact::read::<Self>(ArtefactKind::Regressor, bytes)?.check()
    }

    /// Refuses a stored model whose parts do not fit together.
    pub fn check(self) -> Result<Self> {
        let sound = self.trees.is_sound()
            && self.dispersion.is_sound()
            && self.trees.schema() == self.dispersion.schema()
            && self.conformal.is_sound()
            && self.bias.is_finite();
        if sound { Ok(self) } else { Err(Error::Artefact("its parts do not fit together".into())) }
    }

    fn around(&self, raw: f64, spread: f64) -> NumberPrediction {
        let raw = raw + self.bias;
        let i = self.conformal.around(raw, spread.clamp(-MAX_LOG, MAX_LOG).exp());
        let value = |raw| self.scale.value(raw);
        NumberPrediction {
            value: value(raw),
            interval: Interval {
                lower95: value(i.lower95),
                lower80: value(i.lower80),
                upper80: value(i.upper80),
                upper95: value(i.upper95),
            },
        }
    }
}

fn check(table: &Table, targets: &[f64]) -> Result<()> {
    if targets.len() != table.rows() {
        return Err(Error::Shape { what: "labels of a table", expected: table.rows(), found: targets.len() });
    }
    Loss::Squared.check(targets)?;
    if targets.len() > 1 && targets.iter().all(|target| *target == targets[0]) {
        return Err(Error::ConstantLabel { rows: targets.len(), value: targets[0] });
    }
    if targets.len() < MIN_RESIDUALS {
        return Err(Error::InsufficientData { rows: targets.len(), needed: MIN_RESIDUALS, what: "rows" });
    }
    Ok(())
}

/// What a few quick trees find out before the long training.
struct Scouted {
    scale: Scale,
    loss: Loss,
}

/// Chooses the scale with the smaller mean absolute error, and the width of the robust loss on it.
fn scout(
    table: &Table,
    targets: &[f64],
    groups: Option<&[u64]>,
    splits: &[Split],
    options: &RegressOptions,
) -> Result<Scouted> {
    let candidates: &[Scale] = if skewed(targets) { &[Scale::Plain, Scale::Log] } else { &[Scale::Plain] };
    let share = share::SCOUTING / candidates.len() as f64;
    let quick = BoostOptions { rounds: 80, learning_rate: 0.15, max_leaves: 16, ..options.boost.part(share) };
    let mut best: Option<(f64, Scouted)> = None;
    for scale in candidates {
        let scaled: Vec<f64> = targets.iter().map(|target| scale.of(*target)).collect();
        let loss = Loss::Huber { delta: spread(&scaled) };
        let labels = Labels { targets: &scaled, weights: None, groups, times: None, words: None };
        let held_out = cross_fit(table, labels, splits, &BoostOptions { loss, ..quick.clone() })?.held_out;
        let measured = || held_out.iter().enumerate().filter(|(_, raw)| raw.is_finite());
        let error: f64 = measured().map(|(row, raw)| (scale.value(*raw) - targets[row]).abs()).sum();
        let residuals: Vec<f64> = measured().map(|(row, raw)| scaled[row] - raw).collect();
        let loss = if options.robust { Loss::Huber { delta: ROBUST_FROM * spread(&residuals) } } else { Loss::Squared };
        if best.as_ref().is_none_or(|(least, _)| error < *least) {
            best = Some((error, Scouted { scale: *scale, loss }));
        }
    }
    let none = Error::InsufficientData { rows: table.rows(), needed: 2, what: "rows that can be held out" };
    best.map(|(_, scouted)| scouted).ok_or(none)
}

/// Whether a logarithm is worth a try: every target is positive, and the skewness large.
fn skewed(targets: &[f64]) -> bool {
    let n = targets.len() as f64;
    let mean = targets.iter().sum::<f64>() / n;
    let moment = |power| targets.iter().map(|target| (target - mean).powi(power)).sum::<f64>() / n;
    targets.iter().all(|target| *target > 0.0) && moment(3) > SKEWED * moment(2).powf(1.5)
}

/// A standard deviation that outliers do not reach: from the quartiles, else of all values; never 0.
fn spread(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let robust = (quantile_sorted(&sorted, 0.75) - quantile_sorted(&sorted, 0.25)) / 1.349;
    if robust > 0.0 {
        return robust;
    }
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len().max(1) as f64;
    variance.sqrt().max(1e-9)
}

/// A model of the size of the error, and the cross-fitted size for each row.
fn disperse(
    table: &Table,
    residuals: &[f64],
    groups: Option<&[u64]>,
    options: &RegressOptions,
) -> Result<(TreeModel, Vec<f64>)> {
    let targets = dispersion_targets(residuals);
    let labels = Labels { targets: &targets, weights: None, groups, times: None, words: None };
    let gentle = BoostOptions {
        loss: Loss::Squared,
        max_leaves: 8,
        min_child_rows: 40,
        rounds: 200,
        ..options.boost.part(share::DISPERSION * 0.5)
    };
    let splits = folds(table.rows(), groups, options.folds, options.boost.seed);
    let fit = cross_fit(table, labels, &splits, &gentle)?;
    let model = TreeModel::learn(table, labels, &BoostOptions { rounds: fit.rounds, ..gentle }, 1)?;
    Ok((model, fit.held_out.iter().map(|spread| spread.exp()).collect()))
}

/// The share of rows inside the 80 % and 95 % interval, each half measured with the other half's quantiles.
fn coverage(residuals: &[f64], scales: &[f64]) -> Option<(f64, f64)> {
    let half = |odd: usize| -> (Vec<f64>, Vec<f64>) {
        residuals.iter().zip(scales).skip(odd).step_by(2).map(|(residual, scale)| (*residual, *scale)).unzip()
    };
    let (mut inside80, mut inside95) = (0, 0);
    for odd in 0..2 {
        let (own, own_scales) = half(1 - odd);
        let conformal = Conformal::learn(&own, &own_scales).ok()?;
        let (other, other_scales) = half(odd);
        for (residual, scale) in other.iter().zip(&other_scales) {
            let i = conformal.around(0.0, *scale);
            inside80 += usize::from((i.lower80..=i.upper80).contains(residual));
            inside95 += usize::from((i.lower95..=i.upper95).contains(residual));
        }
    }
    let n = residuals.len() as f64;
    Some((inside80 as f64 / n, inside95 as f64 / n))
}

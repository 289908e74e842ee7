//! A calibrated classifier of any table: trees, calibration, and what it measured on held-out rows.

use super::artefact::{self, ArtefactKind};
use super::blend::{Blend, Part};
use super::boost::BoostOptions;
use super::calibrate::Calibration;
use super::drift::{Block, follow_level};
use super::loss::Loss;
use super::metrics::{ClassMetrics, classify, sigmoid};
use super::model::{Labels, TreeModel};
use super::split::{Split, stratified_folds, tail};
use super::table::{Cell, Table};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// The fewest rows of each class a classifier may rest on.
pub const MIN_CLASS_ROWS: usize = 10;

/// About how much of the time cross-validation takes.
const FITTING: f64 = 0.8;

/// Settings of a classifier.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassifyOptions {
    /// Settings of the trees; `rounds` is the most that cross-validation may choose.
    pub boost: BoostOptions,
    /// Ways of learning to choose and blend from.
    pub parts: Vec<Part>,
    /// The same where rows have a time.
    pub parts_in_time: Vec<Part>,
    /// Folds of cross-validation.
    pub folds: usize,
    /// How many forests are averaged.
    pub bags: usize,
}

impl Default for ClassifyOptions {
    fn default() -> Self {
        Self {
            boost: BoostOptions {
                loss: Loss::Logistic,
                rounds: 400,
                learning_rate: 0.05,
                max_leaves: 12,
                max_depth: 6,
                min_child_weight: 2.0,
                min_child_rows: 10,
                l2: 3.0,
                row_share: 0.8,
                feature_share: 0.5,
                patience: Some(100),
                ..BoostOptions::default()
            },
            parts: vec![Part::Symmetric, Part::LeafWise, Part::Line],
            parts_in_time: vec![Part::Symmetric, Part::Steady, Part::Line],
            folds: 5,
            bags: 1,
        }
    }
}

/// A trained classifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Classifier {
    model: TreeModel,
    calibration: Calibration,
    metrics: ClassMetrics,
}

/// A calibrated log-odds taken apart by column.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassExplanation {
    /// The log-odds over all training rows.
    pub base: f64,
    /// What each column adds, in the schema's order.
    pub contributions: Vec<f64>,
    /// What calibration adds.
    pub calibration: f64,
    /// Base plus contributions plus calibration.
    pub log_odds: f64,
}

impl Classifier {
    /// Trains by cross-validation: rounds and calibration are chosen on held-out rows, the
    /// metrics are those of cross-fitted predictions, the served forest has seen all rows.
    ///
    /// `splits` replaces the default stratified (and group-keeping) folds, for instance by
    /// [`super::split::forward`] ones.
    pub fn learn(
        table: &Table,
        positive: &[bool],
        groups: Option<&[u64]>,
        splits: Option<&[Split]>,
        options: &ClassifyOptions,
    ) -> Result<Self> {
        if positive.len() != table.rows() {
            return Err(Error::Shape { what: "labels of a table", expected: table.rows(), found: positive.len() });
        }
        check(positive)?;
        let own;
        let splits = if let Some(splits) = splits {
            splits
        } else {
            own = stratified_folds(positive, groups, options.folds, options.boost.seed);
            &own
        };
        Self::learn_on(splits, table, positive, groups, None, options)
    }

    /// The same where rows have a time: everything is chosen and measured on later rows than those learnt from.
    pub fn learn_in_time(
        table: &Table,
        positive: &[bool],
        groups: Option<&[u64]>,
        times: &[f64],
        options: &ClassifyOptions,
    ) -> Result<Self> {
        check(positive)?;
        Self::learn_on(&tail(times)?, table, positive, groups, Some(times), options)
    }

    fn learn_on(
        splits: &[Split],
        table: &Table,
        positive: &[bool],
        groups: Option<&[u64]>,
        times: Option<&[f64]>,
        options: &ClassifyOptions,
    ) -> Result<Self> {
        let targets: Vec<f64> = positive.iter().map(|hit| f64::from(u8::from(*hit))).collect();
        let labels = Labels { targets: &targets, weights: None, groups, times, words: None };
        let boost = BoostOptions { loss: Loss::Logistic, ..options.boost.clone() };
        let parts = if times.is_some() { &options.parts_in_time } else { &options.parts };
        let blend = Blend::fit(table, labels, splits, parts, &boost.part(FITTING))?;
        let blocks: Vec<Vec<usize>> = match times {
            Some(_) => splits.iter().map(|split| split.valid.clone()).filter(|b| both_classes(b, positive)).collect(),
            None => Vec::new(),
        };
        let measured = match blocks.last() {
            // What held long ago says little about what comes.
            Some(latest) => latest.clone(),
            None => (0..table.rows()).filter(|row| blend.held_out[*row].is_finite()).collect(),
        };
        let of = |rows: &[usize]| Block {
            raw: rows.iter().map(|row| blend.held_out[*row]).collect(),
            hits: rows.iter().map(|row| positive[*row]).collect(),
        };
        let Block { raw, hits } = of(&measured);
        let (calibration, fitted) = if blocks.is_empty() {
            Calibration::choose(&raw, &hits, boost.seed)
        } else {
            let (offset, fitted) = follow_level(&blocks.iter().map(|rows| of(rows)).collect::<Vec<_>>());
            (Calibration::Platt { slope: 1.0, offset }, fitted)
        };
        let probabilities: Vec<f64> = fitted.iter().copied().map(sigmoid).collect();
        let metrics = classify(&probabilities, &hits).ok_or(Error::InsufficientData {
            rows: hits.len(),
            needed: 2,
            what: "held-out rows of both classes",
        })?;
        let model = blend.train(table, labels, options.bags, &boost.progress.part(1.0 - FITTING))?;
        Ok(Self { model, calibration, metrics })
    }

    /// The calibrated log-odds of one row.
    pub fn log_odds(&self, row: &[Cell<'_>]) -> Result<f64> {
        Ok(self.calibration.apply(self.model.predict(row)?))
    }

    /// The calibrated log-odds of every row of a table.
    pub fn log_odds_table(&self, table: &Table) -> Result<Vec<f64>> {
        let raw = self.model.predict_table(table)?;
        Ok(raw.into_iter().map(|raw| self.calibration.apply(raw)).collect())
    }

    /// The calibrated log-odds with what each column adds.
    pub fn explain(&self, row: &[Cell<'_>]) -> Result<ClassExplanation> {
        let explanation = self.model.explain(row)?;
        let log_odds = self.calibration.apply(explanation.raw);
        Ok(ClassExplanation {
            base: explanation.base,
            contributions: explanation.contributions,
            calibration: log_odds - explanation.raw,
            log_odds,
        })
    }

    /// The same trees with calibrated log-odds moved to `slope · log-odds + intercept`. Its metrics stay those of training.
    #[must_use]
    pub fn recalibrated(&self, slope: f64, intercept: f64) -> Self {
        Self { calibration: self.calibration.then(slope, intercept), ..self.clone() }
    }

    /// What the cross-fitted probabilities measured.
    pub fn metrics(&self) -> &ClassMetrics {
        &self.metrics
    }

    /// The trees.
    pub fn model(&self) -> &TreeModel {
        &self.model
    }

    /// The calibration.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        artefact::write(ArtefactKind::Classifier, self)
    }

    /// Reads the stored form; anything damaged is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let classifier: Self = artefact::read(ArtefactKind::Classifier, bytes)?;
        classifier.check()
    }

    pub(crate) fn check(self) -> Result<Self> {
        if self.model.is_sound() && self.calibration.is_sound() {
            Ok(self)
        } else {
            Err(Error::Artefact("its parts do not fit together".into()))
        }
    }
}

fn check(positive: &[bool]) -> Result<()> {
    let positives = positive.iter().filter(|hit| **hit).count();
    let least = positives.min(positive.len() - positives);
    if least == 0 && !positive.is_empty() {
        return Err(Error::ConstantLabel { rows: positive.len(), value: f64::from(u8::from(positives > 0)) });
    }
    if least < MIN_CLASS_ROWS {
        return Err(Error::InsufficientData { rows: least, needed: MIN_CLASS_ROWS, what: "rows of each class" });
    }
    Ok(())
}

/// Whether there are enough rows of each class.
fn both_classes(rows: &[usize], positive: &[bool]) -> bool {
    let positives = rows.iter().filter(|row| positive[**row]).count();
    positives.min(rows.len() - positives) >= MIN_CLASS_ROWS
}

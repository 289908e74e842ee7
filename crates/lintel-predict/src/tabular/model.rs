//! A model of a table with free columns: it knows its columns by name and explains itself in their terms.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::column::{FileColumn, leak};
use super::feature::{self, Feature, features};
use super::order::{canonical, fingerprints, groups};
use crate::error::{Error, Result};
use crate::fields::Warning;
use crate::learn::classify::{Classifier, ClassifyOptions};
use crate::learn::leak::{class_leaks, number_leaks};
use crate::learn::metrics::{ClassMetrics, NumberMetrics, sigmoid};
use crate::learn::progress::Progress;
use crate::learn::regress::{NumberPrediction, RegressOptions, Regressor};
use crate::learn::split::{Split, tail};
use crate::learn::table::{Schema, Table};

/// What is to be predicted, one entry a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target<'a> {
    /// Whether the row is of the positive class.
    Class(&'a [bool]),
    /// A finite number.
    Number(&'a [f64]),
}

impl Target<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Class(positive) => positive.len(),
            Self::Number(values) => values.len(),
        }
    }
}

/// What is known about rows beside their values.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Marks<'a> {
    /// Rows of one group are never on both sides of a split; a row without one stands alone.
    pub groups: Option<&'a [Option<u64>]>,
    /// When each row happened, in any unit: the latest are held out. NaN where unknown.
    pub times: Option<&'a [f64]>,
}

/// Settings of learning from a table.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnOptions {
    /// Everything random follows from it.
    pub seed: u64,
    /// Threads; the model does not depend on it.
    pub threads: usize,
    /// Told of every tree; may stop before the next one.
    pub progress: Progress,
}

/// A model of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tabular {
    /// The file's columns it reads, sorted by name.
    names: Vec<String>,
    features: Vec<Feature>,
    learner: Learner,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Learner {
    Classify(Box<Classifier>),
    Regress(Box<Regressor>),
}

/// A model and what was noticed about its columns while learning.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The model.
    pub model: Tabular,
    /// Columns that determine the label.
    pub warnings: Vec<Warning>,
}

/// What is predicted for a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Forecast {
    /// The probability of the positive class.
    Probability(f64),
    /// A number with its intervals.
    Number(NumberPrediction),
}

/// What a model measured on rows that it had not seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measured<'a> {
    /// Of probabilities.
    Class(&'a ClassMetrics),
    /// Of numbers.
    Number(&'a NumberMetrics),
}

impl Measured<'_> {
    /// Whether the held-out rows were told no better than without any column: ranks within two standard errors
    /// of chance (of the rank sum, Mann and Whitney 1947), or no more variance explained than a correlation of two
    /// standard errors, `2/√n`, does.
    pub fn tells_nothing(&self) -> bool {
        match self {
            Self::Class(metrics) => {
                let (yes, no) = (metrics.positives as f64, (metrics.n - metrics.positives) as f64);
                metrics.auc <= 0.5 + 2.0 * ((yes + no + 1.0) / (12.0 * yes * no)).sqrt()
            }
            Self::Number(metrics) => metrics.r2.is_nan() || metrics.r2 <= 4.0 / metrics.n as f64,
        }
    }
}

/// A prediction taken apart: base plus contributions is the prediction on the scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// `log_odds`, `log` or `plain`.
    pub scale: &'static str,
    /// The prediction over all rows learned from.
    pub base: f64,
    /// What each column adds, and what calibration adds; what is 0 is left out.
    pub contributions: Vec<(String, f64)>,
}

impl Tabular {
    /// Learns from the given columns, all of which become features.
    ///
    /// The model does not depend on the order of columns nor, apart from `marks.times`, on the order of rows.
    pub fn learn(
        columns: &[FileColumn<'_>],
        target: Target<'_>,
        marks: &Marks<'_>,
        options: &LearnOptions,
    ) -> Result<Learned> {
        let mut sorted: Vec<&FileColumn<'_>> = columns.iter().collect();
        sorted.sort_by_key(|column| column.name);
        let rows = target.len();
        if let Some(column) = sorted.iter().find(|column| column.values.len() != rows) {
            return Err(Error::Shape { what: "rows of a column", expected: rows, found: column.values.len() });
        }
        if sorted.is_empty() {
            return Err(Error::NoFeatures { columns: 0 });
        }
        let names: Vec<String> = sorted.iter().map(|column| column.name.to_owned()).collect();
        let prints = fingerprints(&sorted, target, marks);
        let order = canonical(&prints, marks.times);
        let groups = groups(marks, &prints).map(|groups| picked(&groups, &order));
        let times = marks.times.map(|times| picked(times, &order));
        let features = features(&sorted);
        let table = feature::table(&features, &names, &sorted, &order)?;
        let places = Places { table: &table, groups: groups.as_deref(), times: times.as_deref() };
        let (learner, leaks) = match target {
            Target::Class(positive) => {
                let positive = picked(positive, &order);
                let leaks = class_leaks(&table, &positive, options.seed);
                (Learner::Classify(Box::new(places.classify(&positive, options)?)), leaks)
            }
            Target::Number(values) => {
                let values = picked(values, &order);
                (Learner::Regress(Box::new(places.regress(&values, options)?)), number_leaks(&table, &values))
            }
        };
        let mut leaking: Vec<usize> = leaks.into_iter().map(|at| features[at].column).collect();
        leaking.dedup();
        let warnings = leaking.into_iter().map(|at| leak(&names[at])).collect();
        Ok(Learned { model: Self { names, features, learner }, warnings })
    }

    /// The names of the columns it reads, in the order in which it wants them.
    pub fn columns(&self) -> &[String] {
        &self.names
    }

    /// Predicts every row; `columns` are those of [`Self::columns`], in that order and of the kinds learned from.
    pub fn predict(&self, columns: &[FileColumn<'_>]) -> Result<Vec<Forecast>> {
        let columns = self.fitting(columns)?;
        let rows: Vec<usize> = (0..columns.first().map_or(0, |column| column.values.len())).collect();
        let table = feature::table(&self.features, &self.names, &columns, &rows)?;
        Ok(match &self.learner {
            Learner::Classify(classifier) => {
                classifier.log_odds_table(&table)?.into_iter().map(|z| Forecast::Probability(sigmoid(z))).collect()
            }
            Learner::Regress(regressor) => regressor.predict_table(&table)?.into_iter().map(Forecast::Number).collect(),
        })
    }

    /// Takes the prediction of one row apart.
    pub fn explain(&self, columns: &[FileColumn<'_>], row: usize) -> Result<Explained> {
        let columns = self.fitting(columns)?;
        let cells = feature::cells(&self.features, &self.names, &columns, row)?;
        match &self.learner {
            Learner::Classify(classifier) => {
                let parts = classifier.explain(&cells)?;
                let mut contributions = self.by_column(&parts.contributions);
                if parts.calibration != 0.0 {
                    contributions.push((self.free_name("calibration"), parts.calibration));
                }
                Ok(Explained { scale: "log_odds", base: parts.base, contributions })
            }
            Learner::Regress(regressor) => {
                let parts = regressor.explain(&cells)?;
                let contributions = self.by_column(&parts.contributions);
                Ok(Explained { scale: parts.scale.as_str(), base: parts.base, contributions })
            }
        }
    }

    /// What was measured on held-out rows.
    pub fn measured(&self) -> Measured<'_> {
        match &self.learner {
            Learner::Classify(classifier) => Measured::Class(classifier.metrics()),
            Learner::Regress(regressor) => Measured::Number(regressor.metrics()),
        }
    }

    /// Refuses a stored model whose parts do not fit together.
    pub fn check(self) -> Result<Self> {
        if !feature::is_sound(&self.features, self.names.len(), self.learner.schema()) {
            return Err(Error::Artefact("its parts do not fit together".into()));
        }
        let learner = match self.learner {
            Learner::Classify(classifier) => Learner::Classify(Box::new(classifier.check()?)),
            Learner::Regress(regressor) => Learner::Regress(Box::new(regressor.check()?)),
        };
        Ok(Self { learner, ..self })
    }

    fn fitting<'b, 'a>(&self, columns: &'b [FileColumn<'a>]) -> Result<Vec<&'b FileColumn<'a>>> {
        let fits = columns.len() == self.names.len() && columns.iter().zip(&self.names).all(|(c, n)| c.name == n);
        if !fits {
            return Err(Error::Shape { what: "columns of a table", expected: self.names.len(), found: columns.len() });
        }
        Ok(columns.iter().collect())
    }

    /// Contributions of features summed by the columns they come from.
    fn by_column(&self, parts: &[f64]) -> Vec<(String, f64)> {
        let mut sums = vec![0.0; self.names.len()];
        for (feature, part) in self.features.iter().zip(parts) {
            sums[feature.column] += part;
        }
        self.names.iter().cloned().zip(sums).filter(|(_, sum)| *sum != 0.0).collect()
    }

    /// The name, marked when a column is called so.
    fn free_name(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.names.contains(&name) {
            name = format!("({name})");
        }
        name
    }
}

impl Learner {
    fn schema(&self) -> &Schema {
        match self {
            Self::Classify(classifier) => classifier.model().schema(),
            Self::Regress(regressor) => regressor.model().schema(),
        }
    }
}

/// The rows to learn from, in their order, and what keeps them apart.
struct Places<'a> {
    table: &'a Table,
    groups: Option<&'a [u64]>,
    times: Option<&'a [f64]>,
}

impl Places<'_> {
    fn classify(&self, positive: &[bool], options: &LearnOptions) -> Result<Classifier> {
        let mut settings = ClassifyOptions::default();
        (settings.boost.seed, settings.boost.threads) = (options.seed, options.threads);
        settings.boost.progress = options.progress.clone();
        let Self { table, groups, times } = *self;
        match (times, groups) {
            (Some(times), None) => Classifier::learn_in_time(table, positive, None, times, &settings),
            _ => Classifier::learn(table, positive, groups, self.splits()?.as_deref(), &settings),
        }
    }

    fn regress(&self, targets: &[f64], options: &LearnOptions) -> Result<Regressor> {
        let mut settings = RegressOptions::default();
        (settings.boost.seed, settings.boost.threads) = (options.seed, options.threads);
        settings.boost.progress = options.progress.clone();
        let Self { table, groups, times } = *self;
        match (times, groups) {
            (Some(times), None) => Regressor::learn_in_time(table, targets, None, times, &settings),
            _ => Regressor::learn(table, targets, groups, self.splits()?.as_deref(), &settings),
        }
    }

    /// Splits along time without rows of a group on both sides; `None` leaves the choice to the learner.
    fn splits(&self) -> Result<Option<Vec<Split>>> {
        let Some(times) = self.times else { return Ok(None) };
        let mut splits = tail(times)?;
        if let Some(groups) = self.groups {
            for split in &mut splits {
                let measured: HashSet<u64> = split.valid.iter().map(|row| groups[*row]).collect();
                split.train.retain(|row| !measured.contains(&groups[*row]));
            }
            splits.retain(|split| !split.train.is_empty());
        }
        if splits.is_empty() {
            return Err(Error::InsufficientData { rows: 0, needed: 1, what: "earlier rows of other groups" });
        }
        Ok(Some(splits))
    }
}

fn picked<T: Copy>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| values[*row]).collect()
}

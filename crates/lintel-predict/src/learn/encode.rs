//! Turns typed cells into numbers for the trees; words by what happened with them.
//!
//! A word becomes its smoothed mean target, `(sum + a·mean) / (n + a)` with `a = 10`. While
//! learning, a row's statistic comes from the other folds only, so that it never holds the row's
//! own target; when serving, from all rows. Columns of few words also get one 0/1 feature a word, and
//! where rows are few those of more words too.

use super::bins::Matrix;
use super::line::Slope;
use super::split::fold_numbers;
use super::table::{Cell, Cells, ColumnKind, MISSING, Monotone, Schema, Table, as_feature};
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

/// Settings of the encoding.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodeOptions {
    /// Up to this many words a column also gets one feature a word.
    pub one_hot: usize,
    /// The same while it takes no more than this many cells, rows times words: where rows are few it costs little and a
    /// word's own effect is told apart from all else that goes with it.
    pub one_hot_cells: usize,
    /// Words in fewer rows than this count as unseen.
    pub min_rows: usize,
    /// How many average rows each statistic starts with.
    pub smoothing: f64,
    /// Folds of the leakage-free statistics.
    pub folds: usize,
    /// Everything random follows from it.
    pub seed: u64,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self { one_hot: 60, one_hot_cells: 600_000, min_rows: 2, smoothing: 10.0, folds: 4, seed: 1 }
    }
}

/// The encoding of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Plan {
    /// Taken as it is.
    Number,
    /// A mean target for each known word, sorted by word.
    Words { words: Vec<String>, means: Vec<f32>, unseen: f32, one_hot: bool },
    /// One of the above, whose features also add a straight line to the prediction.
    Sloped { plan: Box<Plan>, slopes: Vec<Slope> },
}

/// A learnt encoding; serving uses it row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Encoder {
    schema: Schema,
    plans: Vec<Plan>,
}

impl Encoder {
    /// Learns the encoding from some rows and encodes them, in their order, without leakage.
    ///
    /// `targets` and `groups` have one entry for each of `rows`; rows of one group share a fold.
    pub fn learn(
        table: &Table,
        rows: &[usize],
        targets: &[f64],
        groups: Option<&[u64]>,
        options: &EncodeOptions,
    ) -> (Self, Matrix) {
        let folds = options.folds.max(2);
        let fold_of = fold_numbers(rows.len(), groups, folds, options.seed);
        let mean = targets.iter().sum::<f64>() / targets.len().max(1) as f64;
        let mut plans = Vec::new();
        let mut columns = Vec::new();
        for cells in table.cells() {
            match cells {
                Cells::Numbers(numbers) => {
                    plans.push(Plan::Number);
                    columns.push(rows.iter().map(|row| numbers[*row]).collect());
                }
                Cells::Words(words) => {
                    let tally = Tally::of(words.codes(), words.words().len(), rows, targets, &fold_of, folds);
                    let codes: Vec<u32> = rows.iter().map(|row| words.codes()[*row]).collect();
                    columns.push(tally.out_of_fold(&codes, &fold_of, mean, options.smoothing));
                    let plan = tally.plan(words.words(), mean, options);
                    plan.one_hot_columns(&codes, words.words(), &mut columns);
                    plans.push(plan);
                }
            }
        }
        let encoder = Self { schema: table.schema().clone(), plans };
        (encoder, Matrix::new(columns))
    }

    /// Encodes some rows of a table with the learnt statistics.
    pub fn encode(&self, table: &Table, rows: &[usize]) -> Result<Matrix> {
        if table.schema() != &self.schema {
            return Err(Error::Shape {
                what: "columns of a table",
                expected: self.schema.columns().len(),
                found: table.schema().columns().len(),
            });
        }
        let mut columns = Vec::new();
        for (plan, cells) in self.plans.iter().map(Plan::bare).zip(table.cells()) {
            match (plan, cells) {
                (Plan::Words { means, unseen, .. }, Cells::Words(words)) => {
                    let place: Vec<Option<usize>> = words.words().iter().map(|word| plan.place(word)).collect();
                    let codes: Vec<u32> = rows.iter().map(|row| words.codes()[*row]).collect();
                    let mean = |code: &u32| match place.get(*code as usize) {
                        None => f32::NAN,
                        Some(place) => place.map_or(*unseen, |place| means[place]),
                    };
                    columns.push(codes.iter().map(mean).collect());
                    plan.one_hot_columns(&codes, words.words(), &mut columns);
                }
                (_, Cells::Numbers(numbers)) => {
                    columns.push(rows.iter().map(|row| numbers[*row]).collect());
                }
                (Plan::Number | Plan::Sloped { .. }, Cells::Words(_)) => columns.push(vec![f32::NAN; rows.len()]),
            }
        }
        Ok(Matrix::new(columns))
    }

    /// Encodes one row into `out`; the row must have the schema's cells.
    pub fn encode_row(&self, row: &[Cell<'_>], out: &mut Vec<f32>) -> Result<()> {
        super::table::check_row(&self.schema, row)?;
        out.clear();
        for (plan, cell) in self.plans.iter().map(Plan::bare).zip(row) {
            match (plan, cell) {
                (Plan::Number, Cell::Number(value)) => out.push(as_feature(*value)),
                (Plan::Number | Plan::Sloped { .. }, _) => out.push(f32::NAN),
                (Plan::Words { words, means, unseen, one_hot }, cell) => {
                    let (mean, place) = match cell {
                        Cell::Word(word) => {
                            let place = plan.place(word);
                            (place.map_or(*unseen, |place| means[place]), place)
                        }
                        _ => (f32::NAN, None),
                    };
                    out.push(mean);
                    if *one_hot {
                        out.extend((0..words.len()).map(|at| f32::from(place == Some(at))));
                    }
                }
            }
        }
        Ok(())
    }

    /// For each feature whether it is the mean target of words that have a 0/1 feature each: it says the same again.
    pub(crate) fn repeats(&self) -> Vec<bool> {
        let of = |plan: &Plan| {
            let mut own = vec![false; plan.features()];
            own[0] = matches!(plan.bare(), Plan::Words { one_hot: true, .. });
            own
        };
        self.plans.iter().flat_map(of).collect()
    }

    /// The same encoding with a straight line over its features, `slopes` having one entry for each.
    pub(crate) fn sloped(&self, slopes: &[Slope]) -> Self {
        let mut rest = slopes;
        let plans = self.plans.iter().map(|plan| {
            let (own, other) = rest.split_at(plan.features().min(rest.len()));
            rest = other;
            Plan::Sloped { plan: Box::new(plan.bare().clone()), slopes: own.to_vec() }
        });
        Self { schema: self.schema.clone(), plans: plans.collect() }
    }

    /// The slope of each feature; empty without a line.
    pub(crate) fn slopes(&self) -> Vec<Slope> {
        self.plans.iter().flat_map(Plan::slopes).copied().collect()
    }

    /// The same encoding without a line.
    pub(crate) fn bare(&self) -> Self {
        Self { schema: self.schema.clone(), plans: self.plans.iter().map(|plan| plan.bare().clone()).collect() }
    }

    /// What the line adds for encoded features.
    pub(crate) fn line(&self, features: &[f32]) -> f64 {
        let mut at = 0;
        let mut sum = 0.0;
        for plan in &self.plans {
            let own = &features[at..at + plan.features()];
            sum += plan.slopes().iter().zip(own).map(|(slope, value)| slope.at(*value)).sum::<f64>();
            at += own.len();
        }
        sum
    }

    /// The columns this encoding reads.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// For each feature the column it comes from.
    pub fn sources(&self) -> Vec<usize> {
        let mut sources = Vec::new();
        for (column, plan) in self.plans.iter().enumerate() {
            sources.extend(std::iter::repeat_n(column, plan.features()));
        }
        sources
    }

    /// For each feature its constraint.
    pub fn monotone(&self) -> Vec<Monotone> {
        self.sources()
            .into_iter()
            .map(|column| {
                let column = &self.schema.columns()[column];
                match column.kind {
                    ColumnKind::Number => column.monotone,
                    ColumnKind::Word => Monotone::Free,
                }
            })
            .collect()
    }

    /// Whether the parts fit together; checked after reading a stored model.
    pub(crate) fn is_sound(&self) -> bool {
        let columns = self.schema.columns();
        columns.len() == self.plans.len()
            && columns.iter().zip(&self.plans).all(|(column, plan)| plan.fits(column.kind))
    }
}

impl Plan {
    /// Without its line.
    fn bare(&self) -> &Self {
        match self {
            Self::Sloped { plan, .. } => plan.bare(),
            _ => self,
        }
    }

    fn slopes(&self) -> &[Slope] {
        match self {
            Self::Sloped { slopes, .. } => slopes,
            _ => &[],
        }
    }

    fn fits(&self, kind: ColumnKind) -> bool {
        match self {
            Self::Number => kind == ColumnKind::Number,
            Self::Words { words, means, .. } => kind == ColumnKind::Word && words.len() == means.len(),
            Self::Sloped { plan, slopes } => {
                let bare = !matches!(**plan, Self::Sloped { .. });
                bare && plan.fits(kind) && slopes.len() == plan.features() && slopes.iter().all(Slope::is_sound)
            }
        }
    }

    fn place(&self, word: &str) -> Option<usize> {
        match self {
            Self::Number | Self::Sloped { .. } => None,
            Self::Words { words, .. } => words.binary_search_by(|known| known.as_str().cmp(word)).ok(),
        }
    }

    fn features(&self) -> usize {
        match self {
            Self::Words { words, one_hot: true, .. } => 1 + words.len(),
            Self::Sloped { plan, .. } => plan.features(),
            _ => 1,
        }
    }

    fn one_hot_columns(&self, codes: &[u32], dictionary: &[String], columns: &mut Vec<Vec<f32>>) {
        if let Self::Words { words, one_hot: true, .. } = self {
            for word in words {
                let code = dictionary.iter().position(|known| known == word);
                let code = code.map_or(MISSING - 1, |code| code as u32);
                columns.push(codes.iter().map(|c| f32::from(*c == code)).collect());
            }
        }
    }
}

/// Counts and target sums of each word, in total and by fold.
struct Tally {
    /// Rows looked at, with a word or without.
    rows: usize,
    folds: usize,
    counts: Vec<u32>,
    sums: Vec<f64>,
    fold_counts: Vec<u32>,
    fold_sums: Vec<f64>,
}

impl Tally {
    fn of(codes: &[u32], words: usize, rows: &[usize], targets: &[f64], fold_of: &[u32], folds: usize) -> Self {
        let mut tally = Self {
            rows: rows.len(),
            folds,
            counts: vec![0; words],
            sums: vec![0.0; words],
            fold_counts: vec![0; words * folds],
            fold_sums: vec![0.0; words * folds],
        };
        for (at, row) in rows.iter().enumerate() {
            let code = codes[*row];
            if code != MISSING {
                let cell = code as usize * folds + fold_of[at] as usize;
                tally.counts[code as usize] += 1;
                tally.sums[code as usize] += targets[at];
                tally.fold_counts[cell] += 1;
                tally.fold_sums[cell] += targets[at];
            }
        }
        tally
    }

    fn out_of_fold(&self, codes: &[u32], fold_of: &[u32], mean: f64, smoothing: f64) -> Vec<f32> {
        codes
            .iter()
            .zip(fold_of)
            .map(|(code, fold)| {
                if *code == MISSING {
                    return f32::NAN;
                }
                let code = *code as usize;
                let cell = code * self.folds + *fold as usize;
                let count = f64::from(self.counts[code] - self.fold_counts[cell]);
                let sum = self.sums[code] - self.fold_sums[cell];
                ((sum + smoothing * mean) / (count + smoothing)) as f32
            })
            .collect()
    }

    fn plan(&self, dictionary: &[String], mean: f64, options: &EncodeOptions) -> Plan {
        let mut known: Vec<(String, f32)> = (0..dictionary.len())
            .filter(|code| self.counts[*code] as usize >= options.min_rows.max(1))
            .map(|code| {
                let count = f64::from(self.counts[code]);
                let value = (self.sums[code] + options.smoothing * mean) / (count + options.smoothing);
                (dictionary[code].clone(), value as f32)
            })
            .collect();
        known.sort_by(|a, b| a.0.cmp(&b.0));
        let one_hot = known.len() <= options.one_hot.max(options.one_hot_cells / self.rows.max(1));
        let (words, means) = known.into_iter().unzip();
        Plan::Words { words, means, unseen: mean as f32, one_hot }
    }
}

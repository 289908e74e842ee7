//! Trains a lead score from leads whose outcome is known.

use lintel_domain::clock::Time;
use lintel_domain::lead::LeadFacts;

use super::behaviour::Behaviour;
use super::feature::{LeadFeature, cells, values};
use super::score::LeadScoreModel;
use crate::error::{Error, Result};
use crate::fields::{Subject, Warning, WarningCode, infer};
use crate::learn::classify::{Classifier, ClassifyOptions};
use crate::learn::leak::class_leaks;
use crate::learn::table::{Cells, Column, Schema, Table};

/// The fewest leads with an outcome that a score may rest on.
pub const MIN_LEADS: usize = 100;

/// A lead as it stood at a moment, and what became of it afterwards.
#[derive(Debug, Clone)]
pub struct LeadExample<'a> {
    /// Its fields, as they stood at that moment.
    pub facts: &'a LeadFacts,
    /// What it had done until then.
    pub behaviour: Behaviour,
    /// The moment; before the outcome.
    pub as_of: Time,
    /// Whether it was won.
    pub won: bool,
    /// Examples of one person share a number and stay in one fold.
    pub group: u64,
}

/// Settings of training.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LeadOptions {
    /// Custom fields to leave out, such as those that staff fill in after the outcome.
    pub exclude: Vec<String>,
    /// The learner's settings.
    pub classify: ClassifyOptions,
}

/// A model and what should be known about its columns.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedLeadScore {
    /// The model.
    pub model: LeadScoreModel,
    /// Columns left out or worth a look.
    pub warnings: Vec<Warning>,
}

/// Trains on examples; fails with [`Error::InsufficientData`] where the prior should serve.
pub fn train_lead_score(examples: &[LeadExample<'_>], options: &LeadOptions) -> Result<TrainedLeadScore> {
    if examples.len() < MIN_LEADS {
        return Err(Error::InsufficientData { rows: examples.len(), needed: MIN_LEADS, what: "leads with an outcome" });
    }
    let customs = examples.iter().map(|example| &example.facts.custom);
    let (columns, mut warnings) = infer(customs, Subject::Person, &options.exclude);
    let mut features = LeadFeature::built_in();
    features.extend(columns.into_iter().map(|column| LeadFeature::Custom(column.name, column.kind)));
    let positive: Vec<bool> = examples.iter().map(|example| example.won).collect();
    let all = table_of(&features, examples)?;
    let leaks = class_leaks(&all, &positive, options.classify.boost.seed);
    for column in &leaks {
        warnings.push(Warning {
            code: WarningCode::LabelLeak,
            column: features[*column].name().into_owned(),
            detail: "determines the outcome by itself and is left out".into(),
        });
    }
    let mut position = 0;
    features.retain(|_| {
        let keep = varies(&all.cells()[position]) && !leaks.contains(&position);
        position += 1;
        keep
    });
    if features.is_empty() {
        return Err(Error::NoFeatures { columns: all.cells().len() });
    }
    let table = table_of(&features, examples)?;
    let groups: Vec<u64> = examples.iter().map(|example| example.group).collect();
    let classifier = Classifier::learn(&table, &positive, distinct(&groups), None, &options.classify)?;
    Ok(TrainedLeadScore { model: LeadScoreModel::trained(features, classifier, examples.len()), warnings })
}

/// Groups matter only when some are shared; without, folds can be balanced by class.
fn distinct(groups: &[u64]) -> Option<&[u64]> {
    let mut sorted = groups.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| pair[0] == pair[1]).then_some(groups)
}

fn table_of(features: &[LeadFeature], examples: &[LeadExample<'_>]) -> Result<Table> {
    let columns: Vec<Column> = features.iter().map(LeadFeature::column).collect();
    let mut table = Table::new(Schema::new(columns)?);
    for example in examples {
        let values = values(features, example.facts, &example.behaviour, example.as_of);
        table.push_row(&cells(&values))?;
    }
    Ok(table)
}

fn varies(cells: &Cells) -> bool {
    match cells {
        Cells::Numbers(numbers) => {
            let Some(first) = numbers.first() else {
                return false;
            };
            // All missing is one value; NaN differs from itself, so compare by bits.
            numbers.iter().any(|number| number.is_nan() != first.is_nan() || (!number.is_nan() && number != first))
        }
        Cells::Words(words) => words.codes().iter().any(|code| Some(code) != words.codes().first()),
    }
}

//! Trains yes-or-no models of leads: the lead score from outcomes, churn from silences.

use super::churn::ChurnModel;
use super::example::{LeadExample, table_of, varies};
use super::feature::LeadFeature;
use super::score::LeadScoreModel;
use crate::error::{Error, Result};
use crate::fields::{Subject, Warning, WarningCode, infer};
use crate::learn::classify::{Classifier, ClassifyOptions};
use crate::learn::leak::class_leaks;

/// The fewest leads that a model may rest on.
pub const MIN_LEADS: usize = 100;

/// Settings of training.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadOptions {
    /// The fewest leads to learn from: [`MIN_LEADS`].
    pub least: usize,
    /// Custom fields to leave out, such as those that staff fill in after the outcome.
    pub exclude: Vec<String>,
    /// The learner's settings.
    pub classify: ClassifyOptions,
}

impl Default for LeadOptions {
    fn default() -> Self {
        Self { least: MIN_LEADS, exclude: Vec::new(), classify: ClassifyOptions::default() }
    }
}

/// A model and what should be known about its columns.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedLeads<M> {
    /// The model.
    pub model: M,
    /// Columns left out or worth a look.
    pub warnings: Vec<Warning>,
}

/// A lead score with its warnings.
pub type TrainedLeadScore = TrainedLeads<LeadScoreModel>;
/// A churn model with its warnings.
pub type TrainedChurn = TrainedLeads<ChurnModel>;

/// Trains a lead score; fails with [`Error::InsufficientData`] where the prior should serve.
pub fn train_lead_score(examples: &[LeadExample<'_>], options: &LeadOptions) -> Result<TrainedLeadScore> {
    let learnt = learn(examples, options, "leads with an outcome")?;
    let model = LeadScoreModel::trained(learnt.features, learnt.classifier, learnt.leads);
    Ok(TrainedLeads { model, warnings: learnt.warnings })
}

/// Trains a model of silence; fails with [`Error::InsufficientData`] where nothing can be said.
pub fn train_churn(examples: &[LeadExample<'_>], options: &LeadOptions) -> Result<TrainedChurn> {
    let learnt = learn(examples, options, "leads that were watched for long enough")?;
    let model = ChurnModel::trained(learnt.features, learnt.classifier, learnt.leads);
    Ok(TrainedLeads { model, warnings: learnt.warnings })
}

struct Learnt {
    features: Vec<LeadFeature>,
    classifier: Classifier,
    leads: usize,
    warnings: Vec<Warning>,
}

fn learn(examples: &[LeadExample<'_>], options: &LeadOptions, what: &'static str) -> Result<Learnt> {
    let groups: Vec<u64> = examples.iter().map(|example| example.group).collect();
    let leads = count(&groups);
    if leads < options.least {
        return Err(Error::InsufficientData { rows: leads, needed: options.least, what });
    }
    let customs = examples.iter().map(|example| &example.facts.custom);
    let (columns, mut warnings) = infer(customs, Subject::Person, &options.exclude);
    let mut features = LeadFeature::built_in();
    features.extend(columns.into_iter().map(|column| LeadFeature::Custom(column.name, column.kind)));
    let positive: Vec<bool> = examples.iter().map(|example| example.label).collect();
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
    // Groups matter only when some are shared; without, folds can be balanced by class.
    let shared = (leads < examples.len()).then_some(groups.as_slice());
    let classifier = Classifier::learn(&table, &positive, shared, None, &options.classify)?;
    Ok(Learnt { features, classifier, leads, warnings })
}

/// How many different ones.
fn count(groups: &[u64]) -> usize {
    let mut sorted = groups.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.len()
}

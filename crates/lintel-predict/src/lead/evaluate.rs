//! Evaluation: the whole recipe repeated on the past, and measured on what came later.

use lintel_domain::clock::Time;
use serde::{Deserialize, Serialize};

use super::example::LeadExample;
use super::score::{LeadInput, LeadScore};
use super::train::{LeadOptions, train_churn, train_lead_score};
use crate::error::{Error, Result};
use crate::learn::metrics::{ClassMetrics, classify, sigmoid};
use crate::learn::model::in_parallel;
use crate::learn::split::folds;

/// Which model is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipe {
    /// The lead score.
    LeadScore,
    /// Churn.
    Churn,
}

/// How rows were held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// The latest half in blocks; each measured by a model that learnt only from labels known before the block began.
    OutOfTime,
    /// Persons in folds, for histories without dates: each measured by a model that learnt from the others.
    CrossFitted,
}

/// One part of the rows that was measured together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// When it begins; absent for folds.
    pub from: Option<Time>,
    /// Examples that its model learnt from.
    pub learnt_from: usize,
    /// What was measured; absent when all of its labels are the same.
    pub metrics: Option<ClassMetrics>,
}

/// What the recipe is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// How rows were held out.
    pub protocol: Protocol,
    /// Over all measured rows.
    pub metrics: ClassMetrics,
    /// Log loss of always saying the rate of the rows learnt from: what a model has to beat.
    pub constant_log_loss: f64,
    /// The parts.
    pub blocks: Vec<Block>,
}

/// An evaluation with the held-out log-odds behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// What was measured.
    pub evaluation: Evaluation,
    /// The held-out log-odds of each example; NaN where none was measured.
    pub held_out: Vec<f64>,
}

/// Blocks of the latest half.
const BLOCKS: usize = 3;
/// Folds of persons without dates, and of the validation inside a part.
const FOLDS: usize = 4;
const INNER_FOLDS: usize = 3;
/// The fewest leads that a part may learn from; fewer than a model needs, since the parts of a small history are smaller.
const LEAST: usize = 50;

/// What is learnt from and measured in one part.
struct Part {
    from: Option<Time>,
    train: Vec<usize>,
    valid: Vec<usize>,
}

/// Repeats a recipe on parts of the examples; `None` when too few can be held out.
///
/// Fails only with [`Error::Stopped`]: a part that cannot be learnt from is left out.
pub fn evaluate(recipe: Recipe, examples: &[LeadExample<'_>], options: &LeadOptions) -> Result<Option<Judged>> {
    let in_time = measured(recipe, Protocol::OutOfTime, &in_time(examples), examples, options)?;
    if in_time.is_some() {
        return Ok(in_time);
    }
    let groups: Vec<u64> = examples.iter().map(|example| example.group).collect();
    let parts: Vec<Part> = folds(examples.len(), Some(&groups), FOLDS, options.classify.boost.seed)
        .into_iter()
        .map(|split| Part { from: None, train: split.train, valid: split.valid })
        .collect();
    measured(recipe, Protocol::CrossFitted, &parts, examples, options)
}

/// The latest half of the dated examples in blocks, each with everything whose label was known before it began. A person
/// is never on both sides: who is measured at a moment had no label until after it.
fn in_time(examples: &[LeadExample<'_>]) -> Vec<Part> {
    let mut order: Vec<usize> = (0..examples.len()).filter(|row| examples[*row].known_at.is_some()).collect();
    if order.len() * 10 < examples.len() * 9 {
        return Vec::new();
    }
    order.sort_by_key(|row| (examples[*row].as_of, *row));
    let first = order.len() / 2;
    let edge = |block: usize| first + (order.len() - first) * block / BLOCKS;
    let begins: Vec<Time> =
        (0..BLOCKS).filter_map(|block| order.get(edge(block))).map(|row| examples[*row].as_of).collect();
    begins
        .iter()
        .enumerate()
        .map(|(block, from)| {
            let until = begins.get(block + 1);
            let inside = |at: Time| at >= *from && until.is_none_or(|until| at < *until);
            Part {
                from: Some(*from),
                train: order
                    .iter()
                    .copied()
                    .filter(|row| examples[*row].known_at.is_some_and(|at| at < *from))
                    .collect(),
                valid: order.iter().copied().filter(|row| inside(examples[*row].as_of)).collect(),
            }
        })
        .collect()
}

fn measured(
    recipe: Recipe,
    protocol: Protocol,
    parts: &[Part],
    examples: &[LeadExample<'_>],
    options: &LeadOptions,
) -> Result<Option<Judged>> {
    let threads = options.classify.boost.threads;
    let mut inner = options.clone();
    inner.classify.boost.progress = options.classify.boost.progress.part(1.0 / parts.len().max(1) as f64);
    inner.classify.folds = inner.classify.folds.min(INNER_FOLDS);
    inner.classify.boost.threads = 1;
    inner.least = inner.least.min(LEAST);
    let run = |part: &Part| match held_out(recipe, part, examples, &inner) {
        Err(Error::Stopped) => Err(Error::Stopped),
        other => Ok(other.ok()),
    };
    let results = in_parallel(parts, threads, run).into_iter().collect::<Result<Vec<_>>>()?;
    let mut held_out = vec![f64::NAN; examples.len()];
    let (mut blocks, mut constant, mut rows) = (Vec::new(), 0.0, Vec::new());
    for (part, log_odds) in parts.iter().zip(results) {
        let Some(log_odds) = log_odds else { continue };
        let rate = part.train.iter().filter(|row| examples[**row].label).count() as f64 / part.train.len() as f64;
        for (row, z) in part.valid.iter().zip(log_odds) {
            held_out[*row] = z;
            constant -= if examples[*row].label { rate.ln() } else { (1.0 - rate).ln() };
        }
        blocks.push(Block {
            from: part.from,
            learnt_from: part.train.len(),
            metrics: metrics_of(&part.valid, &held_out, examples),
        });
        rows.extend_from_slice(&part.valid);
    }
    let constant_log_loss = constant / rows.len() as f64;
    Ok(metrics_of(&rows, &held_out, examples)
        .map(|metrics| Judged { evaluation: Evaluation { protocol, metrics, constant_log_loss, blocks }, held_out }))
}

fn metrics_of(rows: &[usize], held_out: &[f64], examples: &[LeadExample<'_>]) -> Option<ClassMetrics> {
    let probabilities: Vec<f64> = rows.iter().map(|row| sigmoid(held_out[*row])).collect();
    let labels: Vec<bool> = rows.iter().map(|row| examples[*row].label).collect();
    classify(&probabilities, &labels)
}

fn held_out(recipe: Recipe, part: &Part, examples: &[LeadExample<'_>], options: &LeadOptions) -> Result<Vec<f64>> {
    let train: Vec<LeadExample<'_>> = part.train.iter().map(|row| examples[*row].clone()).collect();
    let valid = part.valid.iter().map(|row| &examples[*row]);
    let log_odds = |score: LeadScore| score.log_odds;
    match recipe {
        Recipe::LeadScore => {
            let model = train_lead_score(&train, options)?.model;
            valid.map(|example| model.score(input(example), false).map(log_odds)).collect()
        }
        Recipe::Churn => {
            let model = train_churn(&train, options)?.model;
            valid.map(|example| model.score(input(example), false).map(log_odds)).collect()
        }
    }
}

/// An example as it is asked about.
pub fn input<'a>(example: &'a LeadExample<'_>) -> LeadInput<'a> {
    LeadInput { facts: example.facts, behaviour: &example.behaviour, as_of: example.as_of }
}

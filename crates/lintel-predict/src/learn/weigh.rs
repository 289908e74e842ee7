//! How much each part of a blend counts: all shares in tenths are tried on held-out rows.

use super::loss::Loss;
use super::model::Labels;

/// Weights are tried in steps of this part.
const STEPS: usize = 10;
/// How much of a row's evidence is believed where its time will not come again: rows of one time are alike in what
/// moves, so they say less than as many rows drawn from all times.
const EVIDENCE: f64 = 0.1;

/// How held-out rows choose weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weighing {
    /// The blend with the least loss; of equals the first.
    Best,
    /// The mean of all blends, each as likely as the rows say to the power of [`EVIDENCE`], where every blend may
    /// first be moved up or down as a whole: for rows whose level and time will not come again. The loss must be a
    /// negative log-likelihood.
    Moving,
}

/// The weights, which sum to 1, by the loss over those judged rows that every part predicts; `None` without parts.
pub(crate) fn weigh(
    held_out: &[&[f64]],
    judged: &[usize],
    labels: &Labels<'_>,
    loss: Loss,
    weighing: Weighing,
) -> Option<Vec<f64>> {
    let rows: Vec<usize> =
        judged.iter().copied().filter(|row| held_out.iter().all(|held_out| held_out[*row].is_finite())).collect();
    let weight = |row: usize| labels.weights.map_or(1.0, |weights| f64::from(weights[row]));
    let judge = |weights: &[f64]| -> f64 {
        let blended = |row: usize| held_out.iter().zip(weights).map(|(held_out, share)| share * held_out[row]).sum();
        let mut raw: Vec<f64> = rows.iter().map(|row| blended(*row)).collect();
        if weighing == Weighing::Moving {
            level(&mut raw, |at, raw| {
                let (g, h) = loss.derivatives(labels.targets[rows[at]], raw);
                (g * weight(rows[at]), h * weight(rows[at]))
            });
        }
        let value = |(row, raw): (&usize, &f64)| weight(*row) * loss.value(labels.targets[*row], *raw);
        rows.iter().zip(&raw).map(value).sum()
    };
    let tried = shares(held_out.len(), STEPS).into_iter().map(|tenths| {
        let weights: Vec<f64> = tenths.into_iter().map(|tenth| tenth as f64 / STEPS as f64).collect();
        let loss = judge(&weights);
        (weights, loss)
    });
    let tried: Vec<(Vec<f64>, f64)> = tried.collect();
    let best = tried.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    match weighing {
        Weighing::Best => Some(best.0.clone()),
        Weighing::Moving => Some(mean(&tried, best.1)),
    }
}

/// The mean of some weights, each counted by its likelihood beside the best to the power of [`EVIDENCE`].
fn mean(tried: &[(Vec<f64>, f64)], least: f64) -> Vec<f64> {
    let likely: Vec<f64> = tried.iter().map(|(_, loss)| (-EVIDENCE * (loss - least)).exp()).collect();
    let total: f64 = likely.iter().sum();
    let parts = tried.first().map_or(0, |(weights, _)| weights.len());
    let of = |part: usize| tried.iter().zip(&likely).map(|((weights, _), likely)| likely * weights[part]).sum::<f64>();
    (0..parts).map(|part| of(part) / total).collect()
}

/// Moves all predictions by the same amount to where the loss is least, by a few of Newton's steps of at most 1.
fn level(raw: &mut [f64], slope: impl Fn(usize, f64) -> (f64, f64)) {
    for _ in 0..12 {
        let (g, h) = raw.iter().enumerate().fold((0.0, f64::MIN_POSITIVE), |sum, (at, raw)| {
            let (g, h) = slope(at, *raw);
            (sum.0 + g, sum.1 + h)
        });
        let step = (-g / h).clamp(-1.0, 1.0);
        for raw in raw.iter_mut() {
            *raw += step;
        }
    }
}

/// All ways to share `whole` among some parts.
fn shares(parts: usize, whole: usize) -> Vec<Vec<usize>> {
    match parts {
        0 => Vec::new(),
        1 => vec![vec![whole]],
        _ => (0..=whole)
            .rev()
            .flat_map(|first| {
                shares(parts - 1, whole - first).into_iter().map(move |rest| [vec![first], rest].concat())
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lintel_domain::rng::Rng;

    /// Outcomes, log-odds that tell them, and log-odds that tell nothing; `rows` of each.
    fn told(rows: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let mut rng = Rng::new(3);
        let right: Vec<f64> = (0..rows).map(|_| rng.normal()).collect();
        let noise: Vec<f64> = (0..rows).map(|_| rng.normal()).collect();
        let targets = right.iter().map(|z| f64::from(u8::from(rng.chance(1.0 / (1.0 + (-z).exp()))))).collect();
        (targets, right, noise)
    }

    fn weights(rows: usize, weighing: Weighing, lift: f64) -> Vec<f64> {
        let (targets, right, noise) = told(rows);
        let lifted: Vec<f64> = right.iter().map(|z| z + lift).collect();
        let labels = Labels { targets: &targets, weights: None, groups: None, times: None, words: None };
        let judged: Vec<usize> = (0..rows).collect();
        weigh(&[&lifted, &noise], &judged, &labels, Loss::Logistic, weighing).unwrap()
    }

    #[test]
    fn what_tells_nothing_counts_for_nothing() {
        let found = weights(4000, Weighing::Best, 0.0);
        assert!(found[0] >= 0.9, "{found:?}");
    }

    #[test]
    fn where_time_moves_few_rows_say_little_and_many_say_all_whatever_the_level() {
        let (few, many) = (weights(40, Weighing::Moving, 2.0), weights(40_000, Weighing::Moving, 2.0));
        assert!((0.4..0.75).contains(&few[0]) && many[0] > 0.9, "{few:?}, {many:?}");
        assert!((few.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let unmoved = weights(40_000, Weighing::Moving, 0.0);
        assert!((many[0] - unmoved[0]).abs() < 1e-6, "the level is free");
    }

    #[test]
    fn without_parts_there_are_no_weights() {
        let labels = Labels { targets: &[], weights: None, groups: None, times: None, words: None };
        assert_eq!(weigh(&[], &[], &labels, Loss::Logistic, Weighing::Moving), None);
    }
}

//! The comparison of one file: means over folds with their standard errors, and the verdict.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::measures::{Better, Measure, mean, standard_error};

/// The name under which ours stands among the others.
pub(crate) const OURS: &str = "lintel";

/// For each method, in each fold, the measures.
pub(crate) type Scores = BTreeMap<String, Vec<Vec<f64>>>;

#[derive(Serialize)]
pub(crate) struct Comparison {
    #[serde(skip)]
    pub(crate) name: String,
    /// Commit that was measured.
    pub(crate) commit: String,
    /// Rows, or values of series, that were predicted.
    pub(crate) predicted: usize,
    /// Share of them that ours answered; everyone is measured on these.
    pub(crate) answered: f64,
    /// Seconds of learning (or forecasting) in all folds together, one thread.
    pub(crate) seconds: BTreeMap<String, f64>,
    pub(crate) measures: Vec<Compared>,
    /// Whether ours is no worse in every judged measure.
    pub(crate) no_worse: bool,
}

/// One measure of every method.
#[derive(Serialize)]
pub(crate) struct Compared {
    pub(crate) measure: String,
    pub(crate) scores: BTreeMap<String, Score>,
    pub(crate) best_peer: String,
    /// How much better ours is than the best peer, fold by fold.
    pub(crate) ahead: Score,
    /// For a judged measure: not behind the best peer by more than one standard error of the difference.
    pub(crate) no_worse: Option<bool>,
}

#[derive(Clone, Serialize)]
pub(crate) struct Score {
    pub(crate) mean: f64,
    pub(crate) standard_error: f64,
    pub(crate) folds: Vec<f64>,
}

impl Score {
    fn of(folds: Vec<f64>) -> Self {
        Self { mean: mean(&folds), standard_error: standard_error(&folds), folds }
    }
}

/// Every measure, the best peer of each, and whether ours keeps up.
pub(crate) fn compare(measures: &[Measure], scores: &Scores) -> Vec<Compared> {
    let one = |(at, measure): (usize, &Measure)| {
        let scores: BTreeMap<String, Score> = scores
            .iter()
            .map(|(name, folds)| (name.clone(), Score::of(folds.iter().map(|fold| fold[at]).collect())))
            .collect();
        let cost = |value: f64| match measure.better {
            Better::Higher => -value,
            Better::Lower => value,
            Better::Near(aim) => (value - f64::from(aim)).abs(),
        };
        let peers = scores.iter().filter(|(name, _)| *name != OURS);
        let best = peers.min_by(|a, b| cost(a.1.mean).total_cmp(&cost(b.1.mean))).map(|(name, _)| name.clone());
        let best_peer = best.unwrap_or_else(|| OURS.to_owned());
        let pairs = scores[&best_peer].folds.iter().zip(&scores[OURS].folds);
        let ahead = Score::of(pairs.map(|(peer, ours)| cost(*peer) - cost(*ours)).collect());
        let no_worse = measure.judged.then_some(ahead.mean >= -ahead.standard_error);
        Compared { measure: measure.name.to_owned(), scores, best_peer, ahead, no_worse }
    };
    measures.iter().enumerate().map(one).collect()
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.no_worse { "no worse than the best peer" } else { "behind" };
        writeln!(
            f,
            "\n{}: {} predicted, {:.2} % answered, {verdict}",
            self.name,
            self.predicted,
            100.0 * self.answered
        )?;
        let methods: Vec<&String> =
            self.measures.first().map(|first| first.scores.keys().collect()).unwrap_or_default();
        write!(f, "{:<18}", "")?;
        methods.iter().try_for_each(|method| write!(f, " {method:>18}"))?;
        writeln!(f, " {:>20}", "ahead of best peer")?;
        for compared in &self.measures {
            write!(f, "{:<18}", compared.measure)?;
            for score in compared.scores.values() {
                write!(f, " {:>9.4} ± {:<6.4}", score.mean, score.standard_error)?;
            }
            let ahead = &compared.ahead;
            let mark = match compared.no_worse {
                Some(true) => "ok",
                Some(false) => "behind",
                None => "",
            };
            writeln!(f, " {:>+9.4} ± {:<6.4} {mark}", ahead.mean, ahead.standard_error)?;
        }
        write!(f, "{:<18}", "seconds")?;
        methods.iter().try_for_each(|method| match self.seconds.get(*method) {
            Some(seconds) => write!(f, " {seconds:>9.1}         "),
            None => write!(f, " {:>18}", ""),
        })?;
        writeln!(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::models::measures::CLASSIFY;

    #[test]
    fn the_verdict_allows_one_standard_error_of_the_difference() {
        let folds = |aucs: [f64; 3]| aucs.iter().map(|auc| vec![*auc; 5]).collect::<Vec<_>>();
        let scores = |ours: [f64; 3]| {
            let peers = [("a", folds([0.8, 0.9, 0.85])), ("b", folds([0.7, 0.7, 0.7])), (OURS, folds(ours))];
            peers.map(|(name, folds)| (name.to_owned(), folds)).into_iter().collect::<Scores>()
        };
        let auc = |ours| compare(&CLASSIFY, &scores(ours)).swap_remove(0);
        let level = auc([0.79, 0.91, 0.845]);
        assert_eq!((level.best_peer.as_str(), level.no_worse), ("a", Some(true)));
        // Behind by a little in every fold is behind.
        assert_eq!(auc([0.79, 0.889, 0.841]).no_worse, Some(false));
        assert_eq!(auc([0.81, 0.91, 0.86]).no_worse, Some(true));
    }
}

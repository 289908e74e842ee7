//! Evaluation, churn, recalibration and drift: what is promised about each, on leads with a known truth.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use common::{NOW, quick};
use lintel_domain::clock::{DAY, Time};
use lintel_domain::id::InteractionId;
use lintel_domain::interaction::InteractionKind as Kind;
use lintel_domain::lead::{LeadFacts, Outcome};
use lintel_domain::listing::Provenance;
use lintel_domain::rng::Rng;
use lintel_predict::lead::behaviour::MEMORY;
use lintel_predict::lead::drift::DriftState;
use lintel_predict::lead::evaluate::{Protocol, input};
use lintel_predict::lead::example::SILENT_DAYS;
use lintel_predict::lead::{
    Behaviour, ChurnModel, LeadExample, LeadOptions, LeadScoreModel, Ledger, Paired, Recalibration, Recipe, Story,
    Watched, evaluate, train_churn, train_lead_score,
};
use lintel_predict::learn::classify::ClassifyOptions;
use lintel_predict::learn::metrics::sigmoid;
use proptest::prelude::*;

type Told = (LeadFacts, Vec<(Kind, Time)>, bool);

fn options() -> LeadOptions {
    LeadOptions {
        classify: ClassifyOptions { boost: quick(), folds: 3, ..ClassifyOptions::default() },
        ..LeadOptions::default()
    }
}

/// People who came over 600 days, whose keenness shows in what they do, and who fall silent at their own pace.
fn people(count: usize, seed: u64) -> Vec<Told> {
    let mut rng = Rng::new(seed);
    (0..count)
        .map(|_| {
            let keen = rng.normal();
            let start = NOW.plus(-(20 + rng.below(600) as i64) * DAY);
            let story = 15 + rng.below(70) as i64;
            let mut did = Vec::new();
            for day in 0..story {
                let fades = (-(day as f64) / (2.0 + sigmoid(keen) * 14.0)).exp();
                if rng.chance(sigmoid(1.2 * keen) * fades) {
                    let kind = *rng.pick(&[Kind::ListingView, Kind::Search, Kind::MessageIn]).unwrap();
                    did.push((kind, start.plus(day * DAY + DAY / 2)));
                }
            }
            let won = rng.chance(sigmoid(1.6 * keen - 0.8));
            let mut facts = LeadFacts::new(Provenance::Synthetic);
            facts.created_at = Some(start);
            facts.source = Some((*rng.pick(&["portal", "referral"]).unwrap()).into());
            facts.outcome = Some(if won { Outcome::Won } else { Outcome::Lost });
            facts.outcome_at = Some(start.plus(story * DAY));
            (facts, did, won)
        })
        .collect()
}

fn stories(people: &[Told]) -> impl Iterator<Item = (Story<'_>, bool)> {
    people
        .iter()
        .enumerate()
        .map(|(row, (facts, did, won))| (Story { facts, did, stored_at: NOW, group: row as u64 }, *won))
}

fn won(people: &[Told]) -> Vec<LeadExample<'_>> {
    stories(people).flat_map(|(story, won)| story.won(won, NOW)).collect()
}

fn silent(people: &[Told]) -> Vec<LeadExample<'_>> {
    stories(people).flat_map(|(story, _)| story.silent(NOW)).collect()
}

#[test]
fn a_story_is_looked_at_before_its_end_and_never_after() {
    let people = people(200, 1);
    for example in won(&people) {
        let end = example.facts.outcome_at.unwrap();
        assert!(example.as_of < end && example.known_at == Some(end));
    }
    for example in silent(&people) {
        assert!(example.known_at.unwrap() <= example.facts.outcome_at.unwrap());
        assert_eq!(example.known_at.unwrap().since(example.as_of), SILENT_DAYS * DAY);
    }
    let undated = (LeadFacts::new(Provenance::Import), Vec::new(), true);
    let story = Story { facts: &undated.0, did: &undated.1, stored_at: NOW, group: 1 };
    let examples = story.won(true, NOW);
    assert_eq!((examples.len(), examples[0].known_at), (1, None));
}

#[test]
fn a_score_is_measured_on_what_came_later_by_models_that_did_not_know_it() {
    let people = people(900, 2);
    let examples = won(&people);
    let judged = evaluate(Recipe::LeadScore, &examples, &options()).unwrap().unwrap();
    let evaluation = &judged.evaluation;
    assert_eq!(evaluation.protocol, Protocol::OutOfTime);
    assert!(evaluation.metrics.auc > 0.6, "{:?}", evaluation.metrics);
    assert!(evaluation.metrics.log_loss < evaluation.constant_log_loss);
    let measured = judged.held_out.iter().filter(|z| z.is_finite()).count();
    assert_eq!(measured, evaluation.metrics.n);
    for block in &evaluation.blocks {
        let known = examples.iter().filter(|one| one.known_at < block.from).count();
        assert_eq!(block.learnt_from, known);
    }
    let again = evaluate(Recipe::LeadScore, &examples, &options()).unwrap().unwrap();
    assert_eq!(again.evaluation, judged.evaluation, "it can be repeated");
}

#[test]
fn a_history_without_dates_is_measured_in_folds_of_persons() {
    let mut people = people(400, 3);
    for (facts, ..) in &mut people {
        facts.outcome_at = None;
    }
    let judged = evaluate(Recipe::LeadScore, &won(&people), &options()).unwrap().unwrap();
    assert_eq!(judged.evaluation.protocol, Protocol::CrossFitted);
    assert!(judged.held_out.iter().all(|z| z.is_finite()));
    assert!(evaluate(Recipe::LeadScore, &won(&people[..30]), &options()).unwrap().is_none());
}

#[test]
fn churn_follows_silence_is_honest_out_of_time_and_survives_a_round_trip() {
    let people = people(900, 4);
    let examples = silent(&people);
    let judged = evaluate(Recipe::Churn, &examples, &options()).unwrap().unwrap().evaluation;
    assert_eq!(judged.protocol, Protocol::OutOfTime);
    assert!(judged.metrics.auc > 0.75 && judged.metrics.ece < 0.08, "{:?}", judged.metrics);
    let model = train_churn(&examples, &options()).unwrap().model;
    let back = ChurnModel::from_bytes(&model.to_bytes().unwrap()).unwrap();
    for example in examples.iter().take(50) {
        let score = model.score(input(example), true).unwrap();
        let sum = score.base + score.reasons.iter().map(|reason| reason.contribution).sum::<f64>();
        assert!((sum - (score.probability / (1.0 - score.probability)).ln()).abs() < 1e-9);
        assert_eq!(back.score(input(example), true).unwrap(), score);
    }
}

#[test]
fn recalibration_mends_a_level_that_moved_and_leaves_alone_what_is_right() {
    let mut rng = Rng::new(5);
    let groups: Vec<u64> = (0..2000).collect();
    let truth: Vec<f64> = groups.iter().map(|_| rng.normal() * 1.5 - 1.0).collect();
    let hits: Vec<bool> = truth.iter().map(|z| rng.chance(sigmoid(*z))).collect();
    let right = Recalibration::of(&truth, &hits, &groups, 1);
    assert!(!right.helps(), "{right:?}");
    assert!((right.line.slope - 1.0).abs() < 0.15 && right.line.intercept.abs() < 0.15);
    let said: Vec<f64> = truth.iter().map(|z| 1.5 * z + 1.0).collect();
    let moved = Recalibration::of(&said, &hits, &groups, 1);
    assert!(moved.helps() && moved.log_loss_after < moved.log_loss_before - 0.05, "{moved:?}");
    let few = Recalibration::of(&said[..12], &hits[..12], &groups[..12], 1);
    assert!((few.line.slope - 1.0).abs() < 0.3, "few outcomes move little: {few:?}");
}

#[test]
fn a_recalibrated_score_adds_up_and_keeps_its_order() {
    let people = people(300, 6);
    let examples = won(&people);
    let model = train_lead_score(&examples, &options()).unwrap().model;
    let line = lintel_predict::lead::recalibrate::Line { slope: 0.7, intercept: -0.4 };
    let moved = model.recalibrated(line);
    for example in examples.iter().take(100) {
        let before = model.score(input(example), false).unwrap();
        let after = moved.score(input(example), true).unwrap();
        assert!((after.log_odds - line.apply(before.log_odds)).abs() < 1e-9);
        let sum = after.base + after.reasons.iter().map(|reason| reason.contribution).sum::<f64>();
        assert!((sum - after.log_odds).abs() < 1e-9);
    }
}

#[test]
fn a_score_is_replayed_from_what_it_was_made_from() {
    let people = people(300, 10);
    let examples = won(&people);
    let trained = train_lead_score(&examples, &options()).unwrap().model;
    for model in [trained, LeadScoreModel::prior()] {
        for example in examples.iter().take(100) {
            let (kept, inputs) = model.score_and_keep(input(example)).unwrap();
            assert_eq!(kept, model.score(input(example), true).unwrap());
            assert_eq!(model.replay(&inputs).unwrap(), kept);
        }
        assert!(model.replay(&[9, 9, 9]).is_err());
    }
}

#[test]
fn a_pair_is_told_apart_only_beyond_its_standard_error() {
    let groups: Vec<u64> = (0..100).collect();
    let first: Vec<f64> = (0..100).map(|row| 0.5 + 0.01 * f64::from(row % 7)).collect();
    let better: Vec<f64> = first.iter().map(|loss| loss - 0.1).collect();
    assert!(Paired::of(&first, &better, &groups).second_wins());
    assert!(!Paired::of(&better, &first, &groups).second_wins());
    assert!(!Paired::of(&first, &first, &groups).second_wins());
    assert!(!Paired::of(&[], &[], &[]).second_wins());
    let same = vec![0; 100];
    assert!(!Paired::of(&first, &better, &same).second_wins(), "one person proves nothing");
}

#[test]
fn drift_sees_another_population_and_is_quiet_about_the_same() {
    let (then, same, mut other) = (people(800, 7), people(800, 8), people(800, 9));
    for (facts, did, _) in &mut other {
        facts.source = Some("campaign".into());
        did.truncate(1);
    }
    let (then, same, other) = (won(&then), won(&same), won(&other));
    let model = train_lead_score(&then, &options()).unwrap().model;
    let watched = Watched::LeadScore(&model);
    let reference = watched.reference(&then.iter().map(input).collect::<Vec<_>>()).unwrap();
    let quiet = watched.drift(&reference, &same.iter().map(input).collect::<Vec<_>>()).unwrap();
    assert!(quiet.iter().all(|one| one.state != DriftState::Drifted), "{quiet:?}");
    let moved = watched.drift(&reference, &other.iter().map(input).collect::<Vec<_>>()).unwrap();
    let state = |name: &str| moved.iter().find(|one| one.feature == name).unwrap().state;
    assert_eq!(state("source"), DriftState::Drifted);
    assert_eq!(moved.len(), model.features().len() + 1);
}

proptest! {
    #[test]
    fn what_is_older_than_memory_leaves_no_trace(mut ages in prop::collection::vec((0_usize..18, 0_i64..800), 0..40)) {
        let at = |(kind, day): &(usize, i64)| (Kind::ALL[*kind], NOW.plus(-day * DAY));
        let seen = Behaviour::as_of(ages.iter().map(at), NOW);
        ages.retain(|(_, day)| day * DAY < MEMORY);
        prop_assert_eq!(seen, Behaviour::as_of(ages.iter().map(at), NOW));
    }

    #[test]
    fn a_ledger_that_grew_by_events_counts_what_counting_anew_counts(
        events in prop::collection::vec((0_usize..18, -5_i64..500, 0_u64..30), 0..60),
        repeated in prop::collection::vec(0_usize..60, 0..20),
        steps in prop::collection::vec(1_i64..40, 1..6),
    ) {
        let happened: std::collections::BTreeMap<u64, (Kind, Time)> =
            events.iter().map(|(kind, hours, id)| (*id, (Kind::ALL[*kind], NOW.plus(-hours * DAY)))).collect();
        let order: Vec<u64> = happened.keys().copied().collect();
        let again = repeated.iter().filter_map(|n| order.get(*n).copied());
        let mut ledger = Ledger::default();
        for id in order.iter().copied().chain(again) {
            let (kind, at) = happened[&id];
            ledger.record(format!("00000000-0000-7000-8000-{id:012x}").parse::<InteractionId>().unwrap(), kind, at);
            ledger = Ledger::from_bytes(&ledger.to_bytes().unwrap()).unwrap();
        }
        let mut now = NOW;
        for step in steps {
            prop_assert_eq!(ledger.as_of(now), Behaviour::as_of(happened.values().copied(), now));
            ledger.forget(now);
            prop_assert_eq!(ledger.as_of(now), Behaviour::as_of(happened.values().copied(), now));
            now = now.plus(step * DAY);
        }
    }
}

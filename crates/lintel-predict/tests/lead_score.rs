//! The lead score: sums, guards, the prior, and no look into the future.
#![allow(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use common::{NOW, days_ago, lead, quick};
use lintel_domain::interaction::InteractionKind as Kind;
use lintel_domain::lead::LeadFacts;
use lintel_domain::listing::Provenance;
use lintel_domain::rng::Rng;
use lintel_domain::scalar::Scalar;
use lintel_predict::Error;
use lintel_predict::fields::WarningCode;
use lintel_predict::lead::behaviour::Window;
use lintel_predict::lead::{
    Behaviour, LeadExample, LeadInput, LeadOptions, LeadScoreModel, TrainedLeadScore, train_lead_score,
};
use lintel_predict::learn::classify::ClassifyOptions;
use proptest::prelude::*;

fn options() -> LeadOptions {
    LeadOptions {
        classify: ClassifyOptions { boost: quick(), folds: 3, ..ClassifyOptions::default() },
        ..LeadOptions::default()
    }
}

fn trained(seed: u64, count: usize) -> (TrainedLeadScore, Vec<(LeadFacts, Behaviour)>) {
    let mut rng = Rng::new(seed);
    let leads: Vec<_> = (0..count).map(|_| lead(&mut rng)).collect();
    let examples: Vec<LeadExample<'_>> = leads
        .iter()
        .enumerate()
        .map(|(row, (facts, interactions, won))| LeadExample {
            facts,
            behaviour: Behaviour::as_of(interactions.iter().copied(), NOW),
            as_of: NOW,
            label: *won,
            known_at: None,
            group: row as u64,
        })
        .collect();
    let trained = train_lead_score(&examples, &options()).unwrap();
    let behaviours: Vec<_> = examples.into_iter().map(|example| example.behaviour).collect();
    (trained, leads.into_iter().map(|(facts, ..)| facts).zip(behaviours).collect())
}

fn input((facts, behaviour): &(LeadFacts, Behaviour)) -> LeadInput<'_> {
    LeadInput { facts, behaviour, as_of: NOW }
}

#[test]
fn base_and_reasons_sum_to_the_calibrated_log_odds() {
    let (trained, leads) = trained(1, 600);
    for model in [trained.model, LeadScoreModel::prior()] {
        for lead in leads.iter().take(100) {
            let score = model.score(input(lead), true).unwrap();
            let sum = score.base + score.reasons.iter().map(|r| r.contribution).sum::<f64>();
            let log_odds = (score.probability / (1.0 - score.probability)).ln();
            assert!((sum - log_odds).abs() < 1e-9, "{sum} is not {log_odds}");
            assert!(score.probability > 0.0 && score.probability < 1.0);
            assert!(score.reasons.windows(2).all(|p| p[0].contribution.abs() >= p[1].contribution.abs()));
            let quick = model.score(input(lead), false).unwrap();
            assert_eq!(quick.probability, score.probability);
            assert!(quick.reasons.is_empty());
        }
    }
}

#[test]
fn what_may_not_be_used_is_left_out_and_named() {
    let (trained, leads) = trained(2, 600);
    let code = |column: &str| trained.warnings.iter().find(|w| w.column == column).map(|w| w.code);
    assert_eq!(code("Gender"), Some(WarningCode::ProtectedColumn));
    assert_eq!(code("zip"), Some(WarningCode::ProxyColumn));
    assert_eq!(code("contact_email"), Some(WarningCode::PersonalData));
    assert_eq!(code("record_id"), Some(WarningCode::Identifier));
    assert_eq!(code("essay"), Some(WarningCode::TooManyValues));
    assert_eq!(code("custom.closed_as"), Some(WarningCode::LabelLeak));
    let features = trained.model.features();
    assert!(features.contains(&"custom.budget_share".into()) && features.contains(&"listing_views_7d".into()));
    assert!(!features.iter().any(|f| f.contains("Gender") || f.contains("zip") || f.contains("closed_as")));
    let mut flipped = leads[0].clone();
    let before = trained.model.score(input(&flipped), false).unwrap();
    flipped.0.name = Some("Somebody Else".into());
    for (name, value) in [("Gender", "other"), ("zip", "00000"), ("religion", "any"), ("age", "99")] {
        flipped.0.custom.insert(name.into(), Scalar::Text(value.into()));
    }
    assert_eq!(trained.model.score(input(&flipped), false).unwrap(), before);
}

#[test]
fn a_trained_score_ranks_and_is_calibrated_and_survives_a_round_trip() {
    let (trained, leads) = trained(3, 3000);
    let metrics = trained.model.metrics().unwrap();
    assert!(metrics.auc > 0.72 && metrics.ece < 0.04, "{metrics:?}");
    assert!(metrics.lift_by_decile[0] > 1.5);
    let back = LeadScoreModel::from_bytes(&trained.model.to_bytes().unwrap()).unwrap();
    let inputs: Vec<_> = leads.iter().map(input).collect();
    assert_eq!(back.score_batch(&inputs, true), trained.model.score_batch(&inputs, true));
    assert!(!back.is_prior() && back.rows() == 3000);
}

#[test]
fn without_history_the_prior_serves_and_says_so() {
    assert!(matches!(train_lead_score(&[], &options()), Err(Error::InsufficientData { rows: 0, .. })));
    let prior = LeadScoreModel::from_bytes(&LeadScoreModel::prior().to_bytes().unwrap()).unwrap();
    assert!(prior.is_prior() && prior.metrics().is_none());
    let quiet = (LeadFacts::new(Provenance::Api), Behaviour::default());
    let busy = (LeadFacts::new(Provenance::Api), Behaviour::as_of([(Kind::ShowingRequested, days_ago(1))], NOW));
    let score = |lead| prior.score(input(lead), true).unwrap();
    assert!(score(&busy).probability > score(&quiet).probability);
    assert_eq!(&*score(&busy).reasons[0].label, "1 showing asked for in 30 days");
    assert!(score(&quiet).probability < 0.05);
}

#[test]
fn behaviour_counts_windows_and_response_times() {
    let talk = [
        (Kind::MessageIn, days_ago(10)),
        (Kind::MessageIn, days_ago(9)),
        (Kind::MessageOut, days_ago(8)),
        (Kind::MessageIn, days_ago(7)),
        (Kind::ListingView, days_ago(0)),
    ];
    let behaviour = Behaviour::as_of(talk, NOW);
    assert_eq!(behaviour.count(Kind::MessageIn, Window::Week), 0);
    assert_eq!(behaviour.count(Kind::MessageIn, Window::Month), 3);
    assert_eq!(behaviour.count(Kind::ListingView, Window::Day), 1);
    assert_eq!(behaviour.days_since(Kind::MessageIn, NOW), Some(7.0));
    assert_eq!(behaviour.our_response_hours, Some(48.0));
    assert_eq!(behaviour.their_response_hours, Some(24.0));
}

proptest! {
    #[test]
    fn later_interactions_and_their_order_leave_no_trace(mut days in prop::collection::vec((0_usize..18, -20_i64..120), 0..40), cut in 0_i64..60) {
        let at = |(kind, day): &(usize, i64)| (Kind::ALL[*kind], days_ago(*day));
        let as_of = days_ago(cut);
        let seen = Behaviour::as_of(days.iter().map(at), as_of);
        days.reverse();
        prop_assert_eq!(&seen, &Behaviour::as_of(days.iter().map(at), as_of));
        days.retain(|(_, day)| *day >= cut);
        prop_assert_eq!(&seen, &Behaviour::as_of(days.iter().map(at), as_of));
    }
}

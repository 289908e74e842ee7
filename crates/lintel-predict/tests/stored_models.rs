//! Models written by earlier versions are read, and predict what they predicted then.

mod common;

use common::{NOW, market, table};
use lintel_domain::clock::Day;
use lintel_predict::Error;
use lintel_predict::lead::{Behaviour, LeadInput, LeadScoreModel};
use lintel_predict::learn::classify::Classifier;
use lintel_predict::learn::table::Cell;
use lintel_predict::price::{Answer, PriceModel, SalesIndex, Wanted};

const CLASSIFIER: &[u8] = include_bytes!("fixtures/classifier.v1.bin");
const LEAD_SCORE: &[u8] = include_bytes!("fixtures/lead-score.v1.bin");
const PRICE: &[u8] = include_bytes!("fixtures/price.v1.bin");

#[test]
fn a_classifier_of_format_1_still_predicts_the_same() {
    let model = Classifier::from_bytes(CLASSIFIER).unwrap();
    let row = [Cell::Number(5.0), Cell::Number(12.0), Cell::Word("red")];
    let found = [model.log_odds(&row).unwrap(), model.log_odds(&table(1, 1).0.row(0)).unwrap()];
    assert_close(&found, &[0.630904363293, -1.5970050100271302]);
    assert_eq!(model.to_bytes().unwrap(), CLASSIFIER);
}

#[test]
fn a_lead_score_of_format_1_still_predicts_the_same() {
    let model = LeadScoreModel::from_bytes(LEAD_SCORE).unwrap();
    let facts = common::lead(&mut lintel_domain::rng::Rng::new(1)).0;
    let lead = LeadInput { facts: &facts, behaviour: &Behaviour::default(), as_of: NOW };
    assert_close(&[model.score(lead, true).unwrap().log_odds], &[-0.18420918243791554]);
    assert_eq!(model.to_bytes().unwrap(), LEAD_SCORE);
}

#[test]
fn a_price_model_of_format_1_still_predicts_the_same() {
    let model = PriceModel::from_bytes(PRICE).unwrap();
    let sales = market(300, 1);
    let index = SalesIndex::build(&model, sales.clone()).unwrap();
    let answer = model.estimate(&index, &sales[0].home, Day(16_400), Wanted { comparables: 3, reasons: true }).unwrap();
    let Answer::Estimate(estimate) = answer else { panic!("{answer:?}") };
    assert_close(&[estimate.value.major()], &[1_228_257.96]);
    assert_eq!(model.to_bytes().unwrap(), PRICE);
}

#[test]
fn a_stored_model_with_any_byte_changed_is_refused() {
    for at in (0..LEAD_SCORE.len()).step_by(97) {
        let mut broken = LEAD_SCORE.to_vec();
        broken[at] ^= 0x40;
        assert!(matches!(LeadScoreModel::from_bytes(&broken), Err(Error::Artefact(_))), "byte {at}");
    }
    assert!(PriceModel::from_bytes(&PRICE[..PRICE.len() - 1]).is_err());
    assert!(PriceModel::from_bytes(LEAD_SCORE).is_err());
}

/// Logarithms and exponentials may differ in the last bit between machines.
fn assert_close(found: &[f64], expected: &[f64]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found / expected - 1.0).abs() < 1e-6, "{found} is not {expected}");
    }
}

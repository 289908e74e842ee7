//! The documented prior: what to say about a lead before the team has outcomes of its own.
//!
//! A logistic model with fixed weights. They are judgement, not measurement: actions that cost a
//! person effort (asking for a showing, answering) weigh more than passive ones (opening an
//! e-mail), with diminishing returns, and silence weighs against. `docs/methods/lead-score.md`
//! lists them; every score made from them says `prior: true`.

use lintel_domain::interaction::InteractionKind as Kind;

use super::behaviour::Window;
use super::feature::LeadFeature;
use crate::fields::Value;

/// Log-odds of a lead of which nothing is known: about 3 in 100 are won.
pub(crate) const BASE: f64 = -3.5;

/// How a value becomes an amount of evidence.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// `weight` when not 0.
    Flag,
    /// `weight · ln(1 + n)`: each further one tells less.
    Count,
    /// `weight · (1 − e^(−days / 30))`: silence, up to the whole weight.
    Silence,
}

/// The terms, in the order they are documented.
fn terms() -> [(LeadFeature, f64, Shape); 15] {
    let week = |kind| LeadFeature::Count(kind, Window::Week);
    let month = |kind| LeadFeature::Count(kind, Window::Month);
    [
        (LeadFeature::HasPhone, 0.35, Shape::Flag),
        (LeadFeature::HasEmail, 0.20, Shape::Flag),
        (LeadFeature::StatedWishes, 0.25, Shape::Count),
        (week(Kind::ListingView), 0.25, Shape::Count),
        (month(Kind::ListingSave), 0.35, Shape::Count),
        (month(Kind::ListingShare), 0.35, Shape::Count),
        (month(Kind::Search), 0.15, Shape::Count),
        (month(Kind::EmailOpen), 0.10, Shape::Count),
        (month(Kind::LinkClick), 0.20, Shape::Count),
        (month(Kind::FormSubmit), 0.60, Shape::Count),
        (month(Kind::MessageIn), 0.70, Shape::Count),
        (month(Kind::CallAnswered), 0.60, Shape::Count),
        (month(Kind::ShowingRequested), 1.00, Shape::Count),
        (LeadFeature::Count(Kind::Offer, Window::Quarter), 1.50, Shape::Count),
        (LeadFeature::AgeDays, -0.80, Shape::Silence),
    ]
}

/// The features the prior reads.
pub(crate) fn features() -> Vec<LeadFeature> {
    terms().into_iter().map(|(feature, ..)| feature).collect()
}

/// What each feature adds, in the order of [`features`].
pub(crate) fn contributions(values: &[Value<'_>]) -> Vec<f64> {
    terms()
        .iter()
        .zip(values)
        .map(|((_, weight, shape), value)| match (shape, value) {
            (_, Value::Missing | Value::Word(_)) => 0.0,
            (Shape::Flag, Value::Number(n)) => weight * f64::from(u8::from(*n != 0.0)),
            (Shape::Count, Value::Number(n)) => weight * n.max(0.0).ln_1p(),
            (Shape::Silence, Value::Number(days)) => weight * (1.0 - (-days.max(0.0) / 30.0).exp()),
        })
        .collect()
}

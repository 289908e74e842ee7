//! `/pricing/accuracy`: how right the system's own estimates were, blind.

use axum::extract::State;
use lintel_app::{AccuracyQuery, Confidence, MarketAccuracy, MeasuredAccuracy, RatioStudy, Tier};
use lintel_domain::{clock::Day, market::MarketSlug};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Json, Query, ReadListings},
    state::Edge,
    wire::{Check, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(accuracy))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AccuracyParams {
    /// One market; all when absent.
    #[param(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    /// Homes sold on this day or later.
    #[param(value_type = Option<shapes::Day>)]
    from: Option<Day>,
    /// Homes sold on this day or earlier.
    #[param(value_type = Option<shapes::Day>)]
    to: Option<Day>,
    /// Homes of this type, whatever the case of its letters.
    #[param(min_length = 1, max_length = 200)]
    property_type: Option<String>,
}

/// How right the estimates of the tenant's markets were.
#[derive(Debug, Serialize, ToSchema)]
struct AccuracyOut {
    items: Vec<MarketAccuracyOut>,
}

/// How right the estimates of a market were.
#[derive(Debug, Serialize, ToSchema)]
struct MarketAccuracyOut {
    #[schema(value_type = shapes::Slug)]
    market: MarketSlug,
    currency: String,
    /// Homes that were estimated when they came on the market, and sold since.
    n: u64,
    /// Homes with an estimate that are not sold yet.
    pending: u64,
    /// Sold homes for which the model had refused an estimate.
    refused: u64,
    /// Sold homes that are left out: what was paid is no market price, or the sale was before the day of the estimate.
    left_out: u64,
    /// Whether only the latest 10,000 of the sales are studied.
    is_cut: bool,
    /// Null as long as nothing can be measured.
    #[schema(required)]
    study: Option<StudyOut>,
    /// The same for thirds by value, the lowest first; without those of fewer than 30 homes.
    tiers: Vec<TierOut>,
    /// Why there is no study; null when there is one.
    #[schema(required)]
    reason: Option<&'static str>,
}

/// A ratio study (IAAO Standard on Ratio Studies). Shares and errors are fractions.
#[derive(Debug, Serialize, ToSchema)]
struct StudyOut {
    /// Median of estimate / price.
    median_ratio: MeasureOut,
    /// Median of |estimate − price| / price.
    median_ape: f64,
    /// Mean of it.
    mean_ape: f64,
    /// Median of (estimate − price) / price.
    median_signed_error: f64,
    /// Share of estimates within 10 % of the price.
    within_10: f64,
    /// Share of estimates within 20 % of the price.
    within_20: f64,
    /// Coefficient of dispersion, in %.
    cod: MeasureOut,
    /// Price-related differential: above 1.03 favours dear homes.
    prd: MeasureOut,
    /// Price-related bias: change of the ratio when the price doubles.
    prb: MeasureOut,
    /// Share of prices inside the 80 % interval.
    #[schema(required)]
    coverage_80: Option<f64>,
    /// Share of prices inside the 95 % interval.
    #[schema(required)]
    coverage_95: Option<f64>,
    /// Mean interval score of the 80 % interval in % of the price: width plus 10 × miss.
    #[schema(required)]
    interval_score_80: Option<f64>,
}

/// A measure and how sure it is.
#[derive(Debug, Serialize, ToSchema)]
struct MeasureOut {
    value: f64,
    /// The 95 % confidence interval.
    #[schema(min_items = 2, max_items = 2)]
    interval95: [f64; 2],
}

/// The study of homes between two values.
#[derive(Debug, Serialize, ToSchema)]
struct TierOut {
    /// The lowest value: the mean of price and estimate over the median ratio.
    from: f64,
    /// The highest value.
    to: f64,
    n: u64,
    study: StudyOut,
}

impl StudyOut {
    fn of(study: &RatioStudy, confidence: &Confidence) -> Self {
        let measure = |value, (low, high)| MeasureOut { value, interval95: [low, high] };
        Self {
            median_ratio: measure(study.median_ratio, confidence.median_ratio),
            median_ape: study.median_ape,
            mean_ape: study.mean_ape,
            median_signed_error: study.median_signed_error,
            within_10: study.within_10,
            within_20: study.within_20,
            cod: measure(study.cod, confidence.cod),
            prd: measure(study.prd, confidence.prd),
            prb: measure(study.prb, confidence.prb),
            coverage_80: study.coverage_80,
            coverage_95: study.coverage_95,
            interval_score_80: study.interval_score_80,
        }
    }
}

impl From<&Tier> for TierOut {
    fn from(tier: &Tier) -> Self {
        let study = StudyOut::of(&tier.study, &tier.confidence);
        Self { from: tier.from, to: tier.to, n: tier.study.n as u64, study }
    }
}

impl From<MarketAccuracy> for MarketAccuracyOut {
    fn from(answer: MarketAccuracy) -> Self {
        let reason = match (&answer.measured, answer.pending) {
            (Some(_), _) => None,
            (None, 0) => Some("no home has come on the market since there is a price model"),
            (None, _) => Some("no home with an estimate has been sold yet"),
        };
        let (study, tiers) = match &answer.measured {
            Some(MeasuredAccuracy { study, confidence, tiers }) => {
                (Some(StudyOut::of(study, confidence)), tiers.iter().map(TierOut::from).collect())
            }
            None => (None, Vec::new()),
        };
        Self {
            market: answer.market,
            currency: answer.currency.code().to_owned(),
            n: answer.n,
            pending: answer.pending,
            refused: answer.refused,
            left_out: answer.left_out,
            is_cut: answer.is_cut,
            study,
            tiers,
            reason,
        }
    }
}

/// Read the accuracy of estimates
///
/// When a home comes on the market the live model's estimate is frozen, blind to the asking price; the sale is held against it. So no
/// estimate here has seen its sale. A home that was for sale before there was a model is estimated as of the model's last sale.
#[utoipa::path(get, path = "/pricing/accuracy", tag = "pricing", params(AccuracyParams), responses((status = 200, description = "The ratio study of each market", body = AccuracyOut)))]
async fn accuracy(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Query(params): Query<AccuracyParams>,
) -> Result<Json<AccuracyOut>> {
    let AccuracyParams { market, from, to, property_type } = params;
    let mut check = Check::default();
    check.text("/property_type", property_type.as_deref(), 200);
    check.end()?;
    let query = AccuracyQuery { market, from, to, property_type };
    let answers = edge.app().pricing_accuracy(&allow.who, query).await?;
    Ok(Json(AccuracyOut { items: answers.into_iter().map(MarketAccuracyOut::from).collect() }))
}

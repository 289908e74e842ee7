//! `/markets/{id}/sales`: what the homes of a market, or of an area in it, sold for.

use axum::extract::State;
use lintel_app::{LEAST_SALES, MarketSales, MarketSalesRequest, MonthSales, Question};
use lintel_domain::{market::MarketSlug, money::Money, month::Month, place::Region};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Asked, Id, ReadListings, Written},
    state::Edge,
    wire::shapes,
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(sales))
}

/// Which sales.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"polygon": [[-122.4, 47.5], [-122.2, 47.5], [-122.2, 47.7]], "from": "2024-01", "to": "2025-12"}))]
struct MarketSalesIn {
    /// Inside an area of at most 1,000 corners; edges count as inside, and a home without coordinates is in no area. The
    /// whole market when absent.
    #[schema(value_type = Option<shapes::Area>)]
    polygon: Option<Region>,
    /// The first month; 35 before the last when absent.
    #[schema(value_type = Option<shapes::Month>)]
    from: Option<Month>,
    /// The last month, included, at most 119 after the first; the present one when absent.
    #[schema(value_type = Option<shapes::Month>)]
    to: Option<Month>,
}

/// Sales month by month.
#[derive(Debug, Serialize, ToSchema)]
struct MarketSalesOut {
    #[schema(value_type = shapes::Slug)]
    market: MarketSlug,
    /// ISO 4217.
    currency: String,
    /// A median of fewer values than this is not told.
    least_sales: usize,
    /// Each month of the span, in order of time, also those without a sale.
    months: Vec<MonthSalesOut>,
}

/// The sales of one month, by the day of the sale.
#[derive(Debug, Serialize, ToSchema)]
struct MonthSalesOut {
    #[schema(value_type = shapes::Month)]
    period: Month,
    /// Sales with a price.
    sales: usize,
    /// Those of known living area, of which `median_price_per_sqft` is.
    sales_with_area: usize,
    /// Those of which it is known how long they were on the market, of which `median_days_on_market` is.
    sales_with_days: usize,
    /// Whether there are fewer than `least_sales`: then the medians are null.
    suppressed: bool,
    #[schema(value_type = Option<shapes::Money>, required)]
    median_price: Option<Money>,
    /// Major units per square foot of living area; null also when the area of fewer than `least_sales` is known.
    #[schema(required)]
    median_price_per_sqft: Option<f64>,
    /// Days from coming on the market to the sale; null also when they are known of fewer than `least_sales`.
    #[schema(required)]
    median_days_on_market: Option<f64>,
}

impl From<MonthSales> for MonthSalesOut {
    fn from(of: MonthSales) -> Self {
        Self {
            period: of.month,
            sales: of.sales,
            sales_with_area: of.with_area,
            sales_with_days: of.with_days,
            suppressed: of.sales < LEAST_SALES,
            median_price: of.price,
            median_price_per_sqft: of.price_per_sqft,
            median_days_on_market: of.days_on_market,
        }
    }
}

/// Sales of a market by month
///
/// Of the whole market, or of an area in it: how many, and the medians of price, price per square foot and days on the
/// market. Months with fewer than `least_sales` tell their number only. At most 200,000 sales are looked at: of an area,
/// those of the box around it.
#[utoipa::path(post, path = "/markets/{id}/sales", tag = "markets", params(("id" = shapes::Slug, Path)), request_body = MarketSalesIn, responses((status = 200, description = "The sales", body = MarketSalesOut)))]
async fn sales(
    State(edge): State<Edge>,
    allow: Allow<ReadListings>,
    Id(id): Id<MarketSlug>,
    Asked { body, words }: Asked<MarketSalesIn>,
) -> Result<Written> {
    let question =
        Question { route: "markets/sales", asked: words.about(id.as_str()), market: &id, lead: None, priced: false };
    let make = async || {
        let MarketSalesIn { polygon, from, to } = body;
        let request = MarketSalesRequest { market: id.clone(), polygon, from, to };
        let MarketSales { currency, months } = edge.app().market_sales(&allow.who, request).await?;
        let months = months.into_iter().map(MonthSalesOut::from).collect();
        Ok(MarketSalesOut { market: id.clone(), currency, least_sales: LEAST_SALES, months })
    };
    Written::or_make(&edge, &allow.who, question, make).await
}

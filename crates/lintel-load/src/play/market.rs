//! What a scenario needs of a market before it can ask about it.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::Error;
use crate::hooks::Hooks;
use crate::operation::{Operation, reports};
use crate::pool::Pool;
use crate::sample::{Sample, answer_of};
use crate::scenario::Scenario;

/// Longest wait for the analyses that a report shows.
const PATIENCE: Duration = Duration::from_mins(1);

/// Time between two looks at a report that is not there yet.
const LOOK: Duration = Duration::from_millis(100);

/// Homes, leads and words of a market, and what else the operations of a scenario are made from.
pub async fn read(pool: &Pool, scenario: &Scenario, market: &str) -> Result<Sample, Error> {
    let mut sample = Sample::read(pool, market).await?;
    let asks = |wanted: &[Operation]| scenario.operations().any(|operation| wanted.contains(&operation));
    if asks(&[Operation::Webhook]) {
        sample.hooks = Some(Arc::new(Hooks::connect(pool).await?));
    }
    if asks(&[Operation::Series, Operation::Forecast]) {
        let found: Value = answer_of(pool, Method::GET, format!("/api/v1/markets/{market}"), &Value::Null).await?;
        let names = found["metrics"].as_array().into_iter().flatten();
        sample.metrics = names.filter_map(Value::as_str).map(str::to_owned).collect();
    }
    if asks(&[Operation::Report]) {
        make_report(pool, market).await?;
    }
    if let Some(exponent) = scenario.popularity {
        sample.make_popular(exponent);
    }
    Ok(sample)
}

/// Asks for the analyses of a market and waits until the first is there: a report of nothing is soon read.
async fn make_report(pool: &Pool, market: &str) -> Result<(), Error> {
    for ask in reports::of_market(market) {
        answer_of::<Value>(pool, Method::POST, "/api/v1/analyses".to_owned(), &ask).await?;
    }
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let report: Value = answer_of(pool, Method::GET, reports::report(market), &Value::Null).await?;
        if report["items"].as_array().is_some_and(|items| !items.is_empty()) {
            break;
        }
        sleep(LOOK).await;
    }
    Ok(())
}

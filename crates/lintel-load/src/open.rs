//! The open loop: requests leave when they are due, and latency runs from that moment.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::task::{JoinSet, yield_now};
use tokio::time::sleep;

use crate::Error;
use crate::arrivals::{Arrivals, Schedule};
use crate::measure::{Figures, Latency, Outcome, Recorder};
use crate::operation::Prepared;
use crate::pool::Pool;

/// Timers are exact to a millisecond: the last stretch before a request is waited for by looking at the clock.
const WATCHED: Duration = Duration::from_millis(2);

/// How much is sent, how and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Requests a second.
    pub rate: f64,
    /// How the times between them are spread.
    pub arrivals: Arrivals,
    /// Time before measuring begins.
    pub warm_up: Duration,
    /// Time that is measured.
    pub measured: Duration,
    /// Requests that may be sent or waiting at once; more are not sent and count as errors.
    pub waiting: usize,
    /// Decides the times and nothing else.
    pub seed: u64,
}

/// What a run measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Requests a second that were asked for.
    pub rate: f64,
    /// Requests a second that were answered with 2xx.
    pub answered_per_second: f64,
    /// Seconds that were measured.
    pub seconds: f64,
    /// Requests that failed in any way.
    pub errors: u64,
    /// The generator's own lateness in sending.
    pub lateness_us: Latency,
    /// Figures by operation.
    pub operations: Vec<Figures>,
}

/// Sends prepared requests by plan, beginning again with the first when all were sent.
pub async fn run(pool: &Arc<Pool>, requests: &[Arc<Prepared>], plan: Plan) -> Result<Report, Error> {
    if !(plan.rate > 0.0 && plan.rate.is_finite()) {
        return Err(Error::Plan("the rate must be more than 0"));
    }
    if plan.measured.is_zero() {
        return Err(Error::Plan("nothing is measured in no time"));
    }
    if requests.is_empty() {
        return Err(Error::Plan("there is nothing to send"));
    }
    let recorder = Arc::new(Mutex::new(Recorder::default()));
    let mut under_way = JoinSet::new();
    let begin = Instant::now();
    let end = plan.warm_up + plan.measured;
    for (at, request) in Schedule::new(plan.arrivals, plan.rate, plan.seed).zip(requests.iter().cycle()) {
        if at >= end {
            break;
        }
        let due = begin + at;
        wait_until(due).await;
        while under_way.try_join_next().is_some() {}
        let measured = at >= plan.warm_up;
        if measured {
            recorder.lock().late(due.elapsed());
        }
        if under_way.len() >= plan.waiting {
            if measured {
                recorder.lock().record(request.operation, &Outcome::Unsent, due.elapsed());
            }
            continue;
        }
        let (pool, request, recorder) = (Arc::clone(pool), Arc::clone(request), Arc::clone(&recorder));
        under_way.spawn(async move {
            let outcome = pool.send(&request).await;
            if measured {
                recorder.lock().record(request.operation, &outcome, due.elapsed());
            }
        });
    }
    while under_way.join_next().await.is_some() {}
    let recorder = recorder.lock();
    let operations = recorder.figures();
    let seconds = plan.measured.as_secs_f64();
    Ok(Report {
        rate: plan.rate,
        answered_per_second: operations.iter().map(|figures| figures.answered).sum::<u64>() as f64 / seconds,
        seconds,
        errors: operations.iter().flat_map(|figures| figures.errors.values()).sum(),
        lateness_us: recorder.lateness(),
        operations,
    })
}

async fn wait_until(due: Instant) {
    loop {
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        if left > WATCHED {
            sleep(left.saturating_sub(WATCHED)).await;
        } else {
            // Answers are taken in meanwhile.
            yield_now().await;
        }
    }
}

//! The closed loop: how much the server does when it is never without work, to find its saturation.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::Error;
use crate::measure::{Figures, Recorder};
use crate::operation::Prepared;
use crate::pool::Pool;

/// A step that brings less than this share more than the best before it brings nothing.
const WORTH: f64 = 0.03;

/// What one number of connections brought.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Connections that each sent the next request as soon as the last was answered.
    pub connections: usize,
    /// Answers with 2xx a second.
    pub per_second: f64,
    /// Half of the requests took no longer, in microseconds.
    pub p50_us: u64,
    /// Requests that failed.
    pub errors: u64,
}

/// Saturation and the steps that led to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Saturation {
    /// The most answers a second that any number of connections brought.
    pub per_second: f64,
    /// One entry for each number of connections that was tried.
    pub steps: Vec<Step>,
}

/// Doubles the connections from one until more of them bring nothing, each for `step` of time.
pub async fn saturate(
    pool: &Arc<Pool>,
    requests: &[Arc<Prepared>],
    most: usize,
    step: Duration,
) -> Result<Saturation, Error> {
    if requests.is_empty() {
        return Err(Error::Plan("there is nothing to send"));
    }
    let mut steps: Vec<Step> = Vec::new();
    let mut connections = 1;
    while connections <= most && !is_saturated(steps.iter().map(|step| step.per_second)) {
        steps.push(step_of(pool, requests, connections, step).await);
        connections *= 2;
    }
    Ok(Saturation { per_second: steps.iter().map(|step| step.per_second).fold(0.0, f64::max), steps })
}

/// Whether the last two steps brought nothing over the best before them.
fn is_saturated(steps: impl Iterator<Item = f64>) -> bool {
    let (mut best, mut without_gain) = (0.0_f64, 0);
    for per_second in steps {
        without_gain = if per_second > best * (1.0 + WORTH) { 0 } else { without_gain + 1 };
        best = best.max(per_second);
    }
    without_gain >= 2
}

/// Lets this many connections send one request after the other for a time: figures, and how many seconds it took.
pub(crate) async fn closed(
    pool: &Arc<Pool>,
    requests: &[Arc<Prepared>],
    connections: usize,
    step: Duration,
) -> (Vec<Figures>, f64) {
    let recorder = Arc::new(Mutex::new(Recorder::default()));
    let requests: Arc<[Arc<Prepared>]> = requests.into();
    let mut workers = JoinSet::new();
    let begin = Instant::now();
    for worker in 0..connections {
        let (pool, requests, recorder) = (Arc::clone(pool), Arc::clone(&requests), Arc::clone(&recorder));
        workers.spawn(async move {
            // Workers begin at different places, so that no two ask the same at the same time.
            let first = worker * requests.len() / connections;
            for request in requests.iter().cycle().skip(first) {
                let sent = Instant::now();
                if sent.duration_since(begin) >= step {
                    return;
                }
                let outcome = pool.send(request).await;
                recorder.lock().record(request.operation, &outcome, sent.elapsed());
            }
        });
    }
    while workers.join_next().await.is_some() {}
    let seconds = begin.elapsed().as_secs_f64();
    (recorder.lock().figures(seconds), seconds)
}

async fn step_of(pool: &Arc<Pool>, requests: &[Arc<Prepared>], connections: usize, step: Duration) -> Step {
    let (figures, seconds) = closed(pool, requests, connections, step).await;
    let answered: u64 = figures.iter().map(|figures| figures.answered).sum();
    Step {
        connections,
        per_second: answered as f64 / seconds,
        p50_us: figures.iter().map(|figures| figures.latency_us.p50).max().unwrap_or_default(),
        errors: figures.iter().map(|figures| figures.failed() + figures.shed).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_saturated;

    #[test]
    fn two_steps_without_gain_end_the_probe() {
        let saturated = |steps: &[f64]| is_saturated(steps.iter().copied());
        assert!(!saturated(&[]));
        assert!(!saturated(&[100.0, 190.0, 195.0]));
        assert!(!saturated(&[100.0, 101.0, 190.0, 191.0]));
        assert!(saturated(&[100.0, 190.0, 195.0, 180.0]));
        assert!(saturated(&[0.0, 0.0]));
    }
}

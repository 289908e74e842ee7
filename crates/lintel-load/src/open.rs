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
use crate::operation::{Operation, Prepared};
use crate::pool::Pool;
use crate::timeline::Timeline;

/// Timers are exact to a millisecond: the last stretch before a request is waited for by looking at the clock.
const WATCHED: Duration = Duration::from_millis(2);

/// Load of one rate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    /// Requests a second, more than 0.
    pub(crate) rate: f64,
    pub(crate) length: Duration,
    /// How the times between requests are spread.
    pub(crate) arrivals: Arrivals,
}

/// What became of one stretch.
#[derive(Default)]
pub(crate) struct Track {
    pub(crate) recorder: Recorder,
    pub(crate) timeline: Timeline,
}

/// Sends requests as they come, over stretches that follow each other without a pause; waits for all answers in the end.
///
/// At most `waiting` requests are sent or waiting at once; more are not sent and count as errors.
pub(crate) async fn drive(
    pool: &Arc<Pool>,
    stretches: &[Stretch],
    requests: &mut impl Iterator<Item = Arc<Prepared>>,
    waiting: usize,
    seed: u64,
) -> Vec<Track> {
    let tracks: Vec<Arc<Mutex<Track>>> = stretches.iter().map(|_| Arc::default()).collect();
    let mut under_way = JoinSet::new();
    let mut begin = Instant::now();
    for ((nth, stretch), track) in (0..).zip(stretches).zip(&tracks) {
        let schedule = Schedule::new(stretch.arrivals, stretch.rate, seed.wrapping_add(nth));
        for (at, request) in schedule.take_while(|at| *at < stretch.length).zip(&mut *requests) {
            let due = begin + at;
            wait_until(due).await;
            while under_way.try_join_next().is_some() {}
            track.lock().recorder.late(due.elapsed());
            let (pool, track) = (Arc::clone(pool), Arc::clone(track));
            if under_way.len() >= waiting {
                track.lock().record(at, request.operation, &Outcome::Unsent, due.elapsed());
                continue;
            }
            under_way.spawn(async move {
                let outcome = pool.send(&request).await;
                track.lock().record(at, request.operation, &outcome, due.elapsed());
            });
        }
        begin += stretch.length;
    }
    while under_way.join_next().await.is_some() {}
    tracks.into_iter().map(|track| std::mem::take(&mut *track.lock())).collect()
}

impl Track {
    fn record(&mut self, at: Duration, operation: Operation, outcome: &Outcome, latency: Duration) {
        self.recorder.record(operation, outcome, latency);
        self.timeline.record(at, outcome, latency);
    }
}

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
    /// Requests that failed in any way, those that were turned away among them.
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
    let stretch = |length| Stretch { rate: plan.rate, length, arrivals: plan.arrivals };
    let stretches = [stretch(plan.warm_up), stretch(plan.measured)];
    let mut requests = requests.iter().cloned().cycle();
    let tracks = drive(pool, &stretches, &mut requests, plan.waiting, plan.seed).await;
    let recorder = tracks.into_iter().next_back().unwrap_or_default().recorder;
    let seconds = plan.measured.as_secs_f64();
    let operations = recorder.figures(seconds);
    Ok(Report {
        rate: plan.rate,
        answered_per_second: operations.iter().map(|figures| figures.answered).sum::<u64>() as f64 / seconds,
        seconds,
        errors: operations.iter().map(|figures| figures.failed() + figures.shed).sum(),
        lateness_us: recorder.lateness(),
        operations,
    })
}

/// Waits until a time; in any case answers are taken in meanwhile, or one who is late would only ever send.
async fn wait_until(due: Instant) {
    loop {
        let left = due.saturating_duration_since(Instant::now());
        if left > WATCHED {
            sleep(left.saturating_sub(WATCHED)).await;
        } else {
            yield_now().await;
        }
        if Instant::now() >= due {
            return;
        }
    }
}

//! Many sockets that hear of the same changes: how long it takes from a write to everybody who listens.

mod sockets;
mod writer;

use std::time::Duration;

use serde::Serialize;
use tokio::{
    task::LocalSet,
    time::{Instant, sleep},
};

use crate::{
    Error,
    measure::{Latency, histogram, latency, microseconds},
    pool::Target,
    process::resident,
};
use sockets::Heard;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Sockets that all listen to `leads`.
    pub clients: usize,
    /// Leads that are written.
    pub writes: usize,
    /// Writes a second.
    pub rate: f64,
    /// How long stragglers are waited for after the last write.
    pub patience: Duration,
    /// The server's process, when it runs here: its memory is told.
    pub pid: Option<u32>,
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Sockets that were open to the end.
    pub clients: usize,
    /// Leads that were written.
    pub writes: usize,
    /// Messages that should have come: one for each write and socket.
    pub due: u64,
    /// Messages that came.
    pub heard: u64,
    /// From the acknowledgement of the write to its message, in microseconds, over all messages that came; those that
    /// came before it count as 0.
    pub from_acknowledged_us: Latency,
    /// From the intended time of the write to its message: with the write itself, and with what held it up.
    pub from_intended_us: Latency,
    /// From the intended time of the write to its acknowledgement.
    pub written_us: Latency,
    /// Seconds until all sockets were open and subscribed.
    pub opened_in: f64,
    /// What the server's memory grew by for each idle socket, in bytes.
    pub bytes_per_client: Option<i64>,
}

/// Opens the sockets, writes leads at a rate and measures when each socket hears of each.
pub async fn run(target: &Target, plan: Plan) -> Result<Report, Error> {
    LocalSet::new().run_until(measure(target, plan)).await
}

async fn measure(target: &Target, plan: Plan) -> Result<Report, Error> {
    let before = plan.pid.and_then(resident);
    let heard = Heard::of(plan.writes);
    let begun = Instant::now();
    for _ in 0..plan.clients {
        let stream = sockets::subscribe(target).await?;
        tokio::task::spawn_local(sockets::listen(stream, heard.clone()));
    }
    let opened_in = begun.elapsed().as_secs_f64();
    sleep(Duration::from_secs(1)).await;
    let grown = plan.pid.and_then(resident).zip(before).map(|(after, before)| after - before);

    let writes = writer::write_leads(target, plan.writes, plan.rate).await?;
    let due = (plan.clients * plan.writes) as u64;
    let last = Instant::now() + plan.patience;
    while heard.messages() < due && Instant::now() < last {
        sleep(Duration::from_millis(20)).await;
    }
    let (mut from_intended, mut from_acknowledged, mut written) = (histogram(), histogram(), histogram());
    let messages = heard.messages();
    for (write, heard) in writes.iter().zip(heard.take()) {
        written.saturating_record(microseconds(write.acknowledged - write.intended));
        for at in heard {
            from_intended.saturating_record(microseconds(at.saturating_duration_since(write.intended)));
            from_acknowledged.saturating_record(microseconds(at.saturating_duration_since(write.acknowledged)));
        }
    }
    Ok(Report {
        clients: heard.open(),
        writes: plan.writes,
        due,
        heard: messages,
        from_acknowledged_us: latency(&from_acknowledged),
        from_intended_us: latency(&from_intended),
        written_us: latency(&written),
        opened_in,
        bytes_per_client: grown.map(|grown| grown / plan.clients.max(1) as i64),
    })
}

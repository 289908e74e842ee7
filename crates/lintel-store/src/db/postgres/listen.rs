//! Wake-ups between processes by LISTEN and NOTIFY, on a connection of their own. They only wake; polling is the truth.
//!
//! NOTIFY inside a write would make PostgreSQL commit such writes one after the other, so it is sent after the commit,
//! merged for a few milliseconds. A process that dies in between costs the others one polling interval.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use tokio_postgres::{AsyncMessage, Client};
use tokio_util::sync::CancellationToken;

use super::Connector;
use crate::{
    Error, Result,
    db::{Shared, Woken},
};

/// How long wake-ups are merged before they are sent.
const MERGE: Duration = Duration::from_millis(5);
/// The first and the longest wait before connecting again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

const LOG: &str = "lintel_log";
const JOBS: &str = "lintel_jobs";

/// Listens and tells until `stop`, connecting again whenever the connection ends.
pub(super) async fn listen(connector: Arc<Connector>, shared: Arc<Shared>, stop: CancellationToken) {
    let mut wait = BACKOFF.0;
    loop {
        let ended = tokio::select! {
            () = stop.cancelled() => return,
            ended = session(&connector, &shared, &mut wait) => ended,
        };
        if let Err(error) = ended {
            tracing::warn!(%error, "the listening connection ended");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => wait = (wait * 2).min(BACKOFF.1),
        }
    }
}

async fn session(connector: &Connector, shared: &Shared, wait: &mut Duration) -> Result<()> {
    let (client, mut messages) = connector.connect().await?;
    let receiving = async {
        while let Some(message) = messages.next().await {
            let message = message.map_err(|e| Error::Unavailable { reason: super::connect::reason(&e) })?;
            if let AsyncMessage::Notification(note) = message {
                shared.wake_here(Woken { log: note.channel() == LOG, jobs: note.channel() == JOBS });
            }
        }
        Ok(())
    };
    let telling = async {
        run(&client, "LISTEN lintel_log; LISTEN lintel_jobs").await?;
        *wait = BACKOFF.0;
        // Whatever was written while nobody listened.
        shared.wake_here(Woken { log: true, jobs: true });
        loop {
            shared.untold.any.notified().await;
            tokio::time::sleep(MERGE).await;
            match shared.untold.take() {
                Woken { log: true, jobs: true } => run(&client, "NOTIFY lintel_log; NOTIFY lintel_jobs").await?,
                Woken { log: true, .. } => run(&client, "NOTIFY lintel_log").await?,
                Woken { jobs: true, .. } => run(&client, "NOTIFY lintel_jobs").await?,
                Woken { .. } => {}
            }
        }
    };
    tokio::select! {
        ended = receiving => ended,
        ended = telling => ended,
    }
}

async fn run(client: &Client, text: &'static str) -> Result<()> {
    client.batch_execute(text).await.map_err(|e| Error::Unavailable { reason: super::connect::reason(&e) })
}

//! Wake-ups between processes by LISTEN and NOTIFY, on a connection of their own. They only wake; polling is the truth. By
//! the same way goes what processes say to each other and nobody keeps.
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
/// How long a process that stops waits for what it has left to tell.
const GOODBYE: Duration = Duration::from_millis(500);
/// The first and the longest wait before connecting again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

const LOG: &str = "lintel_log";
const JOBS: &str = "lintel_jobs";
const SAID: &str = "lintel_said";

/// Listens and tells until `stop`, connecting again whenever the connection ends.
pub(super) async fn listen(connector: Arc<Connector>, shared: Arc<Shared>, stop: CancellationToken) {
    let mut wait = BACKOFF.0;
    loop {
        let late = async {
            stop.cancelled().await;
            tokio::time::sleep(GOODBYE).await;
        };
        let ended = tokio::select! {
            () = late => return,
            ended = session(&connector, &shared, &stop, &mut wait) => ended,
        };
        if stop.is_cancelled() {
            return;
        }
        if let Err(error) = ended {
            tracing::warn!(%error, "the listening connection ended");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => wait = (wait * 2).min(BACKOFF.1),
        }
    }
}

/// One connection; ends well when it is to stop and what was left to tell has been told.
async fn session(connector: &Connector, shared: &Shared, stop: &CancellationToken, wait: &mut Duration) -> Result<()> {
    let (client, mut messages) = connector.connect().await?;
    let receiving = async {
        while let Some(message) = messages.next().await {
            let message = message.map_err(unavailable)?;
            if let AsyncMessage::Notification(note) = message {
                if note.channel() == SAID {
                    // Nobody may be listening.
                    let _ = shared.said.send(note.payload().into());
                    continue;
                }
                shared.wake_here(Woken { log: note.channel() == LOG, jobs: note.channel() == JOBS });
            }
        }
        Ok(())
    };
    let telling = async {
        run(&client, "LISTEN lintel_log; LISTEN lintel_jobs; LISTEN lintel_said").await?;
        *wait = BACKOFF.0;
        // Whatever was written while nobody listened.
        shared.wake_here(Woken { log: true, jobs: true });
        loop {
            tokio::select! {
                () = stop.cancelled() => {}
                () = shared.untold.any.notified() => tokio::time::sleep(MERGE).await,
            }
            match shared.untold.take() {
                Woken { log: true, jobs: true } => run(&client, "NOTIFY lintel_log; NOTIFY lintel_jobs").await?,
                Woken { log: true, .. } => run(&client, "NOTIFY lintel_log").await?,
                Woken { jobs: true, .. } => run(&client, "NOTIFY lintel_jobs").await?,
                Woken { .. } => {}
            }
            for text in shared.untold.take_said() {
                client.execute("SELECT pg_notify($1, $2)", &[&SAID, &text]).await.map_err(unavailable)?;
            }
            if stop.is_cancelled() {
                return Ok(());
            }
        }
    };
    tokio::select! {
        ended = receiving => ended,
        ended = telling => ended,
    }
}

async fn run(client: &Client, text: &'static str) -> Result<()> {
    client.batch_execute(text).await.map_err(unavailable)
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn unavailable(error: tokio_postgres::Error) -> Error {
    Error::Unavailable { reason: super::connect::reason(&error) }
}

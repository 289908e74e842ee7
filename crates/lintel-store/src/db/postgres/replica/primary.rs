//! Whether the primary can be reached: noticed by whoever asks it, and looked for by one task while it is away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::db::postgres::Connector;

/// How often it is looked for.
const EVERY: Duration = Duration::from_millis(250);

#[derive(Debug, Default)]
pub(super) struct Primary {
    away: AtomicBool,
    lost: Notify,
}

impl Primary {
    pub(super) fn is_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }

    /// Somebody could not reach it.
    pub(super) fn lost(&self, reason: &str) {
        if !self.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(reason, "the primary cannot be reached: replicas answer what they can");
            self.lost.notify_one();
        }
    }

    /// Somebody reached it.
    pub(super) fn found(&self) {
        if self.away.load(Ordering::Relaxed) && self.away.swap(false, Ordering::Relaxed) {
            tracing::info!("the primary is reached again");
        }
    }

    /// Looks for it whenever it is away, until `stop`.
    pub(super) async fn look_for(self: Arc<Self>, connector: Arc<Connector>, stop: CancellationToken) {
        let looking = async {
            loop {
                self.lost.notified().await;
                while self.is_away() {
                    tokio::time::sleep(EVERY).await;
                    if connector.connect().await.is_ok() {
                        self.found();
                    }
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = looking => {}
        }
    }
}

//! The one task that has the connection: gets it, writes what waits, looks whether it still answers, and gets it back.

use std::{io, time::Duration};

use redis::{AsyncConnectionConfig, RedisError, RedisResult, aio::MultiplexedConnection, cmd, pipe};
use tokio::{
    sync::mpsc::Receiver,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{PATIENCE, Redis, Write, pace::Pace};

/// How long it may take to be connected, with name, handshake and password.
const CONNECT: Duration = Duration::from_millis(500);
/// How long that may take in all where sentinels are asked first, of whom some may be silent.
const FIND: Duration = Duration::from_secs(3);
/// How often a connection is looked at that nobody uses.
const BEAT: Duration = Duration::from_secs(1);
/// Written at once.
const BATCH: usize = 32;

impl Redis {
    /// Gets the connection and keeps it until told to stop. To be called once; a second call returns at once.
    pub async fn run(&self, stop: CancellationToken) {
        let Some(mut waiting) = self.0.waiting.lock().take() else { return };
        let begun = Instant::now();
        let mut pace = Pace::new(self.0.seed);
        let mut told = false;
        let work = async {
            loop {
                sleep(pace.pause(begun.elapsed())).await;
                self.0.tries.count();
                let mut held = Duration::ZERO;
                match self.connect().await {
                    Ok(connection) => {
                        tracing::info!("redis answers");
                        told = false;
                        let since = Instant::now();
                        self.serve(connection, &mut waiting).await;
                        held = since.elapsed();
                    }
                    // Once: it is tried again and again.
                    Err(error) if !told => {
                        told = true;
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "redis cannot be reached, answers are made anew"
                        );
                    }
                    Err(_) => {}
                }
                pace.ended(held);
            }
        };
        stop.run_until_cancelled(work).await;
        *self.0.here.write() = None;
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(PATIENCE));
        let connecting = async {
            let mut connection = self.0.server.connect(&config).await?;
            cmd("PING").exec_async(&mut connection).await?;
            Ok(connection)
        };
        timeout(FIND, connecting)
            .await
            .unwrap_or_else(|_| Err(RedisError::from(io::Error::from(io::ErrorKind::TimedOut))))
    }

    /// Has the connection used until it fails.
    async fn serve(&self, connection: MultiplexedConnection, waiting: &mut Receiver<Write>) {
        // What waited for the connection before this one is of no use any more.
        while waiting.try_recv().is_ok() {}
        let number = self.put(connection);
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut writes = Vec::with_capacity(BATCH);
        while self.0.here.read().as_ref().is_some_and(|(current, _)| *current == number) {
            tokio::select! {
                biased;
                () = self.0.failed.notified() => {}
                _ = beat.tick() => {
                    self.ask(async |mut connection| cmd("PING").exec_async(&mut connection).await).await;
                }
                _ = waiting.recv_many(&mut writes, BATCH) => self.write_all(&mut writes).await,
            }
        }
    }

    /// Writes in one round trip.
    async fn write_all(&self, writes: &mut Vec<Write>) {
        let (mut pipe, mut kept) = (pipe(), Vec::with_capacity(writes.len()));
        for write in writes.drain(..) {
            match write {
                Write::GiveBack { key } => {
                    pipe.cmd("UNLINK").arg(key).ignore();
                }
                Write::Keep { key, entry, millis, counted } => {
                    let Some(bytes) = entry.pack() else { continue };
                    kept.push((counted, entry.value.len(), bytes.len()));
                    pipe.cmd("SET").arg(key).arg(bytes).arg("PX").arg(millis).ignore();
                }
            }
        }
        if pipe.is_empty() {
            return;
        }
        if self.ask(async |mut connection| pipe.exec_async(&mut connection).await).await.is_some() {
            for (counted, bytes, packed) in kept {
                counted.answers.count();
                counted.bytes.add(bytes as u64);
                counted.packed.add(packed as u64);
            }
        }
    }
}

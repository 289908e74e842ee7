//! Serving: bounded connections, bounded patience, and a stop that lets requests in hand end.

mod connection;
mod patient;
mod room;
mod stream;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{options::ServeOptions, state::Peer};
pub(crate) use connection::{Held, Line};
use room::Room;
pub(crate) use stream::{Bare, bare};

/// How many refused connections are told so at once; the rest is closed without a word.
const REFUSALS: usize = 256;

/// Serves `router` on every listener until `stop`, then waits for the requests in hand, at most `options.drain`.
///
/// Connections speak HTTP/1.1 or HTTP/2. When [`ServeOptions::connections`] are open, or
/// [`ServeOptions::connections_per_address`] from one address that is not loopback, a new one is answered
/// 503 with `Retry-After` and `Lintel-Shed: connections`.
pub async fn run(listeners: Vec<TcpListener>, router: Router, options: ServeOptions, stop: CancellationToken) {
    let cut = CancellationToken::new();
    let connections = TaskTracker::new();
    let accepting = TaskTracker::new();
    let drain = options.drain;
    let door = Door {
        room: Arc::new(Room::new(options.connections, options.connections_per_address)),
        refusals: Arc::new(tokio::sync::Semaphore::new(REFUSALS)),
        options: Arc::new(options),
        router,
        stop: stop.clone(),
        cut: cut.clone(),
        connections: connections.clone(),
    };
    for listener in listeners {
        accepting.spawn(door.clone().accept(listener));
    }
    accepting.close();
    accepting.wait().await;
    connections.close();
    if tokio::time::timeout(drain, connections.wait()).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests are cut off: they did not end in time");
        cut.cancel();
        connections.wait().await;
    }
}

/// Everything an accepted connection needs.
#[derive(Clone)]
struct Door {
    room: Arc<Room>,
    refusals: Arc<tokio::sync::Semaphore>,
    options: Arc<ServeOptions>,
    router: Router,
    stop: CancellationToken,
    cut: CancellationToken,
    connections: TaskTracker,
}

impl Door {
    async fn accept(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.let_in(stream, peer),
                Err(error) => {
                    // Out of file descriptors or memory: others will end; a connection that broke before we took it is nothing.
                    if !is_of_the_connection(&error) {
                        tracing::warn!(%error, "no connection can be accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            }
        }
    }

    fn let_in(&self, stream: TcpStream, peer: SocketAddr) {
        // Answers are written in one piece, so waiting for more to send along only costs time.
        let _ = stream.set_nodelay(true);
        match Room::enter(&self.room, peer.ip()) {
            Some(seat) => {
                let connection = connection::serve(
                    stream,
                    Peer(peer),
                    self.router.clone(),
                    self.options.clone(),
                    self.stop.clone(),
                    self.connections.clone(),
                    seat,
                );
                let cut = self.cut.clone();
                self.connections.spawn(async move {
                    tokio::select! {
                        () = cut.cancelled() => {}
                        () = connection => {}
                    }
                });
            }
            None => {
                if let Ok(permit) = self.refusals.clone().try_acquire_owned() {
                    self.connections.spawn(connection::refuse(stream, permit));
                }
            }
        }
    }
}

fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

//! One connection, from its first byte to its last.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body};
use http::Request;
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::OwnedSemaphorePermit,
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::{Service, ServiceExt, service_fn};

use super::{patient::Patient, room::Seat};
use crate::{options::ServeOptions, state::Peer};

/// The largest head of an HTTP/1 request, in bytes, and the buffer of its body.
const HEAD_BYTES: usize = 64 * 1024;
/// The most headers of a request.
const HEADERS: usize = 100;
/// The largest list of headers over HTTP/2, in bytes.
const HEADER_LIST_BYTES: u32 = 32 * 1024;
/// The most requests at once over one HTTP/2 connection.
const STREAMS: u32 = 128;
/// Streams that a client resets before they are answered; more end the connection.
const RESETS: usize = 64;
/// How often a silent HTTP/2 peer is asked whether it is there, and how long it may take to say so.
const PING: Duration = Duration::from_secs(15);

/// What a full server says, but for the line before.
const FULL: &str = "content-type: application/problem+json\r\nretry-after: 2\r\nlintel-shed: connections\r\n\
x-content-type-options: nosniff\r\ncache-control: no-store\r\ncontent-length: 181\r\nconnection: close\r\n\r\n\
{\"type\":\"/api-docs/errors/overloaded\",\"title\":\"Too much at once.\",\"status\":503,\"code\":\"overloaded\",\
\"detail\":\"as many connections are open as are taken\",\"errors\":[],\"request_id\":\"-\"}";
/// What it says to senders of events, who come again after this status and no other.
const FULL_OF_EVENTS: &str = "content-type: application/problem+json\r\nretry-after: 2\r\nlintel-shed: connections\r\n\
x-content-type-options: nosniff\r\ncache-control: no-store\r\ncontent-length: 195\r\nconnection: close\r\n\r\n\
{\"type\":\"/api-docs/errors/inbox_full\",\"title\":\"The event cannot be stored now.\",\"status\":429,\"code\":\"inbox_full\",\
\"detail\":\"as many connections are open as are taken\",\"errors\":[],\"request_id\":\"-\"}";
/// How requests begin that bring events.
const EVENTS: &[u8] = b"POST /api/v1/hooks/";

/// Serves one connection until it ends, is idle for too long, or the stop comes and its requests have ended.
pub(super) async fn serve(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    options: Arc<ServeOptions>,
    stop: CancellationToken,
    tasks: TaskTracker,
    seat: Seat,
) {
    let stream = TokioIo::new(Patient::new(stream, options.head_timeout, options.write_timeout));
    let busy = Arc::new(Busy::new());
    let (counted, seat) = (busy.clone(), Arc::new(seat));
    let service = service_fn(move |request: Request<Incoming>| {
        let (mut router, busy, seat) = (router.clone(), counted.clone(), seat.clone());
        async move {
            let _request = busy.begin();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(Line { busy: busy.clone(), seat });
            let ready: Result<_, Infallible> = <Router as ServiceExt<Request<Body>>>::ready(&mut router).await;
            match ready {
                Ok(router) => router.call(request).await,
                Err(never) => match never {},
            }
        }
    });

    let mut builder = auto::Builder::new(Tracked(tasks));
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(options.head_timeout)
        .max_buf_size(HEAD_BYTES)
        .max_headers(HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_LIST_BYTES)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING);
    let mut connection = pin!(builder.serve_connection_with_upgrades(stream, TowerToHyperService::new(service)));

    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "connection ended");
                }
                return;
            }
            () = stop.cancelled() => break,
            () = tokio::time::sleep(options.idle_timeout) => {
                if busy.is_idle_for(options.idle_timeout) {
                    break;
                }
            }
        }
    }
    connection.as_mut().graceful_shutdown();
    // Whoever stops all of it bounds this wait; an idle HTTP/2 peer who ignores the farewell is left after a while.
    let patience = if stop.is_cancelled() { options.drain } else { options.idle_timeout };
    let _ = tokio::time::timeout(patience, connection).await;
}

/// The connection that a request came on. Whoever answers for longer than the request takes holds it.
#[derive(Clone)]
pub(crate) struct Line {
    busy: Arc<Busy>,
    seat: Arc<Seat>,
}

/// Keeps a connection from being idle, and its place taken, also when it is no HTTP connection any more.
pub(crate) struct Held {
    _in_hand: InHand,
    _seat: Arc<Seat>,
}

impl Line {
    pub(crate) fn hold(self) -> Held {
        Held { _in_hand: self.busy.begin(), _seat: self.seat }
    }
}

/// Tells a client that there is no room, and closes.
pub(super) async fn refuse(mut stream: TcpStream, _permit: OwnedSemaphorePermit) {
    let told = async {
        let mut head = [0; EVENTS.len()];
        let asks = async {
            let mut read = 0;
            while read < head.len() && head[..read] == EVENTS[..read] {
                match stream.read(&mut head[read..]).await? {
                    0 => break,
                    more => read += more,
                }
            }
            std::io::Result::Ok(read == head.len() && head == EVENTS)
        };
        // Most say at once what they want; the others are told all the same.
        let events = tokio::time::timeout(Duration::from_millis(200), asks).await.unwrap_or(Ok(false))?;
        let answer = if events {
            format!("HTTP/1.1 429 Too Many Requests\r\n{FULL_OF_EVENTS}")
        } else {
            format!("HTTP/1.1 503 Service Unavailable\r\n{FULL}")
        };
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        // Closing with unread bytes would reset the connection and take the answer with it.
        let mut rest = [0; 1024];
        for _ in 0..64 {
            if stream.read(&mut rest).await? == 0 {
                break;
            }
        }
        std::io::Result::Ok(())
    };
    let _ = tokio::time::timeout(Duration::from_millis(500), told).await;
}

/// Runs the streams of HTTP/2 where the stop waits for them.
#[derive(Clone)]
struct Tracked(TaskTracker);

impl<F> hyper::rt::Executor<F> for Tracked
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

/// Requests in hand on one connection, and when the last one ended.
struct Busy {
    origin: Instant,
    in_hand: AtomicUsize,
    /// Milliseconds after `origin`.
    last_ended: AtomicU64,
}

impl Busy {
    fn new() -> Self {
        Self { origin: Instant::now(), in_hand: AtomicUsize::new(0), last_ended: AtomicU64::new(0) }
    }

    fn begin(self: &Arc<Self>) -> InHand {
        self.in_hand.fetch_add(1, Ordering::Relaxed);
        InHand(self.clone())
    }

    fn is_idle_for(&self, time: Duration) -> bool {
        let since = self.origin + Duration::from_millis(self.last_ended.load(Ordering::Relaxed));
        self.in_hand.load(Ordering::Relaxed) == 0 && since.elapsed() >= time
    }
}

struct InHand(Arc<Busy>);

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.last_ended.store(self.0.origin.elapsed().as_millis() as u64, Ordering::Relaxed);
        self.0.in_hand.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::{FULL, FULL_OF_EVENTS};

    #[test]
    fn the_refusals_announce_their_length() {
        for text in [FULL, FULL_OF_EVENTS] {
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
            assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
        }
    }
}

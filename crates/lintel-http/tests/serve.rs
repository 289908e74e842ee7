//! Serving over real sockets: patience, room, stopping.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes},
    routing::{get, post},
};
use lintel_http::{ServeOptions, run};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    ended: JoinHandle<()>,
}

/// Options whose patience ends within a test.
fn short() -> ServeOptions {
    ServeOptions {
        head_timeout: Duration::from_millis(300),
        write_timeout: Duration::from_millis(300),
        drain: Duration::from_secs(20),
        ..ServeOptions::default()
    }
}

async fn serve(router: Router, options: ServeOptions) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let ended = TaskTracker::new().spawn(run(vec![listener], router, options, stop.clone()));
    Server { address, stop, ended }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends the bytes and reads until the server closes.
    async fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.unwrap();
        read_to_end(&mut stream).await
    }
}

/// Everything until the other side closes or breaks off.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all).await;
    String::from_utf8_lossy(&all).into_owned()
}

/// One answer with a body of five bytes.
async fn read_answer(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    while !all.ends_with(b"hello") {
        assert_ne!(stream.read_buf(&mut all).await.unwrap(), 0, "closed before the answer");
    }
    String::from_utf8(all).unwrap()
}

#[tokio::test]
async fn a_connection_carries_one_request_after_another() {
    let server = serve(hello(), ServeOptions::default()).await;
    let mut stream = server.connect().await;
    for _ in 0..3 {
        stream.write_all(REQUEST).await.unwrap();
        assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn whoever_says_nothing_or_half_a_head_is_cut_off() {
    let server = serve(hello(), short()).await;
    assert_eq!(server.exchange(b"").await, "");
    assert_eq!(server.exchange(b"GET / HT").await, "");
    assert_eq!(server.exchange(b"PRI * HTTP/2.0\r\n").await, "");
    assert_eq!(server.exchange(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await, "");
}

#[tokio::test]
async fn a_head_is_bounded_in_size_and_number() {
    let server = serve(hello(), short()).await;
    let large = format!("GET / HTTP/1.1\r\nhost: x\r\na: {}\r\n\r\n", "x".repeat(100_000));
    let answer = server.exchange(large.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(150));
    let answer = server.exchange(many.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn two_different_lengths_of_one_body_are_malformed() {
    let router = Router::new().route("/", post(|body: Bytes| async move { body }));
    let server = serve(router, short()).await;
    let request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd";
    let answer = server.exchange(request).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn whoever_does_not_take_the_answer_is_cut_off() {
    let large = Bytes::from(vec![b'x'; 64 << 20]);
    let (entered, mut seen) = mpsc::unbounded_channel();
    let router = Router::new().route(
        "/",
        get(move || {
            entered.send(()).unwrap();
            let body = Body::from(large.clone());
            async move { body }
        }),
    );
    let server = serve(router, short()).await;
    let mut stream = server.connect().await;
    stream.write_all(REQUEST).await.unwrap();
    seen.recv().await.unwrap();
    // Stopping waits for the connection, so it ends exactly when the server has given up on the reader.
    server.stop.cancel();
    server.ended.await.unwrap();
    assert!(read_to_end(&mut stream).await.len() < 64 << 20);
}

#[tokio::test]
async fn a_full_server_says_so_and_has_room_again_later() {
    let server = serve(hello(), ServeOptions { connections: 1, ..ServeOptions::default() }).await;
    let mut first = server.connect().await;
    first.write_all(REQUEST).await.unwrap();
    read_answer(&mut first).await;

    let refused = server.exchange(REQUEST).await;
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(refused.contains("lintel-shed: connections") && refused.contains("retry-after: "), "{refused}");
    let event = b"POST /api/v1/hooks/highlevel/x HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
    let refused = server.exchange(event).await;
    assert!(refused.starts_with("HTTP/1.1 429") && refused.contains("retry-after: "), "{refused}");

    drop(first);
    loop {
        // The place is free as soon as the server has seen the end of the first connection.
        if server.exchange(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.starts_with("HTTP/1.1 200")
        {
            break;
        }
    }
}

#[tokio::test]
async fn one_address_may_take_all_places_only_on_the_machine_itself() {
    let server = serve(hello(), ServeOptions { connections_per_address: 1, ..ServeOptions::default() }).await;
    let mut open = Vec::new();
    for _ in 0..5 {
        let mut stream = server.connect().await;
        stream.write_all(REQUEST).await.unwrap();
        assert!(read_answer(&mut stream).await.starts_with("HTTP/1.1 200"));
        open.push(stream);
    }
}

#[tokio::test]
async fn a_stop_lets_requests_in_hand_end_and_closes_idle_connections() {
    let (entered, mut seen) = mpsc::unbounded_channel();
    let go_on = CancellationToken::new();
    let wait = go_on.clone();
    let router = Router::new().route(
        "/",
        get(move || {
            entered.send(()).unwrap();
            let wait = wait.clone();
            async move {
                wait.cancelled().await;
                "hello"
            }
        }),
    );
    let server = serve(router, ServeOptions::default()).await;
    let mut idle = server.connect().await;
    let mut busy = server.connect().await;
    busy.write_all(REQUEST).await.unwrap();
    seen.recv().await.unwrap();

    server.stop.cancel();
    assert_eq!(read_to_end(&mut idle).await, "");
    go_on.cancel();
    let answer = read_to_end(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"), "{answer}");
    server.ended.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_stop_cuts_off_what_does_not_end_in_time() {
    let (entered, mut seen) = mpsc::unbounded_channel();
    let router = Router::new().route(
        "/",
        get(move || {
            entered.send(()).unwrap();
            std::future::pending::<&'static str>()
        }),
    );
    let server = serve(router, ServeOptions { drain: Duration::from_millis(200), ..ServeOptions::default() }).await;
    let mut stream = server.connect().await;
    stream.write_all(REQUEST).await.unwrap();
    seen.recv().await.unwrap();
    server.stop.cancel();
    server.ended.await.unwrap();
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test]
async fn http_2_is_spoken_too() {
    let server = serve(hello(), ServeOptions::default()).await;
    let mut stream = server.connect().await;
    // The preface, and a SETTINGS frame without settings (RFC 9113, 3.4 and 6.5).
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], 4, "the server's first frame is SETTINGS");
}

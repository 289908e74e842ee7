//! Slow clients, over a real socket.

use std::time::Duration;

use lintel_http::{Options, ServeOptions, run};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::world::World;

/// Sends the head of a call and part of its body, and reads what comes until the server closes.
async fn stall(world: &World, key: &str, path: &str, sent: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let serving = TaskTracker::new();
    serving.spawn(run(vec![listener], world.router.clone(), ServeOptions::default(), stop.clone()));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/v1{path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n\
         content-length: 1000\r\n\r\n{sent}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    stop.cancel();
    serving.close();
    serving.wait().await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_body_that_stops_coming_is_told_so_and_cut_off() {
    let world = World::with(Options { body_patience: Duration::from_millis(200), ..Options::default() }).await;
    let tenant = world.tenant("a").await;
    for path in ["/leads", "/leads/score", "/imports?kind=leads"] {
        let answer = stall(&world, &tenant.key, path, "{\"name\":").await;
        assert!(answer.starts_with("HTTP/1.1 408"), "{path}: {answer}");
        assert!(answer.contains("\"code\":\"slow_body\""), "{path}: {answer}");
    }
    world.close().await;
}

#[tokio::test]
async fn whoever_has_no_key_is_told_so_before_the_body_came() {
    let world = World::new().await;
    let answer = stall(&world, "wrong", "/leads", "{").await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    world.close().await;
}

//! Many sockets that hear of the same changes: how long it takes from a write to everybody who listens.

use std::{
    cell::{Cell, RefCell},
    fs,
    rc::Rc,
    time::Duration,
};

use bytes::Bytes;
use hdrhistogram::Histogram;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::LocalSet,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    Error,
    measure::{Latency, histogram, latency, microseconds},
    pool::Target,
};

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
    /// From the intended time of the write to its message, in microseconds, over all messages that came.
    pub latency_us: Latency,
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

struct Heard {
    /// The intended time of each write.
    written: RefCell<Vec<Instant>>,
    latency: RefCell<Histogram<u64>>,
    open: Cell<usize>,
}

async fn measure(target: &Target, plan: Plan) -> Result<Report, Error> {
    let before = plan.pid.and_then(resident);
    let heard = Rc::new(Heard { written: RefCell::default(), latency: RefCell::new(histogram()), open: Cell::new(0) });
    let begun = Instant::now();
    for _ in 0..plan.clients {
        let stream = subscribe(target).await?;
        tokio::task::spawn_local(listen(stream, heard.clone()));
    }
    let opened_in = begun.elapsed().as_secs_f64();
    sleep(Duration::from_secs(1)).await;
    let grown = plan.pid.and_then(resident).zip(before).map(|(after, before)| after - before);

    let mut writer = connect(target).await?;
    let mut written = histogram();
    let begin = Instant::now();
    for n in 0..plan.writes {
        let due = begin + Duration::from_secs_f64(n as f64 / plan.rate);
        sleep_until(due).await;
        heard.written.borrow_mut().push(due);
        write(&mut writer, target, n).await?;
        written.saturating_record(microseconds(due.elapsed()));
    }
    let due = (plan.clients * plan.writes) as u64;
    let last = Instant::now() + plan.patience;
    while heard.latency.borrow().len() < due && Instant::now() < last {
        sleep(Duration::from_millis(20)).await;
    }
    let latencies = heard.latency.borrow();
    Ok(Report {
        clients: heard.open.get(),
        writes: plan.writes,
        due,
        heard: latencies.len(),
        latency_us: latency(&latencies),
        written_us: latency(&written),
        opened_in,
        bytes_per_client: grown.map(|grown| grown / plan.clients.max(1) as i64),
    })
}

/// Opens a socket that listens to `leads`, and waits until it does.
async fn subscribe(target: &Target) -> Result<TcpStream, Error> {
    let path = "/api/v1/realtime";
    let broken = |what: String| Error::Answer { path: path.to_owned(), answer: what };
    let mut stream = TcpStream::connect(target.authority()).await.map_err(|error| broken(error.to_string()))?;
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        target.authority(),
        target.authorization().to_str().map_err(|_| Error::Key)?,
    );
    stream.write_all(head.as_bytes()).await.map_err(|error| broken(error.to_string()))?;
    let said = read_until(&mut stream, b"\r\n\r\n").await.map_err(|error| broken(error.to_string()))?;
    if !said.starts_with(b"HTTP/1.1 101") {
        return Err(broken(String::from_utf8_lossy(&said).into_owned()));
    }
    let wish = br#"{"subscribe":["leads"],"ack":true}"#;
    // A text frame of a client: its length, a mask of nothing, the text.
    let frame = [&[0x81, 0x80 | wish.len() as u8, 0, 0, 0, 0], &wish[..]].concat();
    stream.write_all(&frame).await.map_err(|error| broken(error.to_string()))?;
    read_until(&mut stream, b"\"subscribed\"").await.map_err(|error| broken(error.to_string()))?;
    read_until(&mut stream, b"}").await.map_err(|error| broken(error.to_string()))?;
    Ok(stream)
}

/// Reads byte by byte up to an ending, so that nothing behind it is taken.
async fn read_until(stream: &mut TcpStream, end: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut said = Vec::new();
    while !said.ends_with(end) {
        said.push(stream.read_u8().await?);
    }
    Ok(said)
}

/// Counts the messages of new leads: the nth is that of the nth write, since a socket hears in the order of the log.
async fn listen(mut stream: TcpStream, heard: Rc<Heard>) {
    heard.open.set(heard.open.get() + 1);
    let (mut buffer, mut have, mut nth) = ([0; 2048], 0, 0);
    loop {
        match stream.read(&mut buffer[have..]).await {
            Ok(0) | Err(_) => break,
            Ok(more) => have += more,
        }
        let now = Instant::now();
        let mut at = 0;
        while let Some((text, next)) = frame(&buffer[at..have]) {
            if text.windows(14).any(|word| word == b"\"lead.created\"") {
                let due = heard.written.borrow().get(nth).copied();
                nth += 1;
                if let Some(due) = due {
                    heard.latency.borrow_mut().saturating_record(microseconds(now.saturating_duration_since(due)));
                }
            }
            at += next;
        }
        buffer.copy_within(at..have, 0);
        have -= at;
    }
    heard.open.set(heard.open.get() - 1);
}

/// The first frame of a server in some bytes, and its length with its head; none while it is not whole.
fn frame(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let (head, length) = match *bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        length => (2, usize::from(length)),
    };
    Some((bytes.get(head..head + length)?, head + length))
}

async fn connect(target: &Target) -> Result<SendRequest<Full<Bytes>>, Error> {
    let broken = |what: String| Error::Answer { path: "/api/v1/leads".to_owned(), answer: what };
    let stream = TcpStream::connect(target.authority()).await.map_err(|error| broken(error.to_string()))?;
    stream.set_nodelay(true).map_err(|error| broken(error.to_string()))?;
    let (sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(error.to_string()))?;
    tokio::task::spawn_local(connection);
    Ok(sender)
}

async fn write(writer: &mut SendRequest<Full<Bytes>>, target: &Target, nth: usize) -> Result<(), Error> {
    let path = "/api/v1/leads";
    let broken = |what: String| Error::Answer { path: path.to_owned(), answer: what };
    let body = Full::new(Bytes::from(format!(r#"{{"name":"Lead {nth} of a load"}}"#)));
    let request = Request::post(path)
        .header(header::HOST, target.authority())
        .header(header::AUTHORIZATION, target.authorization())
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .map_err(|error| broken(error.to_string()))?;
    let answer = writer.send_request(request).await.map_err(|error| broken(error.to_string()))?;
    let status = answer.status();
    answer.into_body().collect().await.map_err(|error| broken(error.to_string()))?;
    if status == 201 { Ok(()) } else { Err(broken(status.to_string())) }
}

/// The memory of a process that is in use, in bytes.
fn resident(pid: u32) -> Option<i64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<i64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::frame;

    #[test]
    fn frames_are_found_one_after_another() {
        let long = [&[0x81, 126, 0, 200][..], &[b'x'; 200]].concat();
        let bytes = [&[0x81, 2, b'h', b'i'][..], &long, &[0x89, 0]].concat();
        assert_eq!(frame(&bytes), Some((&b"hi"[..], 4)));
        assert_eq!(frame(&bytes[4..]), Some((&[b'x'; 200][..], 204)));
        assert_eq!(frame(&bytes[208..]), Some((&[][..], 2)));
        for cut in [0, 1, 3] {
            assert_eq!(frame(&bytes[4..4 + cut]), None);
        }
        assert_eq!(frame(&bytes[4..207]), None);
    }
}

//! What this machine can do at best: one process writes a message to many sockets on loopback, one after another, and
//! does nothing else; another reads them. Prints how long after the first write each socket has its message. The figures
//! of `lintel-load realtime` are to be held beside these.
//!
//! `cargo run --release -p lintel-load --example bare_sockets -- 10000`

#![expect(clippy::print_stdout, reason = "it prints what it found")]
#![expect(
    clippy::disallowed_methods,
    reason = "it waits between rounds, and two processes share no clock but the system's"
)]

use std::{
    io::Write as _,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    process::Command,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use parking_lot::Mutex;
use tokio::{net::TcpStream, task::JoinSet};

/// As long as the frame of a new lead.
const MESSAGE: usize = 150;
const ROUNDS: u32 = 20;
/// A round has settled before the next one begins.
const PAUSE: Duration = Duration::from_millis(400);

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let sockets = words.first().and_then(|word| word.parse().ok()).unwrap_or(1_000);
    match words.get(1) {
        Some(address) => read(address.parse()?, sockets),
        None => write(sockets),
    }
}

/// Writes to every socket of a reader that it starts.
fn write(sockets: usize) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut reader = Command::new(std::env::current_exe()?)
        .args([sockets.to_string(), listener.local_addr()?.to_string()])
        .spawn()
        .context("the reader does not start")?;
    let mut lines = Vec::with_capacity(sockets);
    while lines.len() < sockets {
        let (line, _) = listener.accept()?;
        line.set_nodelay(true)?;
        lines.push(line);
    }
    for _ in 0..ROUNDS {
        std::thread::sleep(PAUSE);
        let mut message = [0; MESSAGE];
        message[..8].copy_from_slice(&now().to_le_bytes());
        for line in &mut lines {
            line.write_all(&message)?;
        }
    }
    drop(lines);
    reader.wait()?;
    Ok(())
}

/// Reads on one thread, as the sockets of `lintel-load` are read.
#[tokio::main(flavor = "current_thread")]
async fn read(address: SocketAddr, sockets: usize) -> Result<()> {
    let took = Arc::new(Mutex::new(Histogram::<u64>::new(3)?));
    let mut readers = JoinSet::new();
    for _ in 0..sockets {
        let line = TcpStream::connect(address).await?;
        let took = took.clone();
        readers.spawn(async move {
            let mut message = [0; MESSAGE];
            while line.readable().await.is_ok() {
                match line.try_read(&mut message) {
                    Ok(0) => return,
                    Ok(_) => {
                        let sent = message.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
                        // The histogram widens by itself; a value is never refused.
                        let _ = took.lock().record(now().saturating_sub(sent));
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                    Err(_) => return,
                }
            }
        });
    }
    while let Some(read) = readers.join_next().await {
        read?;
    }
    let took = took.lock();
    let at = |share: f64| took.value_at_quantile(share) as f64 / 1_000.0;
    let (half, last) = (at(0.5), at(0.99));
    println!("{sockets} sockets, {} messages: p50 {half:.1} ms, p99 {last:.1} ms", took.len());
    Ok(())
}

/// Microseconds since 1970: the one clock that two processes share.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64)
}

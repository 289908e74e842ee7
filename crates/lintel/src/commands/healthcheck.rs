//! `lintel healthcheck`: asks a running server whether it is ready.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::output::{Exit, say};

/// Done when `/readyz` answers 200 within five seconds; fails otherwise.
pub(crate) async fn run(address: SocketAddr) -> anyhow::Result<Exit> {
    check(address).await?;
    say("ready")?;
    Ok(Exit::Done)
}

/// Fails unless `/readyz` answers 200 within five seconds.
pub(crate) async fn check(address: SocketAddr) -> anyhow::Result<()> {
    let answer =
        timeout(Duration::from_secs(5), ask(address)).await.with_context(|| format!("{address} does not answer"))??;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        bail!("{address} is not ready: {}", answer.split("\r\n\r\n").nth(1).unwrap_or(&answer));
    }
    Ok(())
}

async fn ask(address: SocketAddr) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
    stream
        .write_all(format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())
        .await?;
    let mut answer = Vec::new();
    stream.take(64 * 1024).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

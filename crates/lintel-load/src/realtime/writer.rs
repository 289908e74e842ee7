//! Writes leads at a rate, on a thread of its own: what the sockets do does not hold up the clock.

use std::{thread, time::Duration};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    sync::oneshot,
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{Error, pool::Target};

/// One write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    /// When it was to be sent.
    pub(super) intended: Instant,
    /// When its answer was there: it is on disk.
    pub(super) acknowledged: Instant,
}

/// Writes a number of leads, so many a second.
pub(super) async fn write_leads(target: &Target, writes: usize, rate: f64) -> Result<Vec<Written>, Error> {
    let (done, outcome) = oneshot::channel();
    let target = target.clone();
    thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let written = match runtime {
                Ok(runtime) => runtime.block_on(write_all(&target, writes, rate)),
                Err(error) => Err(broken(&error)),
            };
            // Nobody waits any more when the measuring was broken off.
            let _ = done.send(written);
        })
        .map_err(|error| broken(&error))?;
    outcome.await.map_err(|error| broken(&error))?
}

async fn write_all(target: &Target, writes: usize, rate: f64) -> Result<Vec<Written>, Error> {
    let mut driver = JoinSet::new();
    let mut writer = connect(target, &mut driver).await?;
    let begin = Instant::now();
    let mut written = Vec::with_capacity(writes);
    for n in 0..writes {
        let intended = begin + Duration::from_secs_f64(n as f64 / rate);
        sleep_until(intended).await;
        write(&mut writer, target, n).await?;
        written.push(Written { intended, acknowledged: Instant::now() });
    }
    Ok(written)
}

fn broken(what: &dyn std::fmt::Display) -> Error {
    Error::Answer { path: "/api/v1/leads".to_owned(), answer: what.to_string() }
}

async fn connect(target: &Target, driver: &mut JoinSet<hyper::Result<()>>) -> Result<SendRequest<Full<Bytes>>, Error> {
    let stream = TcpStream::connect(target.authority()).await.map_err(|error| broken(&error))?;
    stream.set_nodelay(true).map_err(|error| broken(&error))?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
    driver.spawn(connection);
    Ok(sender)
}

async fn write(writer: &mut SendRequest<Full<Bytes>>, target: &Target, nth: usize) -> Result<(), Error> {
    let body = Full::new(Bytes::from(format!(r#"{{"name":"Lead {nth} of a load"}}"#)));
    let request = Request::post("/api/v1/leads")
        .header(header::HOST, target.authority())
        .header(header::AUTHORIZATION, target.authorization())
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .map_err(|error| broken(&error))?;
    let answer = writer.send_request(request).await.map_err(|error| broken(&error))?;
    let status = answer.status();
    answer.into_body().collect().await.map_err(|error| broken(&error))?;
    if status == 201 { Ok(()) } else { Err(broken(&status)) }
}

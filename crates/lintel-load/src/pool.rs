//! Connections that stay open, a bounded number of them in use at once.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Error;
use crate::hooks::SIGNATURE;
use crate::measure::Outcome;
use crate::operation::Prepared;

/// A server, by its address, and the key that opens it.
#[derive(Clone, Debug)]
pub struct Target {
    authority: String,
    host: HeaderValue,
    authorization: HeaderValue,
}

impl Target {
    /// A target from `http://HOST:PORT` and an API key.
    pub fn new(url: &str, key: &str) -> Result<Self, Error> {
        let authority = url.strip_prefix("http://").unwrap_or_default().trim_end_matches('/');
        let address = || Error::Address(url.to_owned());
        if authority.is_empty() || !authority.contains(':') || authority.contains('/') {
            return Err(address());
        }
        let host = HeaderValue::from_str(authority).map_err(|_| address())?;
        let mut authorization = HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| Error::Key)?;
        authorization.set_sensitive(true);
        Ok(Self { authority: authority.to_owned(), host, authorization })
    }
}

impl Target {
    /// Host and port.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The value of the header that carries the key.
    pub(crate) fn authorization(&self) -> &HeaderValue {
        &self.authorization
    }
}

/// Keep-alive connections to one target.
pub struct Pool {
    target: Target,
    /// Longest wait for one whole answer.
    patience: Duration,
    in_use: Semaphore,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
    /// The tasks that move bytes; they end with the pool.
    drivers: Mutex<JoinSet<()>>,
}

impl Pool {
    /// A pool that has at most `connections` requests under way and waits at most `patience` for an answer.
    pub fn new(target: Target, connections: usize, patience: Duration) -> Arc<Self> {
        Arc::new(Self {
            target,
            patience,
            in_use: Semaphore::new(connections),
            idle: Mutex::new(Vec::new()),
            drivers: Mutex::new(JoinSet::new()),
        })
    }

    /// Sends a request, reads the whole answer and says how that ended.
    pub async fn send(&self, prepared: &Prepared) -> Outcome {
        match self.whole(prepared).await {
            Ok(answer) => outcome_of(&answer),
            Err(outcome) => outcome,
        }
    }

    /// Sends a request and returns status and body of the answer.
    pub async fn exchange(&self, prepared: &Prepared) -> Result<(u16, Bytes), Outcome> {
        let answer = self.whole(prepared).await?;
        Ok((answer.status().as_u16(), answer.into_body()))
    }

    async fn whole(&self, prepared: &Prepared) -> Result<Response<Bytes>, Outcome> {
        let Ok(_permit) = self.in_use.acquire().await else {
            return Err(Outcome::Unsent);
        };
        match timeout(self.patience, self.on_a_connection(prepared)).await {
            Ok(answer) => answer,
            Err(_) => Err(Outcome::TimedOut),
        }
    }

    async fn on_a_connection(&self, prepared: &Prepared) -> Result<Response<Bytes>, Outcome> {
        let mut sender = match self.take_idle() {
            Some(sender) => sender,
            None => self.connect().await?,
        };
        let request = self.request(prepared).ok_or(Outcome::Unsent)?;
        let answer = sender.send_request(request).await.map_err(|_| Outcome::Broken)?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(|_| Outcome::Broken)?.to_bytes();
        // The connection is at rest again once the whole body was read.
        if sender.ready().await.is_ok() {
            self.idle.lock().push(sender);
        }
        Ok(Response::from_parts(head, body))
    }

    fn take_idle(&self) -> Option<SendRequest<Full<Bytes>>> {
        let mut idle = self.idle.lock();
        while let Some(sender) = idle.pop() {
            if !sender.is_closed() {
                return Some(sender);
            }
        }
        None
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Outcome> {
        let stream = TcpStream::connect(&self.target.authority).await.map_err(|_| Outcome::Unconnected)?;
        stream.set_nodelay(true).map_err(|_| Outcome::Unconnected)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| Outcome::Unconnected)?;
        let mut drivers = self.drivers.lock();
        while drivers.try_join_next().is_some() {}
        drivers.spawn(async move {
            // A broken connection shows in the request that was on it.
            let _ = connection.await;
        });
        Ok(sender)
    }

    fn request(&self, prepared: &Prepared) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(prepared.method.clone())
            .uri(prepared.path.as_str())
            .header(HOST, self.target.host.clone())
            .header(AUTHORIZATION, self.target.authorization.clone());
        if prepared.method != Method::GET {
            request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(signature) = &prepared.signature {
            request = request.header(SIGNATURE, signature.clone());
        }
        request.body(Full::new(prepared.body.clone())).ok()
    }
}

fn outcome_of(answer: &Response<Bytes>) -> Outcome {
    match answer.status().as_u16() {
        200..300 => Outcome::Answered(answer.body().len()),
        status @ (429 | 503) if answer.headers().contains_key(RETRY_AFTER) => Outcome::Shed(status),
        status => Outcome::Status(status),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Response;

    use super::{Target, outcome_of};
    use crate::measure::Outcome;

    #[test]
    fn only_a_refusal_that_says_when_to_come_back_is_shed() {
        let outcome = |status: u16, header: &str| {
            let answer = Response::builder().status(status).header(header, "1").body(Bytes::from_static(b"{}"));
            outcome_of(&answer.expect("an answer"))
        };
        assert_eq!(outcome(201, "x"), Outcome::Answered(2));
        assert_eq!(outcome(503, "retry-after"), Outcome::Shed(503));
        assert_eq!(outcome(429, "retry-after"), Outcome::Shed(429));
        assert_eq!(outcome(503, "x"), Outcome::Status(503));
        assert_eq!(outcome(500, "retry-after"), Outcome::Status(500));
    }

    #[test]
    fn only_plain_addresses_with_a_port_are_targets() {
        assert!(Target::new("http://127.0.0.1:8080", "k").is_ok());
        assert!(Target::new("http://127.0.0.1:8080/", "k").is_ok());
        for wrong in ["", "127.0.0.1:8080", "https://127.0.0.1:8080", "http://127.0.0.1", "http://h:1/path"] {
            assert!(Target::new(wrong, "k").is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_never_shows() {
        let target = Target::new("http://127.0.0.1:1", "lk_secret").expect("a target");
        assert!(!format!("{target:?}").contains("lk_secret"));
    }
}

//! From a request to a WebSocket (RFC 6455, section 4.2).

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use hyper::upgrade::OnUpgrade;
use tungstenite::handshake::derive_accept_key;

use crate::{
    error::{Error, Result},
    problem::Code,
    serve::{Bare, bare},
};

/// A request to go on as a WebSocket that can be granted.
pub(super) struct Upgrade {
    connection: OnUpgrade,
    accept: HeaderValue,
}

impl Upgrade {
    /// Reads what the client asks.
    pub(super) fn read(request: &mut Request) -> Result<Self> {
        let refuse = |what: &str| Error::new(Code::MalformedHeader, what.to_owned());
        let names = |name: HeaderName, word: &str| {
            let values = request.headers().get_all(name).into_iter().filter_map(|value| value.to_str().ok());
            values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(word))
        };
        if request.method() != Method::GET {
            return Err(refuse("a WebSocket is opened with GET"));
        }
        if !names(header::CONNECTION, "upgrade") || !names(header::UPGRADE, "websocket") {
            return Err(refuse(
                "a WebSocket is opened with the headers `Connection: upgrade` and `Upgrade: websocket`",
            ));
        }
        if !names(header::SEC_WEBSOCKET_VERSION, "13") {
            return Err(refuse("the header `Sec-WebSocket-Version` is 13"));
        }
        let key = request.headers().get(header::SEC_WEBSOCKET_KEY);
        let key = key.ok_or_else(|| refuse("the header `Sec-WebSocket-Key` is missing"))?;
        let accept =
            HeaderValue::try_from(derive_accept_key(key.as_bytes())).map_err(|_| refuse("the key is no key"))?;
        let connection = request.extensions_mut().remove::<OnUpgrade>();
        let connection = connection.ok_or_else(|| refuse("a WebSocket is opened over HTTP/1.1"))?;
        Ok(Self { connection, accept })
    }

    /// What the client is answered.
    pub(super) fn response(&self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept.clone());
        response
    }

    /// The stream, once the answer is out; none when the client is gone by then.
    pub(super) async fn stream(self) -> Option<Bare> {
        bare(self.connection.await.ok()?)
    }
}

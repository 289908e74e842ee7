//! The limit server: axum and nothing behind it. It reads the body, parses it as JSON without keeping anything, verifies a
//! signature when there is one, and answers JSON of the asked-for size.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};
use serde::de::IgnoredAny;

use crate::Error;
use crate::hooks::{SIGNATURE, verifying_key};

/// The largest answer, in bytes.
const MOST: usize = 1 << 20;

struct Limit {
    /// As much JSON text as any answer may have.
    filler: Bytes,
    key: VerifyingKey,
}

/// Serves until the process is ended; `bound` is told the address.
pub async fn serve(listen: SocketAddr, bound: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    let unserved = |error: std::io::Error| Error::Limit(error.to_string());
    let limit = Arc::new(Limit { filler: Bytes::from(vec![b'a'; MOST]), key: verifying_key() });
    let listener = tokio::net::TcpListener::bind(listen).await.map_err(unserved)?;
    bound(listener.local_addr().map_err(unserved)?);
    let router = Router::new().route("/{*path}", post(answer)).with_state(limit);
    axum::serve(axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true))), router)
        .await
        .map_err(unserved)
}

/// The query is the number of bytes to answer.
async fn answer(
    State(limit): State<Arc<Limit>>,
    RawQuery(size): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if serde_json::from_slice::<IgnoredAny>(&body).is_err() {
        return StatusCode::BAD_REQUEST.into_response();
    }
    if let Some(signature) = headers.get(SIGNATURE)
        && !is_signed(&limit.key, signature.as_bytes(), &body)
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let size = size.and_then(|size| size.parse::<usize>().ok()).unwrap_or(2).clamp(2, MOST);
    let mut text = Vec::with_capacity(size);
    text.push(b'"');
    text.extend_from_slice(&limit.filler[..size - 2]);
    text.push(b'"');
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn is_signed(key: &VerifyingKey, signature: &[u8], body: &[u8]) -> bool {
    let mut bytes = [0; 66];
    let Ok(64) = STANDARD.decode_slice(signature, &mut bytes) else { return false };
    Signature::from_slice(&bytes[..64]).is_ok_and(|signature| key.verify(body, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use http::{HeaderValue, Method};
    use lintel_domain::rng::Rng;
    use tokio::sync::oneshot;

    use super::serve;
    use crate::hooks::tests::hooks;
    use crate::operation::{Operation, Prepared};
    use crate::pool::{Pool, Target};

    #[tokio::test]
    async fn it_answers_the_asked_size_and_refuses_what_is_no_json_or_not_signed() {
        let (tell, told) = oneshot::channel();
        let serving = serve((Ipv4Addr::LOCALHOST, 0).into(), |bound| tell.send(bound).expect("heard"));
        let asking = async {
            let target = Target::new(&format!("http://{}", told.await.expect("bound")), "limit").expect("a target");
            let pool = Pool::new(target, 1, Duration::from_secs(10));
            let ask = async |prepared: &Prepared| pool.exchange(prepared).await.expect("an answer");
            let mut plain = Prepared {
                operation: Operation::Search,
                method: Method::POST,
                path: "/api/v1/listings/search?1000".into(),
                body: r#"{"a":[1,2]}"#.into(),
                signature: None,
            };
            let (status, body) = ask(&plain).await;
            assert_eq!((status, body.len()), (200, 1000));
            assert!(serde_json::from_slice::<String>(&body).is_ok());
            plain.body = "{".into();
            assert_eq!(ask(&plain).await.0, 400);
            let mut event = hooks().prepare(&mut Rng::new(1)).expect("an event");
            assert_eq!(ask(&event).await.0, 200);
            event.signature = Some(HeaderValue::from_static("nonsense"));
            assert_eq!(ask(&event).await.0, 401);
        };
        tokio::select! {
            ended = serving => panic!("the server ended: {ended:?}"),
            () = asking => {}
        }
    }
}

//! Deny by default: who is calling, and whether a call by cookie comes from our own pages.

use http::{HeaderMap, HeaderName, Method, Uri, header, request::Parts};
use lintel_app::Principal;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    error::{Error, Result},
    problem::Code,
    state::{Client, Edge},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a route asks of its callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Nothing, not even room: health probes.
    Probe,
    /// Nothing: the open list.
    Open,
    /// A signature over the body, which its handler verifies.
    Signed,
    /// A key or a session.
    Guarded,
}

/// The whole open list. Every other route needs a key or a session.
pub(crate) fn access(route: &str, method: &Method) -> Access {
    match route {
        "/livez" | "/readyz" => Access::Probe,
        "/api/v1/session" if *method == Method::POST => Access::Open,
        // Called by browsers of leads, who have no key: always the same answer, and no cookie.
        "/api/v1/track" if *method == Method::POST => Access::Open,
        "/api/v1/track/{file}" if *method == Method::GET => Access::Open,
        "/api/v1/hooks/highlevel/{id}" if *method == Method::POST => Access::Signed,
        "/" | "/{*path}" => Access::Open,
        _ if route.starts_with("/api-docs") => Access::Open,
        _ => Access::Guarded,
    }
}

/// What a caller presents: a key or a session.
pub(crate) enum Credential {
    /// `Authorization: Bearer`.
    Key(SecretString),
    /// The cookie.
    Session(SecretString),
}

impl Credential {
    /// What stands in the headers; a key counts more than a cookie.
    pub(crate) fn read(headers: &HeaderMap, client: Client) -> Result<Self> {
        let found = match headers.get(header::AUTHORIZATION) {
            Some(value) => value.to_str().ok().and_then(bearer).map(|key| Self::Key(key.into())),
            None => session_token(headers, client).map(|token| Self::Session(token.into())),
        };
        found.ok_or_else(|| Error::plain(Code::Unauthorized))
    }

    /// Whose it is.
    pub(crate) async fn check(&self, edge: &Edge) -> Result<Principal> {
        let found = match self {
            Self::Key(key) => edge.app().authenticate_key(key.expose_secret()).await?,
            Self::Session(token) => edge.app().authenticate_session(token.expose_secret()).await?,
        };
        found.ok_or_else(|| Error::plain(Code::Unauthorized))
    }
}

/// The caller, by key or else by cookie.
pub(super) async fn authenticate(edge: &Edge, parts: &Parts) -> Result<Principal> {
    let headers = &parts.headers;
    let client = edge.client(&parts.extensions, headers);
    let credential = Credential::read(headers, client)?;
    let who = credential.check(edge).await?;
    let acts = super::is_mutating(&parts.method) || headers.contains_key(header::UPGRADE);
    if matches!(credential, Credential::Session(_))
        && acts
        && !is_same_origin(headers, &parts.uri, client).unwrap_or(false)
    {
        return Err(Error::plain(Code::CrossSite));
    }
    Ok(who)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
}

/// The session cookie's name: bound to the host and to TLS, except on the machine itself.
pub(crate) fn cookie_name(client: Client) -> &'static str {
    if !client.secure && client.address.is_loopback() { "lintel" } else { "__Host-lintel" }
}

/// The value of the session cookie.
pub(crate) fn session_token(headers: &HeaderMap, client: Client) -> Option<&str> {
    let name = cookie_name(client);
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, token)| token)
}

/// Whether the browser says that one of our own pages makes the call; `None` when it says nothing.
pub(crate) fn is_same_origin(headers: &HeaderMap, uri: &Uri, client: Client) -> Option<bool> {
    let site = headers.get(SEC_FETCH_SITE).map(|site| site == "same-origin");
    let origin = headers.get(header::ORIGIN).map(|origin| {
        let scheme = if client.secure { "https://" } else { "http://" };
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .or_else(|| uri.authority().map(http::uri::Authority::as_str));
        let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix(scheme));
        matches!((origin, host), (Some(origin), Some(host)) if origin.eq_ignore_ascii_case(host))
    });
    match (site, origin) {
        (None, None) => None,
        (site, origin) => Some(site.unwrap_or(true) && origin.unwrap_or(true)),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    const HERE: Client = Client { address: IpAddr::V4(Ipv4Addr::LOCALHOST), secure: false };
    const TLS: Client = Client { secure: true, ..HERE };

    fn same_origin(client: Client, headers: &[(&str, &str)]) -> Option<bool> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        is_same_origin(&map, &Uri::from_static("/x"), client)
    }

    #[test]
    fn only_our_own_pages_are_of_the_same_origin() {
        let host = ("host", "lintel.example");
        type Case<'a> = (Client, &'a [(&'a str, &'a str)], Option<bool>);
        let cases: [Case<'_>; 11] = [
            (TLS, &[host], None),
            (TLS, &[host, ("sec-fetch-site", "same-origin")], Some(true)),
            (TLS, &[host, ("sec-fetch-site", "same-site")], Some(false)),
            (TLS, &[host, ("sec-fetch-site", "cross-site")], Some(false)),
            (TLS, &[host, ("sec-fetch-site", "none")], Some(false)),
            (TLS, &[host, ("origin", "https://lintel.example")], Some(true)),
            (TLS, &[host, ("origin", "http://lintel.example")], Some(false)),
            (HERE, &[host, ("origin", "http://lintel.example")], Some(true)),
            (TLS, &[host, ("origin", "null")], Some(false)),
            (TLS, &[host, ("origin", "https://lintel.example.evil.example")], Some(false)),
            (TLS, &[host, ("origin", "https://lintel.example"), ("sec-fetch-site", "cross-site")], Some(false)),
        ];
        for (client, headers, expected) in cases {
            assert_eq!(same_origin(client, headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn the_cookie_of_the_other_transport_does_not_count() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; lintel=one; __Host-lintel=two".parse().unwrap());
        assert_eq!(session_token(&headers, HERE), Some("one"));
        assert_eq!(session_token(&headers, TLS), Some("two"));
    }

    #[test]
    fn a_bearer_needs_a_key() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("Bearer "), None);
        assert_eq!(bearer("abc"), None);
    }
}

//! Query strings: 400 for what does not decode, 422 with a pointer for a parameter that is refused.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{humanise, json::classify, pointer};
use crate::{
    error::{Error, Result},
    problem::Code,
    state::Edge,
};

/// The parameters of the query string.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<Edge> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Edge) -> Result<Self> {
        if let Some(raw) = parts.uri.query()
            && raw.contains('%')
        {
            check_escapes(raw)?;
        }
        match axum::extract::Query::try_from_uri(&parts.uri) {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => {
                let text = rejection.body_text();
                Err(refused(text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text)))
            }
        }
    }
}

/// Checks that every escape stands for a byte, and that the bytes of each part are UTF-8 without NUL.
fn check_escapes(raw: &str) -> Result<()> {
    for pair in raw.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        for part in [name, value] {
            if decode(part)?.contains('\0') {
                return Err(Error::field(pointer("", name), "nul", "must not contain the character NUL"));
            }
        }
    }
    Ok(())
}

fn decode(part: &str) -> Result<String> {
    let malformed = || Error::plain(Code::MalformedQuery);
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|b| char::from(b).to_digit(16)).ok_or_else(malformed);
            bytes.push((digit()? * 16 + digit()?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

/// The reader's words are `name: what is wrong`, or begin with what is wrong when a parameter is missing.
fn refused(message: &str) -> Error {
    let (code, named) = classify(message);
    if let Some(name) = named {
        return Error::field(pointer("", name), code, humanise(message));
    }
    match message.split_once(": ") {
        Some((name, message)) => {
            let (code, _) = classify(message);
            Error::field(pointer("", name), code, humanise(message))
        }
        None => Error::new(Code::InvalidField, humanise(message)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_must_stand_for_utf8() {
        for good in ["a=%41&b=%C3%A9", "a=+&b", "limit=5"] {
            assert!(check_escapes(good).is_ok(), "{good}");
        }
        for bad in ["a=%", "a=%4", "a=%zz", "a=%ff", "%c3=1"] {
            assert_eq!(check_escapes(bad).unwrap_err().code(), Code::MalformedQuery, "{bad}");
        }
        assert_eq!(check_escapes("q=a%00").unwrap_err().first_field().unwrap().pointer, "/q");
    }

    #[test]
    fn a_refused_parameter_is_named() {
        for (message, place) in [
            ("limit: invalid digit found in string", "/limit"),
            ("missing field `kind`", "/kind"),
            ("foo: unknown field `foo`, expected `limit`", "/foo"),
            ("unknown field `foo`, expected `limit`", "/foo"),
        ] {
            assert_eq!(refused(message).first_field().unwrap().pointer, place, "{message}");
        }
    }
}

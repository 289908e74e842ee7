//! JSON bodies: 400 for what is no JSON, 422 with a pointer for what is JSON but not what is asked for.

use std::{cell::RefCell, fmt};

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, header};
use lintel_app::{FieldError, Principal, Question, Wording};
use serde::{
    Serialize,
    de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor},
};
use serde_path_to_error::Segment;

use super::{body, collect, humanise, json_scan, json_strict::Strict, pointer};
use crate::{
    error::{Error, Result},
    problem::Code,
    state::Edge,
};

/// Room for an answer before it has to grow.
const ANSWER_BYTES: usize = 16 * 1024;

/// What a thread keeps of the room that its answers were written in.
const MOST_DRAFT_BYTES: usize = 256 * 1024;

thread_local! {
    /// Where answers that may be kept are written before it is known how many bytes they have.
    static DRAFT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A JSON body on the way in, a JSON answer on the way out.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Edge> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self> {
        read_json(&json_bytes(request, edge).await?).map(Self)
    }
}

/// A JSON body with its words, by which the answer to it is kept.
pub(crate) struct Asked<T> {
    pub(crate) body: T,
    pub(crate) words: Wording,
}

impl<T: DeserializeOwned> Asked<T> {
    /// The same body, asked by nobody: the answer is made for those who will.
    pub(crate) fn ahead(bytes: &[u8]) -> Result<Self> {
        Ok(Self { body: read_json(bytes)?, words: Wording::ahead(bytes) })
    }
}

impl<T: DeserializeOwned> FromRequest<Edge> for Asked<T> {
    type Rejection = Error;

    async fn from_request(request: Request, edge: &Edge) -> Result<Self> {
        let bytes = json_bytes(request, edge).await?;
        Ok(Self { body: read_json(&bytes)?, words: Wording::of(&bytes) })
    }
}

/// An answer that is written already.
pub(crate) struct Written(Bytes);

impl Written {
    /// This answer.
    pub(crate) fn now(answer: &impl Serialize) -> Result<Self> {
        DRAFT.with_borrow_mut(|draft| {
            draft.clear();
            draft.shrink_to(MOST_DRAFT_BYTES);
            serde_json::to_writer(&mut *draft, answer).map_err(Error::internal)?;
            // As much memory as it has bytes: it may be kept.
            Ok(Self(Bytes::copy_from_slice(draft)))
        })
    }

    /// The answer that was given to the same question, or else the one that `make` makes.
    pub(crate) async fn or_make<T: Serialize>(
        edge: &Edge,
        who: &Principal,
        question: Question<'_>,
        make: impl AsyncFnOnce() -> Result<T>,
    ) -> Result<Self> {
        let make = async || Self::now(&make().await?).map(|written| written.0);
        edge.app().kept_answer(who, question, make).await.map(Self)
    }
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        json_response(self.0.into())
    }
}

async fn json_bytes(request: Request, edge: &Edge) -> Result<Bytes> {
    let (parts, body) = request.into_parts();
    if !body::is_json(&parts.headers) {
        return Err(Error::plain(Code::UnsupportedMediaType));
    }
    collect(body, edge.options()).await
}

fn json_response(body: Body) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut bytes = Vec::with_capacity(ANSWER_BYTES);
        match serde_json::to_writer(&mut bytes, &self.0) {
            Ok(()) => json_response(bytes.into()),
            Err(error) => Error::internal(error).into_response(),
        }
    }
}

/// Reads a JSON body. NUL in a text is refused with its pointer, since one of the two databases cannot keep it.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let may_hold_nul = json_scan::scan(bytes)?;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = T::deserialize(Strict(&mut reader)).and_then(|value| reader.end().map(|()| value));
    match read {
        Ok(value) if !may_hold_nul => Ok(value),
        Ok(value) => {
            look_through(bytes)?;
            Ok(value)
        }
        // A field may be refused before a mistake further on is seen: what is no JSON at all is said first.
        Err(error) if error.is_data() => {
            look_through(bytes)?;
            Err(refused::<T>(bytes, &error))
        }
        Err(error) => Err(Error::new(Code::MalformedJson, error.to_string())),
    }
}

/// Reads the body once more, this time with the way to each field at hand.
fn refused<T: DeserializeOwned>(bytes: &[u8], first: &serde_json::Error) -> Error {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(Strict(&mut reader)) else {
        return Error::new(Code::MalformedJson, first.to_string());
    };
    let mut place = String::new();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => place = format!("{place}/{index}"),
            Segment::Map { key } => place = pointer(&place, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let message = error.inner().to_string();
    let (code, name) = classify(&message);
    if let Some(name) = name
        && !place.ends_with(&pointer("", name))
    {
        place = pointer(&place, name);
    }
    Error::field(place, code, humanise(&message))
}

/// The word for a refusal, and the field's name where the way to it ends at its parent.
pub(super) fn classify(message: &str) -> (&'static str, Option<&str>) {
    let name = || message.split('`').nth(1);
    if message.starts_with("unknown field") {
        ("unknown_field", name())
    } else if message.starts_with("missing field") {
        ("missing", name())
    } else if message.starts_with("duplicate field") {
        ("duplicate", name())
    } else if message.starts_with("invalid type") {
        ("wrong_type", None)
    } else {
        ("invalid", None)
    }
}

/// Walks the whole body without keeping anything: an error if it is no JSON, or if a text holds NUL.
fn look_through(bytes: &[u8]) -> Result<()> {
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Look { place: String::new(), nul: &mut found }
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|error| Error::new(Code::MalformedJson, error.to_string()))?;
    match found {
        Some(place) => Err(Error::fields(vec![FieldError::new(place, "nul", "must not contain the character NUL")])),
        None => Ok(()),
    }
}

struct Look<'a> {
    place: String,
    nul: &'a mut Option<String>,
}

impl Look<'_> {
    fn note(&mut self, text: &str) {
        if self.nul.is_none() && text.contains('\0') {
            *self.nul = Some(self.place.clone());
        }
    }
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        self.note(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0usize;
        while items.next_element_seed(Look { place: format!("{}/{index}", self.place), nul: &mut *self.nul })?.is_some()
        {
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            self.note(&key);
            let place = pointer(&self.place, &key);
            entries.next_value_seed(Look { place, nul: &mut *self.nul })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the reading is looked at")]
    struct Sample {
        count: f64,
        #[serde(default)]
        names: Vec<String>,
        #[serde(default)]
        inner: Option<Inner>,
        #[serde(default)]
        free: BTreeMap<String, String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only the reading is looked at")]
    struct Inner {
        a: bool,
    }

    /// Status and pointer of the refusal.
    fn check(body: &[u8]) -> (u16, String) {
        let error = read_json::<Sample>(body).unwrap_err();
        let place = error.first_field().map_or(String::new(), |field| field.pointer.clone());
        (error.code().entry().status, place)
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        for body in [
            &b""[..],
            b"{",
            br#"{"count":NaN}"#,
            br#"{"count":Infinity}"#,
            br#"{"count":-Infinity}"#,
            br#"{"count":1e400}"#,
            br#"{"count":1,"names":["\ud800"]}"#,
            b"{\"count\":1,\"names\":[\"\xff\"]}",
            br#"{"count":1} x"#,
            br#"{"count":"x","names":[NaN]}"#,
            br#"{"count":01}"#,
            b"{\"count\":1,\"names\":[\"a\0b\"]}",
        ] {
            assert_eq!(check(body), (400, String::new()), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn what_is_json_but_not_what_is_asked_for_names_the_field() {
        for (body, place) in [
            (r#"{"count":"x"}"#, "/count"),
            (r#"{"count":null}"#, "/count"),
            (r"{}", "/count"),
            (r#"{"count":1,"extra":2}"#, "/extra"),
            (r#"{"count":1,"names":["a",2]}"#, "/names/1"),
            (r#"{"count":1,"inner":{}}"#, "/inner/a"),
            (r#"{"count":1,"inner":{"a":true,"b/c":1}}"#, "/inner/b~1c"),
            (r#"{"count":1,"names":["a","b\u0000"]}"#, "/names/1"),
            (r#"{"count":1,"free":{"x":"\u0000"}}"#, "/free/x"),
            (r#"{"count":1,"count":2}"#, "/count"),
            (r"[1]", ""),
        ] {
            let (status, found) = check(body.as_bytes());
            assert_eq!(status, 422, "{body}");
            if !place.is_empty() {
                assert_eq!(found, place, "{body}");
            }
        }
    }

    #[test]
    fn refusals_speak_no_rust() {
        let error = read_json::<Sample>(br#"{"count":"x"}"#).unwrap_err();
        assert_eq!(error.first_field().unwrap().detail, "invalid type: string \"x\", expected a number");
        let error = read_json::<Sample>(br#"{"count":1,"inner":[]}"#).unwrap_err();
        assert!(!error.to_string().contains("Inner"), "{error}");
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Err(error) = read_json::<serde_json::Value>(&bytes) {
                prop_assert!(error.code().entry().status < 500);
            }
        }
    }
}

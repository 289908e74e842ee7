//! The envelope of an event: which it is, of which location, about whom, and when it was said.

use lintel_domain::clock::{SECOND, Time};
use serde::Deserialize;
use serde_json::Value;

use super::value;
use crate::{Error, Result, json};

/// A retry is the same body up to seventy minutes later; what is older than this is no retry.
const OLDEST: i64 = 2 * 3600 * SECOND;
/// How far clocks may be apart.
const AHEAD: i64 = 5 * 60 * SECOND;
/// The longest id, in bytes.
const MAX_ID: usize = 200;

/// What stands around an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The sender's id of the event: the same for every repetition.
    pub event_id: String,
    /// What kind of event it is, such as `ContactCreate`.
    pub kind: String,
    /// The location that it is of.
    pub location: String,
    /// The contact that it is about, as far as the event says.
    pub contact: Option<String>,
    /// When it was said.
    pub said_at: Option<Time>,
}

/// How an event's time stands to the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It was said lately, or does not say when.
    Fresh,
    /// It was said longer ago than any retry, or lies ahead.
    Stale,
}

impl Envelope {
    /// How old it is: nothing is taken that was said more than two hours ago or lies more than five minutes ahead.
    pub fn freshness(&self, now: Time) -> Freshness {
        match self.said_at {
            Some(said) if now.since(said) > OLDEST || said.since(now) > AHEAD => Freshness::Stale,
            _ => Freshness::Fresh,
        }
    }
}

/// The fields that are looked at before an event is stored. The newer form nests those of the object under `data`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(rename = "type")]
    kind: Option<String>,
    webhook_id: Option<String>,
    location_id: Option<String>,
    timestamp: Option<Value>,
    id: Option<Value>,
    contact_id: Option<Value>,
    data: Option<Object>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    location_id: Option<String>,
    id: Option<Value>,
    contact_id: Option<Value>,
}

/// Reads the envelope of an event, and refuses one that can be read in two ways.
pub fn envelope(body: &[u8]) -> Result<Envelope> {
    json::check(body)?;
    let fields: Fields = serde_json::from_slice(body).map_err(|error| Error::Malformed(error.to_string()))?;
    let inner = fields.data.unwrap_or_default();
    let kind = word(fields.kind, "/type")?;
    let of_contact = kind.starts_with("Contact");
    let id = |value: Option<Value>| value.and_then(|id| id.as_str().map(str::to_owned)).filter(|id| fits(id));
    let contact = if of_contact { id(fields.id.or(inner.id)) } else { id(fields.contact_id.or(inner.contact_id)) };
    let said_at = match fields.timestamp {
        None | Some(Value::Null) => None,
        Some(said) => Some(value::time(&said).ok_or(Error::field("/timestamp", "must be a time"))?),
    };
    if of_contact && contact.is_none() {
        return Err(Error::field("/id", "must be the id of the contact"));
    }
    Ok(Envelope {
        event_id: word(fields.webhook_id, "/webhookId")?,
        location: word(fields.location_id.or(inner.location_id), "/locationId")?,
        kind,
        contact,
        said_at,
    })
}

fn word(text: Option<String>, pointer: &'static str) -> Result<String> {
    text.filter(|text| fits(text)).ok_or(Error::field(pointer, "must be a text of 1 to 200 bytes"))
}

fn fits(id: &str) -> bool {
    (1..=MAX_ID).contains(&id.len()) && !id.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Envelope> {
        envelope(text.as_bytes())
    }

    #[test]
    fn both_forms_of_an_event_have_the_same_envelope() {
        let flat = r#"{"type":"ContactUpdate","webhookId":"w","locationId":"L","id":"C","timestamp":"2026-11-20T12:00:00.000Z"}"#;
        let nested = r#"{"type":"ContactUpdate","webhookId":"w","timestamp":"2026-11-20T12:00:00.000Z","data":{"locationId":"L","id":"C"}}"#;
        let read = of(flat).unwrap();
        assert_eq!(of(nested).unwrap(), read);
        assert_eq!((read.event_id.as_str(), read.contact.as_deref()), ("w", Some("C")));
        let message = r#"{"type":"InboundMessage","webhookId":"w","locationId":"L","contactId":"C","messageId":"M"}"#;
        assert_eq!(of(message).unwrap().contact.as_deref(), Some("C"));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (text, pointer) in [
            ("{}", "/type"),
            (r#"{"type":"X"}"#, "/webhookId"),
            (r#"{"type":"X","webhookId":"w"}"#, "/locationId"),
            (r#"{"type":"X","webhookId":"","locationId":"L"}"#, "/webhookId"),
            (r#"{"type":"ContactCreate","webhookId":"w","locationId":"L"}"#, "/id"),
            (r#"{"type":"X","webhookId":"w","locationId":"L","timestamp":"soon"}"#, "/timestamp"),
        ] {
            let Err(Error::Field { pointer: found, .. }) = of(text) else { panic!("{text} was taken") };
            assert_eq!(found, pointer);
        }
        for bad in ["", "[]", "null", r#"{"type":1}"#, r#"{"type":"X","type":"Y"}"#] {
            assert!(matches!(of(bad), Err(Error::Malformed(_))), "{bad}");
        }
    }

    #[test]
    fn an_old_event_is_no_retry() {
        let now: Time = "2026-11-20T12:00:00Z".parse().unwrap();
        let said = |said_at: Option<i64>| Envelope {
            event_id: "w".to_owned(),
            kind: "X".to_owned(),
            location: "L".to_owned(),
            contact: None,
            said_at: said_at.map(|seconds| now.plus(seconds * SECOND)),
        };
        for (seconds, expected) in [
            (None, Freshness::Fresh),
            (Some(0), Freshness::Fresh),
            (Some(-7_199), Freshness::Fresh),
            (Some(-7_201), Freshness::Stale),
            (Some(299), Freshness::Fresh),
            (Some(301), Freshness::Stale),
        ] {
            assert_eq!(said(seconds).freshness(now), expected, "{seconds:?}");
        }
    }
}

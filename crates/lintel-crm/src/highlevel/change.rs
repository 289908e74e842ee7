//! What an event changes here.

use lintel_domain::clock::Time;
use serde_json::{Map, Value};

use super::{
    Contact,
    value::{text, time},
};
use crate::{Error, Result};

/// The longest text of a message or a note, in bytes; what is longer is cut.
const LONGEST: usize = 100_000;

/// What an event changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A contact was made, or something of it changed.
    Contact(Box<Contact>),
    /// A contact was taken away.
    ContactGone {
        /// Its id.
        contact: String,
    },
    /// A message to or from a contact.
    Message(Message),
    /// A note about a contact.
    Note(Note),
}

impl Change {
    /// The id of the contact it is about.
    pub fn contact(&self) -> &str {
        match self {
            Self::Contact(contact) => &contact.id,
            Self::ContactGone { contact } => contact,
            Self::Message(message) => &message.contact,
            Self::Note(note) => &note.contact,
        }
    }
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// With whom.
    pub contact: String,
    /// Whether the contact wrote it.
    pub is_inbound: bool,
    /// How it went, such as `SMS`.
    pub channel: Option<String>,
    /// The subject of an e-mail.
    pub subject: Option<String>,
    /// What it says.
    pub body: Option<String>,
    /// When it was sent.
    pub at: Option<Time>,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: String,
    /// About whom.
    pub contact: String,
    /// What it says.
    pub body: String,
    /// When it was written.
    pub at: Option<Time>,
}

impl Change {
    /// Whether events of this kind change anything here. Others are kept as they came.
    pub fn is_known(kind: &str) -> bool {
        matches!(
            kind,
            "ContactCreate"
                | "ContactUpdate"
                | "ContactDelete"
                | "ContactTagUpdate"
                | "ContactDndUpdate"
                | "InboundMessage"
                | "OutboundMessage"
                | "NoteCreate"
        )
    }

    /// Reads an event whose kind [`Change::is_known`].
    pub fn read(kind: &str, body: &[u8]) -> Result<Self> {
        let whole: Map<String, Value> =
            serde_json::from_slice(body).map_err(|error| Error::Malformed(error.to_string()))?;
        let object = whole.get("data").and_then(Value::as_object).unwrap_or(&whole);
        Ok(match kind {
            "ContactDelete" => Self::ContactGone { contact: needed(object, "id", "/id")? },
            "InboundMessage" | "OutboundMessage" => Self::Message(Message {
                id: needed(object, "messageId", "/messageId")?,
                contact: needed(object, "contactId", "/contactId")?,
                is_inbound: kind == "InboundMessage",
                channel: text(object, "messageType").map(|word| cut(word, 100)),
                subject: text(object, "subject").map(|subject| cut(subject, 1_000)),
                body: text(object, "body").map(|body| cut(body, LONGEST)),
                at: object.get("dateAdded").and_then(time),
            }),
            "NoteCreate" => Self::Note(Note {
                id: needed(object, "id", "/id")?,
                contact: needed(object, "contactId", "/contactId")?,
                body: cut(needed(object, "body", "/body")?, LONGEST),
                at: object.get("dateAdded").and_then(time),
            }),
            _ => Self::Contact(Box::new(Contact::read(object)?)),
        })
    }
}

fn needed(object: &Map<String, Value>, name: &str, pointer: &'static str) -> Result<String> {
    text(object, name).ok_or(Error::field(pointer, "must be a text"))
}

/// The first `most` bytes of a text, or a few less, so that no letter is cut in two.
fn cut(mut text: String, most: usize) -> String {
    text.truncate(text.floor_char_boundary(most));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_read_from_its_object_also_when_it_is_nested() {
        let message = br#"{"type":"InboundMessage","data":{"messageId":"M","contactId":"C","messageType":"SMS","body":"Hi","dateAdded":"2026-07-17T07:11:54.324Z"}}"#;
        let Change::Message(read) = Change::read("InboundMessage", message).unwrap() else { panic!() };
        assert_eq!((read.id.as_str(), read.is_inbound, read.body.as_deref()), ("M", true, Some("Hi")));
        let note = br#"{"id":"N","contactId":"C","body":"caf\u00e9"}"#;
        let Change::Note(read) = Change::read("NoteCreate", note).unwrap() else { panic!() };
        assert_eq!(read.body, "café");
        let gone = Change::read("ContactDelete", br#"{"id":"C"}"#).unwrap();
        assert_eq!(gone, Change::ContactGone { contact: "C".to_owned() });
        assert!(Change::read("NoteCreate", br#"{"id":"N","contactId":"C"}"#).is_err());
        assert!(!Change::is_known("OpportunityCreate"));
    }

    #[test]
    fn no_letter_is_cut_in_two() {
        assert_eq!(cut("ééé".to_owned(), 3), "é");
        assert_eq!(cut("abc".to_owned(), 3), "abc");
    }
}

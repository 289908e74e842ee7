//! What handlers take from a request: bodies, queries, ids, and who is calling.

mod body;
mod id;
mod json;
mod json_scan;
mod json_strict;
mod principal;
mod query;

pub(crate) use body::{BodyReader, collect};
pub(crate) use id::Id;
pub use json::read_json;
pub(crate) use json::{Asked, Json, Written};
pub(crate) use principal::{Administer, Allow, Import, ReadLeads, ReadListings, Session, WriteLeads, WriteListings};
pub(crate) use query::Query;

use std::borrow::Cow;

/// A JSON pointer (RFC 6901) to `name` inside `parent`.
pub(crate) fn pointer(parent: &str, name: &str) -> String {
    let name: Cow<'_, str> =
        if name.contains(['~', '/']) { name.replace('~', "~0").replace('/', "~1").into() } else { name.into() };
    format!("{parent}/{name}")
}

/// What serde says about a field, in words for people who do not know our types, and no longer than a line.
pub(crate) fn humanise(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    let mut text = String::with_capacity(message.len().min(240));
    let mut words = message.split(' ').peekable();
    while let Some(word) = words.next() {
        if !text.is_empty() {
            text.push(' ');
        }
        match word.trim_end_matches(',') {
            "f64" | "f32" => text.push_str("a number"),
            "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => text.push_str("a whole number"),
            "struct" | "map" => {
                if word == "struct" {
                    words.next();
                }
                text.push_str("an object");
            }
            "sequence" => text.push_str("array"),
            _ => text.push_str(word),
        }
        if text.len() > 200 {
            let mut end = 200;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text.push('…');
            break;
        }
    }
    text.replace("a an object", "an object").replace("a array", "an array")
}

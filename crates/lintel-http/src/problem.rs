//! The codes that a refused or failed request may carry: one table that drives answers and the pages of `docs/errors/`.

use http::StatusCode;
use serde::Serialize;

/// Where the pages of the codes are served; the `type` of a problem document is this with the code behind it.
pub const TYPE_PREFIX: &str = "/api-docs/errors/";

/// What a code means.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Entry {
    /// The word in `code` and in the address of its page.
    pub code: &'static str,
    /// The HTTP status it comes with.
    pub status: u16,
    /// The sentence in `title`.
    pub title: &'static str,
    /// When it happens.
    pub cause: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $status:literal $code:literal, $title:literal, $cause:literal, $remedy:literal;)+) => {
        /// Why a request was refused or failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $variant),+ }

        impl Code {
            /// Every code, in the order of its status.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// What it means.
            pub const fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$variant => &Entry { code: $code, status: $status, title: $title, cause: $cause, remedy: $remedy }),+
                }
            }
        }
    };
}

codes! {
    /// The body is not JSON as RFC 8259 has it.
    MalformedJson = 400 "malformed_json", "The body is not valid JSON.",
        "The body does not parse: broken syntax, NaN or Infinity, a number out of range, a lone surrogate, bytes that are not UTF-8, or more than 64 levels of nesting.",
        "Send one JSON document, encoded in UTF-8. `detail` says where the reader stopped.";
    /// The query string does not decode.
    MalformedQuery = 400 "malformed_query", "The query string cannot be decoded.",
        "A parameter holds a percent sign without two hexadecimal digits, or bytes that are not UTF-8.",
        "Percent-encode the UTF-8 bytes of every parameter.";
    /// A header cannot be read.
    MalformedHeader = 400 "malformed_header", "A header cannot be read.",
        "A header that Lintel reads, such as `Idempotency-Key` or `If-Match`, has a form it does not allow.",
        "See `detail` for the header and the form that is expected.";
    /// The body broke off or its encoding is damaged.
    MalformedBody = 400 "malformed_body", "The body cannot be read.",
        "The body broke off, or is not what its `Content-Encoding` says.",
        "Send the body again; check how it is compressed.";
    /// An event of another system that cannot be read.
    MalformedEvent = 400 "malformed_event", "The event cannot be read.",
        "A signed event is no JSON object, repeats a key, is nested too deep, or lacks its type, its id or its location.",
        "See `detail` for the field. The sender has to send it as it documents it.";
    /// The cursor is none of this list's.
    BadCursor = 400 "bad_cursor", "The cursor is not one of this list.",
        "A cursor was changed, was made for another list, another order or another tenant, or is too old.",
        "Start again without a cursor and pass `next_cursor` on as it is.";
    /// A file that cannot be read at all.
    UnreadableFile = 400 "unreadable_file", "The file cannot be read.",
        "The uploaded file is no table in a format that Lintel reads, or its mapping is wrong.",
        "See `detail`. CSV, TSV and XLSX are read, plain or compressed with gzip or zstd.";
    /// Nobody, or nobody known.
    Unauthorized = 401 "unauthorized", "Sign in or present a valid key.",
        "The request has no key and no session, or one that is unknown, revoked or over.",
        "Send `Authorization: Bearer KEY`, or sign in again.";
    /// An event that is not shown to be from its sender.
    NotTrusted = 401 "not_trusted", "The event is not shown to be from its sender.",
        "There is no such connection, the signature is missing or is not one of these bytes, the event is of another location, or it is older than any repetition.",
        "Send the event to the `webhook_url` of its location's connection, with the bytes as they were signed. The keys that are believed stand in `crm.highlevel.webhook_keys`.";
    /// Known, but not allowed.
    Forbidden = 403 "forbidden", "Your role may not do this.",
        "The key or user is known, but its role does not include what the request does.",
        "Use a key with a wider role; an administrator can make one.";
    /// A call by cookie that does not come from our own pages.
    CrossSite = 403 "cross_site", "Calls by cookie must come from the same site.",
        "A call that changes something was authenticated by cookie, but `Origin` and `Sec-Fetch-Site` do not show that it comes from Lintel's own pages.",
        "Use a key for programs; pages must be served from the same origin.";
    /// No such thing in this tenant.
    NotFound = 404 "not_found", "There is no such thing.",
        "The id belongs to nothing in your tenant: it never existed, was erased, or is somebody else's.",
        "Check the id.";
    /// No such route.
    UnknownRoute = 404 "unknown_route", "There is no such address.",
        "No route has this path.",
        "See the API reference at `/api-docs`.";
    /// The route has no such method.
    MethodNotAllowed = 405 "method_not_allowed", "The address does not take this method.",
        "The path exists, but not with this method.",
        "Use one of the methods in the `Allow` header.";
    /// The body came too slowly.
    SlowBody = 408 "slow_body", "The body came too slowly.",
        "The body stopped coming, or came slower than 1 kB a second.",
        "Send the body without pauses.";
    /// It contradicts what is there.
    Conflict = 409 "conflict", "It contradicts what is there.",
        "The change collides with the present state; `detail` says how.",
        "Read the present state and decide again.";
    /// A lead's external id is taken.
    ExternalIdTaken = 409 "external_id_taken", "The external id is taken.",
        "Another lead of the tenant has this `external_id`.",
        "Change that lead instead, or use another `external_id`.";
    /// The lead was merged into another.
    LeadMerged = 409 "lead_merged", "The lead was merged into another.",
        "The lead is there no more: it was merged into the one that `merged_into` names, which everything of it belongs to now.",
        "Use the lead that `merged_into` names, or take the merge back with `POST /leads/{id}/unmerge`.";
    /// A user's address is taken.
    EmailTaken = 409 "email_taken", "The address is taken.",
        "Another user of the tenant signs in with this address.",
        "Use another address, or change that user.";
    /// A market's slug is taken.
    MarketTaken = 409 "market_taken", "The market's name is taken.",
        "The tenant has a market with this slug.",
        "Use that market, or another slug.";
    /// A location that has a connection.
    LocationTaken = 409 "location_taken", "The location has a connection.",
        "There is a connection to this location; a location belongs to one tenant.",
        "Use that connection, or end it first.";
    /// A job that is not dead cannot be replayed or dropped.
    JobNotDead = 409 "job_not_dead", "Only a dead job can be replayed or dropped.",
        "The job waits, runs or is done.",
        "Read the job; only those in the state `dead` wait for a decision.";
    /// A job that has ended cannot be cancelled.
    JobEnded = 409 "job_ended", "The job has ended already.",
        "The job is done, dead or cancelled.",
        "Read the job; a dead one can be dropped.";
    /// An import that has not ended cannot be taken back.
    ImportRunning = 409 "import_running", "The import has not ended yet.",
        "An import can be taken back only when it has ended.",
        "Wait until its state is `done`, `failed` or `cancelled`, or cancel its job.";
    /// The first call under this idempotency key still runs.
    IdempotencyRunning = 409 "idempotency_running", "The first call under this key is still running.",
        "A call with the same `Idempotency-Key` has begun and not ended.",
        "Wait as `Retry-After` says and send the same call again: it will be answered with the stored answer.";
    /// The version named by If-Match is not the present one.
    VersionMismatch = 412 "version", "The version is not the present one.",
        "`If-Match` names another version than the present one: somebody changed it in between.",
        "Read it again, decide again, and send the new `ETag`.";
    /// The body is larger than allowed.
    TooLarge = 413 "too_large", "The body is too large.",
        "The body has more bytes than the route takes: 10 MB after decompression, more for imports.",
        "Send fewer items per call, or upload a file to `/imports`.";
    /// More values than a body may have.
    TooManyValues = 413 "too_many_values", "The body holds too many values.",
        "The JSON body holds more than 250,000 values.",
        "Send fewer items per call.";
    /// Not a media type that the route takes.
    UnsupportedMediaType = 415 "unsupported_media_type", "The media type is not taken here.",
        "`Content-Type` is not one that the route reads; most read `application/json` only.",
        "Send `Content-Type: application/json`.";
    /// An unknown or stacked content encoding.
    UnsupportedEncoding = 415 "unsupported_encoding", "The content encoding is not taken.",
        "`Content-Encoding` is not one of `gzip`, `zstd` and `identity`, or names more than one.",
        "Compress once, with gzip or zstd.";
    /// Fields that cannot be accepted.
    InvalidField = 422 "invalid_field", "A field was refused.",
        "A field is unknown, missing, of the wrong type, out of its range, or names something that does not exist.",
        "`errors` lists every refused field with a JSON pointer, a word and a sentence.";
    /// The idempotency key was used with another body.
    IdempotencyMismatch = 422 "idempotency_mismatch", "The idempotency key was used with another body.",
        "The same `Idempotency-Key` came before with another body or query, within 24 hours.",
        "Use a new key for a new call.";
    /// More requests than the key may make.
    RateLimited = 429 "rate_limited", "Too many requests.",
        "The key made more requests than its limit.",
        "Wait as `Retry-After` says.";
    /// Too many tries to sign in.
    TooManyAttempts = 429 "too_many_attempts", "Too many attempts.",
        "Too many attempts to sign in came from this address or for this account.",
        "Wait as `Retry-After` says.";
    /// An event that cannot be stored now.
    InboxFull = 429 "inbox_full", "The event cannot be stored now.",
        "Too many events are in hand or wait to be applied, or the database does not take them now.",
        "Send the same event again later; HighLevel does so by itself.";
    /// A fault of ours.
    Internal = 500 "internal", "Something went wrong on our side.",
        "A fault of Lintel or of the machine. The log has it under the request id.",
        "Try again; if it stays, look for `request_id` in the log.";
    /// More work than the server takes at once.
    Overloaded = 503 "overloaded", "Too much at once.",
        "The server has as many requests in hand as it takes.",
        "Wait as `Retry-After` says and send the request again.";
    /// Not now.
    Unavailable = 503 "unavailable", "Not now.",
        "The server is starting or stopping, or its database or disk cannot take the request.",
        "Wait as `Retry-After` says; `/readyz` says what is missing.";
}

impl Code {
    /// Its HTTP status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.entry().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The code with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.entry().code == word)
    }

    /// Its page, in Markdown.
    pub fn page(self) -> String {
        let Entry { code, status, title, cause, remedy } = self.entry();
        format!("# {code}\n\n{title} Status {status}.\n\n## Cause\n\n{cause}\n\n## Remedy\n\n{remedy}\n")
    }
}

/// Every code with its meaning, for the generated pages.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    Code::ALL.iter().map(|code| code.entry())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_ordered_by_status() {
        let entries: Vec<_> = entries().collect();
        assert!(entries.windows(2).all(|pair| pair[0].status <= pair[1].status));
        for entry in &entries {
            assert_eq!(entries.iter().filter(|other| other.code == entry.code).count(), 1, "{}", entry.code);
            assert_eq!(Code::parse(entry.code).map(|code| code.entry().code), Some(entry.code));
        }
    }
}

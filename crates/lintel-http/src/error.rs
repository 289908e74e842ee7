//! What the edge answers when it cannot do what was asked: edge errors, errors of the use cases, and their problem documents.

use std::{error::Error as StdError, sync::Arc};

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use lintel_app::{Error as AppError, FieldError};
use lintel_domain::id::LeadId;
use serde::Serialize;

use crate::problem::{Code, TYPE_PREFIX};

/// The result of a handler.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// The header that says why a request was shed.
pub(crate) const LINTEL_SHED: HeaderName = HeaderName::from_static("lintel-shed");

/// A request that was refused or failed.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    code: Code,
    detail: String,
    fields: Vec<FieldError>,
    retry_after: Option<u32>,
    shed: Option<&'static str>,
    merged_into: Option<LeadId>,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A refusal with a sentence of its own.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            fields: Vec::new(),
            retry_after: None,
            shed: None,
            merged_into: None,
            source: None,
        }
    }

    /// A refusal that its code says everything about.
    pub(crate) fn plain(code: Code) -> Self {
        Self::new(code, code.entry().title)
    }

    /// Refused fields.
    pub(crate) fn fields(fields: Vec<FieldError>) -> Self {
        let detail = match fields.as_slice() {
            [only] => format!("{}: {}", only.pointer, only.detail),
            many => format!("{} fields were refused", many.len()),
        };
        Self { fields, ..Self::new(Code::InvalidField, detail) }
    }

    /// One refused field.
    pub(crate) fn field(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self::fields(vec![FieldError::new(pointer, code, detail)])
    }

    /// A fault of ours.
    pub(crate) fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..Self::plain(Code::Internal) }
    }

    /// With the seconds after which it is worth trying again.
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// Shed because of what is named.
    pub(crate) fn shed(reason: &'static str) -> Self {
        Self { shed: Some(reason), ..Self::plain(Code::Overloaded) }.retry_after(1)
    }

    /// An event that cannot be stored now: what its sender understands as an invitation to send it again.
    pub(crate) fn inbox_full(detail: impl Into<String>) -> Self {
        Self { shed: Some("inbox"), ..Self::new(Code::InboxFull, detail) }.retry_after(5)
    }

    /// Whether the caller is not known or not let in, and not that something failed.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self.code, Code::Unauthorized | Code::Forbidden)
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The first refused field, if it is about fields.
    pub fn first_field(&self) -> Option<&FieldError> {
        self.fields.first()
    }
}

impl From<AppError> for Error {
    fn from(error: AppError) -> Self {
        let detail = error.to_string();
        match error {
            AppError::Invalid(fields) => Self::fields(fields),
            AppError::Cursor => Self::plain(Code::BadCursor),
            AppError::Unauthorized => Self::new(Code::Unauthorized, detail),
            AppError::Forbidden(_) => Self::new(Code::Forbidden, detail),
            AppError::NotFound(_) => Self::new(Code::NotFound, detail),
            AppError::Conflict { code, detail } => Self::new(Code::parse(code).unwrap_or(Code::Conflict), detail),
            AppError::Merged { into } => Self { merged_into: Some(into), ..Self::new(Code::LeadMerged, detail) },
            AppError::TooMany { retry_after } => Self::new(Code::TooManyAttempts, detail).retry_after(retry_after),
            AppError::Unavailable(_) => Self::new(Code::Unavailable, detail).retry_after(2),
            AppError::File(_) => Self::new(Code::UnreadableFile, detail),
            AppError::Internal(source) => Self::internal(source),
        }
    }
}

/// The problem travels as an extension; the outermost layer writes the document, since it knows the request's id.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = Response::new(axum::body::Body::empty());
        *response.status_mut() = self.code.status();
        response.extensions_mut().insert(Carried(Arc::new(self)));
        response
    }
}

/// A problem on its way out.
#[derive(Clone)]
pub(crate) struct Carried(pub(crate) Arc<Error>);

/// A problem document (RFC 9457).
#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    errors: Vec<DocumentField<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    merged_into: Option<LeadId>,
    request_id: &'a str,
}

#[derive(Serialize)]
struct DocumentField<'a> {
    pointer: &'a str,
    code: &'a str,
    detail: &'a str,
}

/// Fills `response` with the problem document of `error`; logs the cause of a failure once.
pub(crate) fn render(error: &Error, request_id: &str, response: &mut Response) {
    if let Some(source) = &error.source {
        tracing::error!(request.id = request_id, error = chain(source.as_ref()), "request failed");
    }
    let entry = error.code.entry();
    let document = Document {
        kind: format!("{TYPE_PREFIX}{}", entry.code),
        title: entry.title,
        status: entry.status,
        code: entry.code,
        detail: &error.detail,
        errors: error
            .fields
            .iter()
            .map(|field| DocumentField { pointer: &field.pointer, code: field.code, detail: &field.detail })
            .collect(),
        merged_into: error.merged_into,
        request_id,
    };
    let body = Bytes::from(serde_json::to_vec(&document).unwrap_or_default());
    *response.status_mut() = error.code.status();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if error.code == Code::Unauthorized {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = error.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(reason) = error.shed {
        headers.insert(LINTEL_SHED, HeaderValue::from_static(reason));
    }
    *response.body_mut() = body.into();
}

/// An error and its causes in one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

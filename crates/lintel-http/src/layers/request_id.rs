//! The id that ties an answer to its lines in the log.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::state::Edge;

/// The header that carries it.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's id: the client's own when it is sane, else a new one.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(Arc<str>);

impl RequestId {
    /// The id of a request with these headers. Sane is 1 to 128 letters, digits and `-_.:`.
    pub(super) fn of(edge: &Edge, headers: &HeaderMap) -> Self {
        let given = headers.get(X_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| is_sane(id));
        match given {
            Some(id) => Self(id.into()),
            None => {
                let mut buffer = [0; 36];
                let id = edge.ids().next(edge.app().clock().now());
                Self((&*id.hyphenated().encode_lower(&mut buffer)).into())
            }
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

fn is_sane(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::is_sane;

    #[test]
    fn only_sane_ids_are_kept() {
        assert!(is_sane("abc-1.2:3_X"));
        assert!(!is_sane("") && !is_sane("a b") && !is_sane("a\"") && !is_sane(&"a".repeat(129)));
    }
}

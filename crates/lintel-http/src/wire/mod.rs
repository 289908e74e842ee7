//! Shapes on the wire that more than one resource uses.

mod check;
mod facts;
mod lead;
mod listing;
pub(crate) mod shapes;

pub(crate) use check::{Check, check_filter, check_preferences};
pub(crate) use facts::Facts;
pub(crate) use lead::{LeadIn, LeadOut, LeadPatchIn};
pub(crate) use listing::{ListingDocument, ListingIn, ListingOut};

use std::{fmt, marker::PhantomData};

use lintel_app::{Listed, Paging};
use lintel_domain::page::MAX_LIMIT;
use secrecy::SecretString;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, SeqAccess, Visitor},
};
use utoipa::{IntoParams, ToSchema};

use crate::error::{Error, Result};

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// The rows, in the list's order.
    pub(crate) items: Vec<T>,
    /// Pass this as `cursor` to get the next page; null on the last.
    #[schema(required)]
    pub(crate) next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The page with its rows as they go out.
    pub(crate) fn of<R>(listed: Listed<R>) -> Self
    where
        T: From<R>,
    {
        Self { items: listed.items.into_iter().map(T::from).collect(), next_cursor: listed.next_cursor }
    }
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// At most this many rows; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub(crate) limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
}

impl PageQuery {
    /// The page, if its size is allowed.
    pub(crate) fn paging(self) -> Result<Paging> {
        paging(self.limit, self.cursor)
    }
}

/// The page with these limits, if its size is allowed.
pub(crate) fn paging(limit: Option<u32>, cursor: Option<String>) -> Result<Paging> {
    if limit.is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit)) {
        return Err(Error::field("/limit", "out_of_range", format!("must be from 1 to {MAX_LIMIT}")));
    }
    Ok(Paging { limit, cursor })
}

/// What became of each item of a batch, in the order of the items.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Results<T> {
    /// One for each item.
    pub(crate) results: Vec<T>,
}

#[expect(clippy::option_option, reason = "absent, null and given are three things in a patch")]
/// Reads a field that can be absent, null or there: outer `None` is absent, inner `None` is null.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Reads a secret.
pub(crate) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

/// Reads a list of at most `N` items, and stops reading at the first too many.
pub(crate) fn up_to<'de, T: Deserialize<'de>, D: Deserializer<'de>, const N: usize>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct Bounded<T, const N: usize>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Bounded<T, N> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(item) = items.next_element()? {
                if list.len() == N {
                    return Err(A::Error::custom(format_args!("must have at most {N} items")));
                }
                list.push(item);
            }
            Ok(list)
        }
    }

    deserializer.deserialize_seq(Bounded::<T, N>(PhantomData))
}

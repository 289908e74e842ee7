//! Cursors: the place in a list, made opaque and signed, good for one list of one tenant.

use lintel_domain::{
    id::TenantId,
    page::{DEFAULT_LIMIT, MAX_LIMIT},
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{App, Error, Listed, Paging, Principal, Result, secret};

/// Signs and reads the cursors of a tenant, with a key that all nodes of a store share.
pub(crate) struct Cursors {
    key: [u8; 32],
}

/// The list a cursor belongs to: its tenant, its name, and everything that decides which rows it has and in what order.
pub(crate) struct List<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) name: &'a str,
    pub(crate) shape: &'a [u8],
}

impl List<'_> {
    fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.tenant.0.as_bytes());
        hasher.update([0]);
        hasher.update(self.name.as_bytes());
        hasher.update([0]);
        hasher.update(self.shape);
        hasher.finalize().into()
    }
}

impl Cursors {
    /// Cursors of the tenant that has this secret.
    pub(crate) fn of_tenant(secret: &[u8]) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"lintel cursor\0");
        hasher.update(secret);
        Self { key: hasher.finalize().into() }
    }

    /// The text of a place in a list.
    pub(crate) fn write<T: Serialize>(&self, list: &List<'_>, place: &T) -> Result<String> {
        let mut bytes = serde_json::to_vec(place).map_err(Error::internal)?;
        let tag = self.tag(list, &bytes);
        bytes.extend_from_slice(&tag);
        Ok(secret::encode(&bytes))
    }

    /// The place that a text stands for; an error unless it was written for this very list.
    pub(crate) fn read<T: DeserializeOwned>(&self, list: &List<'_>, text: &str) -> Result<T> {
        let bytes = secret::decode(text).ok_or(Error::Cursor)?;
        let (place, tag) = bytes.split_last_chunk::<16>().ok_or(Error::Cursor)?;
        if !secret::same(tag, &self.tag(list, place)) {
            return Err(Error::Cursor);
        }
        serde_json::from_slice(place).map_err(|_| Error::Cursor)
    }

    fn tag(&self, list: &List<'_>, place: &[u8]) -> [u8; 16] {
        let mut message = list.digest().to_vec();
        message.extend_from_slice(place);
        secret::seal(&self.key, &message)
    }
}

impl App {
    /// The id behind which the page of a list begins that is ordered by id.
    pub(crate) async fn after(&self, who: &Principal, name: &str, paging: &Paging) -> Result<Option<Uuid>> {
        let Some(text) = &paging.cursor else { return Ok(None) };
        let list = List { tenant: who.tenant, name, shape: &[] };
        self.cursors(who.tenant).await?.read(&list, text).map(Some)
    }

    /// A page of a list that is ordered by id, from one row more than asked for.
    pub(crate) async fn listed<R, T>(
        &self,
        who: &Principal,
        name: &str,
        limit: u32,
        mut rows: Vec<R>,
        id: impl Fn(&R) -> Uuid,
        view: impl Fn(R) -> T,
    ) -> Result<Listed<T>> {
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next_cursor = match rows.last().filter(|_| more) {
            Some(last) => {
                let list = List { tenant: who.tenant, name, shape: &[] };
                Some(self.cursors(who.tenant).await?.write(&list, &id(last))?)
            }
            None => None,
        };
        Ok(Listed { items: rows.into_iter().map(view).collect(), next_cursor })
    }
}

impl Paging {
    /// The rows asked for, checked.
    pub(crate) fn limit(&self) -> Result<u32> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        if (1..=MAX_LIMIT).contains(&limit) {
            Ok(limit)
        } else {
            Err(Error::invalid("/limit", "out_of_range", format!("limit is 1 to {MAX_LIMIT}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;

    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_own_list_only() {
        let cursors = Cursors::of_tenant(&[7; 32]);
        let tenant = TenantId(Uuid::from_u128(1));
        let list = List { tenant, name: "leads", shape: b"-score" };
        let text = cursors.write(&list, &(5, "x")).unwrap();
        assert_eq!(cursors.read::<(i32, String)>(&list, &text).unwrap(), (5, "x".to_owned()));
        let others = [
            List { tenant: TenantId(Uuid::from_u128(2)), ..list },
            List { name: "listings", ..list },
            List { shape: b"score", ..list },
        ];
        for other in others {
            assert!(matches!(cursors.read::<(i32, String)>(&other, &text), Err(Error::Cursor)));
        }
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let damaged = String::from_utf8(bytes).unwrap();
            assert!(cursors.read::<(i32, String)>(&list, &damaged).is_err());
        }
    }

    #[test]
    fn no_text_from_outside_is_taken_for_a_cursor() {
        let cursors = Cursors::of_tenant(&[7; 32]);
        let list = List { tenant: TenantId(Uuid::from_u128(1)), name: "leads", shape: b"" };
        let mut rng = Rng::new(1);
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..rng.below(80)).map(|_| rng.below(256) as u8).collect();
            for text in [secret::encode(&bytes), String::from_utf8_lossy(&bytes).into_owned()] {
                assert!(matches!(cursors.read::<Uuid>(&list, &text), Err(Error::Cursor)));
            }
        }
    }
}

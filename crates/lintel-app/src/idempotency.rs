//! Answering a repeated call with the stored answer.

use lintel_domain::id::TenantId;
use lintel_store::idempotency::{Begun, Request};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{App, Principal, Result};

pub use lintel_store::idempotency::{Answer as IdempotentAnswer, Ticket as IdempotencyTicket};

/// What an attempt under a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The first: do it, then call [`App::idempotency_finish`] or [`App::idempotency_release`].
    First(IdempotencyTicket),
    /// Done before: answer this.
    Done(IdempotentAnswer),
    /// The key was used with another body.
    Mismatch,
    /// The first is still running; how many seconds it may take at most.
    Running(u32),
}

/// The id of the `n`th thing that a call under a key creates.
///
/// The same call gives the same ids, so that a repetition after a crash between the effect and the stored answer finds
/// what was made instead of making it twice.
pub fn keyed_id(tenant: TenantId, method: &str, path: &str, key: &str, n: u32) -> Uuid {
    let mut hasher = Sha256::new();
    for part in [method, path, key] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.update(tenant.0.as_bytes());
    hasher.update(n.to_le_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

impl App {
    /// Begins a call under a key; scope is tenant, method and path.
    pub async fn idempotency_begin(
        &self,
        who: &Principal,
        method: &str,
        path: &str,
        key: &str,
        body_hash: [u8; 32],
    ) -> Result<Attempt> {
        let now = self.clock().now();
        let request = Request {
            tenant: who.tenant,
            method: method.to_owned(),
            path: path.to_owned(),
            key: key.to_owned(),
            hash: body_hash.to_vec(),
        };
        Ok(match self.0.store.idempotency_begin(request, self.0.ids.next(now), now).await? {
            Begun::Started(ticket) => Attempt::First(ticket),
            Begun::Replay(answer) => Attempt::Done(answer),
            Begun::Mismatch => Attempt::Mismatch,
            Begun::Running(micros) => Attempt::Running(u32::try_from(micros / 1_000_000).unwrap_or(u32::MAX).max(1)),
        })
    }

    /// Stores the answer of a call.
    pub async fn idempotency_finish(&self, ticket: IdempotencyTicket, answer: IdempotentAnswer) -> Result<()> {
        Ok(self.0.store.write(move |tx| tx.idempotency_finish(&ticket, &answer)).await?)
    }

    /// Forgets a call that failed on our side, so that it can be tried again.
    pub async fn idempotency_release(&self, ticket: IdempotencyTicket) -> Result<()> {
        Ok(self.0.store.write(move |tx| tx.idempotency_abandon(&ticket)).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_call_makes_the_same_ids_and_another_makes_others() {
        let tenant = TenantId(Uuid::from_u128(1));
        let id = keyed_id(tenant, "POST", "/leads", "k", 0);
        assert_eq!(id, keyed_id(tenant, "POST", "/leads", "k", 0));
        let others = [
            keyed_id(TenantId(Uuid::from_u128(2)), "POST", "/leads", "k", 0),
            keyed_id(tenant, "POST", "/lead", "sk", 0),
            keyed_id(tenant, "POST", "/leads", "k", 1),
        ];
        assert!(others.iter().all(|other| *other != id));
    }
}

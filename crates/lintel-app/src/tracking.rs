//! First-party tracking: a view of a home on the team's own pages or mails, recorded when the lead agreed to that.
//!
//! A link holds a signed reference to tenant, lead and home, good for nothing else. Whoever calls it learns nothing: the
//! answer does not depend on the reference, and recording happens after it.

use std::sync::Arc;

use lintel_domain::{
    clock::{SECOND, Time},
    contact::{Channel, ConsentStatus},
    id::{InteractionId, LeadId, ListingId, TenantId},
    interaction::{InteractionFacts, InteractionKind},
    scalar::Scalar,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{
    App, Error, Principal, Result,
    ingest::{self, Arrival},
    secret,
};

/// Views that are recorded at the same time; more are let go.
const AT_ONCE: usize = 64;
/// Views of one home by one lead within this time are one.
const APART: i64 = 10 * 60 * SECOND;
/// Bytes of a reference: three ids and a seal.
const LENGTH: usize = 64;

/// What is in hand.
pub(crate) struct Tracking {
    room: Arc<Semaphore>,
}

impl Default for Tracking {
    fn default() -> Self {
        Self { room: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// What a link refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reference {
    tenant: TenantId,
    lead: LeadId,
    listing: ListingId,
}

impl Reference {
    fn bytes(self) -> [u8; 48] {
        let mut bytes = [0; 48];
        for (at, id) in [self.tenant.0, self.lead.0, self.listing.0].iter().enumerate() {
            bytes[at * 16..(at + 1) * 16].copy_from_slice(id.as_bytes());
        }
        bytes
    }

    /// The text in a link, by the tenant's secret.
    fn seal(self, secret: &[u8]) -> String {
        let mut bytes = self.bytes().to_vec();
        bytes.extend_from_slice(&secret::seal(&key(secret), &self.bytes()));
        secret::encode(&bytes)
    }

    /// What a text says it refers to, and its seal.
    fn read(text: &str) -> Option<(Self, [u8; 16])> {
        let bytes = secret::decode(text).filter(|bytes| bytes.len() == LENGTH)?;
        let (ids, seal) = bytes.split_last_chunk::<16>()?;
        let id = |at: usize| Uuid::from_slice(&ids[at * 16..(at + 1) * 16]).ok();
        let reference = Self { tenant: TenantId(id(0)?), lead: LeadId(id(1)?), listing: ListingId(id(2)?) };
        Some((reference, *seal))
    }
}

/// What signs the links of a tenant: the same on every node.
fn key(secret: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"lintel tracking\0");
    hasher.update(secret);
    hasher.finalize().into()
}

impl App {
    /// A reference to a lead and a home for the team's own pages and mails. It records nothing unless the lead agreed to
    /// tracking when it is called.
    pub async fn tracking_link(&self, who: &Principal, lead: LeadId, listing: ListingId) -> Result<String> {
        let (store, tenant) = (&self.0.store, who.tenant);
        self.lead_to_change(tenant, lead).await?;
        let there = store.listing_get(tenant, listing).await?;
        there.ok_or_else(|| Error::invalid("/listing_id", "unknown", "there is no such listing"))?;
        let row = store.tenant_get(tenant).await?.ok_or(Error::NotFound("tenant"))?;
        Ok(Reference { tenant, lead, listing }.seal(&row.erasure_key))
    }

    /// Takes note of a call of a link. Returns at once and says nothing; when too many are in hand it is let go.
    pub fn track(&self, link: &str) {
        let Some((reference, seal)) = Reference::read(link) else { return };
        let Ok(room) = Arc::clone(&self.0.tracking.room).try_acquire_owned() else { return };
        let app = self.clone();
        self.0.tasks.spawn(async move {
            let _room = room;
            if let Err(error) = app.record_view(reference, seal).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "a view cannot be recorded");
            }
        });
    }

    /// Records a view, if the reference is ours and the lead agreed to it.
    async fn record_view(&self, reference: Reference, seal: [u8; 16]) -> Result<()> {
        let Reference { tenant, listing, .. } = reference;
        let Some(row) = self.0.store.tenant_get(tenant).await? else { return Ok(()) };
        if !secret::same(&seal, &secret::seal(&key(&row.erasure_key), &reference.bytes())) {
            return Ok(());
        }
        // A link outlives a merge, and what counts is what the lead agreed to that it was merged into.
        let lead = self.0.store.lead_survivor(tenant, reference.lead).await?.unwrap_or(reference.lead);
        let ledger = self.0.store.consents(tenant, lead).await?;
        let last = ledger.iter().find(|entry| entry.channel == Channel::Tracking);
        if last.is_none_or(|entry| entry.status != ConsentStatus::Granted) {
            return Ok(());
        }
        if self.0.store.listing_get(tenant, listing).await?.is_none() {
            return Ok(());
        }
        let now = self.clock().now();
        let view = (InteractionId(self.0.ids.next(now)), lead, view(Reference { lead, ..reference }, now));
        let app = self.clone();
        let write = self.0.store.write(move |tx| {
            let arrival = Arrival { tenant, market: None, import: None, now, ids: &app.0.ids };
            ingest::record(tx, &arrival, std::slice::from_ref(&view)).map(|_| ())
        });
        Ok(write.await?)
    }
}

/// A view as it is recorded: repeated within a while it is the same event, which is taken once.
fn view(reference: Reference, now: Time) -> InteractionFacts {
    let Reference { lead, listing, .. } = reference;
    InteractionFacts {
        event_id: format!("tracked {lead} {listing} {}", now.0.div_euclid(APART)),
        kind: InteractionKind::ListingView,
        at: now,
        listing_id: Some(listing),
        properties: [("source".to_owned(), Scalar::Text("tracking".to_owned()))].into(),
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;

    use super::*;

    #[test]
    fn a_reference_reads_as_it_was_sealed_and_no_other_secret_makes_it() {
        let [tenant, lead, listing] = [1, 2, 3].map(Uuid::from_u128);
        let reference = Reference { tenant: TenantId(tenant), lead: LeadId(lead), listing: ListingId(listing) };
        let text = reference.seal(&[7; 32]);
        let (read, seal) = Reference::read(&text).unwrap();
        assert_eq!(read, reference);
        assert_eq!(seal, secret::seal(&key(&[7; 32]), &reference.bytes()));
        assert_ne!(text, reference.seal(&[8; 32]));
        let other = Reference { lead: LeadId(listing), ..reference };
        assert_ne!(seal, secret::seal(&key(&[7; 32]), &other.bytes()));
    }

    #[test]
    fn no_text_from_outside_breaks_the_reading() {
        let mut rng = Rng::new(5);
        for _ in 0..5_000 {
            let bytes: Vec<u8> = (0..rng.below(90)).map(|_| rng.below(256) as u8).collect();
            assert_eq!(Reference::read(&secret::encode(&bytes)).is_some(), bytes.len() == LENGTH);
            // Text that is no base64 at all.
            let _ = Reference::read(&String::from_utf8_lossy(&bytes));
        }
    }
}

//! What leads do: recording it once, and reading it back as a timeline.

use std::collections::HashSet;

use lintel_domain::{
    clock::Time,
    id::{InteractionId, LeadId, ListingId},
    interaction::{Interaction, InteractionFacts, InteractionKind},
    scalar::Fields,
};
use uuid::Uuid;

use crate::{
    App, Error, FieldError, Listed, Paging, Principal, Result,
    cursor::List,
    ingest::{self, Arrival},
};

/// An interaction to be recorded.
#[derive(Clone, Debug)]
pub struct NewInteraction {
    /// Its kind.
    pub kind: InteractionKind,
    /// When it happened; now when absent.
    pub at: Option<Time>,
    /// The home it was about.
    pub listing_id: Option<ListingId>,
    /// Everything else.
    pub properties: Fields,
    /// The sender's id; a repetition has no effect. A new one when absent.
    pub event_id: Option<String>,
}

/// What became of one interaction of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedInteraction {
    /// The sender's id, or the one it was given.
    pub event_id: String,
    /// Its id when it was stored now.
    pub id: Option<InteractionId>,
    /// Whether it was there already.
    pub duplicate: bool,
}

/// One item of a timeline.
#[derive(Clone, Debug)]
pub struct TimelineItem {
    /// Its id.
    pub id: InteractionId,
    /// The sender's id.
    pub event_id: String,
    /// Its kind.
    pub kind: InteractionKind,
    /// When it happened.
    pub at: Time,
    /// The home it was about.
    pub listing_id: Option<ListingId>,
    /// Everything else.
    pub properties: Fields,
}

/// A page of a timeline, newest first.
pub type TimelinePage = Listed<TimelineItem>;

/// The most interactions in one call.
const MOST: usize = 1000;

impl App {
    /// Records interactions of a lead, 1 to 1000; an item whose `event_id` is known changes nothing.
    /// An unknown listing is refused with the item's pointer.
    pub async fn interactions_record(
        &self,
        who: &Principal,
        lead: LeadId,
        items: Vec<NewInteraction>,
    ) -> Result<Vec<RecordedInteraction>> {
        if items.is_empty() || items.len() > MOST {
            return Err(Error::invalid("/items", "out_of_range", format!("1 to {MOST} items")));
        }
        let (tenant, now) = (who.tenant, self.clock().now());
        self.lead_to_change(tenant, lead).await?;
        self.check_listings(who, &items).await?;
        let ids: Vec<InteractionId> = items.iter().map(|_| InteractionId(self.0.ids.next(now))).collect();
        let facts: Vec<(InteractionId, LeadId, InteractionFacts)> = ids
            .into_iter()
            .zip(items)
            .map(|(id, item)| {
                let facts = InteractionFacts {
                    event_id: item.event_id.unwrap_or_else(|| id.to_string()),
                    kind: item.kind,
                    at: item.at.unwrap_or(now),
                    listing_id: item.listing_id,
                    properties: item.properties,
                };
                (id, lead, facts)
            })
            .collect();
        let app = self.clone();
        let write = self.0.store.write(move |tx| {
            let arrival = Arrival { tenant, market: None, import: None, now, ids: &app.0.ids };
            let created = ingest::record(tx, &arrival, &facts)?;
            let outcome = facts.iter().zip(created).map(|((id, _, facts), created)| RecordedInteraction {
                event_id: facts.event_id.clone(),
                id: created.then_some(*id),
                duplicate: !created,
            });
            Ok::<_, lintel_store::Error>(outcome.collect())
        });
        Ok(write.await?)
    }

    async fn check_listings(&self, who: &Principal, items: &[NewInteraction]) -> Result<()> {
        let mut named: Vec<ListingId> = items.iter().filter_map(|item| item.listing_id).collect();
        named.sort_unstable();
        named.dedup();
        if named.is_empty() {
            return Ok(());
        }
        let there: HashSet<ListingId> =
            self.0.store.listings_by_ids(who.tenant, &named).await?.into_iter().map(|listing| listing.id).collect();
        let unknown = |(i, item): (usize, &NewInteraction)| {
            let id = item.listing_id.filter(|id| !there.contains(id))?;
            Some(FieldError::new(format!("/items/{i}/listing_id"), "unknown", format!("there is no listing {id}")))
        };
        let refused: Vec<FieldError> = items.iter().enumerate().filter_map(unknown).collect();
        if refused.is_empty() { Ok(()) } else { Err(Error::Invalid(refused)) }
    }

    /// A lead's interactions, newest first.
    pub async fn timeline(
        &self,
        who: &Principal,
        lead: LeadId,
        kinds: Vec<InteractionKind>,
        paging: Paging,
    ) -> Result<TimelinePage> {
        let limit = paging.limit()?;
        self.0.store.lead_get(who.tenant, lead).await?.ok_or(Error::NotFound("lead"))?;
        let shape = serde_json::to_vec(&(lead, &kinds)).map_err(Error::internal)?;
        let list = List { tenant: who.tenant, name: "timeline", shape: &shape };
        let cursors = self.cursors(who.tenant).await?;
        let before = paging.cursor.as_deref().map(|text| cursors.read::<(Time, Uuid)>(&list, text)).transpose()?;
        let mut rows = self.0.store.interactions_of(who.tenant, lead, &kinds, before, limit + 1).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next_cursor = match rows.last().filter(|_| more) {
            Some(last) => Some(cursors.write(&list, &(last.facts.at, last.id.0))?),
            None => None,
        };
        Ok(Listed { items: rows.into_iter().map(TimelineItem::from).collect(), next_cursor })
    }
}

impl From<Interaction> for TimelineItem {
    fn from(one: Interaction) -> Self {
        Self {
            id: one.id,
            event_id: one.facts.event_id,
            kind: one.facts.kind,
            at: one.facts.at,
            listing_id: one.facts.listing_id,
            properties: one.facts.properties,
        }
    }
}

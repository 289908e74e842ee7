//! Interactions: what leads did, each event once.

use lintel_domain::{
    clock::Time,
    id::{ImportId, InteractionId, LeadId, ListingId, TenantId},
    interaction::{Interaction, InteractionFacts, InteractionKind},
    scalar::{Fields, Scalar},
};
use uuid::Uuid;

use crate::{Error, Result, Store, Tx, db::Row, params};

/// An interaction as far as counting needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Did {
    /// Whose.
    pub lead_id: LeadId,
    /// Which.
    pub id: InteractionId,
    /// Its kind.
    pub kind: InteractionKind,
    /// When it happened.
    pub at: Time,
    /// The home it was about.
    pub listing_id: Option<ListingId>,
    /// When it became known.
    pub recorded_at: Time,
}

crate::sql! {
    /// Takes an event, unless it was taken before.
    TAKE "interaction.take" = "INSERT INTO interaction_keys (tenant_id, event_id, id) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, event_id) DO NOTHING RETURNING id";
    /// One interaction.
    INSERT "interaction.insert" = "INSERT INTO interactions
            (tenant_id, lead_id, at, id, kind, event_id, listing_id, properties, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    /// A page of a lead, the newest first.
    PAGE "interaction.page" = "SELECT id, lead_id, event_id, kind, at, listing_id, properties FROM interactions
        WHERE tenant_id = $1 AND lead_id = $2 AND (at, id) < ($3, $4) ORDER BY at DESC, id DESC LIMIT $5";
    /// A page of some kinds of a lead, the newest first.
    PAGE_OF_KINDS "interaction.page_of_kinds" = {
        sqlite: "SELECT id, lead_id, event_id, kind, at, listing_id, properties FROM interactions
        WHERE tenant_id = $1 AND lead_id = $2 AND (at, id) < ($3, $4) AND kind IN (SELECT value FROM json_each($6))
        ORDER BY at DESC, id DESC LIMIT $5",
        postgres: "SELECT id, lead_id, event_id, kind, at, listing_id, properties FROM interactions
        WHERE tenant_id = $1 AND lead_id = $2 AND (at, id) < ($3, $4) AND kind = ANY($6)
        ORDER BY at DESC, id DESC LIMIT $5",
    };
    /// A note about a lead, held until the write ends.
    NOTE "interaction.note" = {
        sqlite: "SELECT at, properties FROM interactions
        WHERE tenant_id = $1 AND lead_id = $2 AND id = $3 AND kind = 'note'",
        postgres: "SELECT at, properties FROM interactions
        WHERE tenant_id = $1 AND lead_id = $2 AND id = $3 AND kind = 'note' FOR UPDATE",
    };
    /// Other properties of an interaction.
    SET_PROPERTIES "interaction.set_properties" = "UPDATE interactions SET properties = $5
        WHERE tenant_id = $1 AND lead_id = $2 AND at = $3 AND id = $4";
    /// What several leads did since a time.
    OF_LEADS "interaction.of_leads" = {
        sqlite: "SELECT lead_id, kind, at, listing_id, id, created_at FROM interactions
        WHERE tenant_id = $1 AND lead_id IN (SELECT unhex(value) FROM json_each($2)) AND at >= $3",
        postgres: "SELECT lead_id, kind, at, listing_id, id, created_at FROM interactions
        WHERE tenant_id = $1 AND lead_id = ANY($2) AND at >= $3",
    };
}

fn interaction(row: &Row<'_>) -> Result<Interaction> {
    let properties: serde_json::Value = row.get(6)?;
    Ok(Interaction {
        id: row.get(0)?,
        lead_id: row.get(1)?,
        facts: InteractionFacts {
            event_id: row.get(2)?,
            kind: row.word(3, InteractionKind::parse)?,
            at: row.get(4)?,
            listing_id: row.get(5)?,
            properties: serde_json::from_value(properties)
                .map_err(|source| Error::Decode { what: "properties", source })?,
        },
    })
}

impl Store {
    /// At most `limit` interactions of a lead, the newest first, behind `before`; of some kinds when any are named.
    pub async fn interactions_of(
        &self,
        tenant: TenantId,
        lead: LeadId,
        kinds: &[InteractionKind],
        before: Option<(Time, Uuid)>,
        limit: u32,
    ) -> Result<Vec<Interaction>> {
        let (at, id) = before.unwrap_or((Time(i64::MAX), Uuid::max()));
        if kinds.is_empty() {
            return self.query(&PAGE, params![tenant, lead, at, id, limit], interaction).await;
        }
        let kinds: Vec<String> = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
        self.query(&PAGE_OF_KINDS, params![tenant, lead, at, id, limit, kinds], interaction).await
    }

    /// What several leads did since a time, in no order.
    pub async fn interactions_of_leads(&self, tenant: TenantId, leads: &[LeadId], since: Time) -> Result<Vec<Did>> {
        if leads.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = leads.iter().map(|lead| lead.0).collect();
        let params = params![tenant, ids, since];
        match leads {
            [_] => self.points(&OF_LEADS, params, did).await,
            _ => self.survey(&OF_LEADS, params, did).await,
        }
    }
}

fn did(row: &Row<'_>) -> Result<Did> {
    let kind = row.word(1, InteractionKind::parse)?;
    Ok(Did {
        lead_id: row.get(0)?,
        id: row.get(4)?,
        kind,
        at: row.get(2)?,
        listing_id: row.get(3)?,
        recorded_at: row.get(5)?,
    })
}

impl Tx<'_> {
    /// Deletes what a note about a lead says, and keeps who did; false when there is no such note, or not any more.
    pub fn note_delete(
        &mut self,
        tenant: TenantId,
        lead: LeadId,
        note: InteractionId,
        deleted_by: &str,
    ) -> Result<bool> {
        let found = self.query(&NOTE, params![tenant, lead, note], |row| {
            Ok((row.get::<Time>(0)?, row.json::<Fields>(1, "properties")?))
        })?;
        let Some((at, mut properties)) = found.into_iter().next() else { return Ok(false) };
        if properties.remove("body").is_none() {
            return Ok(false);
        }
        properties.insert("deleted_by".to_owned(), Scalar::Text(deleted_by.to_owned()));
        let properties =
            serde_json::to_value(&properties).map_err(|source| Error::Decode { what: "properties", source })?;
        Ok(self.execute(&SET_PROPERTIES, params![tenant, lead, at, note, properties])? == 1)
    }

    /// Stores interactions of leads; for each, in order, whether it is new. An event that was taken before changes nothing,
    /// and neither does one of a lead that is not there, or not any more.
    pub fn interactions_insert(
        &mut self,
        tenant: TenantId,
        arriving: &[(InteractionId, LeadId, InteractionFacts)],
        import: Option<ImportId>,
        now: Time,
    ) -> Result<Vec<bool>> {
        let there = self.dealings_hold(tenant, arriving.iter().map(|(_, lead, _)| *lead))?;
        let of_leads: Vec<_> = arriving.iter().filter(|(_, lead, _)| there.contains_key(lead)).collect();
        let keys = of_leads.iter().map(|(id, _, facts)| params![tenant, &facts.event_id, *id]);
        let mut taken = self.query_many(&TAKE, keys, |_| Ok(()))?.into_iter();
        let mut is_new = |lead| there.contains_key(lead) && taken.next().flatten().is_some();
        let created: Vec<bool> = arriving.iter().map(|(_, lead, _)| is_new(lead)).collect();
        let mut rows = Vec::with_capacity(arriving.len());
        let mut stored = Vec::with_capacity(arriving.len());
        for ((id, lead, facts), _) in arriving.iter().zip(&created).filter(|(_, new)| **new) {
            let properties = serde_json::to_value(&facts.properties)
                .map_err(|source| Error::Decode { what: "properties", source })?;
            let kind = facts.kind.as_str();
            rows.push(params![
                tenant,
                *lead,
                facts.at,
                *id,
                kind,
                &facts.event_id,
                facts.listing_id,
                properties,
                import,
                now,
            ]);
            stored.push((*lead, facts.kind, facts.at));
        }
        self.execute_many(&INSERT, rows)?;
        self.dealings_add(tenant, &there, stored)?;
        Ok(created)
    }
}

//! Taking an import back: rows it made go, rows it changed become what they were, and what was changed since stays.

use lintel_domain::{
    clock::{Day, Time},
    id::{ImportId, LeadId, ListingId, TenantId},
    import::ImportKind,
    market::MarketSlug,
};
use uuid::Uuid;

use crate::{
    Error, Result, Tx,
    db::{Params, Value},
    import::ImportState,
    kept, params,
};

/// What was taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Rows that are gone.
    pub removed: u64,
    /// Rows that are what they were.
    pub restored: u64,
    /// Rows that were changed since and stay.
    pub kept: u64,
    /// Listings that are gone.
    pub listings_removed: Vec<(MarketSlug, ListingId)>,
    /// Listings that are what they were.
    pub listings_restored: Vec<(MarketSlug, ListingId)>,
    /// Leads that are gone.
    pub leads_removed: Vec<LeadId>,
    /// Leads that are what they were, or have done less than before.
    pub leads_restored: Vec<LeadId>,
}

crate::sql! {
    /// Listings that only this import touched.
    LISTINGS "undo.listings" = "SELECT market, id FROM listings
        WHERE tenant_id = $1 AND created_by = $2 AND changed_by = $2";
    /// How many listings it made that were changed since.
    LISTINGS_KEPT "undo.listings_kept" = "SELECT count(*) FROM listings
        WHERE tenant_id = $1 AND created_by = $2 AND (changed_by IS NULL OR changed_by <> $2)";
    /// One listing goes.
    LISTING_DELETE "undo.listing_delete" = "DELETE FROM listings WHERE tenant_id = $1 AND market = $2 AND id = $3";
    /// With its history.
    LISTING_CHANGES_DELETE "undo.listing_changes_delete" = "DELETE FROM listing_changes
        WHERE tenant_id = $1 AND listing_id = $2";
    /// Where a listing is that nobody touched since.
    LISTING_STILL "undo.listing_still" = "SELECT market FROM listings WHERE tenant_id = $1 AND id = $2 AND changed_by = $3";
    /// Leads that only this import touched and that did nothing else.
    LEADS "undo.leads" = "SELECT id FROM leads l WHERE tenant_id = $1 AND created_by = $2 AND changed_by = $2
        AND NOT EXISTS (SELECT 1 FROM interactions i WHERE i.tenant_id = l.tenant_id AND i.lead_id = l.id)";
    /// How many leads it made that stay.
    LEADS_KEPT "undo.leads_kept" = "SELECT count(*) FROM leads WHERE tenant_id = $1 AND created_by = $2";
    /// Whether nobody touched a lead since.
    LEAD_STILL "undo.lead_still" = "SELECT id FROM leads WHERE tenant_id = $1 AND id = $2 AND changed_by = $3";
    /// A lead as it was.
    LEAD_RESTORE "undo.lead_restore" = "UPDATE leads SET changed_by = NULL, version = version + 1, updated_at = $3,
            fingerprint = $4, external_id = $5, name = $6, name_key = $7, email = $8, phone = $9, source = $10, stage = $11,
            assignee = $12, market = $13, preferences = $14, tags = $15, custom = $16, outcome = $17, outcome_at = $18,
            source_created_at = $19, provenance = $20, words = $21
        WHERE tenant_id = $1 AND id = $2";
    /// Whose interactions it brought.
    INTERACTED "undo.interacted" = "SELECT lead_id, count(*) FROM interactions WHERE tenant_id = $1 AND created_by = $2
        GROUP BY lead_id";
    /// The events it took.
    KEYS_DELETE "undo.keys_delete" = "DELETE FROM interaction_keys WHERE tenant_id = $1 AND event_id IN
        (SELECT event_id FROM interactions WHERE tenant_id = $1 AND created_by = $2)";
    /// The interactions it brought.
    INTERACTIONS_DELETE "undo.interactions_delete" = "DELETE FROM interactions WHERE tenant_id = $1 AND created_by = $2";
    /// When a lead last did something, as it is without them.
    LAST "undo.last" = "UPDATE leads SET last_interaction_at =
            (SELECT max(at) FROM interactions WHERE tenant_id = $1 AND lead_id = $2)
        WHERE tenant_id = $1 AND id = $2";
    /// What rows were before.
    BEFORE "undo.before" = "SELECT row_id, before FROM import_changes
        WHERE tenant_id = $1 AND import_id = $2 ORDER BY row_id";
    /// A value that was new goes, when nobody touched it since.
    POINT_DELETE "undo.point_delete" = "DELETE FROM series
        WHERE tenant_id = $1 AND market = $2 AND metric = $3 AND period = $4 AND changed_by = $5";
    /// A value as it was, when nobody touched it since.
    POINT_RESTORE "undo.point_restore" = "UPDATE series SET value = $6, changed_by = NULL
        WHERE tenant_id = $1 AND market = $2 AND metric = $3 AND period = $4 AND changed_by = $5";
    /// Nothing is left to take back.
    FORGET "undo.forget" = "DELETE FROM import_changes WHERE tenant_id = $1 AND import_id = $2";
}

impl Tx<'_> {
    /// Takes an import back, once it has ended. Rows that were changed since stay and are counted.
    pub fn import_undo(&mut self, tenant: TenantId, id: ImportId, kind: ImportKind, now: Time) -> Result<Undone> {
        self.lock(&format!("undo {id}"))?;
        let mut undone = Undone::default();
        match kind {
            ImportKind::Listings | ImportKind::Sales => self.undo_listings(tenant, id, now, &mut undone)?,
            ImportKind::Leads => self.undo_leads(tenant, id, now, &mut undone)?,
            ImportKind::Interactions => self.undo_interactions(tenant, id, &mut undone)?,
            ImportKind::Series => self.undo_series(tenant, id, &mut undone)?,
        }
        self.execute(&FORGET, params![tenant, id])?;
        self.import_finish(tenant, id, ImportState::Undone, None, now)?;
        Ok(undone)
    }

    fn undo_listings(&mut self, tenant: TenantId, id: ImportId, now: Time, undone: &mut Undone) -> Result<()> {
        let only_here = self
            .query(&LISTINGS, params![tenant, id], |row| Ok((row.get::<MarketSlug>(0)?, row.get::<ListingId>(1)?)))?;
        for (market, listing) in only_here {
            self.execute(&LISTING_CHANGES_DELETE, params![tenant, listing])?;
            undone.removed += self.execute(&LISTING_DELETE, params![tenant, &market, listing])?;
            undone.listings_removed.push((market, listing));
        }
        undone.kept += self.query_one(&LISTINGS_KEPT, params![tenant, id], |row| row.get::<i64>(0))?.unsigned_abs();
        for (row, before) in self.before(tenant, id)? {
            let listing = ListingId(row);
            let market = self.query_opt(&LISTING_STILL, params![tenant, row, id], |row| row.get::<MarketSlug>(0))?;
            let Some(market) = market else {
                undone.kept += u64::from(!undone.listings_removed.iter().any(|(_, gone)| *gone == listing));
                continue;
            };
            self.listing_restore(tenant, &market, listing, before, now)?;
            undone.restored += 1;
            undone.listings_restored.push((market, listing));
        }
        Ok(())
    }

    fn undo_leads(&mut self, tenant: TenantId, id: ImportId, now: Time, undone: &mut Undone) -> Result<()> {
        for lead in self.query(&LEADS, params![tenant, id], |row| row.get::<LeadId>(0))? {
            self.lead_remove(tenant, lead)?;
            undone.removed += 1;
            undone.leads_removed.push(lead);
        }
        undone.kept += self.query_one(&LEADS_KEPT, params![tenant, id], |row| row.get::<i64>(0))?.unsigned_abs();
        for (row, before) in self.before(tenant, id)? {
            if self.query_opt(&LEAD_STILL, params![tenant, row, id], |_| Ok(()))?.is_none() {
                undone.kept += 1;
                continue;
            }
            let mut params = params![tenant, row, now];
            params.extend(before);
            self.execute(&LEAD_RESTORE, params)?;
            undone.restored += 1;
            undone.leads_restored.push(LeadId(row));
        }
        Ok(())
    }

    fn undo_interactions(&mut self, tenant: TenantId, id: ImportId, undone: &mut Undone) -> Result<()> {
        let of = self.query(&INTERACTED, params![tenant, id], |row| Ok((row.get::<LeadId>(0)?, row.get::<i64>(1)?)))?;
        self.execute(&KEYS_DELETE, params![tenant, id])?;
        self.execute(&INTERACTIONS_DELETE, params![tenant, id])?;
        for (lead, count) in of {
            self.execute(&LAST, params![tenant, lead])?;
            undone.removed += count.unsigned_abs();
            undone.leads_restored.push(lead);
        }
        Ok(())
    }

    fn undo_series(&mut self, tenant: TenantId, id: ImportId, undone: &mut Undone) -> Result<()> {
        for (_, before) in self.before(tenant, id)? {
            let [Value::Text(market), Value::Text(metric), Value::Int(period), old] = before.as_slice() else {
                continue;
            };
            let place = params![tenant, market, metric, Day(*period as i32), id];
            let changed = match old {
                Value::Null => self.execute(&POINT_DELETE, place)?,
                old => {
                    let mut params = place;
                    params.push(old.clone());
                    self.execute(&POINT_RESTORE, params)?
                }
            };
            match (changed, old) {
                (0, _) => undone.kept += 1,
                (_, Value::Null) => undone.removed += 1,
                (_, _) => undone.restored += 1,
            }
        }
        Ok(())
    }

    /// What the rows that an import changed were before it.
    fn before(&mut self, tenant: TenantId, id: ImportId) -> Result<Vec<(Uuid, Params)>> {
        self.query(&BEFORE, params![tenant, id], |row| {
            let document: serde_json::Value = row.get(1)?;
            let values = kept::decode(&document)
                .ok_or_else(|| Error::Column { index: 1, message: "not the values of a row".into() })?;
            Ok((row.get(0)?, values))
        })
    }
}

//! Taking an import back: rows it made go, rows it changed become what they were, and what was changed since stays.

use std::collections::BTreeSet;

use lintel_domain::{
    clock::Time,
    id::{ImportId, LeadId, ListingId, TenantId},
    import::ImportKind,
    market::MarketSlug,
};
use uuid::Uuid;

use crate::{
    Error, Result, Tx,
    db::{Params, Value},
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

/// Remembered rows that are looked at together.
const PAGE: i64 = 1000;

crate::sql! {
    /// The markets whose listings the import may have touched, in the order in which they are held.
    MARKETS "undo.markets" = "SELECT slug FROM markets WHERE tenant_id = $1 ORDER BY slug";
    /// Listings that only this import touched go. One that somebody else changed in between is remembered as it was then.
    LISTINGS "undo.listings" = "DELETE FROM listings WHERE tenant_id = $1 AND created_by = $2 AND changed_by = $2
            AND NOT EXISTS (SELECT 1 FROM import_changes c
                WHERE c.tenant_id = $1 AND c.import_id = $2 AND c.row_id = listings.id)
        RETURNING market, id, version";
    /// With their history.
    LISTING_CHANGES "undo.listing_changes" = "DELETE FROM listing_changes WHERE tenant_id = $1 AND listing_id = $2";
    /// How many listings it made that stay, beside those that are remembered.
    LISTINGS_KEPT "undo.listings_kept" = "SELECT count(*) FROM listings l WHERE tenant_id = $1 AND created_by = $2
        AND NOT EXISTS (SELECT 1 FROM import_changes c
            WHERE c.tenant_id = $1 AND c.import_id = $2 AND c.row_id = l.id)";
    /// Where a remembered listing is, and who changed it last.
    LISTING "undo.listing" = "SELECT market, changed_by FROM listings WHERE tenant_id = $1 AND id = $2";
    /// Holds the leads that the import touched, before anything is decided. SQLite has one writer.
    LEADS_HOLD "undo.leads_hold" = {
        sqlite: "SELECT id FROM leads WHERE $1 IS NULL AND $2 IS NULL",
        postgres: "SELECT id FROM leads WHERE tenant_id = $1 AND (created_by = $2 OR changed_by = $2)
            ORDER BY id FOR UPDATE",
    };
    /// Leads that only this import touched: they did nothing, agreed to nothing, had nothing saved for them and took in nobody since.
    LEADS "undo.leads" = "SELECT id FROM leads l WHERE tenant_id = $1 AND created_by = $2 AND changed_by = $2
        AND NOT EXISTS (SELECT 1 FROM import_changes c
            WHERE c.tenant_id = $1 AND c.import_id = $2 AND c.row_id = l.id)
        AND NOT EXISTS (SELECT 1 FROM interactions i WHERE i.tenant_id = $1 AND i.lead_id = l.id)
        AND NOT EXISTS (SELECT 1 FROM saved_searches s WHERE s.tenant_id = $1 AND s.lead_id = l.id)
        AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.tenant_id = $1 AND t.lead_id = l.id)
        AND NOT EXISTS (SELECT 1 FROM merged_leads m WHERE m.tenant_id = $1 AND m.into_id = l.id)
        AND NOT EXISTS (SELECT 1 FROM consents a
            WHERE a.tenant_id = $1 AND a.lead_id = l.id AND (a.created_by IS NULL OR a.created_by <> $2))";
    /// How many leads it made that stay, beside those that are remembered.
    LEADS_KEPT "undo.leads_kept" = "SELECT count(*) FROM leads l WHERE tenant_id = $1 AND created_by = $2
        AND NOT EXISTS (SELECT 1 FROM import_changes c
            WHERE c.tenant_id = $1 AND c.import_id = $2 AND c.row_id = l.id)";
    /// Who changed a remembered lead last.
    LEAD "undo.lead" = "SELECT changed_by FROM leads WHERE tenant_id = $1 AND id = $2";
    /// A lead as it was.
    LEAD_RESTORE "undo.lead_restore" = "UPDATE leads SET version = version + 1, updated_at = $3, fingerprint = $4,
            changed_by = $5, external_id = $6, name = $7, name_key = $8, email = $9, phone = $10, source = $11, stage = $12,
            assignee = $13, market = $14, preferences = $15, tags = $16, custom = $17, outcome = $18, outcome_at = $19,
            source_created_at = $20, created_at = coalesce($20, created_at), provenance = $21, words = $22
        WHERE tenant_id = $1 AND id = $2";
    /// Permissions that came with the import go. What it told of permissions that were taken back stays: an undo never
    /// gives leave to write to anybody.
    CONSENTS "undo.consents" = "DELETE FROM consents WHERE tenant_id = $1 AND created_by = $2 AND status = 'granted'";
    /// The interactions it brought.
    INTERACTIONS "undo.interactions" = "DELETE FROM interactions WHERE tenant_id = $1 AND created_by = $2
        RETURNING lead_id, event_id";
    /// An event it took.
    KEY "undo.key" = "DELETE FROM interaction_keys WHERE tenant_id = $1 AND event_id = $2";
    /// What rows were before, page by page.
    BEFORE "undo.before" = "SELECT row_id, before FROM import_changes
        WHERE tenant_id = $1 AND import_id = $2 AND row_id > $3 ORDER BY row_id LIMIT $4";
    /// A value that was new goes, when nobody touched it since.
    POINT_DELETE "undo.point_delete" = "DELETE FROM series
        WHERE tenant_id = $1 AND market = $2 AND metric = $3 AND period = $4 AND changed_by = $5";
    /// A value as it was, when nobody touched it since.
    POINT_RESTORE "undo.point_restore" = "UPDATE series SET value = $6, changed_by = $7
        WHERE tenant_id = $1 AND market = $2 AND metric = $3 AND period = $4 AND changed_by = $5";
    /// Nothing is left to take back.
    FORGET "undo.forget" = "DELETE FROM import_changes WHERE tenant_id = $1 AND import_id = $2";
}

impl Tx<'_> {
    /// Takes an import back. Rows that were changed since stay and are counted. [`Error::NoRow`] when it has not ended.
    pub fn import_undo(&mut self, tenant: TenantId, id: ImportId, kind: ImportKind, now: Time) -> Result<Undone> {
        self.import_undone(tenant, id)?;
        let mut undone = Undone::default();
        match kind {
            ImportKind::Listings | ImportKind::Sales => self.undo_listings(tenant, id, now, &mut undone)?,
            ImportKind::Leads => self.undo_leads(tenant, id, now, &mut undone)?,
            ImportKind::Interactions => self.undo_interactions(tenant, id, &mut undone)?,
            ImportKind::Series => self.undo_series(tenant, id, &mut undone)?,
        }
        self.execute(&FORGET, params![tenant, id])?;
        Ok(undone)
    }

    fn undo_listings(&mut self, tenant: TenantId, id: ImportId, now: Time, undone: &mut Undone) -> Result<()> {
        for market in self.query(&MARKETS, params![tenant], |row| row.get::<MarketSlug>(0))? {
            self.listings_lock(tenant, &market)?;
        }
        let gone = self.query(&LISTINGS, params![tenant, id], |row| {
            Ok(((row.get::<MarketSlug>(0)?, row.get::<ListingId>(1)?), row.get::<i64>(2)?))
        })?;
        let with_history = gone.iter().filter(|(_, version)| *version > 1);
        self.execute_many(&LISTING_CHANGES, with_history.map(|((_, listing), _)| params![tenant, *listing]))?;
        self.estimates_forget(tenant, gone.iter().map(|((_, listing), _)| *listing))?;
        undone.removed = gone.len() as u64;
        undone.listings_removed = gone.into_iter().map(|(listing, _)| listing).collect();
        undone.kept = self.query_one(&LISTINGS_KEPT, params![tenant, id], |row| row.get::<i64>(0))?.unsigned_abs();
        self.undo_changes(tenant, id, |tx, rows| {
            let keys = rows.iter().map(|(row, _)| params![tenant, *row]);
            let there =
                tx.query_many(&LISTING, keys, |row| Ok((row.get::<MarketSlug>(0)?, row.get::<Option<ImportId>>(1)?)))?;
            let mut restoring = Vec::new();
            for ((row, before), there) in rows.into_iter().zip(there) {
                match there {
                    Some((market, changed_by)) if changed_by == Some(id) => {
                        undone.listings_restored.push((market.clone(), ListingId(row)));
                        restoring.push((market, ListingId(row), before));
                    }
                    Some(_) => undone.kept += 1,
                    None => {}
                }
            }
            undone.restored += restoring.len() as u64;
            tx.listings_restore(tenant, restoring, now)
        })
    }

    fn undo_leads(&mut self, tenant: TenantId, id: ImportId, now: Time, undone: &mut Undone) -> Result<()> {
        self.leads_lock(tenant)?;
        self.query(&LEADS_HOLD, params![tenant, id], |_| Ok(()))?;
        undone.leads_removed = self.query(&LEADS, params![tenant, id], |row| row.get(0))?;
        undone.removed = undone.leads_removed.len() as u64;
        self.leads_remove(tenant, &undone.leads_removed)?;
        self.execute(&CONSENTS, params![tenant, id])?;
        undone.kept = self.query_one(&LEADS_KEPT, params![tenant, id], |row| row.get::<i64>(0))?.unsigned_abs();
        self.undo_changes(tenant, id, |tx, rows| {
            let keys = rows.iter().map(|(row, _)| params![tenant, *row]);
            let there = tx.query_many(&LEAD, keys, |row| row.get::<Option<ImportId>>(0))?;
            let mut restoring = Vec::new();
            for ((row, before), there) in rows.into_iter().zip(there) {
                match there {
                    Some(changed_by) if changed_by == Some(id) => {
                        undone.leads_restored.push(LeadId(row));
                        let mut params = params![tenant, row, now];
                        params.extend(before);
                        restoring.push(params);
                    }
                    Some(_) => undone.kept += 1,
                    None => {}
                }
            }
            undone.restored += tx.execute_many(&LEAD_RESTORE, restoring)?;
            Ok(())
        })
    }

    fn undo_interactions(&mut self, tenant: TenantId, id: ImportId, undone: &mut Undone) -> Result<()> {
        let gone =
            self.query(&INTERACTIONS, params![tenant, id], |row| Ok((row.get::<LeadId>(0)?, row.get::<String>(1)?)))?;
        undone.removed = gone.len() as u64;
        let of: BTreeSet<LeadId> = gone.iter().map(|(lead, _)| *lead).collect();
        self.execute_many(&KEY, gone.into_iter().map(|(_, event_id)| params![tenant, event_id]))?;
        let there = self.leads_hold(tenant, of)?;
        self.dealings_recount(tenant, &there)?;
        undone.leads_restored = there.into_iter().collect();
        Ok(())
    }

    fn undo_series(&mut self, tenant: TenantId, id: ImportId, undone: &mut Undone) -> Result<()> {
        self.undo_changes(tenant, id, |tx, rows| {
            for (_, before) in rows {
                let [market, metric, period, value, changed_by] = before.try_into().map_err(|_| not_a_row())?;
                let mut place = params![tenant];
                place.extend([market, metric, period, id.into()]);
                if value == Value::Null {
                    let removed = tx.execute(&POINT_DELETE, place)?;
                    undone.removed += removed;
                    undone.kept += 1 - removed;
                } else {
                    place.extend([value, changed_by]);
                    let restored = tx.execute(&POINT_RESTORE, place)?;
                    undone.restored += restored;
                    undone.kept += 1 - restored;
                }
            }
            Ok(())
        })
    }

    /// Gives `undo` what the rows that an import changed were before it, page by page.
    fn undo_changes(
        &mut self,
        tenant: TenantId,
        id: ImportId,
        mut undo: impl FnMut(&mut Self, Vec<(Uuid, Params)>) -> Result<()>,
    ) -> Result<()> {
        let mut after = Uuid::nil();
        loop {
            let rows = self.query(&BEFORE, params![tenant, id, after, PAGE], |row| {
                let before: String = row.get(1)?;
                Ok((row.get(0)?, kept::decode(&before).ok_or_else(not_a_row)?))
            })?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            after = *last;
            undo(self, rows)?;
        }
    }
}

fn not_a_row() -> Error {
    Error::Column { index: 1, message: "not the values of a row".into() }
}

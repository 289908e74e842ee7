//! Storing batches of listings and sales: what is new, what changed, what was already so.

use std::collections::{HashMap, HashSet};

use lintel_domain::{
    clock::Time,
    fingerprint::Fingerprint,
    id::{ImportId, ListingId, TenantId},
    listing::{ListingChange, ListingFacts, Status},
    market::MarketSlug,
    money::Money,
    rng::Ids,
};

use super::{
    columns::{facts, push_facts},
    merge::{Identity, Known, LISTING, Outline, identity_of, sale_day},
};
use crate::{
    Error, Result, Tx,
    db::{Params, Row},
    params,
};

/// A record to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Upsert {
    /// What it says.
    pub facts: ListingFacts,
    /// Whether it tells of a sale: identified by key and close day. Otherwise by its key.
    pub as_sale: bool,
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpsertOutcome {
    /// It is new.
    Created,
    /// Something changed.
    Updated,
    /// It was already so, or is older than what is there.
    Unchanged,
}

/// What became of a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct Upserted {
    /// Its id.
    pub id: ListingId,
    /// What became of the record.
    pub outcome: UpsertOutcome,
    /// The asking price before and after, when it changed.
    pub price_change: Option<(Option<Money>, Option<Money>)>,
    /// The status before and after, when it changed.
    pub status_change: Option<(Status, Status)>,
}

crate::sql! {
    /// What decides what a record of a key and a day of sale means.
    OUTLINE "listing.outline" = "SELECT id, listing_fingerprint, sale_fingerprint, status, close_on, listed_at, modified_at
        FROM listings WHERE tenant_id = $1 AND market = $2 AND listing_key = $3 AND sale_on = $4";
    /// The whole row.
    FIND "listing.find" = "SELECT id, listing_fingerprint, sale_fingerprint, version, changed_by, listing_key, source, status,
            property_type, list_price, original_list_price, close_price, close_on, listed_at, modified_at, days_on_market,
            bedrooms, bathrooms, living_area_sqft, lot_size_sqft, year_built, stories, garage_spaces, latitude, longitude,
            address_line, city, region, postal_code, remarks, photos, attributes, provenance
        FROM listings WHERE tenant_id = $1 AND market = $2 AND listing_key = $3 AND sale_on = $4";
    /// The whole row, by its id.
    BY_PLACE "listing.by_place" = "SELECT id, listing_fingerprint, sale_fingerprint, version, changed_by, listing_key, source, status,
            property_type, list_price, original_list_price, close_price, close_on, listed_at, modified_at, days_on_market,
            bedrooms, bathrooms, living_area_sqft, lot_size_sqft, year_built, stories, garage_spaces, latitude, longitude,
            address_line, city, region, postal_code, remarks, photos, attributes, provenance
        FROM listings WHERE tenant_id = $1 AND market = $2 AND id = $3";
    /// A new row.
    INSERT "listing.insert" = "INSERT INTO listings (tenant_id, market, id, listing_key, sale_on, listing_fingerprint,
            sale_fingerprint, created_by, changed_by, version, created_at, updated_at, source, status, property_type,
            list_price, original_list_price, close_price, close_on, listed_at, modified_at, days_on_market, bedrooms,
            bathrooms, living_area_sqft, lot_size_sqft, year_built, stories, garage_spaces, latitude, longitude,
            address_line, city, region, postal_code, remarks, photos, attributes, provenance)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 1, $9, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
            $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36)";
    /// A changed row.
    UPDATE "listing.update" = "UPDATE listings SET listing_fingerprint = $4, sale_fingerprint = $5, changed_by = $6,
            version = version + 1, updated_at = $7, source = $8, status = $9, property_type = $10, list_price = $11,
            original_list_price = $12, close_price = $13, close_on = $14, listed_at = $15, modified_at = $16,
            days_on_market = $17, bedrooms = $18, bathrooms = $19, living_area_sqft = $20, lot_size_sqft = $21,
            year_built = $22, stories = $23, garage_spaces = $24, latitude = $25, longitude = $26, address_line = $27,
            city = $28, region = $29, postal_code = $30, remarks = $31, photos = $32, attributes = $33, provenance = $34
        WHERE tenant_id = $1 AND market = $2 AND id = $3";
}

/// The batch a record is part of.
struct Batch<'a> {
    tenant: TenantId,
    market: &'a MarketSlug,
    import: Option<ImportId>,
    now: Time,
}

impl Tx<'_> {
    /// Stores records of a market; one answer per record, in their order. Of several records of one identity the last
    /// counts. A record that was sent before, or whose `modified_at` is older than what is stored, changes nothing. A
    /// listing is that of its key; without one, a sold one is the record of its sale. A sale is first the record of its key
    /// and day; without one it closes the listing of its key, if that was sold on that day, or is open and was listed
    /// before.
    pub fn listings_upsert(
        &mut self,
        tenant: TenantId,
        market: &MarketSlug,
        records: &[Upsert],
        import: Option<ImportId>,
        now: Time,
        ids: &Ids,
    ) -> Result<Vec<Upserted>> {
        let batch = Batch { tenant, market, import, now };
        self.listings_lock(tenant, market)?;
        let outlines = self.outlines(&batch, records)?;
        let prints: Vec<Fingerprint> = records.iter().map(|record| record.facts.fingerprint()).collect();
        let settled = |record: &Upsert, print: Fingerprint| {
            let outline = outlines.get(&identity_of(record, |identity| outlines.get(identity).copied()))?;
            outline.settles(record, print).then_some(outline.id)
        };
        let moving: HashSet<&str> = (records.iter().zip(&prints))
            .filter(|(record, print)| settled(record, **print).is_none())
            .map(|(record, _)| record.facts.listing_key.as_str())
            .collect();
        let mut rows = self.rows(&batch, outlines.keys().filter(|(key, _)| moving.contains(key)).copied().collect())?;
        // In their order, new rows are added at the end of the table and of its indexes.
        let unsettled = records.iter().filter(|record| moving.contains(record.facts.listing_key.as_str()));
        let mut new_ids: Vec<_> = unsettled.map(|_| ids.next(now)).collect();
        new_ids.sort_unstable_by(|a, b| b.cmp(a));
        let mut upserted = Vec::with_capacity(records.len());
        let (mut inserts, mut updates, mut updated) = (Vec::new(), Vec::new(), HashSet::new());
        for (record, print) in records.iter().zip(prints) {
            if let Some(id) = settled(record, print).filter(|_| !moving.contains(record.facts.listing_key.as_str())) {
                upserted.push(unchanged(id));
                continue;
            }
            let identity = identity_of(record, |identity| rows.get(identity).map(Known::outline));
            let Some(row) = rows.get_mut(&identity) else {
                let row = Known::new(record, print, ListingId(new_ids.pop().unwrap_or_else(|| ids.next(now))));
                upserted.push(Upserted { outcome: UpsertOutcome::Created, ..unchanged(row.id) });
                rows.insert(identity, row);
                inserts.push(identity);
                continue;
            };
            if row.outline().settles(record, print) {
                upserted.push(unchanged(row.id));
                continue;
            }
            if row.version > 0 && updated.insert(identity) {
                updates.push((identity, row.clone()));
            }
            upserted.push(row.apply(record, print));
        }
        self.insert_listings(&batch, &inserts, &rows)?;
        self.update_listings(&batch, &updates, &rows)?;
        Ok(upserted)
    }

    /// Holds the listings of a market until this write ends: on PostgreSQL, where writes run side by side, what a record
    /// means is decided by one of them at a time.
    pub(crate) fn listings_lock(&mut self, tenant: TenantId, market: &MarketSlug) -> Result<()> {
        self.lock(&format!("listings {tenant} {market}"))
    }

    /// Of every row that the records may mean, what decides it.
    fn outlines<'r>(&mut self, batch: &Batch<'_>, records: &'r [Upsert]) -> Result<HashMap<Identity<'r>, Outline>> {
        let mut wanted: Vec<Identity<'_>> = Vec::with_capacity(records.len());
        for record in records {
            let key = record.facts.listing_key.as_str();
            wanted.push((key, LISTING));
            wanted.extend(sale_day(record).map(|day| (key, day.0)));
        }
        // In the order of their index, neighbours are found on the same page.
        wanted.sort_unstable();
        wanted.dedup();
        let found = self.query_many(&OUTLINE, wanted.iter().map(|identity| batch.place(identity)), outline)?;
        Ok(wanted.into_iter().zip(found).filter_map(|(identity, row)| Some((identity, row?))).collect())
    }

    /// Rows that are there.
    fn rows<'r>(&mut self, batch: &Batch<'_>, wanted: Vec<Identity<'r>>) -> Result<HashMap<Identity<'r>, Known>> {
        let found = self.query_many(&FIND, wanted.iter().map(|identity| batch.place(identity)), known)?;
        Ok(wanted.into_iter().zip(found).filter_map(|(identity, row)| Some((identity, row?))).collect())
    }

    fn insert_listings(
        &mut self,
        batch: &Batch<'_>,
        identities: &[Identity<'_>],
        rows: &HashMap<Identity<'_>, Known>,
    ) -> Result<()> {
        let Batch { tenant, market, import, now } = *batch;
        let mut items = Vec::with_capacity(identities.len());
        for identity @ (key, sale_on) in identities {
            let Some(row) = rows.get(identity) else { continue };
            let (listing, sale) = (row.listing.map(Vec::from), row.sale.map(Vec::from));
            let mut params = Params::with_capacity(36);
            params.extend(params![tenant, market, row.id, *key, *sale_on, listing, sale, import, now]);
            push_facts(&mut params, &row.facts)?;
            items.push(params);
        }
        self.execute_many(&INSERT, items).map(|_| ())
    }

    fn update_listings(
        &mut self,
        batch: &Batch<'_>,
        updates: &[(Identity<'_>, Known)],
        rows: &HashMap<Identity<'_>, Known>,
    ) -> Result<()> {
        let Batch { tenant, market, import, now } = *batch;
        let (mut items, mut changes, mut before) = (Vec::with_capacity(updates.len()), Vec::new(), Vec::new());
        for (identity, old) in updates {
            let Some(row) = rows.get(identity) else { continue };
            if import.is_some() && old.changed_by != import {
                let mut kept = params![old.listing.map(Vec::from), old.sale.map(Vec::from), old.changed_by];
                push_facts(&mut kept, &old.facts)?;
                before.push((row.id.0, kept));
            }
            let (listing, sale) = (row.listing.map(Vec::from), row.sale.map(Vec::from));
            let mut params = params![tenant, market, row.id, listing, sale, import, now];
            push_facts(&mut params, &row.facts)?;
            items.push(params);
            changes.extend(change(now, &old.facts, &row.facts).map(|change| (row.id, row.version + 1, change)));
        }
        let count = items.len() as u64;
        if self.execute_many(&UPDATE, items)? != count {
            return Err(Error::NoRow { statement: UPDATE.name() });
        }
        self.listing_changes_insert(tenant, &changes)?;
        match import {
            Some(import) => self.import_changed(tenant, import, before),
            None => Ok(()),
        }
    }

    /// Puts listings back to what they were, as it was remembered by [`Tx::import_changed`]; their history tells of it.
    pub(crate) fn listings_restore(
        &mut self,
        tenant: TenantId,
        restoring: Vec<(MarketSlug, ListingId, Params)>,
        now: Time,
    ) -> Result<()> {
        let places = || restoring.iter().map(|(market, id, _)| params![tenant, market, *id]);
        let old = self.query_many(&BY_PLACE, places(), known)?;
        let items: Vec<Params> = (restoring.iter())
            .map(|(market, id, kept)| {
                let (prints, rest) = kept.split_at(kept.len().min(2));
                let (changed_by, facts) = rest.split_at(rest.len().min(1));
                let place = params![tenant, market, *id];
                [&place, prints, changed_by, &[now.into()], facts].concat()
            })
            .collect();
        self.execute_many(&UPDATE, items)?;
        let new = self.query_many(&BY_PLACE, places(), known)?;
        let both = old.into_iter().zip(new).filter_map(|(old, new)| old.zip(new));
        let changes: Vec<_> =
            both.filter_map(|(old, new)| Some((new.id, new.version, change(now, &old.facts, &new.facts)?))).collect();
        self.listing_changes_insert(tenant, &changes)
    }
}

impl Batch<'_> {
    fn place(&self, identity: &Identity<'_>) -> Params {
        params![self.tenant, self.market, identity.0, identity.1]
    }
}

fn unchanged(id: ListingId) -> Upserted {
    Upserted { id, outcome: UpsertOutcome::Unchanged, price_change: None, status_change: None }
}

/// What the history keeps of a change.
fn change(at: Time, old: &ListingFacts, new: &ListingFacts) -> Option<ListingChange> {
    let status = (old.status != new.status).then_some((old.status, new.status));
    let list_price = (old.list_price != new.list_price).then_some((old.list_price, new.list_price));
    (status.is_some() || list_price.is_some()).then_some(ListingChange { at, status, list_price })
}

fn print(row: &Row<'_>, index: usize) -> Result<Option<Fingerprint>> {
    let bytes: Option<Vec<u8>> = row.get(index)?;
    Ok(bytes.and_then(|bytes| Fingerprint::try_from(bytes).ok()))
}

fn outline(row: &Row<'_>) -> Result<Outline> {
    Ok(Outline {
        id: row.get(0)?,
        listing: print(row, 1)?,
        sale: print(row, 2)?,
        status: row.word(3, Status::parse)?,
        close_date: row.get(4)?,
        listed_at: row.get(5)?,
        modified_at: row.get(6)?,
    })
}

fn known(row: &Row<'_>) -> Result<Known> {
    Ok(Known {
        id: row.get(0)?,
        listing: print(row, 1)?,
        sale: print(row, 2)?,
        version: row.get(3)?,
        changed_by: row.get(4)?,
        facts: facts(row, 5)?,
    })
}

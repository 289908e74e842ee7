//! Storing batches of listings and sales: what is new, what changed, what was already so.

use std::collections::HashMap;

use lintel_domain::{
    clock::{Day, Time},
    fingerprint::Fingerprint,
    id::{ImportId, ListingId, TenantId},
    listing::{ListingChange, ListingFacts, Status},
    market::MarketSlug,
    money::Money,
    rng::Ids,
};

use super::columns::{facts, push_facts};
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

/// What stands in `sale_on` of a listing.
const LISTING: i32 = i32::MIN;

crate::sql! {
    /// What is known of a key and a day of sale.
    FIND "listing.find" = "SELECT id, listing_fingerprint, sale_fingerprint, version, listing_key, source, status,
            property_type, list_price, original_list_price, close_price, close_on, listed_at, modified_at, days_on_market,
            bedrooms, bathrooms, living_area_sqft, lot_size_sqft, year_built, stories, garage_spaces, latitude, longitude,
            address_line, city, region, postal_code, remarks, photos, attributes, provenance
        FROM listings WHERE tenant_id = $1 AND market = $2 AND listing_key = $3 AND sale_on = $4";
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

/// A row as it is known while a batch is stored.
#[derive(Clone)]
struct Known {
    id: ListingId,
    listing: Option<Fingerprint>,
    sale: Option<Fingerprint>,
    version: i64,
    facts: ListingFacts,
}

fn known(row: &Row<'_>) -> Result<Known> {
    let print = |bytes: Option<Vec<u8>>| bytes.and_then(|bytes| Fingerprint::try_from(bytes).ok());
    Ok(Known {
        id: row.get(0)?,
        listing: print(row.get(1)?),
        sale: print(row.get(2)?),
        version: row.get(3)?,
        facts: facts(row, 4)?,
    })
}

/// A row's identity in its market: its key and the day of its sale.
type Identity = (String, i32);

impl Tx<'_> {
    /// Stores records of a market; one answer per record, in their order. Of several records of one identity the last
    /// counts. A record whose `modified_at` is older than what is stored changes nothing. A sale is first the record of
    /// its key and day; without one it closes the listing of its key, if that is open and was listed before.
    pub fn listings_upsert(
        &mut self,
        tenant: TenantId,
        market: &MarketSlug,
        records: &[Upsert],
        import: Option<ImportId>,
        now: Time,
        ids: &Ids,
    ) -> Result<Vec<Upserted>> {
        self.lock(&format!("listings {tenant} {market}"))?;
        let mut rows = self.load(tenant, market, records)?;
        let mut upserted = Vec::with_capacity(records.len());
        let mut inserts: Vec<Identity> = Vec::new();
        let mut updates: Vec<Identity> = Vec::new();
        let mut before: HashMap<Identity, Known> = HashMap::new();
        for record in records {
            let identity = identity_of(record, &rows);
            let print = record.facts.fingerprint();
            let Some(row) = rows.get_mut(&identity) else {
                let row = created(record, print, ListingId(ids.next(now)));
                let outcome = UpsertOutcome::Created;
                upserted.push(Upserted { id: row.id, outcome, price_change: None, status_change: None });
                rows.insert(identity.clone(), row);
                inserts.push(identity);
                continue;
            };
            let changed = changed(row, record, print);
            if changed.outcome == UpsertOutcome::Updated && row.version > 0 && !before.contains_key(&identity) {
                before.insert(identity.clone(), row.clone());
                updates.push(identity.clone());
            }
            if changed.outcome == UpsertOutcome::Updated {
                apply(row, record, print);
            }
            upserted.push(changed);
        }
        self.insert_listings(tenant, market, &inserts, &rows, import, now)?;
        self.update_listings(tenant, market, &updates, &rows, &before, import, now)?;
        Ok(upserted)
    }

    /// What is known of every identity that the records may mean.
    fn load(&mut self, tenant: TenantId, market: &MarketSlug, records: &[Upsert]) -> Result<HashMap<Identity, Known>> {
        let mut wanted: Vec<Identity> = Vec::with_capacity(records.len());
        for record in records {
            wanted.push((record.facts.listing_key.clone(), LISTING));
            if let Some(day) = sale_day(record) {
                wanted.push((record.facts.listing_key.clone(), day.0));
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        let items = wanted.iter().map(|(key, sale_on)| params![tenant, market, key, *sale_on]);
        let found = self.query_many(&FIND, items, known)?;
        Ok(wanted.into_iter().zip(found).filter_map(|(identity, row)| Some((identity, row?))).collect())
    }

    fn insert_listings(
        &mut self,
        tenant: TenantId,
        market: &MarketSlug,
        identities: &[Identity],
        rows: &HashMap<Identity, Known>,
        import: Option<ImportId>,
        now: Time,
    ) -> Result<()> {
        let mut items = Vec::with_capacity(identities.len());
        for identity @ (key, sale_on) in identities {
            let Some(row) = rows.get(identity) else { continue };
            let (listing, sale) = (row.listing.map(Vec::from), row.sale.map(Vec::from));
            let mut params = params![tenant, market, row.id, key, *sale_on, listing, sale, import, now];
            push_facts(&mut params, &row.facts)?;
            items.push(params);
        }
        self.execute_many(&INSERT, items).map(|_| ())
    }

    /// Puts a listing back to what it was, as it was remembered by [`Tx::import_changed`].
    pub(crate) fn listing_restore(
        &mut self,
        tenant: TenantId,
        market: &MarketSlug,
        id: ListingId,
        mut kept: Params,
        now: Time,
    ) -> Result<()> {
        let facts = kept.split_off(2);
        let mut params = params![tenant, market, id];
        params.extend(kept);
        params.extend(params![None::<ImportId>, now]);
        params.extend(facts);
        self.execute(&UPDATE, params).map(|_| ())
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one batch")]
    fn update_listings(
        &mut self,
        tenant: TenantId,
        market: &MarketSlug,
        identities: &[Identity],
        rows: &HashMap<Identity, Known>,
        before: &HashMap<Identity, Known>,
        import: Option<ImportId>,
        now: Time,
    ) -> Result<()> {
        for identity in identities {
            let (Some(row), Some(old)) = (rows.get(identity), before.get(identity)) else { continue };
            if let Some(import) = import {
                let mut kept = params![old.listing.map(Vec::from), old.sale.map(Vec::from)];
                push_facts(&mut kept, &old.facts)?;
                self.import_changed(tenant, import, row.id.0, Some(&kept))?;
            }
            let (listing, sale) = (row.listing.map(Vec::from), row.sale.map(Vec::from));
            let mut params = params![tenant, market, row.id, listing, sale, import, now];
            push_facts(&mut params, &row.facts)?;
            if self.execute(&UPDATE, params)? != 1 {
                return Err(Error::NoRow { statement: UPDATE.name() });
            }
            let change = ListingChange {
                at: now,
                status: (old.facts.status != row.facts.status).then_some((old.facts.status, row.facts.status)),
                list_price: (old.facts.list_price != row.facts.list_price)
                    .then_some((old.facts.list_price, row.facts.list_price)),
            };
            if change.status.is_some() || change.list_price.is_some() {
                self.listing_change(tenant, row.id, row.version + 1, &change)?;
            }
        }
        Ok(())
    }
}

/// The day by which the record of a sale is known.
fn sale_day(record: &Upsert) -> Option<Day> {
    record.facts.close_date.filter(|_| record.as_sale)
}

/// Which row a record means.
fn identity_of(record: &Upsert, rows: &HashMap<Identity, Known>) -> Identity {
    let listing = (record.facts.listing_key.clone(), LISTING);
    let Some(day) = sale_day(record) else { return listing };
    let sale = (record.facts.listing_key.clone(), day.0);
    if rows.contains_key(&sale) {
        return sale;
    }
    let closes = rows.get(&listing).is_some_and(|row| {
        let facts = &row.facts;
        let listed_before = facts.listed_at.is_none_or(|at| at.day() <= day);
        facts.close_date == Some(day) || (facts.status != Status::Closed && facts.close_date.is_none() && listed_before)
    });
    if closes { listing } else { sale }
}

/// A row of its own. Its version is 0 while it is not stored.
fn created(record: &Upsert, print: Fingerprint, id: ListingId) -> Known {
    let mut facts = record.facts.clone();
    facts.original_list_price = facts.original_list_price.or(facts.list_price);
    let (listing, sale) = if record.as_sale { (None, Some(print)) } else { (Some(print), None) };
    Known { id, listing, sale, version: 0, facts }
}

/// What a record does to a row.
fn changed(row: &Known, record: &Upsert, print: Fingerprint) -> Upserted {
    let sent_before = if record.as_sale { row.sale } else { row.listing };
    let older = matches!((record.facts.modified_at, row.facts.modified_at), (Some(new), Some(old)) if new < old);
    if sent_before == Some(print) || older {
        return Upserted { id: row.id, outcome: UpsertOutcome::Unchanged, price_change: None, status_change: None };
    }
    let mut new = row.clone();
    apply(&mut new, record, print);
    let (old, new) = (&row.facts, &new.facts);
    Upserted {
        id: row.id,
        outcome: UpsertOutcome::Updated,
        price_change: (old.list_price != new.list_price).then_some((old.list_price, new.list_price)),
        status_change: (old.status != new.status).then_some((old.status, new.status)),
    }
}

/// Puts a record into a row: a listing replaces what was said, a sale adds to it.
fn apply(row: &mut Known, record: &Upsert, print: Fingerprint) {
    let old = &row.facts;
    let mut facts = record.facts.clone();
    facts.original_list_price = facts.original_list_price.or(old.original_list_price).or(facts.list_price);
    if record.as_sale {
        keep(&mut facts, old);
        row.sale = Some(print);
    } else {
        row.listing = Some(print);
    }
    row.facts = facts;
}

/// Fills in what a sale does not say with what the listing said.
fn keep(sale: &mut ListingFacts, old: &ListingFacts) {
    macro_rules! fill {
        ($($field:ident),+) => {$( if sale.$field.is_none() { sale.$field.clone_from(&old.$field); } )+};
    }
    fill!(
        property_type,
        list_price,
        listed_at,
        modified_at,
        days_on_market,
        bedrooms,
        bathrooms,
        living_area_sqft,
        lot_size_sqft,
        year_built,
        stories,
        garage_spaces,
        place,
        remarks
    );
    let (address, old_address) = (&mut sale.address, &old.address);
    for (field, old) in [
        (&mut address.line, &old_address.line),
        (&mut address.city, &old_address.city),
        (&mut address.region, &old_address.region),
        (&mut address.postal_code, &old_address.postal_code),
    ] {
        if field.is_none() {
            field.clone_from(old);
        }
    }
    if sale.photos.is_empty() {
        sale.photos.clone_from(&old.photos);
    }
    for (name, value) in &old.attributes {
        sale.attributes.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

//! Which row a record of a listing or a sale means, and what becomes of the row.

use lintel_domain::{
    clock::{Day, Time},
    fingerprint::Fingerprint,
    id::{ImportId, ListingId},
    listing::{ListingFacts, Status},
};

use super::upsert::{Upsert, UpsertOutcome, Upserted};

/// What stands in `sale_on` of a listing.
pub(super) const LISTING: i32 = i32::MIN;

/// A row's identity in its market: its key and the day of its sale.
pub(super) type Identity<'a> = (&'a str, i32);

/// As much of a row as decides what a record means.
#[derive(Clone, Copy)]
pub(super) struct Outline {
    pub(super) id: ListingId,
    /// Of the last record of a listing, as it was sent.
    pub(super) listing: Option<Fingerprint>,
    /// Of the last record of a sale, as it was sent.
    pub(super) sale: Option<Fingerprint>,
    pub(super) status: Status,
    pub(super) close_date: Option<Day>,
    pub(super) listed_at: Option<Time>,
    pub(super) modified_at: Option<Time>,
}

impl Outline {
    /// Whether a record has nothing to say: it was sent before, or is older than what is there.
    pub(super) fn settles(&self, record: &Upsert, print: Fingerprint) -> bool {
        let sent_before = if record.as_sale { self.sale } else { self.listing };
        let older = matches!((record.facts.modified_at, self.modified_at), (Some(new), Some(old)) if new < old);
        sent_before == Some(print) || older
    }
}

/// A row that may change.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) id: ListingId,
    pub(super) listing: Option<Fingerprint>,
    pub(super) sale: Option<Fingerprint>,
    /// 0 while it is not stored.
    pub(super) version: i64,
    /// The import that changed it last.
    pub(super) changed_by: Option<ImportId>,
    pub(super) facts: ListingFacts,
}

impl Known {
    /// A row of its own.
    pub(super) fn new(record: &Upsert, print: Fingerprint, id: ListingId) -> Self {
        let mut facts = record.facts.clone();
        facts.original_list_price = facts.original_list_price.or(facts.list_price);
        let (listing, sale) = if record.as_sale { (None, Some(print)) } else { (Some(print), None) };
        Self { id, listing, sale, version: 0, changed_by: None, facts }
    }

    pub(super) fn outline(&self) -> Outline {
        Outline {
            id: self.id,
            listing: self.listing,
            sale: self.sale,
            status: self.facts.status,
            close_date: self.facts.close_date,
            listed_at: self.facts.listed_at,
            modified_at: self.facts.modified_at,
        }
    }

    /// Puts a record into the row: a listing replaces what was said, a sale adds to it.
    pub(super) fn apply(&mut self, record: &Upsert, print: Fingerprint) -> Upserted {
        let mut facts = record.facts.clone();
        let old = &self.facts;
        facts.original_list_price = facts.original_list_price.or(old.original_list_price).or(facts.list_price);
        if record.as_sale {
            keep(&mut facts, old);
            self.sale = Some(print);
        } else {
            self.listing = Some(print);
        }
        let old = std::mem::replace(&mut self.facts, facts);
        let new = &self.facts;
        Upserted {
            id: self.id,
            outcome: UpsertOutcome::Updated,
            price_change: (old.list_price != new.list_price).then_some((old.list_price, new.list_price)),
            status_change: (old.status != new.status).then_some((old.status, new.status)),
        }
    }
}

/// The day by which the record of a sale is known, if the record may tell of one.
pub(super) fn sale_day(record: &Upsert) -> Option<Day> {
    record.facts.close_date.filter(|_| record.as_sale || record.facts.is_sale())
}

/// Which row a record means. A listing is that of its key; without one, a sold one is the record of its sale. A sale is first
/// the record of its key and day; without one it closes the listing of its key, if that was sold on that day, or is open and
/// was listed before.
pub(super) fn identity_of(record: &Upsert, row: impl Fn(&Identity<'_>) -> Option<Outline>) -> Identity<'_> {
    let key = record.facts.listing_key.as_str();
    let Some(day) = sale_day(record) else { return (key, LISTING) };
    if !record.as_sale {
        let only_sold = row(&(key, LISTING)).is_none() && row(&(key, day.0)).is_some();
        return if only_sold { (key, day.0) } else { (key, LISTING) };
    }
    if row(&(key, day.0)).is_some() {
        return (key, day.0);
    }
    let closes = row(&(key, LISTING)).is_some_and(|row| {
        let listed_before = row.listed_at.is_none_or(|at| at.day() <= day);
        let open = row.status != Status::Closed && row.close_date.is_none();
        row.close_date == Some(day) || (open && listed_before)
    });
    if closes { (key, LISTING) } else { (key, day.0) }
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

//! The contract of the tables of the trade: what goes in comes out, of the right tenant, once, in order.

mod account;
mod analysis;
mod experiment;
mod frozen;
mod hook;
mod isolation;
mod lead;
mod lead_days;
mod lead_list;
mod lead_merge;
mod listing;
mod listing_law;
mod lookup;
mod notification;
mod rest;
mod search_match;
mod task;
mod trigger;
mod undo;

use lintel_domain::{
    clock::{DAY, Time},
    id::{LeadId, ListingId, TenantId},
    lead::LeadFacts,
    listing::{Listing, ListingFacts, Provenance, Status},
    market::{Market, MarketSlug},
    money::{Currency, Money},
    rng::Ids,
    scalar::Scalar,
};
use lintel_store::{
    Result, Store,
    lead::{LeadUpsert, LeadUpserted},
    listing::{Upsert, UpsertOutcome, Upserted},
};

use crate::backend::{Backend, START, tenant};

/// The market of all tests.
pub(crate) fn market() -> MarketSlug {
    "north-side".parse().unwrap()
}

/// The tenant with this number and its market.
pub(crate) async fn set_up(store: &Store, number: u128) -> TenantId {
    let id = tenant(number);
    let market = Market {
        tenant: id,
        slug: market(),
        name: "North side".to_owned(),
        currency: Currency::USD,
        created_at: START,
    };
    let write = store.write(move |tx| -> Result<()> {
        tx.tenant_ensure(id, &format!("tenant-{number}"), "A tenant", &number.to_be_bytes(), START)?;
        tx.market_ensure(&market)?;
        Ok(())
    });
    write.await.unwrap();
    id
}

/// A listing of which a little of everything is known.
pub(crate) fn home(key: &str) -> ListingFacts {
    let mut facts = ListingFacts::new("a feed", key, Status::Active, Provenance::Feed);
    facts.property_type = Some("Condo".to_owned());
    facts.list_price = Some(Money(50_000_050));
    facts.listed_at = Some(START.plus(-10 * DAY));
    facts.bedrooms = Some(2.0);
    facts.bathrooms = Some(1.75);
    facts.living_area_sqft = Some(1_021.3);
    facts.place = lintel_domain::place::Point::new(47.123_456_789, -122.1);
    facts.address.line = Some("1 \"Main\" Street \u{1F3E0}".to_owned());
    facts.address.postal_code = Some("01234".to_owned());
    facts.remarks = Some("<b>quiet</b>".to_owned());
    facts.photos = vec!["https://example.org/1.jpg".to_owned()];
    facts.attributes.insert("view".to_owned(), Scalar::Number(0.1 + 0.2));
    facts.attributes.insert("lift".to_owned(), Scalar::Bool(true));
    facts.attributes.insert("heating".to_owned(), Scalar::Text("gas".to_owned()));
    facts
}

/// The record of a sale of a key.
pub(crate) fn sale(key: &str, day: &str, price: i64) -> ListingFacts {
    let mut facts = ListingFacts::new("a county", key, Status::Closed, Provenance::Import);
    facts.close_date = Some(day.parse().unwrap());
    facts.close_price = Some(Money(price));
    facts
}

pub(crate) fn person(external_id: &str) -> LeadFacts {
    let mut facts = LeadFacts::new(Provenance::Import);
    facts.external_id = Some(external_id.to_owned());
    facts.name = Some(format!("Person {external_id}"));
    facts
}

pub(crate) async fn put(backend: &Backend, tenant: TenantId, records: Vec<Upsert>, now: Time) -> Vec<Upserted> {
    let ids = Ids::seeded(backend.id().as_u128() as u64);
    let seed = ids.next(now).as_u128() as u64;
    let write = backend.write(move |tx| tx.listings_upsert(tenant, &market(), &records, None, now, &Ids::seeded(seed)));
    write.await.unwrap()
}

pub(crate) fn listed(facts: ListingFacts) -> Upsert {
    Upsert { facts, as_sale: false }
}

pub(crate) fn sold(facts: ListingFacts) -> Upsert {
    Upsert { facts, as_sale: true }
}

pub(crate) fn outcomes(upserted: &[Upserted]) -> Vec<UpsertOutcome> {
    upserted.iter().map(|one| one.outcome).collect()
}

/// Every listing of the tenant's market.
pub(crate) async fn all_listings(store: &Store, tenant: TenantId) -> Vec<Listing> {
    let (mut all, mut after): (Vec<Listing>, Option<ListingId>) = (Vec::new(), None);
    loop {
        let page = store.listings_page(tenant, &market(), after, 7).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = Some(last.id);
        all.extend(page);
    }
}

pub(crate) async fn put_leads(backend: &Backend, tenant: TenantId, facts: Vec<LeadFacts>) -> Vec<LeadUpserted> {
    let records: Vec<LeadUpsert> = facts.into_iter().map(|facts| LeadUpsert { facts, consent: Vec::new() }).collect();
    let seed = backend.id().as_u128() as u64;
    let write = backend.write(move |tx| tx.leads_upsert(tenant, &records, None, START, &Ids::seeded(seed)));
    write.await.unwrap()
}

/// A stored lead with this outside id.
pub(crate) async fn lead_of(backend: &Backend, tenant: TenantId, external_id: &str) -> LeadId {
    put_leads(backend, tenant, vec![person(external_id)]).await[0].id.unwrap()
}

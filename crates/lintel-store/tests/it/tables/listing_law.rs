//! A law: any sequence of batches of listings and sales leaves what a simple model of the rules leaves.

use std::collections::BTreeMap;

use lintel_domain::{
    clock::{DAY, Day, Time},
    listing::{ListingFacts, Provenance, Status},
    money::Money,
    scalar::Scalar,
};
use lintel_store::listing::{Upsert, UpsertOutcome, Upserted};
use proptest::{prelude::*, test_runner::TestRunner};

use super::{all_listings, put, set_up};
use crate::backend::{Backend, START};

/// One row of the model.
#[derive(Clone, Debug)]
struct Row {
    facts: ListingFacts,
    /// The last records of either kind, as they were sent.
    listing: Option<ListingFacts>,
    sale: Option<ListingFacts>,
}

/// Rows by key and, for the record of a sale, its day.
type World = BTreeMap<(String, Option<Day>), Row>;

type Told = (UpsertOutcome, Option<(Option<Money>, Option<Money>)>, Option<(Status, Status)>);

/// The source's time of change does not count.
fn same(a: &ListingFacts, b: &ListingFacts) -> bool {
    ListingFacts { modified_at: None, ..a.clone() } == ListingFacts { modified_at: None, ..b.clone() }
}

fn place(world: &World, record: &Upsert) -> (String, Option<Day>) {
    let key = record.facts.listing_key.clone();
    if !record.as_sale {
        let sold = (key.clone(), record.facts.close_date);
        let only_sold =
            !world.contains_key(&(key.clone(), None)) && record.facts.is_sale() && world.contains_key(&sold);
        return if only_sold { sold } else { (key, None) };
    }
    let Some(day) = record.facts.close_date else { return (key, None) };
    if world.contains_key(&(key.clone(), Some(day))) {
        return (key, Some(day));
    }
    match world.get(&(key.clone(), None)).map(|row| &row.facts) {
        Some(home) if home.close_date == Some(day) => (key, None),
        Some(home)
            if home.close_date.is_none()
                && home.status != Status::Closed
                && home.listed_at.is_none_or(|at| at.day() <= day) =>
        {
            (key, None)
        }
        _ => (key, Some(day)),
    }
}

fn filled(sale: &ListingFacts, old: &ListingFacts) -> ListingFacts {
    let mut facts = sale.clone();
    facts.list_price = sale.list_price.or(old.list_price);
    facts.listed_at = sale.listed_at.or(old.listed_at);
    facts.modified_at = sale.modified_at.or(old.modified_at);
    facts.bedrooms = sale.bedrooms.or(old.bedrooms);
    facts.remarks = sale.remarks.clone().or_else(|| old.remarks.clone());
    facts.address.city = sale.address.city.clone().or_else(|| old.address.city.clone());
    facts.photos = if sale.photos.is_empty() { old.photos.clone() } else { sale.photos.clone() };
    facts.attributes = old.attributes.clone();
    facts.attributes.extend(sale.attributes.clone());
    facts
}

fn take(world: &mut World, record: &Upsert) -> Told {
    let place = place(world, record);
    let sent = &record.facts;
    let Some(row) = world.get_mut(&place) else {
        let mut facts = sent.clone();
        facts.original_list_price = sent.original_list_price.or(sent.list_price);
        let [listing, sale] = [!record.as_sale, record.as_sale].map(|this| this.then(|| sent.clone()));
        world.insert(place, Row { facts, listing, sale });
        return (UpsertOutcome::Created, None, None);
    };
    let last = if record.as_sale { &mut row.sale } else { &mut row.listing };
    let older = sent.modified_at.zip(row.facts.modified_at).is_some_and(|(new, old)| new < old);
    if older || last.as_ref().is_some_and(|last| same(last, sent)) {
        return (UpsertOutcome::Unchanged, None, None);
    }
    *last = Some(sent.clone());
    let old = row.facts.clone();
    let mut new = if record.as_sale { filled(sent, &old) } else { sent.clone() };
    new.original_list_price = sent.original_list_price.or(old.original_list_price).or(sent.list_price);
    let price = (old.list_price != new.list_price).then_some((old.list_price, new.list_price));
    let status = (old.status != new.status).then_some((old.status, new.status));
    row.facts = new;
    (UpsertOutcome::Updated, price, status)
}

fn maybe<T: Clone + std::fmt::Debug + 'static>(values: Vec<T>) -> impl Strategy<Value = Option<T>> {
    prop::option::of(prop::sample::select(values))
}

fn record() -> impl Strategy<Value = Upsert> {
    let days: Vec<Day> = [-30, -5, 0].map(|n| START.plus(n * DAY).day()).to_vec();
    let times: Vec<Time> = [-40, -20, -3].map(|n| START.plus(n * DAY)).to_vec();
    let what = (any::<bool>(), prop::sample::select(vec!["a", "b", "c"]), prop::sample::select(days));
    let status = prop::sample::select(vec![Status::Active, Status::Pending, Status::Closed, Status::Withdrawn]);
    let said = (maybe(vec![Money(1), Money(2)]), maybe(times.clone()), maybe(times), maybe(vec![1.0, 2.5]));
    let more = (maybe(vec!["x", "y"]), maybe(vec!["s", "t"]), maybe(vec!["p"]), maybe(vec![("n", 1.0), ("m", 0.1)]));
    (what, status, said, more).prop_map(|((as_sale, key, day), status, said, more)| {
        let status = if as_sale { Status::Closed } else { status };
        let mut facts = ListingFacts::new("source", key, status, Provenance::Import);
        (facts.list_price, facts.listed_at, facts.modified_at, facts.bedrooms) = said;
        if status == Status::Closed {
            facts.close_date = Some(day);
            facts.close_price = Some(Money(9));
        }
        facts.remarks = more.0.map(str::to_owned);
        facts.address.city = more.1.map(str::to_owned);
        facts.photos = more.2.map(str::to_owned).into_iter().collect();
        facts.attributes = more.3.map(|(name, value)| (name.to_owned(), Scalar::Number(value))).into_iter().collect();
        Upsert { facts, as_sale }
    })
}

async fn check(backend: &Backend, number: u128, batches: Vec<Vec<Upsert>>) -> Result<(), TestCaseError> {
    let tenant = set_up(backend, number).await;
    let mut world = World::new();
    for (n, batch) in batches.into_iter().enumerate() {
        let expected: Vec<Told> = batch.iter().map(|record| take(&mut world, record)).collect();
        let upserted = put(backend, tenant, batch, START.plus(n as i64)).await;
        let told: Vec<Told> = upserted
            .iter()
            .map(|Upserted { outcome, price_change, status_change, .. }| (*outcome, *price_change, *status_change))
            .collect();
        prop_assert_eq!(told, expected);
    }
    let listings = all_listings(backend, tenant).await;
    let sorted = |mut all: Vec<ListingFacts>| {
        all.sort_by_key(|facts| format!("{facts:?}"));
        all
    };
    let left = sorted(listings.iter().map(|listing| listing.facts.clone()).collect());
    prop_assert_eq!(left, sorted(world.into_values().map(|row| row.facts).collect()));
    for listing in &listings {
        // The history leads, change by change, to what the listing is now.
        let history = backend.listing_changes(tenant, listing.id).await.unwrap();
        let prices: Vec<_> = history.iter().filter_map(|change| change.list_price).collect();
        let statuses: Vec<_> = history.iter().filter_map(|change| change.status).collect();
        prop_assert!(prices.first().is_none_or(|(_, to)| *to == listing.facts.list_price));
        prop_assert!(statuses.first().is_none_or(|(_, to)| *to == listing.facts.status));
        prop_assert!(prices.windows(2).all(|two| two[0].0 == two[1].1), "{:?}", prices);
        prop_assert!(statuses.windows(2).all(|two| two[0].0 == two[1].1), "{:?}", statuses);
    }
    Ok(())
}

on_each_backend! {
    async fn any_sequence_of_records_leaves_what_the_rules_say(backend) {
        let batches = prop::collection::vec(prop::collection::vec(record(), 1..6), 1..8);
        let config = ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
        let numbers = std::cell::Cell::new(1);
        let ran = tokio::task::block_in_place(|| {
            TestRunner::new_with_rng(config, prop::test_runner::TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha)).run(&batches, |batches| {
                let number = numbers.replace(numbers.get() + 1);
                tokio::runtime::Handle::current().block_on(super::check(&backend, number, batches))
            })
        });
        if let Err(error) = ran {
            panic!("{error}");
        }
    }
}

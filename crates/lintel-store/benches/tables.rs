//! Measures the tables of the trade: `cargo bench -p lintel-store --bench tables -- [URL] [ROWS]`.
//!
//! Without a URL it makes a SQLite file of its own. Prints one line per measurement.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "figures go to the terminal, and a failure ends it")]

use std::{
    env,
    time::{Duration, Instant},
};

use lintel_domain::{
    clock::{Day, Time},
    fingerprint::Fingerprint,
    id::{InteractionId, LeadId, ListingId, TenantId},
    interaction::{InteractionFacts, InteractionKind},
    lead::LeadFacts,
    listing::{ListingFacts, Provenance, Status},
    market::{Market, MarketSlug},
    money::{Currency, Money},
    place::Point,
    rng::{Ids, Rng},
    scalar::{Fields, Scalar},
};
use lintel_store::{
    Options, Result, Store,
    lead::{LeadFilter, LeadSort, LeadUpsert},
    listing::Upsert,
    score::NewScore,
};
use uuid::Uuid;

const NOW: Time = Time(1_780_272_000_000_000);
const TENANT: TenantId = TenantId(Uuid::nil());
const LEADS: u64 = 20_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let rows = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        if let Some(url) = arguments.iter().find(|argument| argument.contains(':')) {
            return measure(url, rows).await;
        }
        let folder = tempfile::tempdir().unwrap();
        measure(&format!("sqlite:{}", folder.path().join("bench.db").display()), rows).await;
    });
}

async fn measure(url: &str, rows: u64) {
    let store = Store::open(Options::at(url)).await.unwrap();
    println!("{}, {rows} listings, {LEADS} leads", store.health().await.unwrap().engine);
    let market: MarketSlug = "king-county".parse().unwrap();
    set_up(&store, &market).await;
    let prints = Instant::now();
    let all: Vec<Fingerprint> = (0..10_000).map(|n| home(n, 0).fingerprint()).collect();
    say("homes made up and fingerprinted", all.len(), prints.elapsed());
    listings(&store, &market, rows).await;
    leads(&store, &market).await;
    store.close().await;
}

async fn set_up(store: &Store, slug: &MarketSlug) {
    let market = Market {
        tenant: TENANT,
        slug: slug.clone(),
        name: "King County".to_owned(),
        currency: Currency::USD,
        created_at: NOW,
    };
    let write = store.write(move |tx| -> Result<()> {
        tx.tenant_ensure(TENANT, "bench", "Bench", &[7; 32], NOW)?;
        tx.market_ensure(&market)?;
        Ok(())
    });
    write.await.unwrap();
}

async fn listings(store: &Store, market: &MarketSlug, rows: u64) {
    for batch in [1_000, 5_000] {
        let half = rows / 2;
        let from = if batch == 1_000 { 0 } else { half };
        for (what, change) in [("new", 0), ("unchanged", 0), ("changed", 1)] {
            let count = if what == "new" { half } else { half.min(20_000) };
            let mut took = Duration::ZERO;
            for start in (from..from + count).step_by(batch) {
                let records: Vec<Upsert> = (start..(start + batch as u64).min(from + count))
                    .map(|n| Upsert { facts: home(n, change), as_sale: false })
                    .collect();
                let market = market.clone();
                let begun = Instant::now();
                let write = store.write(move |tx| {
                    tx.listings_upsert(TENANT, &market, &records, None, NOW, &Ids::seeded(start ^ change << 40))
                });
                write.await.unwrap();
                took += begun.elapsed();
            }
            say(&format!("{what} listings in batches of {batch}"), count as usize, took);
        }
    }

    let (begun, mut after, mut count) = (Instant::now(), None, 0);
    let mut known = Vec::new();
    loop {
        let page = store.listings_page(TENANT, market, after, 5_000).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        count += page.len();
        known.extend(page.iter().step_by(97).map(|listing| listing.id));
    }
    say("listings in pages of 5000", count, begun.elapsed());

    let begun = Instant::now();
    for id in known.iter().take(2_000) {
        assert!(store.listing_get(TENANT, *id).await.unwrap().is_some());
    }
    say("listings by id", known.len().min(2_000), begun.elapsed());
    let pages: Vec<&[ListingId]> = known.chunks(50).take(40).collect();
    let begun = Instant::now();
    for page in &pages {
        assert_eq!(store.listings_by_ids(TENANT, page).await.unwrap().len(), page.len());
    }
    say("pages of 50 listings by ids", pages.len(), begun.elapsed());
    let begun = Instant::now();
    store.listing_counts(TENANT, market).await.unwrap();
    say("counts by status", 1, begun.elapsed());
}

async fn leads(store: &Store, market: &MarketSlug) {
    for (what, change) in [("new", 0), ("unchanged", 0), ("changed", 1)] {
        let mut took = Duration::ZERO;
        for start in (0..LEADS).step_by(1_000) {
            let records: Vec<LeadUpsert> = (start..start + 1_000).map(|n| person(n, change, market)).collect();
            let begun = Instant::now();
            let ids = move || Ids::seeded(start | change << 40 | 1 << 50);
            store.write(move |tx| tx.leads_upsert(TENANT, &records, None, NOW, &ids())).await.unwrap();
            took += begun.elapsed();
        }
        say(&format!("{what} leads in batches of 1000"), LEADS as usize, took);
    }
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = store.lead_ids_after(TENANT, after, 1_000).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(*last);
        ids.extend(page);
    }
    let mut took = Duration::ZERO;
    for (batch, ids) in ids.chunks(1_000).enumerate() {
        let arriving: Vec<_> = ids.iter().enumerate().map(|(n, lead)| did(batch * 1_000 + n, *lead)).collect();
        let begun = Instant::now();
        store.write(move |tx| tx.interactions_insert(TENANT, &arriving, None, NOW)).await.unwrap();
        took += begun.elapsed();
    }
    say("new interactions in batches of 1000", ids.len(), took);
    let mut took = Duration::ZERO;
    for ids in ids.chunks(1_000) {
        let score = |(n, lead): (usize, &LeadId)| NewScore {
            lead: *lead,
            probability: (n % 997) as f64 / 997.0,
            base: 0.0,
            model: "1".to_owned(),
            at: NOW,
        };
        let scores: Vec<NewScore> = ids.iter().enumerate().map(score).collect();
        let begun = Instant::now();
        store.write(move |tx| tx.leads_score(TENANT, &scores)).await.unwrap();
        took += begun.elapsed();
    }
    say("scores in batches of 1000", ids.len(), took);
    let begun = Instant::now();
    for id in ids.iter().take(2_000) {
        assert!(store.lead_get(TENANT, *id).await.unwrap().is_some());
    }
    say("leads by id", 2_000, begun.elapsed());

    let sort = LeadSort::parse("-score").unwrap();
    let of_market = LeadFilter { market: Some(market.clone()), ..LeadFilter::default() };
    let named = LeadFilter { q: Some("anna 199".to_owned()), ..LeadFilter::default() };
    for (what, filter) in [("leads", LeadFilter::default()), ("leads of a market", of_market), ("leads by text", named)]
    {
        let begun = Instant::now();
        for _ in 0..20 {
            store.leads_page(TENANT, &filter, sort, None, 50).await.unwrap();
        }
        say(&format!("first pages of 50 {what}, best first"), 20, begun.elapsed());
    }
    let begun = Instant::now();
    let count = store.scored_lead_count(TENANT).await.unwrap();
    store.score_percentile(TENANT, count, 0.8).await.unwrap();
    say("80th percentile of live scores", 1, begun.elapsed());
}

/// A home with everything that a listing of an MLS has.
fn home(n: u64, change: u64) -> ListingFacts {
    let mut rng = Rng::new(n);
    let mut facts = ListingFacts::new("bench", format!("key-{n:09}"), Status::Active, Provenance::Synthetic);
    facts.property_type = Some("Single Family Residence".to_owned());
    facts.list_price = Some(Money((300_000 + rng.below(900_000) as i64 + change as i64) * 100));
    facts.listed_at = Some(NOW.plus(-(rng.below(90) as i64) * lintel_domain::clock::DAY));
    facts.modified_at = facts.listed_at;
    facts.bedrooms = Some(1.0 + rng.below(5) as f64);
    facts.bathrooms = Some(1.0 + rng.below(12) as f64 * 0.25);
    facts.living_area_sqft = Some(600.0 + rng.below(4_000) as f64);
    facts.lot_size_sqft = Some(1_000.0 + rng.below(20_000) as f64);
    facts.year_built = Some(1900 + rng.below(125) as i32);
    facts.stories = Some(1.0 + rng.below(3) as f64 * 0.5);
    facts.garage_spaces = Some(rng.below(4) as f64);
    facts.place = Point::new(47.2 + rng.unit() * 0.6, -122.5 + rng.unit() * 0.9);
    facts.address.line = Some(format!("{} {} Avenue NE", rng.below(20_000), rng.below(200)));
    facts.address.city = Some("Seattle".to_owned());
    facts.address.region = Some("WA".to_owned());
    facts.address.postal_code = Some(format!("98{:03}", rng.below(200)));
    facts.remarks = Some(
        "Light-filled home on a quiet street, minutes from the park. New roof in 2019, open kitchen with island, \
         hardwood floors throughout, fenced garden, detached garage and a covered porch to the west."
            .to_owned(),
    );
    facts.attributes = Fields::from([
        ("waterfront".to_owned(), Scalar::Bool(false)),
        ("condition".to_owned(), Scalar::Number(rng.below(5) as f64)),
        ("grade".to_owned(), Scalar::Number(rng.below(13) as f64)),
    ]);
    facts
}

fn person(n: u64, change: u64, market: &MarketSlug) -> LeadUpsert {
    let mut facts = LeadFacts::new(Provenance::Import);
    facts.external_id = Some(format!("person-{n:07}"));
    facts.name = Some(format!("Anna {n} Example"));
    facts.email = Some(format!("anna{n}@example.org"));
    facts.phone = Some(format!("+1206555{n:04}"));
    facts.source = Some("portal".to_owned());
    facts.stage = Some(format!("stage {change}"));
    facts.market = Some(market.clone());
    facts.custom = (0..30).map(|field| (format!("field {field}"), Scalar::Number((n % (field + 2)) as f64))).collect();
    facts.created_at = Some(Day(20_000).start().plus(n as i64));
    LeadUpsert { facts, consent: Vec::new() }
}

fn did(n: usize, lead: LeadId) -> (InteractionId, LeadId, InteractionFacts) {
    let facts = InteractionFacts {
        event_id: format!("event-{n}"),
        kind: InteractionKind::ListingView,
        at: NOW.plus(n as i64),
        listing_id: None,
        properties: Fields::new(),
    };
    (InteractionId(Uuid::from_u128(n as u128 + 1)), lead, facts)
}

fn say(what: &str, count: usize, took: Duration) {
    let rate = count as f64 / took.as_secs_f64();
    println!("{what:45} {count:>9} in {:>9.2} ms  {rate:>11.0}/s", took.as_secs_f64() * 1e3);
}

//! What the tables of the trade cost on SQLite: listings stored, sent again and read, smart lists of leads.
//!
//! `cargo bench -p lintel-store --bench tables` measures 1,000,000 listings and 100,000 leads;
//! `cargo bench -p lintel-store --bench tables -- 100000` measures that many listings.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "figures go to the terminal, and a failure ends it")]

use std::{
    env,
    time::{Duration, Instant},
};

use lintel_domain::{
    clock::Time,
    event::{Event, MAX_ITEMS},
    id::{LeadId, ListingId, TenantId, UserId},
    lead::{LeadFacts, Outcome},
    lead_list::{LeadFilter, LeadSort},
    listing::{ListingFacts, Provenance, Status},
    market::MarketSlug,
    money::Money,
    place::Point,
    rng::{Ids, Rng},
    scalar::Scalar,
};
use lintel_store::{
    Options, Result, Store,
    lead::LeadUpsert,
    listing::{Upsert, UpsertOutcome},
    score::NewScore,
};
use uuid::Uuid;

const NOW: Time = Time(1_780_272_000_000_000);
const TENANT: TenantId = TenantId(Uuid::nil());
const BATCH: usize = 2_000;
const LEADS: u64 = 100_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let count = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bench.db");
        let store = Store::open(Options::at(format!("sqlite:{}", file.display()))).await.unwrap();
        store.write(|tx| tx.tenant_ensure(TENANT, "bench", "Bench", &[7; 32], NOW)).await.unwrap();
        listings(&store, count).await;
        println!("  {:<52} {:>9.0} MB", "the file", std::fs::metadata(&file).unwrap().len() as f64 / 1e6);
        leads(&store).await;
        store.close().await;
    });
}

async fn listings(store: &Store, count: usize) {
    let market: MarketSlug = "king-county".parse().unwrap();
    for (what, outcome) in [("new listings stored", UpsertOutcome::Created), ("sent again", UpsertOutcome::Unchanged)] {
        let (mut took, mut used) = (Duration::ZERO, Duration::ZERO);
        for start in (0..count).step_by(BATCH) {
            let records: Vec<Upsert> = (start..count.min(start + BATCH)).map(home).collect();
            let (market, begun, from) = (market.clone(), Instant::now(), cpu());
            let upserted = store.write(move |tx| upsert(tx, &market, &records, start as u64)).await.unwrap();
            (took, used) = (took + begun.elapsed(), used + (cpu().saturating_sub(from)));
            assert!(upserted.iter().all(|one| *one == outcome));
        }
        say(&format!("{what}, in batches of {BATCH}"), count, took, used);
    }
    let (mut took, mut used) = (Duration::ZERO, Duration::ZERO);
    let changing = count.min(100_000);
    for start in (0..changing).step_by(BATCH) {
        let records = (start..changing.min(start + BATCH)).map(|n| {
            let mut record = home(n);
            record.facts.list_price = Some(Money(1));
            record
        });
        let records: Vec<Upsert> = records.collect();
        let (market, begun, from) = (market.clone(), Instant::now(), cpu());
        store.write(move |tx| upsert(tx, &market, &records, start as u64)).await.unwrap();
        (took, used) = (took + begun.elapsed(), used + (cpu().saturating_sub(from)));
    }
    say("changed in price", changing, took, used);

    let (begun, from) = (Instant::now(), cpu());
    let (mut after, mut read, mut ids) = (None, 0, Vec::new());
    loop {
        let page = store.listings_page(TENANT, &market, after, 10_000).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        read += page.len();
        ids.extend(page.iter().step_by(97).map(|listing| listing.id));
    }
    assert_eq!(read, count);
    say(
        &format!("read in pages of 10,000: {:.2} s for all", begun.elapsed().as_secs_f64()),
        read,
        begun.elapsed(),
        cpu().saturating_sub(from),
    );

    let mut rng = Rng::new(1);
    let mut sorted = Vec::new();
    for _ in 0..2000 {
        let wanted: Vec<ListingId> = (0..50).filter_map(|_| rng.pick(&ids).copied()).collect();
        let begun = Instant::now();
        assert!(store.listings_by_ids(TENANT, &wanted).await.unwrap().len() > 40);
        sorted.push(begun.elapsed());
    }
    percentiles("50 listings by their ids", sorted);
    let mut sorted = Vec::new();
    for _ in 0..2000 {
        let begun = Instant::now();
        assert!(store.listing_get(TENANT, *rng.pick(&ids).unwrap()).await.unwrap().is_some());
        sorted.push(begun.elapsed());
    }
    percentiles("one listing", sorted);
}

fn upsert(
    tx: &mut lintel_store::Tx<'_>,
    market: &MarketSlug,
    records: &[Upsert],
    seed: u64,
) -> Result<Vec<UpsertOutcome>> {
    let upserted = tx.listings_upsert(TENANT, market, records, None, NOW, &Ids::seeded(seed))?;
    let new: Vec<_> = upserted.iter().filter(|one| one.outcome == UpsertOutcome::Created).map(|one| one.id).collect();
    for listings in new.chunks(MAX_ITEMS) {
        tx.emit(TENANT, NOW, &Event::ListingCreated { market: market.clone(), listings: listings.to_vec() })?;
    }
    Ok(upserted.into_iter().map(|one| one.outcome).collect())
}

/// A home as feeds describe them: 30 fields and 300 characters of remarks.
fn home(n: usize) -> Upsert {
    let mut rng = Rng::new(n as u64);
    let mut facts = ListingFacts::new("feed", format!("MLS{n:09}"), Status::Active, Provenance::Synthetic);
    facts.property_type = Some("Single Family Residence".to_owned());
    facts.list_price = Some(Money(rng.below(200_000_000) as i64));
    facts.listed_at = Some(NOW.plus(-(rng.below(1_000_000) as i64)));
    facts.modified_at = Some(NOW);
    facts.bedrooms = Some(rng.below(6) as f64);
    facts.bathrooms = Some(rng.below(8) as f64 / 2.0);
    facts.living_area_sqft = Some(500.0 + rng.below(4000) as f64);
    facts.lot_size_sqft = Some(1000.0 + rng.below(9000) as f64);
    facts.year_built = Some(1900 + rng.below(120) as i32);
    facts.place = Some(Point { latitude: 47.0 + rng.unit(), longitude: -122.0 - rng.unit() });
    facts.address.line = Some(format!("{} Main Street", rng.below(9999)));
    facts.address.city = Some("Seattle".to_owned());
    facts.address.region = Some("WA".to_owned());
    facts.address.postal_code = Some(format!("98{:03}", rng.below(200)));
    facts.remarks = Some("A bright home close to the park, with a garden and a view of the lake. ".repeat(4));
    facts.photos = (0..3).map(|i| format!("https://photos.example/{n}/{i}.jpg")).collect();
    facts.attributes.insert("waterfront".to_owned(), Scalar::Bool(rng.chance(0.1)));
    facts.attributes.insert("condition".to_owned(), Scalar::Number(rng.below(5) as f64));
    Upsert { facts, as_sale: false }
}

async fn leads(store: &Store) {
    let ids = Ids::seeded(2);
    let agents: Vec<UserId> = (0..20).map(|_| UserId(ids.next(NOW))).collect();
    let (begun, from) = (Instant::now(), cpu());
    let mut stored: Vec<LeadId> = Vec::new();
    for start in (0..LEADS).step_by(BATCH) {
        let records: Vec<LeadUpsert> = (start..start + BATCH as u64).map(|n| person(n, &agents)).collect();
        let upserted =
            store.write(move |tx| tx.leads_upsert(TENANT, &records, None, NOW, &Ids::seeded(start))).await.unwrap();
        stored.extend(upserted.into_iter().filter_map(|one| one.id));
    }
    say("new leads stored, in batches of 2000", stored.len(), begun.elapsed(), cpu().saturating_sub(from));
    let (begun, from) = (Instant::now(), cpu());
    for (n, leads) in stored.chunks(BATCH).enumerate() {
        let mut rng = Rng::new(n as u64);
        let score = |lead: &LeadId| NewScore {
            lead: *lead,
            probability: rng.unit(),
            base: 0.0,
            model: "bench".to_owned(),
            inputs: None,
            churn: None,
            top_reason: None,
            is_hot: false,
            at: NOW,
        };
        let scores: Vec<NewScore> = leads.iter().map(score).collect();
        store.write(move |tx| tx.leads_score(TENANT, &scores)).await.unwrap();
    }
    say("leads scored, in batches of 2000", stored.len(), begun.elapsed(), cpu().saturating_sub(from));

    let market = || Some("king-county".parse().unwrap());
    let filters = [
        ("no filter", LeadFilter::default()),
        ("a market", LeadFilter { market: market(), ..LeadFilter::default() }),
        ("an agent", LeadFilter { assignee: Some(agents[3]), ..LeadFilter::default() }),
        (
            "a market and a stage of few",
            LeadFilter { market: market(), stage: Some("rare".to_owned()), ..LeadFilter::default() },
        ),
        ("an agent and a market", LeadFilter { assignee: Some(agents[3]), market: market(), ..LeadFilter::default() }),
        ("a stage of few", LeadFilter { stage: Some("rare".to_owned()), ..LeadFilter::default() }),
        ("a source of few", LeadFilter { source: Some("fair".to_owned()), ..LeadFilter::default() }),
        ("won", LeadFilter { outcome: Some(Outcome::Won), ..LeadFilter::default() }),
        ("a label of few", LeadFilter { tag: Some("rare".to_owned()), ..LeadFilter::default() }),
        ("a label of nobody", LeadFilter { tag: Some("none".to_owned()), ..LeadFilter::default() }),
        ("the hot ones", LeadFilter { score_from: Some(0.8), ..LeadFilter::default() }),
        ("the cool ones", LeadFilter { score_below: Some(0.5), ..LeadFilter::default() }),
        ("a name of many", LeadFilter { q: Some("ann".to_owned()), ..LeadFilter::default() }),
        ("a name of one", LeadFilter { q: Some("p77777@".to_owned()), ..LeadFilter::default() }),
        ("a name of nobody", LeadFilter { q: Some("nobody".to_owned()), ..LeadFilter::default() }),
    ];
    for sort in ["-score", "-last_interaction_at", "-created_at", "name"] {
        let order = LeadSort::parse(sort).unwrap();
        for (what, filter) in &filters {
            let mut sorted = Vec::new();
            for _ in 0..20 {
                let begun = Instant::now();
                store.leads_page(TENANT, filter, Some(NOW), order, None, 50).await.unwrap();
                sorted.push(begun.elapsed());
            }
            percentiles(&format!("first page by {sort}: {what}"), sorted);
        }
    }
    let mut sorted = Vec::new();
    for _ in 0..20 {
        let begun = Instant::now();
        let count = store.scored_lead_count(TENANT).await.unwrap();
        store.score_percentile(TENANT, count, 0.8).await.unwrap();
        sorted.push(begun.elapsed());
    }
    percentiles("count of live scores and a percentile", sorted);
}

fn person(n: u64, agents: &[UserId]) -> LeadUpsert {
    let mut rng = Rng::new(n);
    let mut facts = LeadFacts::new(Provenance::Synthetic);
    facts.external_id = Some(format!("crm-{n}"));
    facts.name = Some(format!("{} Person {n}", rng.pick(&["Ann", "Bob", "Cleo", "Dan"]).unwrap()));
    facts.email = Some(format!("p{n}@example.com"));
    facts.phone = Some(format!("+1206{n:07}"));
    facts.source = Some(if n.is_multiple_of(2000) { "fair" } else { "portal" }.to_owned());
    facts.stage = Some(if n.is_multiple_of(5000) { "rare" } else { "new" }.to_owned());
    facts.assignee = rng.pick(agents).copied();
    facts.market = rng.pick(&["king-county", "austin", "miami"]).map(|slug| slug.parse().unwrap());
    facts.tags = vec!["buyer".to_owned()];
    if n.is_multiple_of(3000) {
        facts.tags.push("rare".to_owned());
    }
    if rng.chance(0.1) {
        facts.outcome = Some(if rng.chance(0.3) { Outcome::Won } else { Outcome::Lost });
    }
    for field in 0..20 {
        facts.custom.insert(format!("field_{field}"), Scalar::Number(rng.below(100) as f64));
    }
    LeadUpsert { facts, consent: Vec::new() }
}

/// A rate by the clock, and by the processor time that the whole process took since `cpu` began, which does not depend on
/// what else the machine does.
fn say(what: &str, count: usize, elapsed: Duration, cpu: Duration) {
    let rate = |time: Duration| count as f64 / time.as_secs_f64();
    println!("  {what:<52} {:>9.0}/s {:>9.0} per second of processor time", rate(elapsed), rate(cpu));
}

/// The processor time of this process, in steps of 10 ms. Zero where there is no such file.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    Duration::from_millis(fields.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}

fn percentiles(what: &str, mut all: Vec<Duration>) {
    all.sort_unstable();
    let at = |share: f64| all[((all.len() - 1) as f64 * share) as usize];
    println!("  {what:<52} p50 {:>9.1?}   p99 {:>9.1?}", at(0.5), at(0.99));
}

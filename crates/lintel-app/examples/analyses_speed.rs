//! How many analyses a node calculates in a minute, from the question to the stored answer.
//!
//! `cargo run --release -p lintel-app --example analyses_speed -- LISTINGS ANALYSES [STORE-URL]`; without a url an
//! embedded database in a temporary folder. Every question is another one, so that none is answered from before.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "figures go to the terminal, and a failure ends it")]

use std::time::{Duration, Instant};

use lintel_app::{
    AnalysisState, App, DemoRequest, NewAnalysis, Options, Paging, Principal, Roles, SearchRequest, StoreOptions,
    TierRules,
};
use lintel_domain::{
    analysis::{AnalysisInputs, AnalysisKind, Subject},
    clock::Clock,
    filter::ListingFilter,
    id::{AnalysisId, ListingId},
    market::MarketSlug,
    money::Money,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let listings = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let count: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(2_000);
    let folder = tempfile::tempdir().unwrap();
    let url = arguments.next().unwrap_or_else(|| format!("sqlite:{}", folder.path().join("lintel.db").display()));
    let app = App::open(Options {
        store: StoreOptions::at(url),
        data_dir: folder.path().to_owned(),
        clock: Clock::System,
        workers: 2,
        cache_bytes: 64 << 20,
        redis: None,
        tiers: TierRules::default(),
        review_every: None,
        webhook_keys: lintel_app::WebhookKeys::default(),
        secrets_key: None,
    })
    .await
    .unwrap();
    let who = app.system("analyses").await.unwrap();
    let market: MarketSlug = "town".parse().unwrap();
    let demo = DemoRequest { market: market.clone(), listings, sales: listings / 4, leads: 0, days: 365, seed: 1 };
    app.demo(&who, demo, |_| {}).await.unwrap();
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    app.start(Roles { api: true, followers: true, worker: true }, &tasks, &stop);
    let homes = some_homes(&app, &who, &market).await;

    let begun = Instant::now();
    let mut asked = Vec::new();
    for n in 0..count {
        asked.push(app.analysis_request(&who, question(n, &market, &homes)).await.unwrap().id);
    }
    let queued = begun.elapsed();
    let mut refused = 0;
    for id in asked {
        refused += usize::from(answer(&app, &who, id).await);
    }
    let took = begun.elapsed();
    println!(
        "{count} analyses of {listings} listings: {:.0} a minute ({:.2?} to queue, {:.2?} in all; {refused} of them refused)",
        count as f64 / took.as_secs_f64() * 60.0,
        queued,
        took
    );
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    app.close().await;
}

/// Ids of homes for sale, once the index has them.
async fn some_homes(app: &App, who: &Principal, market: &MarketSlug) -> Vec<ListingId> {
    loop {
        let request = SearchRequest {
            market: market.clone(),
            filter: ListingFilter::default(),
            sort: None,
            facets: Vec::new(),
            histogram: false,
            lead: None,
            preferences: None,
            paging: Paging { limit: Some(200), cursor: None },
        };
        if let Ok(found) = app.search(who, request).await
            && !found.items.is_empty()
        {
            return found.items;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The `n`th question, unlike every other.
fn question(n: usize, market: &MarketSlug, homes: &[ListingId]) -> NewAnalysis {
    let kind = AnalysisKind::ALL[n % AnalysisKind::ALL.len()];
    let mut inputs = AnalysisInputs::default();
    let step = n / AnalysisKind::ALL.len();
    match kind {
        AnalysisKind::Supply | AnalysisKind::Demand | AnalysisKind::DaysOnMarket => {
            inputs.window_days = Some(30 + (step % 700) as u32);
        }
        AnalysisKind::PricePosition | AnalysisKind::Competition => inputs.radius_m = Some(1_000.0 + step as f64),
        AnalysisKind::CashFlow => {
            inputs.monthly_rent = Some(Money(200_000 + step as i64));
            inputs.annual_expenses = Some(Money(600_000));
        }
        AnalysisKind::RentalYield => inputs.monthly_rent = Some(Money(200_000 + step as i64)),
    }
    let subject = match homes.get(n % homes.len()) {
        Some(home) if kind.needs_listing() || kind.is_of_one_home() => Subject::Listing(*home),
        _ => Subject::Market(market.clone()),
    };
    NewAnalysis { id: None, kind, subject, inputs }
}

/// Waits for an answer; whether it is a refusal.
async fn answer(app: &App, who: &Principal, id: AnalysisId) -> bool {
    loop {
        match app.analysis(who, id).await.unwrap().state {
            AnalysisState::Done(finished) => return finished.calculation.refused.is_some(),
            AnalysisState::Failed(reason) => panic!("{reason}"),
            AnalysisState::Queued | AnalysisState::Running => tokio::time::sleep(Duration::from_millis(2)).await,
        }
    }
}

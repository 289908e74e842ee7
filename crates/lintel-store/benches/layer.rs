//! What the layer costs: commits, rows, point reads and jobs a second on the engine at a given url.
//!
//! `cargo bench -p lintel-store --bench layer` measures SQLite in a temporary folder and a throwaway PostgreSQL;
//! `cargo bench -p lintel-store --bench layer -- postgres://…` measures that database, whose tables it leaves behind.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "figures go to the terminal, and a failure ends it")]

use std::{
    env,
    time::{Duration, Instant},
};

use lintel_domain::{
    clock::Time,
    event::Event,
    id::{JobId, TenantId, UserId},
    job::Job,
    rng::{Ids, Rng},
    scope::Role,
};
use lintel_store::{
    Options, Store, Tx,
    job::{Claim, NewJob, Priority},
    migrate, params,
};
use lintel_testkit::postgres;
use uuid::Uuid;

lintel_store::sql! {
    /// A table of one's own.
    MAKE "bench.make" = {
        sqlite: "CREATE TABLE IF NOT EXISTS bench (id INTEGER PRIMARY KEY, name TEXT NOT NULL, n INTEGER NOT NULL) STRICT",
        postgres: "CREATE TABLE IF NOT EXISTS bench (id bigint PRIMARY KEY, name text NOT NULL, n bigint NOT NULL)",
    };
    /// One row.
    UPSERT "bench.upsert" = "INSERT INTO bench (id, name, n) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, n = excluded.n";
    /// One new row.
    INSERT "bench.insert" = "INSERT INTO bench (id, name, n) VALUES ($1, $2, $3)";
    /// One row by its key.
    BY_ID "bench.by_id" = "SELECT name, n FROM bench WHERE id = $1";
    /// Takes the second wall between tenants down, for comparison.
    OPEN "bench.open" = { sqlite: "SELECT 1", postgres: "ALTER TABLE users NO FORCE ROW LEVEL SECURITY" };
    /// And up again.
    FORCE "bench.force" = { sqlite: "SELECT 1", postgres: "ALTER TABLE users FORCE ROW LEVEL SECURITY" };
}

const NOW: Time = Time(1_780_272_000_000_000);
const ROWS: i64 = 100_000;
const TENANT: TenantId = TenantId(Uuid::nil());

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        if let Some(url) = arguments.iter().find(|argument| argument.contains(':')) {
            return measure(url).await;
        }
        let folder = tempfile::tempdir().unwrap();
        measure(&format!("sqlite:{}", folder.path().join("bench.db").display())).await;
        let prepare = async |url| Store::open(Options::at(url)).await.unwrap().close().await;
        if let Some(database) = postgres::database(&migrate::fingerprint(), prepare).await {
            measure(&database.url()).await;
        }
    });
}

async fn measure(url: &str) {
    let store = Store::open(Options::at(url)).await.unwrap();
    println!("{} {}", store.health().await.unwrap().engine, store.health().await.unwrap().version);
    store.write(|tx| tx.execute(&MAKE, Vec::new())).await.unwrap();

    let begun = Instant::now();
    for start in (0..ROWS).step_by(1000) {
        let rows = move || (start..start + 1000).map(|id| params![id, format!("home {id}"), id]);
        store.write(move |tx| tx.execute_many(&UPSERT, rows())).await.unwrap();
    }
    say("rows in batches of 1000", ROWS as usize, begun.elapsed(), None);

    let begun = Instant::now();
    for start in (ROWS..2 * ROWS).step_by(1000) {
        let rows = move || (start..start + 1000).map(|id| params![id, format!("home {id}"), id]);
        store.write(move |tx| tx.execute_many(&INSERT, rows())).await.unwrap();
    }
    say("rows that are only inserted, in batches of 1000", ROWS as usize, begun.elapsed(), None);

    for writers in [1, 64, 1024] {
        callers("commits of one row and one event", writers, &store, |store, n| async move {
            store
                .write(move |tx| {
                    tx.execute(&UPSERT, params![n as i64 % ROWS, "home", n as i64])?;
                    tx.emit(TENANT, NOW, &Event::LeadUpdated { leads: Vec::new() })
                })
                .await
                .unwrap();
        })
        .await;
    }
    for readers in [1, 32] {
        callers("point reads", readers, &store, |store, n| async move {
            let id = Rng::new(n).below(ROWS as u64) as i64;
            let found = store.point(&BY_ID, params![id], |row| row.get::<String>(0)).await.unwrap();
            assert!(found.is_some());
        })
        .await;
        callers("reads by a reader or the pool", readers, &store, |store, n| async move {
            let id = Rng::new(n).below(ROWS as u64) as i64;
            let found = store.query(&BY_ID, params![id], |row| row.get::<String>(0)).await.unwrap();
            assert_eq!(found.len(), 1);
        })
        .await;
    }
    tenants(&store).await;
    jobs(&store).await;
    store.close().await;
}

/// `count` callers, each one call after the other, for two seconds.
async fn callers<F, R>(what: &str, count: u64, store: &Store, call: F)
where
    F: Fn(Store, u64) -> R + Copy + Send + 'static,
    R: Future<Output = ()> + Send,
{
    let begun = Instant::now();
    let tasks: Vec<_> = (0..count)
        .map(|caller| {
            let store = store.clone();
            #[expect(clippy::disallowed_methods, reason = "the measurement waits for its tasks itself")]
            tokio::spawn(async move {
                let mut took = Vec::new();
                while begun.elapsed() < Duration::from_secs(2) {
                    let begun = Instant::now();
                    call(store.clone(), caller << 32 | took.len() as u64).await;
                    took.push(begun.elapsed());
                }
                took
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    let elapsed = begun.elapsed();
    all.sort_unstable();
    say(&format!("{what}, {count} callers"), all.len(), elapsed, Some(&all));
}

/// Reads of a user by id, of one tenant and of a hundred in turn, and without the policies on rows.
async fn tenants(store: &Store) {
    let tenant = |n: u64| TenantId(Uuid::from_u128(n.into()));
    for n in 0..100 {
        let add = move |tx: &mut Tx<'_>| {
            tx.tenant_ensure(tenant(n), &format!("bench-{n}"), "Bench", &[7; 32], NOW)?;
            let id = UserId(tenant(n).0);
            tx.user_create(tenant(n), id, "a@example.org", None, Role::Agent, NOW).map(|_| ())
        };
        store.write(add).await.unwrap();
    }
    for (what, wall, tenants) in [
        ("users of one tenant, without policies", &OPEN, 1),
        ("users of one tenant", &FORCE, 1),
        ("users of 100 tenants in turn", &FORCE, 100),
    ] {
        store.write(move |tx| tx.query(wall, Vec::new(), |_| Ok(()))).await.unwrap();
        for readers in [1, 32] {
            callers(what, readers, store, move |store, n| async move {
                let tenant = tenant(Rng::new(n).below(tenants));
                assert!(store.user_get(tenant, UserId(tenant.0)).await.unwrap().is_some());
            })
            .await;
        }
    }
}

async fn jobs(store: &Store) {
    const COUNT: usize = 20_000;
    let ids = Ids::seeded(1);
    let begun = Instant::now();
    for _ in 0..COUNT / 500 {
        let jobs: Vec<_> = (0..500)
            .map(|_| NewJob::new(JobId(ids.next(NOW)), TENANT, Job::ScoreLeads { leads: Vec::new() }, NOW))
            .collect();
        store.write(move |tx| tx.enqueue_many(&jobs)).await.unwrap();
    }
    say("jobs stored in batches of 500", COUNT, begun.elapsed(), None);
    let begun = Instant::now();
    let mut done = 0;
    loop {
        let claim = Claim {
            fence: ids.next(NOW),
            limit: 50,
            per_tenant: 50,
            now: NOW,
            lease_micros: 60_000_000,
            down_to: Priority::Idle,
        };
        let claimed = store.job_claim(&claim).await.unwrap();
        if claimed.is_empty() {
            break;
        }
        done += claimed.len();
        store.write(move |tx| claimed.iter().try_for_each(|job| tx.job_done(job, None, NOW))).await.unwrap();
    }
    say("jobs claimed and done in batches of 50, 1 worker", done, begun.elapsed(), None);
}

fn say(what: &str, count: usize, elapsed: Duration, sorted: Option<&[Duration]>) {
    let rate = count as f64 / elapsed.as_secs_f64();
    let at = |share: f64| sorted.map(|all| all[((all.len() - 1) as f64 * share) as usize]);
    match (at(0.5), at(0.99)) {
        (Some(p50), Some(p99)) => println!("  {what:<52} {rate:>9.0}/s   p50 {p50:>9.1?}   p99 {p99:>9.1?}"),
        _ => println!("  {what:<52} {rate:>9.0}/s"),
    }
}

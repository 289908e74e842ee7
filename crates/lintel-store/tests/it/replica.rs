//! Read replicas: what they answer, when they are left out, and what a failover keeps.

use std::{
    collections::BTreeSet,
    sync::Mutex,
    time::{Duration, Instant},
};

use lintel_domain::id::TenantId;
use lintel_store::{Error, Options, Result, Store, params};
use lintel_testkit::postgres::Own;
use tokio_postgres::SimpleQueryMessage;

use crate::tables::set_up;

lintel_store::sql! {
    /// A tenant's markets.
    MARKETS "replicas.markets" = "SELECT name FROM markets WHERE tenant_id = $1";
    /// The same, for the primary only.
    AT_PRIMARY "replicas.at_primary" at_primary = "SELECT name FROM markets WHERE tenant_id = $1";
    /// Every row there is, whoever's. The tenant is a parameter and no condition.
    MISTAKEN "replicas.mistaken" = "SELECT name FROM markets WHERE CAST($1 AS uuid) IS NOT NULL";
    /// Of all tenants.
    ALL "replicas.all" across_tenants = "SELECT name FROM markets";
    /// What several writers write at once.
    MAKE "replicas.make" = { sqlite: "SELECT 1", postgres: "CREATE TABLE written (n bigint PRIMARY KEY)" };
    WRITE "replicas.write" = "INSERT INTO written (n) VALUES ($1)";
    WRITTEN "replicas.written" = "SELECT n FROM written ORDER BY n";
    /// Says something that can be read again.
    RENAME "replicas.rename" = "UPDATE markets SET name = $2 WHERE tenant_id = $1";
}

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A primary, its replica and a store on both; the store does not run as a superuser, for whom no policies hold.
struct Pair {
    primary: Own,
    replica: Own,
    store: Store,
    tenant: TenantId,
}

impl Pair {
    async fn start() -> Option<Self> {
        let primary = Own::start_primary()?;
        run(&primary, "CREATE ROLE lintel_test").await;
        run(&primary, "ALTER DATABASE postgres OWNER TO lintel_test").await;
        let replica = primary.replica();
        let options = Options {
            replicas: vec![as_role(&replica.url())],
            connections: 8,
            ..Options::at(as_role(&primary.url_with(&replica)))
        };
        let store = Store::open(options).await.unwrap();
        let tenant = set_up(&store, 1).await;
        set_up(&store, 2).await;
        Some(Self { primary, replica, store, tenant })
    }

    async fn rename(&self, name: impl Into<String>) -> Result<u64> {
        let (tenant, name) = (self.tenant, name.into());
        self.store.write(move |tx| tx.execute(&RENAME, params![tenant, name.clone()])).await
    }

    /// No write is acknowledged before the replica has got so far with it.
    async fn synchronous(&self, so_far: &str) {
        run(&self.primary, "ALTER SYSTEM SET synchronous_standby_names = '*'").await;
        run(&self.primary, &format!("ALTER SYSTEM SET synchronous_commit = '{so_far}'")).await;
        run(&self.primary, "SELECT pg_reload_conf()").await;
        let set = async || ask(&self.primary, "SHOW synchronous_commit").await == so_far;
        eventually("the primary knows", set).await;
    }

    /// From when this returns the replica sees nothing new.
    async fn pause(&self) {
        run(&self.replica, "SELECT pg_wal_replay_pause()").await;
        let paused = async || ask(&self.replica, "SELECT pg_get_wal_replay_pause_state()").await == "paused";
        eventually("it pauses", paused).await;
    }

    async fn survey(&self) -> String {
        let mut names = self.store.survey(&MARKETS, params![self.tenant], |row| row.get(0)).await.unwrap();
        names.pop().unwrap()
    }

    /// Surveys until a replica has answered one.
    async fn until_a_replica_answers(&self) {
        let before = self.store.replicas().reads;
        eventually("a replica answers", async || {
            self.survey().await;
            self.store.replicas().reads > before
        })
        .await;
    }
}

/// As the role that the shared server's tests have, too.
fn as_role(url: &str) -> String {
    format!("{url}?options=-c%20role%3Dlintel_test")
}

/// Runs a statement on a server, as its superuser.
async fn run(server: &Own, text: &str) {
    ask(server, text).await;
}

/// The first column of the first row of the answer.
async fn ask(server: &Own, text: &str) -> String {
    let (client, connection) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    let asking = async move { client.simple_query(text).await.unwrap() };
    let (ended, answer) = tokio::join!(connection, asking);
    ended.unwrap();
    let mut rows = answer.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    rows.next().unwrap_or_default()
}

/// Asks again and again until it is so; how long that took.
async fn eventually(what: &str, mut ask: impl AsyncFnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !ask().await {
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::task::yield_now().await;
    }
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_survey_never_misses_what_was_written_before() {
    let Some(pair) = Pair::start().await else { return };
    pair.until_a_replica_answers().await;
    pair.pause().await;
    let before = pair.store.replicas().reads;
    for n in 0..20 {
        pair.rename(format!("paused {n}")).await.unwrap();
        assert_eq!(pair.survey().await, format!("paused {n}"));
    }
    let paused = pair.store.replicas().reads;
    assert_eq!(paused, before, "the primary answered");
    run(&pair.replica, "SELECT pg_wal_replay_resume()").await;
    pair.until_a_replica_answers().await;
    for n in 0..100 {
        pair.rename(format!("resumed {n}")).await.unwrap();
        assert_eq!(pair.survey().await, format!("resumed {n}"));
    }
    let answered = pair.store.replicas().reads - paused;
    assert!(answered > 20, "{answered} of 100 by the replica");
    pair.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_replica_is_left_out_and_comes_back() {
    let Some(pair) = Pair::start().await else { return };
    pair.until_a_replica_answers().await;
    pair.replica.stop_immediately();
    assert_eq!(pair.survey().await, "North side");
    eventually("it is left out", async || pair.store.replicas().used == 0).await;
    pair.rename("without").await.unwrap();
    assert_eq!(pair.survey().await, "without");
    assert!(pair.store.replicas().ejections > 0);
    pair.replica.restart();
    pair.until_a_replica_answers().await;
    pair.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_go_on_without_the_primary_and_nothing_acknowledged_is_lost() {
    let Some(pair) = Pair::start().await else { return };
    pair.synchronous("remote_apply").await;
    pair.until_a_replica_answers().await;
    for n in 0..50 {
        pair.rename(format!("before {n}")).await.unwrap();
    }
    pair.primary.kill();

    let (store, tenant) = (&pair.store, pair.tenant);
    let one = async |sql| store.point(sql, params![tenant], |row| row.get::<String>(0)).await;
    for _ in 0..20 {
        assert_eq!(one(&MARKETS).await.unwrap().unwrap(), "before 49");
        assert_eq!(store.query(&MARKETS, params![tenant], |row| row.get::<String>(0)).await.unwrap(), ["before 49"]);
        assert_eq!(pair.survey().await, "before 49");
    }
    let seen = store.query(&MISTAKEN, params![tenant], |row| row.get::<String>(0)).await.unwrap();
    assert_eq!(seen, ["before 49"], "another tenant's rows are not seen on a replica, either");
    assert!(matches!(one(&AT_PRIMARY).await, Err(Error::Unavailable { .. })));
    assert!(matches!(store.query(&ALL, params![], |_| Ok(())).await, Err(Error::Unavailable { .. })));
    assert!(store.ping().await.is_err());
    assert!(matches!(pair.rename("nowhere").await, Err(Error::Unavailable { .. })));

    pair.replica.promote();
    let resumed = eventually("writes go on", async || pair.rename("after").await.is_ok()).await;
    assert!(resumed < PATIENCE);
    assert_eq!(one(&AT_PRIMARY).await.unwrap().unwrap(), "after");
    eventually("the primary is asked again", async || store.ping().await.is_ok()).await;
    assert_eq!(pair.survey().await, "after");
    pair.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_many_were_told_is_written_is_there_after_a_failover() {
    let Some(pair) = Pair::start().await else { return };
    pair.synchronous("on").await;
    pair.store.write(|tx| tx.execute(&MAKE, params![])).await.unwrap();
    let acknowledged = Mutex::new(BTreeSet::new());
    let writer = async |first: i64| {
        for n in first.. {
            if pair.store.write(move |tx| tx.execute(&WRITE, params![n])).await.is_err() {
                return;
            }
            acknowledged.lock().unwrap().insert(n);
        }
    };
    let killer = async {
        eventually("many are written", async || acknowledged.lock().unwrap().len() > 200).await;
        pair.primary.kill();
    };
    tokio::join!(writer(0), writer(100_000), writer(200_000), writer(300_000), killer);

    let killed = Instant::now();
    pair.replica.promote();
    eventually("writes go on", async || pair.rename("after").await.is_ok()).await;
    assert!(killed.elapsed() < PATIENCE, "{:?}", killed.elapsed());
    let written: Vec<i64> = pair.store.query(&WRITTEN, params![], |row| row.get(0)).await.unwrap();
    let written = BTreeSet::from_iter(written);
    let acknowledged = acknowledged.into_inner().unwrap();
    assert_eq!(acknowledged.difference(&written).collect::<Vec<_>>(), [&0i64; 0]);
    pair.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_lacks_what_was_acknowledged_answers_nothing() {
    let Some(pair) = Pair::start().await else { return };
    pair.until_a_replica_answers().await;
    pair.synchronous("on").await;
    pair.pause().await;
    pair.rename("not replayed").await.unwrap();
    pair.primary.kill();
    let read = pair.store.query(&MARKETS, params![pair.tenant], |row| row.get::<String>(0)).await;
    assert!(matches!(read, Err(Error::Unavailable { .. })), "{read:?}");
    run(&pair.replica, "SELECT pg_wal_replay_resume()").await;
    let read = async || pair.store.query(&MARKETS, params![pair.tenant], |row| row.get::<String>(0)).await;
    eventually("it has replayed it", async || read().await.is_ok_and(|names| names == ["not replayed"])).await;
    pair.store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_another_cluster_is_no_replica() {
    let (Some(primary), Some(stranger)) = (Own::start_primary(), Own::start()) else { return };
    let options = Options { replicas: vec![stranger.url()], ..Options::at(primary.url()) };
    let store = Store::open(options).await.unwrap();
    let tenant = set_up(&store, 1).await;
    for _ in 0..50 {
        assert_eq!(store.survey(&MARKETS, params![tenant], |row| row.get::<String>(0)).await.unwrap(), ["North side"]);
    }
    let replicas = store.replicas();
    assert_eq!((replicas.configured, replicas.used, replicas.reads), (1, 0, 0));
    store.close().await;
}

#[tokio::test]
async fn replicas_of_an_embedded_database_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("lintel.db").display());
    let options = Options { replicas: vec!["postgres://db2/lintel".to_owned()], ..Options::at(url) };
    assert!(matches!(Store::open(options).await, Err(Error::Options(_))));
}

//! The one value that holds the rooms together.

use std::{
    collections::HashMap,
    num::NonZero,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use lintel_cache::{Redis, Tags};
use lintel_crm::highlevel::WebhookKeys;
use lintel_domain::{
    clock::Clock, id::TenantId, market::MarketSlug, money::Currency, rng::Ids, scope::Principal, text::check_slug,
};
use lintel_hub::Hub;
use lintel_store::{
    Store,
    db::{Disk, OnCommit, step_back},
};
use parking_lot::RwLock;
use secrecy::SecretString;
use tokio::sync::{Semaphore, oneshot};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{
    Error, Result, analyses,
    auth::Throttle,
    cache,
    cache::Caches,
    cursor::Cursors,
    followers::{index::Keeper, tail::Tail},
    forecasts,
    hooks::Inbox,
    model::Models,
    roster::Rosters,
    saved::watching::Watching,
    seal::Sealer,
    secret, tier,
    tier::TierRules,
    tracking::Tracking,
    wishing::Wishing,
};

/// How the application is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database.
    pub store: lintel_store::Options,
    /// Folder of snapshots, uploads and other files of this node.
    pub data_dir: PathBuf,
    /// The present.
    pub clock: Clock,
    /// Jobs at work at the same time.
    pub workers: usize,
    /// The most memory that kept answers take, in bytes.
    pub cache_bytes: u64,
    /// Where whole answers are shared with other nodes, if anywhere.
    pub redis: Option<Redis>,
    /// How tiers are drawn.
    pub tiers: TierRules,
    /// How often live models are reviewed; never when absent.
    pub review_every: Option<Duration>,
    /// Who signs the events of HighLevel.
    pub webhook_keys: WebhookKeys,
    /// What secrets of others are sealed with; a key in the data folder when absent.
    pub secrets_key: Option<SecretString>,
}

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App(pub(crate) Arc<Rooms>);

/// What the use cases reach.
pub(crate) struct Rooms {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    /// Names this process.
    pub(crate) own: Uuid,
    pub(crate) caches: Caches,
    pub(crate) data_dir: PathBuf,
    pub(crate) workers: usize,
    pub(crate) keeper: Keeper,
    pub(crate) hub: Arc<Hub>,
    pub(crate) models: Models,
    pub(crate) tier_rules: TierRules,
    pub(crate) tiers: tier::Remembered,
    pub(crate) review_every: Option<Duration>,
    pub(crate) throttle: Throttle,
    pub(crate) measured: analyses::Kept,
    pub(crate) forecasts: forecasts::Kept,
    pub(crate) tracking: Tracking,
    pub(crate) inbox: Inbox,
    pub(crate) webhook_keys: WebhookKeys,
    pub(crate) sealer: Sealer,
    /// Work of this process that a request began and that goes on after its answer.
    pub(crate) tasks: TaskTracker,
    /// One permit for each core: see [`App::compute`].
    cores: Arc<Semaphore>,
    /// The longest that a computation has waited for a core of late, in microseconds.
    waited: AtomicU64,
    /// What has happened of late.
    pub(crate) tail: Tail,
    pub(crate) rosters: Rosters,
    pub(crate) watching: Watching,
    pub(crate) wishing: Wishing,
    /// In what the prices of markets are.
    pub(crate) currencies: RwLock<HashMap<TenantId, HashMap<MarketSlug, Currency>>>,
    cursors: RwLock<HashMap<TenantId, Arc<Cursors>>>,
    /// Whether this process answers requests.
    pub(crate) answers: AtomicBool,
}

/// How the database is, for people.
#[derive(Clone, Debug)]
pub struct StoreStatus {
    /// `sqlite` or `postgres`.
    pub engine: &'static str,
    /// The engine's version.
    pub version: String,
    /// The last migration that was applied.
    pub schema_version: i32,
    /// The place of the newest event in the log.
    pub log_head: String,
}

impl App {
    /// Opens the store, brings its schema up to date and makes ready what is live. No follower or job runs yet: see
    /// [`App::start`].
    pub async fn open(options: Options) -> Result<Self> {
        let tags = if options.redis.is_some() { Tags::in_order() } else { Tags::default() };
        let group_writes = options.store.group_writes;
        let on_commit = OnCommit::new(cache::hear(tags.clone()));
        let store = Store::open(lintel_store::Options { on_commit, ..options.store }).await?;
        let sealer = Sealer::new(options.secrets_key.as_ref(), &options.data_dir);
        let (now, ids) = (options.clock.now(), Ids::random());
        store.log_make_room(now).await?;
        store.tables_make_room(now).await?;
        Ok(Self(Arc::new(Rooms {
            caches: Caches::new(tags, store.is_postgres(), &options.clock, options.cache_bytes, options.redis),
            store,
            clock: options.clock,
            own: ids.next(now),
            ids,
            keeper: Keeper::new(&options.data_dir),
            hub: Hub::new(),
            models: Models::default(),
            data_dir: options.data_dir,
            workers: options.workers.max(1),
            tier_rules: options.tiers,
            tiers: tier::Remembered::default(),
            review_every: options.review_every,
            throttle: Throttle::default(),
            measured: analyses::Kept::default(),
            forecasts: forecasts::Kept::default(),
            tracking: Tracking::default(),
            inbox: Inbox::new(group_writes),
            webhook_keys: options.webhook_keys,
            sealer,
            tasks: TaskTracker::new(),
            waited: AtomicU64::new(0),
            cores: Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(2, NonZero::get))),
            tail: Tail::default(),
            rosters: Rosters::default(),
            watching: Watching::default(),
            wishing: Wishing::default(),
            currencies: RwLock::default(),
            cursors: RwLock::default(),
            answers: AtomicBool::new(false),
        })))
    }

    /// Finishes what was accepted and closes the store.
    pub async fn close(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.store.close().await;
    }

    /// The clock everything here goes by.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The tenant with this slug, created when it is new, acted for by Lintel itself: for commands on the machine.
    pub async fn system(&self, tenant: &str) -> Result<Principal> {
        check_slug(tenant).map_err(|error| Error::invalid("/tenant", "not_a_slug", error.to_string()))?;
        let (slug, now) = (tenant.to_owned(), self.clock().now());
        let id = TenantId(self.0.ids.next(now));
        let erasure_key = secret::random()?;
        let write = self.0.store.write(move |tx| tx.tenant_ensure(id, &slug, &slug, &erasure_key, now));
        Ok(Principal::system(write.await?))
    }

    /// The tenant with this slug, which must exist, acted for by Lintel itself.
    pub async fn system_of(&self, tenant: &str) -> Result<Principal> {
        let row = self.0.store.tenant_by_slug(tenant).await?.ok_or(Error::NotFound("tenant"))?;
        Ok(Principal::system(row.id))
    }

    /// Names this database as it is since it was started: a copy, and what was put in its place, have another name. An
    /// embedded one is this process's own.
    pub(crate) async fn lineage(&self) -> Result<String> {
        Ok(match self.0.store.lineage().await? {
            Some(lineage) => lineage,
            None => self.0.own.to_string(),
        })
    }

    /// What this node does without for now, for those who are answered more slowly, or by a replica.
    pub fn degraded(&self) -> Option<&'static str> {
        let without_redis = self.answers() && self.0.caches.redis().is_some_and(Redis::is_away);
        match (without_redis, self.0.store.primary_is_away()) {
            (false, false) => None,
            (true, false) => Some("redis"),
            (false, true) => Some("replica"),
            (true, true) => Some("redis, replica"),
        }
    }

    /// Engine, version and schema of the database.
    pub async fn store_status(&self) -> Result<StoreStatus> {
        let health = self.0.store.health().await?;
        Ok(StoreStatus {
            engine: health.engine,
            version: health.version,
            schema_version: health.schema,
            log_head: self.0.store.log_head().await?.to_string(),
        })
    }

    /// Returns when the disk failed in a way that nothing may be acknowledged any more; the process has to end.
    pub async fn disk_failed(&self) -> String {
        let mut disk = self.0.store.disk();
        let failed = disk.wait_for(|disk| matches!(disk, Disk::Failed(_))).await;
        match failed.as_deref() {
            Ok(Disk::Failed(reason)) => format!("the disk failed: {reason}"),
            _ => std::future::pending().await,
        }
    }

    /// Runs a computation of a few milliseconds on a thread of its own. No more run at once than there are cores, so that
    /// a crowd waits in line instead of slowing everybody down and filling the memory with half-done work.
    pub(crate) async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let begun = Instant::now();
        let turn = Arc::clone(&self.0.cores).acquire_owned().await.map_err(Error::internal)?;
        self.0.waited.fetch_max(begun.elapsed().as_micros() as u64, Ordering::Relaxed);
        let computing = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        computing.await.map_err(Error::internal)
    }

    /// The longest that a computation has waited for a core since this was asked last.
    pub fn pressure(&self) -> Duration {
        Duration::from_micros(self.0.waited.swap(0, Ordering::Relaxed))
    }

    /// Runs long work on a thread of its own. Where requests are answered it has a core only while nothing else wants it, so
    /// that a training of minutes does not slow them down; so it must not hold what they wait for.
    pub(crate) async fn background<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (done, waiting) = oneshot::channel();
        let steps_back = self.answers();
        let working = move || {
            if steps_back {
                step_back();
            }
            // Nobody takes the outcome when the job was cancelled meanwhile.
            drop(done.send(work()));
        };
        std::thread::Builder::new().name("background".to_owned()).spawn(working).map_err(Error::internal)?;
        waiting.await.map_err(Error::internal)
    }

    /// Whether this process answers requests.
    pub(crate) fn answers(&self) -> bool {
        self.0.answers.load(Ordering::Relaxed)
    }

    /// Runs something that waits for a disk, or that is bounded elsewhere, where it holds up no requests.
    pub(crate) async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }

    /// What signs the cursors of a tenant: a key of its own, the same on every node.
    pub(crate) async fn cursors(&self, tenant: TenantId) -> Result<Arc<Cursors>> {
        if let Some(cursors) = self.0.cursors.read().get(&tenant) {
            return Ok(Arc::clone(cursors));
        }
        let row = self.0.store.tenant_get(tenant).await?.ok_or(Error::NotFound("tenant"))?;
        let cursors = Arc::new(Cursors::of_tenant(&row.erasure_key));
        self.0.cursors.write().insert(tenant, Arc::clone(&cursors));
        Ok(cursors)
    }
}

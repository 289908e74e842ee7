//! From the configuration to the application: the one place where rooms are given their options.

use std::path::PathBuf;

use anyhow::Context as _;
use lintel_app::{App, Redis, TierRules, WebhookKeys};
use lintel_domain::{clock::Clock, rng::Ids};
use secrecy::ExposeSecret as _;
use std::time::Duration;

use crate::{config::Config, part::Part};

/// Opens the application with its schema brought up to date.
pub(crate) async fn open(config: &Config) -> anyhow::Result<App> {
    open_with(config, true).await
}

/// Opens the application on the schema as it is; an older one is an error.
pub(crate) async fn open_as_is(config: &Config) -> anyhow::Result<App> {
    open_with(config, false).await
}

async fn open_with(config: &Config, migrate: bool) -> anyhow::Result<App> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("cannot make the data folder {}", config.data_dir.display()))?;
    if config.is_without(Part::Index) {
        lintel_search::scan_every_listing();
    }
    let is_cached = !config.is_without(Part::Cache);
    let usual = lintel_app::StoreOptions::default();
    let tiers = &config.tiers;
    let options = lintel_app::Options {
        store: lintel_app::StoreOptions {
            url: store_url(config),
            replicas: named(config.store.replicas.expose_secret()),
            migrate,
            readers: config.store.readers,
            connections: config.store.connections,
            statement_timeout: Duration::from_secs(config.store.statement_timeout_seconds),
            slow_statement: Duration::from_millis(config.store.slow_statement_ms),
            group_writes: if config.is_without(Part::GroupCommit) { 1 } else { usual.group_writes },
            ..usual
        },
        data_dir: config.data_dir.clone(),
        clock: Clock::System,
        workers: config.jobs.workers,
        cache_bytes: if is_cached { config.cache.memory_bytes } else { 0 },
        redis: if is_cached { redis(config)? } else { None },
        tiers: TierRules {
            percentiles_from: tiers.percentiles_from,
            hot_percentile: tiers.hot_percentile / 100.0,
            warm_percentile: tiers.warm_percentile / 100.0,
            hot_probability: tiers.hot_probability,
            warm_probability: tiers.warm_probability,
        },
        review_every: (config.models.review_hours > 0).then(|| Duration::from_hours(config.models.review_hours)),
        webhook_keys: webhook_keys(&config.crm.highlevel.webhook_keys)?,
        secrets_key: Some(config.secrets.key.clone()).filter(|key| !key.expose_secret().is_empty()),
    };
    Ok(App::open(options).await?)
}

/// What a list separated by commas names.
fn named(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

/// The keys that are named, or else the one that HighLevel has published.
fn webhook_keys(named: &str) -> anyhow::Result<WebhookKeys> {
    if named.is_empty() {
        return Ok(WebhookKeys::default());
    }
    WebhookKeys::parse(named).context("crm.highlevel.webhook_keys")
}

/// Where answers are shared, if anywhere. Another build may write them in another form, so it does not read ours.
fn redis(config: &Config) -> anyhow::Result<Option<Redis>> {
    let url = config.cache.redis_url.expose_secret();
    if url.is_empty() {
        return Ok(None);
    }
    let build = concat!(env!("CARGO_PKG_VERSION"), "-", env!("LINTEL_COMMIT"));
    let seed = Ids::random().next(Clock::System.now()).as_u128() as u64;
    Redis::new(url, build, seed).context("cache.redis_url").map(Some)
}

fn store_url(config: &Config) -> String {
    match config.store.url.expose_secret() {
        "" => format!("sqlite:{}", config.data_dir.join("lintel.db").display()),
        url => url.to_owned(),
    }
}

/// The file of the embedded database, if that is what the configuration names.
pub(crate) fn sqlite_path(config: &Config) -> Option<PathBuf> {
    let url = store_url(config);
    let path = url.strip_prefix("sqlite:")?;
    Some(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
}

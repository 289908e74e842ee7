//! Configuration: defaults, file, environment and flags become one checked value. The environment is read here only.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use config::{Environment, File, FileFormat, Source, Value, ValueKind};
use secrecy::SecretString;
use serde::Deserialize;

use crate::part::Part;

/// The default file: it documents every key.
pub(crate) const DEFAULT: &str = include_str!("default.toml");

/// What flags say; they beat the environment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) file: Option<PathBuf>,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) store_url: Option<String>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) roles: Option<String>,
}

/// The whole configuration, checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) data_dir: PathBuf,
    pub(crate) trusted_proxies: String,
    pub(crate) server: Server,
    pub(crate) store: StoreSection,
    pub(crate) log: Log,
    pub(crate) jobs: Jobs,
    pub(crate) tiers: Tiers,
    pub(crate) models: Models,
    pub(crate) cache: Cache,
    pub(crate) llm: Llm,
    pub(crate) crm: Crm,
    pub(crate) egress: Egress,
    pub(crate) secrets: Secrets,
    pub(crate) measure: Measure,
}

/// See `[server]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    pub(crate) metrics_listen: SocketAddr,
    pub(crate) roles: String,
    pub(crate) connections: usize,
    pub(crate) connections_per_address: usize,
    pub(crate) requests_in_flight: usize,
    pub(crate) requests_per_key_per_second: u32,
    pub(crate) stop_timeout_seconds: u64,
    pub(crate) body_bytes: usize,
    pub(crate) import_bytes: u64,
}

/// See `[store]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoreSection {
    pub(crate) url: SecretString,
    pub(crate) replicas: SecretString,
    pub(crate) connections: usize,
    pub(crate) readers: usize,
    pub(crate) statement_timeout_seconds: u64,
    pub(crate) slow_statement_ms: u64,
}

/// See `[log]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) filter: String,
    pub(crate) format: LogFormat,
}

/// How log records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// See `[jobs]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Jobs {
    pub(crate) workers: usize,
}

/// See `[tiers]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tiers {
    pub(crate) percentiles_from: u64,
    pub(crate) hot_percentile: f64,
    pub(crate) warm_percentile: f64,
    pub(crate) hot_probability: f64,
    pub(crate) warm_probability: f64,
}

/// See `[models]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Models {
    pub(crate) review_hours: u64,
}

/// See `[cache]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cache {
    pub(crate) memory_bytes: u64,
    pub(crate) redis_url: SecretString,
}

/// See `[llm]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Llm {
    pub(crate) anthropic: Provider,
    pub(crate) openai: Provider,
}

/// A provider of language models.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provider {
    pub(crate) base_url: String,
    #[serde(default)]
    pub(crate) api_key: SecretString,
}

/// See `[crm]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Crm {
    pub(crate) highlevel: HighLevel,
}

/// See `[crm.highlevel]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HighLevel {
    pub(crate) base_url: String,
    pub(crate) webhook_keys: String,
}

/// See `[egress]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Egress {
    pub(crate) allow: String,
}

/// See `[secrets]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Secrets {
    pub(crate) key: SecretString,
}

/// See `[measure]` of the default file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Measure {
    pub(crate) without: String,
}

/// One setting for people: its key, its value with secrets hidden, and where the value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) origin: String,
}

/// Keys whose values are never shown.
const SECRET: &[&str] =
    &["store.url", "store.replicas", "cache.redis_url", "llm.anthropic.api_key", "llm.openai.api_key", "secrets.key"];

/// Reads the configuration and lists every setting with its origin.
pub(crate) fn load(overrides: &Overrides) -> anyhow::Result<(Config, Vec<Setting>)> {
    let environment = Environment::with_prefix("LINTEL").prefix_separator("__").separator("__");
    load_from(overrides, environment)
}

/// The settings that ship, on a data directory.
pub(crate) fn shipped(data_dir: &Path) -> anyhow::Result<Config> {
    let nothing = Environment::with_prefix("LINTEL").source(Some(HashMap::default()));
    let overrides = Overrides { data_dir: Some(data_dir.to_owned()), ..Overrides::default() };
    Ok(load_from(&overrides, nothing)?.0)
}

fn load_from(overrides: &Overrides, environment: Environment) -> anyhow::Result<(Config, Vec<Setting>)> {
    let mut origins: BTreeMap<String, (Value, &str)> = BTreeMap::new();
    let mut builder = config::Config::builder();
    let defaults = File::from_str(DEFAULT, FileFormat::Toml);
    note(&mut origins, &defaults, "default")?;
    builder = builder.add_source(defaults);
    if let Some(path) = &overrides.file {
        let file = File::from(path.as_path()).format(FileFormat::Toml).required(true);
        note(&mut origins, &file, "file")
            .with_context(|| format!("cannot read the configuration file {}", path.display()))?;
        builder = builder.add_source(file);
    }
    note(&mut origins, &environment, "environment")?;
    builder = builder.add_source(environment);
    let flags = [
        ("data_dir", overrides.data_dir.as_ref().map(|path| path.display().to_string())),
        ("store.url", overrides.store_url.clone()),
        ("server.listen", overrides.listen.map(|address| address.to_string())),
        ("server.metrics_listen", overrides.metrics_listen.map(|address| address.to_string())),
        ("server.roles", overrides.roles.clone()),
    ];
    for (key, value) in flags {
        if let Some(value) = value {
            builder = builder.set_override(key, value.clone())?;
            origins.insert(key.to_owned(), (Value::new(None, ValueKind::String(value)), "flag"));
        }
    }
    let config: Config = builder.build()?.try_deserialize().context("the configuration is not valid")?;
    config.check()?;
    let shown = |key: &str, value: &Value| match value.to_string() {
        text if text.is_empty() || !SECRET.contains(&key) => text,
        _ => "(set, not shown)".to_owned(),
    };
    let settings = origins
        .iter()
        .map(|(key, (value, origin))| Setting {
            key: key.clone(),
            value: shown(key, value),
            origin: (*origin).to_owned(),
        })
        .collect();
    Ok((config, settings))
}

/// Notes where each value of a source comes from.
fn note<'a>(
    origins: &mut BTreeMap<String, (Value, &'a str)>,
    source: &dyn Source,
    origin: &'a str,
) -> anyhow::Result<()> {
    fn walk<'a>(
        origins: &mut BTreeMap<String, (Value, &'a str)>,
        prefix: &str,
        table: config::Map<String, Value>,
        origin: &'a str,
    ) {
        for (key, value) in table {
            let key = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
            match value.kind {
                ValueKind::Table(table) => walk(origins, &key, table, origin),
                _ => {
                    origins.insert(key, (value, origin));
                }
            }
        }
    }
    // The environment gives flat keys with dots; files give tables. Both end up as dotted keys.
    walk(origins, "", source.collect()?, origin);
    Ok(())
}

impl Config {
    /// Whether a part is left out.
    pub(crate) fn is_without(&self, part: Part) -> bool {
        Part::parse_list(&self.measure.without).is_ok_and(|parts| parts.contains(&part))
    }

    fn check(&self) -> anyhow::Result<()> {
        for (key, value) in [
            ("server.connections", self.server.connections),
            ("server.connections_per_address", self.server.connections_per_address),
            ("server.requests_in_flight", self.server.requests_in_flight),
            ("server.body_bytes", self.server.body_bytes),
            ("store.connections", self.store.connections),
            ("store.readers", self.store.readers),
            ("jobs.workers", self.jobs.workers),
        ] {
            if value == 0 {
                bail!("{key} must be at least 1");
            }
        }
        if self.server.requests_per_key_per_second == 0 {
            bail!("server.requests_per_key_per_second must be at least 1");
        }
        if let Err(wrong) = Part::parse_list(&self.measure.without) {
            bail!("measure.without: {wrong}");
        }
        let tiers = &self.tiers;
        let ordered = |warm: f64, hot: f64, top: f64| 0.0 <= warm && warm <= hot && hot <= top;
        if !ordered(tiers.warm_percentile, tiers.hot_percentile, 100.0) {
            bail!("tiers: 0 ≤ warm_percentile ≤ hot_percentile ≤ 100");
        }
        if !ordered(tiers.warm_probability, tiers.hot_probability, 1.0) {
            bail!("tiers: 0 ≤ warm_probability ≤ hot_probability ≤ 1");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_with(pairs: &[(&str, &str)], overrides: &Overrides) -> anyhow::Result<(Config, Vec<Setting>)> {
        let source = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let environment =
            Environment::with_prefix("LINTEL").prefix_separator("__").separator("__").source(Some(source));
        load_from(overrides, environment)
    }

    fn origin(settings: &[Setting], key: &str) -> String {
        settings.iter().find(|setting| setting.key == key).map(|setting| setting.origin.clone()).unwrap()
    }

    #[test]
    fn flags_beat_the_environment_and_the_environment_beats_defaults() {
        let environment = [("LINTEL__SERVER__LISTEN", "127.0.0.1:1"), ("LINTEL__DATA_DIR", "/env")];
        let overrides = Overrides { data_dir: Some("/flag".into()), ..Overrides::default() };
        let (config, settings) = load_with(&environment, &overrides).unwrap();
        assert_eq!(config.server.listen.port(), 1);
        assert_eq!(config.data_dir, PathBuf::from("/flag"));
        assert_eq!(origin(&settings, "server.listen"), "environment");
        assert_eq!(origin(&settings, "data_dir"), "flag");
        assert_eq!(origin(&settings, "server.metrics_listen"), "default");
    }

    #[test]
    fn every_name_of_the_outside_contract_is_known() {
        let names = [
            "SERVER__LISTEN",
            "SERVER__METRICS_LISTEN",
            "DATA_DIR",
            "STORE__URL",
            "STORE__REPLICAS",
            "CACHE__REDIS_URL",
            "LLM__ANTHROPIC__BASE_URL",
            "LLM__ANTHROPIC__API_KEY",
            "LLM__OPENAI__BASE_URL",
            "CRM__HIGHLEVEL__BASE_URL",
            "CRM__HIGHLEVEL__WEBHOOK_KEYS",
            "EGRESS__ALLOW",
            "SECRETS__KEY",
            "TRUSTED_PROXIES",
        ];
        for name in names {
            let value = if name.ends_with("LISTEN") { "127.0.0.1:0" } else { "x" };
            load_with(&[(&format!("LINTEL__{name}"), value)], &Overrides::default())
                .unwrap_or_else(|error| panic!("{name}: {error:#}"));
        }
    }

    #[test]
    fn an_unknown_key_or_a_senseless_value_is_an_error() {
        for (key, value) in [
            ("LINTEL__SERVER__LISTN", "x"),
            ("LINTEL__SERVER__LISTEN", "nowhere"),
            ("LINTEL__STORE__READERS", "0"),
            ("LINTEL__MEASURE__WITHOUT", "seatbelts"),
        ] {
            assert!(load_with(&[(key, value)], &Overrides::default()).is_err(), "{key}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let (config, settings) =
            load_with(&[("LINTEL__STORE__URL", "postgres://u:hunter2@h/d")], &Overrides::default()).unwrap();
        assert!(!format!("{config:?} {settings:?}").contains("hunter2"));
    }
}

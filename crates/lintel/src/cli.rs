//! The command line, as typed.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use lintel_app::{ExportFormat, FileTask};
use lintel_domain::{import::ImportKind, market::MarketSlug, model::ModelKind, scope::Role};

use crate::{commands::bench, config::Overrides};

/// A server for real-estate teams: leads and listings in; scores, matches and prices out.
#[derive(Debug, Parser)]
#[command(name = "lintel", version, arg_required_else_help = true, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Configuration file (TOML); see docs/configuration.md
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the embedded database and other files [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// sqlite:PATH or postgres://… [default: lintel.db in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    store_url: Option<String>,
}

impl Global {
    /// What these flags say about the configuration.
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides {
            file: self.config.clone(),
            data_dir: self.data_dir.clone(),
            store_url: self.store_url.clone(),
            ..Overrides::default()
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Answer requests, follow the log and run jobs until told to stop
    Serve(Serve),
    /// Fill a store with a synthetic market; the same seed again changes nothing
    Demo(Demo),
    /// Bring in records from a file, or take an import back
    Import(Import),
    /// Write all records of a kind to a file that an import takes back
    Export(Export),
    /// Make keys
    #[command(subcommand)]
    Keys(Keys),
    /// Make users
    #[command(subcommand)]
    Users(Users),
    /// Train from the store, evaluate, promote if better
    Train(Train),
    /// Repeat the evaluation of what is live, or evaluate forecasts and taste on what is stored
    Evaluate(Evaluate),
    /// Learn to predict a column of a file with free columns; needs no store
    Learn(Learn),
    /// Predict the rows of a file with a model that `learn` wrote
    Predict(Predict),
    /// Forecast the series of a file, with intervals
    Forecast(Forecast),
    /// Look after the database
    #[command(subcommand)]
    Db(Db),
    /// Play a scenario of load on a throwaway server of this machine (embedded database, settings that ship), and tell what its
    /// parts bring
    Bench(bench::Flags),
    /// Show every setting with its origin and test every connection
    Doctor {
        /// One JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Ask a running server whether it is ready; for containers
    Healthcheck {
        /// Address of the API
        #[arg(long, value_name = "ADDR")]
        address: Option<SocketAddr>,
    },
    /// Print the OpenAPI document
    Openapi,
    /// Print version and build
    Version,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the sources of generated pages
    #[command(hide = true)]
    Docs {
        /// What to print
        what: DocsOf,
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
}

/// What `docs` prints.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DocsOf {
    /// The codes of problem documents.
    Errors,
    /// The model card, as Markdown.
    ModelCard,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where the API listens [default: 127.0.0.1:8080]; port 0 takes a free one and prints it
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where metrics are served [default: 127.0.0.1:9090]
    #[arg(long, value_name = "ADDR")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// What this process does: api, worker, followers; comma separated [default: all]
    #[arg(long)]
    pub(crate) roles: Option<String>,
    /// Make a tenant `demo` with a synthetic market and a user, unless it is there, and print how to sign in
    #[arg(long)]
    pub(crate) demo: bool,
    /// Folder with the built web pages, instead of those in the program
    #[arg(long, value_name = "DIR")]
    pub(crate) ui_dir: Option<PathBuf>,
    /// Map tiles (PMTiles, version 3), for the ground of maps
    #[arg(long, value_name = "FILE.pmtiles")]
    pub(crate) basemap: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Slug of the tenant; created when new
    #[arg(long, default_value = "demo")]
    pub(crate) tenant: String,
    /// Slug of the market; created when new
    #[arg(long, default_value = "demo")]
    pub(crate) market: MarketSlug,
    /// Homes on the market
    #[arg(long, default_value_t = 5_000)]
    pub(crate) listings: u64,
    /// Closed sales
    #[arg(long, default_value_t = 10_000)]
    pub(crate) sales: u64,
    /// Leads with their interactions
    #[arg(long, default_value_t = 2_000)]
    pub(crate) leads: u64,
    /// Days of history
    #[arg(long, default_value_t = 365)]
    pub(crate) days: u32,
    /// The same seed makes the same market
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// One JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// What the file holds: listings, sales, leads, interactions or series
    #[arg(value_parser = import_kind, required_unless_present = "undo", requires = "file")]
    pub(crate) kind: Option<ImportKind>,
    /// CSV, TSV (any delimiter) or XLSX, plain, gzip or zstd; - is standard input
    pub(crate) file: Option<PathBuf>,
    /// Slug of the tenant; created when new
    #[arg(long)]
    pub(crate) tenant: String,
    /// Slug of the market; created when new
    #[arg(long)]
    pub(crate) market: Option<MarketSlug>,
    /// TOML file that says which column is which; guessed and shown when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// Only say what would happen
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Take back the import with this id
    #[arg(long, value_name = "ID", conflicts_with_all = ["kind", "file", "market", "mapping", "dry_run"])]
    pub(crate) undo: Option<lintel_domain::id::ImportId>,
    /// One JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// What to write: listings, sales, leads, interactions or series
    #[arg(value_parser = import_kind)]
    pub(crate) kind: ImportKind,
    /// Slug of the tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// The file; - is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// How it is written
    #[arg(long, value_enum, default_value_t = FormatOfExport::Csv)]
    pub(crate) format: FormatOfExport,
    /// One JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FormatOfExport {
    /// Comma-separated, safe in spreadsheets.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl From<FormatOfExport> for ExportFormat {
    fn from(format: FormatOfExport) -> Self {
        match format {
            FormatOfExport::Csv => Self::Csv,
            FormatOfExport::Jsonl => Self::JsonLines,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make a key; the secret is shown this once. Creates the tenant if it is new
    Create {
        /// Slug of the tenant
        #[arg(long)]
        tenant: String,
        /// owner, admin, agent, analyst or read-only
        #[arg(long, value_parser = role)]
        role: Role,
        /// For people
        #[arg(long, default_value = "command line")]
        name: String,
        /// One JSON object on standard output
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// Make a user
    Create {
        /// Slug of the tenant; created when new
        #[arg(long)]
        tenant: String,
        /// The name to sign in with
        #[arg(long)]
        email: String,
        /// owner, admin, agent, analyst or read-only
        #[arg(long, value_parser = role)]
        role: Role,
        /// Read the password from standard input; without it one is made and shown this once
        #[arg(long)]
        password_stdin: bool,
        /// One JSON object on standard output
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Train {
    /// lead-score, churn or price
    #[arg(value_parser = model_kind)]
    pub(crate) kind: ModelKind,
    /// Slug of the tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// Slug of the market; needed for price
    #[arg(long)]
    pub(crate) market: Option<MarketSlug>,
    /// One JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Evaluate {
    /// lead-score, churn, price, forecast or taste
    #[arg(value_parser = evaluated)]
    pub(crate) what: Evaluated,
    /// Slug of the tenant
    #[arg(long)]
    pub(crate) tenant: String,
    /// Slug of the market; needed for price
    #[arg(long)]
    pub(crate) market: Option<MarketSlug>,
    /// The only series to look at (forecast)
    #[arg(long)]
    pub(crate) metric: Option<String>,
    /// How many periods to look ahead (forecast)
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub(crate) horizon: u32,
    /// How many of the homes ranked first count (taste)
    #[arg(long, value_name = "K", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) first: u32,
    /// One JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// What `evaluate` measures.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Evaluated {
    /// A live model.
    Model(ModelKind),
    /// Forecasts of the stored series.
    Forecast,
    /// What leads like.
    Taste,
}

#[derive(Debug, Args)]
pub(crate) struct Learn {
    /// CSV or TSV (any delimiter), plain, gzip or zstd; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// The column to predict
    #[arg(long, value_name = "COLUMN")]
    pub(crate) label: String,
    /// classify (a label of two values), regress (a number) or price (of homes, by comparables, time and place)
    #[arg(long, value_parser = file_task)]
    pub(crate) task: FileTask,
    /// Columns to leave out, separated by commas; a name with a comma is quoted as in CSV. May be repeated
    #[arg(long, value_name = "A,B", value_parser = names)]
    pub(crate) drop: Vec<Names>,
    /// A column of dates or numbers, or @row when the file is in time order: the latest rows are held out
    #[arg(long, value_name = "COLUMN|@row")]
    pub(crate) time: Option<String>,
    /// Rows with the same value stay in one fold; it is no feature
    #[arg(long, value_name = "COLUMN")]
    pub(crate) group: Option<String>,
    /// What identifies a row: rows that share it stay in one fold; it is no feature
    #[arg(long, value_name = "COLUMN")]
    pub(crate) id: Option<String>,
    /// The label's positive value, unless that is 1, true, yes or y
    #[arg(long, value_name = "VALUE")]
    pub(crate) positive: Option<String>,
    /// Columns of protected traits to use all the same; the model must then not decide about housing
    #[arg(long, value_name = "A,B", value_parser = names)]
    pub(crate) allow_protected: Vec<Names>,
    /// TOML file that says which column is which of a home (task price; guessed and told when absent), and how dates are written
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// The same seed gives the same model
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where the model is written
    #[arg(long, value_name = "MODEL")]
    pub(crate) out: PathBuf,
    /// One JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Predict {
    /// Written by `learn`
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: PathBuf,
    /// CSV or TSV (any delimiter), plain, gzip or zstd; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// Where the predictions are written, one row for each row of the file
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) out: PathBuf,
    /// Take every prediction apart by column
    #[arg(long)]
    pub(crate) explain: bool,
    /// One JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Forecast {
    /// CSV or TSV (any delimiter), plain, gzip or zstd; - is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// wide: one series a row, one column a period; long: series, period and value, or date and value
    #[arg(long)]
    pub(crate) layout: Layout,
    /// How many periods to forecast
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=lintel_app::MOST_FORECAST_STEPS as i64))]
    pub(crate) horizon: u32,
    /// Where the forecasts go, as CSV
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) out: PathBuf,
    /// One JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// Names of columns in one argument.
#[derive(Clone, Debug)]
pub(crate) struct Names(pub(crate) Vec<String>);

/// How a file of series is laid out.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Layout {
    /// One series a row.
    Wide,
    /// One value a row.
    Long,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Bring the schema up to date
    Migrate,
    /// Show engine, schema version and counts
    Status {
        /// One JSON object on standard output
        #[arg(long)]
        json: bool,
    },
    /// Copy the embedded database into a file while it is in use
    Backup {
        /// Must not exist
        file: PathBuf,
    },
    /// Put a backup in place of the embedded database; the server must be stopped
    Restore {
        /// Written by `db backup`
        file: PathBuf,
    },
}

fn import_kind(word: &str) -> Result<ImportKind, String> {
    ImportKind::parse(word).ok_or_else(|| "one of listings, sales, leads, interactions, series".to_owned())
}

fn file_task(word: &str) -> Result<FileTask, String> {
    let found = FileTask::ALL.into_iter().find(|task| task.as_str() == word);
    found.ok_or_else(|| "one of classify, regress, price".to_owned())
}

fn names(list: &str) -> Result<Names, String> {
    lintel_app::split_names(list).map(Names).map_err(str::to_owned)
}

fn model_kind(word: &str) -> Result<ModelKind, String> {
    ModelKind::parse(word).ok_or_else(|| "one of lead-score, churn, price".to_owned())
}

fn evaluated(word: &str) -> Result<Evaluated, String> {
    match (word, ModelKind::parse(word)) {
        (_, Some(kind)) => Ok(Evaluated::Model(kind)),
        ("forecast", _) => Ok(Evaluated::Forecast),
        ("taste", _) => Ok(Evaluated::Taste),
        _ => Err("one of lead-score, churn, price, forecast, taste".to_owned()),
    }
}

fn role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| "one of owner, admin, agent, analyst, read-only".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}

//! Reading the data of others: files of listings, sales, leads, interactions and series, mapped to domain values.
//!
//! A file as a whole can fail ([`Error`]); a bad row never does: it is set aside with its line, its columns and the reasons
//! ([`RejectedRow`]), and the rest is read on.

pub mod export;
pub mod mapping;
pub mod record;
pub mod synthetic;
pub mod table;
pub mod value;

mod error;
mod import;
mod series_file;

pub use error::{Error, Result};
pub use import::{Batch, Entry, Import, ImportOptions, Records};
pub use series_file::{Layout, NamedSeries, PeriodStyle, SeriesFile, read_series};
pub use table::{Fault, RejectedRow};

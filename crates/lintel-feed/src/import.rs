//! A file as batches of records, with a place to go on from after each.

use lintel_domain::import::ImportKind;

use crate::mapping::{Confidence, Mapping, Plan};
use crate::record::{HomeRecord, InteractionRecord, LeadRecord, Origin, SeriesRecord, home, interaction, lead, series};
use crate::table::{Fault, Next, Position, Progress, RejectedRow, Row, Source, Table, TableOptions};
use crate::{Error, Result};

/// How to read an import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// How to read the table.
    pub table: TableOptions,
    /// Which guesses to follow when there is no mapping.
    pub accept: Confidence,
    /// What the file does not say about itself.
    pub origin: Origin,
    /// Rows in a batch, at least 1.
    pub batch_rows: usize,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            table: TableOptions::default(),
            accept: Confidence::Certain,
            origin: Origin::default(),
            batch_rows: 1_000,
        }
    }
}

/// A file being read as records.
pub struct Import {
    table: Table,
    plan: Plan,
    origin: Origin,
    batch_rows: usize,
    /// Why the file cannot be read on, to be told after the rows before it.
    broken: Option<Error>,
}

/// A record and where it stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// The data row, from 1.
    pub number: u64,
    /// The line its row begins on, from 1.
    pub line: u64,
    /// The record.
    pub record: T,
}

/// The records of a batch, all of one kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Records {
    /// Homes on the market.
    Listings(Vec<Entry<HomeRecord>>),
    /// Fulfilled sales.
    Sales(Vec<Entry<HomeRecord>>),
    /// People.
    Leads(Vec<Entry<LeadRecord>>),
    /// What people did.
    Interactions(Vec<Entry<InteractionRecord>>),
    /// Values of series.
    Series(Vec<Entry<SeriesRecord>>),
}

/// Some rows of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// What could be mapped.
    pub records: Records,
    /// What could not.
    pub rejected: Vec<RejectedRow>,
    /// The place after this batch: an import that is resumed from here continues with the next row.
    pub position: Position,
}

impl Import {
    /// Opens a file, finds its columns and decides what becomes of them; no row is read yet.
    ///
    /// # Errors
    /// What is wrong with the file as a whole or with the mapping.
    pub fn open(source: Source, kind: ImportKind, mapping: Option<&Mapping>, options: &ImportOptions) -> Result<Self> {
        let table = Table::open(source, &options.table)?;
        let plan = Plan::new(kind, table.header(), mapping, options.accept)?;
        Ok(Self { table, plan, origin: options.origin.clone(), batch_rows: options.batch_rows.max(1), broken: None })
    }

    /// Goes to the place after a batch that was taken before.
    ///
    /// # Errors
    /// When the file ends before that place.
    pub fn resume(&mut self, at: Position) -> Result<()> {
        self.table.resume(at)
    }

    /// What becomes of the columns, to be shown.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How far the file has been read, in bytes as stored; can be watched from elsewhere.
    pub fn progress(&self) -> Progress {
        self.table.progress()
    }

    /// The next batch, or `None` at the end.
    ///
    /// # Errors
    /// When the file cannot be read on; the batches before stay good.
    pub fn next_batch(&mut self) -> Result<Option<Batch>> {
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        let (plan, origin) = (&self.plan, &self.origin);
        let mut rejected = Vec::new();
        let mut taker = Taker { table: &mut self.table, rows: self.batch_rows, rejected: &mut rejected, broken: None };
        let records = match plan.kind() {
            ImportKind::Listings => Records::Listings(taker.take(|row| home(plan, origin, row))),
            ImportKind::Sales => Records::Sales(taker.take(|row| home(plan, origin, row))),
            ImportKind::Leads => Records::Leads(taker.take(|row| lead(plan, origin, row))),
            ImportKind::Interactions => Records::Interactions(taker.take(|row| interaction(plan, row))),
            ImportKind::Series => Records::Series(taker.take(|row| series(plan, row))),
        };
        let broken = taker.broken;
        let batch = Batch { records, rejected, position: self.table.position() };
        match broken {
            Some(error) if batch.is_empty() => Err(error),
            broken => {
                self.broken = broken;
                Ok((!batch.is_empty()).then_some(batch))
            }
        }
    }
}

impl Iterator for Import {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_batch().transpose()
    }
}

impl Records {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Listings(records) | Self::Sales(records) => records.len(),
            Self::Leads(records) => records.len(),
            Self::Interactions(records) => records.len(),
            Self::Series(records) => records.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Batch {
    /// Whether it holds nothing at all.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.rejected.is_empty()
    }
}

/// Takes the rows of one batch from a table.
struct Taker<'a> {
    table: &'a mut Table,
    rows: usize,
    rejected: &'a mut Vec<RejectedRow>,
    broken: Option<Error>,
}

impl Taker<'_> {
    /// Maps rows until the batch is full, setting aside those that cannot be mapped.
    fn take<T>(&mut self, map: impl Fn(&Row<'_>) -> std::result::Result<T, Vec<Fault>>) -> Vec<Entry<T>> {
        let mut taken = Vec::with_capacity(self.rows.min(4_096));
        for _ in 0..self.rows {
            match self.table.next_row() {
                Ok(None) => break,
                Ok(Some(Next::Rejected(row))) => self.rejected.push(row),
                Ok(Some(Next::Row(row))) => match map(&row) {
                    Ok(record) => taken.push(Entry { number: row.number(), line: row.line(), record }),
                    Err(faults) => self.rejected.push(RejectedRow { number: row.number(), line: row.line(), faults }),
                },
                Err(error) => {
                    self.broken = Some(error);
                    break;
                }
            }
        }
        taken
    }
}

//! Running an import: one thread reads and maps, the store takes batch after batch, each with its place in the file.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};

use lintel_domain::{
    clock::{SECOND, Time},
    event::Event,
    id::{ImportId, JobId, TenantId},
    import::{ImportCounts, Rejected},
    job::Job,
    market::MarketSlug,
};
use lintel_feed::{
    Batch, Import, ImportOptions, RejectedRow,
    mapping::{Confidence, Mapping},
    record::Origin,
    table::{Position, Progress, Source},
};
use lintel_store::{
    Tx,
    import::{ImportState, NewImport},
    job::NewJob,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;

use super::{ImportProgress, ImportRequest, ImportSource, ImportSummary, MOST_REJECTED};
use crate::{
    App, Error, Principal, Result, error,
    ingest::{self, Arrival, Taken},
    markets::new_market,
};

/// Rows that are stored in one commit.
const BATCH: usize = 2_000;
/// How often an import tells the log how far it is, in microseconds.
const TOLD_EVERY: i64 = SECOND;
/// Batches that are read ahead of the store.
const AHEAD: usize = 2;
/// Bytes at the beginning and at the end of a file that tell it from others.
const TELLING: u64 = 1 << 20;

/// What is kept of how an import was asked for.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    /// The mapping file's text, if one was given.
    pub(super) mapping: Option<String>,
    /// The file in the spool folder, of an upload.
    pub(super) spooled: Option<PathBuf>,
}

/// A file whose columns are understood; no row is read yet.
pub(super) struct Opened {
    import: Import,
    columns: Vec<(String, String, bool)>,
    warnings: Vec<String>,
    /// What tells the file and the way it is read from others: an interrupted import of the same goes on.
    pub(super) identity: [u8; 32],
}

impl App {
    /// Opens a file and decides what becomes of its columns.
    pub(super) async fn import_open(&self, request: &ImportRequest) -> Result<Opened> {
        let request = request.clone();
        self.blocking(move || open(&request)).await?
    }

    /// Notes that an import begins, with the job that runs it when it waits in the queue. An interrupted one of the same
    /// file is taken up again instead.
    pub(super) async fn import_begin(
        &self,
        who: &Principal,
        request: &ImportRequest,
        identity: &[u8; 32],
        state: ImportState,
    ) -> Result<ImportId> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let queued = state == ImportState::Queued;
        if !queued && let Some(row) = self.0.store.import_interrupted(tenant, identity).await? {
            tracing::info!(import.id = %row.id, rows = row.counts.rows, "going on with an interrupted import");
            return Ok(row.id);
        }
        let id = ImportId(self.0.ids.next(now));
        let spooled = match &request.source {
            ImportSource::File(path) if queued => Some(path.clone()),
            _ => None,
        };
        let stored = Stored { mapping: request.mapping.clone(), spooled };
        let new = NewImport {
            id,
            kind: request.kind,
            market: request.market.clone(),
            file_name: request.name.clone(),
            file_hash: identity.to_vec(),
            mapping: serde_json::to_value(&stored).map_err(Error::internal)?,
            state,
        };
        let job = NewJob::new(JobId(self.0.ids.next(now)), tenant, Job::RunImport { import: id }, now);
        let audit = self.audit_entry(who, "import.begin", id.to_string(), serde_json::json!({ "kind": new.kind }), now);
        let write = self.0.store.write(move |tx| {
            tx.import_create(tenant, &new, now)?;
            tx.audit(tenant, &audit)?;
            if queued {
                tx.enqueue(&job)?;
            }
            Ok::<_, lintel_store::Error>(())
        });
        write.await?;
        Ok(id)
    }

    /// Takes batch after batch to the end. Without an id nothing is kept: every batch is written and undone, which says
    /// exactly what would happen.
    pub(super) async fn import_drive(
        &self,
        tenant: TenantId,
        id: Option<ImportId>,
        market: Option<MarketSlug>,
        opened: Opened,
        mut progress: impl FnMut(ImportProgress) + Send,
    ) -> Result<ImportSummary> {
        let Opened { mut import, columns, warnings, .. } = opened;
        let mut summary =
            ImportSummary { id, counts: ImportCounts::default(), rejected: Vec::new(), mapping: columns, warnings };
        if let Some(id) = id {
            let row = self.0.store.import_get(tenant, id).await?.ok_or(Error::NotFound("import"))?;
            summary.counts = row.counts;
            summary.rejected = self.import_all_rejected(tenant, id).await?;
            if let Some(position) = row.position {
                let position: Position = serde_json::from_value(position).map_err(Error::internal)?;
                import = self.blocking(move || import.resume(position).map(|()| import)).await?.map_err(in_file)?;
            }
        }
        let read = import.progress();
        let mut told_at: Option<Time> = None;
        let mut batches = self.read_ahead(import);
        while let Some(batch) = batches.recv().await {
            let batch = match batch {
                Ok(batch) => batch,
                Err(error) => {
                    let error = in_file(error);
                    if let Some(id) = id {
                        self.import_fail(tenant, id, &error).await?;
                    }
                    return Err(error);
                }
            };
            let room = MOST_REJECTED.saturating_sub(summary.rejected.len());
            let now = self.clock().now();
            let tell = told_at.is_none_or(|at| now.since(at) >= TOLD_EVERY).then(|| told(&read, summary.counts));
            told_at = tell.as_ref().map_or(told_at, |_| Some(now));
            let taken = self.import_batch(tenant, id, market.clone(), Arc::new(batch), room, tell).await?;
            summary.counts.add(taken.counts);
            summary.rejected.extend(taken.rejected);
            progress(told(&read, summary.counts));
        }
        if let Some(id) = id {
            self.import_finish(tenant, id).await?;
        }
        Ok(summary)
    }

    /// Reads and maps on a thread of its own, a few batches ahead of the store.
    fn read_ahead(&self, mut import: Import) -> mpsc::Receiver<lintel_feed::Result<Batch>> {
        let (send, receive) = mpsc::channel(AHEAD);
        self.0.tasks.spawn_blocking(move || {
            while let Some(batch) = import.next_batch().transpose() {
                let failed = batch.is_err();
                if send.blocking_send(batch).is_err() || failed {
                    return;
                }
            }
        });
        receive
    }

    /// Stores a batch with its events, its rejected rows and its place in the file in one commit. With `so_far`, what was
    /// taken before it, it tells how far the import is.
    async fn import_batch(
        &self,
        tenant: TenantId,
        id: Option<ImportId>,
        market: Option<MarketSlug>,
        batch: Arc<Batch>,
        room: usize,
        so_far: Option<ImportProgress>,
    ) -> Result<Taken> {
        let (app, now) = (self.clone(), self.clock().now());
        let write = self.0.store.write(move |tx| {
            let arrival = Arrival { tenant, market: market.as_ref(), import: id, now, ids: &app.0.ids };
            if let (None, Some(market)) = (id, &market) {
                tx.market_ensure(&new_market(tenant, market.clone(), now))?;
            }
            let taken = take(tx, &arrival, &batch, room)?;
            let Some(id) = id else { return Err(Tried::Only(taken)) };
            let position =
                serde_json::to_value(batch.position).map_err(|error| Tried::Failed(Error::internal(error)))?;
            tx.import_advance(tenant, id, &position, taken.counts, &taken.rejected)?;
            if let Some(ImportProgress { bytes, total_bytes, mut counts }) = so_far {
                counts.add(taken.counts);
                tx.emit(tenant, now, &Event::ImportProgress { import: id, counts, bytes, total_bytes })?;
            }
            Ok(taken)
        });
        match write.await {
            Ok(taken) | Err(Tried::Only(taken)) => Ok(taken),
            Err(Tried::Failed(error)) => Err(error),
        }
    }

    /// The rejected rows that were kept.
    async fn import_all_rejected(&self, tenant: TenantId, id: ImportId) -> Result<Vec<Rejected>> {
        let rows = self.0.store.import_rejects(tenant, id, -1, MOST_REJECTED as u32).await?;
        Ok(rows.into_iter().map(|(_, rejected)| rejected).collect())
    }

    async fn import_finish(&self, tenant: TenantId, id: ImportId) -> Result<()> {
        let now = self.clock().now();
        let write = self.0.store.write(move |tx| {
            let row = tx.import_finish(tenant, id, ImportState::Done, None, now)?;
            tx.emit(tenant, now, &Event::ImportFinished { import: id, kind: row.kind, counts: row.counts })
        });
        Ok(write.await?)
    }

    /// Notes why an import cannot go on. What it stored stays and can be undone.
    pub(super) async fn import_fail(&self, tenant: TenantId, id: ImportId, error: &Error) -> Result<()> {
        let (reason, now) = (error.to_string(), self.clock().now());
        let write = self.0.store.write(move |tx| {
            let row = tx.import_finish(tenant, id, ImportState::Failed, Some(&reason), now)?;
            tx.emit(tenant, now, &Event::ImportFinished { import: id, kind: row.kind, counts: row.counts })
        });
        Ok(write.await?)
    }
}

/// Why a batch was not kept.
enum Tried {
    /// It was only tried; this is what became of it.
    Only(Taken),
    /// It could not be stored.
    Failed(Error),
}

impl From<lintel_store::Error> for Tried {
    fn from(error: lintel_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Takes a batch with its rejected rows, of which `room` are kept.
fn take(tx: &mut Tx<'_>, arrival: &Arrival<'_>, batch: &Batch, room: usize) -> lintel_store::Result<Taken> {
    let mut taken = ingest::take(tx, arrival, &batch.records)?;
    taken.counts.rows = (batch.records.len() + batch.rejected.len()) as u64;
    taken.counts.rejected += batch.rejected.len() as u64;
    taken.rejected.extend(batch.rejected.iter().flat_map(rejected));
    taken.rejected.sort_by_key(|row| row.line);
    taken.rejected.truncate(room);
    Ok(taken)
}

/// Everything that is wrong with a row, one entry for each fault.
fn rejected(row: &RejectedRow) -> impl Iterator<Item = Rejected> + '_ {
    row.faults.iter().map(|fault| Rejected {
        line: row.line,
        column: fault.column.clone(),
        reason: fault.reason.clone(),
    })
}

fn told(read: &Progress, counts: ImportCounts) -> ImportProgress {
    ImportProgress { bytes: read.read(), total_bytes: read.total(), counts }
}

fn open(request: &ImportRequest) -> Result<Opened> {
    let mapping = request.mapping.as_deref().map(Mapping::parse).transpose().map_err(in_file)?;
    let path = match &request.source {
        ImportSource::File(path) => path.as_path(),
        ImportSource::Stdin => Path::new("-"),
    };
    let options = ImportOptions {
        accept: if request.likely { Confidence::Likely } else { Confidence::Certain },
        origin: Origin { source: "import".to_owned(), ..Origin::default() },
        batch_rows: BATCH,
        ..ImportOptions::default()
    };
    let source = Source::open(path).map_err(in_file)?;
    let import = Import::open(source, request.kind, mapping.as_ref(), &options).map_err(in_file)?;
    let plan = import.plan();
    let named =
        |column: &str| mapping.as_ref().is_some_and(|mapping| mapping.columns.values().any(|named| named == column));
    let columns =
        plan.columns().into_iter().map(|(field, column)| (field, column.to_owned(), !named(column))).collect();
    let warnings = plan.notes().iter().map(|note| format!("{} {}: {}", note.code, note.column, note.detail)).collect();
    let identity = identity(request, path).map_err(|error| Error::File(format!("{}: {error}", request.name)))?;
    Ok(Opened { import, columns, warnings, identity })
}

/// A hash of how the file is read and of its length, beginning and end. Standard input cannot be read again, so every
/// import of it is one of its own.
fn identity(request: &ImportRequest, path: &Path) -> std::io::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    for part in [
        request.kind.as_str(),
        request.market.as_ref().map_or("", MarketSlug::as_str),
        request.mapping.as_deref().unwrap_or(""),
    ] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    match File::open(path) {
        Ok(mut file) => {
            let length = file.metadata()?.len();
            hasher.update(length.to_le_bytes());
            let mut bytes = Vec::new();
            file.by_ref().take(TELLING).read_to_end(&mut bytes)?;
            file.seek(SeekFrom::Start(length.saturating_sub(TELLING)))?;
            file.take(TELLING).read_to_end(&mut bytes)?;
            hasher.update(&bytes);
        }
        Err(_) => hasher.update(crate::secret::random().unwrap_or_default()),
    }
    Ok(hasher.finalize().into())
}

/// A file that cannot be read, or a mapping that does not fit it, is the caller's to mend.
fn in_file(error: lintel_feed::Error) -> Error {
    Error::File(error::chain(&error))
}

//! Imports: a file of records becomes rows, events and counts, in batches that can be resumed and undone.

mod run;
mod undo;

use std::path::{Path, PathBuf};

use lintel_domain::{
    clock::Time,
    id::{ImportId, TenantId},
    import::{ImportCounts, ImportKind, Rejected},
    job::Job,
    market::MarketSlug,
};

use lintel_store::{
    import::{ImportRow, ImportState},
    undo::Undone,
};

use crate::{App, Error, Listed, Paging, Principal, Result, cursor::List};
use run::Stored;

/// Where the bytes come from.
#[derive(Clone, Debug)]
pub enum ImportSource {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

/// An import asked for.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// What the file holds.
    pub kind: ImportKind,
    /// For which market; created when new. Needed for listings, sales and interactions that name listings.
    pub market: Option<MarketSlug>,
    /// The bytes.
    pub source: ImportSource,
    /// The file's name, for people.
    pub name: String,
    /// TOML mapping; guessed when absent.
    pub mapping: Option<String>,
    /// Whether guesses that a person should look at are followed, too, when there is no mapping.
    pub likely: bool,
    /// Whether to only say what would happen.
    pub dry_run: bool,
}

/// What an import did.
#[derive(Clone, Debug)]
pub struct ImportSummary {
    /// Which; absent of a dry run.
    pub id: Option<ImportId>,
    /// How it went.
    pub counts: ImportCounts,
    /// The first rejected rows, at most 10,000.
    pub rejected: Vec<Rejected>,
    /// The mapping that was used: our field, the file's column, and whether it was guessed.
    pub mapping: Vec<(String, String, bool)>,
    /// Columns that need care, such as proxies of protected traits, and other warnings.
    pub warnings: Vec<String>,
}

/// An import as it is remembered.
#[derive(Clone, Debug)]
pub struct ImportDetail {
    /// Which.
    pub id: ImportId,
    /// What it brought.
    pub kind: ImportKind,
    /// For which market.
    pub market: Option<MarketSlug>,
    /// The file's name.
    pub name: String,
    /// `queued`, `running`, `done`, `failed`, `cancelled` or `undone`.
    pub state: String,
    /// Why it failed.
    pub error: Option<String>,
    /// How it went so far.
    pub counts: ImportCounts,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub finished_at: Option<Time>,
}

/// What an undo did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoSummary {
    /// Rows that were taken out.
    pub removed: u64,
    /// Rows that were put back to what they were.
    pub restored: u64,
    /// Rows left alone, since they were changed afterwards.
    pub kept: u64,
}

/// How far a running import is.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImportProgress {
    /// Bytes read, as they lie in the file.
    pub bytes: u64,
    /// Bytes of the file, if known.
    pub total_bytes: Option<u64>,
    /// Counts so far.
    pub counts: ImportCounts,
}

/// The most rejected rows that are kept of one import.
pub(crate) const MOST_REJECTED: usize = 10_000;

impl App {
    /// Runs an import to its end, telling `progress` now and then. An interrupted one of the same file goes on where it
    /// stopped.
    pub async fn import_run(
        &self,
        who: &Principal,
        request: ImportRequest,
        progress: impl FnMut(ImportProgress) + Send,
    ) -> Result<ImportSummary> {
        let opened = self.import_open(&request).await?;
        if let Some(market) = request.market.as_ref().filter(|_| !request.dry_run) {
            self.market_ensure(who.tenant, market).await?;
        }
        let id = if request.dry_run {
            None
        } else {
            Some(self.import_begin(who, &request, &opened.identity, ImportState::Running).await?)
        };
        self.import_drive(who.tenant, id, request.market, opened, progress).await
    }

    /// Queues an import of an uploaded file that lies in the spool folder; a job runs it. What is wrong with the file as
    /// a whole or with the mapping is told at once.
    pub async fn import_queue(&self, who: &Principal, request: ImportRequest) -> Result<ImportDetail> {
        if let Some(market) = &request.market {
            self.0.store.market_get(who.tenant, market).await?.ok_or_else(Error::unknown_market)?;
        }
        let opened = self.import_open(&request).await?;
        let id = self.import_begin(who, &request, &opened.identity, ImportState::Queued).await?;
        self.import(who, id).await
    }

    /// Where uploads are put down before they are queued.
    pub fn spool_dir(&self) -> PathBuf {
        self.0.data_dir.join("spool")
    }

    /// Runs a queued import, or goes on with one that was interrupted, and removes its file from the spool at the end.
    pub(crate) async fn import_resume(&self, who: &Principal, id: ImportId) -> Result<()> {
        let row = self.0.store.import_get(who.tenant, id).await?.ok_or(Error::NotFound("import"))?;
        if !matches!(row.state, ImportState::Queued | ImportState::Running) {
            return Ok(());
        }
        let stored: Stored = serde_json::from_value(row.mapping.clone()).map_err(Error::internal)?;
        let file = stored.spooled.ok_or_else(|| Error::File("the import was not uploaded".into()))?;
        let request = ImportRequest {
            kind: row.kind,
            market: row.market.clone(),
            source: ImportSource::File(file.clone()),
            name: row.file_name.clone(),
            mapping: stored.mapping,
            likely: false,
            dry_run: false,
        };
        let outcome = match self.import_open(&request).await {
            Ok(opened) => self.import_drive(who.tenant, Some(id), request.market, opened, |_| {}).await.map(|_| ()),
            Err(error) => Err(error),
        };
        match outcome {
            Err(error) if error.may_pass() => return Err(error),
            Err(error) => self.import_fail(who.tenant, id, &error).await?,
            Ok(()) => {}
        }
        discard(&file).await;
        Ok(())
    }

    /// Removes the uploaded file of an import job that was cancelled; nothing for other jobs.
    pub(crate) async fn upload_discard(&self, tenant: TenantId, job: &Job) {
        let Job::RunImport { import } = job else { return };
        let row = self.0.store.import_get(tenant, *import).await.ok().flatten();
        let stored = row.and_then(|row| serde_json::from_value::<Stored>(row.mapping).ok());
        if let Some(file) = stored.and_then(|stored| stored.spooled) {
            discard(&file).await;
        }
    }

    /// Cancels an import that waits or runs by a job: it ends between two of its batches, and what it stored can be taken
    /// back.
    pub async fn import_cancel(&self, who: &Principal, id: ImportId) -> Result<ImportDetail> {
        self.import(who, id).await?;
        let ended = || Error::Conflict { code: "job_ended", detail: "the import has ended already".into() };
        let key = Job::RunImport { import: id }.exclusive_key().ok_or_else(ended)?;
        let job = self.0.store.job_of_key(who.tenant, &key).await?.ok_or_else(ended)?;
        self.job_cancel(who, job).await?;
        self.import(who, id).await
    }

    /// Takes back what an import did. Rows that were changed since are left alone and counted.
    pub async fn import_undo(&self, who: &Principal, id: ImportId) -> Result<UndoSummary> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let row = self.0.store.import_get(tenant, id).await?.ok_or(Error::NotFound("import"))?;
        if matches!(row.state, ImportState::Queued | ImportState::Running) {
            return Err(Error::Conflict { code: "import_running", detail: "the import has not ended yet".into() });
        }
        let audit = self.audit_entry(who, "import.undo", id.to_string(), serde_json::json!({}), now);
        let write = self.0.store.write(move |tx| {
            let undone = tx.import_undo(tenant, id, row.kind, now)?;
            undo::tell(tx, tenant, &undone, now)?;
            tx.audit(tenant, &audit)?;
            let Undone { removed, restored, kept, .. } = undone;
            Ok::<_, lintel_store::Error>(UndoSummary { removed, restored, kept })
        });
        Ok(write.await?)
    }

    /// One import.
    pub async fn import(&self, who: &Principal, id: ImportId) -> Result<ImportDetail> {
        let row = self.0.store.import_get(who.tenant, id).await?.ok_or(Error::NotFound("import"))?;
        Ok(row.into())
    }

    /// The rejected rows of an import, in the order of the file.
    pub async fn import_rejected(&self, who: &Principal, id: ImportId, paging: Paging) -> Result<Listed<Rejected>> {
        let limit = paging.limit()?;
        self.import(who, id).await?;
        let shape = id.0.into_bytes();
        let list = List { tenant: who.tenant, name: "rejected", shape: &shape };
        let cursors = self.cursors(who.tenant).await?;
        let after: i64 = paging.cursor.as_deref().map(|text| cursors.read(&list, text)).transpose()?.unwrap_or(-1);
        let mut rows = self.0.store.import_rejects(who.tenant, id, after, limit + 1).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next_cursor = match rows.last().filter(|_| more) {
            Some((n, _)) => Some(cursors.write(&list, n)?),
            None => None,
        };
        Ok(Listed { items: rows.into_iter().map(|(_, rejected)| rejected).collect(), next_cursor })
    }

    /// The tenant's imports, newest first.
    pub async fn imports(&self, who: &Principal, paging: Paging) -> Result<Listed<ImportDetail>> {
        let (limit, before) = (paging.limit()?, self.after(who, "imports", &paging).await?);
        let rows = self.0.store.imports(who.tenant, before.map(ImportId), limit + 1).await?;
        self.listed(who, "imports", limit, rows, |row| row.id.0, ImportDetail::from).await
    }
}

/// Removes an upload that nobody reads any more.
async fn discard(file: &Path) {
    if let Err(error) = tokio::fs::remove_file(file).await {
        tracing::warn!(error = &error as &dyn std::error::Error, path = %file.display(), "upload cannot be removed");
    }
}

impl From<ImportRow> for ImportDetail {
    fn from(row: ImportRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            market: row.market,
            name: row.file_name,
            state: row.state.as_str().to_owned(),
            error: row.failure,
            counts: row.counts,
            started_at: row.started_at,
            finished_at: row.finished_at,
        }
    }
}

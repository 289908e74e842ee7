//! Imports: where they stand, which rows they did not take, and what is needed to take them back.

use lintel_domain::{
    clock::Time,
    id::{ImportId, TenantId},
    import::{ImportCounts, ImportKind, Rejected},
    market::MarketSlug,
};
use uuid::Uuid;

use crate::{
    Error, Result, Store, Tx,
    db::{Params, Row},
    params,
};

/// Where an import is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportState {
    /// Waits for its job.
    Queued,
    /// Takes batches.
    Running,
    /// Came to the end of its file.
    Done,
    /// Cannot go on.
    Failed,
    /// Somebody ended it before its file was at its end.
    Cancelled,
    /// Was taken back.
    Undone,
}

impl ImportState {
    /// Its word in the database and at the edge.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Undone => "undone",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Cancelled, Self::Undone]
            .into_iter()
            .find(|s| s.as_str() == word)
    }
}

/// An import to be noted.
#[derive(Clone, Debug, PartialEq)]
pub struct NewImport {
    /// Its id.
    pub id: ImportId,
    /// What it brings.
    pub kind: ImportKind,
    /// For which market.
    pub market: Option<MarketSlug>,
    /// The file's name, for people.
    pub file_name: String,
    /// What tells the file and the way it is read from others.
    pub file_hash: Vec<u8>,
    /// How it was asked for.
    pub mapping: serde_json::Value,
    /// Queued or running.
    pub state: ImportState,
}

/// An import as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportRow {
    /// Its id.
    pub id: ImportId,
    /// What it brings.
    pub kind: ImportKind,
    /// For which market.
    pub market: Option<MarketSlug>,
    /// The file's name, for people.
    pub file_name: String,
    /// How it was asked for.
    pub mapping: serde_json::Value,
    /// Where it is in its life.
    pub state: ImportState,
    /// The place in the file behind the last batch that was taken.
    pub position: Option<serde_json::Value>,
    /// What it did so far.
    pub counts: ImportCounts,
    /// Why it cannot go on.
    pub failure: Option<String>,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub finished_at: Option<Time>,
}

macro_rules! select {
    () => {
        "SELECT id, kind, market, file_name, mapping, state, position, rows, created, updated, unchanged, rejected, failure, \
         started_at, finished_at FROM imports "
    };
}

crate::sql! {
    /// A new import.
    INSERT "import.insert" = "INSERT INTO imports (tenant_id, id, kind, market, file_name, file_hash, mapping, state,
            rows, created, updated, unchanged, rejected, started_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, 0, $9)";
    /// By id.
    BY_ID "import.by_id" = (concat!(select!(), "WHERE tenant_id = $1 AND id = $2"));
    /// One of the same file that was interrupted on this machine's command line.
    INTERRUPTED "import.interrupted" = (concat!(select!(), "WHERE tenant_id = $1 AND file_hash = $2 AND state = 'running' ORDER BY started_at DESC LIMIT 1"));
    /// A page, the newest first.
    PAGE "import.page" = (concat!(select!(), "WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"));
    /// A batch more, of an import that has not ended.
    ADVANCE "import.advance" = "UPDATE imports SET state = 'running', position = $3, rows = rows + $4, created = created + $5,
            updated = updated + $6, unchanged = unchanged + $7, rejected = rejected + $8
        WHERE tenant_id = $1 AND id = $2 AND state IN ('queued', 'running')";
    /// The end, of an import that has not ended.
    FINISH "import.finish" = "UPDATE imports SET state = $3, failure = $4, finished_at = $5
        WHERE tenant_id = $1 AND id = $2 AND state IN ('queued', 'running')";
    /// Taken back, once it has ended.
    UNDONE "import.undone" = "UPDATE imports SET state = 'undone' WHERE tenant_id = $1 AND id = $2
        AND state IN ('done', 'failed', 'cancelled', 'undone')";
    /// How many rows were kept of those not taken.
    REJECTS "import.rejects_count" = "SELECT coalesce(max(n) + 1, 0) FROM import_rejects WHERE tenant_id = $1 AND import_id = $2";
    /// A row that was not taken.
    REJECT "import.reject" = "INSERT INTO import_rejects (tenant_id, import_id, n, line, field, reason)
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// A page of rows that were not taken, in the order of the file.
    REJECTS_PAGE "import.rejects_page" = "SELECT n, line, field, reason FROM import_rejects
        WHERE tenant_id = $1 AND import_id = $2 AND n > $3 ORDER BY n LIMIT $4";
    /// What a row was before an import changed it. When somebody else changed it in between, that is what counts.
    CHANGED "import.changed" = "INSERT INTO import_changes (tenant_id, import_id, row_id, before) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, import_id, row_id) DO UPDATE SET before = excluded.before";
}

fn import(row: &Row<'_>) -> Result<ImportRow> {
    let count = |index: usize| row.get::<i64>(index).map(i64::unsigned_abs);
    Ok(ImportRow {
        id: row.get(0)?,
        kind: row.word(1, ImportKind::parse)?,
        market: row.get(2)?,
        file_name: row.get(3)?,
        mapping: row.get(4)?,
        state: row.word(5, ImportState::parse)?,
        position: row.get(6)?,
        counts: ImportCounts {
            rows: count(7)?,
            created: count(8)?,
            updated: count(9)?,
            unchanged: count(10)?,
            rejected: count(11)?,
        },
        failure: row.get(12)?,
        started_at: row.get(13)?,
        finished_at: row.get(14)?,
    })
}

impl Store {
    /// One import.
    pub async fn import_get(&self, tenant: TenantId, id: ImportId) -> Result<Option<ImportRow>> {
        self.point(&BY_ID, params![tenant, id], import).await
    }

    /// An import of the same file that began and did not end.
    pub async fn import_interrupted(&self, tenant: TenantId, file_hash: &[u8]) -> Result<Option<ImportRow>> {
        self.query_opt(&INTERRUPTED, params![tenant, file_hash], import).await
    }

    /// At most `limit` imports, the newest first, behind `before`.
    pub async fn imports(&self, tenant: TenantId, before: Option<ImportId>, limit: u32) -> Result<Vec<ImportRow>> {
        let before = before.unwrap_or(ImportId(Uuid::max()));
        self.query(&PAGE, params![tenant, before, limit], import).await
    }

    /// At most `limit` rows that an import did not take, in the order of the file, behind number `after` (-1 at first).
    pub async fn import_rejects(
        &self,
        tenant: TenantId,
        id: ImportId,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Rejected)>> {
        self.query(&REJECTS_PAGE, params![tenant, id, after, limit], |row| {
            let line: i64 = row.get(1)?;
            Ok((row.get(0)?, Rejected { line: line.unsigned_abs(), column: row.get(2)?, reason: row.get(3)? }))
        })
        .await
    }
}

impl Tx<'_> {
    /// Notes an import.
    pub fn import_create(&mut self, tenant: TenantId, new: &NewImport, now: Time) -> Result<()> {
        let (kind, state) = (new.kind.as_str(), new.state.as_str());
        let market = new.market.as_ref();
        let values = params![tenant, new.id, kind, market, &new.file_name, &new.file_hash, &new.mapping, state, now];
        self.execute(&INSERT, values).map(|_| ())
    }

    /// Notes that a batch was taken, in the commit that holds it. [`Error::NoRow`] when the import has ended: another
    /// process came to its end, or took it back.
    pub fn import_advance(
        &mut self,
        tenant: TenantId,
        id: ImportId,
        position: &serde_json::Value,
        counts: ImportCounts,
        rejected: &[Rejected],
    ) -> Result<()> {
        let int = |count: u64| count as i64;
        let ImportCounts { rows, created, updated, unchanged, rejected: not_taken } = counts;
        let values =
            params![tenant, id, position, int(rows), int(created), int(updated), int(unchanged), int(not_taken),];
        if self.execute(&ADVANCE, values)? != 1 {
            return Err(Error::NoRow { statement: ADVANCE.name() });
        }
        if rejected.is_empty() {
            return Ok(());
        }
        let first: i64 = self.query_one(&REJECTS, params![tenant, id], |row| row.get(0))?;
        let values = rejected
            .iter()
            .zip(first..)
            .map(|(row, n)| params![tenant, id, n, int(row.line), row.column.as_deref(), &row.reason]);
        self.execute_many(&REJECT, values).map(|_| ())
    }

    /// Notes that an import ended, and how; returns it as it is then. One that has ended stays as it is.
    pub fn import_finish(
        &mut self,
        tenant: TenantId,
        id: ImportId,
        state: ImportState,
        failure: Option<&str>,
        now: Time,
    ) -> Result<ImportRow> {
        self.execute(&FINISH, params![tenant, id, state.as_str(), failure, now])?;
        self.query_one(&BY_ID, params![tenant, id], import)
    }

    /// Notes that somebody ended an import; `None` when it had ended.
    pub(crate) fn import_cancel(&mut self, tenant: TenantId, id: ImportId, now: Time) -> Result<Option<ImportRow>> {
        let cancelled = ImportState::Cancelled.as_str();
        if self.execute(&FINISH, params![tenant, id, cancelled, None::<String>, now])? != 1 {
            return Ok(None);
        }
        self.query_opt(&BY_ID, params![tenant, id], import)
    }

    /// Notes that an import was taken back; [`Error::NoRow`] when it has not ended.
    pub(crate) fn import_undone(&mut self, tenant: TenantId, id: ImportId) -> Result<()> {
        let changed = self.execute(&UNDONE, params![tenant, id])?;
        if changed == 1 { Ok(()) } else { Err(Error::NoRow { statement: UNDONE.name() }) }
    }

    /// Remembers what rows were that an import changes and that were last changed by somebody else.
    pub(crate) fn import_changed(&mut self, tenant: TenantId, id: ImportId, rows: Vec<(Uuid, Params)>) -> Result<()> {
        let items = rows.into_iter().map(|(row, before)| params![tenant, id, row, crate::kept::encode(&before)]);
        self.execute_many(&CHANGED, items).map(|_| ())
    }
}

//! `/imports`: uploading files of records, watching imports, and taking them back.

use std::{fs, io, path::PathBuf};

use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use lintel_app::{ImportDetail, ImportRequest, ImportSource, ImportSummary, Principal, UndoSummary};
use lintel_domain::{
    clock::Time,
    id::ImportId,
    import::{ImportCounts, ImportKind, Rejected},
    market::MarketSlug,
};
use serde::{Deserialize, Serialize};
use sha2::Digest;
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Allow, BodyReader, Id, Import, Json, Query},
    layers::{
        RequestId,
        decompress::{Unpacker, encoding},
        idempotency::{self, Scope, hash_of_query, read_key},
    },
    problem::Code,
    state::Edge,
    wire::{Check, Page, PageQuery, shapes},
};

/// Pieces of a body that wait for the disk.
const QUEUE: usize = 16;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default()
        .routes(routes!(upload, list))
        .routes(routes!(read))
        .routes(routes!(rejected))
        .routes(routes!(cancel))
        .routes(routes!(undo))
}

/// What is uploaded.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UploadQuery {
    /// What the file holds.
    #[param(value_type = shapes::ImportKind)]
    kind: ImportKind,
    /// For which market; created when new. Needed for listings and sales.
    #[param(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    /// The file's name, for people.
    #[param(min_length = 1, max_length = 200)]
    name: Option<String>,
    /// A TOML mapping of the file's columns; guessed when absent.
    #[param(max_length = 8000)]
    mapping: Option<String>,
    /// Whether to only say what would happen.
    #[serde(default)]
    #[param(required = false)]
    dry_run: bool,
    /// Whether a dry run without a mapping takes a column by what others usually call a field, for a person to look at.
    /// An import takes only names of ours: send it the mapping that was looked at.
    #[serde(default)]
    #[param(required = false)]
    guess: bool,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
struct ImportOut {
    #[schema(value_type = uuid::Uuid)]
    id: ImportId,
    #[schema(value_type = shapes::ImportKind)]
    kind: ImportKind,
    #[schema(value_type = Option<shapes::Slug>)]
    market: Option<MarketSlug>,
    name: String,
    /// `queued`, `running`, `done`, `failed`, `cancelled` or `undone`.
    state: String,
    /// Why it failed.
    error: Option<String>,
    counts: CountsOut,
    #[schema(value_type = shapes::Time)]
    started_at: Time,
    #[schema(value_type = Option<shapes::Time>)]
    finished_at: Option<Time>,
}

/// How many rows had which effect.
#[derive(Debug, Serialize, ToSchema)]
struct CountsOut {
    rows: u64,
    created: u64,
    updated: u64,
    unchanged: u64,
    rejected: u64,
}

impl From<ImportCounts> for CountsOut {
    fn from(ImportCounts { rows, created, updated, unchanged, rejected }: ImportCounts) -> Self {
        Self { rows, created, updated, unchanged, rejected }
    }
}

impl From<ImportDetail> for ImportOut {
    fn from(import: ImportDetail) -> Self {
        Self {
            id: import.id,
            kind: import.kind,
            market: import.market,
            name: import.name,
            state: import.state,
            error: import.error,
            counts: import.counts.into(),
            started_at: import.started_at,
            finished_at: import.finished_at,
        }
    }
}

/// A row that was not taken.
#[derive(Debug, Serialize, ToSchema)]
struct RejectedOut {
    line: u64,
    /// The column at fault, when it is one.
    column: Option<String>,
    reason: String,
}

impl From<Rejected> for RejectedOut {
    fn from(Rejected { line, column, reason }: Rejected) -> Self {
        Self { line, column, reason }
    }
}

/// What an import would do.
#[derive(Debug, Serialize, ToSchema)]
struct DryRunOut {
    counts: CountsOut,
    /// The first rejected rows.
    rejected: Vec<RejectedOut>,
    /// The mapping that was used.
    mapping: Vec<MappedOut>,
    warnings: Vec<String>,
}

/// One mapped column.
#[derive(Debug, Serialize, ToSchema)]
struct MappedOut {
    field: String,
    column: String,
    guessed: bool,
}

impl From<ImportSummary> for DryRunOut {
    fn from(summary: ImportSummary) -> Self {
        let mapped = |(field, column, guessed)| MappedOut { field, column, guessed };
        Self {
            counts: summary.counts.into(),
            rejected: summary.rejected.into_iter().map(RejectedOut::from).collect(),
            mapping: summary.mapping.into_iter().map(mapped).collect(),
            warnings: summary.warnings,
        }
    }
}

/// Upload a file
///
/// The body is the file: CSV, TSV or XLSX, plain or compressed with gzip or zstd. A dry run answers what would
/// happen; else the import is queued, and `GET /imports/{id}` tells how it goes.
#[utoipa::path(post, path = "/imports", tag = "imports", params(UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The file"),
    responses((status = 200, description = "What a dry run found", body = DryRunOut), (status = 202, description = "Queued", body = ImportOut, headers(("Location" = String)))))]
async fn upload(
    State(edge): State<Edge>,
    allow: Allow<Import>,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> Result<Response> {
    let mut check = Check::default();
    check.text("/name", query.name.as_deref(), 200);
    if query.mapping.as_ref().is_some_and(|mapping| mapping.len() > 8_000) {
        check.refuse("/mapping", "too_long", "must have at most 8000 bytes");
    }
    if query.market.is_none() && matches!(query.kind, ImportKind::Listings | ImportKind::Sales) {
        check.refuse("/market", "missing", "listings and sales need a market");
    }
    if query.guess && !query.dry_run {
        check.refuse("/guess", "only_dry_run", "is for a dry run; send the mapping that it answered");
    }
    check.end()?;
    let (parts, body) = request.into_parts();
    let key = parts.headers.get(idempotency::KEY).map(read_key).transpose()?;
    let packing = encoding(&parts.headers)?;
    let body = BodyReader::new(body, edge.options().upload_bytes, edge.options().body_patience)?;
    let mut hash = hash_of_query(parts.uri.query());
    let spooled = spool(&edge, body, packing, |piece| hash.update(piece)).await?;

    let who = allow.who;
    let task_edge = edge.clone();
    let work = Box::pin(async move { run(&task_edge, &who, query, spooled).await });
    match (key, parts.extensions.get::<RequestId>()) {
        (Some(key), Some(id)) => {
            let scope =
                Scope { method: parts.method, path: parts.uri.path().to_owned(), key, hash: hash.finalize().into() };
            idempotency::once(&edge, who, scope, id, work).await
        }
        _ => work.await,
    }
}

async fn run(edge: &Edge, who: &Principal, query: UploadQuery, mut spooled: Spooled) -> Result<Response> {
    let request = ImportRequest {
        kind: query.kind,
        market: query.market,
        source: ImportSource::File(spooled.path.clone()),
        name: query.name.unwrap_or_else(|| "upload".to_owned()),
        mapping: query.mapping,
        likely: query.guess,
        dry_run: query.dry_run,
    };
    if query.dry_run {
        let summary = edge.app().import_run(who, request, |_| {}).await?;
        return Ok(Json(DryRunOut::from(summary)).into_response());
    }
    let import = edge.app().import_queue(who, request).await?;
    spooled.is_kept = true;
    let location = HeaderValue::from_str(&format!("/api/v1/imports/{}", import.id)).map_err(Error::internal)?;
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(ImportOut::from(import))).into_response())
}

/// A file in the spool folder, removed unless it is kept.
struct Spooled {
    path: PathBuf,
    is_kept: bool,
}

impl Drop for Spooled {
    fn drop(&mut self) {
        if !self.is_kept {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes the unpacked body to a file of the spool folder, durably.
async fn spool(
    edge: &Edge,
    mut body: BodyReader,
    packing: crate::layers::decompress::Encoding,
    mut see: impl FnMut(&Bytes),
) -> Result<Spooled> {
    let name = edge.ids().next(edge.app().clock().now()).to_string();
    let folder = edge.app().spool_dir();
    let spooled = Spooled { path: folder.join(name), is_kept: false };
    let (path, limit) = (spooled.path.clone(), edge.options().upload_bytes);
    let (pieces, mut waiting) = mpsc::channel::<Bytes>(QUEUE);
    let writing = edge.tasks().spawn_blocking(move || -> io::Result<()> {
        fs::create_dir_all(&folder)?;
        let mut unpacker = Unpacker::new(packing, fs::File::create_new(&path)?, limit)?;
        while let Some(piece) = waiting.blocking_recv() {
            unpacker.push(&piece)?;
        }
        unpacker.finish()?.sync_all()
    });
    while let Some(piece) = body.next().await? {
        see(&piece);
        if pieces.send(piece).await.is_err() {
            break; // The writer stopped; its error follows.
        }
    }
    drop(pieces);
    match writing.await.map_err(Error::internal)? {
        Ok(()) => Ok(spooled),
        Err(error) => Err(match error.kind() {
            io::ErrorKind::FileTooLarge => Error::plain(Code::TooLarge),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Error::plain(Code::Unavailable).retry_after(30)
            }
            _ if error.raw_os_error().is_none() => Error::new(Code::MalformedBody, error.to_string()),
            _ => Error::internal(error),
        }),
    }
}

/// List imports
#[utoipa::path(get, path = "/imports", tag = "imports", params(PageQuery), responses((status = 200, description = "A page, newest first", body = Page<ImportOut>)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<Import>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<ImportOut>>> {
    Ok(Json(Page::of(edge.app().imports(&allow.who, query.paging()?).await?)))
}

/// Read an import
#[utoipa::path(get, path = "/imports/{id}", tag = "imports", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The import", body = ImportOut)))]
async fn read(State(edge): State<Edge>, allow: Allow<Import>, Id(id): Id<ImportId>) -> Result<Json<ImportOut>> {
    Ok(Json(edge.app().import(&allow.who, id).await?.into()))
}

/// List the rejected rows of an import
#[utoipa::path(get, path = "/imports/{id}/rejected", tag = "imports", params(("id" = uuid::Uuid, Path), PageQuery), responses((status = 200, description = "A page, in the order of the lines", body = Page<RejectedOut>)))]
async fn rejected(
    State(edge): State<Edge>,
    allow: Allow<Import>,
    Id(id): Id<ImportId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<RejectedOut>>> {
    Ok(Json(Page::of(edge.app().import_rejected(&allow.who, id, query.paging()?).await?)))
}

/// What taking an import back did.
#[derive(Debug, Serialize, ToSchema)]
struct UndoOut {
    /// Rows that were taken out.
    removed: u64,
    /// Rows that were put back to what they were.
    restored: u64,
    /// Rows left alone, since they were changed afterwards.
    kept: u64,
}

/// Cancel an import
///
/// One that waits ends at once; one that runs ends between two of its batches, within seconds, and what it stored stays until it
/// is taken back. A conflict when it has ended.
#[utoipa::path(post, path = "/imports/{id}/cancel", tag = "imports", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "The import as it is now", body = ImportOut)))]
async fn cancel(State(edge): State<Edge>, allow: Allow<Import>, Id(id): Id<ImportId>) -> Result<Json<ImportOut>> {
    Ok(Json(edge.app().import_cancel(&allow.who, id).await?.into()))
}

/// Take an import back
#[utoipa::path(post, path = "/imports/{id}/undo", tag = "imports", params(("id" = uuid::Uuid, Path)), responses((status = 200, description = "What it did", body = UndoOut)))]
async fn undo(State(edge): State<Edge>, allow: Allow<Import>, Id(id): Id<ImportId>) -> Result<Json<UndoOut>> {
    let UndoSummary { removed, restored, kept } = edge.app().import_undo(&allow.who, id).await?;
    Ok(Json(UndoOut { removed, restored, kept }))
}

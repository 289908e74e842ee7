//! `/exports/{kind}`: everything of a kind as a file.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use lintel_app::ExportFormat;
use lintel_domain::import::ImportKind;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Administer, Allow, Id, Query},
    state::Edge,
    wire::shapes,
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(export))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `csv`, or `jsonl` for one JSON object a line; `csv` when absent.
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    Csv,
    Jsonl,
}

/// Export records
///
/// All records of a kind, streamed. The columns are those that `POST /imports` maps to themselves, so that the file comes
/// back without loss. In CSV texts that a spreadsheet would take for formulas have an apostrophe in front; the column
/// `lintel.export` tells an import to take it off. Homes with a close price and date are `sales`, all others `listings`. For
/// owners and admins; written to the audit log.
#[utoipa::path(get, path = "/exports/{kind}", tag = "imports", params(("kind" = shapes::ImportKind, Path), ExportQuery),
    responses((status = 200, description = "The file", content(
        (String = "text/csv"), (String = "application/x-ndjson")))))]
async fn export(
    State(edge): State<Edge>,
    allow: Allow<Administer>,
    Id(kind): Id<ImportKind>,
    Query(query): Query<ExportQuery>,
) -> Result<Response> {
    let (format, content_type, extension) = match query.format.unwrap_or(Format::Csv) {
        Format::Csv => (ExportFormat::Csv, "text/csv; charset=utf-8; header=present", "csv"),
        Format::Jsonl => (ExportFormat::JsonLines, "application/x-ndjson", "jsonl"),
    };
    let exporting = edge.app().export(&allow.who, kind, format).await?;
    let pieces = futures_util::stream::try_unfold(exporting, |mut exporting| async move {
        let piece = exporting.next().await.inspect_err(|error| {
            // The answer has begun: all that is left is to break it off, so that nobody takes it for whole.
            tracing::warn!(error = error as &dyn std::error::Error, "an export was broken off");
        })?;
        Ok::<_, lintel_app::Error>(piece.map(|piece| (Bytes::from(piece), exporting)))
    });
    let name = format!("attachment; filename=\"{kind}.{extension}\"");
    let name = HeaderValue::from_str(&name).map_err(Error::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

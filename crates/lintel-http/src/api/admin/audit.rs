//! `/admin/audit`: every privileged act.

use axum::extract::State;
use lintel_app::AuditView;
use lintel_domain::clock::Time;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Administer, Allow, Json, Query},
    state::Edge,
    wire::{Page, PageQuery, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(list))
}

/// One privileged act.
#[derive(Debug, Serialize, ToSchema)]
struct AuditOut {
    #[schema(value_type = shapes::Time)]
    at: Time,
    /// `user:ID`, `key:ID` or `system`.
    actor: String,
    /// Such as `key.create`.
    action: String,
    /// On what.
    subject: String,
    /// What else is known about it, by name.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

impl From<AuditView> for AuditOut {
    fn from(AuditView { at, actor, action, subject, detail }: AuditView) -> Self {
        Self { at, actor, action, subject, detail }
    }
}

/// Read the audit log
#[utoipa::path(get, path = "/admin/audit", tag = "admin audit", params(PageQuery), responses((status = 200, description = "A page, newest first", body = Page<AuditOut>)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<Administer>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<AuditOut>>> {
    Ok(Json(Page::of(edge.app().audit(&allow.who, query.paging()?).await?)))
}

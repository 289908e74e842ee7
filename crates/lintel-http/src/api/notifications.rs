//! `/notifications`: what the signed-in user is told.

use axum::extract::State;
use lintel_app::{NotificationView, ReadNotifications};
use lintel_domain::{
    clock::Time,
    id::{LeadId, NotificationId},
    notification::NotificationKind,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::{Error, Result},
    extract::{Allow, Json, Query, ReadLeads},
    state::Edge,
    wire::{self, shapes},
};

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(list)).routes(routes!(read))
}

/// Which notifications.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Only those that were not read.
    unread: Option<bool>,
    /// At most this many; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// What a user is told.
#[derive(Debug, Serialize, ToSchema)]
struct NotificationOut {
    #[schema(value_type = uuid::Uuid)]
    id: NotificationId,
    #[schema(value_type = shapes::NotificationKind)]
    kind: NotificationKind,
    /// What it says.
    title: String,
    /// The lead that it is about.
    #[schema(value_type = Option<uuid::Uuid>)]
    lead_id: Option<LeadId>,
    /// The task, import or job that it is about.
    subject_id: Option<uuid::Uuid>,
    #[schema(value_type = shapes::Time)]
    created_at: Time,
    #[schema(value_type = Option<shapes::Time>)]
    read_at: Option<Time>,
}

impl From<NotificationView> for NotificationOut {
    fn from(NotificationView { notification, title }: NotificationView) -> Self {
        Self {
            id: notification.id,
            kind: notification.kind,
            title,
            lead_id: notification.lead,
            subject_id: notification.subject,
            created_at: notification.created_at,
            read_at: notification.read_at,
        }
    }
}

/// A page of notifications.
#[derive(Debug, Serialize, ToSchema)]
struct NotificationPageOut {
    /// The newest first.
    items: Vec<NotificationOut>,
    /// Pass this as `cursor` to get the next page; null on the last.
    #[schema(required)]
    next_cursor: Option<String>,
    /// How many were not read, on all pages.
    unread: u64,
}

/// List notifications
///
/// What the signed-in user is told: tasks that are due, leads that were handed to them or have become hot, and, for who runs the account,
/// imports that ended and jobs that were given up. The newest 500 are kept. A key has none. The event `notification.created` says when
/// to look.
#[utoipa::path(get, path = "/notifications", tag = "notifications", params(ListQuery), responses((status = 200, description = "A page", body = NotificationPageOut)))]
async fn list(
    State(edge): State<Edge>,
    allow: Allow<ReadLeads>,
    Query(query): Query<ListQuery>,
) -> Result<Json<NotificationPageOut>> {
    let paging = wire::paging(query.limit, query.cursor)?;
    let page = edge.app().notifications(&allow.who, query.unread.unwrap_or_default(), paging).await?;
    Ok(Json(NotificationPageOut {
        items: page.listed.items.into_iter().map(NotificationOut::from).collect(),
        next_cursor: page.listed.next_cursor,
        unread: page.unread,
    }))
}

/// Which notifications were read: `ids` or `up_to`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"up_to": "01890a5d-ac96-774b-bcce-b302099a8057"}))]
struct ReadIn {
    /// These; at most 500.
    #[serde(default, deserialize_with = "some")]
    #[schema(value_type = Option<Vec<uuid::Uuid>>, max_items = 500)]
    ids: Option<Vec<NotificationId>>,
    /// This one and all before it.
    #[schema(value_type = Option<uuid::Uuid>)]
    up_to: Option<NotificationId>,
}

fn some<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Vec<NotificationId>>, D::Error> {
    wire::up_to::<_, _, 500>(deserializer).map(Some)
}

/// How many notifications are left.
#[derive(Debug, Serialize, ToSchema)]
struct UnreadOut {
    /// How many were not read yet.
    unread: u64,
}

/// Mark notifications as read
///
/// Ids of others, and of what is no more, have no effect.
#[utoipa::path(post, path = "/notifications/read", tag = "notifications", request_body = ReadIn, responses((status = 200, description = "How many are left", body = UnreadOut)))]
async fn read(State(edge): State<Edge>, allow: Allow<ReadLeads>, Json(body): Json<ReadIn>) -> Result<Json<UnreadOut>> {
    let read = match (body.ids, body.up_to) {
        (Some(ids), None) => ReadNotifications::Ids(ids),
        (None, Some(last)) => ReadNotifications::UpTo(last),
        _ => return Err(Error::field("/ids", "missing", "either ids or up_to has to be there")),
    };
    Ok(Json(UnreadOut { unread: edge.app().notifications_read(&allow.who, read).await? }))
}

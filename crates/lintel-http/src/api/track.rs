//! `/track`: calls of tracking links, open to everybody and silent to all.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use lintel_domain::id::{LeadId, ListingId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    error::Result,
    extract::{Allow, Id, Json, WriteLeads},
    state::Edge,
};

/// A transparent GIF of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\
    \x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Requests by which people say that they do not want to be tracked.
const REFUSALS: [&str; 2] = ["sec-gpc", "dnt"];

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().routes(routes!(link)).routes(routes!(call)).routes(routes!(pixel))
}

/// What a link is for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TrackingLinkIn {
    /// The home whose view is recorded.
    #[schema(value_type = uuid::Uuid)]
    listing_id: ListingId,
}

/// A link that records a view.
#[derive(Debug, Serialize, ToSchema)]
struct TrackingLinkOut {
    /// A signed reference to lead and home, for `POST /track`.
    token: String,
    /// The path of the pixel, for pages and mails.
    pixel: String,
}

/// Make a tracking link
///
/// For the team's own pages and mails to this lead. Calling it records a `listing_view`, unless the lead's last word in the
/// consent ledger on the channel `tracking` is not `granted`, or the browser says that it refuses (`Sec-GPC`, `DNT`).
#[utoipa::path(post, path = "/leads/{id}/tracking-links", tag = "tracking", request_body = TrackingLinkIn, params(("id" = uuid::Uuid, Path)), responses((status = 201, description = "The link", body = TrackingLinkOut)))]
async fn link(
    State(edge): State<Edge>,
    allow: Allow<WriteLeads>,
    Id(id): Id<LeadId>,
    Json(body): Json<TrackingLinkIn>,
) -> Result<Response> {
    let token = edge.app().tracking_link(&allow.who, id, body.listing_id).await?;
    let pixel = format!("/api/v1/track/{token}.gif");
    Ok((StatusCode::CREATED, Json(TrackingLinkOut { token, pixel })).into_response())
}

/// A call of a tracking link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "AbCd"}))]
struct TrackIn {
    /// Of a tracking link.
    #[schema(max_length = 200)]
    token: String,
}

/// Call a tracking link
///
/// Open, without a key. The answer is always the same, whether or not the token is one, and whether or not anything is
/// recorded. Calls within ten minutes are one view.
#[utoipa::path(post, path = "/track", tag = "tracking", request_body = TrackIn, responses((status = 204, description = "Heard")), security(()))]
async fn call(State(edge): State<Edge>, headers: HeaderMap, Json(body): Json<TrackIn>) -> StatusCode {
    if !refuses(&headers) {
        edge.app().track(&body.token);
    }
    StatusCode::NO_CONTENT
}

/// Load the pixel of a tracking link
///
/// Open, without a key and without a cookie. The answer is always the same picture of one pixel.
#[utoipa::path(get, path = "/track/{file}", tag = "tracking", params(("file" = String, Path, description = "The token with `.gif` behind it")), responses((status = 200, description = "The pixel", body = Vec<u8>, content_type = "image/gif")), security(()))]
async fn pixel(State(edge): State<Edge>, headers: HeaderMap, Id(file): Id<String>) -> Response {
    if let Some(token) = file.strip_suffix(".gif").filter(|_| !refuses(&headers)) {
        edge.app().track(token);
    }
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/gif")),
        // Pages of other hosts of the team show it.
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    ];
    (headers, PIXEL).into_response()
}

/// Whether the browser says that its user does not want to be tracked (Global Privacy Control, Do Not Track).
fn refuses(headers: &HeaderMap) -> bool {
    REFUSALS.iter().any(|name| headers.get(*name).is_some_and(|value| value == "1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pixel_is_a_whole_picture() {
        assert_eq!((PIXEL.len(), PIXEL.last()), (43, Some(&b';')));
        assert!(PIXEL.starts_with(b"GIF89a\x01\x00\x01\x00"));
    }
}

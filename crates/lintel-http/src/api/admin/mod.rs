//! `/admin`: keys, users, jobs and the audit log. Everything here needs the permission to administer.

mod audit;
mod jobs;
mod keys;
mod users;

use utoipa_axum::router::OpenApiRouter;

use crate::state::Edge;

pub(super) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::default().merge(keys::routes()).merge(users::routes()).merge(jobs::routes()).merge(audit::routes())
}

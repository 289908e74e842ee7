//! The OpenAPI document, made from the same routes that serve, and a page for each code of a problem.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use utoipa::{
    ToSchema as _,
    openapi::{
        Components, ContentBuilder, HttpMethod, Info, License, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder,
        path::Operation,
        schema::{AdditionalProperties, Schema},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    api,
    error::Error,
    problem::{self, Code},
    state::Edge,
    wire::shapes,
};

/// Where the API lives.
pub(crate) const BASE: &str = "/api/v1";

/// The routes of the API under their base, with their document.
pub(crate) fn routes() -> OpenApiRouter<Edge> {
    OpenApiRouter::with_openapi(OpenApiBuilder::new().info(info()).build()).nest(BASE, api::routes())
}

/// The whole document.
pub fn document() -> OpenApi {
    let mut document = routes().into_openapi();
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.extend(shapes::named());
    describe_problems(components);
    describe_security(components);
    close(components);
    document.security = Some(vec![
        SecurityRequirement::new::<_, [&str; 0], &str>("key", []),
        SecurityRequirement::new::<_, [&str; 0], &str>("session", []),
    ]);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Put, &mut item.put),
            (HttpMethod::Patch, &mut item.patch),
            (HttpMethod::Delete, &mut item.delete),
        ] {
            if let Some(operation) = operation {
                add_problems(path, method, operation);
                add_too_long(operation);
                leave_streams_open(operation);
                name_operation(operation);
            }
        }
    }
    document
}

/// The whole document as JSON.
pub fn document_json() -> String {
    document().to_pretty_json().unwrap_or_default()
}

fn info() -> Info {
    let mut info = Info::new("Lintel", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Leads, listings, scores, matches and prices. Errors are problem documents (RFC 9457); every call that changes \
         something takes an `Idempotency-Key`; lists are paged by cursor."
            .to_owned(),
    );
    info.license = Some(License::new("MIT OR Apache-2.0"));
    info
}

/// Records that are read as they come refuse unknown fields; what stands in answers never has any.
fn close(components: &mut Components) {
    for name in [
        "Address",
        "AnalysisInputs",
        "Consent",
        "ListingFilter",
        "MoneyRange",
        "Near",
        "NumberRange",
        "Preferences",
        "WholeRange",
    ] {
        if let Some(RefOr::T(Schema::Object(object))) = components.schemas.get_mut(name) {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// An id that is unique in the document: the name of the handler behind the name of its tag.
fn name_operation(operation: &mut Operation) {
    let tag = operation.tags.iter().flatten().next().map_or("", String::as_str).replace(' ', "_");
    let name = operation.operation_id.take().unwrap_or_default();
    operation.operation_id = Some(format!("{tag}_{name}"));
}

fn describe_security(components: &mut Components) {
    let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A key of the tenant")).build();
    components.add_security_scheme("key", SecurityScheme::Http(key));
    let cookie = ApiKeyValue::with_description("__Host-lintel", "The session of a person who signed in");
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}

fn describe_problems(components: &mut Components) {
    let mut schemas = Vec::new();
    shapes::Problem::schemas(&mut schemas);
    schemas.push((shapes::Problem::name().into_owned(), <shapes::Problem as utoipa::PartialSchema>::schema()));
    components.schemas.extend(schemas);
    for (status, name, description) in PROBLEMS {
        let codes: Vec<_> = problem::entries().filter(|entry| entry.status == status).map(|entry| entry.code).collect();
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new()
            .description(format!("{description} Codes: {}.", codes.join(", ")))
            .content("application/problem+json", content)
            .build();
        components.responses.insert(name.to_owned(), RefOr::T(response));
    }
}

/// Status, name of the component, what it means.
const PROBLEMS: [(u16, &str, &str); 13] = [
    (400, "Malformed", "The request cannot be read."),
    (401, "Unauthorized", "Nobody, or nobody known."),
    (403, "Forbidden", "Known, but not allowed."),
    (404, "NotFound", "There is no such thing in this tenant."),
    (408, "TooSlow", "The body came too slowly."),
    (409, "Conflict", "It contradicts what is there."),
    (412, "VersionMismatch", "The version is not the present one."),
    (413, "TooLarge", "The body is too large."),
    (415, "Unsupported", "The body is of a kind that is not taken."),
    (422, "Invalid", "A field was refused."),
    (429, "TooMany", "Too many requests; see Retry-After."),
    (500, "Internal", "A fault on our side."),
    (503, "Unavailable", "Not now; see Retry-After."),
];

/// Every operation says which problems it may answer with.
fn add_problems(path: &str, method: HttpMethod, operation: &mut Operation) {
    let changes = method != HttpMethod::Get;
    let has_body = operation.request_body.is_some();
    for (status, name, _) in PROBLEMS {
        let applies = match status {
            404 => path.contains('{') || changes,
            408 | 413 => has_body,
            // An encoding, a conflict and an idempotency key can meet any call that changes something.
            409 | 415 => changes,
            412 => method == HttpMethod::Patch,
            _ => true,
        };
        if applies {
            operation.responses.responses.insert(status.to_string(), RefOr::Ref(Ref::from_response_name(name)));
        }
    }
}

/// An address that is too long is refused before it is read, without a problem document.
fn add_too_long(operation: &mut Operation) {
    let response = ResponseBuilder::new().description("The address is too long.").build();
    operation.responses.responses.insert("414".to_owned(), RefOr::T(response));
}

/// A stream of events is no JSON that a schema could describe.
fn leave_streams_open(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response
            && let Some(RefOr::T(stream)) = response.content.get_mut("text/event-stream")
        {
            stream.schema = None;
        }
    }
}

/// Below `/api-docs`, where the web pages have the reference: the document, and a page for each code. All of it is part of
/// the program.
pub(crate) fn pages() -> Router<Edge> {
    Router::new().route("/api-docs/openapi.json", get(openapi_json)).route("/api-docs/errors/{code}", get(error_page))
}

async fn openapi_json(State(edge): State<Edge>) -> Response {
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], edge.document().clone()).into_response()
}

async fn error_page(Path(code): Path<String>) -> Result<Response, Error> {
    let code = Code::parse(&code).ok_or_else(|| Error::plain(Code::UnknownRoute))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))], code.page()).into_response())
}

//! A small world: an application on an empty store, its router, tenants with keys, and a clock that stands still.

use std::net::SocketAddr;

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode},
};
use lintel_app::{App, NewKey, Principal, Roles, StoreOptions, TierRules, WebhookKeys};
use lintel_domain::{
    clock::{Clock, Time},
    scope::Role,
};
use lintel_http::{Edge, Metrics, Options, Peer, router};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt;

use crate::hooks::PUBLIC_KEY;

pub(crate) struct World {
    pub(crate) app: App,
    pub(crate) clock: Clock,
    pub(crate) router: Router,
    pub(crate) edge: Edge,
    pub(crate) tasks: TaskTracker,
    stop: CancellationToken,
    _folder: TempDir,
}

/// A tenant and its owner's key.
pub(crate) struct Tenant {
    pub(crate) owner: Principal,
    pub(crate) key: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts the status and returns the body.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// Asserts a problem of this status and code, and returns its document.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let document = self.expect(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(document["code"], code, "{document}");
        assert_eq!(document["status"], status);
        assert_eq!(document["type"], format!("/api-docs/errors/{code}"));
        assert_eq!(document["request_id"], self.header("x-request-id"));
        document
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        Self::begin(options, Roles { api: true, followers: false, worker: false }).await
    }

    /// One in which the followers of the log run, too.
    pub(crate) async fn following() -> Self {
        Self::begin(Options::default(), Roles { api: true, followers: true, worker: false }).await
    }

    async fn begin(options: Options, roles: Roles) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual("2026-05-04T12:00:00Z".parse::<Time>().unwrap());
        let app = App::open(lintel_app::Options {
            store: StoreOptions::at(format!("sqlite:{}", folder.path().join("lintel.db").display())),
            data_dir: folder.path().to_owned(),
            clock: clock.clone(),
            workers: 1,
            cache_bytes: 8 << 20,
            redis: None,
            tiers: TierRules::default(),
            review_every: None,
            webhook_keys: WebhookKeys::parse(PUBLIC_KEY).unwrap(),
            secrets_key: None,
        })
        .await
        .unwrap();
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        app.start(roles, &tasks, &stop);
        let edge = Edge::new(app.clone(), options, Metrics::new("0", "test"), tasks.clone());
        Self { router: router(&edge), edge, app, clock, tasks, stop, _folder: folder }
    }

    /// A tenant with a market `m` and its owner's key.
    pub(crate) async fn tenant(&self, slug: &str) -> Tenant {
        let owner = self.app.system(slug).await.unwrap();
        let key = self.key(&owner, Role::Owner).await;
        let tenant = Tenant { owner, key };
        self.post(&tenant, "/markets", json!({"slug": "m"})).await.expect(201);
        tenant
    }

    pub(crate) async fn key(&self, owner: &Principal, role: Role) -> String {
        let new = NewKey { name: format!("key of a test, {role}"), role };
        let grant = self.app.key_create(owner, new).await.unwrap();
        grant.key.expose_secret().to_owned()
    }

    /// Sends a request as it is, from the machine itself.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(Peer(SocketAddr::from(([127, 0, 0, 1], 40_000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// A call of the API with a key and perhaps a JSON body.
    pub(crate) async fn call(&self, key: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        self.send(request(key, method, path, body)).await
    }

    pub(crate) async fn get(&self, tenant: &Tenant, path: &str) -> Answer {
        self.call(&tenant.key, Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, tenant: &Tenant, path: &str, body: Value) -> Answer {
        self.call(&tenant.key, Method::POST, path, Some(body)).await
    }

    /// Ends what runs in the background.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.app.close().await;
    }
}

/// A request of the API.
pub(crate) fn request(key: &str, method: Method, path: &str, body: Option<Value>) -> Request<Body> {
    let builder = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header("host", "localhost")
        .header("authorization", format!("Bearer {key}"));
    match body {
        Some(body) => builder.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap(),
        None => builder.body(Body::empty()).unwrap(),
    }
}

/// A listing as `POST /listings` takes it.
pub(crate) fn listing(key: &str) -> Value {
    json!({
        "listing_key": key, "property_type": "House", "list_price": 500_000, "bedrooms": 3, "bathrooms": 2.5,
        "living_area_sqft": 1800, "latitude": 47.6, "longitude": -122.3, "remarks": "sunny",
    })
}

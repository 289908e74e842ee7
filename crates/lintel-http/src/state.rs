//! What every handler and layer of the edge reaches.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use bytes::Bytes;
use http::{Extensions, HeaderMap};
use lintel_app::App;
use lintel_domain::rng::Ids;
use tokio::{
    sync::Semaphore,
    time::{MissedTickBehavior, interval},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    layers::{gate::Gate, rate::RateLimit},
    metrics::{Gauges, Metrics, SAMPLE_SECONDS, resident_bytes},
    openapi,
    options::Options,
    ui::Files,
};

/// The edge: the application, the settings, and what is counted. Cheap to clone.
#[derive(Clone)]
pub struct Edge(Arc<Parts>);

struct Parts {
    app: App,
    options: Options,
    metrics: Metrics,
    rate: RateLimit,
    in_flight: Semaphore,
    gate: Gate,
    ids: Ids,
    requests: AtomicU64,
    tasks: TaskTracker,
    document: Bytes,
    files: Files,
}

impl Edge {
    /// An edge before `app`. Work that has to end although its client left runs on `tasks`.
    pub fn new(app: App, options: Options, metrics: Metrics, tasks: TaskTracker) -> Self {
        let edge = Self(Arc::new(Parts {
            rate: RateLimit::new(options.requests_per_second, app.clock().clone()),
            in_flight: Semaphore::new(options.requests_in_flight),
            gate: if options.adapts {
                Gate::new(options.requests_in_flight)
            } else {
                Gate::open(options.requests_in_flight)
            },
            ids: Ids::random(),
            requests: AtomicU64::new(0),
            document: Bytes::from(openapi::document_json()),
            files: options.ui_dir.clone().map_or(Files::Built, Files::Folder),
            app,
            options,
            metrics,
            tasks,
        }));
        // From here on it is told what happened of late.
        edge.sample();
        edge
    }

    /// Takes a sample for `/performance` every ten seconds, and lets in as many requests as get done in time, until `stop`.
    pub async fn watch(self, stop: CancellationToken) {
        let app = self.app().clone();
        if self.0.options.adapts {
            self.tasks().spawn(self.gate().clone().adapt(move || app.pressure(), stop.clone()));
        }
        let mut ticks = interval(Duration::from_secs(SAMPLE_SECONDS.into()));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            self.sample();
        }
    }

    /// Takes a sample for `/performance` now.
    pub fn sample(&self) {
        let pulse = self.app().pulse();
        let gauges = Gauges {
            in_flight: self.metrics().in_flight(),
            clients: pulse.clients as u64,
            memory: resident_bytes(),
            writes_waiting: pulse.waiting as u64,
            writes: pulse.writes,
            commits: pulse.commits,
        };
        self.metrics().sample(self.app().clock().now(), gauges);
    }

    pub(crate) fn app(&self) -> &App {
        &self.0.app
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn rate(&self) -> &RateLimit {
        &self.0.rate
    }

    pub(crate) fn in_flight(&self) -> &Semaphore {
        &self.0.in_flight
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.0.gate
    }

    pub(crate) fn ids(&self) -> &Ids {
        &self.0.ids
    }

    /// Counts the requests, for sampling.
    pub(crate) fn requests(&self) -> &AtomicU64 {
        &self.0.requests
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.0.tasks
    }

    /// The OpenAPI document as JSON.
    pub(crate) fn document(&self) -> &Bytes {
        &self.0.document
    }

    /// The files of the web pages.
    pub(crate) fn files(&self) -> &Files {
        &self.0.files
    }

    /// Where a request comes from, as far as the peer may be believed.
    pub(crate) fn client(&self, extensions: &Extensions, headers: &HeaderMap) -> Client {
        let peer =
            extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip().to_canonical());
        if !self.trusts(peer) {
            return Client { address: peer, secure: false };
        }
        let hops = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let mut address = peer;
        for hop in hops.flat_map(|value| value.split(',')).collect::<Vec<_>>().into_iter().rev() {
            let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
            address = hop.to_canonical();
            if !self.trusts(address) {
                break;
            }
        }
        let proto = headers.get("x-forwarded-proto").map(http::HeaderValue::as_bytes);
        Client { address, secure: proto.is_some_and(|proto| proto.eq_ignore_ascii_case(b"https")) }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.options.trusted_proxies.iter().any(|network| network.contains(address))
    }
}

/// The other end of the connection; the accept loop puts it into every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// The client's address.
    pub(crate) address: IpAddr,
    /// Whether it came over TLS.
    pub(crate) secure: bool,
}

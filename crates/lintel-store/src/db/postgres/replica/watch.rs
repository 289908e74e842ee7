//! Looking after a replica: one task each, which takes it out of use when it fails and back when it is well.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use deadpool_postgres::ClientWrapper;
use tokio_util::sync::CancellationToken;

use super::{
    one::{Look, Replica, SLOW, place},
    position::CLUSTER,
};
use crate::{
    Error, Result,
    db::postgres::{Connector, connect::reason},
};

/// How often a replica is looked at.
const EVERY: Duration = Duration::from_millis(250);
/// The first and the longest wait before a failing one is tried again.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Watches until `stop`. It must be a replica of the cluster with the number `cluster`.
pub(super) async fn watch(replica: Arc<Replica>, cluster: i64, stop: CancellationToken) {
    let mut wait = BACKOFF.0;
    loop {
        let failed = tokio::select! {
            () = stop.cancelled() => return,
            failed = session(&replica, cluster, &mut wait) => failed,
        };
        if let Err(error) = failed {
            replica.eject(&error);
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => wait = (wait * 2).min(BACKOFF.1),
        }
    }
}

/// Looks at it again and again over a connection of its own, until something is wrong.
async fn session(replica: &Replica, cluster: i64, wait: &mut Duration) -> Result<()> {
    let client = connect(&replica.connector).await?;
    if cluster_of(&client).await? != cluster {
        return Err(unavailable("it is not of the primary's cluster"));
    }
    loop {
        let begun = Instant::now();
        let at = place(&client).await.map_err(|failure| failure.error)?;
        let at = at.ok_or_else(|| unavailable("it is no replica, or not any more"))?;
        replica.look(Look { at, took: begun.elapsed() });
        *wait = BACKOFF.0;
        tokio::time::sleep(EVERY).await;
    }
}

/// A connection of one's own.
pub(super) async fn connect(connector: &Connector) -> Result<ClientWrapper> {
    let (client, driving) = connector.connect_and_drive().await?;
    let client = ClientWrapper::new(client, driving);
    let settings = connector.settings();
    let set = tokio::time::timeout(SLOW, client.batch_execute(&settings)).await;
    set.map_err(|_| unavailable("it answers too slowly"))?.map_err(|e| unavailable(&reason(&e)))?;
    Ok(client)
}

/// The number of the cluster that a server is of.
pub(super) async fn cluster_of(client: &ClientWrapper) -> Result<i64> {
    let asking = tokio::time::timeout(SLOW, client.query_one(CLUSTER.postgres(), &[]));
    let row = asking.await.map_err(|_| unavailable("it answers too slowly"))?;
    row.and_then(|row| row.try_get(0)).map_err(|e| unavailable(&reason(&e)))
}

fn unavailable(reason: &str) -> Error {
    Error::Unavailable { reason: reason.to_owned() }
}

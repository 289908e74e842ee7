//! Tells the clients of this node what happens: a follower without a stored cursor, since it begins with the process.

use std::{collections::HashMap, sync::Arc};

use lintel_domain::id::TenantId;
use lintel_hub::{Frame, Place, Told};
use lintel_store::log::{Cursor, Recorded};
use tokio_util::sync::CancellationToken;

use super::{IDLE, Pace};
use crate::{App, Error, Result, realtime};

/// The most events that are told at once: with at most [`lintel_hub::MANY`] messages on a topic each, a fraction of what
/// waits for one client.
const AT_ONCE: usize = 8;

/// Follows the log from its present end until told to stop, and then says goodbye to all clients.
pub(super) async fn follow(app: App, stop: CancellationToken) {
    let mut position = None;
    let mut pace = Pace::new(&app, &stop, "hub");
    while let Some(ended) = stop.run_until_cancelled(step(&app, &mut position)).await {
        pace.wait(ended, IDLE).await;
    }
    app.0.hub.close();
}

/// Writes to the sockets of clients what they are told, until told to stop; what waits then is written with the goodbye.
pub(super) async fn carry(app: App, stop: CancellationToken) {
    stop.run_until_cancelled(app.0.hub.carry()).await;
}

/// Tells the next events; false when there were none.
async fn step(app: &App, position: &mut Option<Cursor>) -> Result<bool> {
    let Some(from) = *position else {
        let head = app.0.store.log_head().await?;
        app.0.hub.begin(Place::behind(head.txid, head.id));
        *position = Some(head);
        return Ok(false);
    };
    let events = match app.log_after(from).await {
        Ok(events) => events,
        // So far behind that the log has been cut: begin anew, and have everybody look again.
        Err(lintel_store::Error::CursorGone) => {
            *position = None;
            return Ok(true);
        }
        Err(error) => return Err(error.into()),
    };
    let Some(last) = events.last() else { return Ok(false) };
    tell(app, &events).await?;
    *position = Some(last.cursor);
    Ok(true)
}

async fn tell(app: &App, events: &[Arc<Recorded>]) -> Result<()> {
    let hub = &app.0.hub;
    let places = app.places(events, |tenant, market| hub.has_viewports(tenant, market)).await?;
    let mut cursors = HashMap::new();
    let mut told = Vec::with_capacity(events.len());
    for logged in events {
        let Some(event) = &logged.event else { continue };
        if !know(app, &mut cursors, logged.tenant).await? {
            continue;
        }
        let behind = Place::behind(logged.cursor.txid, logged.cursor.id);
        told.push(Told { tenant: logged.tenant, behind, event, places: &places });
    }
    let write = |tenant: TenantId, frame: Frame<'_>| {
        // Every tenant of what is told is known by now.
        realtime::message(&cursors[&tenant], tenant, frame)
    };
    let Some(last) = events.last() else { return Ok(()) };
    let mut rest = &told[..];
    while let Some((some, more)) = rest.split_at_checked(AT_ONCE)
        && let Some(last) = some.last()
    {
        hub.publish(some, last.behind, &write);
        hub.carried().await;
        rest = more;
    }
    hub.publish(rest, Place::behind(last.cursor.txid, last.cursor.id), &write);
    Ok(())
}

type Known = HashMap<TenantId, Arc<crate::cursor::Cursors>>;

/// Has the signing of a tenant's cursors at hand; false when the tenant is gone.
async fn know(app: &App, known: &mut Known, tenant: TenantId) -> Result<bool> {
    if let std::collections::hash_map::Entry::Vacant(entry) = known.entry(tenant) {
        match app.cursors(tenant).await {
            Ok(cursors) => entry.insert(cursors),
            Err(Error::NotFound(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
    }
    Ok(true)
}

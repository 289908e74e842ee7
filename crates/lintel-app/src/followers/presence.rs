//! Tells the clients of this node who else looks at what they look at, here and on the other nodes of the same database.
//!
//! Nodes say who looks there when that changes, and all of it now and then. Nobody keeps what they say: who missed it hears it
//! the next time, and a node that is gone without a word is forgotten after a minute.

use std::time::{Duration, Instant};

use lintel_hub::{PRESENCE_HOLDS, Room};
use lintel_store::db::MOST_SAID_BYTES;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::broadcast::error::RecvError,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::App;

/// How often at most a client is told who looks at a topic, and other nodes.
const PACE: Duration = Duration::from_secs(1);

/// Room for what stands around the rooms.
const FRAME_BYTES: usize = 200;

/// What a node says to the others.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Said {
    node: Uuid,
    /// Who looks there; absent when it says goodbye.
    rooms: Option<Vec<Room>>,
}

/// Tells clients who looks at what, and other nodes who looks on this one, until told to stop. One task says all of it, so
/// that what is said later is newer.
pub(super) async fn tell(app: App, stop: CancellationToken) {
    let mut again = interval(PRESENCE_HOLDS / 3);
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let is_shared = app.0.store.is_postgres();
    let telling = async {
        loop {
            tokio::select! {
                () = app.0.hub.presence_changed() => {
                    app.0.hub.tell_presence();
                    // Taken on SQLite, too, where nobody hears it: what is not taken would be kept for good.
                    say(&app, app.0.hub.presence_here(false));
                    // Whatever changes meanwhile is told as one.
                    sleep(PACE).await;
                }
                _ = again.tick(), if is_shared => say(&app, app.0.hub.presence_here(true)),
            }
        }
    };
    stop.run_until_cancelled(telling).await;
    app.0.store.say(written(&Said { node: app.0.own, rooms: None }));
}

/// Hears who looks at what on other nodes, and forgets those that are gone without a word, until told to stop.
pub(super) async fn hear(app: App, stop: CancellationToken) {
    let mut heard = app.0.store.heard();
    let mut again = interval(PRESENCE_HOLDS / 3);
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let hearing = async {
        loop {
            tokio::select! {
                text = heard.recv() => match text {
                    Ok(text) => take(&app, &text),
                    // What was lost is said again.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
                _ = again.tick() => app.0.hub.forget_silent_nodes(Instant::now()),
            }
        }
    };
    stop.run_until_cancelled(hearing).await;
}

fn say(app: &App, rooms: Vec<Room>) {
    if !app.0.store.is_postgres() {
        return;
    }
    for rooms in pieces(rooms) {
        app.0.store.say(written(&Said { node: app.0.own, rooms: Some(rooms) }));
    }
}

fn take(app: &App, text: &str) {
    match serde_json::from_str::<Said>(text) {
        Ok(Said { node, .. }) if node == app.0.own => {}
        Ok(Said { node, rooms: Some(rooms) }) => app.0.hub.hear_presence(node, rooms, Instant::now()),
        Ok(Said { node, rooms: None }) => app.0.hub.forget_node(node, Instant::now()),
        Err(error) => tracing::debug!(%error, "a node of another version says something unknown"),
    }
}

/// The rooms in pieces that can be said.
fn pieces(rooms: Vec<Room>) -> Vec<Vec<Room>> {
    let mut pieces: Vec<Vec<Room>> = Vec::new();
    let mut room_left = 0;
    for room in rooms {
        let bytes = written(&room).len() + 1;
        match pieces.last_mut() {
            Some(last) if bytes <= room_left => {
                room_left -= bytes;
                last.push(room);
            }
            _ => {
                room_left = MOST_SAID_BYTES.saturating_sub(FRAME_BYTES + bytes);
                pieces.push(vec![room]);
            }
        }
    }
    pieces
}

fn written(what: &impl Serialize) -> String {
    // Strings and numbers can always be written.
    serde_json::to_string(what).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use lintel_domain::id::{TenantId, UserId};

    use super::*;

    #[test]
    fn what_a_node_says_fits_and_all_of_it_is_said() {
        let users: Vec<UserId> = (0..20).map(|n| UserId(Uuid::from_u128(n))).collect();
        let room = |n: usize| Room {
            tenant: TenantId(Uuid::from_u128(1)),
            topic: format!("market:{}", "m".repeat(n % 60)),
            users: users[..n % 21].to_vec(),
            total: n,
        };
        let rooms: Vec<Room> = (0..500).map(room).collect();
        let said: Vec<Said> =
            pieces(rooms.clone()).into_iter().map(|rooms| Said { node: Uuid::max(), rooms: Some(rooms) }).collect();
        assert!(said.iter().all(|said| written(said).len() <= MOST_SAID_BYTES));
        assert!(said.len() < 100, "{}", said.len());
        let heard = said.iter().map(|said| serde_json::from_str::<Said>(&written(said)).unwrap());
        assert_eq!(heard.flat_map(|said| said.rooms.unwrap()).collect::<Vec<_>>(), rooms);
    }
}

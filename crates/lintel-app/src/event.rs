//! Reading the log of a tenant.

use lintel_domain::{clock::Time, event::Event};
use lintel_hub::Place;
use lintel_store::log::Cursor;

use crate::{App, Paging, Principal, Result, cursor::List};

/// One event of the log.
#[derive(Clone, Debug)]
pub struct LoggedEvent {
    /// Its place in the log, opaque.
    pub cursor: String,
    /// When it was committed.
    pub at: Time,
    /// What happened.
    pub event: Event,
}

/// Some events, in the order of their commits.
#[derive(Clone, Debug)]
pub struct EventPage {
    /// The events.
    pub items: Vec<LoggedEvent>,
    /// Where to go on, also when nothing was found.
    pub cursor: String,
}

impl App {
    /// The tenant's events after a cursor; from the start of the log when absent. An event of a type that this version
    /// does not know is passed over.
    pub async fn events(&self, who: &Principal, after: Option<&str>, limit: Option<u32>) -> Result<EventPage> {
        let limit = Paging { limit, cursor: None }.limit()?;
        let cursors = self.cursors(who.tenant).await?;
        let list = List { tenant: who.tenant, name: "events", shape: &[] };
        let from = match after {
            Some(text) => {
                let place: Place = cursors.read(&list, text)?;
                // An event of which a client has heard a part is told again, whole.
                Cursor { txid: place.txid, id: if place.part == u32::MAX { place.id } else { place.id - 1 } }
            }
            None => Cursor::default(),
        };
        let write = |cursor: Cursor| cursors.write(&list, &Place::behind(cursor.txid, cursor.id));
        let recorded = self.0.store.events_for_tenant(who.tenant, from, limit).await?;
        let cursor = write(recorded.last().map_or(from, |last| last.cursor))?;
        let mut items = Vec::with_capacity(recorded.len());
        for one in recorded {
            if let Some(event) = one.event {
                items.push(LoggedEvent { cursor: write(one.cursor)?, at: one.at, event });
            }
        }
        Ok(EventPage { items, cursor })
    }
}

//! Connections to systems of others, by which their events come in.

use lintel_domain::{clock::Time, id::ConnectionId, text::check};
use lintel_store::connection::ConnectionRow;
use secrecy::SecretString;
use serde_json::json;

use crate::{App, Error, HIGHLEVEL, Listed, Paging, Principal, Result};

/// A connection to be made.
#[derive(Clone, Debug)]
pub struct NewConnection {
    /// Its id, when the caller names it (see [`crate::keyed_id`]): a connection that is there already is then the answer.
    pub id: Option<ConnectionId>,
    /// Which system.
    pub provider: String,
    /// The account there.
    pub location: String,
    /// For people.
    pub name: String,
    /// Where the system is asked, when not at its usual address.
    pub base_url: Option<String>,
    /// By which the system lets us in.
    pub token: Option<SecretString>,
}

/// A connection, without its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionView {
    /// Id, which stands in the address for events.
    pub id: ConnectionId,
    /// Which system.
    pub provider: String,
    /// The account there.
    pub location: String,
    /// For people.
    pub name: String,
    /// Where the system is asked, when not at its usual address.
    pub base_url: Option<String>,
    /// Whether it has a token.
    pub has_token: bool,
    /// When made.
    pub created_at: Time,
}

impl From<ConnectionRow> for ConnectionView {
    fn from(row: ConnectionRow) -> Self {
        let ConnectionRow { id, provider, location, name, base_url, token, created_at, .. } = row;
        Self { id, provider, location, name, base_url, has_token: token.is_some(), created_at }
    }
}

impl App {
    /// Makes a connection. A location belongs to one tenant; one that is taken is a conflict.
    pub async fn connection_create(&self, who: &Principal, new: NewConnection) -> Result<ConnectionView> {
        if new.provider != HIGHLEVEL {
            return Err(Error::invalid("/provider", "unknown", "the only provider is `highlevel`"));
        }
        for (pointer, text) in [("/name", &new.name), ("/location_id", &new.location)] {
            if text.is_empty() || check(text, 200).is_err() {
                return Err(Error::invalid(pointer, "not_a_name", "must have 1 to 200 bytes"));
            }
        }
        let now = self.clock().now();
        let id = new.id.unwrap_or_else(|| ConnectionId(self.0.ids.next(now)));
        let token = new.token.as_ref().map(|token| self.0.sealer.seal(id.0.as_bytes(), token)).transpose()?;
        let row = ConnectionRow {
            tenant: who.tenant,
            id,
            provider: new.provider,
            location: new.location,
            name: new.name,
            base_url: new.base_url,
            token,
            created_at: now,
        };
        let detail = json!({ "provider": row.provider, "location": row.location });
        let audit = self.audit_entry(who, "connection.create", id.to_string(), detail, now);
        let (made, tenant) = (row.clone(), who.tenant);
        let write = self.0.store.write(move |tx| {
            if !tx.connection_create(&made)? {
                return Ok(false);
            }
            tx.audit(tenant, &audit)?;
            Ok::<_, lintel_store::Error>(true)
        });
        if write.await? {
            return Ok(row.into());
        }
        // The same call, again, after its answer was lost.
        match self.0.store.connection_by_id(id).await?.filter(|there| there.tenant == tenant) {
            Some(there) => Ok(there.into()),
            None => {
                Err(Error::Conflict { code: "location_taken", detail: "there is a connection to this location".into() })
            }
        }
    }

    /// The tenant's connections.
    pub async fn connections(&self, who: &Principal, paging: Paging) -> Result<Listed<ConnectionView>> {
        let (limit, after) = (paging.limit()?, self.after(who, "connections", &paging).await?);
        let rows = self.0.store.connections(who.tenant, after.map(ConnectionId), limit + 1).await?;
        self.listed(who, "connections", limit, rows, |row| row.id.0, ConnectionView::from).await
    }

    /// Ends a connection: its events are not taken any more. What they brought stays.
    pub async fn connection_delete(&self, who: &Principal, id: ConnectionId) -> Result<()> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let audit = self.audit_entry(who, "connection.delete", id.to_string(), json!({}), now);
        let write = self.0.store.write(move |tx| {
            if !tx.connection_delete(tenant, id)? {
                return Ok(false);
            }
            tx.audit(tenant, &audit)?;
            Ok::<_, lintel_store::Error>(true)
        });
        if !write.await? {
            return Err(Error::NotFound("connection"));
        }
        self.0.caches.connection_ended(id);
        self.0.caches.deleted().await;
        Ok(())
    }
}

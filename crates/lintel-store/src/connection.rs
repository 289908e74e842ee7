//! Connections to systems of others.

use lintel_domain::{
    clock::Time,
    id::{ConnectionId, TenantId},
};

use crate::{Result, Store, Tx, db::Row, params};

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionRow {
    /// Whose.
    pub tenant: TenantId,
    /// Id.
    pub id: ConnectionId,
    /// Which system, such as `highlevel`.
    pub provider: String,
    /// The account there; it belongs to one tenant.
    pub location: String,
    /// For people.
    pub name: String,
    /// Where the system is asked, when not at its usual address.
    pub base_url: Option<String>,
    /// Its token, sealed.
    pub token: Option<Vec<u8>>,
    /// When made.
    pub created_at: Time,
}

crate::sql! {
    /// A new connection, unless its location has one.
    INSERT "connection.insert" = "INSERT INTO connections (tenant_id, id, provider, location_id, name, base_url, token, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
    /// By id, before the tenant is known.
    BY_ID "connection.by_id" across_tenants = "SELECT tenant_id, id, provider, location_id, name, base_url, token, created_at
        FROM connections WHERE id = $1";
    /// A page, by id.
    PAGE "connection.page" = "SELECT tenant_id, id, provider, location_id, name, base_url, token, created_at
        FROM connections WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Ends one.
    DELETE "connection.delete" = "DELETE FROM connections WHERE tenant_id = $1 AND id = $2";
}

fn connection(row: &Row<'_>) -> Result<ConnectionRow> {
    Ok(ConnectionRow {
        tenant: row.get(0)?,
        id: row.get(1)?,
        provider: row.get(2)?,
        location: row.get(3)?,
        name: row.get(4)?,
        base_url: row.get(5)?,
        token: row.get(6)?,
        created_at: row.get(7)?,
    })
}

impl Store {
    /// The connection with this id, whosever it is.
    pub async fn connection_by_id(&self, id: ConnectionId) -> Result<Option<ConnectionRow>> {
        self.point(&BY_ID, params![id], connection).await
    }

    /// At most `limit` connections, by id, behind `after`.
    pub async fn connections(
        &self,
        tenant: TenantId,
        after: Option<ConnectionId>,
        limit: u32,
    ) -> Result<Vec<ConnectionRow>> {
        let after = after.unwrap_or(ConnectionId(uuid::Uuid::nil()));
        self.query(&PAGE, params![tenant, after, limit], connection).await
    }
}

impl Tx<'_> {
    /// Stores a connection; false when its id or its location is taken, by whomever.
    pub fn connection_create(&mut self, new: &ConnectionRow) -> Result<bool> {
        let ConnectionRow { tenant, id, provider, location, name, base_url, token, created_at } = new;
        let values = params![*tenant, *id, provider, location, name, base_url.clone(), token.clone(), *created_at];
        Ok(self.execute(&INSERT, values)? == 1)
    }

    /// Ends a connection; false when there is none.
    pub fn connection_delete(&mut self, tenant: TenantId, id: ConnectionId) -> Result<bool> {
        Ok(self.execute(&DELETE, params![tenant, id])? == 1)
    }
}

//! Keys of programs: looked up by their hash, before the tenant is known.

use lintel_domain::{
    clock::Time,
    id::{ApiKeyId, TenantId},
    scope::Role,
};

use crate::{Result, Store, Tx, db::Row, params};

/// A key as it is kept; the secret is not.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiKeyRow {
    /// Whose.
    pub tenant: TenantId,
    /// Id.
    pub id: ApiKeyId,
    /// For people.
    pub name: String,
    /// What its bearer may do.
    pub role: Role,
    /// When made.
    pub created_at: Time,
    /// When taken back.
    pub revoked_at: Option<Time>,
    /// When last used, to the minute or so.
    pub last_used_at: Option<Time>,
}

crate::sql! {
    /// A new key.
    INSERT "api_key.insert" = "INSERT INTO api_keys (tenant_id, id, hash, name, role, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// By the hash of the secret.
    BY_HASH "api_key.by_hash" across_tenants on_replicas = "SELECT tenant_id, id, name, role, created_at, revoked_at, last_used_at
        FROM api_keys WHERE hash = $1";
    /// A page, by id.
    PAGE "api_key.page" = "SELECT tenant_id, id, name, role, created_at, revoked_at, last_used_at
        FROM api_keys WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Takes back.
    REVOKE "api_key.revoke" = "UPDATE api_keys SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL";
    /// Notes a use, unless a later one is noted.
    USED "api_key.used" = "UPDATE api_keys SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2
        AND (last_used_at IS NULL OR last_used_at < $3)";
}

fn api_key(row: &Row<'_>) -> Result<ApiKeyRow> {
    Ok(ApiKeyRow {
        tenant: row.get(0)?,
        id: row.get(1)?,
        name: row.get(2)?,
        role: row.word(3, Role::parse)?,
        created_at: row.get(4)?,
        revoked_at: row.get(5)?,
        last_used_at: row.get(6)?,
    })
}

impl Store {
    /// The key whose secret has this hash.
    pub async fn api_key_by_hash(&self, hash: &[u8]) -> Result<Option<ApiKeyRow>> {
        self.point(&BY_HASH, params![hash], api_key).await
    }

    /// At most `limit` keys, by id, behind `after`.
    pub async fn api_keys(&self, tenant: TenantId, after: Option<ApiKeyId>, limit: u32) -> Result<Vec<ApiKeyRow>> {
        let after = after.unwrap_or(ApiKeyId(uuid::Uuid::nil()));
        self.query(&PAGE, params![tenant, after, limit], api_key).await
    }
}

impl Tx<'_> {
    /// Stores a key by the hash of its secret.
    pub fn api_key_create(
        &mut self,
        tenant: TenantId,
        id: ApiKeyId,
        hash: &[u8],
        name: &str,
        role: Role,
        now: Time,
    ) -> Result<()> {
        self.execute(&INSERT, params![tenant, id, hash, name, role.as_str(), now]).map(|_| ())
    }

    /// Takes a key back; false when there is none that is good.
    pub fn api_key_revoke(&mut self, tenant: TenantId, id: ApiKeyId, now: Time) -> Result<bool> {
        Ok(self.execute(&REVOKE, params![tenant, id, now])? == 1)
    }

    /// Notes that a key was used.
    pub fn api_key_used(&mut self, tenant: TenantId, id: ApiKeyId, now: Time) -> Result<()> {
        self.execute(&USED, params![tenant, id, now]).map(|_| ())
    }
}

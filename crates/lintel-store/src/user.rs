//! Users: people who sign in.

use std::fmt;

use lintel_domain::{
    clock::Time,
    id::{TenantId, UserId},
    scope::Role,
};

use crate::{Result, Store, Tx, db::Row, params};

/// A user as one is kept. `Debug` leaves the password's hash out.
#[derive(Clone, PartialEq)]
pub struct UserRow {
    /// Whose.
    pub tenant: TenantId,
    /// Id.
    pub id: UserId,
    /// The name to sign in with, in lower case.
    pub email: String,
    /// The password's Argon2 hash; without one nobody can sign in.
    pub password_hash: Option<String>,
    /// Role.
    pub role: Role,
    /// When made.
    pub created_at: Time,
    /// When shut out.
    pub disabled_at: Option<Time>,
}

crate::sql! {
    /// A new user, unless the address is taken.
    INSERT "user.insert" = "INSERT INTO users (tenant_id, id, email, password_hash, role, created_at)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, email) DO NOTHING";
    /// By address.
    BY_EMAIL "user.by_email" = "SELECT tenant_id, id, email, password_hash, role, created_at, disabled_at
        FROM users WHERE tenant_id = $1 AND email = $2";
    /// By id.
    BY_ID "user.by_id" = "SELECT tenant_id, id, email, password_hash, role, created_at, disabled_at
        FROM users WHERE tenant_id = $1 AND id = $2";
    /// A page, by id.
    PAGE "user.page" = "SELECT tenant_id, id, email, password_hash, role, created_at, disabled_at
        FROM users WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    /// Shuts out.
    DISABLE "user.disable" = "UPDATE users SET disabled_at = $3 WHERE tenant_id = $1 AND id = $2 AND disabled_at IS NULL";
}

impl fmt::Debug for UserRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRow")
            .field("tenant", &self.tenant)
            .field("id", &self.id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

fn user(row: &Row<'_>) -> Result<UserRow> {
    Ok(UserRow {
        tenant: row.get(0)?,
        id: row.get(1)?,
        email: row.get(2)?,
        password_hash: row.get(3)?,
        role: row.word(4, Role::parse)?,
        created_at: row.get(5)?,
        disabled_at: row.get(6)?,
    })
}

impl Store {
    /// The user with this address, in lower case.
    pub async fn user_by_email(&self, tenant: TenantId, email: &str) -> Result<Option<UserRow>> {
        self.point(&BY_EMAIL, params![tenant, email], user).await
    }

    /// One user.
    pub async fn user_get(&self, tenant: TenantId, id: UserId) -> Result<Option<UserRow>> {
        self.point(&BY_ID, params![tenant, id], user).await
    }

    /// At most `limit` users, by id, behind `after`.
    pub async fn users(&self, tenant: TenantId, after: Option<UserId>, limit: u32) -> Result<Vec<UserRow>> {
        let after = after.unwrap_or(UserId(uuid::Uuid::nil()));
        self.query(&PAGE, params![tenant, after, limit], user).await
    }
}

impl Tx<'_> {
    /// Stores a user; false when the address is taken.
    pub fn user_create(
        &mut self,
        tenant: TenantId,
        id: UserId,
        email: &str,
        password_hash: Option<&str>,
        role: Role,
        now: Time,
    ) -> Result<bool> {
        Ok(self.execute(&INSERT, params![tenant, id, email, password_hash, role.as_str(), now])? == 1)
    }

    /// Shuts a user out; false when that was so already.
    pub fn user_disable(&mut self, tenant: TenantId, id: UserId, now: Time) -> Result<bool> {
        Ok(self.execute(&DISABLE, params![tenant, id, now])? == 1)
    }
}

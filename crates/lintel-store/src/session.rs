//! Sessions: looked up by the hash of what the browser shows, before the tenant is known.

use lintel_domain::{
    clock::Time,
    id::{TenantId, UserId},
    scope::Role,
};

use crate::{Result, Store, Tx, db::Row, params};

/// A session with what decides whether it is good.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRow {
    /// Whose tenant.
    pub tenant: TenantId,
    /// Whose.
    pub user: UserId,
    /// The user's role now.
    pub role: Role,
    /// Until when.
    pub expires_at: Time,
    /// When the user was shut out.
    pub disabled_at: Option<Time>,
}

crate::sql! {
    /// A new session.
    INSERT "session.insert" = "INSERT INTO sessions (token_hash, tenant_id, user_id, created_at, seen_at, expires_at)
        VALUES ($1, $2, $3, $4, $4, $5)";
    /// By the token's hash.
    BY_HASH "session.by_hash" across_tenants = "SELECT s.tenant_id, s.user_id, u.role, s.expires_at, u.disabled_at
        FROM sessions s JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id WHERE s.token_hash = $1";
    /// Signing out.
    DELETE "session.delete" across_tenants = "DELETE FROM sessions WHERE token_hash = $1";
    /// Every session of a user.
    DELETE_OF_USER "session.delete_of_user" = "DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2";
    /// What is over.
    FORGET "session.forget" across_tenants = "DELETE FROM sessions WHERE expires_at <= $1";
}

fn session(row: &Row<'_>) -> Result<SessionRow> {
    Ok(SessionRow {
        tenant: row.get(0)?,
        user: row.get(1)?,
        role: row.word(2, Role::parse)?,
        expires_at: row.get(3)?,
        disabled_at: row.get(4)?,
    })
}

impl Store {
    /// The session whose token has this hash.
    pub async fn session_by_hash(&self, hash: &[u8]) -> Result<Option<SessionRow>> {
        self.point(&BY_HASH, params![hash], session).await
    }
}

impl Tx<'_> {
    /// Begins a session.
    pub fn session_create(
        &mut self,
        tenant: TenantId,
        user: UserId,
        hash: &[u8],
        now: Time,
        expires_at: Time,
    ) -> Result<()> {
        self.execute(&INSERT, params![hash, tenant, user, now, expires_at]).map(|_| ())
    }

    /// Ends a session; false when there was none.
    pub fn session_delete(&mut self, hash: &[u8]) -> Result<bool> {
        Ok(self.execute(&DELETE, params![hash])? == 1)
    }

    /// Ends every session of a user.
    pub fn sessions_delete_of_user(&mut self, tenant: TenantId, user: UserId) -> Result<u64> {
        self.execute(&DELETE_OF_USER, params![tenant, user])
    }

    /// Removes what is over.
    pub fn sessions_forget(&mut self, now: Time) -> Result<u64> {
        self.execute(&FORGET, params![now])
    }
}

//! Tenants: brokerage accounts.

use std::fmt;

use lintel_domain::{clock::Time, id::TenantId};

use crate::{Result, Store, Tx, db::Row, params};

/// A tenant as it is kept. `Debug` leaves the secret out.
#[derive(Clone, PartialEq)]
pub struct TenantRow {
    /// Its id.
    pub id: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// A secret of its own: what hashes of erased people and cursors are keyed with.
    pub erasure_key: Vec<u8>,
    /// When it was set up.
    pub created_at: Time,
}

crate::sql! {
    /// A new tenant, unless the slug is taken.
    INSERT "tenant.insert" = "INSERT INTO tenants (id, slug, name, erasure_key, created_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (slug) DO NOTHING";
    /// By its slug.
    BY_SLUG "tenant.by_slug" across_tenants = "SELECT id, slug, name, erasure_key, created_at FROM tenants WHERE slug = $1";
    /// All of them.
    IDS "tenant.ids" across_tenants = "SELECT id FROM tenants ORDER BY id";
    /// By its id.
    BY_ID "tenant.by_id" = "SELECT id, slug, name, erasure_key, created_at FROM tenants WHERE id = $1";
}

impl fmt::Debug for TenantRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantRow").field("id", &self.id).field("slug", &self.slug).finish_non_exhaustive()
    }
}

fn tenant(row: &Row<'_>) -> Result<TenantRow> {
    Ok(TenantRow {
        id: row.get(0)?,
        slug: row.get(1)?,
        name: row.get(2)?,
        erasure_key: row.get(3)?,
        created_at: row.get(4)?,
    })
}

impl Store {
    /// The tenant with this slug.
    pub async fn tenant_by_slug(&self, slug: &str) -> Result<Option<TenantRow>> {
        self.point(&BY_SLUG, params![slug], tenant).await
    }

    /// The ids of all tenants.
    pub async fn tenant_ids(&self) -> Result<Vec<TenantId>> {
        self.query(&IDS, params![], |row| row.get(0)).await
    }

    /// One tenant.
    pub async fn tenant_get(&self, id: TenantId) -> Result<Option<TenantRow>> {
        self.point(&BY_ID, params![id], tenant).await
    }
}

impl Tx<'_> {
    /// The tenant with this slug, made with the given id and secret when there is none yet; which it is.
    pub fn tenant_ensure(
        &mut self,
        id: TenantId,
        slug: &str,
        name: &str,
        erasure_key: &[u8],
        now: Time,
    ) -> Result<TenantId> {
        self.execute(&INSERT, params![id, slug, name, erasure_key, now])?;
        self.query_one(&BY_SLUG, params![slug], |row| row.get(0))
    }
}

//! Administration of users and keys.

use lintel_domain::{
    clock::Time,
    id::{ApiKeyId, UserId},
    scope::{Actor, Role},
    text::check,
};
use lintel_store::{api_key::ApiKeyRow, user::UserRow};
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::{App, Error, KeyGrant, Listed, NewKey, NewUser, Paging, Principal, Result, cache::Caches, secret};

/// A user as an administrator sees one.
#[derive(Clone, Debug)]
pub struct UserView {
    /// Id.
    pub id: UserId,
    /// E-mail address, the name to sign in with.
    pub email: String,
    /// Role.
    pub role: Role,
    /// When made.
    pub created_at: Time,
    /// When shut out.
    pub disabled_at: Option<Time>,
}

/// A key as an administrator sees one; the secret is shown once, at its making.
#[derive(Clone, Debug)]
pub struct KeyView {
    /// Id.
    pub id: ApiKeyId,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// When made.
    pub created_at: Time,
    /// When last used, to the minute or so.
    pub last_used_at: Option<Time>,
    /// When taken back.
    pub revoked_at: Option<Time>,
}

/// Who is calling, for people.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub who: Principal,
    /// The tenant's slug.
    pub slug: String,
    /// The user's e-mail address, when a person is signed in.
    pub email: Option<String>,
    /// Whether it is the tenant of the demonstration.
    pub demo: bool,
}

/// The slug of the tenant of the demonstration.
pub const DEMO_TENANT: &str = "demo";

/// The shortest password.
const SHORTEST: usize = 10;

impl App {
    /// What there is to say about a caller.
    pub async fn caller(&self, who: Principal) -> Result<Caller> {
        let slug = self.0.store.tenant_get(who.tenant).await?.ok_or(Error::NotFound("tenant"))?.slug;
        let email = match who.actor {
            Actor::User(id) => self.0.store.user_get(who.tenant, id).await?.map(|user| user.email),
            Actor::Key(_) | Actor::System => None,
        };
        Ok(Caller { who, demo: slug == DEMO_TENANT, slug, email })
    }

    /// Makes a user; a taken address is a conflict, and nobody hands out a role above their own.
    pub async fn user_create(&self, who: &Principal, new: NewUser) -> Result<UserView> {
        may_grant(who, new.role)?;
        let email = new.email.trim().to_lowercase();
        if email.len() > 254 || !email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
        {
            return Err(Error::invalid("/email", "not_an_address", "an e-mail address has a name, @ and a host"));
        }
        if new.password.expose_secret().chars().count() < SHORTEST {
            return Err(Error::invalid(
                "/password",
                "too_short",
                format!("a password has at least {SHORTEST} characters"),
            ));
        }
        let password = new.password.clone();
        let password_hash = self.blocking(move || secret::password_hash(&password)).await??;
        let now = self.clock().now();
        let (tenant, role, id) = (who.tenant, new.role, UserId(self.0.ids.next(now)));
        let audit = self.audit_entry(who, "user.create", id.to_string(), json!({ "role": role }), now);
        let address = email.clone();
        let write = self.0.store.write(move |tx| {
            if !tx.user_create(tenant, id, &address, Some(&password_hash), role, now)? {
                return Ok(false);
            }
            tx.audit(tenant, &audit)?;
            Ok::<_, lintel_store::Error>(true)
        });
        if !write.await? {
            return Err(Error::Conflict {
                code: "email_taken",
                detail: "there is a user with this e-mail address".into(),
            });
        }
        Ok(UserView { id, email, role, created_at: now, disabled_at: None })
    }

    /// The tenant's users.
    pub async fn users(&self, who: &Principal, paging: Paging) -> Result<Listed<UserView>> {
        let (limit, after) = (paging.limit()?, self.after(who, "users", &paging).await?);
        let rows = self.0.store.users(who.tenant, after.map(UserId), limit + 1).await?;
        self.listed(who, "users", limit, rows, |row| row.id.0, UserView::from).await
    }

    /// Shuts a user out and ends their sessions. An administrator cannot shut out an owner.
    pub async fn user_disable(&self, who: &Principal, id: UserId) -> Result<UserView> {
        let row = self.0.store.user_get(who.tenant, id).await?.ok_or(Error::NotFound("user"))?;
        may_grant(who, row.role)?;
        let (tenant, now) = (who.tenant, self.clock().now());
        let audit = self.audit_entry(who, "user.disable", id.to_string(), json!({}), now);
        let write = self.0.store.write(move |tx| {
            tx.user_disable(tenant, id, now)?;
            tx.sessions_delete_of_user(tenant, id)?;
            tx.audit(tenant, &audit)
        });
        write.await?;
        let row = self.0.store.user_get(who.tenant, id).await?.ok_or(Error::NotFound("user"))?;
        Ok(row.into())
    }

    /// Makes a key; nobody hands out a role above their own.
    pub async fn key_create(&self, who: &Principal, new: NewKey) -> Result<KeyGrant> {
        may_grant(who, new.role)?;
        if new.name.is_empty() || check(&new.name, 200).is_err() {
            return Err(Error::invalid("/name", "not_a_name", "a name has 1 to 200 bytes"));
        }
        let now = self.clock().now();
        let (tenant, role, id) = (who.tenant, new.role, ApiKeyId(self.0.ids.next(now)));
        let key = secret::token("lk")?;
        let hash = secret::token_hash(key.expose_secret());
        let audit = self.audit_entry(who, "key.create", id.to_string(), json!({ "role": role, "name": new.name }), now);
        let name = new.name.clone();
        let write = self.0.store.write(move |tx| {
            tx.api_key_create(tenant, id, &hash, &name, role, now)?;
            tx.audit(tenant, &audit)
        });
        write.await?;
        Ok(KeyGrant { id, key, name: new.name, role })
    }

    /// The tenant's keys.
    pub async fn keys(&self, who: &Principal, paging: Paging) -> Result<Listed<KeyView>> {
        let (limit, after) = (paging.limit()?, self.after(who, "keys", &paging).await?);
        let rows = self.0.store.api_keys(who.tenant, after.map(ApiKeyId), limit + 1).await?;
        self.listed(who, "keys", limit, rows, |row| row.id.0, KeyView::from).await
    }

    /// Takes a key back. When this returns no process lets it in any more: each looks up a key again after a short while, and
    /// that while is waited for.
    pub async fn key_revoke(&self, who: &Principal, id: ApiKeyId) -> Result<()> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let audit = self.audit_entry(who, "key.revoke", id.to_string(), json!({}), now);
        let write = self.0.store.write(move |tx| {
            if !tx.api_key_revoke(tenant, id, now)? {
                return Ok(false);
            }
            tx.audit(tenant, &audit)?;
            Ok::<_, lintel_store::Error>(true)
        });
        if !write.await? {
            return Err(Error::NotFound("key"));
        }
        self.0.caches.key_changed();
        Caches::out_of_lease().await;
        Ok(())
    }
}

/// Nobody hands out, or takes away, a role above their own.
fn may_grant(who: &Principal, role: Role) -> Result<()> {
    if who.role.may_grant(role) { Ok(()) } else { Err(Error::Forbidden(who.role)) }
}

impl From<UserRow> for UserView {
    fn from(row: UserRow) -> Self {
        Self { id: row.id, email: row.email, role: row.role, created_at: row.created_at, disabled_at: row.disabled_at }
    }
}

impl From<ApiKeyRow> for KeyView {
    fn from(row: ApiKeyRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            role: row.role,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        }
    }
}

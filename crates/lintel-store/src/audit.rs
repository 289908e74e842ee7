//! The audit log: every privileged act, append-only.

use lintel_domain::{
    clock::Time,
    id::{ApiKeyId, TenantId, UserId},
    scope::Actor,
};
use uuid::Uuid;

use crate::{Error, Result, Store, Tx, db::Row, params};

/// An act to be noted.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAudit {
    /// A new id.
    pub id: Uuid,
    /// When.
    pub at: Time,
    /// Who.
    pub actor: Actor,
    /// What, such as `key.create`.
    pub action: String,
    /// On what.
    pub subject: String,
    /// Details.
    pub detail: serde_json::Value,
}

/// An act that was noted.
pub type AuditRow = NewAudit;

crate::sql! {
    /// One act.
    INSERT "audit.insert" = "INSERT INTO audit (tenant_id, at, id, actor, actor_id, action, subject, detail)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// A page, the newest first.
    PAGE "audit.page" = "SELECT at, id, actor, actor_id, action, subject, detail FROM audit
        WHERE tenant_id = $1 AND (at, id) < ($2, $3) ORDER BY at DESC, id DESC LIMIT $4";
}

fn audit(row: &Row<'_>) -> Result<AuditRow> {
    let (word, id): (String, Option<Uuid>) = (row.get(2)?, row.get(3)?);
    let actor = match (word.as_str(), id) {
        ("user", Some(id)) => Actor::User(UserId(id)),
        ("key", Some(id)) => Actor::Key(ApiKeyId(id)),
        ("system", None) => Actor::System,
        _ => return Err(Error::Column { index: 2, message: format!("unknown actor {word:?}") }),
    };
    Ok(AuditRow {
        at: row.get(0)?,
        id: row.get(1)?,
        actor,
        action: row.get(4)?,
        subject: row.get(5)?,
        detail: row.get(6)?,
    })
}

impl Store {
    /// At most `limit` acts, the newest first, behind `before`.
    pub async fn audit_page(
        &self,
        tenant: TenantId,
        before: Option<(Time, Uuid)>,
        limit: u32,
    ) -> Result<Vec<AuditRow>> {
        let (at, id) = before.unwrap_or((Time(i64::MAX), Uuid::max()));
        self.query(&PAGE, params![tenant, at, id, limit], audit).await
    }
}

impl Tx<'_> {
    /// Notes an act, in the commit of what it did.
    pub fn audit(&mut self, tenant: TenantId, act: &NewAudit) -> Result<()> {
        let (actor, actor_id) = match act.actor {
            Actor::User(id) => ("user", Some(id.0)),
            Actor::Key(id) => ("key", Some(id.0)),
            Actor::System => ("system", None),
        };
        let values = params![tenant, act.at, act.id, actor, actor_id, &act.action, &act.subject, &act.detail];
        self.execute(&INSERT, values).map(|_| ())
    }
}

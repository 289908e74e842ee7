//! Whose rows a statement sees: the second wall beside the tenant condition that every statement has.
//!
//! Policies on the tables compare each row's tenant with the setting `lintel.tenant` of the session. It is set right
//! before the statement and sent together with it, so it costs the server a little work and nobody a round trip.

use std::borrow::Cow;

use deadpool_postgres::ClientWrapper;
use futures_util::future::join;
use tokio_postgres::{Error, types::ToSql};
use uuid::Uuid;

use crate::db::{Sql, Value};

/// Whose rows are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Nobody,
    Tenant(Uuid),
    Everybody,
}

/// Sets it for a session, and for a transaction.
pub(super) const IN_SESSION: &str = "SELECT set_config('lintel.tenant', $1, false)";
const IN_TRANSACTION: &str = "SELECT set_config('lintel.tenant', $1, true)";

impl Scope {
    /// What a statement with these parameters may see.
    pub(super) fn of(sql: &Sql, params: &[Value]) -> Self {
        if sql.is_across_tenants() {
            return Self::Everybody;
        }
        let tenant = params.iter().find_map(|value| match value {
            Value::Tenant(tenant) => Some(*tenant),
            _ => None,
        });
        tenant.map_or(Self::Nobody, Self::Tenant)
    }

    /// The setting's value.
    pub(super) fn value(self) -> Cow<'static, str> {
        match self {
            Self::Nobody => Cow::Borrowed(""),
            Self::Tenant(tenant) => Cow::Owned(tenant.to_string()),
            Self::Everybody => Cow::Borrowed("all"),
        }
    }
}

/// Whose rows a connection sees now, as far as whoever uses it knows.
#[derive(Debug)]
pub(super) enum Seen {
    /// A connection for one read: whoever had it before may have left it seeing anybody's.
    Anybodys,
    /// Inside a transaction.
    Inside(Scope),
}

impl Seen {
    /// Asks within a scope. Where it has to be set first, both are sent at once, so what `asking` needs must have been
    /// prepared: its first poll has to send it. When setting fails, that is the answer.
    pub(super) async fn ask<T>(
        &mut self,
        client: &ClientWrapper,
        scope: Scope,
        asking: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let text = match self {
            // A statement of no tenant in a write: what it may see does not matter more than what the last one saw.
            Self::Inside(now) if *now == scope || scope == Scope::Nobody => return asking.await,
            Self::Inside(_) => IN_TRANSACTION,
            Self::Anybodys => IN_SESSION,
        };
        let statement = client.prepare_cached(text).await?;
        let value = scope.value();
        let params: [&(dyn ToSql + Sync); 1] = [&value];
        let (set, answer) = join(client.query(&statement, &params), asking).await;
        set?;
        if let Self::Inside(now) = self {
            *now = scope;
        }
        answer
    }
}

//! Who acts, for which tenant, and what they may do.

use serde::{Deserialize, Serialize};

use crate::{
    contact::words,
    id::{ApiKeyId, TenantId, UserId},
};

/// What a user or a key is in its tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// May do everything, also to the account itself.
    Owner,
    /// May do everything but hand over the account.
    Admin,
    /// Works with leads and listings.
    Agent,
    /// Reads everything but personal settings; prices homes and follows markets.
    Analyst,
    /// Reads leads and listings.
    ReadOnly,
}

words!(Role {
    Owner => "owner",
    Admin => "admin",
    Agent => "agent",
    Analyst => "analyst",
    ReadOnly => "read-only",
});

/// One thing that can be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Read leads, their timelines and scores.
    ReadLeads,
    /// Create and change leads.
    WriteLeads,
    /// Read listings, search, match and estimate.
    ReadListings,
    /// Create and change listings.
    WriteListings,
    /// Import.
    Import,
    /// Keys, users, jobs, audit, exports.
    Administer,
}

impl Role {
    /// Whether the role allows it.
    pub fn allows(self, permission: Permission) -> bool {
        use Permission::{Import, ReadLeads, ReadListings, WriteLeads, WriteListings};
        match self {
            Self::Owner | Self::Admin => true,
            Self::Agent => matches!(permission, ReadLeads | WriteLeads | ReadListings | WriteListings),
            Self::Analyst => matches!(permission, ReadLeads | ReadListings | Import),
            Self::ReadOnly => matches!(permission, ReadLeads | ReadListings),
        }
    }

    /// Whether the role may give `other` to somebody: nobody hands out more than they have.
    pub fn may_grant(self, other: Self) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => other != Self::Owner,
            Self::Agent | Self::Analyst | Self::ReadOnly => false,
        }
    }
}

/// Who is behind a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person who signed in.
    User(UserId),
    /// A program with a key.
    Key(ApiKeyId),
    /// Lintel itself: a command line, a job, a follower.
    System,
}

/// Who acts, for which tenant, as what. The tenant of every call comes from here and from nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    /// For which tenant.
    pub tenant: TenantId,
    /// Who.
    pub actor: Actor,
    /// As what.
    pub role: Role,
}

impl Principal {
    /// Lintel itself, which may do everything within a tenant.
    pub fn system(tenant: TenantId) -> Self {
        Self { tenant, actor: Actor::System, role: Role::Owner }
    }
}

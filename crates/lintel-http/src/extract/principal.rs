//! Who is calling, as a type that says what they may do.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use http::request::Parts;
use lintel_app::{Error as AppError, Principal};
use lintel_domain::scope::Permission;

use crate::{
    error::{Error, Result},
    problem::Code,
    state::Edge,
};

/// A permission as a type.
pub(crate) trait Permit: Send {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permits {
    ($($name:ident),+) => {$(
        #[doc = concat!("See [`Permission::", stringify!($name), "`].")]
        pub(crate) struct $name;

        impl Permit for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )+};
}

permits!(ReadLeads, WriteLeads, ReadListings, WriteListings, Import, Administer);

/// A caller who has the permission. Handlers take their tenant from here and from nowhere else.
pub(crate) struct Allow<P> {
    /// Who.
    pub(crate) who: Principal,
    permit: PhantomData<P>,
}

impl<P: Permit> FromRequestParts<Edge> for Allow<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Edge) -> Result<Self> {
        let who = principal(parts)?;
        if who.role.allows(P::PERMISSION) {
            Ok(Self { who, permit: PhantomData })
        } else {
            Err(AppError::Forbidden(who.role).into())
        }
    }
}

/// The caller that the authenticating layer found.
fn principal(parts: &Parts) -> Result<Principal> {
    parts.extensions.get::<Principal>().copied().ok_or_else(|| Error::plain(Code::Unauthorized))
}

/// Anybody who is known, whatever their role.
pub(crate) struct Session(pub(crate) Principal);

impl FromRequestParts<Edge> for Session {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Edge) -> Result<Self> {
        principal(parts).map(Self)
    }
}

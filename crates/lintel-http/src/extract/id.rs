//! Ids in paths: one that cannot exist is not found, like one that does not exist.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{
    error::{Error, Result},
    problem::Code,
    state::Edge,
};

/// The id in the path.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Edge> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, edge: &Edge) -> Result<Self> {
        let Path(id) = Path::<T>::from_request_parts(parts, edge).await.map_err(|_| Error::plain(Code::NotFound))?;
        Ok(Self(id))
    }
}

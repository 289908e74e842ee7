//! Rows by their ids, in the order asked for.

use std::{collections::HashMap, hash::Hash};

use lintel_domain::id::TenantId;
use uuid::Uuid;

use crate::{
    Result, Store,
    db::{POINTS, Row, Sql},
    params,
};

impl Store {
    /// The rows of a tenant that a statement with the parameters tenant and ids finds, in no order: few of them by the
    /// shortest way, many where they hold up nobody.
    pub(crate) async fn by_ids<T, F>(
        &self,
        sql: &'static Sql,
        tenant: TenantId,
        ids: Vec<Uuid>,
        map: F,
    ) -> Result<Vec<T>>
    where
        T: Send + 'static,
        F: Fn(&Row<'_>) -> Result<T> + Send + 'static,
    {
        match ids.len() {
            0 => Ok(Vec::new()),
            1..=POINTS => self.points(sql, params![tenant, ids], map).await,
            _ => self.query(sql, params![tenant, ids], map).await,
        }
    }
}

/// What was found, in the order of `ids`; an id asked for twice has its row twice.
pub(crate) fn in_order<I: Copy + Eq + Hash, T: Clone>(ids: &[I], found: Vec<T>, id_of: impl Fn(&T) -> I) -> Vec<T> {
    let mut found: HashMap<I, T> = found.into_iter().map(|one| (id_of(&one), one)).collect();
    let taken = ids.iter().enumerate().filter_map(|(place, id)| {
        let again = ids[place + 1..].contains(id);
        if again { found.get(id).cloned() } else { found.remove(id) }
    });
    taken.collect()
}

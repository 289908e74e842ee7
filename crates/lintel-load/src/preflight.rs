//! A few questions asked one by one before measuring: speed of empty or refused answers is worth nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::operation::{Operation, Prepared};
use crate::pool::Pool;
use crate::sample::beginning;

/// How many answers of an operation held what was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Useful {
    /// Questions asked.
    pub asked: u32,
    /// Answers with what was asked for.
    pub useful: u32,
}

/// Asks the first `count` requests; any answer but a 2xx with JSON is an error that shows it.
pub async fn check(
    pool: &Pool,
    requests: &[Arc<Prepared>],
    count: usize,
) -> Result<BTreeMap<Operation, Useful>, Error> {
    let mut found: BTreeMap<Operation, Useful> = BTreeMap::new();
    for request in requests.iter().take(count) {
        let wrong = |answer: String| Error::Answer { path: request.path.clone(), answer };
        let (status, body) = pool.exchange(request).await.map_err(|outcome| wrong(format!("{outcome:?}")))?;
        if !(200..300).contains(&status) {
            return Err(wrong(format!("{status} {}", beginning(&body))));
        }
        let answer = serde_json::from_slice(&body).map_err(|error| wrong(format!("unexpected JSON: {error}")))?;
        let entry = found.entry(request.operation).or_default();
        entry.asked += 1;
        entry.useful += u32::from(request.operation.is_useful(&answer));
    }
    Ok(found)
}

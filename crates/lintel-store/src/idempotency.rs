//! Answers to repeated requests: the first request with a key does the work, the others get its answer.

use lintel_domain::{
    clock::{DAY, SECOND, Time},
    id::TenantId,
};
use uuid::Uuid;

use crate::{Error, Result, Store, Tx, db::Row, params};

/// How long an answer is kept, in microseconds.
pub const KEPT: i64 = DAY;
/// How long a request may run before a repetition takes it over, in microseconds: its process is then taken for dead.
pub const LEASE: i64 = 60 * SECOND;

/// A request with a key. Tenant, method, path and key together name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whose request.
    pub tenant: TenantId,
    /// The HTTP method.
    pub method: String,
    /// The path without query.
    pub path: String,
    /// What the client sent as its key.
    pub key: String,
    /// A hash of the body (and the query), to tell a repetition from another request under the same key.
    pub hash: Vec<u8>,
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers that are given again.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What to do with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Nobody has done it: do it, then say so with this ticket.
    Started(Ticket),
    /// It has been done; this was the answer.
    Replay(Answer),
    /// The key belongs to a request with another body.
    Mismatch,
    /// It is being done; ask again after this many microseconds at the latest.
    Running(i64),
}

/// The right to answer a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    request: Request,
    fence: Uuid,
}

crate::sql! {
    /// The first request, or one that takes over what has expired.
    BEGIN "idempotency.begin" = "INSERT INTO idempotency_keys
            (tenant_id, method, path, key, request_hash, fence, lease_until, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (tenant_id, method, path, key) DO UPDATE SET request_hash = excluded.request_hash,
            fence = excluded.fence, lease_until = excluded.lease_until, expires_at = excluded.expires_at,
            status = NULL, headers = NULL, body = NULL
        WHERE idempotency_keys.expires_at <= $9
            OR (idempotency_keys.status IS NULL AND idempotency_keys.lease_until <= $9)";
    /// What is known of a request.
    FIND "idempotency.find" = "SELECT request_hash, lease_until, status, headers, body FROM idempotency_keys
        WHERE tenant_id = $1 AND method = $2 AND path = $3 AND key = $4";
    /// The answer.
    FINISH "idempotency.finish" = "UPDATE idempotency_keys SET status = $6, headers = $7, body = $8
        WHERE tenant_id = $1 AND method = $2 AND path = $3 AND key = $4 AND fence = $5 AND status IS NULL";
    /// No answer that is to be repeated: the next request does it again.
    ABANDON "idempotency.abandon" = "DELETE FROM idempotency_keys
        WHERE tenant_id = $1 AND method = $2 AND path = $3 AND key = $4 AND fence = $5 AND status IS NULL";
    /// What nobody will ask for any more.
    FORGET "idempotency.forget" across_tenants = "DELETE FROM idempotency_keys WHERE expires_at <= $1";
}

impl Store {
    /// Begins a request. `fence` is a new id.
    pub async fn idempotency_begin(&self, request: Request, fence: Uuid, now: Time) -> Result<Begun> {
        self.write(move |tx| begin(tx, &request, fence, now)).await
    }
}

impl Tx<'_> {
    /// Stores the answer. In the write that did the work, work and answer are kept together;
    /// [`Error::LeaseLost`] undoes both, because a repetition has taken the request over.
    pub fn idempotency_finish(&mut self, ticket: &Ticket, answer: &Answer) -> Result<()> {
        let Ticket { request: r, fence } = ticket;
        let headers =
            serde_json::to_value(&answer.headers).map_err(|source| Error::Decode { what: "headers", source })?;
        let changed = self.execute(
            &FINISH,
            params![r.tenant, &r.method, &r.path, &r.key, *fence, answer.status, headers, &answer.body,],
        )?;
        if changed == 1 { Ok(()) } else { Err(Error::LeaseLost { what: "idempotency key" }) }
    }

    /// Forgets the request, so that a repetition does it again: after an answer that is not to be repeated.
    pub fn idempotency_abandon(&mut self, ticket: &Ticket) -> Result<()> {
        let Ticket { request: r, fence } = ticket;
        self.execute(&ABANDON, params![r.tenant, &r.method, &r.path, &r.key, *fence]).map(|_| ())
    }

    /// Removes what has expired.
    pub fn idempotency_forget(&mut self, now: Time) -> Result<u64> {
        self.execute(&FORGET, params![now])
    }
}

fn begin(tx: &mut Tx<'_>, request: &Request, fence: Uuid, now: Time) -> Result<Begun> {
    let r = request;
    let started = tx.execute(
        &BEGIN,
        params![r.tenant, &r.method, &r.path, &r.key, &r.hash, fence, now.plus(LEASE), now.plus(KEPT), now,],
    )?;
    if started == 1 {
        return Ok(Begun::Started(Ticket { request: request.clone(), fence }));
    }
    let found = tx.query_opt(&FIND, params![r.tenant, &r.method, &r.path, &r.key], found)?;
    Ok(match found {
        Some(found) if found.hash != request.hash => Begun::Mismatch,
        Some(Found { answer: Some(answer), .. }) => Begun::Replay(answer),
        Some(found) => Begun::Running(found.lease_until.since(now).max(SECOND)),
        // Abandoned between the two statements: the client asks again and then starts.
        None => Begun::Running(SECOND),
    })
}

struct Found {
    hash: Vec<u8>,
    lease_until: Time,
    answer: Option<Answer>,
}

fn found(row: &Row<'_>) -> Result<Found> {
    let answer = match row.get::<Option<i64>>(2)? {
        None => None,
        Some(status) => Some(Answer {
            status: u16::try_from(status).unwrap_or(500),
            headers: serde_json::from_value(row.get(3)?).map_err(|source| Error::Decode { what: "headers", source })?,
            body: row.get(4)?,
        }),
    };
    Ok(Found { hash: row.get(0)?, lease_until: row.get(1)?, answer })
}

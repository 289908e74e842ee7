//! Who is there: keys, passwords and sessions.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use lintel_domain::{
    clock::{DAY, SECOND, Time},
    id::{ApiKeyId, UserId},
    scope::{Actor, Principal, Role},
};
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::{App, Error, Result, cache, secret};

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// For people.
    pub name: String,
    /// What its bearer may do.
    pub role: Role,
}

/// A new key. The secret is shown this once.
#[derive(Clone, Debug)]
pub struct KeyGrant {
    /// Id.
    pub id: ApiKeyId,
    /// The secret, to be sent as a bearer token.
    pub key: SecretString,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
}

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The name to sign in with.
    pub email: String,
    /// Role.
    pub role: Role,
    /// At least 10 characters.
    pub password: SecretString,
}

/// An attempt to sign in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The tenant's slug.
    pub tenant: String,
    /// Who.
    pub email: String,
    /// Proof.
    pub password: SecretString,
    /// From where, for throttling.
    pub address: IpAddr,
}

/// A session that was begun.
#[derive(Clone, Debug)]
pub struct SessionGrant {
    /// The cookie's value.
    pub token: SecretString,
    /// Who.
    pub user: UserId,
    /// As what.
    pub principal: Principal,
    /// Until when.
    pub expires_at: Time,
}

/// For how long a session lasts, in microseconds: 14 days.
const SESSION: i64 = 14 * DAY;
/// How often the last use of a key is written down, in microseconds.
const LAST_USED: i64 = 60 * SECOND;

impl App {
    /// Who presents this key; nobody when it is unknown or taken back.
    pub async fn authenticate_key(&self, key: &str) -> Result<Option<Principal>> {
        let hash = secret::token_hash(key);
        let look_up = async || self.look_up_key(&hash).await.map_err(Some)?.ok_or(None);
        match self.0.caches.keys.get_or_load(&hash, &cache::of_keys(), look_up).await {
            Ok(who) => Ok(Some(who)),
            Err(None) => Ok(None),
            Err(Some(error)) => Err(error),
        }
    }

    async fn look_up_key(&self, hash: &[u8; 32]) -> Result<Option<Principal>> {
        let Some(row) = self.0.store.api_key_by_hash(hash).await? else { return Ok(None) };
        if row.revoked_at.is_some() {
            return Ok(None);
        }
        let now = self.clock().now();
        if row.last_used_at.is_none_or(|at| now.since(at) >= LAST_USED) && self.0.throttle.note_use(row.id, now) {
            let (app, tenant, id) = (self.clone(), row.tenant, row.id);
            self.0.tasks.spawn(async move {
                let noted = app.0.store.write(move |tx| tx.api_key_used(tenant, id, now)).await;
                if let Err(error) = noted {
                    tracing::debug!(error = &error as &dyn std::error::Error, "the last use of a key was not noted");
                }
            });
        }
        Ok(Some(Principal { tenant: row.tenant, actor: Actor::Key(row.id), role: row.role }))
    }

    /// Whose session this is; nobody's when it is unknown, over, or its user shut out.
    pub async fn authenticate_session(&self, token: &str) -> Result<Option<Principal>> {
        let Some(row) = self.0.store.session_by_hash(&secret::token_hash(token)).await? else { return Ok(None) };
        if row.expires_at <= self.clock().now() || row.disabled_at.is_some() {
            return Ok(None);
        }
        Ok(Some(Principal { tenant: row.tenant, actor: Actor::User(row.user), role: row.role }))
    }

    /// Begins a session. Wrong tenant, address or password are one error; too many tries are another.
    ///
    /// Tries are counted per address of the client and per account together with that address, so that nobody can shut
    /// somebody else out.
    pub async fn sign_in(&self, attempt: SignIn) -> Result<SessionGrant> {
        let now = self.clock().now();
        self.0.throttle.admit(&attempt, now)?;
        let user = match self.0.store.tenant_by_slug(&attempt.tenant).await? {
            Some(tenant) => self.0.store.user_by_email(tenant.id, &attempt.email.to_lowercase()).await?,
            None => None,
        };
        let hash = user.as_ref().filter(|user| user.disabled_at.is_none()).and_then(|user| user.password_hash.clone());
        let queued = self.0.throttle.queue.clone().try_acquire_owned();
        let queued = queued.map_err(|_| Error::TooMany { retry_after: 1 })?;
        let room = self.0.throttle.hashing.clone().acquire_owned().await.map_err(Error::internal)?;
        drop(queued);
        let password = attempt.password.clone();
        let matches = self
            .blocking(move || {
                let _room = room;
                secret::password_matches(&password, hash.as_deref())
            })
            .await?;
        let Some(user) = user.filter(|_| matches) else { return Err(Error::Unauthorized) };
        self.0.throttle.forgive(&attempt);
        let token = secret::token("ls")?;
        let principal = Principal { tenant: user.tenant, actor: Actor::User(user.id), role: user.role };
        let (hash, expires_at) = (secret::token_hash(token.expose_secret()), now.plus(SESSION));
        let audit = self.audit_entry(&principal, "session.create", user.id.to_string(), serde_json::json!({}), now);
        let write = self.0.store.write(move |tx| {
            tx.session_create(user.tenant, user.id, &hash, now, expires_at)?;
            tx.audit(user.tenant, &audit)
        });
        write.await?;
        Ok(SessionGrant { token, user: user.id, principal, expires_at })
    }

    /// Ends a session.
    pub async fn sign_out(&self, token: &str) -> Result<()> {
        let hash = secret::token_hash(token);
        self.0.store.write(move |tx| tx.session_delete(&hash)).await?;
        Ok(())
    }
}

/// A password that nobody has to think up: 128 random bits in words for a keyboard.
pub fn make_password() -> Result<SecretString> {
    Ok(secret::encode(&secret::random()?[..16]).into())
}

/// Counts failed attempts to sign in, in bounded memory, and bounds how many passwords are hashed at once.
pub(crate) struct Throttle {
    attempts: Mutex<HashMap<String, (u32, Time)>>,
    used: Mutex<HashMap<ApiKeyId, Time>>,
    /// Places in the line before the hashing.
    queue: Arc<Semaphore>,
    hashing: Arc<Semaphore>,
}

/// Attempts of one address in a minute, and of one address for one account.
const PER_ADDRESS: u32 = 10;
const PER_ACCOUNT: u32 = 5;
/// The window in which attempts are counted, in microseconds.
const WINDOW: i64 = 60 * SECOND;
/// Attempts that wait for their password to be hashed; more are told to come again.
const LINE: usize = 64;
/// Most entries that are remembered.
const MOST: usize = 100_000;

impl Default for Throttle {
    fn default() -> Self {
        Self {
            attempts: Mutex::default(),
            used: Mutex::default(),
            queue: Arc::new(Semaphore::new(LINE)),
            hashing: Arc::new(Semaphore::new(2)),
        }
    }
}

impl Throttle {
    /// Counts an attempt, or refuses it.
    fn admit(&self, attempt: &SignIn, now: Time) -> Result<()> {
        let mut attempts = self.attempts.lock();
        if attempts.len() >= MOST {
            attempts.retain(|_, (_, since)| now.since(*since) < WINDOW);
        }
        // As many addresses in one minute are an attack that counting cannot stop; hashing is bounded all the same.
        if attempts.len() >= MOST {
            attempts.clear();
        }
        for (key, most) in keys(attempt) {
            let (count, since) = attempts.entry(key).or_insert((0, now));
            if now.since(*since) >= WINDOW {
                (*count, *since) = (0, now);
            }
            if *count >= most {
                let left = (WINDOW - now.since(*since)).max(SECOND) / SECOND;
                return Err(Error::TooMany { retry_after: u32::try_from(left).unwrap_or(60) });
            }
            *count += 1;
        }
        Ok(())
    }

    /// Takes the attempt of somebody who has signed in off the counts, and no other: a success does not pay for guesses
    /// at other accounts.
    fn forgive(&self, attempt: &SignIn) {
        let mut attempts = self.attempts.lock();
        let [(address, _), (account, _)] = keys(attempt);
        attempts.remove(&account);
        if let Some((count, _)) = attempts.get_mut(&address) {
            *count = count.saturating_sub(1);
        }
    }

    /// Whether the use of a key is to be written down now.
    fn note_use(&self, key: ApiKeyId, now: Time) -> bool {
        let mut used = self.used.lock();
        if used.len() >= MOST {
            used.clear();
        }
        match used.insert(key, now) {
            Some(at) if now.since(at) < LAST_USED => {
                used.insert(key, at);
                false
            }
            _ => true,
        }
    }
}

/// What counts as one address: of IPv6 the 64 bits that a household or a server gets as a whole.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x}/64", u128::from(address) >> 64),
    }
}

/// Under which keys an attempt is counted, and how many each admits.
fn keys(attempt: &SignIn) -> [(String, u32); 2] {
    let SignIn { tenant, email, address, .. } = attempt;
    let address = network(*address);
    [(address.clone(), PER_ADDRESS), (format!("{address} {tenant} {}", email.to_lowercase()), PER_ACCOUNT)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(address: &str, email: &str) -> SignIn {
        SignIn {
            tenant: "t".into(),
            email: email.into(),
            password: "x".to_owned().into(),
            address: address.parse().unwrap(),
        }
    }

    #[test]
    fn guesses_from_one_address_are_bounded_and_shut_nobody_else_out() {
        let throttle = Throttle::default();
        let evaluated = (0..500).filter(|_| throttle.admit(&attempt("10.0.0.1", "a@b.c"), Time(0)).is_ok()).count();
        assert_eq!(evaluated, PER_ACCOUNT as usize);
        let evaluated =
            (0..500).filter(|i| throttle.admit(&attempt("10.0.0.2", &format!("{i}@b.c")), Time(0)).is_ok()).count();
        assert_eq!(evaluated, PER_ADDRESS as usize);
        assert!(throttle.admit(&attempt("10.0.0.3", "a@b.c"), Time(0)).is_ok());
        let evaluated = (0..500)
            .filter(|i| throttle.admit(&attempt(&format!("2001:db8::{i:x}"), "c@b.c"), Time(0)).is_ok())
            .count();
        assert_eq!(evaluated, PER_ACCOUNT as usize);
        assert!(throttle.admit(&attempt("10.0.0.1", "a@b.c"), Time(WINDOW)).is_ok());
    }
}

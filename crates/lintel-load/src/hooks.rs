//! Events of HighLevel as load: signed ahead, each with an id of its own.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use http::{HeaderValue, Method};
use lintel_domain::{
    clock::{Clock, Time},
    rng::{Ids, Rng},
};
use serde::Deserialize;
use serde_json::json;

use crate::Error;
use crate::operation::{Operation, Prepared};
use crate::pool::Pool;
use crate::sample::answer_of;

/// Name of the header with the signature.
pub(crate) const SIGNATURE: &str = "x-ghl-signature";

/// The seed of the key that signs. Anybody can sign with it: it is for servers that are measured, and for nothing else.
const SEED: [u8; 32] = *b"lintel-load: no secret, for test";

/// Where events go and by whom they are signed.
#[derive(Debug)]
pub struct Hooks {
    path: String,
    location: String,
    signer: SigningKey,
    said_at: Time,
    /// Tells the events of this run from those of others.
    run: String,
}

/// The public key of [`SEED`], as `LINTEL__CRM__HIGHLEVEL__WEBHOOK_KEYS` takes it.
pub fn public_key() -> String {
    STANDARD.encode(verifying_key().as_bytes())
}

/// The same, to verify with.
pub(crate) fn verifying_key() -> VerifyingKey {
    SigningKey::from_bytes(&SEED).verifying_key()
}

#[derive(Deserialize)]
struct Connection {
    id: String,
}

impl Hooks {
    /// Connects a location of this run's own.
    pub async fn connect(pool: &Pool) -> Result<Self, Error> {
        let said_at = Clock::System.now();
        let run = Ids::random().next(said_at).to_string();
        let location = format!("load-{run}");
        let ask = json!({"provider": "highlevel", "location_id": location, "name": "load"});
        let made: Connection = answer_of(pool, Method::POST, "/api/v1/connections".to_owned(), &ask).await?;
        Ok(Self {
            path: format!("/api/v1/hooks/highlevel/{}", made.id),
            location,
            signer: SigningKey::from_bytes(&SEED),
            said_at,
            run,
        })
    }

    /// A new contact.
    pub(crate) fn prepare(&self, rng: &mut Rng) -> Result<Prepared, Error> {
        let n = rng.below(1 << 48);
        let event = json!({
            "type": "ContactCreate", "webhookId": format!("{}-{n}", self.run), "locationId": self.location,
            "timestamp": self.said_at, "appId": "load", "id": format!("contact-{n}"), "firstName": "Ann", "lastName": format!("Lee {n}"),
            "email": format!("ann.{n}@example.com"), "phone": format!("+1555{:07}", n % 10_000_000), "source": "portal",
            "city": "Springfield", "state": "OR", "postalCode": "97477", "country": "US", "dnd": false,
            "tags": ["portal", "buyer"], "attachments": [], "dateAdded": self.said_at,
            "customFields": [{"id": "BcdmQEsNgz6AVpgLVUJ0", "value": "3 bedrooms"}, {"id": "Ji2mQEsNgz6AVpgLVKs2", "value": 650_000}],
        });
        let body = Bytes::from(event.to_string());
        let signature = STANDARD.encode(self.signer.sign(&body).to_bytes());
        let signature = HeaderValue::from_str(&signature).map_err(|_| Error::Key)?;
        Ok(Prepared {
            operation: Operation::Webhook,
            method: Method::POST,
            path: self.path.clone(),
            body,
            signature: Some(signature),
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use lintel_domain::{clock::Time, rng::Rng};
    use serde_json::Value;

    use super::{Hooks, SEED, SigningKey};

    /// Events for nobody.
    pub(crate) fn hooks() -> Hooks {
        let signer = SigningKey::from_bytes(&SEED);
        Hooks { path: "/hooks".into(), location: "L".into(), signer, said_at: Time::default(), run: "run".into() }
    }

    #[test]
    fn every_event_has_an_id_of_its_own_and_a_signature() {
        let (hooks, mut rng) = (hooks(), Rng::new(1));
        let mut ids = BTreeSet::new();
        for _ in 0..200 {
            let prepared = hooks.prepare(&mut rng).expect("an event");
            let event: Value = serde_json::from_slice(&prepared.body).expect("JSON");
            assert!(ids.insert(event["webhookId"].as_str().expect("an id").to_owned()));
            assert!(prepared.signature.is_some());
        }
    }
}

//! Whether an event is from HighLevel: Ed25519 over the bytes as they came. Whatever cannot be verified is refused.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};

/// The key that HighLevel has published.
const PUBLISHED: [u8; 32] = [
    0x8b, 0x61, 0xd1, 0xd6, 0xca, 0xcb, 0xe2, 0x8d, 0x7c, 0x3b, 0xc0, 0x51, 0x6b, 0xb8, 0x15, 0x25, 0x8e, 0xc6, 0xed,
    0xbb, 0xa9, 0x6c, 0xdd, 0xc7, 0xf4, 0x0c, 0x09, 0xac, 0x70, 0x83, 0x88, 0xe8,
];

/// What stands before the 32 bytes of an Ed25519 key in its SPKI form (RFC 8410).
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Why keys cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// One of them is no Ed25519 key.
    #[error("key {0} is no Ed25519 public key in PEM or base64")]
    Unreadable(usize),
    /// There is none.
    #[error("no key is named")]
    None,
}

/// Public keys, any of which may have signed: while keys change, the old and the new one are both good.
#[derive(Clone, Debug)]
pub struct WebhookKeys(Vec<VerifyingKey>);

impl Default for WebhookKeys {
    /// The key that HighLevel has published.
    fn default() -> Self {
        Self(VerifyingKey::from_bytes(&PUBLISHED).into_iter().collect())
    }
}

impl WebhookKeys {
    /// Reads keys, comma separated, each as PEM, as base64 of its SPKI form, or as base64 of its 32 bytes.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let keys = text.split(',').map(str::trim).filter(|key| !key.is_empty());
        let keys = keys.enumerate().map(|(at, key)| public_key(key).ok_or(KeyError::Unreadable(at + 1)));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(KeyError::None) } else { Ok(Self(keys)) }
    }

    /// Whether one of the keys signed exactly these bytes. `signature` is the value of the header `X-GHL-Signature`.
    pub fn verify(&self, signature: &[u8], body: &[u8]) -> bool {
        let mut bytes = [0; 66];
        let Ok(64) = STANDARD.decode_slice(signature, &mut bytes) else { return false };
        let Ok(signature) = Signature::from_slice(&bytes[..64]) else { return false };
        self.0.iter().any(|key| key.verify(body, &signature).is_ok())
    }
}

/// A key. One of a small order, of which everything is a signature, is none.
fn public_key(text: &str) -> Option<VerifyingKey> {
    // In an environment variable the lines of a PEM are often told apart by the two characters \ and n.
    let text = text.replace("\\n", "\n");
    let text =
        text.trim().trim_start_matches("-----BEGIN PUBLIC KEY-----").trim_end_matches("-----END PUBLIC KEY-----");
    let text: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let bytes = STANDARD.decode(text).ok()?;
    let raw = bytes.strip_prefix(&SPKI).unwrap_or(&bytes);
    let key = VerifyingKey::from_bytes(raw.try_into().ok()?).ok()?;
    (!key.is_weak()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    fn pair(seed: u8) -> (SigningKey, String) {
        let pair = SigningKey::from_bytes(&[seed; 32]);
        let key = STANDARD.encode(pair.verifying_key().as_bytes());
        (pair, key)
    }

    fn sign(pair: &SigningKey, body: &[u8]) -> String {
        STANDARD.encode(pair.sign(body).to_bytes())
    }

    #[test]
    fn a_key_reads_the_same_in_every_form() {
        let (_, raw) = pair(1);
        let spki = STANDARD.encode([&SPKI[..], &STANDARD.decode(&raw).unwrap()].concat());
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &spki[..40], &spki[40..]);
        for text in [&raw, &spki, &pem, &pem.replace('\n', "\\n"), &format!(" {raw} , ")] {
            assert_eq!(WebhookKeys::parse(text).unwrap().0, WebhookKeys::parse(&raw).unwrap().0, "{text}");
        }
        let published = "MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=";
        assert_eq!(WebhookKeys::parse(published).unwrap().0, WebhookKeys::default().0);
        assert_eq!(WebhookKeys::default().0.len(), 1);
        assert_eq!(WebhookKeys::parse(&format!("{raw},{published}")).unwrap().0.len(), 2);
        assert_eq!(WebhookKeys::parse(&format!("{raw},nonsense")).unwrap_err(), KeyError::Unreadable(2));
        assert_eq!(WebhookKeys::parse(" , ").unwrap_err(), KeyError::None);
    }

    #[test]
    fn a_key_that_anything_is_a_signature_of_is_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        for weak in [identity, [0; 32]] {
            assert_eq!(WebhookKeys::parse(&STANDARD.encode(weak)).unwrap_err(), KeyError::Unreadable(1));
        }
    }

    #[test]
    fn only_the_very_bytes_that_were_signed_are_good() {
        let ((first, one), (second, two), (stranger, _)) = (pair(1), pair(2), pair(3));
        let keys = WebhookKeys::parse(&format!("{one},{two}")).unwrap();
        let body = br#"{"type":"ContactCreate","webhookId":"a","locationId":"L1"}"#;
        assert!(keys.verify(sign(&first, body).as_bytes(), body));
        assert!(keys.verify(sign(&second, body).as_bytes(), body));
        assert!(!keys.verify(sign(&stranger, body).as_bytes(), body));
        let signature = sign(&first, body);
        for at in 0..body.len() * 8 {
            let mut changed = body.to_vec();
            changed[at / 8] ^= 1 << (at % 8);
            assert!(!keys.verify(signature.as_bytes(), &changed), "bit {at}");
        }
        for bad in ["", "N/A", "@@not base64@@", &signature[..80], &format!("{signature}{signature}"), &one] {
            assert!(!keys.verify(bad.as_bytes(), body), "{bad}");
        }
    }
}

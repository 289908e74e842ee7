//! Secrets: making random tokens, keeping only their hashes, and telling equal from unequal in constant time.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// 32 random bytes of the operating system.
pub(crate) fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::internal(error.to_string()))?;
    Ok(bytes)
}

/// A token with 256 random bits, told apart from others by its prefix.
pub(crate) fn token(prefix: &str) -> Result<SecretString> {
    Ok(format!("{prefix}_{}", encode(&random()?)).into())
}

/// What is kept of a token. Tokens are random, so a plain hash cannot be guessed back.
pub(crate) fn token_hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The first 16 bytes of HMAC-SHA-256 (RFC 2104).
pub(crate) fn seal(key: &[u8; 32], message: &[u8]) -> [u8; 16] {
    // HMAC takes keys of any length.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return [0; 16] };
    mac.update(message);
    let mut tag = [0; 16];
    tag.copy_from_slice(&mac.finalize().into_bytes()[..16]);
    tag
}

/// Whether two byte strings are equal, in a time that does not depend on where they differ.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(a, b).into()
}

/// Hashes a password with Argon2id and its recommended cost. Takes tens of milliseconds: call it on a blocking thread.
pub(crate) fn password_hash(password: &SecretString) -> Result<String> {
    let hash = Argon2::default().hash_password_with_salt(password.expose_secret().as_bytes(), &random()?[..16]);
    let hash: PasswordHash = hash.map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// Whether the password is the one of the hash. Without a hash the same work is done in vain, so that the time does
/// not tell whether there is such a user.
pub(crate) fn password_matches(password: &SecretString, hash: Option<&str>) -> bool {
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy10aGlz$u6CKIYkqQ3HyLRF6KJGZgYYrEUEjK2E1S8EQDl2yeYo";
    let Ok(parsed) = PasswordHash::new(hash.unwrap_or(NOBODY)) else { return false };
    let matches = Argon2::default().verify_password(password.expose_secret().as_bytes(), &parsed).is_ok();
    matches && hash.is_some()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 for addresses, without padding (RFC 4648 §5).
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0u32, |word, byte| (word << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(word >> (18 - 6 * place)) as usize & 63]));
        }
    }
    text
}

/// The bytes of a text written by [`encode`]; `None` of anything else.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.as_bytes().chunks(4) {
        let mut word = 0u32;
        for letter in chunk {
            word = (word << 6) | ALPHABET.iter().position(|known| known == letter)? as u32;
        }
        let kept = match chunk.len() {
            4 => 3,
            3 => 2,
            2 => 1,
            _ => return None,
        };
        word <<= 6 * (4 - chunk.len());
        bytes.extend_from_slice(&word.to_be_bytes()[1..=kept]);
    }
    (encode(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let hash = password_hash(&"correct horse".to_owned().into()).unwrap();
        assert!(password_matches(&"correct horse".to_owned().into(), Some(&hash)));
        assert!(!password_matches(&"correct house".to_owned().into(), Some(&hash)));
        assert!(!password_matches(&"correct horse".to_owned().into(), None));
    }

    #[test]
    fn work_done_in_vain_is_the_same_work() {
        let nobody = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy10aGlz$u6CKIYkqQ3HyLRF6KJGZgYYrEUEjK2E1S8EQDl2yeYo";
        let hash = password_hash(&"x".to_owned().into()).unwrap();
        let cost = |hash: &str| hash.split('$').take(4).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cost(&hash), cost(nobody));
        assert!(PasswordHash::new(nobody).is_ok());
    }

    proptest! {
        #[test]
        fn bytes_come_back_from_their_encoding(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            prop_assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }

        #[test]
        fn no_two_texts_decode_to_the_same_bytes(text in "[A-Za-z0-9_-]{0,12}") {
            if let Some(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}

//! The stored form of a model: a header, the values, and a checksum over both.
//!
//! ```text
//! "LINTEL"  6 bytes
//! version   1 byte, now 1
//! kind      1 byte
//! length    8 bytes, little endian: how long the values are
//! values    postcard
//! SHA-256   32 bytes, over everything before
//! ```

use crate::error::{Error, Result};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// The format written now; every earlier one stays readable.
pub const VERSION: u8 = 1;
const MAGIC: &[u8; 6] = b"LINTEL";
const HEADER: usize = 16;
const CHECKSUM: usize = 32;

/// What an artefact holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtefactKind {
    /// A classifier of any table.
    Classifier = 1,
    /// A lead score.
    LeadScore = 2,
    /// A home-price model.
    Price = 3,
    /// A regression of any table.
    Regressor = 4,
    /// A home-price model with the sales it compares with.
    PriceBook = 6,
    /// How likely leads go silent.
    Churn = 5,
    /// What was learned from a file with free columns, with the way to read its columns.
    File = 7,
}

/// The bytes of a model.
pub fn write<T: Serialize>(kind: ArtefactKind, model: &T) -> Result<Vec<u8>> {
    let values = postcard::to_stdvec(model).map_err(|error| Error::Artefact(format!("cannot be written: {error}")))?;
    let mut bytes = Vec::with_capacity(HEADER + values.len() + CHECKSUM);
    bytes.extend_from_slice(MAGIC);
    bytes.push(VERSION);
    bytes.push(kind as u8);
    bytes.extend_from_slice(&(values.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&values);
    let checksum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    Ok(bytes)
}

/// The model in the bytes; anything damaged, foreign or newer is refused.
pub fn read<T: DeserializeOwned>(kind: ArtefactKind, bytes: &[u8]) -> Result<T> {
    let refuse = |why: &str| Error::Artefact(why.to_owned());
    if bytes.len() < HEADER + CHECKSUM || !bytes.starts_with(MAGIC) {
        return Err(refuse("not a model of this program"));
    }
    if bytes[6] != VERSION {
        return Err(Error::Artefact(format!("format {} is not known, this program reads {VERSION}", bytes[6])));
    }
    let (body, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
    if Sha256::digest(body).as_slice() != checksum {
        return Err(refuse("damaged, the checksum does not match"));
    }
    if body[7] != kind as u8 {
        return Err(refuse("another kind of model"));
    }
    let mut length = [0; 8];
    length.copy_from_slice(&body[8..HEADER]);
    let values = &body[HEADER..];
    if u64::from_le_bytes(length) != values.len() as u64 {
        return Err(refuse("damaged, the length does not match"));
    }
    postcard::from_bytes(values).map_err(|error| Error::Artefact(format!("cannot be read: {error}")))
}

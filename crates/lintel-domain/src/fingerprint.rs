//! Fingerprints of records: 128 bits that tell whether anything in a record changed.

use sha2::{Digest, Sha256};

use crate::scalar::{Fields, Scalar};

/// The first 128 bits of SHA-256 over the canonical encoding of a record. Stable across versions: it is stored.
pub type Fingerprint = [u8; 16];

/// Builds a fingerprint field by field. Every field is tagged, so that neighbours cannot run into each other.
#[derive(Default)]
pub struct Canon(Vec<u8>);

impl Canon {
    /// Adds a text, or its absence.
    pub fn text(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            None => self.0.push(0),
            Some(text) => {
                self.0.push(1);
                self.0.extend((text.len() as u64).to_le_bytes());
                self.0.extend(text.as_bytes());
            }
        }
        self
    }

    /// Adds an integer, or its absence.
    pub fn int(&mut self, value: Option<i64>) -> &mut Self {
        match value {
            None => self.0.push(0),
            Some(number) => {
                self.0.push(2);
                self.0.extend(number.to_le_bytes());
            }
        }
        self
    }

    /// Adds a number, or its absence. Negative zero counts as zero.
    pub fn real(&mut self, value: Option<f64>) -> &mut Self {
        match value {
            None => self.0.push(0),
            Some(number) => {
                self.0.push(3);
                self.0.extend((number + 0.0).to_bits().to_le_bytes());
            }
        }
        self
    }

    /// Adds free fields, in the order of their names.
    pub fn fields(&mut self, fields: &Fields) -> &mut Self {
        self.int(Some(fields.len() as i64));
        for (name, value) in fields {
            self.text(Some(name));
            match value {
                Scalar::Bool(value) => self.int(Some(i64::from(*value))),
                Scalar::Number(value) => self.real(Some(*value)),
                Scalar::Text(value) => self.text(Some(value)),
            };
        }
        self
    }

    /// Adds a list of texts.
    pub fn texts(&mut self, texts: &[String]) -> &mut Self {
        self.int(Some(texts.len() as i64));
        for text in texts {
            self.text(Some(text));
        }
        self
    }

    /// The fingerprint of all that was added.
    pub fn finish(&self) -> Fingerprint {
        let digest = Sha256::digest(&self.0);
        let mut short = [0; 16];
        short.copy_from_slice(&digest[..16]);
        short
    }
}

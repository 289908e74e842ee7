//! Secrets of others at rest: AES-256-GCM with the key of the installation, so that the database alone gives none of them
//! away.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::{Error, Result, secret};

/// The file of the key in the data folder, where none is configured.
const FILE: &str = "secrets.key";

/// Seals and opens.
pub(crate) struct Sealer {
    configured: Option<[u8; 32]>,
    file: PathBuf,
}

impl Sealer {
    /// With the configured key, or else with one in the data folder, which is made when it is needed first.
    pub(crate) fn new(configured: Option<&SecretString>, data_dir: &Path) -> Self {
        let configured = configured.map(|key| digest(key.expose_secret().as_bytes()));
        Self { configured, file: data_dir.join(FILE) }
    }

    /// Seals a secret for one place, such as the id of what it belongs to; it opens there only.
    pub(crate) fn seal(&self, place: &[u8], secret: &SecretString) -> Result<Vec<u8>> {
        let nonce: [u8; NONCE_LEN] = *secret::random()?.first_chunk().ok_or_else(|| Error::internal("no nonce"))?;
        let mut sealed = secret.expose_secret().as_bytes().to_vec();
        let key = self.key()?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut sealed)
            .map_err(|_| Error::internal("a secret cannot be sealed"))?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn key(&self) -> Result<LessSafeKey> {
        let bytes = match self.configured {
            Some(key) => key,
            None => digest(&self.kept().map_err(Error::internal)?),
        };
        UnboundKey::new(&AES_256_GCM, &bytes).map(LessSafeKey::new).map_err(|_| Error::internal("no key"))
    }

    /// What is in the file; made with 32 random bytes that only this user may read.
    fn kept(&self) -> io::Result<Vec<u8>> {
        match fs::read(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            found => return found,
        }
        let bytes = secret::random().map_err(io::Error::other)?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&self.file) {
            Ok(mut file) => {
                file.write_all(&bytes)?;
                file.sync_all()?;
                Ok(bytes.to_vec())
            }
            // Somebody else made it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => fs::read(&self.file),
            Err(error) => Err(error),
        }
    }
}

fn digest(key: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"lintel secrets at rest\0");
    hasher.update(key);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(sealer: &Sealer, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, secret) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut secret = secret.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = sealer.key().unwrap().open_in_place(nonce, Aad::from(place), &mut secret).ok()?;
        Some(opened.to_vec())
    }

    #[test]
    fn a_secret_opens_in_its_place_with_its_key_and_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let secret: SecretString = "pit-123".to_owned().into();
        let (one, other) = (SecretString::from("one".to_owned()), SecretString::from("other".to_owned()));
        let sealer = Sealer::new(Some(&one), folder.path());
        let sealed = sealer.seal(b"here", &secret).unwrap();
        assert_eq!(open(&sealer, b"here", &sealed).unwrap(), b"pit-123");
        assert_eq!(open(&sealer, b"there", &sealed), None);
        assert_eq!(open(&Sealer::new(Some(&other), folder.path()), b"here", &sealed), None);
        assert_ne!(sealer.seal(b"here", &secret).unwrap(), sealed);
        assert!(!folder.path().join(FILE).exists());
    }

    #[test]
    fn without_a_configured_key_one_is_made_once_and_kept_to_oneself() {
        let folder = tempfile::tempdir().unwrap();
        let sealed = Sealer::new(None, folder.path()).seal(b"here", &"pit-123".to_owned().into()).unwrap();
        assert_eq!(open(&Sealer::new(None, folder.path()), b"here", &sealed).unwrap(), b"pit-123");
        let mode = fs::metadata(folder.path().join(FILE)).unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o600);
    }
}

//! Where the files of the web pages come from: the program itself, or a folder.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use bytes::Bytes;
use rust_embed::Embed;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// What `ui/` was built to when the program was; a program built for debugging reads the folder each time.
#[derive(Embed)]
#[folder = "../../ui/dist"]
#[exclude = ".*"]
#[exclude = ".vite/*"]
struct Built;

/// The files of the web pages.
pub(crate) enum Files {
    /// Those that are part of the program.
    Built,
    /// Those of a folder, read each time.
    Folder(PathBuf),
}

/// A file with its entity tag.
pub(crate) struct File {
    pub(crate) bytes: Bytes,
    pub(crate) tag: String,
}

impl Files {
    /// The file at a path below the root; `None` when there is none.
    pub(crate) async fn read(&self, path: &str) -> Result<Option<File>> {
        if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
            return Ok(None);
        }
        match self {
            Self::Built => Ok(Built::get(path).map(|file| File {
                bytes: match file.data {
                    std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                    std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
                },
                tag: tag(&file.metadata.sha256_hash()),
            })),
            Self::Folder(folder) => match tokio::fs::read(folder.join(path)).await {
                Ok(bytes) => Ok(Some(File { tag: tag(&Sha256::digest(&bytes)), bytes: Bytes::from(bytes) })),
                Err(error) if is_nothing(&error) => Ok(None),
                Err(error) => Err(Error::internal(error)),
            },
        }
    }
}

fn is_nothing(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidFilename, InvalidInput, IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | IsADirectory | NotADirectory | InvalidFilename | InvalidInput)
}

fn tag(digest: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut tag = String::with_capacity(34);
    tag.push('"');
    for byte in digest.iter().take(16) {
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_files_below_the_folder_are_read() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("ui")).unwrap();
        std::fs::write(folder.path().join("secret"), "no").unwrap();
        std::fs::write(folder.path().join("ui/index.html"), "yes").unwrap();
        let files = Files::Folder(folder.path().join("ui"));
        assert_eq!(files.read("index.html").await.unwrap().unwrap().bytes, "yes");
        for path in ["../secret", "/etc/passwd", "a/../../secret", "index.html/x", "none", "", "a\0b"] {
            assert!(files.read(path).await.unwrap().is_none(), "{path}");
        }
    }
}

//! Backup and restore of the embedded database.

use std::path::{Path, PathBuf};

use crate::{App, Result};

impl App {
    /// Copies the embedded database into a new file while it is in use.
    pub async fn store_backup(&self, to: PathBuf) -> Result<()> {
        Ok(self.0.store.backup(to).await?)
    }
}

/// Whether a file is a whole backup that this version can read.
pub async fn check_backup(file: &Path) -> Result<()> {
    Ok(lintel_store::check_backup(file.to_owned()).await?)
}

/// Puts a checked copy in place of the embedded database, which nobody may be using.
pub async fn replace_database(new: &Path, target: &Path) -> Result<()> {
    Ok(lintel_store::replace_database(new.to_owned(), target.to_owned()).await?)
}

//! A file that appears whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// A file being written beside its final place; without [`NewFile::keep`] nothing of it stays.
///
/// A pipe or device is written to as it is: there is nothing to put in its place.
pub(crate) struct NewFile {
    path: PathBuf,
    /// Where the bytes go until the file is whole.
    beside: Option<PathBuf>,
    out: Option<BufWriter<File>>,
}

impl NewFile {
    /// Begins a file; what stands at `path` stays there until the new one is whole.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let Some(name) = path.file_name() else {
            return Err(Error::File(format!("{} is no name of a file", path.display())));
        };
        if path.is_dir() {
            return Err(Error::File(format!("{} is a folder", path.display())));
        }
        if path.exists() && !path.is_file() {
            let out = File::options().write(true).open(path).map_err(|error| cannot_write(path, &error))?;
            return Ok(Self { path: path.to_owned(), beside: None, out: Some(BufWriter::new(out)) });
        }
        let mut beside = std::ffi::OsString::from(".");
        beside.push(name);
        beside.push(format!(".{}.part", std::process::id()));
        let beside = path.with_file_name(beside);
        let file = File::create(&beside).map_err(|error| cannot_write(path, &error))?;
        Ok(Self { path: path.to_owned(), beside: Some(beside), out: Some(BufWriter::new(file)) })
    }

    /// Puts the file in its place, on disk.
    pub(crate) fn keep(mut self) -> Result<()> {
        let finish = |this: &mut Self| -> io::Result<()> {
            let Some(out) = this.out.take() else { return Ok(()) };
            let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            let Some(beside) = &this.beside else { return Ok(()) };
            file.sync_all()?;
            std::fs::rename(beside, &this.path)?;
            // The name is on disk once its folder is; not every system can be asked for that.
            let folder = this.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            File::open(folder).and_then(|folder| folder.sync_all()).or(Ok(()))
        };
        finish(&mut self).map_err(|error| cannot_write(&self.path, &error))
    }

    /// A failure to write, for people.
    pub(crate) fn failed(&self, error: &io::Error) -> Error {
        cannot_write(&self.path, error)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.as_mut().map_or(Ok(0), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        self.out = None;
        if let Some(beside) = &self.beside {
            // Gone already when the file was kept.
            let _ = std::fs::remove_file(beside);
        }
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> Error {
    Error::File(format!("cannot write {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        let names = || std::fs::read_dir(folder.path()).unwrap().count();
        let mut file = NewFile::create(&path).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(names(), 0);
        for text in ["first", "second"] {
            let mut file = NewFile::create(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.keep().unwrap();
            assert_eq!((std::fs::read_to_string(&path).unwrap().as_str(), names()), (text, 1));
        }
        let mut nowhere = NewFile::create(Path::new("/dev/null")).unwrap();
        nowhere.write_all(b"gone").unwrap();
        nowhere.keep().unwrap();
        assert!(!Path::new("/dev/null").is_file());
        assert!(NewFile::create(folder.path()).is_err());
        assert!(NewFile::create(&folder.path().join("nowhere/model")).is_err());
    }
}

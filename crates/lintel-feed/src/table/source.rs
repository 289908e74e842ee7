//! Where bytes come from: a file, standard input or any reader, decompressed by what the bytes say, not by the name.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::limits::Limits;
use crate::{Error, Result};

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
const ZIP: &[u8] = b"PK\x03\x04";
/// zstd frames that ask for a larger window than 2^25 bytes (32 MiB, level 20) are refused.
const ZSTD_WINDOW_LOG: u32 = 25;
const BUFFER: usize = 128 << 10;

/// Bytes to read a table from, with a name for messages.
pub struct Source {
    name: String,
    bytes: Box<dyn Read + Send>,
    total: Option<u64>,
}

/// How far a source has been read, in bytes as stored (before decompression). Cheap to clone and to ask from another thread.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    read: Arc<AtomicU64>,
    total: Option<u64>,
}

/// What the first bytes of a source announce.
pub(super) enum Content {
    /// Text, already decompressed and bounded.
    Text(Box<dyn Read + Send>),
    /// A zip container, so a workbook.
    Workbook(Box<dyn Read + Send>),
}

impl Source {
    /// Opens a file; `-` is standard input.
    ///
    /// # Errors
    /// [`Error::Read`] when the file cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::from_reader("standard input", io::stdin(), None));
        }
        let name = path.display().to_string();
        let failed = |source| Error::Read { name: name.clone(), source };
        let file = File::open(path).map_err(failed)?;
        let meta = file.metadata().map_err(failed)?;
        if meta.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        Ok(Self::from_reader(&name, file, meta.is_file().then_some(meta.len())))
    }

    /// Reads from anything; `total` is its length in bytes where that is known.
    pub fn from_reader(name: &str, bytes: impl Read + Send + 'static, total: Option<u64>) -> Self {
        Self { name: name.to_owned(), bytes: Box::new(bytes), total }
    }

    /// The name for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Looks at the first bytes and sets up decompression with its bounds.
    pub(super) fn into_content(self, limits: &Limits) -> Result<(Content, Progress)> {
        let Self { name, bytes, total } = self;
        let progress = Progress { read: Arc::default(), total };
        let mut counted = Counted { inner: bytes, read: progress.read.clone() };
        let failed = |source| Error::Read { name: name.clone(), source };
        let magic = first_bytes(&mut counted).map_err(failed)?;
        let raw = BufReader::with_capacity(BUFFER, io::Cursor::new(magic.clone()).chain(counted));
        let bound = |inner: Box<dyn Read + Send>| {
            Content::Text(Box::new(Bounded { inner, decoded: 0, read: progress.read.clone(), limits: *limits }))
        };
        let content = if magic.starts_with(GZIP) {
            bound(Box::new(MultiGzDecoder::new(raw)))
        } else if magic.starts_with(ZSTD) {
            let mut decoder = zstd::Decoder::with_buffer(raw).map_err(failed)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(failed)?;
            bound(Box::new(decoder))
        } else if magic.starts_with(ZIP) {
            Content::Workbook(Box::new(raw))
        } else if let Some(found) = foreign(&magic) {
            return Err(Error::Encoding { name, found });
        } else {
            Content::Text(Box::new(raw))
        };
        Ok((content, progress))
    }
}

impl Progress {
    /// Bytes read so far.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Bytes in all, where known (not for streams).
    pub fn total(&self) -> Option<u64> {
        self.total
    }
}

/// Up to four first bytes, also from a reader that hands out single ones.
fn first_bytes(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(4);
    from.take(4).read_to_end(&mut head)?;
    Ok(head)
}

/// Formats that people send by mistake, by their first bytes.
fn foreign(magic: &[u8]) -> Option<&'static str> {
    const KNOWN: &[(&[u8], &str)] = &[
        (&[0xff, 0xfe], "UTF-16 text"),
        (&[0xfe, 0xff], "UTF-16 text"),
        (&[0xd0, 0xcf, 0x11, 0xe0], "an old binary workbook (XLS)"),
        (b"%PDF", "a PDF document"),
        (b"PAR1", "a Parquet file"),
        (b"BZh", "bzip2 compressed"),
        (&[0xfd, b'7', b'z', b'X'], "xz compressed"),
        (&[b'P', b'K', 0x05, 0x06], "an empty zip archive"),
    ];
    KNOWN.iter().find(|(start, _)| magic.starts_with(start)).map(|(_, what)| *what)
}

/// Counts what is read below decompression.
struct Counted {
    inner: Box<dyn Read + Send>,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Ends a decompression that grows out of proportion.
struct Bounded {
    inner: Box<dyn Read + Send>,
    decoded: u64,
    read: Arc<AtomicU64>,
    limits: Limits,
}

impl Read for Bounded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.decoded += n as u64;
        let stored = self.read.load(Ordering::Relaxed).max(1);
        if self.decoded > self.limits.decoded_bytes {
            return Err(io::Error::other(format!("more than {} bytes after decompression", self.limits.decoded_bytes)));
        }
        if self.decoded > Limits::RATIO_FROM && self.decoded / stored > self.limits.decoded_ratio {
            return Err(io::Error::other(format!(
                "compressed more than {} to 1, which looks like a decompression bomb",
                self.limits.decoded_ratio
            )));
        }
        Ok(n)
    }
}

//! Unpacking compressed bodies within bounds of bytes and ratio.

use std::io::{self, Read, Write};

use axum::{body::Body, extract::Request};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};

use crate::{
    error::{Error, Result},
    extract,
    problem::Code,
    state::Edge,
};

/// Bodies with fewer encoded bytes are unpacked where they are; others on a blocking thread.
const INLINE: usize = 16 * 1024;
/// How many bytes one encoded byte may become, on average, after the first [`FREE`] bytes.
const MAX_RATIO: u64 = 300;
const FREE: u64 = 1_000_000;
/// The largest window of zstd, as a power of two: 8 MB. Its own default would let a short body take 128 MB.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How a body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// As it is.
    Identity,
    /// gzip, of one member or many.
    Gzip,
    /// Zstandard.
    Zstd,
}

/// Whether the route spools its body to a file and unpacks it there.
pub(crate) fn is_upload(route: &str) -> bool {
    route == "/api/v1/imports"
}

/// The encoding that the headers name; unknown or stacked ones are refused.
pub(crate) fn encoding(headers: &HeaderMap) -> Result<Encoding> {
    let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
    let Some(first) = values.next() else { return Ok(Encoding::Identity) };
    let name = first.to_str().unwrap_or_default().trim();
    if values.next().is_some() {
        return Err(Error::plain(Code::UnsupportedEncoding));
    }
    match name.to_ascii_lowercase().as_str() {
        "identity" => Ok(Encoding::Identity),
        "gzip" | "x-gzip" => Ok(Encoding::Gzip),
        "zstd" => Ok(Encoding::Zstd),
        _ => Err(Error::plain(Code::UnsupportedEncoding)),
    }
}

/// The request with its body unpacked.
pub(super) async fn unpack(edge: &Edge, request: Request) -> Result<Request> {
    let encoding = encoding(request.headers())?;
    if encoding == Encoding::Identity {
        return Ok(request);
    }
    let limit = edge.options().body_bytes;
    let (mut parts, body) = request.into_parts();
    let packed = extract::collect(body, edge.options()).await?;
    let unpacked = if packed.len() <= INLINE {
        unpack_bytes(encoding, &packed, limit)?
    } else {
        let task = edge.tasks().spawn_blocking(move || unpack_bytes(encoding, &packed, limit));
        task.await.map_err(Error::internal)??
    };
    parts.headers.remove(header::CONTENT_ENCODING);
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(unpacked.len()));
    Ok(Request::from_parts(parts, Body::from(unpacked)))
}

fn unpack_bytes(encoding: Encoding, packed: &[u8], limit: usize) -> Result<Bytes> {
    let broken = |error: io::Error| Error::new(Code::MalformedBody, error.to_string());
    let mut out = Vec::new();
    let most = (limit as u64).min(FREE.max(packed.len() as u64 * MAX_RATIO));
    match encoding {
        Encoding::Identity => out.extend_from_slice(packed),
        Encoding::Gzip => {
            let reader = flate2::bufread::MultiGzDecoder::new(packed);
            reader.take(most + 1).read_to_end(&mut out).map_err(broken)?;
        }
        Encoding::Zstd => {
            let mut reader = zstd::stream::read::Decoder::with_buffer(packed).map_err(broken)?;
            reader.window_log_max(ZSTD_WINDOW_LOG).map_err(broken)?;
            reader.take(most + 1).read_to_end(&mut out).map_err(broken)?;
        }
    }
    if out.len() as u64 > most {
        return Err(Error::new(Code::TooLarge, format!("the body has more than {most} bytes after decompression")));
    }
    Ok(out.into())
}

/// Unpacks what is written to it into `W`.
pub(crate) enum Unpacker<W: Write> {
    /// As it is.
    Identity(Bounded<W>),
    /// gzip.
    Gzip(Box<flate2::write::MultiGzDecoder<Bounded<W>>>),
    /// Zstandard.
    Zstd(zstd::stream::write::Decoder<'static, Bounded<W>>),
}

impl<W: Write> Unpacker<W> {
    /// Writes at most `limit` unpacked bytes to `inner`.
    pub(crate) fn new(encoding: Encoding, inner: W, limit: u64) -> io::Result<Self> {
        let inner = Bounded { inner, written: 0, limit, packed: 0 };
        Ok(match encoding {
            Encoding::Identity => Self::Identity(inner),
            Encoding::Gzip => Self::Gzip(Box::new(flate2::write::MultiGzDecoder::new(inner))),
            Encoding::Zstd => {
                let mut decoder = zstd::stream::write::Decoder::new(inner)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Self::Zstd(decoder)
            }
        })
    }

    /// Takes packed bytes.
    pub(crate) fn push(&mut self, packed: &[u8]) -> io::Result<()> {
        let length = packed.len() as u64;
        match self {
            Self::Identity(writer) => {
                writer.packed += length;
                writer.write_all(packed)
            }
            Self::Gzip(writer) => {
                writer.get_mut().packed += length;
                writer.write_all(packed)
            }
            Self::Zstd(writer) => {
                writer.get_mut().packed += length;
                writer.write_all(packed)
            }
        }
    }

    /// Ends the stream and gives the writer back.
    pub(crate) fn finish(self) -> io::Result<W> {
        match self {
            Self::Identity(writer) => Ok(writer.inner),
            Self::Gzip(mut writer) => {
                writer.try_finish()?;
                Ok(writer.finish()?.inner)
            }
            Self::Zstd(mut writer) => {
                writer.flush()?;
                Ok(writer.into_inner().inner)
            }
        }
    }
}

/// Refuses to write more than it may, in all and for each packed byte.
pub(crate) struct Bounded<W> {
    inner: W,
    written: u64,
    limit: u64,
    packed: u64,
}

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let most = self.limit.min(FREE.max(self.packed.saturating_mul(MAX_RATIO)));
        if self.written + bytes.len() as u64 > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let length = self.inner.write(bytes)?;
        self.written += length as u64;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 10_000_000;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(bytes).unwrap();
        writer.finish().unwrap()
    }

    #[test]
    fn what_was_packed_comes_back() {
        let text = br#"{"leads":[1,2,3]}"#.repeat(1000);
        assert_eq!(unpack_bytes(Encoding::Gzip, &gzip(&text), LIMIT).unwrap(), text);
        let packed = zstd::encode_all(&text[..], 1).unwrap();
        assert_eq!(unpack_bytes(Encoding::Zstd, &packed, LIMIT).unwrap(), text);
        for (encoding, packed) in [(Encoding::Gzip, gzip(&text)), (Encoding::Zstd, packed)] {
            let mut unpacker = Unpacker::new(encoding, Vec::new(), LIMIT as u64).unwrap();
            packed.chunks(7).for_each(|chunk| unpacker.push(chunk).unwrap());
            assert_eq!(unpacker.finish().unwrap(), text);
        }
    }

    #[test]
    fn bombs_are_refused_before_they_go_off() {
        let zeros = vec![0; 30_000_000];
        let gz = gzip(&zeros);
        let zst = zstd::encode_all(&zeros[..], 1).unwrap();
        assert_eq!(unpack_bytes(Encoding::Gzip, &gz, LIMIT).unwrap_err().code(), Code::TooLarge);
        assert_eq!(unpack_bytes(Encoding::Zstd, &zst, LIMIT).unwrap_err().code(), Code::TooLarge);
        let mut unpacker = Unpacker::new(Encoding::Zstd, Vec::new(), u64::MAX).unwrap();
        assert!(unpacker.push(&zst).is_err());
    }

    #[test]
    fn damage_is_no_fault_of_ours() {
        for (encoding, bytes) in
            [(Encoding::Gzip, &b"not gzip"[..]), (Encoding::Zstd, b"not zstd"), (Encoding::Gzip, &gzip(b"abc")[..12])]
        {
            assert_eq!(unpack_bytes(encoding, bytes, LIMIT).unwrap_err().code(), Code::MalformedBody);
        }
    }

    #[test]
    fn unknown_and_stacked_encodings_are_refused() {
        let with = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::CONTENT_ENCODING, value.parse().unwrap());
            }
            encoding(&headers).map_err(|error| error.code())
        };
        assert_eq!(with(&[]), Ok(Encoding::Identity));
        assert_eq!(with(&["GZIP"]), Ok(Encoding::Gzip));
        for bad in [&["br"][..], &["gzip, gzip"], &["gzip", "gzip"], &["gzip", "identity"], &[""]] {
            assert_eq!(with(bad), Err(Code::UnsupportedEncoding), "{bad:?}");
        }
    }
}

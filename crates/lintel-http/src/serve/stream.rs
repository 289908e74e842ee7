//! The TCP stream behind a connection that does not speak HTTP any more.

use std::time::Duration;

use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::{rt::TokioIo, server::conn::auto::upgrade};
use tokio::net::TcpStream;

use super::patient::Patient;

/// A stream with what has been read from it and not been used, and how long a peer may take to take what is sent.
pub(crate) struct Bare {
    pub(crate) stream: TcpStream,
    pub(crate) read: Bytes,
    pub(crate) patience: Duration,
}

/// Gets at the stream; none when the connection is not one of ours.
pub(crate) fn bare(upgraded: Upgraded) -> Option<Bare> {
    let parts = upgrade::downcast::<TokioIo<Patient<TcpStream>>>(upgraded).ok()?;
    let (stream, patience) = parts.io.into_inner().into_parts();
    // Its own memory, so that the buffer for requests is given back.
    let read = Bytes::copy_from_slice(&parts.read_buf);
    Some(Bare { stream, read, patience })
}

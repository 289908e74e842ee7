//! A stream that gives up on a peer who does not take what is sent, or says nothing at first.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

/// What an HTTP/2 client says first (RFC 9113, 3.4). Until it is there or can no longer come, nobody else watches the clock.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// A peer who is slow must still take this many bytes in each period.
const LEAST_TAKEN: usize = 16 * 1024;

/// How long a peer may go on sending after everything was said to it. Closing with unread bytes would reset the
/// connection, and a reset can take the answer with it: the one that says why the rest was not wanted.
const LINGER: Duration = Duration::from_secs(1);

/// A stream with patience: `first` for the first bytes, `write` for each period in which little is taken.
pub(super) struct Patient<S> {
    stream: S,
    /// How much of the preface has come; all of it when something else came.
    heard: usize,
    first: Pin<Box<Sleep>>,
    write: Duration,
    /// Runs while the peer is behind.
    behind: Option<Pin<Box<Sleep>>>,
    taken: usize,
    /// Runs once everything is said.
    linger: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, first: Duration, write: Duration) -> Self {
        Self {
            stream,
            heard: 0,
            first: Box::pin(tokio::time::sleep(first)),
            write,
            behind: None,
            taken: 0,
            linger: None,
        }
    }

    /// The stream, and the patience with a peer who takes little.
    pub(super) fn into_parts(self) -> (S, Duration) {
        (self.stream, self.write)
    }

    /// Looks at the clock after a write that took `result` of `offered` bytes.
    fn wrote(
        &mut self,
        cx: &mut Context<'_>,
        offered: usize,
        result: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match result {
            Poll::Ready(Ok(taken)) => {
                self.taken += taken;
                if taken == offered || self.taken >= LEAST_TAKEN {
                    self.behind = None;
                    self.taken = 0;
                }
                Poll::Ready(Ok(taken))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let deadline = self.behind.get_or_insert_with(|| {
                    self.taken = 0;
                    Box::pin(tokio::time::sleep(self.write))
                });
                ready!(deadline.as_mut().poll(cx));
                deadline.as_mut().reset(Instant::now() + self.write);
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer does not take the answer")))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if self.heard == PREFACE.len() {
            return read;
        }
        if read.is_ready() {
            let came = &buffer.filled()[before..];
            let awaited = &PREFACE[self.heard..];
            self.heard = if awaited.starts_with(came) { self.heard + came.len() } else { PREFACE.len() };
            return read;
        }
        ready!(self.first.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer says nothing")))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(cx, bytes.len(), result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let offered = slices.iter().map(|slice| slice.len()).sum();
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(cx, offered, result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        }
        let mut scratch = [0; 16 * 1024];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => break,
            }
        }
        let linger = self.linger.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER)));
        linger.as_mut().poll(cx).map(Ok)
    }
}

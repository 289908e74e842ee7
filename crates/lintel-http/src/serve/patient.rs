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

/// A peer who is slow must still take this many bytes in each period.
const LEAST_TAKEN: usize = 16 * 1024;

/// A stream with patience: `first` for the first byte, `write` for each period in which little is taken.
pub(super) struct Patient<S> {
    stream: S,
    heard: bool,
    first: Pin<Box<Sleep>>,
    write: Duration,
    /// Runs while the peer is behind.
    behind: Option<Pin<Box<Sleep>>>,
    taken: usize,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, first: Duration, write: Duration) -> Self {
        Self { stream, heard: false, first: Box::pin(tokio::time::sleep(first)), write, behind: None, taken: 0 }
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
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if self.heard {
            return read;
        }
        if read.is_ready() {
            self.heard = true;
            return read;
        }
        ready!(self.first.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer says nothing")))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
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
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

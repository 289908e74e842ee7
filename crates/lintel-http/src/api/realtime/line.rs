//! A WebSocket's line: hearing the client, and writing to it while nobody else does.

use std::{
    io::{self, Read, Write},
    sync::Arc,
    time::Duration,
};

use bytes::{Buf as _, Bytes};
use tokio::{net::TcpStream, time::Instant};
use tungstenite::{
    Error, Message, Utf8Bytes, WebSocket,
    protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
};

use crate::serve::Bare;

/// The largest message of a client, in bytes.
const MOST_BYTES: usize = 64 * 1024;
/// What is allocated for reading from a client, who says little.
const READ_BUFFER: usize = 512;
/// How much is gathered before it is written. A client who is slow must take as much within its patience.
pub(super) const GATHERED: usize = 16 * 1024;

/// A line to a client. What is said is gathered, and written by [`Line::flush`].
///
/// The stream is shared with those who write messages to it while the line rests, so nothing may be flushed unless the
/// listener is held.
pub(super) struct Line {
    stream: Arc<TcpStream>,
    socket: WebSocket<Ends>,
    patience: Duration,
    /// Whether nothing is left of what has been read.
    heard_all: bool,
}

impl Line {
    pub(super) fn new(bare: Bare) -> Self {
        let stream = Arc::new(bare.stream);
        let heard_all = bare.read.is_empty();
        let ends = Ends { stream: stream.clone(), before: bare.read, said: Vec::new() };
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(MOST_BYTES))
            .max_frame_size(Some(MOST_BYTES));
        let socket = WebSocket::from_raw_socket(ends, Role::Server, Some(config));
        Self { stream, socket, patience: bare.patience, heard_all }
    }

    /// The stream itself.
    pub(super) fn stream(&self) -> &Arc<TcpStream> {
        &self.stream
    }

    /// Returns when there may be something to hear.
    pub(super) async fn audible(&self) {
        if self.heard_all {
            // What is wrong with it shows when it is read.
            let _ = self.stream.readable().await;
        }
    }

    /// The next that the client has said, if it has; pings and its goodbye are answered with the next flush.
    pub(super) fn hear(&mut self) -> Result<Option<Message>, Error> {
        self.heard_all = false;
        match self.socket.read() {
            Ok(message) => Ok(Some(message)),
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                self.heard_all = true;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Says a text.
    pub(super) fn say(&mut self, text: impl Into<Utf8Bytes>) -> Result<(), Error> {
        self.socket.send(Message::Text(text.into()))
    }

    /// Says bytes that are framed already.
    pub(super) fn say_framed(&mut self, frame: &[u8]) {
        self.socket.get_mut().said.extend_from_slice(frame);
    }

    /// Asks whether the client is there.
    pub(super) fn ping(&mut self) -> Result<(), Error> {
        self.socket.send(Message::Ping(Bytes::new()))
    }

    /// Says goodbye.
    pub(super) fn close(&mut self, code: CloseCode, reason: &'static str) -> Result<(), Error> {
        self.socket.close(Some(CloseFrame { code, reason: reason.into() }))
    }

    /// How many bytes have been said and not been written.
    pub(super) fn gathered(&self) -> usize {
        self.socket.get_ref().said.len()
    }

    /// Writes what has been said. A client who takes less than [`GATHERED`] bytes within its patience is given up.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        // Most clients hear seldom: nothing stays allocated between.
        let said = std::mem::take(&mut self.socket.get_mut().said);
        for mut piece in said.chunks(GATHERED) {
            let deadline = Instant::now() + self.patience;
            while !piece.is_empty() {
                match self.stream.try_write(piece) {
                    Ok(taken) => piece = &piece[taken..],
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        tokio::time::timeout_at(deadline, self.stream.writable()).await??;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

/// Between the stream, which is only asked and never waited for, and the protocol.
struct Ends {
    stream: Arc<TcpStream>,
    /// What was read before the connection became a WebSocket.
    before: Bytes,
    said: Vec<u8>,
}

impl Read for Ends {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.before.is_empty() {
            return self.stream.try_read(buffer);
        }
        let length = buffer.len().min(self.before.len());
        self.before.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}

impl Write for Ends {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.said.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

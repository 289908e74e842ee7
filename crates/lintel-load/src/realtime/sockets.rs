//! Sockets that listen to `leads` and note when they hear of a new one.

use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
};

use memchr::memmem;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::Instant,
};

use crate::{Error, pool::Target};

/// What stands in a message of a new lead, and in no other.
const CREATED: &[u8] = b"\"type\":\"lead.created\"";

/// The first byte of the question whether a client is there, and the answer, with a mask of nothing.
const PING: u8 = 0x89;
const PONG: [u8; 6] = [0x8A, 0x80, 0, 0, 0, 0];

/// What all sockets have heard.
pub(super) struct Heard {
    /// By write, when each socket heard of it.
    at: RefCell<Vec<Vec<Instant>>>,
    messages: Cell<u64>,
    open: Cell<usize>,
    /// All sockets read into the same memory: the measuring shares the processor with what it measures.
    scratch: RefCell<Vec<u8>>,
}

impl Heard {
    /// Room for a number of writes.
    pub(super) fn of(writes: usize) -> Rc<Self> {
        Rc::new(Self {
            at: RefCell::new(vec![Vec::new(); writes]),
            messages: Cell::new(0),
            open: Cell::new(0),
            scratch: RefCell::new(vec![0; 64 * 1024]),
        })
    }

    /// Messages of new leads.
    pub(super) fn messages(&self) -> u64 {
        self.messages.get()
    }

    /// Sockets that are open.
    pub(super) fn open(&self) -> usize {
        self.open.get()
    }

    /// By write, when each socket heard of it.
    pub(super) fn take(&self) -> Vec<Vec<Instant>> {
        self.at.take()
    }
}

/// Opens a socket that listens to `leads`, and waits until it does.
pub(super) async fn subscribe(target: &Target) -> Result<TcpStream, Error> {
    let path = "/api/v1/realtime";
    let broken = |what: String| Error::Answer { path: path.to_owned(), answer: what };
    let mut stream = TcpStream::connect(target.authority()).await.map_err(|error| broken(error.to_string()))?;
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        target.authority(),
        target.authorization().to_str().map_err(|_| Error::Key)?,
    );
    stream.write_all(head.as_bytes()).await.map_err(|error| broken(error.to_string()))?;
    let said = read_until(&mut stream, b"\r\n\r\n").await.map_err(|error| broken(error.to_string()))?;
    if !said.starts_with(b"HTTP/1.1 101") {
        return Err(broken(String::from_utf8_lossy(&said).into_owned()));
    }
    let wish = br#"{"subscribe":["leads"],"ack":true}"#;
    // A text frame of a client: its length, a mask of nothing, the text.
    let frame = [&[0x81, 0x80 | wish.len() as u8, 0, 0, 0, 0], &wish[..]].concat();
    stream.write_all(&frame).await.map_err(|error| broken(error.to_string()))?;
    read_until(&mut stream, b"\"subscribed\"").await.map_err(|error| broken(error.to_string()))?;
    read_until(&mut stream, b"}").await.map_err(|error| broken(error.to_string()))?;
    Ok(stream)
}

/// Reads byte by byte up to an ending, so that nothing behind it is taken.
async fn read_until(stream: &mut TcpStream, end: &[u8]) -> io::Result<Vec<u8>> {
    let mut said = Vec::new();
    while !said.ends_with(end) {
        said.push(stream.read_u8().await?);
    }
    Ok(said)
}

/// Notes the messages of new leads: the nth is that of the nth write, since a socket hears in the order of the log.
pub(super) async fn listen(stream: TcpStream, heard: Rc<Heard>) {
    heard.open.set(heard.open.get() + 1);
    let (mut rest, mut nth) = (Vec::new(), 0);
    while stream.readable().await.is_ok() {
        let mut scratch = heard.scratch.borrow_mut();
        let kept = rest.len();
        scratch[..kept].copy_from_slice(&rest);
        let have = match stream.try_read(&mut scratch[kept..]) {
            Ok(0) => break,
            Ok(more) => kept + more,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(_) => break,
        };
        let now = Instant::now();
        let mut at = 0;
        while let Some((text, next)) = frame(&scratch[at..have]) {
            if scratch[at] == PING {
                // A line that takes no six bytes has worse to tell.
                let _ = stream.try_write(&PONG);
            }
            if memmem::find(text, CREATED).is_some() {
                if let Some(write) = heard.at.borrow_mut().get_mut(nth) {
                    write.push(now);
                    heard.messages.set(heard.messages.get() + 1);
                }
                nth += 1;
            }
            at += next;
        }
        rest = scratch[at..have].to_vec();
    }
    heard.open.set(heard.open.get() - 1);
}

/// The first frame of a server in some bytes, and its length with its head; none while it is not whole.
fn frame(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let (head, length) = match *bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]))),
        length => (2, usize::from(length)),
    };
    Some((bytes.get(head..head + length)?, head + length))
}

#[cfg(test)]
mod tests {
    use super::frame;

    #[test]
    fn frames_are_found_one_after_another() {
        let long = [&[0x81, 126, 0, 200][..], &[b'x'; 200]].concat();
        let bytes = [&[0x81, 2, b'h', b'i'][..], &long, &[0x89, 0]].concat();
        assert_eq!(frame(&bytes), Some((&b"hi"[..], 4)));
        assert_eq!(frame(&bytes[4..]), Some((&[b'x'; 200][..], 204)));
        assert_eq!(frame(&bytes[208..]), Some((&[][..], 2)));
        for cut in [0, 1, 3] {
            assert_eq!(frame(&bytes[4..4 + cut]), None);
        }
        assert_eq!(frame(&bytes[4..207]), None);
    }
}

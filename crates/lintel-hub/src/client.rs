//! One client: what waits for it, and whose turn it is to write that.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use lintel_domain::id::TenantId;
use parking_lot::{Mutex, MutexGuard};
use tokio::{net::TcpStream, sync::Notify};

use crate::{
    message::Message,
    place::Place,
    queue::{Queue, Turn},
};

/// Whoever listens over one connection. Nothing is allocated for a client that keeps up.
///
/// Its task holds it at first, and takes message by message with [`Client::next`]. The task of a socket may give it
/// free ([`Client::release`]): then carriers write what comes straight to the socket, without waking the task, and wake
/// it only when the socket takes no more, or to have it say what is not a message.
pub struct Client {
    pub(crate) id: u64,
    pub(crate) tenant: TenantId,
    line: OnceLock<Arc<TcpStream>>,
    queue: Mutex<Queue>,
    woken: Notify,
}

/// What a connection does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this.
    Message(Message),
    /// Send the rest of a frame that a carrier has begun.
    Rest(Bytes),
    /// Say that everything up to here was missed.
    Resync(Place),
    /// Say goodbye.
    Closed,
}

impl Client {
    pub(crate) fn new(id: u64, tenant: TenantId) -> Arc<Self> {
        Arc::new(Self { id, tenant, line: OnceLock::new(), queue: Mutex::default(), woken: Notify::new() })
    }

    /// Puts a message into the queue; a queue that is full is thrown away, whole, so that the client is told to look
    /// again. Says whether a carrier has to come.
    #[must_use]
    pub(crate) fn push(&self, place: Place, message: &Message) -> bool {
        let mut queue = self.queue.lock();
        if queue.closed {
            return false;
        }
        queue.push(place, message);
        self.call(queue)
    }

    /// Has the client told the whole of something, in place of what it has not been told of it yet. Says whether a
    /// carrier has to come.
    #[must_use]
    pub(crate) fn show(&self, topic: &Arc<str>, message: &Message) -> bool {
        let mut queue = self.queue.lock();
        if queue.closed {
            return false;
        }
        queue.show(topic, message);
        self.call(queue)
    }

    /// Calls the task, or says that a carrier has to be called.
    fn call(&self, mut queue: MutexGuard<'_, Queue>) -> bool {
        let free = queue.turn == Turn::Free;
        if free {
            queue.turn = Turn::Carrier;
        } else if queue.turn == Turn::Task {
            drop(queue);
            self.woken.notify_one();
        }
        free
    }

    /// Throws the queue away and has the client told that it missed everything up to a place.
    pub(crate) fn lose(&self, place: Place) {
        self.with_task(|queue| queue.lose(place));
    }

    /// Ends it: what waits is still sent.
    pub(crate) fn close(&self) {
        self.with_task(|queue| queue.closed = true);
    }

    /// Changes what only the task can tell the client.
    fn with_task(&self, change: impl FnOnce(&mut Queue)) {
        let mut queue = self.queue.lock();
        change(&mut queue);
        queue.turn = Turn::Task;
        drop(queue);
        self.woken.notify_one();
    }

    /// Writes what waits, as a carrier, as far as the socket takes it; the rest is for the task.
    pub(crate) fn carry(&self) {
        let Some(line) = self.line.get() else { return };
        let mut queue = self.queue.lock();
        if queue.turn != Turn::Carrier {
            return;
        }
        if queue.write(line).is_ok() && queue.is_empty() {
            queue.turn = Turn::Free;
        } else {
            queue.turn = Turn::Task;
            drop(queue);
            self.woken.notify_one();
        }
    }

    /// The socket that carriers may write to once the client is free.
    pub fn set_line(&self, line: Arc<TcpStream>) {
        // A connection has one socket for its life.
        let _ = self.line.set(line);
    }

    /// Gives it free; false when something waits that has to be sent first, or when there is no socket.
    pub fn release(&self) -> bool {
        let mut queue = self.queue.lock();
        let free = queue.is_empty() && self.line.get().is_some();
        if free {
            queue.turn = Turn::Free;
        }
        free
    }

    /// Takes it back, so that nobody else writes to the socket.
    pub fn hold(&self) {
        self.queue.lock().turn = Turn::Task;
    }

    /// Returns when there may be something for the task.
    pub async fn woken(&self) {
        self.woken.notified().await;
    }

    /// What to do next; waits for it. Only the task that holds the client may ask.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.try_next() {
                return next;
            }
            self.woken().await;
        }
    }

    /// What to do next, if there is something.
    pub fn try_next(&self) -> Option<Next> {
        self.queue.lock().next()
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncReadExt as _, net::TcpListener};
    use uuid::Uuid;

    use super::*;
    use crate::queue::{MAX_BYTES, MAX_MESSAGES};

    fn client() -> Arc<Client> {
        Client::new(1, TenantId(Uuid::nil()))
    }

    fn place(id: usize) -> Place {
        Place { txid: 0, id: id as i64, part: 0 }
    }

    fn message(text: &str) -> Message {
        Message::new(text.as_bytes())
    }

    #[test]
    fn messages_come_in_order_and_then_nothing() {
        let client = client();
        for n in 0..3 {
            assert!(!client.push(place(n), &message(&n.to_string())), "its task holds it");
        }
        for n in 0..3 {
            assert_eq!(client.try_next(), Some(Next::Message(message(&n.to_string()))));
        }
        assert_eq!(client.try_next(), None);
    }

    #[test]
    fn a_full_queue_is_lost_whole_and_what_comes_later_follows_the_word_to_look_again() {
        for (text, fits) in [("x", MAX_MESSAGES), (&*"x".repeat(MAX_BYTES / 5), 4)] {
            let client = client();
            for n in 0..=fits {
                assert!(!client.push(place(n), &message(text)));
            }
            assert!(!client.push(place(fits + 1), &message("later")));
            assert_eq!(client.try_next(), Some(Next::Resync(place(fits))));
            assert_eq!(client.try_next(), Some(Next::Message(message("later"))));
            assert_eq!(client.try_next(), None);
        }
    }

    #[test]
    fn a_closed_client_gets_what_waits_and_then_the_end() {
        let client = client();
        assert!(!client.push(place(1), &message("last")));
        client.close();
        assert!(!client.push(place(2), &message("too late")));
        assert_eq!(client.try_next(), Some(Next::Message(message("last"))));
        assert_eq!(client.try_next(), Some(Next::Closed));
    }

    /// A client that is free, and the other end of its line.
    async fn connected() -> (Arc<Client>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (far, accepted) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        let line = accepted.unwrap().0;
        line.writable().await.unwrap();
        let client = client();
        assert!(!client.release(), "without a line nobody could write to it");
        client.set_line(Arc::new(line));
        assert!(client.release());
        (client, far.unwrap())
    }

    #[tokio::test]
    async fn a_carrier_comes_once_and_writes_everything_in_order() {
        let (client, mut far) = connected().await;
        let asked: Vec<bool> = (0..40).map(|n| client.push(place(n), &message(&n.to_string()))).collect();
        assert!(asked[0] && asked[1..].iter().all(|asked| !asked));
        client.carry();
        client.carry();
        let all: Vec<u8> = (0..40).flat_map(|n| message(&n.to_string()).framed().to_vec()).collect();
        let mut heard = vec![0; all.len()];
        far.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, all);
        assert!(client.push(place(40), &message("next")), "and comes again");
        client.hold();
        client.carry();
        assert_eq!(client.try_next(), Some(Next::Message(message("next"))), "but not while the task holds it");
    }

    #[tokio::test]
    async fn what_a_stuck_socket_does_not_take_is_for_the_task_beginning_in_the_middle_of_a_frame() {
        let (client, mut far) = connected().await;
        let frame = message(&"x".repeat(MAX_BYTES / 5));
        let whole = frame.framed().len();
        let mut pushed = 0;
        while client.queue.lock().turn != Turn::Task {
            pushed += 1;
            if client.push(place(pushed), &frame) {
                client.carry();
            }
        }
        let begun = client.queue.lock().begun;
        client.lose(place(pushed));
        client.woken().await;
        assert!(!client.release());
        let line = client.line.get().cloned().unwrap();
        let reading = async move {
            let mut heard = Vec::new();
            far.read_to_end(&mut heard).await.unwrap();
            heard
        };
        let ending = async move {
            let mut next = client.try_next();
            if begun > 0 {
                let Some(Next::Rest(rest)) = next else { panic!("{next:?}") };
                assert_eq!(rest.len() + begun, whole);
                let mut rest = &rest[..];
                while !rest.is_empty() {
                    line.writable().await.unwrap();
                    rest = &rest[line.try_write(rest).unwrap_or(0)..];
                }
                next = client.try_next();
            }
            assert_eq!(next, Some(Next::Resync(place(pushed))));
            assert!(client.release());
        };
        let (heard, ()) = tokio::join!(reading, ending);
        assert_eq!(heard.len() % whole, 0, "whole frames only");
    }
}

//! One client: a bounded queue that its connection empties.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use lintel_domain::id::TenantId;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::place::Place;

/// The most frames that wait for one client.
pub const MAX_FRAMES: usize = 4_096;
/// The most bytes that wait for one client.
pub const MAX_BYTES: usize = 512 * 1024;

/// Whoever listens over one connection. Nothing is allocated for a client that keeps up.
pub struct Client {
    pub(crate) id: u64,
    pub(crate) tenant: TenantId,
    queue: Mutex<Queue>,
    woken: Notify,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// Up to where frames were thrown away, until the client has been told.
    lost: Option<Place>,
    closed: bool,
}

/// What a connection does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this.
    Frame(Bytes),
    /// Say that everything up to here was missed.
    Resync(Place),
    /// Say goodbye.
    Closed,
}

impl Client {
    pub(crate) fn new(id: u64, tenant: TenantId) -> Arc<Self> {
        Arc::new(Self { id, tenant, queue: Mutex::default(), woken: Notify::new() })
    }

    /// Puts a frame into the queue; a queue that is full is thrown away, whole, so that the client is told to look again.
    pub(crate) fn push(&self, place: Place, text: &Bytes) {
        let mut queue = self.queue.lock();
        if queue.closed {
            return;
        }
        if queue.frames.len() >= MAX_FRAMES || queue.bytes + text.len() > MAX_BYTES {
            queue.lose(place);
        } else {
            queue.bytes += text.len();
            queue.frames.push_back(text.clone());
        }
        drop(queue);
        self.woken.notify_one();
    }

    /// Throws the queue away and has the client told that it missed everything up to a place.
    pub(crate) fn lose(&self, place: Place) {
        self.queue.lock().lose(place);
        self.woken.notify_one();
    }

    /// Ends it: what waits is still sent.
    pub(crate) fn close(&self) {
        self.queue.lock().closed = true;
        self.woken.notify_one();
    }

    /// What to do next; waits for it. Only one connection may ask.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.try_next() {
                return next;
            }
            self.woken.notified().await;
        }
    }

    /// What to do next, if there is something.
    pub fn try_next(&self) -> Option<Next> {
        let mut queue = self.queue.lock();
        if let Some(place) = queue.lost.take() {
            return Some(Next::Resync(place));
        }
        if let Some(text) = queue.frames.pop_front() {
            queue.bytes -= text.len();
            if queue.frames.is_empty() {
                queue.frames = VecDeque::new();
            }
            return Some(Next::Frame(text));
        }
        queue.closed.then_some(Next::Closed)
    }
}

impl Queue {
    fn lose(&mut self, place: Place) {
        self.frames = VecDeque::new();
        self.bytes = 0;
        self.lost = Some(place);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn client() -> Arc<Client> {
        Client::new(1, TenantId(Uuid::nil()))
    }

    fn place(id: i64) -> Place {
        Place { txid: 0, id, part: 0 }
    }

    #[test]
    fn frames_come_in_order_and_then_nothing() {
        let client = client();
        for n in 0..3_u8 {
            client.push(place(i64::from(n)), &Bytes::from(vec![n]));
        }
        for n in 0..3_u8 {
            assert_eq!(client.try_next(), Some(Next::Frame(Bytes::from(vec![n]))));
        }
        assert_eq!(client.try_next(), None);
    }

    #[test]
    fn a_full_queue_is_lost_whole_and_what_comes_later_follows_the_word_to_look_again() {
        for (text, fits) in [(Bytes::from_static(b"x"), MAX_FRAMES), (Bytes::from(vec![0; MAX_BYTES / 4]), 4)] {
            let client = client();
            for n in 0..=fits {
                client.push(place(n as i64), &text);
            }
            let later = Bytes::from_static(b"later");
            client.push(place(fits as i64 + 1), &later);
            assert_eq!(client.try_next(), Some(Next::Resync(place(fits as i64))));
            assert_eq!(client.try_next(), Some(Next::Frame(later)));
            assert_eq!(client.try_next(), None);
        }
    }

    #[test]
    fn a_closed_client_gets_what_waits_and_then_the_end() {
        let client = client();
        client.push(place(1), &Bytes::from_static(b"last"));
        client.close();
        client.push(place(2), &Bytes::from_static(b"too late"));
        assert_eq!(client.try_next(), Some(Next::Frame(Bytes::from_static(b"last"))));
        assert_eq!(client.try_next(), Some(Next::Closed));
    }
}

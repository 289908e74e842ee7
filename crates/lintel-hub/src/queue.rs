//! What waits for a client: bounded messages, and the word that some were lost.

use std::{collections::VecDeque, io, sync::Arc};

use tokio::net::TcpStream;

use crate::{client::Next, message::Message, place::Place};

/// The most messages that wait for one client.
pub const MAX_MESSAGES: usize = 4_096;
/// The most bytes that wait for one client.
pub const MAX_BYTES: usize = 512 * 1024;
/// The most messages that are handed to a socket at once.
const AT_ONCE: usize = 16;

#[derive(Default)]
pub(crate) struct Queue {
    messages: VecDeque<Waiting>,
    bytes: usize,
    /// How much of the first message is on the line already.
    pub(crate) begun: usize,
    /// Up to where messages were thrown away, until the client has been told.
    lost: Option<Place>,
    pub(crate) closed: bool,
    pub(crate) turn: Turn,
}

struct Waiting {
    message: Message,
    /// The topic that it tells the whole of: a later one takes its place, and it is never thrown away.
    whole_of: Option<Arc<str>>,
}

/// Who may write to the client.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The task of its connection.
    #[default]
    Task,
    /// Nobody has to: nothing waits.
    Free,
    /// The carrier that takes it off the list.
    Carrier,
}

impl Queue {
    /// Whether nothing has to be said to the client.
    pub(crate) fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.lost.is_none() && !self.closed
    }

    /// Has a message wait; when too much waits, all is thrown away up to its place.
    pub(crate) fn push(&mut self, place: Place, message: &Message) {
        if self.messages.len() >= MAX_MESSAGES || self.bytes + message.framed().len() > MAX_BYTES {
            self.lose(place);
        } else {
            self.put(Waiting { message: message.clone(), whole_of: None });
        }
    }

    /// Has the whole of something wait, in place of an earlier state of it.
    pub(crate) fn show(&mut self, topic: &Arc<str>, message: &Message) {
        let waiting = Waiting { message: message.clone(), whole_of: Some(topic.clone()) };
        let begun = usize::from(self.begun > 0);
        match self.messages.iter_mut().skip(begun).find(|other| other.whole_of == waiting.whole_of) {
            Some(earlier) => {
                self.bytes = self.bytes - earlier.message.framed().len() + message.framed().len();
                *earlier = waiting;
            }
            None => self.put(waiting),
        }
    }

    /// What comes first: the rest of what is on the line in part, then the word that something was lost, then messages.
    pub(crate) fn next(&mut self) -> Option<Next> {
        let begun = std::mem::take(&mut self.begun);
        if begun == 0
            && let Some(place) = self.lost.take()
        {
            return Some(Next::Resync(place));
        }
        match self.take() {
            Some(message) if begun > 0 => Some(Next::Rest(message.framed().slice(begun..))),
            Some(message) => Some(Next::Message(message)),
            None => self.closed.then_some(Next::Closed),
        }
    }

    /// Throws away the messages that tell of something that happened, but for one that is on the line in part.
    pub(crate) fn lose(&mut self, place: Place) {
        let begun = if self.begun > 0 { self.messages.pop_front() } else { None };
        let whole = std::mem::take(&mut self.messages).into_iter().filter(|waiting| waiting.whole_of.is_some());
        self.bytes = 0;
        for waiting in begun.into_iter().chain(whole) {
            self.put(waiting);
        }
        self.lost = Some(place);
    }

    fn put(&mut self, waiting: Waiting) {
        self.bytes += waiting.message.framed().len();
        self.messages.push_back(waiting);
    }

    /// The first message.
    fn take(&mut self) -> Option<Message> {
        let message = self.messages.pop_front()?.message;
        self.bytes -= message.framed().len();
        if self.messages.is_empty() {
            self.messages = VecDeque::new();
        }
        Some(message)
    }

    /// Writes until no message waits or the socket takes no more; nothing when something else comes first.
    pub(crate) fn write(&mut self, line: &TcpStream) -> io::Result<()> {
        if self.lost.is_some() {
            return Ok(());
        }
        while let Some(first) = self.messages.front() {
            let begun = &first.message.framed()[self.begun..];
            let written = if self.messages.len() == 1 {
                line.try_write(begun)?
            } else {
                let rest = self.messages.iter().skip(1).take(AT_ONCE - 1).map(|waiting| &**waiting.message.framed());
                let pieces: Vec<io::IoSlice<'_>> = std::iter::once(begun).chain(rest).map(io::IoSlice::new).collect();
                line.try_write_vectored(&pieces)?
            };
            self.advance(written);
        }
        Ok(())
    }

    /// Takes away what has been written.
    fn advance(&mut self, written: usize) {
        self.begun += written;
        while let Some(length) = self.messages.front().map(|waiting| waiting.message.framed().len())
            && self.begun >= length
        {
            self.begun -= length;
            self.take();
        }
    }
}

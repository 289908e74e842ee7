//! Carriers write what waits for clients to their sockets: a few tasks for all clients, so that telling ten thousand of
//! them wakes no ten thousand tasks, and whatever else the process does gets its turn in between.

use std::{collections::VecDeque, pin::pin, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::client::Client;

/// After how many clients a carrier lets others have their turn: at a few microseconds for each, a fraction of a millisecond.
const ROUND: usize = 32;
/// How many clients are gathered before carriers are called.
const GATHERED: usize = 256;

/// The clients that carriers have to come to.
#[derive(Default)]
pub(crate) struct Carriers {
    list: Mutex<List>,
    called: Notify,
    done: Notify,
}

#[derive(Default)]
struct List {
    waiting: VecDeque<Arc<Client>>,
    /// Carriers that are under way.
    under_way: usize,
}

/// Clients that have something new; carriers are called for them soon, at the latest when this is dropped.
pub(crate) struct Gathered<'a> {
    carriers: &'a Carriers,
    clients: Vec<Arc<Client>>,
}

impl Carriers {
    pub(crate) fn gather(&self) -> Gathered<'_> {
        Gathered { carriers: self, clients: Vec::new() }
    }

    /// Writes what waits for one client after another; never returns. As many may run as there are cores.
    pub(crate) async fn carry(&self) {
        loop {
            let mut called = pin!(self.called.notified());
            // From here on a call is not missed.
            called.as_mut().enable();
            let round = self.set_out();
            if round.is_empty() {
                called.await;
            } else {
                for client in &round {
                    client.carry();
                }
                self.come_back();
                tokio::task::yield_now().await;
            }
        }
    }

    fn set_out(&self) -> Vec<Arc<Client>> {
        let mut list = self.list.lock();
        let most = list.waiting.len().min(ROUND);
        let round: Vec<Arc<Client>> = list.waiting.drain(..most).collect();
        if list.waiting.is_empty() {
            list.waiting = VecDeque::new();
        }
        list.under_way += usize::from(!round.is_empty());
        round
    }

    fn come_back(&self) {
        let mut list = self.list.lock();
        list.under_way -= 1;
        if list.is_done() {
            self.done.notify_waiters();
        }
    }

    /// Returns when nothing is left that carriers could write. They wait for nobody, so this takes no longer than writing.
    pub(crate) async fn done(&self) {
        let mut done = pin!(self.done.notified());
        done.as_mut().enable();
        let is_done = self.list.lock().is_done();
        if !is_done {
            done.await;
        }
    }
}

impl List {
    fn is_done(&self) -> bool {
        self.waiting.is_empty() && self.under_way == 0
    }
}

impl Gathered<'_> {
    pub(crate) fn add(&mut self, client: &Arc<Client>) {
        self.clients.push(client.clone());
        if self.clients.len() >= GATHERED {
            self.call();
        }
    }

    fn call(&mut self) {
        self.carriers.list.lock().waiting.extend(self.clients.drain(..));
        self.carriers.called.notify_waiters();
    }
}

impl Drop for Gathered<'_> {
    fn drop(&mut self) {
        if !self.clients.is_empty() {
            self.call();
        }
    }
}

//! How many connections are open, in all and from each address.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use parking_lot::Mutex;

/// The bounds and what is taken.
pub(super) struct Room {
    most: usize,
    most_per_address: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place that is free again when it is dropped.
pub(super) struct Seat {
    room: Arc<Room>,
    address: IpAddr,
}

impl Room {
    pub(super) fn new(most: usize, most_per_address: usize) -> Self {
        Self { most, most_per_address, taken: Mutex::default() }
    }

    /// Takes a place; none when it is full. Only loopback addresses may take more than their share.
    pub(super) fn enter(room: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let address = address.to_canonical();
        let mut taken = room.taken.lock();
        let own = taken.by_address.get(&address).copied().unwrap_or(0);
        if taken.all >= room.most || (own >= room.most_per_address && !address.is_loopback()) {
            return None;
        }
        taken.all += 1;
        taken.by_address.insert(address, own + 1);
        Some(Seat { room: room.clone(), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.room.taken.lock();
        taken.all -= 1;
        if let Some(own) = taken.by_address.get_mut(&self.address) {
            *own -= 1;
            if *own == 0 {
                taken.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_their_share_and_loopback_has_all() {
        let room = Arc::new(Room::new(5, 2));
        let enter = |address: &str| Room::enter(&room, address.parse().unwrap());
        let a: Vec<_> = (0..2).map(|_| enter("192.0.2.1").unwrap()).collect();
        assert!(enter("192.0.2.1").is_none());
        assert!(enter("::ffff:192.0.2.1").is_none());
        let b: Vec<_> = (0..3).map(|_| enter("127.0.0.1").unwrap()).collect();
        assert!(enter("127.0.0.1").is_none() && enter("192.0.2.2").is_none());
        drop(a);
        assert!(enter("192.0.2.1").is_some());
        drop(b);
        assert!(room.taken.lock().by_address.is_empty());
    }
}

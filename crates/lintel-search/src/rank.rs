//! The first rows of an order, gathered from many slots.

use std::collections::BinaryHeap;

use uuid::Uuid;

/// Where a row is: its piece and slot.
pub(crate) type Place = (u32, u32);

/// A row's place in an order: its rank, then its id.
pub(crate) type Position = (u64, Uuid);

/// The first `most` rows behind a position.
#[derive(Debug)]
pub(crate) struct First {
    heap: BinaryHeap<(Position, Place)>,
    most: usize,
    after: Option<Position>,
    /// Rows that come later than this cannot be among the first.
    last: Position,
}

impl First {
    pub(crate) fn new(most: usize, after: Option<Position>) -> Self {
        Self {
            heap: BinaryHeap::with_capacity(most.min(1024) + 1),
            most,
            after,
            last: if most == 0 { (0, Uuid::nil()) } else { (u64::MAX, Uuid::max()) },
        }
    }

    /// Offers a row. `id` is asked for only when the rank does not settle it.
    #[inline]
    pub(crate) fn offer(&mut self, rank: u64, id: impl FnOnce() -> Uuid, place: Place) {
        if rank > self.last.0 || self.after.is_some_and(|after| rank < after.0) {
            return;
        }
        self.consider((rank, id()), place);
    }

    fn consider(&mut self, position: Position, place: Place) {
        if self.most == 0 || position > self.last || self.after.is_some_and(|after| position <= after) {
            return;
        }
        self.heap.push((position, place));
        if self.heap.len() > self.most {
            self.heap.pop();
        }
        if self.heap.len() == self.most
            && let Some((last, _)) = self.heap.peek()
        {
            self.last = *last;
        }
    }

    /// The position behind which rows are wanted.
    pub(crate) fn after(&self) -> Option<Position> {
        self.after
    }

    /// Whether a row of this rank, and therefore any later one, comes too late.
    #[inline]
    pub(crate) fn is_beyond(&self, rank: u64) -> bool {
        rank > self.last.0
    }

    /// Whether a row at this position, and therefore any later one, comes too late.
    pub(crate) fn is_past(&self, position: Position) -> bool {
        position > self.last
    }

    /// Whether as many rows as wanted are there, so that only an earlier one can still come in.
    pub(crate) fn is_full(&self) -> bool {
        self.heap.len() >= self.most
    }

    /// The rank of the last row that is in when there are enough.
    pub(crate) fn last_rank(&self) -> u64 {
        self.last.0
    }

    /// The rows in order.
    pub(crate) fn into_sorted(self) -> Vec<(Position, Place)> {
        self.heap.into_sorted_vec()
    }
}

#[cfg(test)]
mod tests {
    use lintel_domain::rng::Rng;

    use super::*;

    #[test]
    fn the_first_rows_are_those_of_a_sorted_list() {
        let mut rng = Rng::new(8);
        for _ in 0..200 {
            let mut rows: Vec<Position> =
                (0..rng.below(60)).map(|_| (rng.below(6), Uuid::from_u128(rng.below(1000) as u128))).collect();
            rows.sort_unstable();
            rows.dedup();
            let after = rng.pick(&rows).copied().filter(|_| rng.bits() & 1 == 0);
            let most = rng.below(12) as usize;
            let expected: Vec<Position> =
                rows.iter().copied().filter(|row| after.is_none_or(|after| *row > after)).take(most).collect();
            let mut first = First::new(most, after);
            rng.shuffle(&mut rows);
            for row in &rows {
                first.offer(row.0, || row.1, (0, 0));
            }
            assert!(first.into_sorted().into_iter().map(|(row, _)| row).eq(expected));
        }
    }
}

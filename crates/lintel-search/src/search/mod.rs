//! Answering a search: select, count, and take the first rows of the order.

mod facets;
mod order;
mod prices;

use lintel_domain::id::ListingId;

use crate::{
    Error, Found, Part, Query,
    column::Bits,
    part::Piece,
    plan::Conditions,
    rank::{First, Position},
};
use facets::{Bars, Tally};
use order::Order;

impl Part {
    /// Answers a search.
    ///
    /// # Errors
    /// When the sort needs what the query does not have, or the key is of another sort.
    pub fn search(&self, query: &Query<'_>) -> Result<Found, Error> {
        let conditions = self.conditions(query.filter, query.today);
        let order = Order::new(self, query, &conditions)?;
        let after: Option<Position> = match query.after {
            Some(key) => Some((query.sort.rank(&key.value)?, key.id)),
            None => None,
        };
        let mut first = First::new(query.limit.saturating_add(1), after);
        let mut tallies: Vec<Tally> = query.facets.iter().map(|facet| Tally::new(*facet)).collect();
        let mut bars = Bars::default();
        let mut total = 0;
        for (number, piece) in (0u32..).zip(&self.pieces) {
            let bits = select(&conditions, piece, query.histogram.then_some(&mut bars));
            let count = bits.count();
            total += count as u64;
            if count == 0 {
                continue;
            }
            for tally in &mut tallies {
                tally.add(&piece.segment, &bits, count);
            }
            if query.limit > 0 {
                order.offer(number, piece, &bits, count, &mut first);
            }
        }
        let mut rows = first.into_sorted();
        let more = rows.len() > query.limit;
        rows.truncate(query.limit);
        let next = rows.last().filter(|_| more).map(|((rank, id), _)| query.sort.key(*rank, *id));
        Ok(Found {
            ids: rows.into_iter().map(|((_, id), _)| ListingId(id)).collect(),
            total,
            facets: tallies.into_iter().map(|tally| tally.finish(&self.kinds)).collect(),
            histogram: query.histogram.then(|| bars.finish()),
            next,
        })
    }
}

/// The slots that pass. The slider's bars leave the bound on price out, so that bound is applied after they are counted.
fn select(conditions: &Conditions, piece: &Piece, bars: Option<&mut Bars>) -> Bits {
    let segment = &piece.segment;
    let Some(bars) = bars else {
        return conditions.select(segment, piece.live());
    };
    let any_price = Conditions { price: None, ..conditions.clone() };
    let mut bits = any_price.select(segment, piece.live());
    bars.add(segment, &bits);
    if let Some((least, most)) = conditions.price {
        for group in &segment.groups {
            let within = segment.between(group, least, most);
            bits.clear_range(group.from as usize, within.start);
            bits.clear_range(within.end, group.to as usize);
        }
    }
    bits
}

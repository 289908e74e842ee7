//! A part after a change: what is replaced is marked, what is new is a small piece, small pieces are merged.

use std::{collections::HashMap, sync::Arc};

use lintel_domain::{id::ListingId, listing::Listing, money::Money};
use uuid::Uuid;

use super::{Cursor, Kinds, Part, PartBuilder, Piece, build::MOST};
use crate::{
    Error,
    column::Bits,
    segment::{NONE, Segment, merge},
};

/// A piece is merged into the one before it when that has fewer than this many times its listings.
const GROWTH: usize = 4;
/// Merges of at most this many listings are done with the change; larger ones wait for [`Part::compacted`].
const AT_ONCE: usize = 20_000;

impl Part {
    /// The part after some listings were stored and some removed. An estimate stays with its listing. Of two upserts of
    /// one listing the later counts; a listing that is both stored and removed is removed.
    pub fn with(&self, upserts: &[Listing], removals: &[ListingId], cursor: Cursor) -> Result<Self, Error> {
        if self.len() + upserts.len() > MOST {
            return Err(Error::TooMany(MOST));
        }
        let mut part = self.clone();
        part.cursor = cursor;
        let mut builder = PartBuilder::with_kinds(Kinds::clone(&self.kinds));
        let removed: std::collections::HashSet<Uuid> = removals.iter().map(|id| id.0).collect();
        let mut kept: HashMap<Uuid, i64> = HashMap::new();
        let mut gone: Vec<Vec<usize>> = vec![Vec::new(); part.pieces.len()];
        for listing in upserts {
            if removed.contains(&listing.id.0) {
                continue;
            }
            if let Some((piece, slot)) = self.find(listing.id) {
                gone[piece].push(slot);
                let estimate = self.pieces[piece].estimate(slot);
                if estimate != NONE {
                    kept.insert(listing.id.0, estimate);
                }
            }
            builder.push(listing)?;
        }
        for id in &removed {
            if let Some((piece, slot)) = self.find(ListingId(*id)) {
                gone[piece].push(slot);
            }
        }
        for (piece, slots) in part.pieces.iter_mut().zip(gone) {
            piece.remove(&slots);
        }
        part.pieces.retain(|piece| piece.living > 0);
        let (segment, kinds) = builder.segment();
        if segment.len() > 0 {
            let estimate = |id: &Uuid| kept.get(id).copied().unwrap_or(NONE);
            let estimates = if kept.is_empty() { Vec::new() } else { segment.ids.iter().map(estimate).collect() };
            part.pieces.push(Piece::new(segment, estimates));
            if kinds.names.len() > self.kinds.names.len() {
                part.kinds = kinds.into();
            }
        }
        part.merge(AT_ONCE);
        Ok(part)
    }

    /// The part with its larger pieces merged where that is due; `None` when nothing is. It answers as before, but sooner.
    pub fn compacted(&self) -> Option<Self> {
        let mut part = self.clone();
        part.merge(usize::MAX).then_some(part)
    }

    /// The part with these listings' estimates set or taken away; ids that it does not hold are passed over.
    #[must_use]
    pub fn with_estimates(&self, estimates: &[(ListingId, Option<Money>)]) -> Self {
        let mut part = self.clone();
        for (id, estimate) in estimates {
            let Some((piece, slot)) = part.find(*id) else {
                continue;
            };
            let piece = &mut part.pieces[piece];
            let column = Arc::make_mut(&mut piece.estimates);
            if column.is_empty() {
                *column = vec![NONE; piece.segment.len()];
            }
            column[slot] = estimate.map_or(NONE, |estimate| estimate.0);
        }
        part
    }

    /// Merges pieces at the end while they are too alike in size and the result has at most `most` listings; then
    /// rewrites those of which most was removed. Whether anything was done.
    fn merge(&mut self, most: usize) -> bool {
        let mut merged = false;
        while let [.., before, last] = self.pieces.as_slice() {
            let together = before.living + last.living;
            if before.living >= GROWTH * last.living || together > most {
                break;
            }
            let piece = Piece::merged(&[before, last]);
            self.pieces.truncate(self.pieces.len() - 2);
            self.pieces.push(piece);
            merged = true;
        }
        for piece in &mut self.pieces {
            if piece.living <= most && piece.living * 2 < piece.segment.len() {
                *piece = Piece::merged(&[piece]);
                merged = true;
            }
        }
        merged
    }
}

impl Piece {
    /// Marks slots as removed.
    fn remove(&mut self, slots: &[usize]) {
        if slots.is_empty() {
            return;
        }
        let live: &mut Bits = Arc::make_mut(&mut self.live);
        let dying = slots.iter().copied().filter(|slot| {
            let lives = live.get(*slot);
            live.clear(*slot);
            lives
        });
        let dying: Vec<usize> = dying.collect();
        self.living -= dying.len();
        let gone: &mut Vec<u32> = Arc::make_mut(&mut self.gone);
        gone.extend(self.segment.in_grid(dying.into_iter()));
        gone.sort_unstable();
    }

    fn merged(pieces: &[&Self]) -> Self {
        let parts: Vec<(&Segment, &Bits)> = pieces.iter().map(|piece| (&*piece.segment, &*piece.live)).collect();
        let (segment, moved) = merge::merge(&parts);
        let mut estimates = Vec::new();
        for (piece, moved) in pieces.iter().zip(moved) {
            for (estimate, to) in piece.estimates.iter().zip(moved) {
                let (true, Some(to)) = (*estimate != NONE, to) else {
                    continue;
                };
                estimates.resize(segment.len(), NONE);
                estimates[to as usize] = *estimate;
            }
        }
        Self::new(segment, estimates)
    }
}

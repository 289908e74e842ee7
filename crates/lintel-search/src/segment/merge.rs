//! Making one segment of the living listings of several.

use std::collections::BTreeMap;

use super::{Row, Segment};
use crate::{
    column::{Bits, Gathered},
    text::{Text, gather},
};

const GONE: u32 = u32::MAX;

/// One segment of the living listings of `pieces`; no id lives in two of them. Also where the slots of each piece went
/// ([`None`] for the removed).
pub(crate) fn merge(pieces: &[(&Segment, &Bits)]) -> (Segment, Vec<Vec<Option<u32>>>) {
    let mut places: Vec<(u32, u32)> = Vec::new();
    for (number, (_, live)) in (0u32..).zip(pieces) {
        places.extend(live.iter().map(|slot| (number, slot as u32)));
    }
    let mut rows: Vec<(Row, (u32, u32))> =
        places.into_iter().map(|(piece, slot)| (pieces[piece as usize].0.row(slot as usize), (piece, slot))).collect();
    // Each piece is in order already: a stable sort finds the runs and only merges them.
    rows.sort_by_key(|(row, _)| row.order());
    let mut moved: Vec<Vec<u32>> = pieces.iter().map(|(segment, _)| vec![GONE; segment.len()]).collect();
    for (slot, (_, (piece, from))) in (0u32..).zip(&rows) {
        moved[*piece as usize][*from as usize] = slot;
    }
    let rows: Vec<Row> = rows.into_iter().map(|(row, _)| row).collect();
    let text = merge_text(pieces, &moved, rows.len());
    let moved =
        moved.into_iter().map(|slots| slots.into_iter().map(|slot| (slot != GONE).then_some(slot)).collect()).collect();
    (Segment::new(&rows, text), moved)
}

/// The sets of each stem, moved to their new slots.
fn merge_text(pieces: &[(&Segment, &Bits)], moved: &[Vec<u32>], slots: usize) -> Text {
    let mut stems: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    for (piece, (segment, _)) in pieces.iter().enumerate() {
        let known = &segment.text.stems;
        for stem in 0..known.len() {
            stems.entry(known.get(stem)).or_default().push((piece, stem));
        }
    }
    let mut scratch: Vec<u32> = Vec::new();
    let mut gather_set = |of: &[(usize, usize)], address: bool| {
        scratch.clear();
        for &(piece, stem) in of {
            let text = &pieces[piece].0.text;
            let sets = if address { &text.address } else { &text.remarks };
            let moved = &moved[piece];
            sets.each(stem, |slot| {
                if moved[slot] != GONE {
                    scratch.push(moved[slot]);
                }
            });
        }
        if of.len() > 1 {
            scratch.sort_unstable();
        }
        let mut set = Gathered::default();
        for slot in &scratch {
            set.push(*slot);
        }
        set
    };
    let sets: Vec<(&str, Gathered, Gathered)> =
        stems.iter().map(|(stem, of)| (*stem, gather_set(of, false), gather_set(of, true))).collect();
    gather::assemble(slots, sets.iter().map(|(stem, remarks, address)| (*stem, remarks, address)))
}

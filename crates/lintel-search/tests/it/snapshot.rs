//! A part comes back from its snapshot as it was, and no damage goes unnoticed.

use lintel_domain::{id::ListingId, money::Money, rng::Rng};
use lintel_search::{Cursor, Error, Facet, Part, Query};

use crate::world::{SEATTLE, TAVEUNI, TODAY, part};

fn bytes(part: &Part) -> Vec<u8> {
    let mut bytes = Vec::new();
    part.write_snapshot(&mut bytes).unwrap();
    bytes
}

#[test]
fn a_snapshot_gives_the_same_answers() {
    for world in [SEATTLE, TAVEUNI] {
        let mut rng = Rng::new(31);
        let listings = world.listings(&mut rng, 700);
        let gone: Vec<ListingId> = listings[..40].iter().map(|listing| listing.id).collect();
        let estimates: Vec<_> = listings[20..90].iter().map(|listing| (listing.id, Some(Money(77_777)))).collect();
        let part = part(&listings, true).with_estimates(&estimates).with(&[], &gone, Cursor(-5, 9)).unwrap();
        let back = Part::read_snapshot(&mut bytes(&part).as_slice()).unwrap();
        assert_eq!((back.cursor(), back.len()), (part.cursor(), part.len()));
        assert_eq!(bytes(&back), bytes(&part));
        for _ in 0..60 {
            let (filter, wishes) = (world.filter(&mut rng), world.preferences(&mut rng));
            let query = Query { facets: Facet::ALL, histogram: true, ..Query::new(&filter, TODAY) };
            assert_eq!(back.search(&query).unwrap(), part.search(&query).unwrap());
            assert_eq!(back.match_top(&wishes, 9, TODAY), part.match_top(&wishes, 9, TODAY));
        }
        // It goes on from there as the original does.
        let more = world.listings(&mut rng, 30);
        let grown = back.with(&more, &[], Cursor(1, 1)).unwrap();
        assert_eq!(bytes(&grown), bytes(&part.with(&more, &[], Cursor(1, 1)).unwrap()));
    }
}

#[test]
fn an_empty_part_comes_back() {
    let back = Part::read_snapshot(&mut bytes(&Part::default()).as_slice()).unwrap();
    assert!(back.is_empty());
}

#[test]
fn damage_never_changes_what_is_read_and_every_cut_is_an_error() {
    let mut rng = Rng::new(32);
    let whole = bytes(&part(&SEATTLE.listings(&mut rng, 60), true));
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << rng.below(8);
        // A bit of the frame may say nothing about its content; then the content is whole.
        if let Ok(back) = Part::read_snapshot(&mut damaged.as_slice()) {
            assert!(bytes(&back) == whole, "byte {at}");
        }
        assert!(Part::read_snapshot(&mut &whole[..at]).is_err(), "cut at {at}");
    }
    let mut longer = whole.clone();
    longer.push(0);
    assert!(Part::read_snapshot(&mut longer.as_slice()).is_err());
}

#[test]
fn another_version_says_so() {
    let mut other = bytes(&Part::default());
    other[8] += 1;
    assert!(matches!(Part::read_snapshot(&mut other.as_slice()), Err(Error::Snapshot("another version"))));
}

//! Changed listings are found by exactly the searches that find them in the whole market.

use std::collections::BTreeSet;

use lintel_domain::{filter::ListingFilter, id::ListingId, rng::Rng};
use lintel_search::{Changed, Cursor, Part, Query};

use crate::world::{SEATTLE, TAVEUNI, TODAY, World, part};

fn searched(part: &Part, filter: &ListingFilter) -> BTreeSet<ListingId> {
    let query = Query { limit: part.len(), ..Query::new(filter, TODAY) };
    part.search(&query).unwrap().ids.into_iter().collect()
}

/// Holds `searches` random searches against random changes of `count` listings, some of them new, by the market as it was
/// and as it is.
fn check(world: World, count: u64, changes: u64, searches: usize, seed: u64) {
    let mut rng = Rng::new(seed);
    let before = part(&world.listings(&mut rng, count), true);
    for _ in 0..6 {
        let ids: Vec<u64> = (0..changes).map(|_| rng.below(count + changes)).collect();
        let changed: Vec<_> = ids.into_iter().map(|id| world.listing(&mut rng, id)).collect();
        let after = before.with(&changed, &[], Cursor(3, 0)).unwrap();
        let ids: BTreeSet<ListingId> = changed.iter().map(|listing| listing.id).collect();
        let watched = [&before, &after].map(|market| Changed::new(&changed, Some(market)).unwrap());
        for _ in 0..searches {
            let filter = world.filter(&mut rng);
            let expected: BTreeSet<ListingId> = searched(&after, &filter).intersection(&ids).copied().collect();
            for watched in &watched {
                let found = watched.found_by(&filter, TODAY);
                assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), expected, "{filter:?}");
                assert_eq!(found.len(), expected.len(), "each once");
            }
        }
    }
}

#[test]
fn what_a_change_is_found_by_is_what_a_search_of_the_market_finds() {
    check(SEATTLE, 400, 25, 120, 71);
    check(TAVEUNI, 300, 1, 120, 72);
    // So few others that the changed listings decide which words are widened.
    check(SEATTLE, 3, 4, 300, 73);
}

#[test]
fn nothing_changed_is_found_by_nothing() {
    let nothing = Changed::new(&[], None).unwrap();
    assert_eq!(nothing.found_by(&ListingFilter::default(), TODAY), []);
}

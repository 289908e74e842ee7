//! The searches that find a changed listing are exactly those by which it is found when they are asked one by one.

use std::collections::BTreeSet;

use lintel_domain::{
    filter::ListingFilter,
    id::{LeadId, ListingId, SavedSearchId},
    listing::Status,
    money::Money,
    preference::Preferences,
    rng::Rng,
};
use lintel_search::{Changed, Cursor, ListingView, Part, Watchers, Wishers, Wishes};
use uuid::Uuid;

use crate::{
    fit::likings,
    world::{SEATTLE, TAVEUNI, TODAY, World, part},
};

type Finds = BTreeSet<(SavedSearchId, ListingId)>;

/// Searches as they are kept, and as they are asked one by one.
#[derive(Default)]
struct Both {
    watchers: Watchers,
    plain: Vec<Option<ListingFilter>>,
}

fn id(number: usize) -> SavedSearchId {
    SavedSearchId(Uuid::from_u128(number as u128))
}

impl Both {
    fn put(&mut self, number: usize, filter: ListingFilter) {
        self.watchers.put(id(number), &filter);
        self.plain.resize(self.plain.len().max(number + 1), None);
        self.plain[number] = Some(filter);
    }

    fn remove(&mut self, number: usize) {
        assert_eq!(self.watchers.remove(id(number)), self.plain[number].take().is_some());
    }

    /// Holds both against changed listings; how many pairs that are, and how many of them find each other.
    fn check(&self, changed: &Changed, listings: usize) -> (usize, usize) {
        let (mut found, mut expected, mut times) = (Finds::new(), Finds::new(), 0);
        self.watchers.find(changed, TODAY, |search, listing| {
            found.insert((search, listing));
            times += 1;
        });
        assert_eq!(times, found.len(), "each once");
        let searches = self.plain.iter().enumerate().filter_map(|(number, filter)| Some((number, filter.as_ref()?)));
        let mut count = 0;
        for (number, filter) in searches {
            count += 1;
            expected.extend(changed.found_by(filter, TODAY).into_iter().map(|listing| (id(number), listing)));
        }
        assert_eq!(self.watchers.len(), count);
        if let Some((search, listing)) = found.symmetric_difference(&expected).next() {
            panic!("{listing:?} {:?}", self.plain[search.0.as_u128() as usize]);
        }
        (count * listings, expected.len())
    }
}

/// Holds many random searches, some of which change and go, against random changes of a market of `count` listings.
fn check(world: World, count: u64, changes: u64, rounds: usize, seed: u64) -> (usize, usize) {
    const SEARCHES: usize = 3_000;
    let mut rng = Rng::new(seed);
    let mut market: Part = part(&world.listings(&mut rng, count), true);
    let mut both = Both::default();
    (0..SEARCHES).for_each(|number| both.put(number, world.filter(&mut rng)));
    let (mut pairs, mut finds) = (0, 0);
    for round in 0..rounds {
        for _ in 0..SEARCHES / 10 {
            let number = rng.below(SEARCHES as u64) as usize;
            if rng.chance(0.3) {
                both.remove(number);
            } else {
                both.put(number, world.filter(&mut rng));
            }
        }
        let ids: BTreeSet<u64> = (0..changes).map(|_| rng.below(count + changes)).collect();
        let changed: Vec<_> = ids.into_iter().map(|id| world.listing(&mut rng, id)).collect();
        let news = Changed::new(&changed, Some(&market)).unwrap();
        let (of_round, found) = both.check(&news, changed.len());
        (pairs, finds) = (pairs + of_round, finds + found);
        market = market.with(&changed, &[], Cursor(3, round as i64)).unwrap();
    }
    (pairs, finds)
}

#[test]
fn a_million_pairs_of_search_and_listing_are_found_as_by_asking_each_search() {
    let mut all = (0, 0);
    for (world, count, changes, rounds, seed) in [
        (SEATTLE, 400, 60, 14, 81),
        (TAVEUNI, 300, 60, 6, 82),
        // So few others that the changed listings decide which words are widened.
        (SEATTLE, 3, 4, 20, 83),
        (SEATTLE, 100, 1, 40, 84),
    ] {
        let (pairs, finds) = check(world, count, changes, rounds, seed);
        all = (all.0 + pairs, all.1 + finds);
    }
    assert!(all.0 > 1_000_000 && all.1 > 20_000, "{all:?}");
}

#[test]
fn a_market_that_nobody_watches_finds_nobody() {
    let mut rng = Rng::new(85);
    let changed = Changed::new(&SEATTLE.listings(&mut rng, 20), None).unwrap();
    let mut both = Both::default();
    assert_eq!(both.check(&changed, 20), (0, 0));
    both.put(0, ListingFilter::default());
    assert!(both.check(&changed, 20).1 > 0 && !both.watchers.ask_for_words());
    both.put(0, ListingFilter { text: Some("the pool".to_owned()), ..ListingFilter::default() });
    assert!(both.watchers.ask_for_words());
    both.remove(0);
    assert!(both.watchers.is_empty() && !both.watchers.ask_for_words());
    assert_eq!(both.check(&changed, 20), (0, 0));
}

#[test]
fn more_types_of_property_than_there_are_buckets_are_told_apart() {
    let name = |number: u64| Some(format!("type {number}"));
    let mut both = Both::default();
    for number in 0..400 {
        let property_types = name(number).into_iter().chain(name(number + 7)).collect();
        both.put(number as usize, ListingFilter { property_types, ..ListingFilter::default() });
    }
    let mut rng = Rng::new(86);
    let listings: Vec<_> = (0..450).map(|number| SEATTLE.listing(&mut rng, number)).collect();
    let typed = listings.into_iter().zip(0..).map(|(mut listing, number)| {
        listing.facts.property_type = name(number).filter(|_| number % 50 != 3);
        listing.facts.status = Status::Active;
        listing
    });
    let changed = Changed::new(&typed.collect::<Vec<_>>(), None).unwrap();
    assert!(both.check(&changed, 450).1 > 700);
}

/// Holds the wishes of many people, some of which change and go, against random listings; how many pairs that are, and how
/// many of them fit each other.
fn check_wishers(world: World, rounds: usize, seed: u64) -> (usize, usize) {
    const PEOPLE: usize = 2_000;
    let mut rng = Rng::new(seed);
    let lead = |number: usize| LeadId(Uuid::from_u128(number as u128));
    let mut wishers = Wishers::default();
    let mut plain: Vec<Option<Preferences>> = vec![None; PEOPLE];
    let (mut pairs, mut fits) = (0, 0);
    for round in 0..rounds {
        for (number, wishes) in plain.iter_mut().enumerate() {
            if round == 0 || rng.chance(0.1) {
                *wishes = rng.chance(0.8).then(|| world.preferences(&mut rng));
                match wishes {
                    Some(preferences) => wishers.put(lead(number), preferences),
                    None => _ = wishers.remove(lead(number)),
                }
            }
        }
        for number in 0..20 {
            let estimate = rng.chance(0.7).then(|| Money(rng.below(100) as i64 * 1_000_000));
            let view = ListingView::new(&world.listing(&mut rng, number), estimate);
            let mut found = Vec::new();
            wishers.find(&view, TODAY, |lead, fit, most| found.push((lead, fit, most)));
            found.sort_by_key(|(lead, ..)| *lead);
            let wishes = plain.iter().enumerate().filter_map(|(number, wishes)| Some((lead(number), wishes.as_ref()?)));
            pairs += wishes.clone().count();
            let expected: Vec<(LeadId, f64)> =
                wishes.filter_map(|(lead, wishes)| Some((lead, Wishes::new(wishes).fit_of(&view, TODAY)?))).collect();
            assert_eq!(found.iter().map(|(lead, fit, _)| (*lead, *fit)).collect::<Vec<_>>(), expected);
            for (lead, fit, most) in &found {
                let preferences = plain[lead.0.as_u128() as usize].as_ref().unwrap();
                let liked = Wishes::with_likings(preferences, &likings(&mut rng)).fit_of(&view, TODAY).unwrap();
                assert!(liked <= most + 1e-12 && fit <= most, "{preferences:?}");
            }
            fits += found.len();
        }
    }
    (pairs, fits)
}

#[test]
fn the_people_whom_a_home_fits_are_those_of_asking_each_of_them() {
    let (seattle, taveuni) = (check_wishers(SEATTLE, 30, 87), check_wishers(TAVEUNI, 10, 88));
    assert!(seattle.0 + taveuni.0 > 1_000_000 && seattle.1 + taveuni.1 > 20_000, "{seattle:?} {taveuni:?}");
}

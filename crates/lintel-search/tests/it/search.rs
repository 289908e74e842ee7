//! Search equals a plain filter, sort and count.

use lintel_domain::{filter::ListingFilter, id::ListingId, money::Money, page::Key, rng::Rng};
use lintel_search::{Error, Facet, FacetValue, Query, Sort};

use crate::{
    brute::{self, Brute},
    world::{SEATTLE, TAVEUNI, TODAY, World, part},
};

const SORTS: [&str; 24] = [
    "newest",
    "-newest",
    "price",
    "-price",
    "fit",
    "-fit",
    "estimate_gap",
    "-estimate_gap",
    "distance",
    "-distance",
    "relevance",
    "-relevance",
    "bedrooms",
    "-bedrooms",
    "bathrooms",
    "-bathrooms",
    "living_area_sqft",
    "-living_area_sqft",
    "lot_size_sqft",
    "-lot_size_sqft",
    "year_built",
    "-year_built",
    "days_on_market",
    "-days_on_market",
];

/// Asks `queries` random questions about `count` random listings, each page by page.
fn check(world: World, count: u64, queries: usize, grown: bool, seed: u64) {
    let mut rng = Rng::new(seed);
    let listings = world.listings(&mut rng, count);
    let estimates: Vec<Option<Money>> =
        listings.iter().map(|_| rng.chance(0.8).then(|| Money(rng.below(100) as i64 * 1_000_000))).collect();
    let known: Vec<(ListingId, Option<Money>)> =
        listings.iter().zip(&estimates).map(|(listing, estimate)| (listing.id, *estimate)).collect();
    let part = part(&listings, grown).with_estimates(&known);
    let brute = Brute::new(&listings, |at| estimates[at]);
    for round in 0..queries {
        let filter = if round % 7 == 0 { ListingFilter::default() } else { world.filter(&mut rng) };
        let preferences = world.preferences(&mut rng);
        let rows = brute.passing(&filter);
        let origin = world.point(&mut rng);
        let mut query = Query {
            sort: Sort::parse(SORTS[round % SORTS.len()]).unwrap(),
            preferences: Some(&preferences),
            origin: Some(origin),
            facets: Facet::ALL,
            histogram: rng.chance(0.5),
            limit: 1 + rng.below(40) as usize,
            ..Query::new(&filter, TODAY)
        };
        if filter.near.is_some() && rng.chance(0.5) {
            query.origin = None;
        }
        let expected: Vec<ListingId> = brute::sorted(&query, rows.clone()).iter().map(|k| k.listing.id).collect();
        let (mut found, mut after): (Vec<ListingId>, Option<Key>) = (Vec::new(), None);
        // Long results are followed for a while, then the rest is taken at once.
        for page in 0.. {
            let asked = Query {
                after: after.as_ref(),
                limit: if page < 8 { query.limit } else { listings.len() },
                ..query.clone()
            };
            let answer = part.search(&asked).unwrap();
            assert_eq!(answer.total, rows.len() as u64, "{filter:?}");
            assert!(answer.ids.len() <= asked.limit);
            found.extend(&answer.ids);
            if page == 0 {
                compare_counts(&answer, &rows);
                compare_bars(&answer, &brute, &filter);
            }
            query.facets = &[];
            query.histogram = false;
            let Some(next) = answer.next else { break };
            after = Some(next);
        }
        assert_eq!(found, expected, "{:?} {filter:?} {preferences:?}", query.sort);
    }
}

#[test]
fn looking_at_each_listing_finds_the_same() {
    let mut rng = Rng::new(77);
    let listings = SEATTLE.listings(&mut rng, 3_000);
    let part = part(&listings, true);
    let filters: Vec<ListingFilter> = (0..200).map(|_| SEATTLE.filter(&mut rng)).collect();
    let wishes: Vec<_> = (0..50).map(|_| SEATTLE.preferences(&mut rng)).collect();
    let found = || {
        let ask = |filter| Query { facets: Facet::ALL, histogram: true, limit: 20, ..Query::new(filter, TODAY) };
        let searched: Vec<_> = filters.iter().map(|filter| part.search(&ask(filter)).unwrap()).collect();
        let matched: Vec<_> = wishes.iter().map(|wishes| part.match_top(wishes, 20, TODAY)).collect();
        (searched, matched)
    };
    let by_index = found();
    assert!(by_index.0.iter().filter(|found| found.total > 0).count() > 50);
    lintel_search::scan_every_listing();
    assert_eq!(found(), by_index);
}

fn compare_counts(answer: &lintel_search::Found, rows: &[(&brute::Known<'_>, i64)]) {
    assert_eq!(answer.facets.len(), Facet::ALL.len());
    for counted in &answer.facets {
        if counted.facet == Facet::Price {
            let mut sum = counted.unknown;
            assert_eq!(counted.unknown, rows.iter().filter(|(known, _)| known.price().is_none()).count() as u64);
            for count in &counted.values {
                let FacetValue::Price { min, max } = count.value else { panic!("{count:?}") };
                let inside = rows.iter().filter(|(known, _)| known.price().is_some_and(|p| p >= min.0 && p <= max.0));
                assert_eq!(count.count, inside.count() as u64);
                sum += count.count;
            }
            assert_eq!(sum, answer.total);
            continue;
        }
        let (expected, unknown) = brute::counts(counted.facet, rows);
        assert_eq!(counted.unknown, unknown, "{:?}", counted.facet);
        assert_eq!(counted.values.len(), expected.len());
        for count in &counted.values {
            assert_eq!(Some(&count.count), expected.get(&brute::written(&count.value)), "{count:?}");
        }
    }
}

fn compare_bars(answer: &lintel_search::Found, brute: &Brute<'_>, filter: &ListingFilter) {
    let Some(bars) = &answer.histogram else { return };
    let rows = brute.passing(&ListingFilter { price: None, ..filter.clone() });
    let prices: Vec<i64> = rows.iter().filter_map(|(known, _)| known.price()).collect();
    assert_eq!(bars.iter().map(|bar| bar.count).sum::<u64>(), prices.len() as u64);
    for bar in bars {
        let inside = prices.iter().filter(|price| **price >= bar.min.0 && **price <= bar.max.0);
        assert_eq!(bar.count, inside.count() as u64);
    }
    assert!(bars.windows(2).all(|pair| pair[0].max.0 + 1 == pair[1].min.0));
}

#[test]
fn search_equals_a_plain_filter_on_random_queries() {
    check(SEATTLE, 600, 900, false, 1);
}

#[test]
fn search_equals_a_plain_filter_across_the_antimeridian_and_with_odd_numbers() {
    check(TAVEUNI, 600, 700, true, 2);
}

#[test]
fn search_equals_a_plain_filter_when_grown_by_changes() {
    check(SEATTLE, 500, 600, true, 3);
}

#[test]
fn search_equals_a_plain_filter_where_results_are_large() {
    check(SEATTLE, 30_000, 96, true, 4);
}

#[test]
fn an_empty_market_has_an_empty_answer() {
    let part = part(&[], false);
    let answer =
        part.search(&Query { facets: Facet::ALL, histogram: true, ..Query::new(&ListingFilter::default(), TODAY) });
    let answer = answer.unwrap();
    assert_eq!((answer.total, answer.ids.len(), answer.next), (0, 0, None));
    assert_eq!(answer.histogram, Some(Vec::new()));
}

#[test]
fn a_sort_that_lacks_what_it_needs_or_a_foreign_key_is_an_error() {
    let mut rng = Rng::new(9);
    let listings = SEATTLE.listings(&mut rng, 50);
    let (part, filter) = (part(&listings, false), ListingFilter::default());
    let ask = |sort: &str, after: Option<&Key>| {
        let query = Query { sort: Sort::parse(sort).unwrap(), limit: 3, after, ..Query::new(&filter, TODAY) };
        part.search(&query)
    };
    assert!(matches!(ask("fit", None), Err(Error::SortNeeds { sort: "fit", .. })));
    assert!(matches!(ask("distance", None), Err(Error::SortNeeds { sort: "distance", .. })));
    let key = ask("price", None).unwrap().next.unwrap();
    assert!(matches!(ask("bedrooms", Some(&key)), Err(Error::WrongKey)));
    assert!(ask("price", Some(&key)).is_ok());
}

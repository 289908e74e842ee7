//! A part grown by changes answers as one built anew, and readers see changes at once.

use std::collections::BTreeMap;

use lintel_domain::{
    filter::ListingFilter,
    id::{ListingId, TenantId},
    listing::Listing,
    market::MarketSlug,
    money::Money,
    rng::Rng,
};
use lintel_search::{Cursor, Facet, ListingIndex, Part, Query, Sort};
use uuid::Uuid;

use crate::world::{SEATTLE, TODAY, part};

#[test]
fn random_changes_equal_building_anew() {
    let mut rng = Rng::new(21);
    let mut kept: BTreeMap<ListingId, Listing> = BTreeMap::new();
    let mut estimates: BTreeMap<ListingId, Money> = BTreeMap::new();
    let mut grown = Part::default();
    for round in 0..120 {
        let size = if round % 20 == 0 { 400 } else { rng.below(30) };
        let upserts: Vec<Listing> = (0..size)
            .map(|_| {
                let id = rng.below(900);
                SEATTLE.listing(&mut rng, id)
            })
            .collect();
        let mut removals: Vec<ListingId> = Vec::new();
        removals.extend(kept.keys().filter(|_| rng.chance(0.02)));
        removals.push(ListingId(Uuid::from_u128(7)));
        grown = grown.with(&upserts, &removals, Cursor(round, 0)).unwrap();
        kept.extend(upserts.into_iter().map(|listing| (listing.id, listing)));
        for id in &removals {
            kept.remove(id);
        }
        let priced: Vec<(ListingId, Option<Money>)> = kept
            .keys()
            .filter(|_| rng.chance(0.03))
            .map(|id| (*id, Some(Money(id.0.as_u128() as i64 & 0xfff_ffff))))
            .collect();
        grown = grown.with_estimates(&priced);
        estimates.extend(priced.iter().filter_map(|(id, estimate)| Some((*id, (*estimate)?))));
        estimates.retain(|id, _| kept.contains_key(id));
        if rng.chance(0.2)
            && let Some(compacted) = grown.compacted()
        {
            grown = compacted;
        }
        assert_eq!(grown.cursor(), Cursor(round, 0));
        assert_eq!(grown.len(), kept.len());
        let listings: Vec<Listing> = kept.values().cloned().collect();
        let estimated: Vec<(ListingId, Option<Money>)> = estimates.iter().map(|(id, e)| (*id, Some(*e))).collect();
        let anew = part(&listings, false).with_estimates(&estimated);
        for _ in 0..6 {
            let (filter, preferences) = (SEATTLE.filter(&mut rng), SEATTLE.preferences(&mut rng));
            let sort =
                Sort::parse(rng.pick(&["newest", "price", "-estimate_gap", "relevance", "fit"]).unwrap()).unwrap();
            let query = Query {
                sort,
                preferences: Some(&preferences),
                facets: Facet::ALL,
                histogram: true,
                ..Query::new(&filter, TODAY)
            };
            assert_eq!(grown.search(&query).unwrap(), anew.search(&query).unwrap(), "{filter:?}");
            assert_eq!(grown.match_top(&preferences, 10, TODAY), anew.match_top(&preferences, 10, TODAY));
        }
    }
}

#[test]
fn of_two_upserts_the_later_counts_and_a_removal_wins() {
    let mut rng = Rng::new(22);
    let (mut first, second) = (SEATTLE.listing(&mut rng, 1), SEATTLE.listing(&mut rng, 1));
    first.facts.remarks = Some("unmistakable".into());
    let both = Part::default().with(&[first.clone(), second.clone()], &[], Cursor::default()).unwrap();
    assert_eq!(both.len(), 1);
    let removed = both.with(&[first.clone()], &[first.id], Cursor::default()).unwrap();
    assert!(removed.is_empty() && !removed.contains(first.id));
}

#[test]
fn an_estimate_stays_with_its_listing_until_it_is_taken_away() {
    let mut rng = Rng::new(23);
    let listing = SEATTLE.listing(&mut rng, 1);
    let part = part(std::slice::from_ref(&listing), false).with_estimates(&[(listing.id, Some(Money(5)))]);
    let part = part.with(&[SEATTLE.listing(&mut rng, 1)], &[], Cursor::default()).unwrap();
    assert_eq!(part.estimate(listing.id), Some(Money(5)));
    assert_eq!(part.with_estimates(&[(listing.id, None)]).estimate(listing.id), None);
}

#[test]
fn readers_keep_what_they_hold_and_the_next_read_sees_the_change() {
    let mut rng = Rng::new(24);
    let listings = SEATTLE.listings(&mut rng, 40);
    let (index, tenant) = (ListingIndex::new(), TenantId(Uuid::from_u128(1)));
    let market: MarketSlug = "test".parse().unwrap();
    assert!(index.get(tenant, &market).is_none());
    assert!(!index.apply(tenant, &market, &listings, &[], Cursor(1, 1)).unwrap());
    index.put(tenant, &market, part(&listings[..20], false));
    let held = index.get(tenant, &market).unwrap();
    assert!(index.apply(tenant, &market, &listings[20..], &[listings[0].id], Cursor(2, 2)).unwrap());
    assert_eq!((held.len(), index.get(tenant, &market).unwrap().len()), (20, 39));
    assert_eq!(index.get(tenant, &market).unwrap().cursor(), Cursor(2, 2));
    assert!(index.get(TenantId(Uuid::from_u128(2)), &market).is_none());
    assert!(index.memory_bytes() > 0 && index.loaded().len() == 1);
    assert!(index.drop_part(tenant, &market) && !index.drop_part(tenant, &market));
    assert!(index.get(tenant, &market).is_none());
}

#[test]
fn readers_never_see_half_a_change() {
    let mut rng = Rng::new(26);
    let mut listings = SEATTLE.listings(&mut rng, 2000);
    for listing in &mut listings {
        listing.facts.status = lintel_domain::listing::Status::Active;
    }
    let (old, new) = listings.split_at(1000);
    let (index, tenant) = (ListingIndex::new(), TenantId(Uuid::from_u128(1)));
    let market: MarketSlug = "test".parse().unwrap();
    index.put(tenant, &market, part(old, false));
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let filter = ListingFilter::default();
                let mut last = Cursor::default();
                while !done.load(std::sync::atomic::Ordering::Acquire) {
                    let part = index.get(tenant, &market).unwrap();
                    assert_eq!(part.search(&Query::new(&filter, TODAY)).unwrap().total, 1000);
                    assert!(part.cursor() >= last);
                    last = part.cursor();
                }
            });
        }
        // Each change replaces some listings by as many others.
        for (at, (old, new)) in old.chunks(10).zip(new.chunks(10)).enumerate() {
            let gone: Vec<ListingId> = old.iter().map(|listing| listing.id).collect();
            index.apply(tenant, &market, new, &gone, Cursor(2, at as i64)).unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Release);
    });
}

#[test]
fn a_word_of_removed_listings_only_is_unknown_again() {
    let mut rng = Rng::new(25);
    let mut listings = SEATTLE.listings(&mut rng, 60);
    for listing in &mut listings {
        listing.facts.status = lintel_domain::listing::Status::Active;
    }
    listings[0].facts.remarks = Some("lighthouse".into());
    listings[1].facts.remarks = Some("lighthouses galore".into());
    let filter = ListingFilter { text: Some("lighthoose".into()), ..ListingFilter::default() };
    let total = |part: &Part| part.search(&Query::new(&filter, TODAY)).unwrap().total;
    let full = part(&listings, false);
    assert_eq!(total(&full), 2);
    let mut typo = SEATTLE.listing(&mut rng, 1000);
    typo.facts.remarks = Some("lighthoose".into());
    typo.facts.status = lintel_domain::listing::Status::Active;
    let with_typo = full.with(std::slice::from_ref(&typo), &[], Cursor::default()).unwrap();
    assert_eq!(total(&with_typo), 1);
    assert_eq!(total(&with_typo.with(&[], &[typo.id], Cursor::default()).unwrap()), 2);
}

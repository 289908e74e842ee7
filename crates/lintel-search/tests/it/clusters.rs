//! Clusters count what the viewport holds, and do not regroup while it moves.

use std::collections::BTreeMap;

use lintel_domain::{filter::ListingFilter, id::ListingId, listing::Listing, money::Money, place::Bounds, rng::Rng};
use lintel_search::{Cluster, ClusterQuery, Clusters, Cursor, MAX_CLUSTERS, Metric, Part};

use crate::{
    brute::Brute,
    world::{SEATTLE, TAVEUNI, TODAY, World, part},
};

fn ask(part: &Part, bbox: Bounds, zoom: f64, filter: &ListingFilter, metric: Metric) -> Clusters {
    part.clusters(&ClusterQuery { bbox, zoom, filter, metric, today: TODAY }).unwrap()
}

fn viewport(world: World, rng: &mut Rng, size: f64) -> Bounds {
    let at = world.point(rng);
    let wrap = |longitude: f64| (longitude + 540.0).rem_euclid(360.0) - 180.0;
    Bounds {
        west: wrap(at.longitude),
        south: at.latitude,
        east: wrap(at.longitude + size),
        north: (at.latitude + size * 0.6).min(90.0),
    }
}

#[test]
fn clusters_equal_a_plain_count_of_the_viewport() {
    for (world, seed) in [(SEATTLE, 41), (TAVEUNI, 42)] {
        let mut rng = Rng::new(seed);
        let listings: Vec<Listing> = world.listings(&mut rng, 3000);
        let estimate = |at: usize| (!at.is_multiple_of(3)).then_some(Money(at as i64 * 30_000));
        let known: Vec<_> = listings.iter().enumerate().map(|(at, listing)| (listing.id, estimate(at))).collect();
        let part = part(&listings, true).with_estimates(&known);
        let brute = Brute::new(&listings, estimate);
        for round in 0..250 {
            let filter = if round % 3 == 0 { ListingFilter::default() } else { world.filter(&mut rng) };
            let size = [0.01, 0.1, 0.4, 30.0, 200.0][round % 5];
            let bbox = viewport(world, &mut rng, size);
            let metric = Metric::ALL[round % 4];
            let zoom = rng.unit() * 20.0;
            let answer = ask(&part, bbox, zoom, &filter, metric);
            let rows = brute.passing(&filter);
            let inside: Vec<_> = rows
                .iter()
                .map(|(known, _)| *known)
                .filter(|known| known.listing.facts.place.is_some_and(|at| bbox.contains(at)))
                .collect();
            assert_eq!(answer.total, inside.len() as u64);
            assert_eq!(answer.clusters.iter().map(|cluster| cluster.count).sum::<u64>(), answer.total);
            assert!(answer.clusters.len() <= MAX_CLUSTERS);
            // Neighbouring cells share an edge; a listing on one is given to either, so members are found by distance.
            for cluster in answer.clusters.iter().filter(|_| answer.clusters.len() < 60) {
                let b = Bounds {
                    west: cluster.bbox.west - 1e-9,
                    south: cluster.bbox.south - 1e-9,
                    east: cluster.bbox.east + 1e-9,
                    north: cluster.bbox.north + 1e-9,
                };
                let members: Vec<_> =
                    inside.iter().filter(|known| b.contains(known.listing.facts.place.unwrap())).collect();
                if members.len() as u64 != cluster.count {
                    assert!(members.len() as u64 > cluster.count);
                    continue;
                }
                let mut values: Vec<f64> = members
                    .iter()
                    .filter_map(|known| {
                        let price = known.price().map(|price| price as f64 / 100.0);
                        match metric {
                            Metric::Count => None,
                            Metric::MedianPrice => price,
                            Metric::EstimateGap => known.gap(),
                            Metric::PricePerSqft => {
                                let area = known.listing.facts.living_area_sqft.filter(|area| *area > 0.0);
                                Some(price? / area?)
                            }
                        }
                    })
                    .collect();
                values.sort_by(f64::total_cmp);
                let median = match (metric, values.len()) {
                    (Metric::Count, _) => Some(cluster.count as f64),
                    (_, 0) => None,
                    (_, n) => Some(f64::midpoint(values[(n - 1) / 2], values[n / 2])),
                };
                assert_eq!(cluster.value.is_some(), median.is_some());
                assert!((cluster.value.unwrap_or(0.0) - median.unwrap_or(0.0)).abs() < 1e-6);
                let mean = members.iter().map(|m| m.listing.facts.place.unwrap().latitude).sum::<f64>();
                let tolerance = (b.north - b.south) * 0.5 + 1e-5;
                assert!((cluster.latitude - mean / members.len() as f64).abs() < tolerance);
                let single = (members.len() == 1).then(|| members[0].listing.id);
                assert_eq!(cluster.listing_id, single);
            }
        }
    }
}

#[test]
fn clusters_of_a_changed_market_equal_those_of_one_built_anew() {
    let mut rng = Rng::new(44);
    let mut kept: BTreeMap<ListingId, Listing> =
        SEATTLE.listings(&mut rng, 6000).into_iter().map(|listing| (listing.id, listing)).collect();
    let mut grown = part(&kept.values().cloned().collect::<Vec<_>>(), false);
    for round in 0..12 {
        // Many single changes, and now and then so many that runs are mostly gone.
        let share = [0.002, 0.01, 0.3][round % 3];
        let gone: Vec<ListingId> = kept.keys().filter(|_| rng.chance(share)).copied().collect();
        let again: Vec<u64> = (0..6000).filter(|_| rng.chance(share / 2.0)).collect();
        let stored: Vec<Listing> = again.into_iter().map(|number| SEATTLE.listing(&mut rng, number)).collect();
        grown = grown.with(&stored, &gone, Cursor::default()).unwrap();
        kept.extend(stored.into_iter().map(|listing| (listing.id, listing)));
        kept.retain(|id, _| !gone.contains(id));
        let estimates: Vec<_> =
            kept.keys().map(|id| (*id, rng.chance(0.8).then(|| Money(rng.below(90_000_000) as i64)))).collect();
        grown = grown.with_estimates(&estimates);
        let anew = part(&kept.values().cloned().collect::<Vec<_>>(), false).with_estimates(&estimates);
        let mut bytes = Vec::new();
        grown.write_snapshot(&mut bytes).unwrap();
        let read = Part::read_snapshot(&mut bytes.as_slice()).unwrap();
        for _ in 0..40 {
            let filter = if rng.chance(0.7) { ListingFilter::default() } else { SEATTLE.filter(&mut rng) };
            let size = *rng.pick(&[0.2, 0.5, 3.0, 90.0]).unwrap();
            let (bbox, zoom) = (viewport(SEATTLE, &mut rng, size), rng.unit() * 14.0);
            for metric in Metric::ALL {
                let expected = ask(&anew, bbox, zoom, &filter, *metric);
                assert_eq!(ask(&grown, bbox, zoom, &filter, *metric), expected);
                assert_eq!(ask(&read, bbox, zoom, &filter, *metric), expected);
            }
        }
    }
}

#[test]
fn moving_the_viewport_does_not_regroup_listings() {
    let mut rng = Rng::new(43);
    let part = part(&SEATTLE.listings(&mut rng, 4000), false);
    let filter = ListingFilter::default();
    for zoom in [8.0, 9.5, 11.0, 13.0] {
        let mut seen: BTreeMap<String, Cluster> = BTreeMap::new();
        for step in 0..80 {
            let west = -122.6 + f64::from(step) * 0.0037;
            let south = 47.4 + f64::from(step % 7) * 0.011;
            let bbox = Bounds { west, south, east: west + 0.31, north: south + 0.2 };
            for cluster in ask(&part, bbox, zoom, &filter, Metric::MedianPrice).clusters {
                let b = cluster.bbox;
                let whole = b.west > bbox.west && b.east < bbox.east && b.south > bbox.south && b.north < bbox.north;
                if whole {
                    let before = seen.entry(cluster.id.clone()).or_insert_with(|| cluster.clone());
                    assert_eq!(*before, cluster);
                }
            }
        }
        let levels: std::collections::BTreeSet<&str> = seen.keys().filter_map(|id| id.split('/').next()).collect();
        assert_eq!(levels.len(), 1, "{zoom}");
    }
}

#[test]
fn a_viewport_off_the_earth_is_an_error() {
    let part = Part::default();
    let filter = ListingFilter::default();
    for (west, south, east, north) in [(0.0, 5.0, 1.0, 4.0), (0.0, 0.0, 181.0, 1.0), (f64::NAN, 0.0, 1.0, 1.0)] {
        let query = ClusterQuery {
            bbox: Bounds { west, south, east, north },
            zoom: 3.0,
            filter: &filter,
            metric: Metric::Count,
            today: TODAY,
        };
        assert!(part.clusters(&query).is_err());
    }
}

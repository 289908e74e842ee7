//! The laws of fit, and the same predicate in both directions.

use lintel_domain::{
    clock::Day,
    liking::{Bell, Liking, Likings},
    listing::{Listing, Status},
    money::{Currency, Money},
    preference::{Aspect, Preferences},
    range::Range,
    rng::Rng,
};
use lintel_search::{Fit, FitAspect, ListingView, Wishes};
use proptest::prelude::*;

use crate::world::{SEATTLE, TAVEUNI, TODAY, TYPES, World, part};

fn check_match(world: World, count: u64, rounds: usize, k: usize, estimated: f64, seed: u64) {
    let mut rng = Rng::new(seed);
    let listings = world.listings(&mut rng, count);
    let estimates: Vec<Option<Money>> =
        listings.iter().map(|_| rng.chance(estimated).then(|| Money(rng.below(100) as i64 * 1_000_000))).collect();
    let known: Vec<_> = listings.iter().zip(&estimates).map(|(listing, e)| (listing.id, *e)).collect();
    let part = part(&listings, true);
    let part = if estimated > 0.0 { part.with_estimates(&known) } else { part };
    let views: Vec<ListingView> = listings.iter().zip(&estimates).map(|(l, e)| ListingView::new(l, *e)).collect();
    for round in 0..rounds {
        let preferences = if round == 0 { Preferences::default() } else { world.preferences(&mut rng) };
        let likings = if round % 3 == 1 { likings(&mut rng) } else { Likings::default() };
        let wishes = Wishes::with_likings(&preferences, &likings);
        let accepted: Vec<&ListingView> = views.iter().filter(|view| wishes.accepts(view)).collect();
        let mut expected: Vec<(Fit, _)> =
            accepted.iter().map(|view| (wishes.score(view, TODAY, Currency::USD).unwrap(), view.id())).collect();
        expected.sort_by(|a, b| b.0.fit.total_cmp(&a.0.fit).then(a.1.cmp(&b.1)));
        expected.truncate(k);
        let found = part.match_liked(&preferences, &likings, k, TODAY, Currency::USD);
        assert_eq!(found.considered, accepted.len() as u64, "{preferences:?}");
        let found: Vec<_> = found.matches.into_iter().map(|one| (one.fit, one.id)).collect();
        assert_eq!(found, expected, "{preferences:?}");
    }
}

/// A taste for homes of about half a million, by chance with some of the other aspects.
pub(crate) fn likings(rng: &mut Rng) -> Likings {
    let middles = [17.7, 3.0, 2.0, 7.5, 8.8, 1980.0];
    let spreads = [0.3, 1.0, 1.0, 0.3, 0.8, 20.0];
    let bell =
        |at: usize, rng: &mut Rng| Bell { middle: middles[at] + rng.normal() * spreads[at], spread: spreads[at] };
    let mut numbers = [None; 6];
    for (at, number) in numbers.iter_mut().enumerate() {
        if at == 0 || rng.chance(0.6) {
            let hidden = rng.chance(0.3).then(|| (bell(at, rng), rng.unit()));
            *number = Some(Liking { weight: rng.unit(), liked: bell(at, rng), hidden });
        }
    }
    let mut types_weight = rng.unit();
    let total = numbers.iter().flatten().map(|liking| liking.weight).sum::<f64>() + types_weight;
    numbers.iter_mut().flatten().for_each(|liking| liking.weight /= total);
    types_weight /= total;
    let types = TYPES.iter().map(|name| ((*name).to_owned(), rng.unit())).collect();
    Likings { confidence: rng.unit(), numbers, types_weight, types }
}

#[test]
fn what_is_liked_adds_to_what_is_stated_and_says_so() {
    let liked = Liking { weight: 0.5, liked: Bell { middle: 2.0, spread: 1.0 }, hidden: None };
    let likings = Likings {
        confidence: 0.5,
        numbers: [None, Some(liked), None, None, None, None],
        types_weight: 0.5,
        types: vec![("Townhouse".into(), 1.0)],
    };
    let view = ListingView::new(&home(), None);
    let fit = Wishes::with_likings(&Preferences::default(), &likings).score(&view, TODAY, Currency::USD).unwrap();
    let taste = fit.reasons.iter().find(|reason| reason.aspect == FitAspect::Taste).unwrap();
    assert_eq!(taste.label, "like homes looked at in bedrooms, type of property");
    // 2.5 × 0.5 beside freshness and estimate gap.
    assert!((taste.contribution - 1.25 / (1.25 + 0.4 + 0.3)).abs() < 1e-12);
    assert!((fit.reasons.iter().map(|reason| reason.contribution).sum::<f64>() - fit.fit).abs() < 1e-12);
}

#[test]
fn the_best_matches_are_those_of_scoring_every_listing() {
    check_match(SEATTLE, 700, 500, 15, 0.7, 51);
    check_match(TAVEUNI, 700, 300, 15, 0.7, 52);
}

#[test]
fn the_best_matches_are_exact_where_there_are_many() {
    check_match(SEATTLE, 30_000, 40, 20, 0.0, 53);
    check_match(SEATTLE, 30_000, 40, 20, 0.9, 54);
}

fn home() -> Listing {
    let mut home = SEATTLE.listing(&mut Rng::new(1), 1);
    home.facts.status = Status::Active;
    home.facts.property_type = Some("Townhouse".into());
    home.facts.list_price = Some(Money(61_500_000));
    home.facts.bedrooms = Some(2.0);
    home.facts.year_built = None;
    home.facts.listed_at = Some(Day(TODAY.0 - 12).start());
    home.facts.remarks = Some("Renovated kitchen, a pool".into());
    home
}

#[test]
fn a_near_miss_is_told_in_plain_words() {
    let wishes = |preferences: Preferences| Wishes::new(&preferences);
    let price = Range { min: None, max: Some(Money(60_000_000)) };
    let view = ListingView::new(&home(), Some(Money(64_575_000)));
    let over = Preferences { price: Some(price), property_types: vec!["Townhouse".into()], ..Default::default() };
    let fit = wishes(over.clone()).score(&view, TODAY, Currency::USD).unwrap();
    assert_eq!(fit.near_miss.as_deref(), Some("$15,000 over budget; everything else fits"));
    let labels: Vec<&str> = fit.reasons.iter().map(|reason| reason.label.as_str()).collect();
    assert_eq!(
        labels,
        ["$15,000 over budget", "Townhouse, as asked", "listed 12 days ago", "estimate 5 % above the price"]
    );
    let several = Preferences {
        bedrooms: Some(Range { min: Some(3.0), max: None }),
        year_built: Some(Range { min: Some(1990), max: None }),
        keywords: vec!["pools".into(), "sea view".into()],
        ..over.clone()
    };
    assert_eq!(
        wishes(several).score(&view, TODAY, Currency::USD).unwrap().near_miss.as_deref(),
        Some(
            "$15,000 over budget; 1 bedroom fewer than asked; year of construction unknown; no mention of sea view; \
             everything else fits"
        )
    );
    assert!(!wishes(Preferences { must: vec![Aspect::Price], ..over.clone() }).accepts(&view));
    let met = Preferences { price: Some(Range { min: None, max: Some(Money(61_500_000)) }), ..over };
    let fit = wishes(met).score(&view, TODAY, Currency::USD).unwrap();
    assert_eq!(fit.near_miss, None);
    assert_eq!(fit.reasons[0].label, "$615,000, within budget");
}

#[test]
fn crossed_bounds_match_nothing_and_other_statuses_are_out() {
    let view = ListingView::new(&home(), None);
    let crossed = Preferences { bedrooms: Some(Range { min: Some(4.0), max: Some(1.0) }), ..Preferences::default() };
    assert!(!Wishes::new(&crossed).accepts(&view));
    assert_eq!(part(&[home()], false).match_top(&crossed, 5, TODAY).considered, 0);
    let anything = Wishes::new(&Preferences::default());
    assert!(anything.accepts(&view));
    for status in Status::ALL {
        let mut other = home();
        other.facts.status = *status;
        let wanted = matches!(status, Status::Active | Status::ComingSoon);
        assert_eq!(anything.accepts(&ListingView::new(&other, None)), wanted);
    }
}

proptest! {
    #[test]
    fn contributions_add_up_and_hard_wishes_are_never_violated(seed in 0..u64::MAX) {
        let mut rng = Rng::new(seed);
        let listing = TAVEUNI.listing(&mut rng, 1);
        let preferences = TAVEUNI.preferences(&mut rng);
        let wishes = Wishes::new(&preferences);
        let view = ListingView::new(&listing, rng.chance(0.5).then_some(Money(40_000_000)));
        let score = wishes.score(&view, TODAY, Currency::USD);
        prop_assert_eq!(wishes.fit_of(&view, TODAY), score.as_ref().map(|fit| fit.fit));
        if let Some(fit) = score {
            let sum: f64 = fit.reasons.iter().map(|reason| reason.contribution).sum();
            prop_assert!((sum - fit.fit).abs() < 1e-9 && (0.0..=1.0 + 1e-9).contains(&fit.fit));
            prop_assert!(fit.reasons.iter().all(|reason| reason.contribution > 0.0 && !reason.label.is_empty()));
            let facts = &listing.facts;
            let hard = |aspect| preferences.is_hard(aspect);
            prop_assert!(!hard(Aspect::Price) || preferences.price.is_none_or(|range| range.admits(facts.list_price)));
            prop_assert!(!hard(Aspect::Bedrooms) || preferences.bedrooms.is_none_or(|range| range.admits(facts.bedrooms)));
            prop_assert!(preferences.near.is_none_or(|near| facts.place.is_some_and(|at| near.contains(at))));
            prop_assert!(preferences.polygon.as_ref().is_none_or(|area| facts.place.is_some_and(|at| area.contains(at))));
        }
    }

    #[test]
    fn the_farther_from_a_bound_the_less_it_fits(budget in 1i64..2_000_000, steps in prop::collection::vec(1i64..300_000, 1..8)) {
        let range = Range { min: Some(Money(budget * 50)), max: Some(Money(budget * 100)) };
        let wishes = Wishes::new(&Preferences { price: Some(range), ..Preferences::default() });
        let fit = |price: i64| {
            let mut home = home();
            home.facts.list_price = Some(Money(price));
            wishes.score(&ListingView::new(&home, None), TODAY, Currency::USD).unwrap().fit
        };
        for direction in [1, -1] {
            let mut price = if direction > 0 { budget * 100 } else { budget * 50 };
            let mut last = fit(price);
            for step in &steps {
                price += direction * step;
                let next = fit(price);
                prop_assert!(next < last, "{} {}", next, last);
                last = next;
            }
        }
    }
}

//! The laws of taste: it fades by halves, forgets order, stays small, and knows only what was done.

use lintel_domain::{
    clock::{DAY, Time},
    filter::ListingFilter,
    interaction::InteractionKind,
    liking::{Likings, numbers_of},
    listing::{ListingFacts, Provenance, Status},
    money::Money,
    preference::Aspect,
    range::Range,
    rng::Rng,
    scalar::Scalar,
};
use lintel_predict::taste::{Act, HALF_LIFE_DAYS, HeldOut, Home, Reason, Taste, held_out, next_view};
use proptest::prelude::*;

fn home(price: i64, bedrooms: f64, area: f64, kind: &str) -> ListingFacts {
    let mut facts = ListingFacts::new("test", "1", Status::Active, Provenance::Synthetic);
    facts.list_price = Some(Money(price * 100));
    facts.bedrooms = Some(bedrooms);
    facts.living_area_sqft = Some(area);
    facts.property_type = Some(kind.to_owned());
    facts
}

fn at(day: i64) -> Time {
    Time(20_000 * DAY + day * DAY)
}

fn close(a: &Likings, b: &Likings) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1.0);
    let numbers = a.numbers.iter().zip(&b.numbers).all(|pair| match pair {
        (Some(a), Some(b)) => {
            near(a.weight, b.weight)
                && near(a.liked.middle, b.liked.middle)
                && near(a.liked.spread, b.liked.spread)
                && a.hidden.is_some() == b.hidden.is_some()
        }
        (None, None) => true,
        _ => false,
    });
    let types = a.types.iter().zip(&b.types).all(|(a, b)| a.0 == b.0 && near(a.1, b.1));
    numbers && types && a.types.len() == b.types.len() && near(a.confidence, b.confidence)
}

type Done = (InteractionKind, i64, (i64, u8, i64, u8));

fn acts() -> impl Strategy<Value = Vec<Done>> {
    let kind = prop::sample::select(Taste::KINDS.to_vec());
    let home = (100i64..2000, 0u8..6, 400i64..4000, 0u8..4);
    prop::collection::vec((kind, 0i64..60, home), 1..60)
}

fn facts(&(price, bedrooms, area, kind): &(i64, u8, i64, u8)) -> ListingFacts {
    home(price * 1000, f64::from(bedrooms), area as f64, ["House", "Condo", "Townhouse", "Land"][kind as usize])
}

fn taste_of(acts: &[Done]) -> Taste {
    let mut taste = Taste::default();
    for (kind, day, home) in acts {
        taste.act(*kind, at(*day), &facts(home));
    }
    taste
}

proptest! {
    #[test]
    fn in_any_order_the_same_acts_make_the_same_taste(acts in acts(), seed in 0u64..1000) {
        let mut shuffled = acts.clone();
        Rng::new(seed).shuffle(&mut shuffled);
        let (a, b) = (taste_of(&acts).likings(at(60)), taste_of(&shuffled).likings(at(60)));
        prop_assert!(close(&a, &b), "{a:?} {b:?}");
    }

    #[test]
    fn after_a_half_life_half_the_evidence_is_left(acts in acts(), extra in 0i64..200) {
        let taste = taste_of(&acts);
        let then = at(60 + extra);
        let later = then.plus((HALF_LIFE_DAYS * DAY as f64) as i64);
        prop_assert!((taste.weight(later) * 2.0 - taste.weight(then)).abs() < 1e-9 * taste.weight(then).max(1e-9));
        prop_assert!(taste.likings(later).confidence <= taste.likings(then).confidence);
    }

    #[test]
    fn weights_add_up_to_one_and_affinity_stays_between_nothing_and_all(acts in acts(), price in 1i64..5000) {
        let likings = taste_of(&acts).likings(at(61));
        let total: f64 = likings.numbers.iter().flatten().map(|one| one.weight).sum::<f64>() + likings.types_weight;
        prop_assert!(likings.is_empty() || (total - 1.0).abs() < 1e-9);
        prop_assert!((0.0..1.0).contains(&likings.confidence));
        let numbers = numbers_of(&home(price * 1000, 3.0, 1500.0, "House"));
        let affinity = likings.affinity(&numbers, Some("House"));
        prop_assert!((0.0..=1.0 + 1e-12).contains(&affinity));
    }

    #[test]
    fn memory_does_not_grow_with_what_was_done(count in 1usize..400) {
        let mut taste = Taste::default();
        for number in 0..count {
            let kind = if number % 3 == 0 { InteractionKind::ListingHide } else { InteractionKind::ListingView };
            taste.act(kind, at(number as i64 / 9), &home(300_000, 3.0, 1500.0, &format!("Type {number}")));
        }
        prop_assert!(taste.likings(at(60)).types.len() <= 16);
    }
}

#[test]
fn only_facts_about_homes_that_a_person_may_like_go_in() {
    let plain = home(500_000, 3.0, 1800.0, "House");
    let mut telling = plain.clone();
    // Where it stands, what is said about it, and free fields may stand in for who lives there.
    telling.place = lintel_domain::place::Point::new(47.6, -122.3);
    telling.address.postal_code = Some("98118".into());
    telling.remarks = Some("near the mosque, perfect for young families".into());
    telling.attributes.insert("religion".into(), Scalar::Text("any".into()));
    let (mut one, mut other) = (Taste::default(), Taste::default());
    one.act(InteractionKind::ListingView, at(0), &plain);
    other.act(InteractionKind::ListingView, at(0), &telling);
    assert_eq!(one, other, "two people who did the same have the same taste");
}

#[test]
fn a_taste_says_what_it_rests_on() {
    let mut taste = Taste::default();
    for day in 0..6 {
        taste.act(InteractionKind::ListingView, at(day), &home(520_000 + day * 1000, 3.0, 1850.0, "Townhouse"));
    }
    taste.act(InteractionKind::ListingSave, at(7), &home(523_000, 3.0, 1850.0, "Townhouse"));
    taste.act(InteractionKind::ListingHide, at(7), &home(900_000, 5.0, 3600.0, "House"));
    let likings = taste.likings(at(8));
    let reasons = Reason::of(&likings);
    assert!((reasons.iter().map(|reason| reason.weight).sum::<f64>() - 1.0).abs() < 1e-12);
    let label = |aspect| reasons.iter().find(|reason| reason.aspect == aspect).unwrap().label.clone();
    assert_eq!(label(Aspect::Price), "homes around 523,000, rather not around 900,000");
    assert_eq!(label(Aspect::LivingAreaSqft), "homes around 1,850 sq ft, rather not around 3,600 sq ft");
    assert_eq!(label(Aspect::PropertyTypes), "mostly Townhouse");
    let affinity = |facts: &ListingFacts| likings.affinity(&numbers_of(facts), facts.property_type.as_deref());
    let (near, far) = (home(530_000, 3.0, 1800.0, "Townhouse"), home(900_000, 5.0, 3500.0, "House"));
    assert!(affinity(&near) > 0.9 && affinity(&far) < 0.3, "{} {}", affinity(&near), affinity(&far));
}

#[test]
fn a_search_counts_less_than_a_look_and_says_nothing_when_it_asks_nothing() {
    let mut taste = Taste::default();
    taste.search(at(0), &ListingFilter { text: Some("garden".into()), ..ListingFilter::default() });
    assert!(taste.likings(at(0)).is_empty());
    let bedrooms = Some(Range { min: Some(4.0), max: None });
    taste.search(at(0), &ListingFilter { bedrooms, ..ListingFilter::default() });
    assert!(taste.likings(at(0)).numbers[1].is_some_and(|liking| liking.liked.middle == 4.0));
    assert!(taste.weight(at(0)) < 1.0);
}

#[test]
fn the_next_look_of_people_with_a_taste_is_foretold_better_than_by_popularity() {
    let mut rng = Rng::new(7);
    let homes: Vec<Home> = (0..400)
        .map(|_| {
            let area = 700.0 + rng.unit() * 3000.0;
            let kind = *rng.pick(&["House", "Condo", "Townhouse"]).unwrap();
            Home::of(&home((area * (200.0 + rng.unit() * 300.0)) as i64, (area / 700.0).round(), area, kind))
        })
        .collect();
    let mut acts = Vec::new();
    for who in 0..30 {
        let ideal = &homes[rng.below(400) as usize];
        for day in 0..12 {
            // Of a page of ten homes they look at the one most like what they have in mind.
            let page: Vec<usize> = (0..10).map(|_| rng.below(400) as usize).collect();
            let away = |at: &usize| {
                let gaps = homes[*at].numbers.iter().zip(&ideal.numbers).filter(|(a, b)| !a.is_nan() && !b.is_nan());
                gaps.map(|(a, b)| (a - b).abs()).sum::<f64>()
            };
            let best = *page.iter().min_by(|a, b| away(a).total_cmp(&away(b))).unwrap();
            acts.push(Act { who, kind: InteractionKind::ListingView, at: at(day), home: best });
        }
    }
    let report = next_view(&acts, &homes, 20);
    assert!(report.asked > 250, "{report:?}");
    assert!(report.taste > 2.0 * report.popularity && report.taste > 2.0 * report.chance, "{report:?}");
}

#[test]
fn a_taste_finds_what_was_held_out_and_chance_finds_its_share() {
    let homes: Vec<Home> = (0..100).map(|n| Home::of(&home(200_000 + 8_000 * n, 3.0, 1_500.0, "House"))).collect();
    let person = |ideal: usize| {
        let mut taste = Taste::default();
        let known: Vec<usize> = (ideal..ideal + 4).collect();
        for home in &known {
            taste.see(InteractionKind::ListingView, at(1), &homes[*home]);
        }
        HeldOut { at: at(2), likings: taste.likings(at(2)), known, homes: vec![ideal + 4] }
    };
    let mut people: Vec<HeldOut> = (0..90).map(person).collect();
    let looks: Vec<_> = people.iter().flat_map(|one| one.known.iter().map(|home| (at(1), *home))).collect();
    let score = held_out(&people, &looks, &homes, 10).unwrap();
    assert_eq!((score.people, score.homes, score.k), (90, 90, 10));
    assert!(score.taste.recall > 0.9 && score.taste.ndcg > 0.4, "{score:?}");
    assert!((score.chance.recall - 10.0 / 96.0).abs() < 1e-12, "{score:?}");
    assert!(score.gain > 5.0 * score.standard_error, "{score:?}");
    people.reverse();
    assert_eq!(held_out(&people, &looks, &homes, 10), Some(score));
    // Nothing was looked at: popularity is chance.
    let blind = held_out(&people, &[], &homes, 10).unwrap();
    assert_eq!(blind.popularity, blind.chance);
    assert_eq!(held_out(&[], &looks, &homes, 10), None);
}

#[test]
fn as_much_for_a_type_as_against_it_is_no_liking_in_any_order() {
    use InteractionKind::{ListingHide, ListingShare, ListingView};
    let (condo, other) = ((100, 0, 400, 1), (100, 0, 400, 2));
    let mut acts =
        vec![(ListingHide, 56, condo), (ListingView, 57, other), (ListingView, 58, other), (ListingShare, 56, condo)];
    let first = taste_of(&acts).likings(at(60));
    for seed in 0..50 {
        Rng::new(seed).shuffle(&mut acts);
        assert!(close(&first, &taste_of(&acts).likings(at(60))));
    }
}

//! Listings and sales: what a record means, what becomes of it, and how it is read back.

use lintel_domain::{
    clock::{DAY, Day},
    id::ListingId,
    listing::Status,
    market::MarketSlug,
    money::Money,
    place::{Bounds, Point},
};
use lintel_store::{
    listing::UpsertOutcome::{Created, Unchanged, Updated},
    params,
};

use super::{all_listings, home, listed, market, outcomes, put, sale, set_up, sold};
use crate::{
    backend::{START, tenant},
    plan::{examines, settle},
};

on_each_backend! {
    async fn a_listing_comes_back_as_it_was_sent(backend) {
        let one = set_up(&backend, 1).await;
        let put = put(&backend, one, vec![listed(home("a")), sold(sale("b", "2026-01-31", 7))], START).await;
        assert_eq!(outcomes(&put), [Created, Created]);
        let listing = backend.listing_get(one, put[0].id).await.unwrap().unwrap();
        let mut expected = home("a");
        expected.original_list_price = expected.list_price;
        assert_eq!(listing.facts, expected, "the first asking price is the original one");
        assert_eq!((listing.version, listing.created_at, listing.updated_at), (1, START, START));
        assert_eq!(listing.market, market());
        let sold = backend.listing_get(one, put[1].id).await.unwrap().unwrap();
        assert_eq!(sold.facts, sale("b", "2026-01-31", 7));
        assert_eq!(backend.listing_get(one, ListingId(backend.id())).await.unwrap(), None);
    }

    async fn the_same_record_again_changes_nothing(backend) {
        let one = set_up(&backend, 1).await;
        let records = vec![listed(home("a")), listed(home("b")), sold(sale("c", "2026-01-31", 7))];
        let first = put(&backend, one, records.clone(), START).await;
        let before = all_listings(&backend, one).await;
        let again = put(&backend, one, records, START.plus(DAY)).await;
        assert_eq!(outcomes(&again), [Unchanged, Unchanged, Unchanged]);
        assert_eq!(again.iter().map(|o| o.id).collect::<Vec<_>>(), first.iter().map(|o| o.id).collect::<Vec<_>>());
        assert_eq!(all_listings(&backend, one).await, before);
    }

    async fn changes_of_price_and_status_are_told_and_kept_for_ever(backend) {
        let one = set_up(&backend, 1).await;
        let id = put(&backend, one, vec![listed(home("a"))], START).await[0].id;
        let mut facts = home("a");
        facts.list_price = Some(Money(49_000_000));
        let cheaper = put(&backend, one, vec![listed(facts.clone())], START.plus(1)).await;
        assert_eq!(cheaper[0].price_change, Some((Some(Money(50_000_050)), Some(Money(49_000_000)))));
        assert_eq!((cheaper[0].outcome, cheaper[0].status_change), (Updated, None));
        facts.status = Status::Pending;
        facts.list_price = None;
        let pending = put(&backend, one, vec![listed(facts.clone())], START.plus(2)).await;
        assert_eq!(pending[0].status_change, Some((Status::Active, Status::Pending)));
        assert_eq!(pending[0].price_change, Some((Some(Money(49_000_000)), None)));
        facts.remarks = None;
        let quiet = put(&backend, one, vec![listed(facts)], START.plus(3)).await;
        assert_eq!((quiet[0].outcome, quiet[0].price_change, quiet[0].status_change), (Updated, None, None));
        let history = backend.listing_changes(one, id).await.unwrap();
        let [newest, first] = history.as_slice() else { panic!("{history:#?}") };
        assert_eq!((newest.at, newest.status), (START.plus(2), Some((Status::Active, Status::Pending))));
        assert_eq!(newest.list_price, Some((Some(Money(49_000_000)), None)));
        assert_eq!((first.at, first.status), (START.plus(1), None));
        let listing = backend.listing_get(one, id).await.unwrap().unwrap();
        assert_eq!((listing.version, listing.updated_at, listing.created_at), (4, START.plus(3), START));
        assert_eq!(listing.facts.original_list_price, Some(Money(50_000_050)), "the first price stays the original");
        assert_eq!(listing.facts.remarks, None, "a listing says all there is to say");
    }

    async fn a_record_that_is_out_of_date_changes_nothing(backend) {
        let one = set_up(&backend, 1).await;
        let (mut new, mut old) = (home("a"), home("a"));
        new.modified_at = Some(START);
        old.modified_at = Some(START.plus(-1));
        old.list_price = Some(Money(1));
        put(&backend, one, vec![listed(new.clone())], START).await;
        assert_eq!(outcomes(&put(&backend, one, vec![listed(old.clone())], START).await), [Unchanged]);
        old.modified_at = Some(START);
        assert_eq!(outcomes(&put(&backend, one, vec![listed(old)], START).await), [Updated]);
    }

    async fn of_several_records_of_one_key_the_last_counts(backend) {
        let one = set_up(&backend, 1).await;
        let with = |price| {
            let mut facts = home("a");
            facts.list_price = Some(Money(price));
            listed(facts)
        };
        let first = put(&backend, one, vec![with(1), with(2), with(2), with(3)], START).await;
        assert_eq!(outcomes(&first), [Created, Updated, Unchanged, Updated]);
        assert!(first.iter().all(|one| one.id == first[0].id));
        let listing = &all_listings(&backend, one).await[0];
        assert_eq!((listing.facts.list_price, listing.facts.original_list_price), (Some(Money(3)), Some(Money(1))));
    }

    async fn a_sale_closes_the_open_listing_of_its_key(backend) {
        let one = set_up(&backend, 1).await;
        let id = put(&backend, one, vec![listed(home("a"))], START).await[0].id;
        let record = sale("a", "2026-05-30", 60_000_000);
        let closed = put(&backend, one, vec![sold(record.clone())], START.plus(1)).await;
        assert_eq!((closed[0].id, closed[0].outcome), (id, Updated));
        assert_eq!(closed[0].status_change, Some((Status::Active, Status::Closed)));
        let listing = backend.listing_get(one, id).await.unwrap().unwrap();
        assert!(listing.facts.is_sale());
        assert_eq!(listing.facts.close_price, Some(Money(60_000_000)));
        assert_eq!(listing.facts.remarks, home("a").remarks, "what the sale does not say stays");
        assert_eq!(listing.facts.attributes, home("a").attributes);
        let again = put(&backend, one, vec![sold(record), listed(home("a"))], START.plus(2)).await;
        assert_eq!(outcomes(&again), [Unchanged, Unchanged], "both files again change nothing");
        assert_eq!(all_listings(&backend, one).await, [listing]);
    }

    async fn a_sale_before_the_listing_began_is_a_record_of_its_own(backend) {
        let one = set_up(&backend, 1).await;
        let listing = put(&backend, one, vec![listed(home("a"))], START).await[0].id;
        let records = ["2014-05-02", "2015-03-01"].map(|day| sold(sale("a", day, 1)));
        let sales = put(&backend, one, records.to_vec(), START).await;
        assert_eq!(outcomes(&sales), [Created, Created]);
        assert!(sales.iter().all(|sale| sale.id != listing));
        let open = backend.listing_get(one, listing).await.unwrap().unwrap();
        assert_eq!(open.facts.status, Status::Active);
        let again = put(&backend, one, records.to_vec(), START).await;
        assert_eq!(outcomes(&again), [Unchanged, Unchanged]);
        let keys = backend.write(move |tx| tx.listing_ids_by_key(one, &market(), vec!["a".to_owned(), "z".to_owned()]));
        assert_eq!(keys.await.unwrap(), [("a".to_owned(), listing)], "a key names the listing, not its old sales");
    }

    async fn a_closed_listing_and_the_record_of_its_sale_are_one(backend) {
        let one = set_up(&backend, 1).await;
        let record = sale("a", "2026-05-30", 60_000_000);
        let id = put(&backend, one, vec![sold(record.clone())], START).await[0].id;
        let mut closed = home("a");
        closed.status = Status::Closed;
        (closed.close_date, closed.close_price) = (record.close_date, record.close_price);
        let again = put(&backend, one, vec![listed(closed.clone())], START.plus(1)).await;
        assert_eq!((again[0].id, again[0].outcome), (id, Updated));
        let both = put(&backend, one, vec![listed(closed), sold(record)], START.plus(2)).await;
        assert_eq!(outcomes(&both), [Unchanged, Unchanged]);
        let back = put(&backend, one, vec![listed(home("a"))], START.plus(3)).await;
        assert_eq!(back[0].outcome, Created, "what is on the market again is a listing of its own");
        assert_eq!(all_listings(&backend, one).await.len(), 2);
    }

    async fn a_key_names_the_listing_or_else_the_last_sale(backend) {
        let one = set_up(&backend, 1).await;
        let mut records: Vec<_> = ["2014-05-02", "2016-05-02", "2015-05-02"].map(|day| sold(sale("b", day, 1))).to_vec();
        records.extend([sold(sale("a", "2014-05-02", 1)), listed(home("a"))]);
        let put = put(&backend, one, records, START).await;
        let asked = ["a", "b", "c", "a"].map(str::to_owned).to_vec();
        let keys = backend.write(move |tx| tx.listing_ids_by_key(one, &market(), asked.clone()));
        let mut keys = keys.await.unwrap();
        keys.sort_unstable();
        assert_eq!(keys, [("a".to_owned(), put[4].id), ("b".to_owned(), put[1].id)]);
    }

    async fn listings_are_read_in_the_order_asked_for(backend) {
        let one = set_up(&backend, 1).await;
        let records = (0..20).map(|n| listed(home(&format!("k{n}")))).collect();
        let ids: Vec<ListingId> = put(&backend, one, records, START).await.iter().map(|one| one.id).collect();
        let missing = ListingId(backend.id());
        let asked = [ids[7], missing, ids[2], ids[19]];
        let found: Vec<ListingId> =
            backend.listings_by_ids(one, &asked).await.unwrap().iter().map(|listing| listing.id).collect();
        assert_eq!(found, [ids[7], ids[2], ids[19]]);
        assert_eq!(backend.listings_by_ids(one, &[]).await.unwrap(), []);
    }

    async fn pages_put_together_are_the_market(backend) {
        let one = set_up(&backend, 1).await;
        let mut records: Vec<_> = (0..33).map(|n| listed(home(&format!("k{n}")))).collect();
        records.extend((0..9).map(|n| sold(sale(&format!("s{n}"), "2026-01-31", n))));
        let mut ids: Vec<ListingId> = put(&backend, one, records, START).await.iter().map(|one| one.id).collect();
        ids.sort_unstable();
        let paged: Vec<ListingId> = all_listings(&backend, one).await.iter().map(|listing| listing.id).collect();
        assert_eq!(paged, ids);
        let first = backend.sales_page(one, &market(), None, 5).await.unwrap();
        let rest = backend.sales_page(one, &market(), Some(first[4].id), 5).await.unwrap();
        assert_eq!((first.len(), rest.len()), (5, 4));
        let mut prices: Vec<i64> =
            first.iter().chain(&rest).map(|sale| sale.facts.close_price.map_or(-1, |price| price.0)).collect();
        prices.sort_unstable();
        assert_eq!(prices, (0..9).collect::<Vec<_>>());
        let mut counts = backend.listing_counts(one, &market()).await.unwrap();
        counts.sort_unstable();
        assert_eq!(counts, [(Status::Active, 33), (Status::Closed, 9)]);
        let elsewhere = "elsewhere".parse().unwrap();
        assert_eq!(backend.listings_page(one, &elsewhere, None, 5).await.unwrap(), []);
        assert_eq!(backend.listings_page(tenant(9), &market(), None, 5).await.unwrap(), []);
    }

    async fn names_are_counted_by_cell(backend) {
        let (one, other) = (set_up(&backend, 1).await, set_up(&backend, 2).await);
        let at = |key: &str, city: Option<&str>, postal_code: Option<&str>, place: Option<(f64, f64)>| {
            let mut facts = home(key);
            facts.address.city = city.map(str::to_owned);
            facts.address.postal_code = postal_code.map(str::to_owned);
            facts.place = place.and_then(|(latitude, longitude)| Point::new(latitude, longitude));
            listed(facts)
        };
        let records = vec![
            at("a", Some("Kirkland"), Some("98033"), Some((47.67, -122.21))),
            at("b", Some("Kirkland"), Some("98033"), Some((47.672, -122.208))),
            at("c", Some("Kirkland"), Some("98033"), Some((47.674, -122.206))),
            at("d", Some("Kirkland"), Some("98033"), Some((0.001, 0.001))),
            at("e", Some("Kirkland"), Some("98033"), Some((-0.001, -0.001))),
            at("f", None, Some("98033"), Some((47.67, -122.21))),
            at("g", Some("Kirkland"), Some("98033"), None),
            at("h", None, None, Some((47.67, -122.21))),
        ];
        put(&backend, one, records, START).await;
        put(&backend, other, vec![at("a", Some("Elsewhere"), None, Some((1.0, 2.0)))], START).await;
        let cells = backend.listings_named_cells(one, &market(), 10).await.unwrap();
        let counts: Vec<_> = cells.iter().map(|cell| (cell.city.as_deref(), cell.homes)).collect();
        assert_eq!(counts, [(Some("Kirkland"), 3), (Some("Kirkland"), 2), (None, 1)]);
        assert!(cells.iter().all(|cell| cell.postal_code.as_deref() == Some("98033")));
        let middle = cells[0].middle;
        assert!((middle.latitude - 47.672).abs() < 1e-9 && (middle.longitude + 122.208).abs() < 1e-9, "{middle:?}");
        assert_eq!((cells[1].middle.latitude, cells[1].middle.longitude), (0.0, 0.0), "no cell ends at 0");
        assert_eq!(backend.listings_named_cells(one, &market(), 2).await.unwrap(), cells[..2]);
        assert_eq!(backend.listings_named_cells(one, &"elsewhere".parse().unwrap(), 10).await.unwrap(), []);
    }

    async fn sales_are_read_by_their_day_and_their_box(backend) {
        let one = set_up(&backend, 1).await;
        let at = |key: &str, day: &str, price: i64, place: Option<(f64, f64)>| {
            let mut facts = sale(key, day, price);
            facts.place = place.and_then(|(latitude, longitude)| Point::new(latitude, longitude));
            sold(facts)
        };
        let corner = Some((47.5, -122.25));
        let mut records = vec![
            at("first", "2026-01-01", 100, corner),
            at("last", "2026-01-31", 200, Some((47.0, -123.0))),
            at("beside", "2026-01-31", 300, Some((47.5, -122.249))),
            at("nowhere", "2026-01-15", 400, None),
            at("late", "2026-02-01", 500, corner),
            at("early", "2025-12-31", 600, corner),
            at("free", "2026-01-15", 0, corner),
            listed(home("open")),
        ];
        records.extend((0..5).map(|n| at(&format!("k{n}"), "2026-01-20", 1_000 + n, corner)));
        put(&backend, one, records, START).await;
        let january: std::ops::Range<Day> = "2026-01-01".parse().unwrap().."2026-02-01".parse().unwrap();
        let around = Bounds { west: -123.0, south: 47.0, east: -122.25, north: 47.5 };
        let prices = async |tenant, market: &MarketSlug, within| {
            let (mut prices, mut after) = (Vec::new(), None);
            loop {
                let page = backend.listings_sold(tenant, market, january.clone(), within, after, 3).await.unwrap();
                prices.extend(page.iter().map(|sale| sale.close_price.unwrap().0));
                let Some(last) = page.last().filter(|_| page.len() == 3) else { break };
                after = Some(last.id);
            }
            prices.sort_unstable();
            prices
        };
        let row = [1_000, 1_001, 1_002, 1_003, 1_004];
        assert_eq!(prices(one, &market(), None).await, [&[100, 200, 300, 400], &row[..]].concat());
        assert_eq!(prices(one, &market(), Some(around)).await, [&[100, 200], &row[..]].concat(), "edges are inside");
        let elsewhere = "elsewhere".parse().unwrap();
        assert_eq!(prices(one, &elsewhere, None).await, [0; 0]);
        assert_eq!(prices(tenant(9), &market(), Some(around)).await, [0; 0]);
        let first = backend.listings_sold(one, &market(), january.clone(), Some(around), None, 1).await.unwrap();
        assert_eq!((first[0].status, first[0].place.is_some()), (Status::Closed, true));
    }

    async fn listings_are_found_without_looking_at_others(backend) {
        let one = set_up(&backend, 1).await;
        let mut ids = Vec::new();
        for batch in 0..4 {
            let mut records: Vec<_> = (0..800).map(|n| listed(home(&format!("k{batch}-{n}")))).collect();
            records.extend((0..200).map(|n| sold(sale(&format!("s{batch}-{n}"), "2026-01-31", n))));
            ids.extend(put(&backend, one, records, START.plus(batch * 1_000_000)).await.into_iter().map(|one| one.id.0));
        }
        settle(&backend).await;
        let (here, middle) = (market(), ids[ids.len() / 2]);
        let some = vec![ids[5], ids[700], ids[2_500]];
        examines(&backend, "listing.by_id", params![one, middle], 1, 2).await;
        examines(&backend, "listing.by_ids", params![one, some], 3, 10).await;
        examines(&backend, "listing.page", params![one, &here, middle, 50i64], 50, 60).await;
        examines(&backend, "listing.sales", params![one, &here, uuid::Uuid::nil(), 50i64], 50, 60).await;
        examines(&backend, "listing.outline", params![one, &here, "k1-7", i64::from(i32::MIN)], 1, 2).await;
        let keys = vec!["k1-7".to_owned(), "s2-9".to_owned()];
        examines(&backend, "listing.ids_by_key", params![one, &here, keys], 2, 5).await;
    }

    async fn two_writers_of_one_new_key_make_one_listing(backend) {
        let one = set_up(&backend, 1).await;
        let writers = (0..8i64).map(|n| {
            let mut facts = home("a");
            facts.list_price = Some(Money(n));
            put(&backend, one, vec![listed(facts)], START)
        });
        let all = futures_util::future::join_all(writers).await;
        let created = all.iter().flatten().filter(|one| one.outcome == Created).count();
        assert_eq!((created, all_listings(&backend, one).await.len()), (1, 1));
    }
}

/// The lowest and the highest day: nothing that stands for "no sale" can be mistaken for one.
#[tokio::test]
async fn a_sale_of_any_day_is_told_from_a_listing() {
    let backend = crate::backend::Backend::sqlite().await;
    let one = set_up(&backend, 1).await;
    let on = |day: i32| {
        let mut facts = sale("a", "2026-01-31", 1);
        facts.close_date = Some(Day(day));
        sold(facts)
    };
    let records = vec![on(0), on(-1), on(i32::MAX)];
    assert_eq!(outcomes(&put(&backend, one, records, START).await), [Created, Created, Created]);
}

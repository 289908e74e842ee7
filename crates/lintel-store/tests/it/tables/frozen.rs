//! Frozen estimates: kept once, scored by sales, found by home and by the days of sales.

use lintel_domain::{
    clock::Day,
    id::{ListingId, TenantId},
    money::Money,
};
use lintel_store::{
    Result, Store,
    frozen::{Frozen, NewFrozen, Sold, SoldFilter, Verdict},
    params,
};
use uuid::Uuid;

use super::{home, listed, market, put, set_up};
use crate::{
    backend::START,
    plan::{examines, settle},
};

fn new(listing: ListingId, as_of: i32, verdict: Verdict) -> NewFrozen {
    let property_type = Some("Condo".to_owned());
    NewFrozen { listing, as_of: Day(as_of), market: market(), property_type, model: "m-1".to_owned(), verdict }
}

fn value(value: i64) -> Verdict {
    let [a, b, c, d] = [-1, 1, -2, 2].map(|step| Money(value + step));
    Verdict::Value { value: Money(value), interval80: [a, b], interval95: [c, d] }
}

async fn freeze(store: &Store, tenant: TenantId, estimates: Vec<NewFrozen>) -> u64 {
    store.write(move |tx| tx.estimates_freeze(tenant, &estimates, START)).await.unwrap()
}

async fn score(store: &Store, tenant: TenantId, listing: ListingId, as_of: i32, sale: Option<(i32, i64)>) {
    let sale = sale.map(|(day, price)| (Day(day), Money(price)));
    let scored = Frozen { listing, as_of: Day(as_of), sale };
    store.write(move |tx| tx.estimates_score(tenant, &[scored], START)).await.unwrap();
}

fn sold_in(from: i32, to: i32, property_type: Option<&str>) -> SoldFilter {
    let property_type = property_type.map(str::to_owned);
    SoldFilter { market: market(), from: Day(from), to: Day(to), property_type }
}

on_each_backend! {
    async fn an_estimate_is_frozen_once_while_it_waits_and_again_for_the_next_sale(backend) {
        let one = set_up(&backend, 1).await;
        let listing = ListingId(backend.id());
        assert_eq!(freeze(&backend, one, vec![new(listing, 10, value(500))]).await, 1);
        assert_eq!(freeze(&backend, one, vec![new(listing, 10, value(999))]).await, 0);
        assert_eq!(freeze(&backend, one, vec![new(listing, 11, value(999))]).await, 0);
        score(&backend, one, listing, 10, Some((40, 520))).await;
        assert_eq!(freeze(&backend, one, vec![new(listing, 60, Verdict::Refused("too large".to_owned()))]).await, 1);
        score(&backend, one, listing, 60, Some((90, 700))).await;
        let frozen = |as_of, sale: (i32, i64)| Frozen { listing, as_of: Day(as_of), sale: Some((Day(sale.0), Money(sale.1))) };
        assert_eq!(backend.frozen_of(one, &[listing]).await.unwrap(), [frozen(10, (40, 520)), frozen(60, (90, 700))]);

        // What was said stays as it was, whatever became of the home.
        let first = Sold { listing, as_of: Day(10), verdict: value(500), sale: (Day(40), Money(520)) };
        let second = Sold { listing, as_of: Day(60), verdict: Verdict::Refused("too large".to_owned()), sale: (Day(90), Money(700)) };
        let sold = async |from, to, kind| backend.frozen_sold(one, &sold_in(from, to, kind), 9).await.unwrap();
        assert_eq!(sold(i32::MIN, i32::MAX, None).await, [second.clone(), first.clone()]);
        assert_eq!(sold(40, 89, Some("CONDO")).await, std::slice::from_ref(&first));
        assert_eq!(sold(41, 89, None).await, []);
        assert_eq!(sold(40, 90, Some("house")).await, []);

        // A sale that fell through.
        score(&backend, one, listing, 10, None).await;
        assert_eq!(sold(i32::MIN, i32::MAX, None).await, [second]);
        assert_eq!(backend.frozen_waiting(one, &market(), None).await.unwrap(), 1);
        assert_eq!(backend.frozen_waiting(one, &market(), Some("condo")).await.unwrap(), 1);
        assert_eq!(backend.frozen_waiting(one, &market(), Some("house")).await.unwrap(), 0);
        backend.write(move |tx| -> Result<()> { tx.estimates_forget(one, [listing].into_iter()) }).await.unwrap();
        assert_eq!(backend.frozen_of(one, &[listing]).await.unwrap(), []);
    }

    async fn frozen_estimates_are_found_without_looking_at_others(backend) {
        let one = set_up(&backend, 1).await;
        let ids: Vec<ListingId> = (0..2_000).map(|_| ListingId(backend.id())).collect();
        let estimates = |n: usize, id: &ListingId| new(*id, n as i32, value(500));
        freeze(&backend, one, ids.iter().enumerate().map(|(n, id)| estimates(n, id)).collect()).await;
        let scored: Vec<Frozen> = (0..1_500)
            .map(|n| Frozen { listing: ids[n], as_of: Day(n as i32), sale: Some((Day(10_000 + n as i32), Money(1))) })
            .collect();
        backend.write(move |tx| tx.estimates_score(one, &scored, START)).await.unwrap();
        put(&backend, one, (0..1_000).map(|n| listed(home(&n.to_string()))).collect(), START).await;
        settle(&backend).await;
        let some: Vec<Uuid> = ids[700..705].iter().map(|id| id.0).collect();
        let days = params![one, market(), Day(10_100), Day(10_109), None::<String>, 50i64];
        examines(&backend, "frozen.sold", days, 10, 12).await;
        let latest = params![one, market(), Day(0), Day(20_000), None::<String>, 20i64];
        examines(&backend, "frozen.sold", latest, 20, 25).await;
        examines(&backend, "frozen.of_listings", params![one, some], 5, 10).await;
        examines(&backend, "frozen.waiting", params![one, market(), None::<String>], 1, 510).await;
        examines(&backend, "listing.active_ids", params![one, market(), Uuid::nil(), 30i64], 30, 35).await;
    }
}

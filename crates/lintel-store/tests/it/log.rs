//! The log: everything that was committed is read once, in order, by whoever follows it.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use lintel_domain::{
    clock::{DAY, Time},
    event::Event,
    id::{JobId, LeadId, ListingId, TenantId},
};
use lintel_store::{
    Error, Store,
    log::{Cause, Cursor, Recorded},
};
use uuid::Uuid;

use crate::backend::{START, tenant};

/// An event that carries a number.
fn numbered(n: u128) -> Event {
    Event::LeadCreated { leads: vec![LeadId(Uuid::from_u128(n))] }
}

fn number(recorded: &Recorded) -> u128 {
    match &recorded.event {
        Some(Event::LeadCreated { leads }) => leads[0].0.as_u128(),
        other => panic!("{other:?}"),
    }
}

async fn emit(store: &Store, tenant: TenantId, n: u128, at: Time) -> Result<(), Error> {
    store.write(move |tx| tx.emit(tenant, at, &numbered(n))).await
}

/// Reads until `count` events have come, waiting in between.
pub(crate) async fn follow(store: &Store, mut cursor: Cursor, count: usize) -> Vec<Recorded> {
    let mut wake = store.log_wake();
    let mut all = Vec::new();
    let mut quiet = 0;
    while all.len() < count {
        let events = store.events_after(cursor, 500).await.unwrap();
        let Some(last) = events.last() else {
            quiet += i32::from(!wake.wait(Duration::from_secs(1)).await);
            assert!(quiet < 60, "only {} of {count} events came", all.len());
            continue;
        };
        cursor = last.cursor;
        all.extend(events);
    }
    all
}

/// Reads a tenant's events, `limit` at once, until `count` have come. A read may end early, at what was still held back by
/// a transaction elsewhere on the server when it began: that is no reason to expect everything at once.
async fn follow_tenant(store: &Store, tenant: TenantId, mut cursor: Cursor, limit: u32, count: usize) -> Vec<Recorded> {
    let mut wake = store.log_wake();
    let mut all: Vec<Recorded> = Vec::new();
    let mut quiet = 0;
    while all.len() < count {
        let events = store.events_for_tenant(tenant, cursor, limit.min((count - all.len()) as u32)).await.unwrap();
        if events.is_empty() {
            quiet += i32::from(!wake.wait(Duration::from_secs(1)).await);
            assert!(quiet < 60, "only {} of {count} events came", all.len());
        }
        cursor = events.last().map_or(cursor, |last| last.cursor);
        all.extend(events);
    }
    all
}

/// Waits until the head of the log is at an event. What is held back by a transaction elsewhere on the server that just ends
/// is free a moment later.
async fn head_comes_to(store: &Store, event: Cursor) {
    let begun = Instant::now();
    while store.log_head().await.unwrap() != event {
        assert!(begun.elapsed() < Duration::from_mins(1), "the head of the log does not come to {event:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

on_each_backend! {
    async fn a_follower_reads_ten_thousand_concurrent_commits_in_order_and_misses_none(backend) {
        const WRITERS: u128 = 50;
        const EACH: u128 = 200;
        let second = backend.another().await;
        let reader = backend.another().await;
        let follower = follow(&reader, Cursor::default(), (WRITERS * EACH) as usize);
        let writers = futures_util::future::join_all((0..WRITERS).map(|writer| {
            let store = if writer % 2 == 0 { &*backend } else { &second };
            async move {
                for i in 0..EACH {
                    emit(store, tenant(1), writer * EACH + i, START).await.unwrap();
                }
            }
        }));
        let (events, _) = tokio::join!(follower, writers);
        let mut last_of = vec![None; WRITERS as usize];
        let mut seen = HashSet::new();
        for pair in events.windows(2) {
            assert!(pair[0].cursor < pair[1].cursor);
        }
        for event in &events {
            let n = number(event);
            assert!(seen.insert(n), "{n} came twice");
            // What one writer committed one after the other comes in that order.
            let last = &mut last_of[(n / EACH) as usize];
            assert!(*last < Some(n));
            *last = Some(n);
        }
        assert_eq!(events.len(), 10_000);
        head_comes_to(&backend, events.last().unwrap().cursor).await;
    }

    async fn an_open_transaction_holds_back_what_was_committed_after_it_began(backend) {
        let Some(mut slow) = backend.client().await else { return };
        let open = slow.transaction().await.unwrap();
        let insert = "INSERT INTO events (txid, tenant_id, kind, body, at)
            VALUES (pg_current_xact_id()::text::bigint, $1, 'lead.created', $2, $3)";
        let body = serde_json::to_value(numbered(1)).unwrap();
        open.execute(insert, &[&tenant(1).0, &body, &START.0]).await.unwrap();
        emit(&backend, tenant(1), 2, START).await.unwrap();
        assert!(backend.events_after(Cursor::default(), 10).await.unwrap().is_empty());
        assert_eq!(backend.log_head().await.unwrap(), Cursor::default());
        open.commit().await.unwrap();
        let read: Vec<_> = follow(&backend, Cursor::default(), 2).await.iter().map(number).collect();
        assert_eq!(read, [1, 2]);
    }

    async fn an_open_transaction_of_another_database_holds_nothing_back(backend) {
        let (Some(_), Some(other)) = (backend.database(), crate::backend::Backend::postgres().await) else { return };
        let mut elsewhere = other.client().await.unwrap();
        let open = elsewhere.transaction().await.unwrap();
        open.execute("SELECT pg_current_xact_id()", &[]).await.unwrap();
        emit(&backend, tenant(1), 1, START).await.unwrap();
        let read = follow(&backend, Cursor::default(), 1).await;
        assert_eq!(follow_tenant(&backend, tenant(1), Cursor::default(), 10, 1).await.len(), 1);
        head_comes_to(&backend, read[0].cursor).await;
        open.commit().await.unwrap();
    }

    async fn what_has_been_read_is_read_again_whatever_is_being_written_now(backend) {
        let mut slow = backend.client().await;
        let open = match &mut slow {
            Some(slow) => {
                let open = slow.transaction().await.unwrap();
                open.execute("SELECT pg_current_xact_id()", &[]).await.unwrap();
                Some(open)
            }
            None => None,
        };
        emit(&backend, tenant(1), 1, START).await.unwrap();
        emit(&backend, tenant(2), 2, START).await.unwrap();
        let to = backend.log_newest().await.unwrap();
        emit(&backend, tenant(1), 3, START).await.unwrap();
        let numbers = |events: Vec<Recorded>| events.iter().map(number).collect::<Vec<_>>();
        let read = backend.events_up_to(tenant(1), Cursor::default(), to, 10).await.unwrap();
        // SQLite has one transaction number, and callers look at the place of each event.
        let told = read.into_iter().filter(|event| event.cursor <= to).collect();
        assert_eq!(numbers(told), [1]);
        if let Some(open) = open {
            assert!(backend.events_for_tenant(tenant(1), Cursor::default(), 10).await.unwrap().is_empty());
            open.commit().await.unwrap();
        }
    }

    async fn what_happened_in_a_market_is_read_without_all_else(backend) {
        let listings = |n: u128| vec![ListingId(Uuid::from_u128(n))];
        let of = |market: &str, n| Event::ListingUpdated { market: market.parse().unwrap(), listings: listings(n) };
        let said = [(1, of("town", 1)), (1, numbered(2)), (1, of("city", 3)), (2, of("town", 4)), (1, of("town", 5)), (1, of("town", 6))];
        for (tenant_, event) in said.clone() {
            backend.write(move |tx| tx.emit(tenant(tenant_), START, &event)).await.unwrap();
        }
        let all = follow(&backend, Cursor::default(), said.len()).await;
        let town = "town".parse().unwrap();
        let read = async |from: Cursor, to: Cursor, limit| {
            let events = backend.market_events_up_to((tenant(1), &town), from, to, limit).await.unwrap();
            // SQLite has one transaction number, and callers look at the place of each event.
            events.into_iter().filter(|event| event.cursor <= to).map(|event| event.cursor).collect::<Vec<_>>()
        };
        let at = |nth: usize| all[nth].cursor;
        assert_eq!(read(Cursor::default(), at(4), 10).await, [at(0), at(4)]);
        assert_eq!(read(Cursor::default(), at(5), 2).await, [at(0), at(4)]);
        assert_eq!(read(at(4), at(5), 10).await, [at(5)]);
    }

    async fn nothing_of_an_undone_write_is_in_the_log(backend) {
        let undone: Result<(), Error> = backend
            .write(|tx| {
                tx.emit(tenant(1), START, &numbered(1))?;
                Err(Error::Closed)
            })
            .await;
        assert!(undone.is_err());
        emit(&backend, tenant(1), 2, START).await.unwrap();
        let read: Vec<_> = follow(&backend, Cursor::default(), 1).await.iter().map(number).collect();
        assert_eq!(read, [2]);
    }

    async fn a_write_tells_of_everything_in_the_order_in_which_it_was_said(backend) {
        let write = backend.write(|tx| (0..100).try_for_each(|n| tx.emit(tenant(n / 3 % 2), START, &numbered(n))));
        write.await.unwrap();
        let read = follow(&backend, Cursor::default(), 100).await;
        assert_eq!(read.iter().map(number).collect::<Vec<_>>(), (0..100).collect::<Vec<_>>());
        assert!(read.iter().zip(0..).all(|(event, n)| event.tenant == tenant(n / 3 % 2)));
    }

    async fn an_event_that_the_log_refuses_undoes_the_whole_write(backend) {
        let Some(_) = backend.database() else { return };
        // PostgreSQL keeps no NUL in a document.
        let refused = Event::JobDead { job: JobId(Uuid::nil()), kind: "\0".to_owned() };
        let written = backend.write(move |tx| {
            tx.emit(tenant(1), START, &numbered(1))?;
            tx.emit(tenant(1), START, &refused)?;
            tx.emit(tenant(1), START, &numbered(2))
        });
        let error = written.await.unwrap_err();
        assert!(matches!(error, Error::Statement { statement: "event.emit", .. }), "{error:?}");
        emit(&backend, tenant(1), 3, START).await.unwrap();
        assert_eq!(follow(&backend, Cursor::default(), 1).await.iter().map(number).collect::<Vec<_>>(), [3]);
    }

    async fn a_tenant_reads_its_own_events_only(backend) {
        for n in 0..20 {
            emit(&backend, tenant(n % 2), n, START).await.unwrap();
        }
        let mine = follow_tenant(&backend, tenant(1), Cursor::default(), 3, 5).await;
        assert_eq!(mine.iter().map(number).collect::<Vec<_>>(), [1, 3, 5, 7, 9]);
        let more = follow_tenant(&backend, tenant(1), mine[4].cursor, 50, 5).await;
        assert_eq!(more.iter().map(number).collect::<Vec<_>>(), [11, 13, 15, 17, 19]);
    }

    async fn an_event_says_what_caused_it(backend) {
        emit(&backend, tenant(1), 1, START).await.unwrap();
        let first = follow(&backend, Cursor::default(), 1).await.remove(0);
        assert_eq!((first.caused_by, first.depth, first.at), (None, 0, START));
        let cause = first.as_cause();
        assert_eq!(cause, Cause { event: first.cursor.id, depth: 1 });
        backend
            .write(move |tx| {
                tx.set_cause(cause);
                tx.emit(tenant(1), START, &numbered(2))
            })
            .await
            .unwrap();
        let second = follow(&backend, first.cursor, 1).await.remove(0);
        assert_eq!((second.caused_by, second.depth), (Some(first.cursor.id), 1));
    }

    async fn a_followers_effect_and_its_cursor_move_together_and_once(backend) {
        for n in 0..3 {
            emit(&backend, tenant(1), n, START).await.unwrap();
        }
        let events = follow(&backend, Cursor::default(), 3).await;
        let (first, last) = (events[0].cursor, events[2].cursor);
        let step = |from: Option<Cursor>, to: Cursor| {
            backend.write(move |tx| {
                tx.emit(tenant(9), START, &numbered(100))?;
                tx.follower_advance("index", from, to, START)
            })
        };
        assert_eq!(backend.follower_cursor("index").await.unwrap(), None);
        step(None, first).await.unwrap();
        assert!(matches!(step(None, first).await, Err(Error::FollowerMoved { .. })));
        step(Some(first), last).await.unwrap();
        assert!(matches!(step(Some(first), last).await, Err(Error::FollowerMoved { .. })));
        assert_eq!(backend.follower_cursor("index").await.unwrap(), Some(last));
        let effects = follow(&backend, last, 2).await;
        assert_eq!(effects.len(), 2, "a step that lost has no effect");
        assert!(effects.iter().all(|effect| effect.tenant == tenant(9)));

        let followers = backend.followers().await.unwrap();
        assert_eq!((followers[0].name.as_str(), followers[0].cursor, followers[0].behind), ("index", last, 2));
        assert_eq!(followers[0].waiting_since, Some(START));
        let head = backend.log_head().await.unwrap();
        backend.write(move |tx| tx.follower_reset("index", head, START)).await.unwrap();
        assert_eq!(backend.followers().await.unwrap()[0].behind, 0);
        backend.write(|tx| tx.follower_forget("index")).await.unwrap();
        assert!(backend.followers().await.unwrap().is_empty());
    }

    async fn of_many_that_take_the_same_step_one_succeeds(backend) {
        emit(&backend, tenant(1), 1, START).await.unwrap();
        let to = backend.log_head().await.unwrap();
        let other = backend.another().await;
        let steps = (0..40).map(|i| {
            let store = if i % 2 == 0 { &*backend } else { &other };
            store.write(move |tx| tx.follower_advance("crm", None, to, START))
        });
        let answers = futures_util::future::join_all(steps).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        assert!(answers.iter().all(|answer| matches!(answer, Ok(()) | Err(Error::FollowerMoved { .. }))));
    }

    async fn forgotten_events_are_reported_to_whoever_has_not_read_them(backend) {
        let month = |n: i64| START.plus(n * 31 * DAY);
        backend.log_make_room(START).await.unwrap();
        for n in 0..3 {
            emit(&backend, tenant(1), n, month(n as i64)).await.unwrap();
        }
        let events = follow(&backend, Cursor::default(), 3).await;
        assert_eq!(backend.log_forget(month(1).plus(DAY)).await.unwrap(), if backend.database().is_some() { 1 } else { 2 });
        assert!(matches!(backend.events_after(Cursor::default(), 10).await, Err(Error::CursorGone)));
        let reader = events[1].cursor;
        assert_eq!(backend.events_after(reader, 10).await.unwrap(), [events[2].clone()]);
        assert_eq!(backend.log_forget(month(1).plus(DAY)).await.unwrap(), 0);

        backend.log_forget(month(40)).await.unwrap();
        let head = backend.log_head().await.unwrap();
        assert_eq!(head, events[2].cursor, "the place in the log outlives the events");
        emit(&backend, tenant(1), 7, month(3)).await.unwrap();
        let next: Vec<_> = follow(&backend, head, 1).await.iter().map(number).collect();
        assert_eq!(next, [7], "a number is never used twice");
    }

    async fn a_write_by_another_process_wakes(backend) {
        let other = backend.another().await;
        let mut wake = backend.log_wake();
        let (woken, _) = tokio::join!(wake.wait(Duration::from_secs(30)), emit(&other, tenant(1), 1, START));
        assert!(woken);
        let mut quiet = other.job_wake();
        if backend.file().is_some() {
            assert!(!quiet.wait(Duration::from_millis(1)).await, "nothing was written since");
        }
    }
}

#[tokio::test]
async fn events_that_came_before_their_month_was_made_move_into_it() {
    let Some(backend) = crate::backend::Backend::postgres().await else { return };
    for n in 0..3 {
        emit(&backend, tenant(1), n, START).await.unwrap();
    }
    let before = follow(&backend, Cursor::default(), 3).await;
    backend.log_make_room(START).await.unwrap();
    backend.log_make_room(START).await.unwrap();
    assert_eq!(follow(&backend, Cursor::default(), 3).await, before);
    let client = backend.client().await.unwrap();
    let counts = "SELECT (SELECT COUNT(*) FROM events_2026_06), (SELECT COUNT(*) FROM events_default)";
    let row = client.query_one(counts, &[]).await.unwrap();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (3, 0));
}

#[tokio::test]
async fn new_events_come_after_old_ones_in_a_restored_cluster() {
    let Some(backend) = crate::backend::Backend::postgres().await else { return };
    emit(&backend, tenant(1), 1, START).await.unwrap();
    // What a dump brings from a cluster that has seen many more transactions.
    let client = backend.client().await.unwrap();
    client.batch_execute("UPDATE events SET txid = txid + 1000000000").await.unwrap();
    let old = Cursor { txid: client.query_one("SELECT txid FROM events", &[]).await.unwrap().get(0), id: 1 };
    let restored = backend.another().await;
    emit(&restored, tenant(1), 2, START).await.unwrap();
    let read: Vec<_> = follow(&restored, Cursor::default(), 2).await.iter().map(number).collect();
    assert_eq!(read, [1, 2]);
    assert!(restored.log_head().await.unwrap() > old);
    let offset = "SELECT txid_offset FROM log_state";
    let before: i64 = client.query_one(offset, &[]).await.unwrap().get(0);
    backend.another().await;
    let after: i64 = client.query_one(offset, &[]).await.unwrap().get(0);
    assert_eq!(before, after, "once is enough");
}

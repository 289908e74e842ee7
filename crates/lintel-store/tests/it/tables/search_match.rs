//! What saved searches found: kept once, counted, taken once to be told, gone with the search; and who saved a home.

use std::collections::BTreeSet;

use lintel_domain::{
    clock::{DAY, Time},
    filter::ListingFilter,
    id::{InteractionId, LeadId, ListingId, SavedSearchId, TenantId},
    interaction::{InteractionFacts, InteractionKind},
    saved_search::{Cadence, Why},
    scalar::Fields,
};
use lintel_store::{
    Result, params,
    saved_search::{SavedSearchChange, SavedSearchRow, Watching},
    search_match::SearchMatch,
};
use uuid::Uuid;

use super::{home, lead_of, listed, market, put, set_up};
use crate::{
    backend::{Backend, START},
    plan::{examines, settle},
};

fn search(backend: &Backend, cadence: Cadence) -> SavedSearchRow {
    let id = SavedSearchId(backend.id());
    SavedSearchRow {
        cadence,
        ..SavedSearchRow::new(id, "search".to_owned(), market(), ListingFilter::default(), START)
    }
}

async fn save(backend: &Backend, tenant: TenantId, searches: Vec<SavedSearchRow>) {
    let all = move |tx: &mut lintel_store::Tx<'_>| -> Result<()> {
        searches.iter().try_for_each(|row| tx.saved_search_create(tenant, row).map(|_| ()))
    };
    backend.write(all).await.unwrap();
}

async fn record(backend: &Backend, tenant: TenantId, found: Vec<SearchMatch>, at: Time) {
    backend.write(move |tx| tx.search_matches_record(tenant, &found, at)).await.unwrap();
}

fn act(
    backend: &Backend,
    lead: LeadId,
    listing: ListingId,
    kind: InteractionKind,
    at: i64,
) -> (InteractionId, LeadId, InteractionFacts) {
    let id = InteractionId(backend.id());
    let facts = InteractionFacts {
        event_id: id.to_string(),
        kind,
        at: START.plus(at),
        listing_id: Some(listing),
        properties: Fields::new(),
    };
    (id, lead, facts)
}

on_each_backend! {
    async fn a_find_is_kept_counted_and_taken_once(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let row = search(&backend, Cadence::Daily);
        let (id, gone) = (row.id, SavedSearchId(backend.id()));
        save(&backend, one, vec![row.clone()]).await;
        let [a, b] = [ListingId(backend.id()), ListingId(backend.id())];
        let found = |search, listing, why| SearchMatch { search, listing, why, waiting: true };
        let first = vec![found(id, a, Why::New), found(id, b, Why::New), found(gone, a, Why::New)];
        record(&backend, one, first.clone(), START.plus(5)).await;
        record(&backend, one, first, START.plus(5)).await;
        record(&backend, one, vec![found(id, a, Why::PriceDrop)], START.plus(9)).await;
        let known = backend.search_matches_known(one, &[a]).await.unwrap();
        assert_eq!(known.into_iter().collect::<Vec<_>>(), [(id, a)]);
        assert_eq!(backend.search_matches_unseen(one, &[id, gone]).await.unwrap(), [(id, 2)]);
        let seen = SavedSearchChange { seen_at: Some(START.plus(5)), ..SavedSearchChange::default() };
        let changed = SavedSearchRow { seen_at: START.plus(5), ..row };
        assert!(backend.write(move |tx| tx.saved_search_update(one, id, &seen)).await.unwrap());
        assert_eq!(backend.saved_search_get(one, id).await.unwrap(), Some(changed));
        assert_eq!(backend.search_matches_unseen(one, &[id]).await.unwrap(), [(id, 1)]);

        let due = async |cadence, before| backend.saved_searches_due(cadence, before, 10).await.unwrap();
        assert_eq!(due(Cadence::Daily, START).await, [(one, id)]);
        assert_eq!(due(Cadence::Daily, START.plus(-1)).await, []);
        assert_eq!(due(Cadence::Weekly, START).await, []);
        assert_eq!(backend.write(move |tx| tx.search_matches_take(two, id)).await.unwrap(), []);
        let taken = backend.write(move |tx| {
            tx.saved_searches_alerted(one, [id], START.plus(DAY))?;
            tx.search_matches_take(one, id)
        });
        let taken: BTreeSet<(ListingId, Why)> = taken.await.unwrap().into_iter().collect();
        assert_eq!(taken, BTreeSet::from([(a, Why::New), (b, Why::New), (a, Why::PriceDrop)]));
        assert_eq!(backend.write(move |tx| tx.search_matches_take(one, id)).await.unwrap(), []);
        assert_eq!(backend.saved_search_get(one, id).await.unwrap().unwrap().alerted_at, Some(START.plus(DAY)));
        assert_eq!(due(Cadence::Daily, START.plus(2 * DAY)).await, [], "there is nothing to tell");

        backend.write(move |tx| tx.search_matches_forget(one, [a])).await.unwrap();
        assert!(backend.search_matches_known(one, &[a]).await.unwrap().is_empty());
        assert!(backend.write(move |tx| tx.saved_search_delete(one, id)).await.unwrap());
        assert!(backend.search_matches_known(one, &[b]).await.unwrap().is_empty());
    }

    async fn a_search_is_changed_in_what_is_said(backend) {
        let one = set_up(&backend, 1).await;
        let row = search(&backend, Cadence::Daily);
        let id = row.id;
        save(&backend, one, vec![row.clone()]).await;
        let filter: ListingFilter = serde_json::from_str(r#"{"bedrooms":{"min":3}}"#).unwrap();
        let change = SavedSearchChange {
            name: Some("other".to_owned()),
            filter: Some(filter.clone()),
            cadence: Some(Cadence::Off),
            paused: Some(true),
            watched_since: Some(START.plus(7)),
            seen_at: None,
        };
        assert!(backend.write(move |tx| tx.saved_search_update(one, id, &change)).await.unwrap());
        let changed = SavedSearchRow { name: "other".to_owned(), filter, cadence: Cadence::Off, paused: true, watched_since: START.plus(7), ..row };
        assert_eq!(backend.saved_search_get(one, id).await.unwrap(), Some(changed.clone()));
        let nothing = SavedSearchChange::default();
        assert!(backend.write(move |tx| tx.saved_search_update(one, id, &nothing)).await.unwrap());
        assert_eq!(backend.saved_search_get(one, id).await.unwrap(), Some(changed));
    }

    async fn paused_searches_do_not_watch(backend) {
        let one = set_up(&backend, 1).await;
        let (watching, paused) = (search(&backend, Cadence::Instant), search(&backend, Cadence::Instant));
        let paused = SavedSearchRow { paused: true, ..paused };
        let both = [watching.id, paused.id, SavedSearchId(backend.id())];
        save(&backend, one, vec![watching.clone(), paused]).await;
        let page = backend.saved_searches_watching(one, &market(), None, 10).await.unwrap();
        assert_eq!(page, [Watching { id: watching.id, filter: watching.filter.clone() }]);
        assert_eq!(backend.saved_searches_watching(one, &market(), Some(watching.id), 10).await.unwrap(), []);
        let elsewhere = "south-side".parse().unwrap();
        assert_eq!(backend.saved_searches_watching(one, &elsewhere, None, 10).await.unwrap(), []);
        assert_eq!(backend.saved_searches_watching_of(one, &both).await.unwrap(), [watching]);
        assert_eq!(backend.saved_searches_watching_of(set_up(&backend, 2).await, &both).await.unwrap(), []);
    }

    async fn what_searches_watch_for_changes_in_numbered_order(backend) {
        let one = set_up(&backend, 1).await;
        let rows: Vec<_> = (0..3).map(|_| search(&backend, Cadence::Daily)).collect();
        let [a, b, c] = [rows[0].id, rows[1].id, rows[2].id];
        save(&backend, one, rows).await;
        let last = async || backend.saved_searches_last_change(one, &market()).await.unwrap();
        let changes = async |after| backend.saved_searches_changes(one, &market(), after, 10).await.unwrap();
        let ids = async |after| changes(after).await.into_iter().map(|one| one.id).collect::<Vec<_>>();
        let update = async |id, change| backend.write(move |tx| tx.saved_search_update(one, id, &change)).await.unwrap();
        let start = last().await;
        assert_eq!(ids(0).await, [a, b, c]);
        assert!(ids(start).await.is_empty());
        // Names, and who looked when, change nothing that it watches for.
        let name = SavedSearchChange { name: Some("other".to_owned()), seen_at: Some(START), ..SavedSearchChange::default() };
        assert!(update(b, name).await);
        assert!(ids(start).await.is_empty());
        let filter = ListingFilter { text: Some("pool".to_owned()), ..ListingFilter::default() };
        update(b, SavedSearchChange { filter: Some(filter.clone()), ..SavedSearchChange::default() }).await;
        update(a, SavedSearchChange { paused: Some(true), ..SavedSearchChange::default() }).await;
        let told = changes(start).await;
        assert_eq!(told.iter().map(|one| (one.id, one.filter.clone())).collect::<Vec<_>>(), [(b, Some(filter)), (a, None)]);
        assert!(start < told[0].change && told[0].change < told[1].change && told[1].change == last().await);
        assert_eq!(ids(told[0].change).await, [a]);
        assert!(backend.write(move |tx| tx.saved_search_delete(one, c)).await.unwrap());
        assert_eq!(ids(0).await, [b, a]);
    }

    async fn a_home_is_saved_by_those_whose_last_word_is_to_save_it(backend) {
        let one = set_up(&backend, 1).await;
        let [a, b, c] = [lead_of(&backend, one, "a").await, lead_of(&backend, one, "b").await, lead_of(&backend, one, "c").await];
        let [home, other] = [ListingId(backend.id()), ListingId(backend.id())];
        let (save, hide, view) = (InteractionKind::ListingSave, InteractionKind::ListingHide, InteractionKind::ListingView);
        let acts = vec![
            act(&backend, a, home, save, 1),
            act(&backend, a, home, view, 9),
            act(&backend, b, home, hide, 3),
            act(&backend, b, home, save, 2),
            act(&backend, c, home, hide, 1),
            act(&backend, c, home, save, 2),
            act(&backend, b, other, save, 2),
        ];
        backend.write(move |tx| tx.interactions_insert(one, &acts, None, START)).await.unwrap();
        let savers: BTreeSet<_> = backend.savers_of(one, &[home, other]).await.unwrap().into_iter().collect();
        assert_eq!(savers, BTreeSet::from([(a, home), (c, home), (b, other)]));
        assert_eq!(backend.savers_of(one, &[]).await.unwrap(), []);
    }

    async fn changes_of_a_market_are_read_newest_first(backend) {
        let one = set_up(&backend, 1).await;
        put(&backend, one, vec![listed(home("a")), listed(home("b"))], START).await;
        for (n, key) in [(1, "a"), (2, "b"), (3, "a")] {
            let mut facts = home(key);
            facts.list_price = Some(lintel_domain::money::Money(n * 100));
            put(&backend, one, vec![listed(facts)], START.plus(n)).await;
        }
        let since = async |n: i64, limit| {
            let changes = backend.listing_changes_since(one, &market(), START.plus(n), limit).await.unwrap();
            changes.into_iter().map(|(_, change)| change.at.0 - START.0).collect::<Vec<_>>()
        };
        assert_eq!(since(2, 10).await, [3, 2]);
        assert_eq!(since(0, 2).await, [3, 2]);
    }

    async fn finds_and_watching_searches_are_found_without_looking_at_others(backend) {
        let one = set_up(&backend, 1).await;
        let lead = lead_of(&backend, one, "a").await;
        let homes: Vec<ListingId> = (0..500).map(|_| ListingId(backend.id())).collect();
        let rows: Vec<SavedSearchRow> = (0..3_000)
            .map(|n| SavedSearchRow { paused: n % 100 != 10, ..search(&backend, Cadence::Daily) })
            .collect();
        let watching = rows[10].id;
        let found = rows.iter().take(40).flat_map(|row| {
            homes.iter().take(20).map(|home| SearchMatch { search: row.id, listing: *home, why: Why::New, waiting: row.id == watching })
        });
        let found: Vec<SearchMatch> = found.collect();
        save(&backend, one, rows).await;
        record(&backend, one, found, START.plus(1)).await;
        let kinds = [InteractionKind::ListingView, InteractionKind::ListingSave];
        let acts: Vec<_> = (0..2_000).map(|n| act(&backend, lead, homes[n / 4], kinds[n % 2], n as i64)).collect();
        backend.write(move |tx| tx.interactions_insert(one, &acts, None, START)).await.unwrap();
        settle(&backend).await;
        examines(&backend, "saved_search.watching", params![one, market(), Uuid::nil(), 20i64], 20, 45).await;
        examines(&backend, "saved_search.watching_of", params![one, vec![watching.0]], 1, 5).await;
        examines(&backend, "saved_search.last_change", params![one, market()], 1, 3).await;
        examines(&backend, "saved_search.changes", params![one, market(), 2_990i64, 20i64], 10, 25).await;
        examines(&backend, "saved_search.due", params!["daily", START, 5i64], 1, 130).await;
        examines(&backend, "search_match.known", params![one, vec![homes[3].0]], 40, 90).await;
        examines(&backend, "search_match.unseen", params![one, vec![watching.0]], 1, 25).await;
        examines(&backend, "search_match.savers", params![one, vec![homes[3].0, Uuid::nil()]], 1, 10).await;
    }
}

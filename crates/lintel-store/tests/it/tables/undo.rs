//! Imports taken back: what they made goes, what they changed is what it was, what was changed since stays.

use lintel_domain::{
    clock::Day,
    contact::{Channel, Consent, ConsentStatus},
    id::{ImportId, InteractionId, LeadId, TenantId},
    import::ImportKind,
    interaction::{InteractionFacts, InteractionKind},
    lead::LeadFacts,
    listing::ListingFacts,
    money::Money,
    rng::Ids,
    scalar::Fields,
};
use lintel_store::{
    Error, Result,
    import::{ImportState, NewImport},
    lead::LeadUpsert,
    listing::{
        Upsert,
        UpsertOutcome::{self, Created, Unchanged, Updated},
    },
    score::NewScore,
    series::SeriesUpsert,
    undo::Undone,
};

use super::{all_listings, home, listed, market, outcomes, person, put, put_leads, sale, set_up, sold};
use crate::backend::{Backend, START};

async fn begin(backend: &Backend, tenant: TenantId, kind: ImportKind) -> ImportId {
    let new = NewImport {
        id: ImportId(backend.id()),
        kind,
        market: Some(market()),
        file_name: "file.csv".to_owned(),
        file_hash: vec![1],
        mapping: serde_json::json!({}),
        state: ImportState::Running,
    };
    let id = new.id;
    backend.write(move |tx| tx.import_create(tenant, &new, START)).await.unwrap();
    id
}

async fn end(backend: &Backend, tenant: TenantId, import: ImportId) {
    backend.write(move |tx| tx.import_finish(tenant, import, ImportState::Done, None, START)).await.unwrap();
}

async fn undo(backend: &Backend, tenant: TenantId, import: ImportId, kind: ImportKind) -> Result<Undone> {
    backend.write(move |tx| tx.import_undo(tenant, import, kind, START.plus(99))).await
}

async fn import(backend: &Backend, tenant: TenantId, import: ImportId, records: Vec<Upsert>) -> Vec<UpsertOutcome> {
    let seed = backend.id().as_u128() as u64;
    let write = backend
        .write(move |tx| tx.listings_upsert(tenant, &market(), &records, Some(import), START, &Ids::seeded(seed)));
    outcomes(&write.await.unwrap())
}

async fn import_leads(backend: &Backend, tenant: TenantId, import: ImportId, facts: Vec<LeadFacts>) -> Vec<LeadId> {
    let granted = ConsentStatus::Granted;
    let consent = Consent { channel: Channel::Email, status: granted, source: None, text: None, at: None };
    let records: Vec<LeadUpsert> =
        facts.into_iter().map(|facts| LeadUpsert { facts, consent: vec![consent.clone()] }).collect();
    let seed = backend.id().as_u128() as u64;
    let write = backend.write(move |tx| tx.leads_upsert(tenant, &records, Some(import), START, &Ids::seeded(seed)));
    write.await.unwrap().into_iter().filter_map(|one| one.id).collect()
}

async fn facts_of(backend: &Backend, tenant: TenantId) -> Vec<ListingFacts> {
    let mut all: Vec<ListingFacts> =
        all_listings(backend, tenant).await.into_iter().map(|listing| listing.facts).collect();
    all.sort_by(|a, b| (&a.listing_key, a.close_date).cmp(&(&b.listing_key, b.close_date)));
    all
}

fn priced(key: &str, price: i64) -> Upsert {
    let mut facts = home(key);
    facts.list_price = Some(Money(price));
    listed(facts)
}

fn visit(event: &str, at: i64) -> InteractionFacts {
    let kind = InteractionKind::SiteVisit;
    InteractionFacts {
        event_id: event.to_owned(),
        kind,
        at: START.plus(at),
        listing_id: None,
        properties: Fields::new(),
    }
}

on_each_backend! {
    async fn listings_and_sales_become_what_they_were(backend) {
        let one = set_up(&backend, 1).await;
        put(&backend, one, vec![priced("changed", 100), priced("sold", 200), listed(home("same"))], START).await;
        let before = facts_of(&backend, one).await;
        let id = begin(&backend, one, ImportKind::Sales).await;
        let batches = [
            vec![priced("changed", 90), priced("changed", 80), priced("new", 1), listed(home("same"))],
            vec![priced("changed", 70), priced("new", 2), sold(sale("sold", "2026-05-31", 5)), sold(sale("new", "2014-01-01", 5))],
        ];
        let mut told = Vec::new();
        for batch in batches.clone() {
            told.push(import(&backend, one, id, batch).await);
        }
        assert_eq!(told[0], [Updated, Updated, Created, Unchanged]);
        assert_eq!(told[1], [Updated, Updated, Updated, Created]);
        assert!(undo(&backend, one, id, ImportKind::Sales).await.is_err(), "it has not ended");
        end(&backend, one, id).await;

        let undone = undo(&backend, one, id, ImportKind::Sales).await.unwrap();
        assert_eq!((undone.removed, undone.restored, undone.kept), (2, 2, 0));
        assert_eq!((undone.listings_removed.len(), undone.listings_restored.len()), (2, 2));
        assert_eq!(facts_of(&backend, one).await, before);
        assert_eq!(backend.import_get(one, id).await.unwrap().unwrap().state, ImportState::Undone);
        let (_, changed) = &undone.listings_restored.iter().find(|(_, listing)| {
            undone.listings_removed.iter().all(|(_, gone)| gone != listing)
        }).unwrap();
        let history = backend.listing_changes(one, *changed).await.unwrap();
        assert!(!history.is_empty(), "that the price went and came back is known");

        let again = put(&backend, one, vec![priced("changed", 100), priced("sold", 200)], START).await;
        assert_eq!(outcomes(&again), [Unchanged, Unchanged], "as if the import had never been");
        let next = begin(&backend, one, ImportKind::Sales).await;
        let mut told = Vec::new();
        for batch in batches {
            told.extend(import(&backend, one, next, batch).await);
        }
        assert_eq!(told, [Updated, Updated, Created, Unchanged, Updated, Updated, Updated, Created], "it can be run again");
    }

    async fn what_was_changed_since_stays(backend) {
        let one = set_up(&backend, 1).await;
        put(&backend, one, vec![priced("old", 1)], START).await;
        let id = begin(&backend, one, ImportKind::Listings).await;
        import(&backend, one, id, vec![priced("old", 2), priced("new", 3), priced("untouched", 4)]).await;
        end(&backend, one, id).await;
        put(&backend, one, vec![priced("old", 5), priced("new", 6)], START).await;
        let undone = undo(&backend, one, id, ImportKind::Listings).await.unwrap();
        assert_eq!((undone.removed, undone.restored, undone.kept), (1, 0, 2));
        let left: Vec<_> = facts_of(&backend, one).await.into_iter().map(|f| (f.listing_key, f.list_price)).collect();
        assert_eq!(left, [("new".to_owned(), Some(Money(6))), ("old".to_owned(), Some(Money(5)))]);
        let twice = undo(&backend, one, id, ImportKind::Listings).await.unwrap();
        assert_eq!((twice.removed, twice.restored), (0, 0), "a second time takes nothing");
    }

    async fn imports_on_top_of_each_other_are_taken_back_in_turn(backend) {
        let one = set_up(&backend, 1).await;
        let [first, second] =
            [begin(&backend, one, ImportKind::Listings).await, begin(&backend, one, ImportKind::Listings).await];
        import(&backend, one, first, vec![priced("a", 1), priced("b", 1)]).await;
        import(&backend, one, second, vec![priced("a", 2)]).await;
        for id in [first, second] {
            end(&backend, one, id).await;
        }
        let undone = undo(&backend, one, second, ImportKind::Listings).await.unwrap();
        assert_eq!((undone.removed, undone.restored, undone.kept), (0, 1, 0));
        let undone = undo(&backend, one, first, ImportKind::Listings).await.unwrap();
        assert_eq!((undone.removed, undone.restored, undone.kept), (2, 0, 0), "the row is the first import's again");
        assert_eq!(facts_of(&backend, one).await, []);
    }

    async fn leads_become_what_they_were(backend) {
        let one = set_up(&backend, 1).await;
        let old = put_leads(&backend, one, vec![person("old")]).await[0].id.unwrap();
        let id = begin(&backend, one, ImportKind::Leads).await;
        let mut changed = person("old");
        changed.stage = Some("imported".to_owned());
        let ids = import_leads(&backend, one, id, vec![changed, person("new"), person("busy"), person("asked")]).await;
        end(&backend, one, id).await;
        let [_, new, busy, asked] = ids[..] else { panic!("{ids:?}") };
        let revoked = Consent {
            channel: Channel::Email,
            status: ConsentStatus::Revoked,
            source: None,
            text: None,
            at: None,
        };
        backend
            .write(move |tx| -> Result<()> {
                tx.interactions_insert(one, &[(InteractionId(busy.0), busy, visit("e", 0))], None, START)?;
                tx.consent_append(one, asked, std::slice::from_ref(&revoked), None, START)?;
                let model = "1".to_owned();
                tx.leads_score(one, &[NewScore { lead: new, probability: 0.5, base: 0.0, model, inputs: None, churn: None, top_reason: None, is_hot: false, at: START }])
            })
            .await
            .unwrap();
        let undone = undo(&backend, one, id, ImportKind::Leads).await.unwrap();
        assert_eq!((undone.removed, undone.restored, undone.kept), (1, 1, 2));
        assert_eq!((undone.leads_removed, undone.leads_restored), (vec![new], vec![old]));
        assert_eq!(backend.lead_get(one, old).await.unwrap().unwrap().facts, person("old"));
        assert_eq!(backend.lead_get(one, new).await.unwrap(), None);
        assert_eq!(backend.score_as_of(one, new, START).await.unwrap(), None);
        assert!(backend.lead_get(one, busy).await.unwrap().is_some(), "a lead that did something stays");
        let ledger = backend.consents(one, asked).await.unwrap();
        assert!(ledger.iter().all(|entry| entry.status == ConsentStatus::Revoked), "what came with the import goes");
        assert_eq!(ledger.len(), 1, "that permission was taken back is never forgotten");
        let again = put_leads(&backend, one, vec![person("old"), person("new")]).await;
        assert_eq!(again.iter().map(|one| one.outcome).collect::<Vec<_>>(), [Unchanged, Created], "it is no erased person");
    }

    async fn interactions_go_and_their_events_can_come_again(backend) {
        let one = set_up(&backend, 1).await;
        let lead = put_leads(&backend, one, vec![person("a")]).await[0].id.unwrap();
        let id = begin(&backend, one, ImportKind::Interactions).await;
        let insert = async |event: &'static str, at, import| {
            let arriving = [(InteractionId(backend.id()), lead, visit(event, at))];
            backend.write(move |tx| tx.interactions_insert(one, &arriving, import, START)).await.unwrap()
        };
        insert("by hand", 5, None).await;
        insert("imported", 9, Some(id)).await;
        assert_eq!(backend.lead_get(one, lead).await.unwrap().unwrap().last_interaction_at, Some(START.plus(9)));
        end(&backend, one, id).await;
        let undone = undo(&backend, one, id, ImportKind::Interactions).await.unwrap();
        assert_eq!((undone.removed, undone.leads_restored), (1, vec![lead]));
        let left = backend.lead_get(one, lead).await.unwrap().unwrap();
        assert_eq!((left.last_interaction_at, left.dealings.acted_at), (Some(START.plus(5)), Some(START.plus(5))));
        assert_eq!(backend.interactions_of(one, lead, &[], None, 9).await.unwrap().len(), 1);
        assert_eq!((insert("imported", 9, None).await, insert("by hand", 5, None).await), (vec![true], vec![false]));
    }

    async fn series_become_what_they_were(backend) {
        let one = set_up(&backend, 1).await;
        let id = begin(&backend, one, ImportKind::Series).await;
        let put = async |values: Vec<(i32, f64)>, import| {
            let points: Vec<SeriesUpsert> = values
                .into_iter()
                .map(|(period, value)| SeriesUpsert { market: market(), metric: "m".to_owned(), period: Day(period), value })
                .collect();
            backend.write(move |tx| tx.series_upsert(one, &points, import)).await.unwrap();
        };
        put(vec![(1, 0.1), (2, 2.0)], None).await;
        put(vec![(1, 9.0), (1, 9.5), (2, 9.0), (3, 9.0), (4, 9.0)], Some(id)).await;
        put(vec![(2, 7.0), (4, 7.0)], None).await;
        end(&backend, one, id).await;
        let undone = undo(&backend, one, id, ImportKind::Series).await.unwrap();
        assert_eq!((undone.removed, undone.restored, undone.kept), (1, 1, 2));
        let left = backend.series(one, &market(), "m").await.unwrap();
        assert_eq!(left, [(Day(1), 0.1), (Day(2), 7.0), (Day(4), 7.0)]);
    }

    async fn an_import_of_another_tenant_cannot_be_taken_back(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let id = begin(&backend, one, ImportKind::Listings).await;
        import(&backend, one, id, vec![priced("a", 1)]).await;
        end(&backend, one, id).await;
        let foreign = undo(&backend, two, id, ImportKind::Listings).await;
        assert!(matches!(foreign, Err(Error::NoRow { .. })), "{foreign:?}");
        assert_eq!(facts_of(&backend, one).await.len(), 1);
    }
}

//! Three tenants with the same names, keys and outside ids: no call made for one sees or touches a row of another.

use lintel_domain::{
    clock::{Day, Time},
    contact::{Channel, Consent, ConsentStatus},
    filter::ListingFilter,
    id::{
        ApiKeyId, ExperimentId, ImportId, InteractionId, LeadId, ListingId, ModelId, NotificationId, SavedSearchId,
        TaskId, TenantId, UserId,
    },
    import::{ImportCounts, ImportKind, Rejected},
    interaction::{InteractionFacts, InteractionKind},
    lead_list::{LeadFilter, LeadSort},
    mark::{Mark, Marked},
    model::ModelKind,
    money::Money,
    notification::{Notification, NotificationKind},
    rng::Ids,
    saved_search::Why,
    scalar::Fields,
    scope::{Actor, Role},
    task::Task,
    trigger::{Firing, Trigger},
};
use lintel_store::{
    Result, Store,
    audit::NewAudit,
    experiment::{ExperimentRow, ExposureRow},
    frozen::{Frozen, NewFrozen, SoldFilter, Verdict},
    import::{ImportState, NewImport},
    lead::LeadUpsert,
    model::NewModel,
    saved_search::{SavedSearchChange, SavedSearchRow},
    score::NewScore,
    search_match::SearchMatch,
    series::SeriesUpsert,
    task::TaskFilter,
};
use uuid::Uuid;

use super::{home, listed, market, person, sale, set_up, sold};
use crate::backend::{Backend, START};

/// The ids of one tenant's rows.
#[derive(Clone, Copy)]
struct Rows {
    tenant: TenantId,
    user: UserId,
    key: ApiKeyId,
    listing: ListingId,
    lead: LeadId,
    import: ImportId,
    model: ModelId,
    search: SavedSearchId,
    task: TaskId,
}

async fn fill(backend: &Backend, number: u8) -> Rows {
    let tenant = set_up(backend, number.into()).await;
    let (user, key, import) = (UserId(backend.id()), ApiKeyId(backend.id()), ImportId(backend.id()));
    let (model, search, event, act) = (ModelId(backend.id()), SavedSearchId(backend.id()), backend.id(), backend.id());
    let write = backend.write(move |tx| -> Result<(ListingId, LeadId)> {
        let ids = Ids::seeded(u64::from(number) << 32);
        tx.user_create(tenant, user, "a@example.org", None, Role::Agent, START)?;
        tx.api_key_create(tenant, key, &[number; 32], "key", Role::Agent, START)?;
        let new = NewImport {
            id: import,
            kind: ImportKind::Listings,
            market: Some(market()),
            file_name: "f".to_owned(),
            file_hash: vec![1],
            mapping: serde_json::json!({}),
            state: ImportState::Running,
        };
        tx.import_create(tenant, &new, START)?;
        let rejected = [Rejected { line: 1, column: None, reason: "x".to_owned() }];
        tx.import_advance(tenant, import, &serde_json::json!(1), ImportCounts::default(), &rejected)?;
        let records = [listed(home("a")), sold(sale("a", "2014-05-02", 1))];
        let put = tx.listings_upsert(tenant, &market(), &records, Some(import), START, &ids)?;
        let mut dearer = home("a");
        dearer.list_price = None;
        tx.listings_upsert(tenant, &market(), &[listed(dearer)], None, START, &ids)?;
        let status = ConsentStatus::Granted;
        let consent = vec![Consent { channel: Channel::Sms, status, source: None, text: None, at: None }];
        let mut facts = person("a");
        facts.outcome = Some(lintel_domain::lead::Outcome::Won);
        let lead = tx.leads_upsert(tenant, &[LeadUpsert { facts, consent }], None, START, &ids)?[0].id.unwrap();
        let kind = InteractionKind::ListingSave;
        let event_id = "e".to_owned();
        let listing_id = Some(put[0].id);
        let facts = InteractionFacts { event_id, kind, at: START, listing_id, properties: Fields::new() };
        tx.interactions_insert(tenant, &[(InteractionId(event), lead, facts)], None, START)?;
        let probability = f64::from(number) / 10.0;
        tx.behaviours_keep(tenant, &[(lead, b"own".to_vec())])?;
        let variants = vec![("a".to_owned(), 1), ("b".to_owned(), 1)];
        let id = ExperimentId(search.0);
        let begun = ExperimentRow { id, name: "e".to_owned(), variants, created_at: START, ended_at: None };
        tx.experiment_create(tenant, &begun)?;
        tx.exposure_record(tenant, id, ExposureRow { lead, variant: 1, at: START })?;
        tx.leads_score(
            tenant,
            &[NewScore {
                lead,
                probability,
                base: 0.0,
                model: "1".to_owned(),
                inputs: None,
                churn: None,
                top_reason: None,
                is_hot: false,
                at: START,
            }],
        )?;
        let row = SavedSearchRow {
            lead: Some(lead),
            ..SavedSearchRow::new(search, "s".to_owned(), market(), ListingFilter::default(), START)
        };
        tx.saved_search_create(tenant, &row)?;
        let found = SearchMatch { search, listing: put[0].id, why: Why::New, waiting: true };
        tx.search_matches_record(tenant, &[found], START.plus(1))?;
        tx.triggers_fire(tenant, &[(lead, Firing::new(Trigger::Favourite, None, START, 1))])?;
        let task = Task {
            id: TaskId(search.0),
            lead,
            title: "t".to_owned(),
            due_at: Some(START),
            assignee: Some(user),
            done_at: None,
            created_at: START,
            updated_at: START,
        };
        assert!(tx.task_create(tenant, &task)?);
        tx.lead_days_count(tenant, &[lead].into())?;
        let told = Notification {
            id: NotificationId(search.0),
            user,
            kind: NotificationKind::LeadHot,
            lead: Some(lead),
            subject: None,
            text: None,
            created_at: START,
            read_at: None,
        };
        tx.notifications_add(tenant, &[told])?;
        tx.mark_put(tenant, user, Marked { listing: put[0].id, mark: Mark::Favourite, at: START })?;
        let new = NewModel {
            id: model,
            kind: ModelKind::LeadScore,
            market: None,
            version: "1".to_owned(),
            artefact: vec![number],
            metrics: serde_json::json!({}),
        };
        tx.model_insert(tenant, &new, START)?;
        tx.model_promote(tenant, model, START)?;
        let value = f64::from(number);
        let point = SeriesUpsert { market: market(), metric: "m".to_owned(), period: Day(1), value };
        tx.series_upsert(tenant, &[point], None)?;
        let (listing, as_of) = (put[0].id, Day(number.into()));
        let verdict = Verdict::Refused("own".to_owned());
        let estimate =
            NewFrozen { listing, as_of, market: market(), property_type: None, model: "1".to_owned(), verdict };
        tx.estimates_freeze(tenant, &[estimate], START)?;
        tx.estimates_score(tenant, &[Frozen { listing, as_of, sale: Some((Day(9), Money(1))) }], START)?;
        let audit = NewAudit {
            id: act,
            at: START,
            actor: Actor::System,
            action: "a".to_owned(),
            subject: number.to_string(),
            detail: serde_json::json!({}),
        };
        tx.audit(tenant, &audit)?;
        Ok((put[0].id, lead))
    });
    let (listing, lead) = write.await.unwrap();
    Rows { tenant, user, key, listing, lead, import, model, search, task: TaskId(search.0) }
}

fn all_sold() -> SoldFilter {
    SoldFilter { market: market(), from: Day(i32::MIN), to: Day(i32::MAX), property_type: None }
}

/// What a tenant's lists hold, as counts; every list is asked with nothing but the tenant.
async fn lists(store: &Store, tenant: TenantId) -> Vec<usize> {
    let here = market();
    let leads =
        store.leads_page(tenant, &LeadFilter::default(), None, LeadSort::parse("name").unwrap(), None, 50).await;
    vec![
        store.users(tenant, None, 50).await.unwrap().len(),
        store.api_keys(tenant, None, 50).await.unwrap().len(),
        store.markets(tenant).await.unwrap().len(),
        store.listings_page(tenant, &here, None, 50).await.unwrap().len(),
        store.sales_page(tenant, &here, None, 50).await.unwrap().len(),
        store.listing_counts(tenant, &here).await.unwrap().iter().map(|(_, count)| *count as usize).sum(),
        leads.unwrap().items.len(),
        store.lead_ids_after(tenant, None, 50).await.unwrap().len(),
        store.leads_with_outcome(tenant, None, 50).await.unwrap().len(),
        store.leads_newest(tenant, None, 50).await.unwrap().len(),
        store.outcomes_since(tenant, Time::default()).await.unwrap() as usize,
        store.scored_lead_count(tenant).await.unwrap() as usize,
        store.saved_searches(tenant, None, None, 50).await.unwrap().len(),
        store.standings_after(tenant, None, 50).await.unwrap().len(),
        store.tasks(tenant, TaskFilter::default(), None, 50).await.unwrap().len(),
        store.lead_days(tenant).await.unwrap().values().filter(|count| **count == 1).count().min(1),
        store.imports(tenant, None, 50).await.unwrap().len(),
        store.models_live(tenant).await.unwrap().len(),
        store.experiments(tenant, None, 50).await.unwrap().len(),
        store.series(tenant, &here, "m").await.unwrap().len(),
        store.series_of_markets(tenant, "m").await.unwrap().len(),
        store.markets_with_series(tenant).await.unwrap().len(),
        store.series_metrics(tenant, &here).await.unwrap().len(),
        store.audit_page(tenant, None, 50).await.unwrap().len(),
        store.listings_active_ids(tenant, &here, None, 50).await.unwrap().len(),
        store.frozen_sold(tenant, &all_sold(), 50).await.unwrap().len(),
        store.saved_searches_watching(tenant, &here, None, 50).await.unwrap().len(),
        store.saved_searches_changes(tenant, &here, 0, 50).await.unwrap().len(),
        store.saved_searches_last_change(tenant, &here).await.unwrap() as usize,
        store.leads_wishing(tenant, &here, None, 50).await.unwrap().len(),
        store.listing_changes_since(tenant, &here, Time::default(), 50).await.unwrap().len(),
    ]
}

/// What is found with a tenant's name and the ids in `of`.
async fn found(store: &Store, tenant: TenantId, of: Rows) -> Vec<bool> {
    let later = START.plus(1);
    vec![
        store.user_get(tenant, of.user).await.unwrap().is_some(),
        store.notifications_unread(tenant, of.user).await.unwrap() == 1,
        !store.marks_of(tenant, of.user).await.unwrap().is_empty(),
        !store.notifications(tenant, of.user, true, None, 9).await.unwrap().is_empty(),
        store.listing_get(tenant, of.listing).await.unwrap().is_some(),
        !store.listings_by_ids(tenant, &[of.listing]).await.unwrap().is_empty(),
        !store.listing_changes(tenant, of.listing).await.unwrap().is_empty(),
        store.lead_get(tenant, of.lead).await.unwrap().is_some(),
        !store.leads_by_ids(tenant, &[of.lead]).await.unwrap().is_empty(),
        !store.consents(tenant, of.lead).await.unwrap().is_empty(),
        !store.interactions_of(tenant, of.lead, &[], None, 9).await.unwrap().is_empty(),
        !store.interactions_of_leads(tenant, &[of.lead], START).await.unwrap().is_empty(),
        !store.behaviours(tenant, &[of.lead]).await.unwrap().is_empty(),
        store.experiment_get(tenant, ExperimentId(of.search.0)).await.unwrap().is_some(),
        !store.exposures(tenant, ExperimentId(of.search.0), None, 9).await.unwrap().is_empty(),
        store.score_as_of(tenant, of.lead, later).await.unwrap().is_some(),
        !store.saved_searches(tenant, Some(of.lead), None, 9).await.unwrap().is_empty(),
        store.saved_search_get(tenant, of.search).await.unwrap().is_some(),
        !store.saved_searches_watching_of(tenant, &[of.search]).await.unwrap().is_empty(),
        store.task_get(tenant, of.task).await.unwrap().is_some(),
        !store.standings_of(tenant, &[of.lead]).await.unwrap().is_empty(),
        store.import_get(tenant, of.import).await.unwrap().is_some(),
        !store.import_rejects(tenant, of.import, -1, 9).await.unwrap().is_empty(),
        !store.frozen_of(tenant, &[of.listing]).await.unwrap().is_empty(),
        !store.search_matches_known(tenant, &[of.listing]).await.unwrap().is_empty(),
        !store.search_matches_unseen(tenant, &[of.search]).await.unwrap().is_empty(),
        !store.savers_of(tenant, &[of.listing]).await.unwrap().is_empty(),
        !store.triggers_of(tenant, of.lead, 9).await.unwrap().is_empty(),
    ]
}

/// Every write that takes an id, with the ids in `of`.
async fn attack(store: &Store, tenant: TenantId, of: Rows) {
    let write = store.write(move |tx| -> Result<()> {
        assert!(!tx.user_disable(tenant, of.user, START)?);
        assert_eq!(tx.sessions_delete_of_user(tenant, of.user)?, 0);
        assert!(!tx.api_key_revoke(tenant, of.key, START)?);
        tx.api_key_used(tenant, of.key, START)?;
        assert_eq!(tx.lead_lock(tenant, of.lead)?, None);
        tx.lead_update(tenant, of.lead, &person("stolen"), START)?;
        assert_eq!(tx.lead_erase(tenant, of.lead, START)?, []);
        let probability = 1.0;
        let model = "stolen".to_owned();
        tx.leads_score(
            tenant,
            &[NewScore {
                lead: of.lead,
                probability,
                base: 0.0,
                model,
                inputs: None,
                churn: None,
                top_reason: None,
                is_hot: false,
                at: START.plus(1),
            }],
        )?;
        tx.behaviours_keep(tenant, &[(of.lead, b"stolen".to_vec())])?;
        assert!(!tx.experiment_end(tenant, ExperimentId(of.search.0), START)?);
        let shown = ExposureRow { lead: of.lead, variant: 0, at: START };
        assert!(!tx.exposure_record(tenant, ExperimentId(of.search.0), shown)?);
        assert!(!tx.saved_search_delete(tenant, of.search)?);
        let stolen = SavedSearchChange { name: Some("stolen".to_owned()), ..SavedSearchChange::default() };
        assert!(!tx.saved_search_update(tenant, of.search, &stolen)?);
        tx.saved_searches_alerted(tenant, [of.search], START)?;
        let found = SearchMatch { search: of.search, listing: of.listing, why: Why::PriceDrop, waiting: true };
        tx.search_matches_record(tenant, &[found], START.plus(1))?;
        assert_eq!(tx.search_matches_take(tenant, of.search)?, []);
        assert_eq!(tx.triggers_fire(tenant, &[(of.lead, Firing::new(Trigger::Revisit, None, START, 1))])?, [false]);
        tx.search_matches_forget(tenant, [of.listing])?;
        assert_eq!((tx.task_lock(tenant, of.task)?, tx.task_delete(tenant, of.task)?), (None, None));
        tx.lead_days_count(tenant, &[of.lead].into())?;
        let told = NotificationId(of.search.0);
        tx.notifications_read(tenant, of.user, &[told], START)?;
        tx.notifications_read_up_to(tenant, of.user, told, START)?;
        assert!(!tx.mark_delete(tenant, of.user, of.listing)?);
        tx.lead_snooze(tenant, of.lead, Some(START), true, START)?;
        for day in 1..4 {
            tx.estimates_score(tenant, &[Frozen { listing: of.listing, as_of: Day(day), sale: None }], START)?;
        }
        tx.estimates_forget(tenant, [of.listing].into_iter())?;
        Ok(())
    });
    write.await.unwrap();
    for write in [
        store.write(move |tx| tx.import_finish(tenant, of.import, ImportState::Failed, None, START).map(|_| ())).await,
        store.write(move |tx| tx.import_undo(tenant, of.import, ImportKind::Listings, START).map(|_| ())).await,
        store.write(move |tx| tx.model_promote(tenant, of.model, START)).await,
    ] {
        assert!(write.is_err());
    }
}

on_each_backend! {
    async fn nobody_sees_or_touches_what_belongs_to_another(backend) {
        let all = [fill(&backend, 1).await, fill(&backend, 2).await, fill(&backend, 3).await];
        let empty = set_up(&backend, 4).await;
        let mut before = Vec::new();
        for rows in all {
            assert_eq!(lists(&backend, rows.tenant).await, [1, 1, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1]);
            assert_eq!(found(&backend, rows.tenant, rows).await, [true; 28]);
            before.push((
                backend.leads_by_ids(rows.tenant, &[rows.lead]).await.unwrap(),
                backend.listings_page(rows.tenant, &market(), None, 9).await.unwrap(),
                backend.import_get(rows.tenant, rows.import).await.unwrap(),
            ));
        }
        assert_eq!(lists(&backend, empty).await, [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for (n, mine) in all.into_iter().enumerate() {
            for (m, theirs) in all.into_iter().enumerate().filter(|(m, _)| *m != n) {
                assert_eq!(found(&backend, mine.tenant, theirs).await, [false; 28], "{n} looks for {m}");
                attack(&backend, mine.tenant, theirs).await;
            }
            attack(&backend, empty, mine).await;
        }
        for (rows, before) in all.into_iter().zip(before) {
            assert_eq!(lists(&backend, rows.tenant).await, [1, 1, 1, 2, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1]);
            assert_eq!(found(&backend, rows.tenant, rows).await, [true; 28]);
            let after = (
                backend.leads_by_ids(rows.tenant, &[rows.lead]).await.unwrap(),
                backend.listings_page(rows.tenant, &market(), None, 9).await.unwrap(),
                backend.import_get(rows.tenant, rows.import).await.unwrap(),
            );
            assert_eq!(after, before);
            assert_eq!(backend.behaviours(rows.tenant, &[rows.lead]).await.unwrap(), [(rows.lead, b"own".to_vec())]);
            let number = rows.tenant.0.as_u128();
            let key = backend.api_key_by_hash(&[number as u8; 32]).await.unwrap().unwrap();
            assert_eq!((key.tenant, key.revoked_at, key.last_used_at), (rows.tenant, None, None));
            let model = backend.model_live(rows.tenant, ModelKind::LeadScore, None).await.unwrap().unwrap();
            assert_eq!(model.artefact, [number as u8]);
            let search = backend.saved_search_get(rows.tenant, rows.search).await.unwrap().unwrap();
            assert_eq!((search.name.as_str(), search.alerted_at), ("s", None));
            let act = &backend.audit_page(rows.tenant, None, 9).await.unwrap()[0];
            assert_eq!(act.subject, number.to_string());
            let user = backend.user_by_email(rows.tenant, "a@example.org").await.unwrap().unwrap();
            assert_eq!((user.id, user.disabled_at), (rows.user, None));
            assert_ne!(user.id.0, Uuid::nil());
        }
    }
}

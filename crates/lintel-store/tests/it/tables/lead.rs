//! Leads one by one and in batches: what is stored, what is kept of it, what goes with an erased person.

use lintel_domain::{
    clock::DAY,
    contact::{Channel, Consent, ConsentStatus},
    desk::Dealings,
    filter::ListingFilter,
    id::{ExperimentId, InteractionId, LeadId, SavedSearchId, TaskId, UserId},
    interaction::{InteractionFacts, InteractionKind},
    lead::{Lead, LeadFacts, Outcome},
    listing::Provenance,
    money::Money,
    range::Range,
    rng::Ids,
    scalar::{Fields, Scalar},
    task::Task,
};
use lintel_store::{
    Result,
    experiment::ExposureRow,
    idempotency::{Answer, Begun, Request},
    lead::{LeadInserted, LeadUpdated, LeadUpsert, Wishing},
    listing::UpsertOutcome::{Created, Unchanged, Updated},
    saved_search::SavedSearchRow,
    score::NewScore,
    task::TaskFilter,
};

use super::{lead_of, market, person, put_leads, set_up};
use crate::backend::{Backend, START};

/// A lead of which everything is known.
fn whole() -> LeadFacts {
    let mut facts = LeadFacts::new(Provenance::Crm);
    facts.external_id = Some("crm-1".to_owned());
    facts.name = Some("Ångström, \"Ann\"".to_owned());
    facts.email = Some("ann@example.org".to_owned());
    facts.phone = Some("+1 206 555 0100".to_owned());
    facts.source = Some("portal".to_owned());
    facts.stage = Some("new".to_owned());
    facts.assignee = Some(UserId(uuid::Uuid::from_u128(77)));
    facts.market = Some(market());
    facts.preferences.price = Some(Range { min: None, max: Some(Money(50_000_000)) });
    facts.preferences.keywords = vec!["garden".to_owned()];
    facts.preferences.polygon = serde_json::from_str("[[0,0],[0.1,0],[0.1,0.30000000000000004]]").ok();
    facts.tags = vec!["a".to_owned(), "b".to_owned()];
    facts.custom = Fields::from([
        ("visits".to_owned(), Scalar::Number(0.1 + 0.2)),
        ("vip".to_owned(), Scalar::Bool(false)),
        ("note".to_owned(), Scalar::Text("3".to_owned())),
    ]);
    facts.outcome = Some(Outcome::Won);
    facts.outcome_at = Some(START);
    facts.created_at = Some(START.plus(-9 * DAY));
    facts
}

async fn insert(backend: &Backend, tenant: lintel_domain::id::TenantId, id: LeadId, facts: LeadFacts) -> LeadInserted {
    backend.write(move |tx| tx.lead_insert(tenant, id, &facts, START)).await.unwrap()
}

fn agrees(status: ConsentStatus) -> Consent {
    Consent {
        channel: Channel::Sms,
        status,
        source: Some("form".to_owned()),
        text: Some("I agree".to_owned()),
        at: None,
    }
}

on_each_backend! {
    async fn a_lead_comes_back_as_it_was_sent(backend) {
        let one = set_up(&backend, 1).await;
        let (id, bare) = (LeadId(backend.id()), LeadId(backend.id()));
        assert_eq!(insert(&backend, one, id, whole()).await, LeadInserted::Created);
        assert_eq!(insert(&backend, one, bare, LeadFacts::new(Provenance::Api)).await, LeadInserted::Created);
        assert_eq!(backend.lead_get(one, id).await.unwrap().unwrap(), Lead::new(id, whole(), START));
        let lead = backend.lead_get(one, bare).await.unwrap().unwrap();
        assert_eq!(lead, Lead::new(bare, LeadFacts::new(Provenance::Api), START));
        assert_eq!(backend.leads_by_ids(one, &[bare, id, bare]).await.unwrap()[2], lead);
    }

    async fn what_leads_look_for_is_told_of_those_in_the_market_whose_story_is_open(backend) {
        let one = set_up(&backend, 1).await;
        let ids: Vec<LeadId> = (0..4).map(|_| LeadId(backend.id())).collect();
        let open = |market| LeadFacts { outcome: None, outcome_at: None, external_id: None, market, ..whole() };
        let elsewhere = Some("elsewhere".parse().unwrap());
        let closed = LeadFacts { outcome: Some(Outcome::Lost), ..open(Some(market())) };
        for (id, facts) in ids.iter().zip([open(Some(market())), open(elsewhere), open(None), closed]) {
            assert_eq!(insert(&backend, one, *id, facts).await, LeadInserted::Created);
        }
        let there = Wishing { lead: ids[0], preferences: whole().preferences, has_acted: false };
        assert_eq!(backend.leads_wishing(one, &market(), None, 9).await.unwrap(), std::slice::from_ref(&there));
        assert_eq!(backend.leads_wishing(one, &market(), Some(ids[0]), 9).await.unwrap(), []);
        assert_eq!(backend.leads_wishing_of(one, &market(), &ids).await.unwrap(), [there]);
        assert_eq!(backend.leads_wishing_of(one, &market(), &ids[1..]).await.unwrap(), []);
    }

    async fn neither_id_is_given_twice(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let (id, other) = (LeadId(backend.id()), LeadId(backend.id()));
        assert_eq!(insert(&backend, one, id, person("a")).await, LeadInserted::Created);
        assert_eq!(insert(&backend, one, id, person("b")).await, LeadInserted::IdTaken);
        assert_eq!(insert(&backend, one, other, person("a")).await, LeadInserted::ExternalIdTaken);
        assert_eq!(insert(&backend, two, other, person("a")).await, LeadInserted::Created, "of another tenant");
        let third = LeadId(backend.id());
        assert_eq!(insert(&backend, one, third, person("c")).await, LeadInserted::Created);
        let change = |external: &str| {
            let facts = person(external);
            backend.write(move |tx| tx.lead_update(one, third, &facts, START.plus(1)))
        };
        assert_eq!(change("a").await.unwrap(), LeadUpdated::ExternalIdTaken);
        assert_eq!(backend.lead_get(one, third).await.unwrap().unwrap().facts, person("c"));
        assert_eq!(change("d").await.unwrap(), LeadUpdated::Updated);
        let lead = backend.lead_get(one, third).await.unwrap().unwrap();
        assert_eq!((lead.facts, lead.version, lead.updated_at), (person("d"), 2, START.plus(1)));
        let keys = backend.write(move |tx| {
            tx.lead_ids_by_external_id(one, ["d", "a", "c"].map(str::to_owned).to_vec())
        });
        let mut keys = keys.await.unwrap();
        keys.sort_unstable();
        assert_eq!(keys, [("a".to_owned(), id), ("d".to_owned(), third)]);
    }

    async fn a_record_adds_to_what_is_known_and_changes_nothing_when_it_comes_again(backend) {
        let one = set_up(&backend, 1).await;
        let mut more = person("crm-1");
        more.name = None;
        more.created_at = Some(START.plus(-20 * DAY));
        more.stage = Some("won".to_owned());
        more.tags = vec!["b".to_owned(), "c".to_owned()];
        more.custom = Fields::from([("vip".to_owned(), Scalar::Bool(true))]);
        let put = put_leads(&backend, one, vec![whole(), more.clone(), person("x"), more.clone()]).await;
        assert_eq!(put.iter().map(|one| one.outcome).collect::<Vec<_>>(), [Created, Updated, Created, Unchanged]);
        let mut expected = whole();
        expected.stage = more.stage.clone();
        expected.created_at = more.created_at;
        expected.tags = ["a", "b", "c"].map(str::to_owned).to_vec();
        expected.custom.insert("vip".to_owned(), Scalar::Bool(true));
        let id = put[0].id.unwrap();
        let lead = backend.lead_get(one, id).await.unwrap().unwrap();
        assert_eq!((lead.facts, lead.created_at), (expected, START.plus(-20 * DAY)));
        assert_eq!(put[1].id, Some(id));
        let again = put_leads(&backend, one, vec![more, person("x")]).await;
        assert_eq!(again.iter().map(|one| one.outcome).collect::<Vec<_>>(), [Unchanged, Unchanged]);
    }

    async fn what_somebody_changed_by_hand_survives_the_same_file(backend) {
        let one = set_up(&backend, 1).await;
        let id = lead_of(&backend, one, "a").await;
        let mut facts = person("a");
        facts.stage = Some("called".to_owned());
        facts.name = Some("Corrected".to_owned());
        let by_hand = facts.clone();
        backend.write(move |tx| tx.lead_update(one, id, &by_hand, START)).await.unwrap();
        assert_eq!(put_leads(&backend, one, vec![person("a")]).await[0].outcome, Unchanged);
        assert_eq!(backend.lead_get(one, id).await.unwrap().unwrap().facts, facts);
    }

    async fn the_consent_ledger_only_grows(backend) {
        let one = set_up(&backend, 1).await;
        let id = lead_of(&backend, one, "a").await;
        let (granted, revoked) = (ConsentStatus::Granted, ConsentStatus::Revoked);
        for status in [granted, revoked] {
            let entries = [agrees(status), Consent { at: Some(START.plus(-DAY)), ..agrees(status) }];
            backend.write(move |tx| tx.consent_append(one, id, &entries, None, START)).await.unwrap();
        }
        let ledger = backend.consents(one, id).await.unwrap();
        let told: Vec<_> = ledger.iter().map(|entry| (entry.status, entry.at)).collect();
        let (now, before) = (Some(START), Some(START.plus(-DAY)));
        assert_eq!(told, [(revoked, before), (revoked, now), (granted, before), (granted, now)]);
        assert_eq!(ledger[0].text.as_deref(), Some("I agree"));
    }

    async fn writers_at_the_same_time_append_to_one_ledger(backend) {
        let one = set_up(&backend, 1).await;
        let id = lead_of(&backend, one, "a").await;
        let writers = (0..10).map(|_| {
            backend.write(move |tx| tx.consent_append(one, id, &[agrees(ConsentStatus::Granted)], None, START))
        });
        futures_util::future::try_join_all(writers).await.unwrap();
        assert_eq!(backend.consents(one, id).await.unwrap().len(), 10);
    }

    async fn an_erased_person_leaves_nothing_and_does_not_come_back(backend) {
        let one = set_up(&backend, 1).await;
        let (id, other) = (lead_of(&backend, one, "canary-person").await, lead_of(&backend, one, "b").await);
        let search = SavedSearchId(backend.id());
        let canary = move |lead: LeadId, n: u128| {
            let facts = InteractionFacts {
                event_id: format!("event-{lead}"),
                kind: InteractionKind::MessageIn,
                at: START,
                listing_id: None,
                properties: Fields::from([("text".to_owned(), Scalar::Text("canary".to_owned()))]),
            };
            (InteractionId(uuid::Uuid::from_u128(n)), lead, facts)
        };
        backend
            .write(move |tx| -> Result<()> {
                tx.interactions_insert(one, &[canary(id, 1), canary(other, 2)], None, START)?;
                for lead in [id, other] {
                    tx.behaviours_keep(one, &[(lead, vec![1])])?;
                    let shown = ExposureRow { lead, variant: 0, at: START };
                    assert!(tx.exposure_record(one, ExperimentId(search.0), shown)?);
                    assert!(!tx.exposure_record(one, ExperimentId(search.0), shown)?, "only the first time counts");
                    tx.consent_append(one, lead, &[agrees(ConsentStatus::Granted)], None, START)?;
                    let model = "1".to_owned();
                    tx.leads_score(one, &[NewScore { lead, probability: 0.5, base: 0.0, model, inputs: None, churn: None, top_reason: None, is_hot: false, at: START }])?;
                }
                let row = SavedSearchRow {
                    lead: Some(id),
                    ..SavedSearchRow::new(search, "canary".to_owned(), market(), ListingFilter::default(), START)
                };
                tx.saved_search_create(one, &row)?;
                for lead in [id, other] {
                    let title = "canary".to_owned();
                    let (due_at, assignee, done_at) = (None, None, None);
                    let id = TaskId(lead.0);
                    tx.task_create(one, &Task { id, lead, title, due_at, assignee, done_at, created_at: START, updated_at: START })?;
                }
                assert_eq!(tx.lead_erase(one, id, START)?, [id]);
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(backend.lead_get(one, id).await.unwrap(), None);
        assert_eq!(backend.interactions_of(one, id, &[], None, 10).await.unwrap(), []);
        assert_eq!(backend.consents(one, id).await.unwrap(), []);
        assert_eq!(backend.score_as_of(one, id, START).await.unwrap(), None);
        assert_eq!(backend.behaviours(one, &[id, other]).await.unwrap(), [(other, vec![1])]);
        let shown = backend.exposures(one, ExperimentId(search.0), None, 9).await.unwrap();
        assert_eq!(shown, [ExposureRow { lead: other, variant: 0, at: START }]);
        backend.write(move |tx| tx.behaviours_keep(one, &[(id, vec![2])])).await.unwrap();
        assert_eq!(backend.behaviours(one, &[id]).await.unwrap(), [], "an event that comes late brings nothing back");
        assert_eq!(backend.saved_search_get(one, search).await.unwrap(), None);
        let tasks = backend.tasks(one, TaskFilter::default(), None, 9).await.unwrap();
        assert_eq!(tasks.iter().map(|task| task.lead).collect::<Vec<_>>(), [other]);
        assert_eq!(backend.write(move |tx| tx.lead_erase(one, id, START)).await.unwrap(), []);
        assert_eq!(backend.interactions_of(one, other, &[], None, 10).await.unwrap().len(), 1, "others stay");
        assert_eq!(backend.consents(one, other).await.unwrap().len(), 1);

        let again = put_leads(&backend, one, vec![person("canary-person"), person("c")]).await;
        assert_eq!((again[0].id, again[0].outcome, again[1].outcome), (None, Unchanged, Created));
        let told = backend.write(move |tx| tx.interactions_insert(one, &[canary(id, 3)], None, START)).await.unwrap();
        assert_eq!(told, [false], "nor does what the person did");
        let bare = LeadFacts::new(Provenance::Api);
        let named = backend.write(move |tx| tx.lead_insert_named(one, id, &bare, START)).await.unwrap();
        assert_eq!(named, LeadInserted::IdTaken);
        let two = set_up(&backend, 2).await;
        assert!(put_leads(&backend, two, vec![person("canary-person")]).await[0].id.is_some(), "of another tenant");
    }

    async fn dealings_are_the_same_in_whatever_order_interactions_come(backend) {
        use InteractionKind::{ListingView, MessageIn, MessageOut, Note};
        let one = set_up(&backend, 1).await;
        let did = [(ListingView, 0), (MessageIn, 20), (MessageOut, 21), (MessageIn, 22), (MessageIn, 23), (Note, 30)];
        let expected = Dealings {
            acted_at: Some(START.plus(23 * DAY)),
            contacted_at: Some(START.plus(21 * DAY)),
            waiting_since: Some(START.plus(22 * DAY)),
            returned_at: Some(START.plus(20 * DAY)),
        };
        let orders = [vec![0, 1, 2, 3, 4, 5], vec![5, 4, 3, 2, 1, 0], vec![3, 0, 5, 2, 4, 1]];
        for (turn, order) in orders.into_iter().enumerate() {
            for at_once in [1, 4] {
                let id = lead_of(&backend, one, &format!("{turn}-{at_once}")).await;
                for places in order.chunks(at_once) {
                    let happened = |place: &usize| {
                        let (kind, day) = did[*place];
                        let (event_id, at) = (format!("{id}-{place}"), START.plus(day * DAY));
                        let facts = InteractionFacts { event_id, kind, at, listing_id: None, properties: Fields::new() };
                        (InteractionId(backend.id()), id, facts)
                    };
                    let batch: Vec<_> = places.iter().map(happened).collect();
                    backend.write(move |tx| tx.interactions_insert(one, &batch, None, START)).await.unwrap();
                }
                let lead = backend.lead_get(one, id).await.unwrap().unwrap();
                assert_eq!((lead.dealings, lead.last_interaction_at), (expected, Some(START.plus(30 * DAY))));
            }
        }
    }

    async fn an_answer_that_is_kept_says_nothing_of_an_erased_person(backend) {
        let one = set_up(&backend, 1).await;
        let (id, other) = (lead_of(&backend, one, "a").await, lead_of(&backend, one, "b").await);
        let request = |lead: LeadId| Request {
            tenant: one,
            method: "PATCH".to_owned(),
            path: format!("/leads/{lead}"),
            key: "k".to_owned(),
            hash: vec![1],
        };
        for lead in [id, other] {
            let begun = backend.idempotency_begin(request(lead), backend.id(), START).await.unwrap();
            let Begun::Started(ticket) = begun else { panic!("{begun:?}") };
            let body = format!("{{\"id\":\"{lead}\",\"name\":\"canary\"}}").into_bytes();
            let answer = Answer { status: 200, headers: Vec::new(), body };
            backend.write(move |tx| tx.idempotency_finish(&ticket, &answer)).await.unwrap();
        }
        assert_eq!(backend.write(move |tx| tx.lead_erase(one, id, START)).await.unwrap(), [id]);
        let replayed = async |lead| match backend.idempotency_begin(request(lead), backend.id(), START).await.unwrap() {
            Begun::Replay(answer) => (answer.status, answer.body.len()),
            begun => panic!("{begun:?}"),
        };
        assert_eq!(replayed(id).await, (200, 0), "that there was an answer stays, what it said goes");
        assert!(replayed(other).await.1 > 0);
    }

    async fn imports_and_calls_at_the_same_time_make_one_lead_per_outside_id(backend) {
        let one = set_up(&backend, 1).await;
        let writers = (0..12u64).map(|n| {
            let (backend, id) = (&backend, LeadId(backend.id()));
            async move {
                if n % 2 == 0 {
                    return insert(backend, one, id, person("a")).await == LeadInserted::Created;
                }
                let records = [LeadUpsert { facts: person("a"), consent: vec![agrees(ConsentStatus::Granted)] }];
                let write = backend.write(move |tx| tx.leads_upsert(one, &records, None, START, &Ids::seeded(n)));
                write.await.unwrap()[0].outcome == Created
            }
        });
        let created = futures_util::future::join_all(writers).await.into_iter().filter(|created| *created).count();
        let leads = backend.lead_ids_after(one, None, 10).await.unwrap();
        assert_eq!((created, leads.len()), (1, 1));
    }
}

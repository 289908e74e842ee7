//! Merging leads and taking that back: everything of the other goes to the lead that stays, and comes back.

use lintel_domain::{
    clock::{DAY, Time},
    contact::{Channel, Consent, ConsentStatus},
    filter::ListingFilter,
    id::{ExperimentId, InteractionId, LeadId, NotificationId, SavedSearchId, TaskId, TenantId, UserId},
    interaction::{InteractionFacts, InteractionKind},
    lead::{Lead, LeadFacts},
    listing::Provenance,
    merge::MOST_MERGED,
    notification::{Notification, NotificationKind},
    rng::Ids,
    scalar::Fields,
    task::Task,
    trigger::{Firing, Trigger},
};
use lintel_store::{
    Result, Store, Tx,
    experiment::ExposureRow,
    hook::{HookContact, NewHook},
    lead::{LeadInserted, LeadUpdated, LeadUpsert, LeadUpserted, Merging, Unmerging},
    listing::UpsertOutcome::{Unchanged, Updated},
    saved_search::SavedSearchRow,
    task::TaskFilter,
};
use uuid::Uuid;

use super::{lead_of, market, person, set_up};
use crate::backend::{Backend, START};

const LATER: Time = Time(START.0 + DAY);

async fn merge(store: &Store, tenant: TenantId, lead: LeadId, from: LeadId) -> Merging {
    store.write(move |tx| tx.lead_merge(tenant, lead, from, LATER)).await.unwrap()
}

async fn unmerge(store: &Store, tenant: TenantId, id: LeadId) -> Unmerging {
    store.write(move |tx| tx.lead_unmerge(tenant, id, LATER.plus(1))).await.unwrap()
}

async fn get(store: &Store, tenant: TenantId, id: LeadId) -> Lead {
    store.lead_get(tenant, id).await.unwrap().unwrap()
}

fn says(channel: Channel, status: ConsentStatus) -> Consent {
    Consent { channel, status, source: Some("form".to_owned()), text: None, at: Some(START) }
}

async fn consents(store: &Store, tenant: TenantId, lead: LeadId) -> Vec<(Channel, ConsentStatus)> {
    let ledger = store.consents(tenant, lead).await.unwrap();
    ledger.iter().map(|entry| (entry.channel, entry.status)).collect()
}

/// What the ledger ends with for a channel.
async fn last(store: &Store, tenant: TenantId, lead: LeadId, channel: Channel) -> Option<ConsentStatus> {
    consents(store, tenant, lead).await.into_iter().find(|(of, _)| *of == channel).map(|(_, status)| status)
}

fn act(id: Uuid, lead: LeadId, kind: InteractionKind, at: Time) -> (InteractionId, LeadId, InteractionFacts) {
    let facts = InteractionFacts { event_id: id.to_string(), kind, at, listing_id: None, properties: Fields::new() };
    (InteractionId(id), lead, facts)
}

fn task(id: Uuid, lead: LeadId, due: Time) -> Task {
    Task {
        id: TaskId(id),
        lead,
        title: "call".to_owned(),
        due_at: Some(due),
        assignee: None,
        done_at: None,
        created_at: START,
        updated_at: START,
    }
}

/// One of everything that can be of a lead; what it did is of this kind and day.
fn give(tx: &mut Tx<'_>, tenant: TenantId, lead: LeadId, id: Uuid, kind: InteractionKind, day: i64) -> Result<()> {
    tx.interactions_insert(tenant, &[act(id, lead, kind, START.plus(day * DAY))], None, START)?;
    tx.task_create(tenant, &task(id, lead, START.plus(day * DAY)))?;
    let search = SavedSearchRow {
        lead: Some(lead),
        ..SavedSearchRow::new(SavedSearchId(id), "s".to_owned(), market(), ListingFilter::default(), START)
    };
    tx.saved_search_create(tenant, &search)?;
    let told = Notification {
        id: NotificationId(id),
        user: UserId(Uuid::from_u128(5)),
        kind: NotificationKind::LeadHot,
        lead: Some(lead),
        subject: None,
        text: None,
        created_at: START,
        read_at: None,
    };
    tx.notifications_add(tenant, &[told])?;
    tx.behaviours_keep(tenant, &[(lead, vec![1])])?;
    tx.exposure_record(tenant, ExperimentId(id), ExposureRow { lead, variant: 1, at: START })?;
    tx.triggers_fire(tenant, &[(lead, Firing::new(Trigger::FiveHomes, None, START.plus(day * DAY), 1))])?;
    tx.lead_days_count(tenant, &[lead].into())
}

/// How many interactions, tasks, saved searches, notifications, exposures and firings a lead has.
async fn having(store: &Store, tenant: TenantId, lead: LeadId) -> [usize; 6] {
    let mut exposed = 0;
    for search in store.saved_searches(tenant, None, None, 9).await.unwrap() {
        let shown = store.exposures(tenant, ExperimentId(search.id.0), None, 9).await.unwrap();
        exposed += shown.iter().filter(|one| one.lead == lead).count();
    }
    let filter = TaskFilter { lead: Some(lead), ..TaskFilter::default() };
    let user = UserId(Uuid::from_u128(5));
    let told = store.notifications(tenant, user, false, None, 9).await.unwrap();
    [
        store.interactions_of(tenant, lead, &[], None, 9).await.unwrap().len(),
        store.tasks(tenant, filter, None, 9).await.unwrap().len(),
        store.saved_searches(tenant, Some(lead), None, 9).await.unwrap().len(),
        told.iter().filter(|one| one.lead == Some(lead)).count(),
        exposed,
        store.triggers_of(tenant, lead, 9).await.unwrap().len(),
    ]
}

/// Two leads of which the second knows more.
async fn two(backend: &Backend, tenant: TenantId) -> (LeadId, LeadId) {
    let (ada, other) = (LeadId(backend.id()), LeadId(backend.id()));
    let mut known = LeadFacts::new(Provenance::Api);
    known.name = Some("Ada".to_owned());
    known.tags = vec!["b".to_owned()];
    let mut more = person("crm-2");
    more.email = Some("ada@example.org".to_owned());
    more.market = Some(market());
    more.tags = vec!["a".to_owned(), "b".to_owned()];
    more.preferences.keywords = vec!["garden".to_owned()];
    more.created_at = Some(START.plus(-9 * DAY));
    let write = backend.write(move |tx| -> Result<()> {
        assert_eq!(tx.lead_insert(tenant, ada, &known, START)?, LeadInserted::Created);
        assert_eq!(tx.lead_insert(tenant, other, &more, START)?, LeadInserted::Created);
        Ok(())
    });
    write.await.unwrap();
    (ada, other)
}

on_each_backend! {
    async fn everything_of_a_merged_lead_is_the_others_and_comes_back_when_that_is_undone(backend) {
        use InteractionKind::{MessageIn, MessageOut};
        let one = set_up(&backend, 1).await;
        let (ada, other) = two(&backend, one).await;
        let ids = [backend.id(), backend.id()];
        let write = backend.write(move |tx| {
            give(tx, one, ada, ids[0], MessageOut, 3)?;
            give(tx, one, other, ids[1], MessageIn, 5)
        });
        write.await.unwrap();
        let before = [get(&backend, one, ada).await, get(&backend, one, other).await];
        let days = backend.lead_days(one).await.unwrap();

        assert_eq!(merge(&backend, one, ada, other).await, Merging::Done);
        let merged = get(&backend, one, ada).await;
        let facts = &merged.facts;
        assert_eq!((facts.name.as_deref(), facts.email.as_deref()), (Some("Ada"), Some("ada@example.org")));
        assert_eq!((facts.external_id.as_deref(), &facts.market), (Some("crm-2"), &Some(market())));
        assert_eq!((&facts.tags[..], &facts.preferences.keywords[..]), (&["a".to_owned(), "b".to_owned()][..], &["garden".to_owned()][..]));
        assert_eq!((merged.created_at, merged.version), (START.plus(-9 * DAY), before[0].version + 1));
        assert_eq!(merged.dealings.waiting_since, Some(START.plus(5 * DAY)), "what both did counts together");
        assert_eq!((merged.dealings.contacted_at, merged.task_due_at), (Some(START.plus(3 * DAY)), Some(START.plus(3 * DAY))));
        assert_eq!(having(&backend, one, ada).await, [2; 6]);
        assert_eq!(having(&backend, one, other).await[..4], [0; 4]);
        assert_eq!(backend.lead_get(one, other).await.unwrap(), None);
        assert_eq!(backend.lead_ids_after(one, None, 9).await.unwrap(), [ada]);
        assert_eq!(backend.standings_after(one, None, 9).await.unwrap().len(), 1);
        assert_eq!(backend.behaviours(one, &[ada, other]).await.unwrap(), [], "made anew");
        let kept = backend.merged_lead(one, other).await.unwrap().unwrap();
        assert_eq!((kept.lead.facts, kept.into, kept.survivor, kept.at), (before[1].facts.clone(), ada, ada, LATER));
        let listed = backend.leads_merged_into(one, ada).await.unwrap();
        assert_eq!(listed.iter().map(|merged| merged.lead.id).collect::<Vec<_>>(), [other]);
        assert_eq!(merge(&backend, one, ada, other).await, Merging::Already);

        // What comes afterwards stays, and so does what somebody changes.
        let late = backend.id();
        let write = backend.write(move |tx| -> Result<()> {
            tx.interactions_insert(one, &[act(late, ada, MessageOut, START.plus(6 * DAY))], None, LATER)?;
            let facts = LeadFacts { email: Some("new@example.org".to_owned()), ..tx.lead_lock(one, ada)?.unwrap().facts };
            assert_eq!(tx.lead_update(one, ada, &facts, LATER)?, LeadUpdated::Updated);
            Ok(())
        });
        write.await.unwrap();
        assert_eq!(unmerge(&backend, one, other).await, Unmerging::Done(ada));
        let back = get(&backend, one, other).await;
        assert_eq!(back.facts, before[1].facts);
        assert_eq!((back.dealings, back.created_at, back.task_due_at), (before[1].dealings, before[1].created_at, before[1].task_due_at));
        assert_eq!(back.version, before[1].version + 1);
        let left = get(&backend, one, ada).await;
        assert_eq!(left.facts, LeadFacts { email: Some("new@example.org".to_owned()), ..before[0].facts.clone() });
        assert_eq!((left.created_at, left.task_due_at), (before[0].created_at, before[0].task_due_at));
        assert_eq!(left.dealings.contacted_at, Some(START.plus(6 * DAY)));
        assert_eq!(having(&backend, one, ada).await, [2, 1, 1, 1, 1, 1]);
        assert_eq!(having(&backend, one, other).await, [1; 6]);
        assert_eq!(backend.merged_lead(one, other).await.unwrap(), None);
        backend.write(move |tx| tx.lead_days_count(one, &[ada, other].into())).await.unwrap();
        let counted: i64 = backend.lead_days(one).await.unwrap().values().sum();
        assert_eq!(counted, days.values().sum::<i64>());
        assert_eq!(unmerge(&backend, one, other).await, Unmerging::There);
        assert_eq!(merge(&backend, one, ada, other).await, Merging::Done, "again");
    }

    async fn the_stricter_consent_holds_when_leads_are_merged_and_when_that_is_undone(backend) {
        use Channel::{Email, Phone, Sms};
        use ConsentStatus::{Granted, Revoked};
        let one = set_up(&backend, 1).await;
        let (ada, other) = two(&backend, one).await;
        let write = backend.write(move |tx| -> Result<()> {
            tx.consent_append(one, ada, &[says(Sms, Revoked), says(Email, Granted)], None, START)?;
            tx.consent_append(one, other, &[says(Sms, Granted), says(Email, Revoked), says(Phone, Granted)], None, START)
        });
        write.await.unwrap();
        assert_eq!(merge(&backend, one, ada, other).await, Merging::Done);
        for (channel, status) in [(Sms, Revoked), (Email, Revoked), (Phone, Granted)] {
            assert_eq!(last(&backend, one, ada, channel).await, Some(status), "{channel}");
        }
        let joined = consents(&backend, one, ada).await;
        assert_eq!(joined.len(), 6, "both ledgers, and one entry for what the first had taken back: {joined:?}");
        backend.write(move |tx| tx.consent_append(one, ada, &[says(Phone, Revoked)], None, LATER)).await.unwrap();

        assert_eq!(unmerge(&backend, one, other).await, Unmerging::Done(ada));
        for lead in [ada, other] {
            for channel in [Sms, Email, Phone] {
                assert_eq!(last(&backend, one, lead, channel).await, Some(Revoked), "{lead} {channel}");
            }
        }
        let granted = |ledger: Vec<(Channel, ConsentStatus)>| -> Vec<Channel> {
            ledger.into_iter().filter(|(_, status)| *status == Granted).map(|(channel, _)| channel).collect()
        };
        assert_eq!(granted(consents(&backend, one, ada).await), [Email], "no leave of the other's stays behind");
        assert_eq!(granted(consents(&backend, one, other).await), [Phone, Sms]);
    }

    async fn leave_that_came_with_a_merge_goes_with_it(backend) {
        let one = set_up(&backend, 1).await;
        let (ada, other) = two(&backend, one).await;
        let entry = [says(Channel::Sms, ConsentStatus::Granted)];
        backend.write(move |tx| tx.consent_append(one, other, &entry, None, START)).await.unwrap();
        merge(&backend, one, ada, other).await;
        assert_eq!(last(&backend, one, ada, Channel::Sms).await, Some(ConsentStatus::Granted));
        unmerge(&backend, one, other).await;
        assert_eq!(consents(&backend, one, ada).await, []);
        assert_eq!(last(&backend, one, other, Channel::Sms).await, Some(ConsentStatus::Granted));
    }

    async fn records_under_the_outside_id_of_a_merged_lead_are_of_the_one_that_stays(backend) {
        let one = set_up(&backend, 1).await;
        let (ada, bob) = (lead_of(&backend, one, "crm-1").await, lead_of(&backend, one, "crm-2").await);
        assert_eq!(merge(&backend, one, ada, bob).await, Merging::Done);
        let send = async |facts: LeadFacts| -> LeadUpserted {
            let records = [LeadUpsert { facts, consent: Vec::new() }];
            let write = backend.write(move |tx| tx.leads_upsert(one, &records, None, LATER, &Ids::seeded(9)));
            write.await.unwrap().remove(0)
        };
        for external in ["crm-1", "crm-2"] {
            assert_eq!(send(person(external)).await, LeadUpserted { id: Some(ada), outcome: Unchanged }, "{external}");
        }
        let moved = LeadFacts { phone: Some("1".to_owned()), ..person("crm-2") };
        assert_eq!(send(moved.clone()).await, LeadUpserted { id: Some(ada), outcome: Updated });
        for facts in [moved, person("crm-1")] {
            assert_eq!(send(facts).await.outcome, Unchanged, "each outside id has its own last record");
        }
        let lead = get(&backend, one, ada).await;
        assert_eq!((lead.facts.phone.as_deref(), lead.facts.external_id.as_deref()), (Some("1"), Some("crm-1")));
        let fresh = LeadId(backend.id());
        let write = backend.write(move |tx| -> Result<()> {
            let ids = tx.lead_ids_by_external_id(one, vec!["crm-2".to_owned(), "crm-1".to_owned()])?;
            assert_eq!(ids.iter().map(|(_, id)| *id).collect::<Vec<_>>(), [ada, ada]);
            assert_eq!(tx.lead_insert(one, fresh, &person("crm-2"), LATER)?, LeadInserted::ExternalIdTaken);
            assert_eq!(tx.lead_insert_named(one, bob, &person("crm-9"), LATER)?, LeadInserted::IdTaken);
            assert_eq!(tx.lead_insert(one, fresh, &person("crm-3"), LATER)?, LeadInserted::Created);
            assert_eq!(tx.lead_update(one, fresh, &person("crm-2"), LATER)?, LeadUpdated::ExternalIdTaken);
            // The lead itself may take over the outside id, which goes back with an undo.
            let own = LeadFacts { external_id: Some("crm-2".to_owned()), ..tx.lead_lock(one, ada)?.unwrap().facts };
            assert_eq!(tx.lead_update(one, ada, &own, LATER)?, LeadUpdated::Updated);
            assert_eq!(tx.lead_survivors(one, [bob, ada])?.into_iter().collect::<Vec<_>>(), [(bob, ada)]);
            Ok(())
        });
        write.await.unwrap();
        assert_eq!(unmerge(&backend, one, bob).await, Unmerging::Done(ada));
        assert_eq!(get(&backend, one, bob).await.facts.external_id.as_deref(), Some("crm-2"));
        assert_eq!(get(&backend, one, ada).await.facts.external_id, None);
    }

    async fn a_chain_of_merges_is_undone_from_its_end(backend) {
        let one = set_up(&backend, 1).await;
        let [a, b, c] = [lead_of(&backend, one, "a").await, lead_of(&backend, one, "b").await, lead_of(&backend, one, "c").await];
        let ids = [a, b, c].map(|lead| (lead, backend.id()));
        let write = backend.write(move |tx| -> Result<()> {
            for (lead, id) in ids {
                tx.interactions_insert(one, &[act(id, lead, InteractionKind::SiteVisit, START)], None, START)?;
            }
            Ok(())
        });
        write.await.unwrap();
        let did = async |lead| backend.interactions_of(one, lead, &[], None, 9).await.unwrap().len();
        assert_eq!(merge(&backend, one, b, a).await, Merging::Done);
        assert_eq!(merge(&backend, one, c, b).await, Merging::Done);
        assert_eq!((did(c).await, backend.lead_survivor(one, a).await.unwrap()), (3, Some(c)));
        assert_eq!(merge(&backend, one, c, a).await, Merging::Already);
        assert_eq!(merge(&backend, one, b, c).await, Merging::Elsewhere { lead: b, into: c });
        let d = lead_of(&backend, one, "d").await;
        assert_eq!(merge(&backend, one, d, a).await, Merging::Elsewhere { lead: a, into: c });
        assert_eq!(unmerge(&backend, one, a).await, Unmerging::Further { lead: b, into: c });
        assert_eq!(unmerge(&backend, one, b).await, Unmerging::Done(c));
        assert_eq!((did(c).await, did(b).await, backend.lead_survivor(one, a).await.unwrap()), (1, 2, Some(b)));
        assert_eq!(unmerge(&backend, one, a).await, Unmerging::Done(b));
        assert_eq!((did(a).await, did(b).await), (1, 1));
        let nobody = LeadId(backend.id());
        assert_eq!(merge(&backend, one, a, nobody).await, Merging::Gone);
        assert_eq!(merge(&backend, one, nobody, a).await, Merging::Gone);
        assert_eq!(unmerge(&backend, one, nobody).await, Unmerging::Gone);
    }

    async fn erasing_a_lead_erases_whom_was_merged_into_it(backend) {
        let one = set_up(&backend, 1).await;
        let (ada, other) = two(&backend, one).await;
        let id = backend.id();
        let write = backend.write(move |tx| -> Result<()> {
            give(tx, one, other, id, InteractionKind::SiteVisit, 1)?;
            tx.consent_append(one, other, &[says(Channel::Sms, ConsentStatus::Granted)], None, START)?;
            let said = HookContact { said_at: START, is_gone: false, tags: Vec::new() };
            tx.hook_contact_put(one, "highlevel", "crm-2", &said)?;
            let event = NewHook {
                tenant: one,
                source: "highlevel",
                event_id: "w1".to_owned(),
                kind: "ContactUpdate".to_owned(),
                contact: Some("crm-2".to_owned()),
                said_at: Some(START),
                body: b"canary".to_vec(),
                waits: true,
            };
            assert_eq!(tx.hooks_receive(&[event], START)?, [true]);
            Ok(())
        });
        write.await.unwrap();
        assert_eq!(merge(&backend, one, ada, other).await, Merging::Done);
        let gone = backend.write(move |tx| tx.lead_erase(one, other, LATER)).await.unwrap();
        assert_eq!(gone, [], "only as the one that stays");
        let mut gone = backend.write(move |tx| tx.lead_erase(one, ada, LATER)).await.unwrap();
        gone.sort_unstable();
        assert_eq!(gone, [ada, other]);
        for lead in [ada, other] {
            assert_eq!(having(&backend, one, lead).await, [0; 6]);
            assert_eq!(consents(&backend, one, lead).await, []);
        }
        assert_eq!(backend.merged_lead(one, other).await.unwrap(), None);
        assert!(backend.lead_days(one).await.unwrap().is_empty());
        assert_eq!(unmerge(&backend, one, other).await, Unmerging::Gone);
        let write = backend.write(move |tx| -> Result<()> {
            assert_eq!(tx.hook_contact(one, "highlevel", "crm-2")?, None);
            assert_eq!(tx.hooks_waiting(one, 9)?.len(), 0);
            let records = [LeadUpsert { facts: person("crm-2"), consent: Vec::new() }];
            assert_eq!(tx.leads_upsert(one, &records, None, LATER, &Ids::seeded(8))?[0].id, None);
            assert_eq!(tx.lead_insert_named(one, other, &person("x"), LATER)?, LeadInserted::IdTaken);
            Ok(())
        });
        write.await.unwrap();
    }

    async fn nobody_merges_or_finds_what_belongs_to_another(backend) {
        let [one, two_] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let (ada, other) = two(&backend, one).await;
        let eve = lead_of(&backend, two_, "eve").await;
        for (lead, from) in [(eve, ada), (ada, other), (ada, eve)] {
            assert_eq!(merge(&backend, two_, lead, from).await, Merging::Gone);
        }
        assert_eq!(merge(&backend, one, ada, other).await, Merging::Done);
        assert_eq!(unmerge(&backend, two_, other).await, Unmerging::Gone);
        assert_eq!(backend.merged_lead(two_, other).await.unwrap(), None);
        assert_eq!(backend.lead_survivor(two_, other).await.unwrap(), None);
        assert_eq!(backend.leads_merged_into(two_, ada).await.unwrap(), []);
        let theirs = LeadId(backend.id());
        let made = backend.write(move |tx| tx.lead_insert(two_, theirs, &person("crm-2"), START)).await.unwrap();
        assert_eq!(made, LeadInserted::Created, "the outside id is free in another tenant");
    }

    async fn a_lead_takes_in_so_many_and_no_more(backend) {
        let one = set_up(&backend, 1).await;
        let lead = lead_of(&backend, one, "all").await;
        let most = MOST_MERGED;
        let write = backend.write(move |tx| -> Result<Vec<Merging>> {
            let ids = Ids::seeded(77);
            let mut done = Vec::new();
            for _ in 0..=most {
                let from = LeadId(ids.next(START));
                tx.lead_insert(one, from, &LeadFacts::new(Provenance::Api), START)?;
                done.push(tx.lead_merge(one, lead, from, LATER)?);
            }
            Ok(done)
        });
        let done = write.await.unwrap();
        assert_eq!(done.iter().filter(|merging| **merging == Merging::Done).count(), most as usize);
        assert_eq!(done.last(), Some(&Merging::Full));
        assert_eq!(backend.leads_merged_into(one, lead).await.unwrap().len(), most as usize);
    }

    async fn merges_and_calls_at_the_same_time_lose_nothing(backend) {
        let one = set_up(&backend, 1).await;
        let (ada, bob) = (lead_of(&backend, one, "a").await, lead_of(&backend, one, "b").await);
        let both = [(ada, bob), (bob, ada)].map(|(lead, from)| merge(&backend, one, lead, from));
        let visits = (0..10).map(|n| {
            let visit = act(backend.id(), if n % 2 == 0 { ada } else { bob }, InteractionKind::SiteVisit, START.plus(n));
            backend.write(move |tx| tx.interactions_insert(one, std::slice::from_ref(&visit), None, START))
        });
        let (merged, visits) =
            futures_util::future::join(futures_util::future::join_all(both), futures_util::future::join_all(visits)).await;
        assert_eq!(merged.iter().filter(|merging| **merging == Merging::Done).count(), 1);
        let stored = visits.into_iter().filter(|new| new.as_ref().unwrap()[0]).count();
        let [left] = backend.lead_ids_after(one, None, 9).await.unwrap()[..] else { panic!("one is left") };
        assert_eq!(backend.interactions_of(one, left, &[], None, 20).await.unwrap().len(), stored);
    }
}

//! The inbox: an event is there once, waits in the order of arrival, is remembered, and says nothing of a person who was
//! erased.

use lintel_domain::{
    clock::{DAY, Time},
    hook::HookState,
    id::{ConnectionId, TenantId},
};
use lintel_store::{
    Result,
    connection::ConnectionRow,
    hook::{HookContact, HookOutcome, NewHook},
    params,
};

use super::{lead_of, set_up};
use crate::{
    backend::{Backend, START},
    plan::{examines, settle},
};

fn event(tenant: TenantId, id: &str, contact: &str) -> NewHook {
    NewHook {
        tenant,
        source: "highlevel",
        event_id: id.to_owned(),
        kind: "ContactUpdate".to_owned(),
        contact: Some(contact.to_owned()),
        said_at: Some(START),
        body: format!("canary {contact}").into_bytes(),
        waits: true,
    }
}

async fn receive(backend: &Backend, events: Vec<NewHook>, now: Time) -> Vec<bool> {
    backend.write(move |tx| tx.hooks_receive(&events, now)).await.unwrap()
}

async fn outcome(backend: &Backend, tenant: TenantId, id: &str) -> Option<HookOutcome> {
    backend.hook_outcome(tenant, "highlevel", id).await.unwrap()
}

async fn waiting(backend: &Backend, tenant: TenantId) -> Vec<(i64, String)> {
    let waiting = backend.write(move |tx| tx.hooks_waiting(tenant, 100)).await.unwrap();
    waiting.into_iter().map(|hook| (hook.seq, hook.event_id)).collect()
}

on_each_backend! {
    async fn an_event_is_there_once_and_waits_in_the_order_of_arrival(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let kept = NewHook { waits: false, kind: "InvoicePaid".to_owned(), ..event(one, "c", "p") };
        let events = vec![event(one, "b", "p"), event(one, "a", "p"), event(one, "b", "q"), kept, event(two, "b", "p")];
        assert_eq!(receive(&backend, events, START).await, [true, true, false, true, true]);
        assert_eq!(receive(&backend, vec![event(one, "a", "p")], START).await, [false]);
        let of_one = waiting(&backend, one).await;
        assert_eq!(of_one.iter().map(|(_, id)| id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        assert!(backend.hooks_behind(one).await.unwrap() >= 1);
        let (first, second) = (of_one[0].0, of_one[1].0);
        let later = START.plus(5);
        let write = backend.write(move |tx| -> Result<()> {
            tx.hooks_applied(one, &[(first, 1)], later)?;
            tx.hook_dead(one, second, "/id: missing")?;
            // Another tenant's place is no place of this one.
            tx.hooks_applied(two, &[(second, 9)], later)
        });
        write.await.unwrap();
        assert_eq!(waiting(&backend, one).await, []);
        assert_eq!(backend.hooks_behind(one).await.unwrap(), 0);
        let stored = HookOutcome { state: HookState::Stored, effects: 0, applied_at: None, first_seen: START, error: None };
        let applied = HookOutcome { state: HookState::Applied, effects: 1, applied_at: Some(later), ..stored.clone() };
        let dead = HookOutcome { state: HookState::Dead, error: Some("/id: missing".to_owned()), ..stored.clone() };
        assert_eq!(outcome(&backend, one, "b").await, Some(applied));
        assert_eq!(outcome(&backend, one, "a").await, Some(dead));
        assert_eq!(outcome(&backend, one, "c").await, Some(stored.clone()));
        assert_eq!(outcome(&backend, two, "b").await, Some(stored));
        assert_eq!(outcome(&backend, two, "a").await, None);
    }

    async fn an_id_is_forgotten_when_nobody_repeats_its_event_and_never_when_it_has_no_time(backend) {
        let one = set_up(&backend, 1).await;
        let timeless = NewHook { said_at: None, ..event(one, "timeless", "p") };
        receive(&backend, vec![event(one, "old", "p"), timeless.clone(), event(one, "waits", "p")], START).await;
        let places = waiting(&backend, one).await;
        let (old, second) = (places[0].0, places[1].0);
        backend.write(move |tx| tx.hooks_applied(one, &[(old, 1), (second, 1)], START)).await.unwrap();
        receive(&backend, vec![event(one, "new", "p")], START.plus(DAY)).await;
        let forget = async || backend.write(move |tx| tx.hooks_forget(START.plus(DAY), 10)).await.unwrap();
        let forgotten = forget().await;
        assert_eq!((forgotten.events, forgotten.bodies), (1, 1));
        let forgotten = forget().await;
        assert_eq!((forgotten.events, forgotten.bodies), (0, 0));
        let again = vec![event(one, "old", "p"), timeless, event(one, "waits", "p"), event(one, "new", "p")];
        assert_eq!(receive(&backend, again, START.plus(DAY)).await, [true, false, false, false]);
    }

    async fn nothing_is_kept_of_the_events_of_a_person_who_was_erased(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let lead = lead_of(&backend, one, "p").await;
        receive(&backend, vec![event(one, "a", "p"), event(one, "b", "other"), event(two, "a", "p")], START).await;
        let write = backend.write(move |tx| -> Result<()> {
            let now = HookContact { said_at: START, is_gone: false, tags: vec!["canary".to_owned()] };
            tx.hook_contact_put(one, "highlevel", "p", &now)?;
            assert_eq!(tx.hook_contact(one, "highlevel", "p")?, Some(now));
            assert_eq!(tx.lead_erase(one, lead, START)?, [lead]);
            assert_eq!(tx.hook_contact(one, "highlevel", "p")?, None);
            Ok(())
        });
        write.await.unwrap();
        assert_eq!(waiting(&backend, one).await.len(), 1);
        assert_eq!(waiting(&backend, two).await.len(), 1);
        assert_eq!(outcome(&backend, one, "a").await.unwrap().state, HookState::Applied);
        assert_eq!(receive(&backend, vec![event(one, "a", "p")], START).await, [false]);
    }

    async fn a_location_has_one_connection(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let new = move |tenant, id: u128, location: &str| ConnectionRow {
            tenant,
            id: ConnectionId(uuid::Uuid::from_u128(id)),
            provider: "highlevel".to_owned(),
            location: location.to_owned(),
            name: "Office".to_owned(),
            base_url: None,
            token: Some(vec![1, 2, 3]),
            created_at: START,
        };
        let make = async |row: ConnectionRow| backend.write(move |tx| tx.connection_create(&row)).await.unwrap();
        assert!(make(new(one, 1, "L1")).await);
        assert!(!make(new(two, 2, "L1")).await);
        assert!(!make(new(two, 1, "L2")).await);
        assert!(make(new(two, 2, "L2")).await);
        let id = new(one, 1, "L1").id;
        assert_eq!(backend.connection_by_id(id).await.unwrap(), Some(new(one, 1, "L1")));
        assert_eq!(backend.connections(one, None, 9).await.unwrap(), [new(one, 1, "L1")]);
        assert!(!backend.write(move |tx| tx.connection_delete(two, id)).await.unwrap());
        assert!(backend.write(move |tx| tx.connection_delete(one, id)).await.unwrap());
        assert_eq!(backend.connection_by_id(id).await.unwrap(), None);
    }

    async fn what_waits_and_what_became_is_found_without_looking_at_others(backend) {
        let one = set_up(&backend, 1).await;
        let events: Vec<NewHook> = (0..400).map(|n| event(one, &format!("e{n}"), "p")).collect();
        receive(&backend, events, START).await;
        let places: Vec<i64> =
            backend.write(move |tx| tx.hooks_waiting(one, 380)).await.unwrap().iter().map(|hook| hook.seq).collect();
        let done: Vec<(i64, u32)> = places.into_iter().map(|seq| (seq, 1)).collect();
        backend.write(move |tx| tx.hooks_applied(one, &done, START)).await.unwrap();
        settle(&backend).await;
        examines(&backend, "hook.outcome", params![one, "highlevel", "e7"], 1, 2).await;
        examines(&backend, "hook.waiting", params![one, 10i64], 10, 22).await;
        examines(&backend, "hook.behind", params![one], 1, 4).await;
    }
}

//! A repeated request gets the first one's answer.

use lintel_domain::clock::Time;
use lintel_store::{
    Error,
    idempotency::{Answer, Begun, KEPT, LEASE, Request, Ticket},
};

use crate::backend::{Backend, START, tenant};

fn request(key: &str) -> Request {
    Request {
        tenant: tenant(1),
        method: "POST".into(),
        path: "/api/v1/leads".into(),
        key: key.into(),
        hash: vec![1, 2, 3],
    }
}

fn answer() -> Answer {
    Answer { status: 201, headers: vec![("etag".into(), "\"1\"".into())], body: b"{}".to_vec() }
}

async fn begin(backend: &Backend, request: &Request, now: Time) -> Begun {
    backend.idempotency_begin(request.clone(), backend.id(), now).await.unwrap()
}

async fn start(backend: &Backend, request: &Request, now: Time) -> Ticket {
    match begin(backend, request, now).await {
        Begun::Started(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

async fn finish(backend: &Backend, ticket: &Ticket) -> Result<(), Error> {
    let ticket = ticket.clone();
    backend.write(move |tx| tx.idempotency_finish(&ticket, &answer())).await
}

on_each_backend! {
    async fn the_first_works_and_the_others_get_its_answer(backend) {
        let ticket = start(&backend, &request("a"), START).await;
        assert_eq!(begin(&backend, &request("a"), START).await, Begun::Running(LEASE));
        finish(&backend, &ticket).await.unwrap();
        assert_eq!(begin(&backend, &request("a"), START).await, Begun::Replay(answer()));
        assert!(finish(&backend, &ticket).await.is_err());
    }

    async fn of_many_at_once_one_starts(backend) {
        let other = backend.another().await;
        let all = (0..40).map(|i| {
            let store = if i % 2 == 0 { &*backend } else { &other };
            store.idempotency_begin(request("a"), backend.id(), START)
        });
        let begun = futures_util::future::join_all(all).await;
        let started = begun.iter().filter(|begun| matches!(begun, Ok(Begun::Started(_)))).count();
        assert_eq!(started, 1);
        assert!(begun.iter().all(|begun| matches!(begun, Ok(Begun::Started(_) | Begun::Running(_)))));
    }

    async fn a_key_belongs_to_one_body_and_one_route_of_one_tenant(backend) {
        let ticket = start(&backend, &request("a"), START).await;
        let body = Request { hash: vec![9], ..request("a") };
        assert_eq!(begin(&backend, &body, START).await, Begun::Mismatch);
        finish(&backend, &ticket).await.unwrap();
        assert_eq!(begin(&backend, &body, START).await, Begun::Mismatch);
        for other in [
            Request { tenant: tenant(2), ..request("a") },
            Request { path: "/api/v1/listings".into(), ..request("a") },
            Request { method: "PUT".into(), ..request("a") },
            request("b"),
        ] {
            start(&backend, &other, START).await;
        }
    }

    async fn a_request_whose_process_died_is_taken_over(backend) {
        let dead = start(&backend, &request("a"), START).await;
        let now = START.plus(LEASE);
        let ticket = start(&backend, &request("a"), now).await;
        assert!(matches!(finish(&backend, &dead).await, Err(Error::LeaseLost { .. })));
        finish(&backend, &ticket).await.unwrap();
        assert_eq!(begin(&backend, &request("a"), now).await, Begun::Replay(answer()));
    }

    async fn an_abandoned_request_is_done_again(backend) {
        let ticket = start(&backend, &request("a"), START).await;
        backend.write(move |tx| tx.idempotency_abandon(&ticket)).await.unwrap();
        start(&backend, &request("a"), START).await;
    }

    async fn answers_are_kept_for_a_day(backend) {
        let ticket = start(&backend, &request("a"), START).await;
        finish(&backend, &ticket).await.unwrap();
        assert_eq!(begin(&backend, &request("a"), START.plus(KEPT - 1)).await, Begun::Replay(answer()));
        start(&backend, &request("a"), START.plus(KEPT)).await;
        assert_eq!(backend.write(|tx| tx.idempotency_forget(START.plus(3 * KEPT))).await.unwrap(), 1);
    }
}

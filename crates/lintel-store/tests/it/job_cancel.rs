//! Cancelled jobs: one that waits ends at once, one that runs when its worker has stopped, and only the tenant's own.

use lintel_domain::{
    clock::{SECOND, Time},
    event::Event,
    id::{ImportId, JobId, LeadId, TenantId},
    import::ImportKind,
    job::Job,
};
use lintel_store::{
    Error, Result, Store,
    import::{ImportState, NewImport},
    job::{Claim, Claimed, JobState, NewJob, Outcome, Priority},
    log::Cursor,
};
use serde_json::json;

use crate::{
    backend::{Backend, START, tenant},
    tables::set_up,
};

async fn enqueue(backend: &Backend, of: u128, job: Job) -> JobId {
    let new = NewJob { max_attempts: 2, ..NewJob::new(JobId(backend.id()), tenant(of), job, START) };
    let id = new.id;
    backend.write(move |tx| tx.enqueue(&new)).await.unwrap();
    id
}

fn score() -> Job {
    Job::ScoreLeads { leads: vec![LeadId(uuid::Uuid::nil())] }
}

async fn claim(backend: &Backend, now: Time) -> Vec<Claimed> {
    let claim =
        Claim { fence: backend.id(), limit: 9, per_tenant: 9, now, lease_micros: SECOND, down_to: Priority::Idle };
    backend.job_claim(&claim).await.unwrap()
}

async fn cancel(store: &Store, of: TenantId, id: JobId, now: Time) -> Option<JobState> {
    store.write(move |tx| tx.job_cancel(of, id, now)).await.unwrap()
}

async fn stopped(store: &Store, job: &Claimed, now: Time) -> Result<()> {
    let job = job.clone();
    store.write(move |tx| tx.job_stopped(&job, now)).await
}

async fn state(store: &Store, of: u128, id: JobId) -> JobState {
    store.job(tenant(of), id).await.unwrap().unwrap().state
}

fn later(seconds: i64) -> Time {
    START.plus(seconds * SECOND)
}

on_each_backend! {
    async fn a_job_that_waits_is_cancelled_at_once_and_never_claimed(backend) {
        let id = enqueue(&backend, 1, score()).await;
        assert_eq!(cancel(&backend, tenant(2), id, later(1)).await, None, "it is another tenant's");
        assert_eq!(cancel(&backend, tenant(1), id, later(1)).await, Some(JobState::Cancelled));
        assert!(claim(&backend, later(2)).await.is_empty());
        let row = backend.job(tenant(1), id).await.unwrap().unwrap();
        assert_eq!((row.state, row.finished_at, row.cancel_asked_at), (JobState::Cancelled, Some(later(1)), Some(later(1))));
        assert_eq!(cancel(&backend, tenant(1), id, later(3)).await, None, "it has ended");
        assert!(!backend.write(move |tx| tx.job_replay(tenant(1), id, later(3))).await.unwrap());
        assert_eq!(backend.jobs(tenant(1), JobState::Cancelled, None, 9).await.unwrap(), [row]);
        let told = crate::log::follow(&backend, Cursor::default(), 1).await;
        assert_eq!(told[0].event, Some(Event::JobCancelled { job: id, kind: "score_leads".into() }));
        assert!(backend.job_counts().await.unwrap().is_empty());
        assert_eq!(backend.write(|tx| tx.jobs_forget(later(2), 100)).await.unwrap(), 1);
    }

    async fn a_job_that_runs_is_asked_to_stop_and_its_worker_ends_it(backend) {
        let id = enqueue(&backend, 1, score()).await;
        let held = claim(&backend, START).await.remove(0);
        assert!(!backend.job_cancel_asked(&held).await.unwrap());
        assert!(matches!(stopped(&backend, &held, START).await, Err(Error::LeaseLost { .. })), "nobody asked");
        assert_eq!(cancel(&backend, tenant(1), id, START).await, Some(JobState::Running));
        assert_eq!(cancel(&backend, tenant(1), id, later(1)).await, Some(JobState::Running));
        assert!(backend.job_cancel_asked(&held).await.unwrap());
        stopped(&backend, &held, later(1)).await.unwrap();
        let row = backend.job(tenant(1), id).await.unwrap().unwrap();
        assert_eq!((row.state, row.finished_at, row.cancel_asked_at), (JobState::Cancelled, Some(later(1)), Some(START)));
        assert!(matches!(stopped(&backend, &held, later(2)).await, Err(Error::LeaseLost { .. })));

        // What is done before its worker hears of it is done.
        let id = enqueue(&backend, 1, score()).await;
        let held = claim(&backend, START).await.remove(0);
        cancel(&backend, tenant(1), id, START).await;
        let done = held.clone();
        backend.write(move |tx| tx.job_done(&done, None, START)).await.unwrap();
        assert!(matches!(stopped(&backend, &held, START).await, Err(Error::LeaseLost { .. })));
        assert_eq!(state(&backend, 1, id).await, JobState::Done);
    }

    async fn a_cancelled_job_that_fails_is_given_back_or_loses_its_worker_is_not_tried_again(backend) {
        let [failing, released, lost] = [score(), score(), score()];
        let failing = enqueue(&backend, 1, failing).await;
        let released = enqueue(&backend, 1, released).await;
        let lost = enqueue(&backend, 1, lost).await;
        let held = claim(&backend, START).await;
        for id in [failing, released, lost] {
            cancel(&backend, tenant(1), id, START).await;
        }
        let of = |id: JobId| held.iter().find(|job| job.id == id).unwrap().clone();
        let (first, second) = (of(failing), of(released));
        let failed = backend.write(move |tx| tx.job_failed(&first, "no", later(5), START)).await;
        assert_eq!(failed.unwrap(), Outcome::Cancelled);
        backend.write(move |tx| tx.job_release(&second, START)).await.unwrap();
        assert!(claim(&backend, later(9)).await.is_empty());
        for id in [failing, released, lost] {
            assert_eq!(state(&backend, 1, id).await, JobState::Cancelled);
        }
        assert_eq!(crate::log::follow(&backend, Cursor::default(), 3).await.len(), 3);
    }

    async fn an_import_ends_with_its_job_and_can_be_taken_back(backend) {
        let one = set_up(&backend, 1).await;
        let import = ImportId(backend.id());
        let new = NewImport {
            id: import,
            kind: ImportKind::Leads,
            market: None,
            file_name: "f".to_owned(),
            file_hash: vec![1],
            mapping: json!({}),
            state: ImportState::Queued,
        };
        backend.write(move |tx| tx.import_create(one, &new, START)).await.unwrap();
        let id = enqueue(&backend, 1, Job::RunImport { import }).await;
        assert_eq!(cancel(&backend, one, id, later(1)).await, Some(JobState::Cancelled));
        let row = backend.import_get(one, import).await.unwrap().unwrap();
        assert_eq!((row.state, row.finished_at), (ImportState::Cancelled, Some(later(1))));
        // A batch that was on its way is not kept.
        let late = backend.write(move |tx| tx.import_advance(one, import, &json!(1), row.counts, &[])).await;
        assert!(matches!(late, Err(Error::NoRow { .. })));
        let told = crate::log::follow(&backend, Cursor::default(), 2).await;
        assert!(matches!(told[1].event, Some(Event::ImportFinished { import: other, .. }) if other == import));
        backend.write(move |tx| tx.import_undo(one, import, ImportKind::Leads, later(2)).map(|_| ())).await.unwrap();
    }
}

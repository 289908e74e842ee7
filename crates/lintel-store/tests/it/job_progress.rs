//! How far jobs are: told by whoever holds one, no more than about once a second, and gone with the attempt it tells of.

use lintel_domain::{
    clock::{SECOND, Time},
    event::Event,
    id::JobId,
    job::{Job, Phase},
};
use lintel_store::{
    Store,
    job::{Claim, Claimed, NewJob, Priority},
    log::Cursor,
};

use crate::backend::{Backend, START, tenant};

const MILLI: i64 = SECOND / 1000;

async fn held(backend: &Backend) -> Claimed {
    let new = NewJob::new(JobId(backend.id()), tenant(1), Job::rescore_all(false), START);
    backend.write(move |tx| tx.enqueue(&new)).await.unwrap();
    claim(backend).await
}

async fn claim(backend: &Backend) -> Claimed {
    let (fence, now) = (backend.id(), START);
    let claim = Claim { fence, limit: 1, per_tenant: 1, now, lease_micros: SECOND, down_to: Priority::Idle };
    backend.job_claim(&claim).await.unwrap().remove(0)
}

async fn tell(store: &Store, job: &Claimed, done: f64, now: Time) -> bool {
    let job = job.clone();
    store.write(move |tx| tx.job_progress(&job, Phase::Scoring, done, now)).await.unwrap()
}

async fn told(store: &Store, job: &Claimed) -> Option<(Phase, f64, Time)> {
    let row = store.job(tenant(1), job.id).await.unwrap().unwrap();
    row.progress.map(|progress| (progress.phase, progress.done, progress.at))
}

on_each_backend! {
    async fn how_far_a_job_is_is_kept_and_told_once_a_second(backend) {
        let job = held(&backend).await;
        assert_eq!(told(&backend, &job).await, None);
        let at = |millis: i64| START.plus(millis * MILLI);
        let mut kept = Vec::new();
        for millis in [0, 300, 899, 900, 1_000, 2_000] {
            if tell(&backend, &job, millis as f64 / 4_000.0, at(millis)).await {
                kept.push(millis);
            }
        }
        assert_eq!(kept, [0, 900, 2_000]);
        assert_eq!(told(&backend, &job).await, Some((Phase::Scoring, 0.5, at(2_000))));
        let other = Claimed { fence: backend.id(), ..job.clone() };
        assert!(!tell(&backend, &other, 0.9, at(9_000)).await, "only its holder knows");
        let event = |done| Event::JobProgress { job: job.id, kind: "rescore_all".into(), phase: Phase::Scoring, done };
        let log = crate::log::follow(&backend, Cursor::default(), 3).await;
        let events: Vec<_> = log.into_iter().filter_map(|logged| logged.event).collect();
        assert_eq!(events, [event(0.0), event(0.225), event(0.5)]);
    }

    async fn it_outlives_a_step_and_not_an_attempt_or_the_end(backend) {
        let job = held(&backend).await;
        tell(&backend, &job, 0.25, START).await;
        let step = job.clone();
        backend.write(move |tx| tx.job_goes_on(&step, &step.job.clone(), START, START)).await.unwrap();
        assert!(told(&backend, &job).await.is_some(), "another step goes on from there");
        let job = claim(&backend).await;
        let failed = job.clone();
        backend.write(move |tx| tx.job_failed(&failed, "no luck", START, START)).await.unwrap();
        assert_eq!(told(&backend, &job).await, None, "another attempt begins anew");
        let job = claim(&backend).await;
        tell(&backend, &job, 0.5, START).await;
        let done = job.clone();
        backend.write(move |tx| tx.job_done(&done, None, START)).await.unwrap();
        assert_eq!(told(&backend, &job).await, None);
    }
}

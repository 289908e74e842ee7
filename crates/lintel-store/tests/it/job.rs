//! Jobs: claimed once, fairly and in order; held under a lease; tried again; dead in the end.

use std::collections::{HashMap, HashSet};

use lintel_domain::{
    clock::{SECOND, Time},
    event::Event,
    id::{ImportId, JobId, LeadId},
    job::Job,
};
use lintel_store::{
    Error, Store,
    job::{Claim, Claimed, JobState, NewJob, Outcome, Priority},
    log::Cursor,
};
use serde_json::json;

use crate::backend::{Backend, START, tenant};

fn score(backend: &Backend) -> Job {
    Job::ScoreLeads { leads: vec![LeadId(backend.id())] }
}

fn new(backend: &Backend, of: u128) -> NewJob {
    NewJob::new(JobId(backend.id()), tenant(of), score(backend), START)
}

async fn enqueue(store: &Store, jobs: Vec<NewJob>) -> Vec<bool> {
    store.write(move |tx| jobs.iter().map(|job| tx.enqueue(job)).collect::<Result<Vec<_>, Error>>()).await.unwrap()
}

fn ask(backend: &Backend, now: Time, limit: u32) -> Claim {
    let fence = backend.id();
    Claim { fence, limit, per_tenant: limit, now, lease_micros: 30 * SECOND, down_to: Priority::Idle }
}

async fn claim(backend: &Backend, now: Time, limit: u32) -> Vec<Claimed> {
    backend.job_claim(&ask(backend, now, limit)).await.unwrap()
}

async fn done(store: &Store, job: &Claimed, now: Time) -> Result<(), Error> {
    let job = job.clone();
    store.write(move |tx| tx.job_done(&job, None, now)).await
}

async fn failed(store: &Store, job: &Claimed, again_at: Time, now: Time) -> Result<Outcome, Error> {
    let job = job.clone();
    store.write(move |tx| tx.job_failed(&job, "upstream said no", again_at, now)).await
}

fn later(seconds: i64) -> Time {
    START.plus(seconds * SECOND)
}

on_each_backend! {
    async fn a_job_is_claimed_once_and_done(backend) {
        let job = new(&backend, 1);
        assert_eq!(enqueue(&backend, vec![job.clone()]).await, [true]);
        let claimed = claim(&backend, START, 10).await;
        assert_eq!(claimed.len(), 1);
        assert_eq!((claimed[0].id, claimed[0].tenant, &claimed[0].job), (job.id, job.tenant, &job.job));
        assert_eq!((claimed[0].attempt, claimed[0].max_attempts), (1, 8));
        assert!(claim(&backend, START, 10).await.is_empty());
        let finished = claimed[0].clone();
        backend.write(move |tx| tx.job_done(&finished, Some(json!({"scored": 1})), later(1))).await.unwrap();
        let row = backend.job(tenant(1), job.id).await.unwrap().unwrap();
        assert_eq!((row.state, row.result, row.finished_at), (JobState::Done, Some(json!({"scored": 1})), Some(later(1))));
        assert_eq!(backend.job(tenant(2), job.id).await.unwrap(), None, "another tenant does not see it");
        assert!(matches!(done(&backend, &claimed[0], later(2)).await, Err(Error::LeaseLost { .. })));
        assert_eq!(backend.write(|tx| tx.jobs_forget(later(2), 100)).await.unwrap(), 1);
    }

    async fn many_workers_in_two_processes_claim_every_job_exactly_once(backend) {
        let other = backend.another().await;
        for of in 0..4 {
            let jobs = (0..250).map(|_| new(&backend, of)).collect();
            enqueue(&backend, jobs).await;
        }
        let worker = |number: usize| {
            let (store, backend) = (if number.is_multiple_of(2) { &*backend } else { &other }, &backend);
            async move {
                let mut mine = Vec::new();
                loop {
                    let claimed = store.job_claim(&ask(backend, START, 20)).await.unwrap();
                    if claimed.is_empty() {
                        return mine;
                    }
                    for job in &claimed {
                        done(store, job, START).await.unwrap();
                    }
                    mine.extend(claimed.into_iter().map(|job| job.id));
                }
            }
        };
        let all: Vec<JobId> = futures_util::future::join_all((0..8).map(worker)).await.concat();
        assert_eq!(all.len(), 1000);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 1000);
        assert!(backend.job_counts().await.unwrap().is_empty());
    }

    async fn urgent_jobs_come_first_and_nothing_before_its_time(backend) {
        let mut jobs: Vec<_> = (0..4).map(|_| new(&backend, 1)).collect();
        jobs[0].priority = Priority::Idle;
        jobs[1].priority = Priority::Urgent;
        jobs[1].run_at = later(10);
        jobs[2].run_at = later(-5);
        let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
        enqueue(&backend, jobs).await;
        let order: Vec<_> = claim(&backend, START, 10).await.iter().map(|job| job.id).collect();
        assert_eq!(order, [ids[2], ids[3], ids[0]]);
        assert_eq!(backend.job_oldest_due(Priority::Urgent).await.unwrap(), Some(later(10)));
        assert_eq!(claim(&backend, later(10), 10).await[0].id, ids[1]);
        assert_eq!(backend.job_oldest_due(Priority::Urgent).await.unwrap(), None);
    }

    async fn a_worker_takes_nothing_less_urgent_than_it_asks_for(backend) {
        let mut job = new(&backend, 1);
        job.priority = Priority::Low;
        enqueue(&backend, vec![job]).await;
        let asked = Claim { down_to: Priority::Normal, ..ask(&backend, START, 5) };
        assert!(backend.job_claim(&asked).await.unwrap().is_empty());
        let asked = Claim { down_to: Priority::Low, ..ask(&backend, START, 5) };
        assert_eq!(backend.job_claim(&asked).await.unwrap().len(), 1);
    }

    async fn a_tenant_with_a_long_line_does_not_crowd_out_the_others(backend) {
        enqueue(&backend, (0..300).map(|_| new(&backend, 1)).collect()).await;
        let mut late: Vec<_> = (2..5).map(|of| new(&backend, of)).collect();
        for job in &mut late {
            job.run_at = later(1);
        }
        enqueue(&backend, late).await;
        let asked = Claim { per_tenant: 4, ..ask(&backend, later(2), 10) };
        let mut of_tenant = HashMap::new();
        for job in backend.job_claim(&asked).await.unwrap() {
            *of_tenant.entry(job.tenant).or_insert(0) += 1;
        }
        assert_eq!(of_tenant.remove(&tenant(1)), Some(7), "its share, and what nobody else wanted");
        assert_eq!(of_tenant.len(), 3);
    }

    async fn jobs_with_one_key_never_run_side_by_side(backend) {
        let import = |n: u128| Job::RunImport { import: ImportId(uuid::Uuid::from_u128(n)) };
        let of = |job: Job, of: u128| NewJob { job, ..new(&backend, of) };
        enqueue(&backend, vec![of(import(1), 1), of(import(1), 1), of(import(2), 1), of(import(1), 2)]).await;
        let other = backend.another().await;
        let claims = (0..6).map(|i| {
            let store = if i % 2 == 0 { &*backend } else { &other };
            let asked = ask(&backend, START, 10);
            async move { store.job_claim(&asked).await.unwrap() }
        });
        let first = futures_util::future::join_all(claims).await.concat();
        let keys: HashSet<_> = first.iter().map(|job| (job.tenant, job.job.exclusive_key())).collect();
        assert_eq!((first.len(), keys.len()), (3, 3));
        assert!(claim(&backend, START, 10).await.is_empty());
        let held = first.iter().find(|job| job.tenant == tenant(1) && job.job == import(1)).unwrap();
        done(&backend, held, START).await.unwrap();
        assert_eq!(claim(&backend, START, 10).await.len(), 1);
    }

    async fn a_job_that_coalesces_is_stored_once_while_it_waits(backend) {
        let all = || NewJob { job: Job::rescore_all(false), coalesce: true, ..new(&backend, 1) };
        assert_eq!(enqueue(&backend, vec![all(), all()]).await, [true, false]);
        let other = backend.another().await;
        let more = (0..20).map(|i| {
            let (store, job) = (if i % 2 == 0 { &*backend } else { &other }, all());
            enqueue(store, vec![job])
        });
        assert!(futures_util::future::join_all(more).await.iter().all(|stored| !stored[0]));
        assert_eq!(claim(&backend, START, 10).await.len(), 1);
        assert_eq!(enqueue(&backend, vec![all()]).await, [true], "the running one may have missed the cause");
        assert_eq!(enqueue(&backend, vec![NewJob { tenant: tenant(2), ..all() }]).await, [true]);
    }

    async fn a_job_of_many_steps_goes_on_as_itself_with_all_attempts_anew(backend) {
        let step = |n: Option<u128>| Job::RescoreAll { after: n.map(|n| LeadId(uuid::Uuid::from_u128(n))), done: 0, of: 0, moved_only: false };
        let job = NewJob { job: step(None), max_attempts: 2, ..new(&backend, 1) };
        enqueue(&backend, vec![job.clone()]).await;
        let go_on = async |held: &Claimed, next: Job, at: Time| {
            let held = held.clone();
            backend.write(move |tx| tx.job_goes_on(&held, &next, at, START)).await
        };
        let failing = claim(&backend, START, 1).await.remove(0);
        failed(&backend, &failing, START, START).await.unwrap();
        let first = claim(&backend, START, 1).await.remove(0);
        go_on(&first, step(Some(7)), later(5)).await.unwrap();
        assert!(matches!(go_on(&first, step(Some(9)), later(5)).await, Err(Error::LeaseLost { .. })));
        assert!(claim(&backend, later(4), 1).await.is_empty());
        let second = claim(&backend, later(5), 1).await.remove(0);
        assert_eq!((second.id, second.attempt, &second.job), (job.id, 1, &step(Some(7))));
        // Its end may be asked for while it runs.
        backend.write(move |tx| tx.job_cancel(tenant(1), job.id, later(6))).await.unwrap();
        go_on(&second, step(Some(9)), later(7)).await.unwrap();
        assert_eq!(backend.job(tenant(1), job.id).await.unwrap().unwrap().state, JobState::Cancelled);
        assert!(claim(&backend, later(9), 1).await.is_empty());
    }

    async fn a_failed_job_is_tried_again_and_dies_after_its_last_attempt(backend) {
        let job = NewJob { max_attempts: 2, ..new(&backend, 1) };
        enqueue(&backend, vec![job.clone()]).await;
        let first = claim(&backend, START, 1).await.remove(0);
        assert_eq!(failed(&backend, &first, later(5), later(1)).await.unwrap(), Outcome::Again(later(5)));
        assert!(claim(&backend, later(4), 1).await.is_empty());
        let second = claim(&backend, later(5), 1).await.remove(0);
        assert_eq!(second.attempt, 2);
        assert!(matches!(failed(&backend, &first, later(9), later(6)).await, Err(Error::LeaseLost { .. })));
        assert_eq!(failed(&backend, &second, later(9), later(6)).await.unwrap(), Outcome::Dead);
        let row = backend.job(tenant(1), job.id).await.unwrap().unwrap();
        assert_eq!((row.state, row.last_error.as_deref()), (JobState::Dead, Some("upstream said no")));
        let told = crate::log::follow(&backend, Cursor::default(), 1).await;
        assert_eq!(told[0].event, Some(Event::JobDead { job: job.id, kind: "score_leads".into() }));

        assert_eq!(backend.jobs(tenant(1), JobState::Dead, None, 10).await.unwrap(), [row]);
        assert!(!backend.write(move |tx| tx.job_replay(tenant(2), job.id, later(9))).await.unwrap());
        assert!(backend.write(move |tx| tx.job_replay(tenant(1), job.id, later(9))).await.unwrap());
        let replayed = claim(&backend, later(9), 1).await.remove(0);
        assert_eq!(replayed.attempt, 1);
        backend.write(move |tx| tx.job_given_up(&replayed, "never", later(9))).await.unwrap();
        assert!(backend.write(move |tx| tx.job_drop(tenant(1), job.id)).await.unwrap());
        assert_eq!(backend.job(tenant(1), job.id).await.unwrap(), None);
    }

    async fn a_dead_workers_job_goes_to_another_and_its_late_answer_is_refused(backend) {
        let job = NewJob { max_attempts: 2, ..new(&backend, 1) };
        enqueue(&backend, vec![job.clone()]).await;
        let dead = claim(&backend, START, 1).await.remove(0);
        assert!(claim(&backend, later(29), 1).await.is_empty());
        let kept = backend.job_heartbeat(&[(dead.id, dead.fence)], later(60)).await.unwrap();
        assert_eq!(kept, [dead.id]);
        assert!(claim(&backend, later(59), 1).await.is_empty());
        let taken = claim(&backend, later(61), 1).await.remove(0);
        assert_eq!((taken.id, taken.attempt), (dead.id, 2));
        assert!(backend.job_heartbeat(&[(dead.id, dead.fence)], later(99)).await.unwrap().is_empty());
        assert!(matches!(done(&backend, &dead, later(62)).await, Err(Error::LeaseLost { .. })));
        // The second worker dies too, and that was the last attempt.
        assert!(claim(&backend, later(200), 1).await.is_empty());
        assert_eq!(backend.job(tenant(1), job.id).await.unwrap().unwrap().state, JobState::Dead);
        crate::log::follow(&backend, Cursor::default(), 1).await;
    }

    async fn a_released_job_has_not_been_tried(backend) {
        enqueue(&backend, vec![new(&backend, 1)]).await;
        let taken = claim(&backend, START, 1).await.remove(0);
        backend.write(move |tx| tx.job_release(&taken, START)).await.unwrap();
        assert_eq!(claim(&backend, START, 1).await[0].attempt, 1);
    }

    async fn a_job_and_its_cause_are_kept_with_the_change_or_not_at_all(backend) {
        let job = new(&backend, 1);
        let undone = job.clone();
        let answer: Result<(), Error> = backend
            .write(move |tx| {
                tx.enqueue(&undone)?;
                Err(Error::Closed)
            })
            .await;
        assert!(answer.is_err());
        assert!(claim(&backend, START, 1).await.is_empty());
        let mut wake = backend.job_wake();
        backend
            .write(move |tx| {
                tx.set_cause(lintel_store::log::Cause { event: 7, depth: 2 });
                tx.enqueue(&job)
            })
            .await
            .unwrap();
        assert!(wake.wait(std::time::Duration::from_secs(10)).await);
        let claimed = claim(&backend, START, 1).await.remove(0);
        assert_eq!(claimed.cause, Some(lintel_store::log::Cause { event: 7, depth: 2 }));
    }

    async fn a_job_of_a_newer_version_is_put_back(backend) {
        enqueue(&backend, vec![new(&backend, 1)]).await;
        backend.write(|tx| tx.execute(&FROM_THE_FUTURE, Vec::new())).await.unwrap();
        assert!(claim(&backend, START, 10).await.is_empty());
        let waiting = backend.jobs(tenant(1), JobState::Ready, None, 10).await.unwrap();
        assert_eq!((waiting[0].attempts, waiting[0].run_at), (0, later(60)));
    }

    async fn jobs_are_counted_and_listed_page_by_page(backend) {
        let jobs: Vec<_> = (0..5).map(|_| new(&backend, 1)).collect();
        let mut ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
        ids.sort();
        ids.reverse();
        enqueue(&backend, jobs).await;
        let first = backend.jobs(tenant(1), JobState::Ready, None, 3).await.unwrap();
        let second = backend.jobs(tenant(1), JobState::Ready, Some(first[2].id), 3).await.unwrap();
        assert_eq!([first, second].concat().iter().map(|row| row.id).collect::<Vec<_>>(), ids);
        let counts = backend.job_counts().await.unwrap();
        assert_eq!((counts.len(), counts[0].state, counts[0].count), (1, JobState::Ready, 5));
    }
}

lintel_store::sql! {
    FROM_THE_FUTURE "jobs.from_the_future" across_tenants = "UPDATE jobs SET body = '{\"kind\": \"foretell\"}'";
}

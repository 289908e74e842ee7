//! The worker: claims due jobs, runs each once at a time, and answers for it in the commit that holds its effect.

mod work;

use std::time::Duration;

use lintel_domain::{clock::SECOND, job::Job, rng::Rng, scope::Principal};
use lintel_store::{
    db::giving_way,
    job::{Claim, Claimed, Priority, backoff},
};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use work::Work;

use crate::score::Round;
use crate::{App, Error, Result, error::chain};
use work::Told;

/// How long a job is held without a heartbeat, in microseconds.
const LEASE: i64 = 20 * SECOND;
/// How often the holder says that it still works on a job.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often the holder looks whether somebody asked for the end of a job, and tells how far it is.
const LOOK: Duration = Duration::from_secs(1);

/// Starts the worker and the housekeeping.
pub(crate) fn start(app: &App, tasks: &TaskTracker, stop: &CancellationToken) {
    tasks.spawn(work(app.clone(), tasks.clone(), stop.clone(), Lane::All));
    tasks.spawn(work(app.clone(), tasks.clone(), stop.clone(), Lane::Urgent));
    tasks.spawn(keep_house(app.clone(), stop.clone()));
}

/// Which jobs a part of the worker takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lane {
    /// All of them, the urgent ones first.
    All,
    /// Urgent ones only: they do not wait until a training of minutes is over.
    Urgent,
}

/// Claims as many jobs as there is room for, again and again.
async fn work(app: App, tasks: TaskTracker, stop: CancellationToken, lane: Lane) {
    let (room, down_to) = match lane {
        Lane::All => (app.0.workers, Priority::Idle),
        Lane::Urgent => (1, Priority::Urgent),
    };
    let room = std::sync::Arc::new(Semaphore::new(room));
    let mut wake = app.0.store.job_wake();
    while !stop.is_cancelled() {
        let Some(Ok(permit)) = stop.run_until_cancelled(room.clone().acquire_owned()).await else { break };
        let now = app.clock().now();
        let claim = Claim { fence: app.0.ids.next(now), limit: 1, per_tenant: 1, now, lease_micros: LEASE, down_to };
        match app.0.store.job_claim(&claim).await {
            Ok(jobs) if jobs.is_empty() => {
                drop(permit);
                stop.run_until_cancelled(wake.wait(Duration::from_secs(2))).await;
            }
            Ok(jobs) => {
                let (app, stop) = (app.clone(), stop.clone());
                tasks.spawn(async move {
                    let _permit = permit;
                    for job in jobs {
                        hold(&app, job, &stop).await;
                    }
                });
            }
            Err(error) => {
                drop(permit);
                tracing::warn!(error = &error as &dyn std::error::Error, "jobs cannot be claimed");
                stop.run_until_cancelled(wake.wait(Duration::from_secs(2))).await;
            }
        }
    }
}

/// Runs a job while saying now and then that it is still held. When the lease is lost, when somebody asks for its end, or at
/// the stop, it is left between two of its commits.
async fn hold(app: &App, job: Claimed, stop: &CancellationToken) {
    let begun = app.clock().now();
    let (work, mut told) = (Work::default(), Told::default());
    let mut running = Box::pin(at_its_pace(app, &job, &work));
    let mut said = Instant::now();
    let outcome = loop {
        match stop.run_until_cancelled(timeout(LOOK, &mut running)).await {
            Some(Ok(outcome)) => break outcome,
            Some(Err(_)) if is_cancelled(app, &job).await => {
                // First of all it lets go of what it holds.
                drop(running);
                end_cancelled(app, &job).await;
                return;
            }
            Some(Err(_)) => {
                told.tell(app, &job, &work).await;
                if said.elapsed() >= HEARTBEAT {
                    said = Instant::now();
                    if !is_held(app, &job).await {
                        return;
                    }
                }
            }
            None => {
                // What it did so far was committed in steps that can be repeated; another attempt goes on.
                drop(running);
                if let Err(error) = release(app, &job).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, job.id = %job.id, "job waits until its lease runs out");
                }
                return;
            }
        }
    };
    drop(running);
    let millis = app.clock().now().since(begun) / 1000;
    match outcome {
        Ok(Step::GoesOn) => tracing::debug!(job.id = %job.id, job.kind = job.job.kind(), millis, "job goes on"),
        Ok(Step::Done) => tracing::info!(job.id = %job.id, job.kind = job.job.kind(), millis, "job done"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, job.id = %job.id, job.kind = job.job.kind(), attempt = job.attempt, "job failed");
            if let Err(error) = give_up(app, job.clone(), &error).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "failure of a job cannot be stored");
            }
        }
    }
}

/// Keeps a job for longer; false when another worker has it.
async fn is_held(app: &App, job: &Claimed) -> bool {
    let until = app.clock().now().plus(LEASE);
    match app.0.store.job_heartbeat(&[(job.id, job.fence)], until).await {
        Ok(held) if held.is_empty() => {
            tracing::warn!(job.id = %job.id, job.kind = job.job.kind(), "job was taken over by another worker");
            false
        }
        Ok(_) => true,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "heartbeat failed");
            true
        }
    }
}

async fn is_cancelled(app: &App, job: &Claimed) -> bool {
    app.0.store.job_cancel_asked(job).await.unwrap_or_else(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, job.id = %job.id, "whether a job is cancelled cannot be read");
        false
    })
}

/// Ends a job that was left because somebody asked for it.
async fn end_cancelled(app: &App, job: &Claimed) {
    let (stopped, now) = (job.clone(), app.clock().now());
    match app.0.store.write(move |tx| tx.job_stopped(&stopped, now)).await {
        Ok(()) => {
            tracing::info!(job.id = %job.id, job.kind = job.job.kind(), "job cancelled");
            app.upload_discard(job.tenant, &job.job).await;
        }
        // Its last commit came first, or its lease ran out.
        Err(lintel_store::Error::LeaseLost { .. }) => {}
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, job.id = %job.id, "a cancelled job ends when its lease runs out");
        }
    }
}

/// What became of a job that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It did one step of many.
    GoesOn,
    /// It came to its end.
    Done,
}

/// Does what the job says; a job that can wait gives way to everything else, and so does learning, which is long, and
/// applying events, of which there may be any number.
async fn at_its_pace(app: &App, job: &Claimed, work: &Work) -> Result<Step> {
    match (job.priority, &job.job) {
        (Priority::Low | Priority::Idle, _) | (_, Job::Train { .. } | Job::ApplyHooks) => {
            giving_way(run(app, job, work)).await
        }
        (Priority::Urgent | Priority::Normal, _) => run(app, job, work).await,
    }
}

/// Does what the job says; the last commit of it marks it done, or that it goes on.
async fn run(app: &App, job: &Claimed, work: &Work) -> Result<Step> {
    let who = Principal::system(job.tenant);
    match &job.job {
        Job::ScoreLeads { leads } => app.job_score_leads(job, leads).await?,
        Job::AnalyzeLeads { leads } => app.job_analyze_leads(job, leads).await?,
        Job::RescoreAll { after, done, of, moved_only } => {
            return app.job_rescore_all(job, Round { after: *after, done: *done, of: *of }, *moved_only).await;
        }
        Job::ReviewModel { model, market } => app.job_review_model(job, *model, market.clone(), work).await?,
        Job::Train { model, market } => {
            let request = crate::TrainRequest { kind: *model, market: market.clone() };
            let report = app.train(&who, request, work).await?;
            let result =
                serde_json::json!({ "version": report.version, "promoted": report.promoted, "reason": report.reason });
            done(app, job, Some(result)).await?;
        }
        Job::RunImport { import } => {
            app.import_resume(&who, *import).await?;
            done(app, job, None).await?;
        }
        Job::ApplyHooks => app.job_apply_hooks(job).await?,
        Job::FreezeEstimates { market, after } => return app.job_freeze_estimates(job, market, *after).await,
        Job::RunAnalysis { analysis, subject, inputs } => {
            app.job_run_analysis(job, *analysis, subject, inputs).await?;
        }
        Job::TaskDue { task, due_at } => app.job_task_due(job, *task, *due_at).await?,
    }
    Ok(Step::Done)
}

/// Marks a job done whose effect is already committed and can be repeated.
async fn done(app: &App, job: &Claimed, result: Option<serde_json::Value>) -> Result<()> {
    let (job, now) = (job.clone(), app.clock().now());
    Ok(app.0.store.write(move |tx| tx.job_done(&job, result.clone(), now)).await?)
}

async fn release(app: &App, job: &Claimed) -> Result<()> {
    let (job, now) = (job.clone(), app.clock().now());
    Ok(app.0.store.write(move |tx| tx.job_release(&job, now)).await?)
}

/// Puts a failed job back for later, or to the dead ones when trying again cannot help.
async fn give_up(app: &App, job: Claimed, error: &Error) -> Result<()> {
    let now = app.clock().now();
    let seed = job.id.0.as_u64_pair().1 ^ u64::from(job.attempt);
    let again_at = now.plus(backoff(job.attempt, &mut Rng::new(seed)));
    let (text, may_help) = (chain(error), error.may_pass());
    let written = app.0.store.write(move |tx| {
        if may_help { tx.job_failed(&job, &text, again_at, now).map(|_| ()) } else { tx.job_given_up(&job, &text, now) }
    });
    Ok(written.await?)
}

/// Once an hour removes what is no longer needed, makes room for the months ahead, and tells what daily and weekly alerts
/// have to tell.
async fn keep_house(app: App, stop: CancellationToken) {
    let mut hours = tokio::time::interval(Duration::from_hours(1));
    while stop.run_until_cancelled(hours.tick()).await.is_some() {
        if let Err(error) = tidy_up(&app).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "housekeeping failed and is tried again in an hour"
            );
        }
        if let Err(error) = app.digests_tell().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "daily and weekly alerts failed and are tried again in an hour"
            );
        }
    }
}

async fn tidy_up(app: &App) -> Result<()> {
    const WEEK: i64 = 7 * lintel_domain::clock::DAY;
    const MONTH: i64 = 30 * lintel_domain::clock::DAY;
    const MOST: u32 = 10_000;
    let now = app.clock().now();
    let store = &app.0.store;
    store.log_make_room(now).await?;
    store.tables_make_room(now).await?;
    store.write(move |tx| tx.idempotency_forget(now)).await?;
    store.write(move |tx| tx.jobs_forget(now.plus(-WEEK), MOST)).await?;
    store.write(move |tx| tx.sessions_forget(now)).await?;
    store.write(move |tx| tx.hooks_forget(now.plus(-MONTH), MOST)).await?;
    app.reviews_ensure().await
}

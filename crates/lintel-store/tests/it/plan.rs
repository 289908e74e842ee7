//! Plans: a statement examines about as many rows as it returns, on tables that are large enough to tell.
//!
//! Fill the tables, call [`settle`], then [`examines`] for each statement.

use lintel_domain::{
    event::Event,
    id::{JobId, LeadId},
    job::Job,
};
use lintel_store::{
    Error,
    db::{Params, Sql, Value},
    job::{NewJob, Priority},
    params, statements,
};
use rusqlite::{StatementStatus, params_from_iter};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::backend::{Backend, START, tenant};

/// The statement with this name.
pub(crate) fn statement(name: &str) -> &'static Sql {
    statements().find(|sql| sql.name() == name).unwrap_or_else(|| panic!("there is no statement {name}"))
}

/// Gives the planners statistics of what the tables hold now.
pub(crate) async fn settle(backend: &Backend) {
    if let Some(client) = backend.client().await {
        client.batch_execute("VACUUM ANALYZE").await.unwrap();
    }
    if let Some(file) = backend.file() {
        rusqlite::Connection::open(file).unwrap().execute_batch("ANALYZE").unwrap();
    }
}

/// Fails unless the statement, run with these parameters, returns `returned` rows and examines no more than
/// `at_most` rows to find them: on SQLite none of them by a full scan, and sorting counts as examining.
pub(crate) async fn examines(backend: &Backend, name: &str, params: Params, returned: usize, at_most: i64) {
    let sql = statement(name);
    match backend.file() {
        Some(file) => on_sqlite(file, sql, &params, returned),
        None => on_postgres(&backend.client().await.unwrap(), sql, &params, returned, at_most).await,
    }
}

fn on_sqlite(file: &str, sql: &Sql, params: &[Value], returned: usize) {
    let connection = rusqlite::Connection::open(file).unwrap();
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", sql.sqlite())).unwrap();
    let plan: Vec<String> =
        statement.query_map(params_from_iter(params), |row| row.get(3)).unwrap().map(Result::unwrap).collect();
    let mut statement = connection.prepare(sql.sqlite()).unwrap();
    let mut rows = statement.query(params_from_iter(params)).unwrap();
    let mut count = 0;
    while rows.next().unwrap().is_some() {
        count += 1;
    }
    drop(rows);
    assert_eq!(count, returned, "{}: rows", sql.name());
    let scanned = statement.get_status(StatementStatus::FullscanStep);
    let sorted = statement.get_status(StatementStatus::Sort);
    // A recursive statement reads its own queue, one row per step.
    let own = plan.iter().filter(|line| line.contains("RECURSIVE STEP")).count() * (returned + 2);
    assert!(scanned as usize <= own + 2, "{} scans {scanned} rows: {plan:#?}", sql.name());
    assert_eq!(sorted, 0, "{} sorts: {plan:#?}", sql.name());
}

async fn on_postgres(client: &tokio_postgres::Client, sql: &Sql, params: &[Value], returned: usize, at_most: i64) {
    // As the store asks: with the policies of the tenant it asks for.
    let tenant = params.iter().find_map(|value| match value {
        Value::Tenant(tenant) => Some(tenant.to_string()),
        _ => None,
    });
    let scope = tenant.unwrap_or_else(|| "all".to_owned());
    client.execute("SELECT set_config('lintel.tenant', $1, false)", &[&scope]).await.unwrap();
    let text = format!("EXPLAIN (ANALYZE, FORMAT JSON) {}", sql.postgres());
    let refs: Vec<_> = params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    let row = client.query_one(&text, &refs).await.unwrap();
    let plan: serde_json::Value = row.get(0);
    let root = &plan[0]["Plan"];
    assert_eq!(root["Actual Rows"].as_f64(), Some(returned as f64), "{}: rows", sql.name());
    let examined = leaves(root);
    assert!(examined <= at_most as f64, "{} examines {examined} rows: {plan:#}", sql.name());
}

/// Rows that the plan's leaves produced or threw away.
fn leaves(node: &serde_json::Value) -> f64 {
    let number = |key: &str| node[key].as_f64().unwrap_or(0.0);
    let below: f64 = node["Plans"].as_array().into_iter().flatten().map(leaves).sum();
    let thrown = number("Rows Removed by Filter") + number("Rows Removed by Index Recheck");
    // A result without a plan below reads no table: policies read the session's setting in one.
    let inner = node["Plans"].is_array() || node["Node Type"] == "Result";
    let own = if inner { thrown } else { number("Actual Rows") + thrown };
    below + own * number("Actual Loops").max(1.0)
}

async fn fill(backend: &Backend, tenants: u128) {
    let jobs: Vec<NewJob> = (0..6000i64)
        .map(|n| NewJob {
            priority: Priority::ALL[n as usize % 2],
            run_at: START.plus(if n % 3 == 0 { n } else { 1_000_000_000 + n }),
            ..NewJob::new(
                JobId(backend.id()),
                tenant(n as u128 % tenants),
                Job::ScoreLeads { leads: vec![LeadId(Uuid::nil())] },
                START,
            )
        })
        .collect();
    let events = move |tx: &mut lintel_store::Tx<'_>| -> Result<(), Error> {
        tx.enqueue_many(&jobs)?;
        for job in &jobs {
            tx.emit(job.tenant, START, &Event::JobDead { job: job.id, kind: "x".into() })?;
        }
        Ok(())
    };
    backend.write(events).await.unwrap();
    settle(backend).await;
}

on_each_backend! {
    async fn the_spines_statements_examine_what_they_return(backend) {
        fill(&backend, 40).await;
        let now = START.plus(100_000);
        examines(&backend, "job.due", params![0i64, now, 20i64], 20, 45).await;
        examines(&backend, "job.due_tenant", params![0i64, now, 5i64, tenant(0)], 5, 20).await;
        examines(&backend, "job.tenants", params![], 40, 200).await;
        examines(&backend, "job.expired", params![now, 10i64], 0, 2).await;
        examines(&backend, "job.list", params![tenant(1), "ready", Uuid::max(), 20i64], 20, 25).await;
        examines(&backend, "job.key_running", params![tenant(1), "k"], 0, 2).await;
        examines(&backend, "job.waiting", params![tenant(1), "k"], 0, 2).await;
        let head = backend.log_head().await.unwrap();
        let behind = params![head.txid, head.id - 100, 50i64, i64::MAX];
        examines(&backend, "event.after", behind, 50, 55).await;
        // Others' events stand on the same pages: walking past them costs less than fetching ten by an index.
        examines(&backend, "event.after_tenant", params![head.txid, head.id - 400, 10i64, i64::MAX, tenant(3)], 10, 420).await;
        examines(&backend, "log.head", params![i64::MAX], 1, 5).await;
    }

    async fn the_newest_event_is_found_at_once_where_all_are_of_one_tenant(backend) {
        fill(&backend, 1).await;
        examines(&backend, "log.head", params![i64::MAX], 1, 5).await;
    }

    async fn every_statement_has_a_plan_that_can_be_told(backend) {
        for sql in statements() {
            let plan = backend.plan(sql).await;
            assert!(plan.is_ok(), "{}: {plan:?}", sql.name());
        }
        let plan = backend.plan(statement("event.after")).await.unwrap();
        assert!(plan.contains("events") && !plan.contains('\n'), "{plan}");
    }
}

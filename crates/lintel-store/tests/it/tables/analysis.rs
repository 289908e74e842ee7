//! Analyses: kept once, found by id, by subject and kind, and by the question.

use lintel_domain::{
    analysis::{AnalysisKind, Subject},
    clock::{DAY, Time},
    id::{AnalysisId, ListingId, TenantId},
};
use lintel_store::{Result, Store, analysis::AnalysisRow, params};
use serde_json::json;
use uuid::Uuid;

use super::{market, set_up};
use crate::{
    backend::START,
    plan::{examines, settle},
};

fn row(number: u128, kind: AnalysisKind, subject: Subject, at: Time) -> AnalysisRow {
    AnalysisRow {
        id: AnalysisId(Uuid::from_u128(number)),
        at,
        kind,
        subject,
        asked: json!({}),
        fingerprint: [7; 16],
        result: json!({"n": number as u64, "half": 0.5}),
        previous: None,
        changes: json!([]),
        valid_until: at.plus(DAY),
    }
}

async fn keep(store: &Store, tenant: TenantId, rows: Vec<AnalysisRow>) {
    let write =
        store.write(move |tx| -> Result<()> { rows.iter().try_for_each(|row| tx.analysis_insert(tenant, row)) });
    write.await.unwrap();
}

on_each_backend! {
    async fn an_analysis_is_kept_once_and_found_by_what_it_is_about(backend) {
        let one = set_up(&backend, 1).await;
        let two = set_up(&backend, 2).await;
        let (home, town) = (Subject::Listing(ListingId(backend.id())), Subject::Market(market()));
        // Far apart: on PostgreSQL in parts of different months.
        let old = row(1, AnalysisKind::Supply, town.clone(), START.plus(-400 * DAY));
        let new = AnalysisRow { previous: Some(old.id), changes: json!([1]), ..row(2, AnalysisKind::Supply, town.clone(), START) };
        let other = row(3, AnalysisKind::Demand, town.clone(), START.plus(1));
        let of_home = row(4, AnalysisKind::Supply, home.clone(), START.plus(2));
        keep(&backend, one, vec![new.clone(), old.clone(), other.clone(), of_home.clone()]).await;
        keep(&backend, one, vec![AnalysisRow { result: json!({}), ..new.clone() }]).await;

        assert_eq!(backend.analysis_get(one, new.id).await.unwrap(), Some(new.clone()));
        assert_eq!(backend.analysis_get(one, old.id).await.unwrap(), Some(old.clone()));
        assert_eq!(backend.analysis_get(two, new.id).await.unwrap(), None);
        assert_eq!(backend.analysis_latest(one, &town, AnalysisKind::Supply).await.unwrap(), Some(new.clone()));
        assert_eq!(backend.analysis_latest(one, &home, AnalysisKind::Supply).await.unwrap(), Some(of_home.clone()));
        assert_eq!(backend.analysis_latest(two, &town, AnalysisKind::Supply).await.unwrap(), None);
        let supply = AnalysisKind::Supply;
        let held = backend.write(move |tx| tx.analysis_latest_held(one, &Subject::Market(market()), supply)).await;
        assert_eq!(held.unwrap(), Some(new));

        let valid = async |tenant, at| backend.analysis_valid(tenant, &[7; 16], at).await.unwrap().map(|row| row.id);
        assert_eq!(valid(one, START).await, Some(of_home.id));
        assert_eq!(valid(one, START.plus(2 + DAY)).await, None);
        assert_eq!(valid(two, START).await, None);
        assert_eq!(backend.analysis_valid(one, &[8; 16], START).await.unwrap(), None);
    }

    async fn the_latest_is_found_without_looking_at_those_before(backend) {
        let one = set_up(&backend, 1).await;
        let subjects: Vec<Subject> = (0..20).map(|_| Subject::Listing(ListingId(backend.id()))).collect();
        let rows = |subjects: &[Subject]| {
            (0..3000i64)
                .map(|n| {
                    let subject = subjects[n as usize % subjects.len()].clone();
                    let mut row = row(n as u128 + 1, AnalysisKind::ALL[n as usize % 2], subject, START.plus(n));
                    row.fingerprint = [(n % 100) as u8; 16];
                    row
                })
                .collect::<Vec<_>>()
        };
        keep(&backend, one, rows(&subjects)).await;
        settle(&backend).await;
        // One row of each part by month, at most.
        let parts = if backend.database().is_some() { 12 } else { 1 };
        let kind = AnalysisKind::ALL[0].as_str();
        examines(&backend, "analysis.latest", params![one, subjects[0].key(), kind], 1, parts).await;
        examines(&backend, "analysis.same", params![one, vec![7u8; 16]], 1, parts).await;
        examines(&backend, "analysis.by_id", params![one, Uuid::from_u128(9)], 1, parts).await;
    }
}

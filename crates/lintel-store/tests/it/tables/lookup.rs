//! Plans of what is looked up by a key or listed newest first: none of it reads past what it returns.

use lintel_domain::{
    clock::Day,
    filter::ListingFilter,
    id::{ApiKeyId, SavedSearchId, UserId},
    scope::Role,
};
use lintel_store::{Result, params, saved_search::SavedSearchRow, score::NewScore, series::SeriesUpsert};
use uuid::Uuid;

use super::{lead_of, market, set_up};
use crate::{
    backend::START,
    plan::{examines, settle},
};

on_each_backend! {
    async fn what_is_looked_up_is_found_without_looking_at_others(backend) {
        let one = set_up(&backend, 1).await;
        let lead = lead_of(&backend, one, "a").await;
        let ids: Vec<Uuid> = (0..3000).map(|_| backend.id()).collect();
        let fill = move |tx: &mut lintel_store::Tx<'_>| -> Result<()> {
            tx.user_create(one, UserId(ids[0]), "ann@example.com", None, Role::Agent, START)?;
            for (n, id) in (0i64..).zip(&ids) {
                let hash = n.to_be_bytes();
                tx.api_key_create(one, ApiKeyId(*id), &hash, "key", Role::Agent, START)?;
                tx.session_create(one, UserId(ids[0]), &hash, START, START.plus(n))?;
                let search = SavedSearchRow {
                    lead: (n % 30 == 0).then_some(lead),
                    ..SavedSearchRow::new(
                        SavedSearchId(*id),
                        "search".to_owned(),
                        market(),
                        ListingFilter::default(),
                        START,
                    )
                };
                tx.saved_search_create(one, &search)?;
            }
            let score = |n: i64| NewScore { lead, probability: 0.5, base: 0.0, model: "m".to_owned(), inputs: None, churn: None, top_reason: None, is_hot: false, at: START.plus(n) };
            tx.leads_score(one, &(0..3000).map(score).collect::<Vec<_>>())?;
            let point = |n: i32| SeriesUpsert {
                market: market(),
                metric: format!("metric {}", n % 100),
                period: Day(n / 100),
                value: 1.0,
            };
            tx.series_upsert(one, &(0..3000).map(point).collect::<Vec<_>>(), None)?;
            Ok(())
        };
        backend.write(fill).await.unwrap();
        settle(&backend).await;
        let hash = 1234i64.to_be_bytes().to_vec();
        examines(&backend, "api_key.by_hash", params![hash.clone()], 1, 2).await;
        examines(&backend, "session.by_hash", params![hash], 1, 4).await;
        examines(&backend, "saved_search.page", params![one, Uuid::max(), 20i64], 20, 25).await;
        examines(&backend, "saved_search.page_of_lead", params![one, lead, Uuid::max(), 20i64], 20, 110).await;
        examines(&backend, "series.of_metric", params![one, market(), "metric 7"], 30, 35).await;
        examines(&backend, "score.as_of", params![one, lead, START.plus(1500)], 1, 5).await;
    }
}

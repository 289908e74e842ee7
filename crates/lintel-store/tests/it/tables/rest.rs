//! Interactions, scores, saved searches, models, series and imports as they run.

use std::collections::BTreeSet;

use lintel_domain::{
    clock::{DAY, Day},
    filter::ListingFilter,
    id::{ImportId, InteractionId, LeadId, ListingId, ModelId, SavedSearchId, TenantId},
    import::{ImportCounts, ImportKind, Rejected},
    interaction::{InteractionFacts, InteractionKind},
    model::ModelKind,
    saved_search::Cadence,
    scalar::{Fields, Scalar},
};
use lintel_store::{
    Error, Result,
    import::{ImportState, NewImport},
    listing::UpsertOutcome::{Created, Unchanged, Updated},
    model::NewModel,
    params,
    saved_search::SavedSearchRow,
    score::NewScore,
    series::SeriesUpsert,
};
use uuid::Uuid;

use super::{lead_of, market, set_up};
use crate::{
    backend::{Backend, START},
    plan::{examines, settle},
};

fn did(event: &str, kind: InteractionKind, at: i64) -> InteractionFacts {
    let properties = Fields::from([("n".to_owned(), Scalar::Number(at as f64 / 3.0))]);
    let listing_id = (at % 2 == 0).then_some(ListingId(Uuid::from_u128(4)));
    InteractionFacts { event_id: event.to_owned(), kind, at: START.plus(at), listing_id, properties }
}

async fn record(
    backend: &Backend,
    tenant: TenantId,
    arriving: Vec<(LeadId, InteractionFacts)>,
) -> (Vec<InteractionId>, Vec<bool>) {
    let arriving: Vec<_> =
        arriving.into_iter().map(|(lead, facts)| (InteractionId(backend.id()), lead, facts)).collect();
    let ids = arriving.iter().map(|(id, _, _)| *id).collect();
    (ids, backend.write(move |tx| tx.interactions_insert(tenant, &arriving, None, START)).await.unwrap())
}

fn score(lead: LeadId, probability: f64, at: i64) -> NewScore {
    NewScore {
        lead,
        probability,
        base: -0.5,
        model: format!("m{at}"),
        inputs: None,
        churn: None,
        top_reason: None,
        is_hot: false,
        at: START.plus(at),
    }
}

on_each_backend! {
    async fn an_event_is_taken_once_and_only_of_a_lead_that_is_there(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let (lead, foreign) = (lead_of(&backend, one, "a").await, lead_of(&backend, two, "a").await);
        let view = |event: &str, at| did(event, InteractionKind::ListingView, at);
        let gone = LeadId(backend.id());
        let arriving = vec![
            (lead, view("e1", 5)),
            (lead, view("e1", 6)),
            (gone, view("e2", 9)),
            (foreign, view("e3", 9)),
            (lead, view("e2", 2)),
        ];
        let (ids, new) = record(&backend, one, arriving).await;
        assert_eq!(new, [true, false, false, false, true]);
        let kept = backend.interactions_of(one, lead, &[], None, 10).await.unwrap();
        assert_eq!(kept.iter().map(|kept| kept.id).collect::<Vec<_>>(), [ids[0], ids[4]]);
        assert_eq!((kept[0].lead_id, &kept[0].facts), (lead, &view("e1", 5)));
        let known = backend.lead_get(one, lead).await.unwrap().unwrap();
        assert_eq!((known.last_interaction_at, known.version), (Some(START.plus(5)), 1));
        assert_eq!(backend.lead_get(two, foreign).await.unwrap().unwrap().last_interaction_at, None);
        assert_eq!(record(&backend, two, vec![(foreign, view("e1", 1))]).await.1, [true], "ids are the tenant's own");
    }

    async fn a_timeline_is_read_newest_first_without_a_hole(backend) {
        let one = set_up(&backend, 1).await;
        let (lead, other) = (lead_of(&backend, one, "a").await, lead_of(&backend, one, "b").await);
        // Five of each moment, in two months.
        let arriving: Vec<_> = (0..60)
            .map(|n: i64| {
                let kind = InteractionKind::ALL[n as usize % 3];
                let at = (n / 5) * 3 * DAY;
                (if n % 10 == 9 { other } else { lead }, did(&format!("e{n}"), kind, at))
            })
            .collect();
        backend.tables_make_room(START).await.unwrap();
        record(&backend, one, arriving).await;
        for kinds in [&[][..], &InteractionKind::ALL[..1], &InteractionKind::ALL[1..3]] {
            let whole = backend.interactions_of(one, lead, kinds, None, 100).await.unwrap();
            let times: Vec<_> = whole.iter().map(|one| (one.facts.at, one.id.0)).collect();
            assert!(times.windows(2).all(|two| two[0] > two[1]), "{times:?}");
            assert!(kinds.is_empty() || whole.iter().all(|one| kinds.contains(&one.facts.kind)));
            let (mut paged, mut before) = (Vec::new(), None);
            loop {
                let page = backend.interactions_of(one, lead, kinds, before, 4).await.unwrap();
                let Some(last) = page.last() else { break };
                before = Some((last.facts.at, last.id.0));
                paged.extend(page);
            }
            assert_eq!(paged, whole);
        }
        assert_eq!(backend.interactions_of(one, lead, &[], None, 100).await.unwrap().len(), 54);
        let since = backend.interactions_of_leads(one, &[other, lead], START.plus(15 * DAY)).await.unwrap();
        assert_eq!(since.len(), 35);
        let leads: BTreeSet<LeadId> = since.iter().map(|did| did.lead_id).collect();
        assert_eq!(leads, BTreeSet::from([lead, other]));
        assert_eq!(backend.interactions_of_leads(one, &[], START).await.unwrap(), []);
    }

    async fn interactions_are_found_without_looking_at_others(backend) {
        let one = set_up(&backend, 1).await;
        backend.tables_make_room(START).await.unwrap();
        let mut leads = Vec::new();
        for name in 0..20 {
            leads.push(lead_of(&backend, one, &name.to_string()).await);
        }
        let arriving = (0..4000i64)
            .map(|n| (leads[n as usize % 20], did(&n.to_string(), InteractionKind::SiteVisit, n * DAY / 100)))
            .collect();
        record(&backend, one, arriving).await;
        settle(&backend).await;
        examines(&backend, "interaction.page", params![one, leads[3], i64::MAX, Uuid::max(), 20i64], 20, 40).await;
        let some = vec![leads[1].0, leads[2].0];
        examines(&backend, "interaction.of_leads", params![one, some, START.plus(39 * DAY)], 10, 40).await;
    }

    async fn a_score_is_live_and_history(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let lead = lead_of(&backend, one, "a").await;
        let keep = async |tenant, scores: Vec<NewScore>| {
            backend.write(move |tx| tx.leads_score(tenant, &scores)).await.unwrap();
        };
        keep(one, vec![score(lead, 0.25, 10), score(LeadId(backend.id()), 0.5, 10)]).await;
        keep(one, vec![score(lead, 0.75, 30)]).await;
        keep(one, vec![score(lead, 0.5, 20)]).await;
        keep(two, vec![score(lead, 1.0, 40)]).await;
        let known = backend.lead_get(one, lead).await.unwrap().unwrap();
        assert_eq!((known.score, known.scored_at), (Some(0.75), Some(START.plus(30))), "a later one stays");
        assert_eq!(known.version, 1, "a score is no change of the lead");
        let as_of = async |at: i64| backend.score_as_of(one, lead, START.plus(at)).await.unwrap();
        assert_eq!(as_of(9).await, None);
        assert_eq!(as_of(19).await, Some(score(lead, 0.25, 10)));
        assert_eq!(as_of(29).await, Some(score(lead, 0.5, 20)));
        assert_eq!(as_of(99).await, Some(score(lead, 0.75, 30)));
        assert_eq!((backend.scored_lead_count(one).await.unwrap(), backend.scored_lead_count(two).await.unwrap()), (1, 0));
    }

    async fn percentiles_are_those_of_the_sorted_scores(backend) {
        let one = set_up(&backend, 1).await;
        assert_eq!(backend.score_percentile(one, 0, 0.8).await.unwrap(), None);
        let mut scores = Vec::new();
        for n in 0..105u32 {
            // Every score twice or more, and a lead that has none.
            scores.push(score(lead_of(&backend, one, &n.to_string()).await, f64::from(n / 2) / 100.0, 0));
        }
        lead_of(&backend, one, "without").await;
        let mut sorted: Vec<f64> = scores.iter().map(|one| one.probability).collect();
        sorted.sort_by(f64::total_cmp);
        backend.write(move |tx| tx.leads_score(one, &scores)).await.unwrap();
        let count = backend.scored_lead_count(one).await.unwrap();
        assert_eq!(count, 105);
        for (q, place) in [(0.0, 0), (0.5, 53), (0.8, 84), (0.999, 104), (1.0, 104)] {
            assert_eq!(backend.score_percentile(one, count, q).await.unwrap(), Some(sorted[place]), "{q}");
        }
    }

    async fn saved_searches_are_kept_listed_and_removed(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let lead = lead_of(&backend, one, "a").await;
        let filter: ListingFilter = serde_json::from_str(
            r#"{"price":{"max":500000.5},"bedrooms":{"min":2.5},"property_types":["Condo"],"polygon":[[0,0],[1,0],[1,1]]}"#,
        )
        .unwrap();
        let rows: Vec<SavedSearchRow> = (0..9_usize)
            .map(|n| SavedSearchRow {
                lead: (n % 3 == 0).then_some(lead),
                cadence: Cadence::ALL[n % 4],
                paused: n % 2 == 0,
                seen_at: START.plus(n as i64),
                alerted_at: (n % 5 == 0).then_some(START),
                ..SavedSearchRow::new(SavedSearchId(backend.id()), format!("search {n}"), market(), filter.clone(), START)
            })
            .collect();
        let kept = rows.clone();
        let created = backend.write(move |tx| kept.iter().map(|row| tx.saved_search_create(one, row)).collect::<Result<Vec<_>>>());
        assert_eq!(created.await.unwrap(), [true; 9]);
        let first = rows[0].clone();
        assert!(!backend.write(move |tx| tx.saved_search_create(one, &first)).await.unwrap());
        assert_eq!(backend.saved_search_get(one, rows[4].id).await.unwrap().as_ref(), Some(&rows[4]));
        let mut expected: Vec<SavedSearchId> = rows.iter().map(|row| row.id).collect();
        expected.sort_unstable_by(|a, b| b.cmp(a));
        let page = backend.saved_searches(one, None, None, 4).await.unwrap();
        let rest = backend.saved_searches(one, None, Some(page[3].id), 10).await.unwrap();
        assert_eq!(page.iter().chain(&rest).map(|row| row.id).collect::<Vec<_>>(), expected);
        assert_eq!(backend.saved_searches(one, Some(lead), None, 10).await.unwrap().len(), 3);
        let id = rows[0].id;
        assert!(!backend.write(move |tx| tx.saved_search_delete(two, id)).await.unwrap());
        assert!(backend.write(move |tx| tx.saved_search_delete(one, id)).await.unwrap());
        assert_eq!(backend.saved_search_get(one, id).await.unwrap(), None);
    }

    async fn one_model_of_a_kind_and_market_is_live(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let ids = [1, 2, 3].map(|_| ModelId(backend.id()));
        let new = |n: usize, market| NewModel {
            id: ids[n],
            kind: ModelKind::Price,
            market,
            version: format!("v{n}"),
            artefact: vec![n as u8, 0, 255],
            metrics: serde_json::json!({ "median_ape": 0.081 }),
        };
        let models = [new(0, Some(market())), new(1, Some(market())), new(2, None)];
        backend.write(move |tx| models.iter().try_for_each(|m| tx.model_insert(one, m, START))).await.unwrap();
        let live = async |of| backend.model_live(one, ModelKind::Price, of).await.unwrap().map(|model| model.version);
        let here = market();
        assert_eq!(live(Some(&here)).await, None);
        for (n, id) in ids.into_iter().enumerate().take(2) {
            backend.write(move |tx| tx.model_promote(one, id, START)).await.unwrap();
            assert_eq!(live(Some(&here)).await, Some(format!("v{n}")));
        }
        let last = ids[2];
        backend.write(move |tx| tx.model_promote(one, last, START)).await.unwrap();
        assert_eq!((live(Some(&here)).await.as_deref(), live(None).await.as_deref()), (Some("v1"), Some("v2")));
        let model = backend.model_by_version(one, ModelKind::Price, Some(&here), "v0").await.unwrap().unwrap();
        assert_eq!((model.artefact.as_slice(), model.created_at), (&[0, 0, 255][..], START));
        let foreign = backend.write(move |tx| tx.model_promote(two, last, START)).await;
        assert!(matches!(foreign, Err(Error::NoRow { .. })), "{foreign:?}");
        assert_eq!(backend.model_live(two, ModelKind::Price, None).await.unwrap(), None);
        assert_eq!(live(None).await.as_deref(), Some("v2"));
    }

    async fn a_series_keeps_the_last_value_of_a_period(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let point = |metric: &str, period: i32, value: f64| SeriesUpsert {
            market: market(),
            metric: metric.to_owned(),
            period: Day(period),
            value,
        };
        let put = async |points: Vec<SeriesUpsert>| {
            backend.write(move |tx| tx.series_upsert(one, &points, None)).await.unwrap()
        };
        let first = put(vec![point("zhvi", 20_000, 0.1), point("zhvi", 19_000, 2.0), point("sales", -1, 3.0)]).await;
        assert_eq!(first, [Created, Created, Created]);
        let again = put(vec![point("zhvi", 20_000, 0.1), point("zhvi", 19_000, 2.5)]).await;
        assert_eq!(again, [Unchanged, Updated]);
        let here = market();
        assert_eq!(backend.series(one, &here, "zhvi").await.unwrap(), [(Day(19_000), 2.5), (Day(20_000), 0.1)]);
        assert_eq!(backend.series_metrics(one, &here).await.unwrap(), ["sales", "zhvi"]);
        assert_eq!(backend.series(two, &here, "zhvi").await.unwrap(), []);
    }

    async fn an_import_says_where_it_is_and_what_it_did_not_take(backend) {
        let one = set_up(&backend, 1).await;
        let new = |n: u8| NewImport {
            id: ImportId(backend.id()),
            kind: ImportKind::Leads,
            market: Some(market()),
            file_name: format!("leads {n}.csv"),
            file_hash: vec![n; 32],
            mapping: serde_json::json!({ "columns": { "name": "Name" } }),
            state: ImportState::Queued,
        };
        let imports: Vec<NewImport> = (0..7).map(new).collect();
        let created = imports.clone();
        backend.write(move |tx| created.iter().try_for_each(|new| tx.import_create(one, new, START))).await.unwrap();
        let id = imports[0].id;
        assert_eq!(backend.import_interrupted(one, &[0; 32]).await.unwrap(), None, "queued is not interrupted");
        let rejected = |from: u64, to: u64| -> Vec<Rejected> {
            (from..to)
                .map(|line| Rejected { line, column: (line % 2 == 0).then(|| "Price".to_owned()), reason: "no".to_owned() })
                .collect()
        };
        let counts = ImportCounts { rows: 10, created: 4, updated: 2, unchanged: 1, rejected: 3 };
        for batch in 0..2u64 {
            let (rejected, place) = (rejected(batch * 10, batch * 10 + 3), serde_json::json!({ "byte": batch }));
            backend.write(move |tx| tx.import_advance(one, id, &place, counts, &rejected)).await.unwrap();
        }
        let found = backend.import_interrupted(one, &[0; 32]).await.unwrap().unwrap();
        assert_eq!((found.id, found.state), (id, ImportState::Running));
        assert_eq!(found.position, Some(serde_json::json!({ "byte": 1 })));
        assert_eq!(found.counts, ImportCounts { rows: 20, created: 8, updated: 4, unchanged: 2, rejected: 6 });
        let page = backend.import_rejects(one, id, -1, 4).await.unwrap();
        let rest = backend.import_rejects(one, id, page[3].0, 4).await.unwrap();
        let rows: Vec<Rejected> = page.into_iter().chain(rest).map(|(_, row)| row).collect();
        assert_eq!(rows, [rejected(0, 3), rejected(10, 13)].concat());

        let ended = backend.write(move |tx| tx.import_finish(one, id, ImportState::Done, None, START.plus(9))).await;
        let ended = ended.unwrap();
        assert_eq!((ended.state, ended.finished_at), (ImportState::Done, Some(START.plus(9))));
        let late = backend.write(move |tx| tx.import_advance(one, id, &serde_json::json!(0), counts, &[])).await;
        assert!(matches!(late, Err(Error::NoRow { .. })), "an import that has ended takes no more");
        assert_eq!(backend.import_get(one, id).await.unwrap(), Some(ended));
        let mut expected: Vec<ImportId> = imports.iter().map(|new| new.id).collect();
        expected.sort_unstable_by(|a, b| b.cmp(a));
        let page = backend.imports(one, None, 3).await.unwrap();
        let rest = backend.imports(one, Some(page[2].id), 9).await.unwrap();
        assert_eq!(page.iter().chain(&rest).map(|row| row.id).collect::<Vec<_>>(), expected);
    }
}

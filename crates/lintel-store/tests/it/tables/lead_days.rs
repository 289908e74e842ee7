//! Daily figures: the sums that are kept are those of counting everybody anew, whatever happened in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use lintel_domain::{
    clock::{DAY, Day, Time},
    id::{InteractionId, LeadId, TenantId, UserId},
    interaction::{InteractionFacts, InteractionKind},
    lead::{LeadFacts, Outcome},
    lead_days::{Cell, Counted, FiguresBy, Measure},
    listing::Provenance,
    month::Month,
    rng::Rng,
    scalar::Fields,
};
use lintel_store::{Result, lead_days::FiguresFilter, score::NewScore};
use uuid::Uuid;

use super::set_up;
use crate::backend::{Backend, START};

/// Sums over all leads that are there.
async fn counted_anew(backend: &Backend, tenant: TenantId) -> BTreeMap<Cell, i64> {
    let ids = backend.lead_ids_after(tenant, None, 500).await.unwrap();
    let mut sums = BTreeMap::new();
    backend.leads_by_ids(tenant, &ids).await.unwrap().iter().for_each(|lead| Counted::of(lead).add_to(&mut sums, 1));
    sums
}

fn facts(rng: &mut Rng) -> LeadFacts {
    let mut facts = LeadFacts::new(Provenance::Api);
    facts.source = rng.pick(&["portal", "referral"]).filter(|_| rng.below(3) > 0).map(|word| (*word).to_owned());
    facts.market = (rng.below(2) > 0).then(super::market);
    facts.assignee = (rng.below(3) > 0).then(|| UserId(Uuid::from_u128(rng.below(2).into())));
    facts.created_at = Some(START.plus(rng.below(3) as i64 * DAY));
    facts.outcome = rng.pick(&[None, None, Some(Outcome::Won), Some(Outcome::Lost)]).copied().flatten();
    facts.outcome_at = facts.outcome.map(|_| START.plus(rng.below(9) as i64 * DAY));
    facts
}

/// Something happens with a lead; none when there is nobody left to whom it could.
async fn happen(backend: &Backend, tenant: TenantId, leads: &mut Vec<LeadId>, rng: &mut Rng) -> Option<LeadId> {
    let at = START.plus(rng.below(10_000) as i64 * 60_000_000);
    if leads.len() < 3 || rng.below(5) == 0 {
        let (id, facts) = (LeadId(backend.id()), facts(rng));
        backend.write(move |tx| tx.lead_insert(tenant, id, &facts, at)).await.unwrap();
        leads.push(id);
        return Some(id);
    }
    let place = rng.below(leads.len() as u64) as usize;
    let lead = leads[place];
    match rng.below(8) {
        0 => {
            leads.swap_remove(place);
            assert_eq!(backend.write(move |tx| tx.lead_erase(tenant, lead, at)).await.unwrap(), [lead]);
        }
        1 | 2 => {
            let facts = facts(rng);
            backend.write(move |tx| tx.lead_update(tenant, lead, &facts, at)).await.unwrap();
        }
        3 | 4 => {
            let (model, is_hot) = ("1".to_owned(), rng.below(2) > 0);
            let score = NewScore {
                lead,
                probability: 0.5,
                base: 0.0,
                model,
                inputs: None,
                churn: None,
                top_reason: None,
                is_hot,
                at,
            };
            backend.write(move |tx| tx.leads_score(tenant, std::slice::from_ref(&score))).await.unwrap();
        }
        _ => {
            let id = InteractionId(backend.id());
            let kind = InteractionKind::ALL[rng.below(InteractionKind::ALL.len() as u64) as usize];
            let (event_id, properties) = (id.to_string(), Fields::new());
            let facts = InteractionFacts { event_id, kind, at, listing_id: None, properties };
            backend
                .write(move |tx| tx.interactions_insert(tenant, &[(id, lead, facts.clone())], None, at))
                .await
                .unwrap();
        }
    }
    Some(lead)
}

on_each_backend! {
    async fn sums_that_are_kept_are_those_of_counting_anew(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let mut leads = Vec::new();
        happen(&backend, two, &mut leads, &mut Rng::new(9)).await;
        let (mut rng, mut leads, mut told) = (Rng::new(4), Vec::new(), BTreeSet::new());
        for _ in 0..40 {
            for _ in 0..rng.below(8) {
                told.extend(happen(&backend, one, &mut leads, &mut rng).await);
            }
            // The follower hears of some of it, perhaps twice, and of those that are gone by now.
            let heard = told.clone();
            let all = (Day(0), Day(100_000));
            let counted = async || {
                let sums = backend.lead_days(one).await.unwrap();
                (sums, backend.lead_months_changed(one, all).await.unwrap())
            };
            let (sums, changed) = counted().await;
            backend.write(move |tx| tx.lead_days_count(one, &heard)).await.unwrap();
            let (sums_now, changed_now) = counted().await;
            assert_eq!(sums_now, counted_anew(&backend, one).await);
            let of_month = |sums: &BTreeMap<Cell, i64>, month: Day| -> BTreeMap<Cell, i64> {
                sums.iter().filter(|(cell, _)| Month::first_of(cell.day) == month).map(|(cell, n)| (cell.clone(), *n)).collect()
            };
            for (month, times) in &changed_now {
                let is_other = of_month(&sums, *month) != of_month(&sums_now, *month);
                assert_eq!(changed.get(month) != Some(times), is_other, "whoever keeps sums of {month} knows");
            }
            assert!(sums_now.keys().all(|cell| changed_now.contains_key(&Month::first_of(cell.day))));
            if rng.below(2) > 0 {
                told.clear();
            }
        }
        assert!(backend.lead_days(one).await.unwrap().len() > 20);
        assert_eq!(backend.lead_days(two).await.unwrap(), BTreeMap::new(), "nobody of another tenant was counted");
        assert!(backend.lead_months_changed(two, (Day(0), Day(100_000))).await.unwrap().is_empty());
    }

    async fn figures_are_told_apart_and_filtered(backend) {
        let one = set_up(&backend, 1).await;
        let ann = UserId(backend.id());
        let person = |source: &str, day: i64, assignee| {
            let mut facts = LeadFacts::new(Provenance::Api);
            facts.source = Some(source.to_owned());
            facts.assignee = assignee;
            facts.created_at = Some(Time(day * DAY));
            (LeadId(backend.id()), facts)
        };
        let people = [person("portal", 3, None), person("portal", 4, Some(ann)), person("referral", 4, Some(ann)), person("portal", 9, None)];
        let ids: BTreeSet<LeadId> = people.iter().map(|(id, _)| *id).collect();
        let write = backend.write(move |tx| -> Result<()> {
            for (id, facts) in &people {
                tx.lead_insert(one, *id, facts, START)?;
            }
            tx.lead_days_count(one, &ids)
        });
        write.await.unwrap();
        let days = FiguresFilter { from: Day(3), to: Day(4), ..FiguresFilter::default() };
        let new = |key: &str, count| (key.to_owned(), Measure::New, count);
        let figures = async |filter: &FiguresFilter, by| backend.lead_figures(one, filter, by).await.unwrap();
        assert_eq!(figures(&days, FiguresBy::Day).await, [new("1970-01-04", 1), new("1970-01-05", 2)]);
        assert_eq!(figures(&days, FiguresBy::Source).await, [new("portal", 2), new("referral", 1)]);
        assert_eq!(figures(&days, FiguresBy::Market).await, [new("", 3)]);
        let hers = FiguresFilter { agent: Some(ann), source: Some("portal".to_owned()), ..days };
        assert_eq!(figures(&hers, FiguresBy::Agent).await, [new(&ann.to_string(), 1)]);
    }
}

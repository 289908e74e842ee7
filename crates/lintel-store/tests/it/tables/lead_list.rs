//! Smart lists of leads: pages put together are the list, whatever its filter and order, and a page costs what it shows.

use lintel_domain::{
    clock::Time,
    id::{InteractionId, LeadId, TenantId, UserId},
    interaction::{InteractionFacts, InteractionKind},
    lead::{Lead, LeadFacts, Outcome},
    lead_list::{LeadFilter, LeadSort},
    listing::Provenance,
    market::MarketSlug,
    rng::Rng,
    scalar::Fields,
};
use lintel_store::{Result, db::Params, params, score::NewScore};
use uuid::Uuid;

use super::{market, set_up};
use crate::{
    backend::{Backend, START},
    plan::{examines, settle},
};

const SORTS: [&str; 8] =
    ["score", "-score", "last_interaction_at", "-last_interaction_at", "created_at", "-created_at", "name", "-name"];

fn agent(number: u64) -> UserId {
    UserId(Uuid::from_u128(number.into()))
}

/// `count` leads of few different values, so that many are equal and many are unknown.
async fn fill(backend: &Backend, tenant: TenantId, count: u64) {
    let mut rng = Rng::new(count);
    let leads: Vec<(LeadId, LeadFacts, Option<f64>, Option<Time>)> = (0..count)
        .map(|n| {
            let mut facts = LeadFacts::new(Provenance::Api);
            let mut one_of =
                |words: &[&str]| rng.pick(words).copied().filter(|word| !word.is_empty()).map(str::to_owned);
            facts.name = one_of(&["", "Zoë", "zoe", "ANNA", "anna b", "\u{10FFFF}x", "Émile"]);
            facts.stage = one_of(&["", "new", "called"]);
            facts.source = one_of(&["", "portal", "referral"]);
            facts.market = one_of(&["", "north-side", "south"]).map(|slug| slug.parse().unwrap());
            facts.email = one_of(&["", "Person@Example.org", "100%_sure@example.org"]);
            facts.tags = one_of(&["", "vip", "x\"y"]).into_iter().collect();
            facts.outcome = one_of(&["", "", "won", "lost"]).and_then(|word| Outcome::parse(&word));
            facts.external_id = Some(format!("person-{n}"));
            facts.assignee = (rng.below(3) > 0).then(|| agent(rng.below(2)));
            facts.created_at = (rng.below(2) > 0).then(|| START.plus(-(rng.below(4) as i64)));
            let score = (rng.below(3) > 0).then(|| rng.below(5) as f64 / 5.0);
            let last = (rng.below(3) > 0).then(|| START.plus(rng.below(4) as i64));
            (LeadId(backend.id()), facts, score, last)
        })
        .collect();
    let write = backend.write(move |tx| -> Result<()> {
        for (id, facts, score, last) in &leads {
            tx.lead_insert(tenant, *id, facts, START)?;
            if let Some(probability) = *score {
                let model = "1".to_owned();
                tx.leads_score(
                    tenant,
                    &[NewScore {
                        lead: *id,
                        probability,
                        base: 0.0,
                        model,
                        inputs: None,
                        churn: None,
                        top_reason: None,
                        is_hot: false,
                        at: START,
                    }],
                )?;
            }
            if let Some(at) = *last {
                let event_id = format!("{id}");
                let kind = InteractionKind::SiteVisit;
                let facts = InteractionFacts { event_id, kind, at, listing_id: None, properties: Fields::new() };
                tx.interactions_insert(tenant, &[(InteractionId(id.0), *id, facts)], None, START)?;
            }
        }
        Ok(())
    });
    write.await.unwrap();
}

async fn list(backend: &Backend, tenant: TenantId, filter: &LeadFilter, sort: LeadSort, limit: u32) -> Vec<Lead> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = backend.leads_page(tenant, filter, None, sort, after, limit).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

fn filters() -> Vec<LeadFilter> {
    let none = LeadFilter::default();
    let text = |text: &str| Some(text.to_owned());
    vec![
        none.clone(),
        LeadFilter { market: Some(market()), ..none.clone() },
        LeadFilter { assignee: Some(agent(1)), ..none.clone() },
        LeadFilter { market: Some(market()), assignee: Some(agent(0)), stage: text("new"), ..none.clone() },
        LeadFilter { source: text("portal"), tag: text("x\"y"), ..none.clone() },
        LeadFilter { outcome: Some(Outcome::Won), ..none.clone() },
        LeadFilter { score_from: Some(0.4), ..none.clone() },
        LeadFilter { score_from: Some(0.2), score_below: Some(0.6), market: Some(market()), ..none.clone() },
        LeadFilter { q: text("ZO"), ..none.clone() },
        LeadFilter { q: text("100%_SURE"), ..none.clone() },
        LeadFilter { q: text("person-1"), stage: text("called"), ..none.clone() },
        LeadFilter { stage: text("nowhere"), ..none },
    ]
}

fn passes(lead: &Lead, filter: &LeadFilter) -> bool {
    let facts = &lead.facts;
    let known = [&facts.name, &facts.email, &facts.phone, &facts.external_id];
    let found = |q: &String| {
        known.iter().any(|text| text.as_ref().is_some_and(|t| t.to_lowercase().contains(&q.to_lowercase())))
    };
    filter.market.as_ref().is_none_or(|market: &MarketSlug| facts.market.as_ref() == Some(market))
        && filter.assignee.is_none_or(|agent| facts.assignee == Some(agent))
        && filter.stage.as_ref().is_none_or(|stage| facts.stage.as_ref() == Some(stage))
        && filter.source.as_ref().is_none_or(|source| facts.source.as_ref() == Some(source))
        && filter.outcome.is_none_or(|outcome| facts.outcome == Some(outcome))
        && filter.tag.as_ref().is_none_or(|tag| facts.tags.contains(tag))
        && filter.score_from.is_none_or(|from| lead.score.is_some_and(|score| score >= from))
        && filter.score_below.is_none_or(|below| lead.score.is_some_and(|score| score < below))
        && filter.q.as_ref().is_none_or(found)
}

/// What a lead is ordered by, as text that orders alike; none when it has no value.
fn value(lead: &Lead, word: &str) -> Option<String> {
    match word.trim_start_matches('-') {
        "score" => lead.score.map(|score| format!("{score:.3}")),
        "last_interaction_at" => lead.last_interaction_at.map(|at| format!("{:020}", at.0)),
        "created_at" => Some(format!("{:020}", lead.created_at.0)),
        _ => lead.facts.name.as_ref().map(|name| name.to_lowercase()),
    }
}

on_each_backend! {
    async fn pages_put_together_are_the_list_in_its_order(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        fill(&backend, one, 83).await;
        fill(&backend, two, 10).await;
        let ids = backend.lead_ids_after(one, None, 200).await.unwrap();
        let all = backend.leads_by_ids(one, &ids).await.unwrap();
        assert_eq!(all.len(), 83);
        for filter in filters() {
            for word in SORTS {
                let sort = LeadSort::parse(word).unwrap();
                let mut expected: Vec<&Lead> = all.iter().filter(|lead| passes(lead, &filter)).collect();
                expected.sort_by(|a, b| {
                    let (va, vb) = (value(a, word), value(b, word));
                    let nulls_last = va.is_none().cmp(&vb.is_none());
                    let order = (va, a.id).cmp(&(vb, b.id));
                    nulls_last.then(if word.starts_with('-') { order.reverse() } else { order })
                });
                let expected: Vec<LeadId> = expected.into_iter().map(|lead| lead.id).collect();
                for limit in [1, 7, 100] {
                    let listed = list(&backend, one, &filter, sort, limit).await;
                    let listed: Vec<LeadId> = listed.into_iter().map(|lead| lead.id).collect();
                    assert_eq!(listed, expected, "{word}, {limit} at once, {filter:?}");
                }
            }
        }
    }

    async fn a_lead_that_is_put_off_is_left_out_until_then_or_until_it_asks(backend) {
        let one = set_up(&backend, 1).await;
        fill(&backend, one, 3).await;
        let id = backend.lead_ids_after(one, None, 1).await.unwrap()[0];
        let before = backend.lead_get(one, id).await.unwrap().unwrap();
        let until = START.plus(10);
        backend.write(move |tx| tx.lead_snooze(one, id, Some(until), true, START)).await.unwrap();
        let put_off = backend.lead_get(one, id).await.unwrap().unwrap();
        assert_eq!((put_off.snoozed_until, put_off.version), (Some(until), before.version + 1));
        let (filter, sort) = (LeadFilter::default(), LeadSort::parse("-created_at").unwrap());
        for (awake_at, listed) in [(None, 3), (Some(START), 2), (Some(until), 3)] {
            let page = backend.leads_page(one, &filter, awake_at, sort, None, 9).await.unwrap();
            assert_eq!(page.items.len(), listed, "{awake_at:?}");
        }
        for (kind, snoozed_until) in [(InteractionKind::ListingView, Some(until)), (InteractionKind::MessageIn, None)] {
            let event_id = kind.as_str().to_owned();
            let facts = InteractionFacts { event_id, kind, at: START, listing_id: None, properties: Fields::new() };
            let arriving = [(InteractionId(backend.id()), id, facts)];
            backend.write(move |tx| tx.interactions_insert(one, &arriving, None, START)).await.unwrap();
            assert_eq!(backend.lead_get(one, id).await.unwrap().unwrap().snoozed_until, snoozed_until, "{kind:?}");
        }
    }

    async fn a_page_of_leads_examines_what_it_shows(backend) {
        let one = set_up(&backend, 1).await;
        fill(&backend, one, 3000).await;
        settle(&backend).await;
        let of = |market: Option<&str>, assignee: Option<UserId>| -> Params {
            let none = None::<String>;
            params![one, market, assignee, none.clone(), none.clone(), none.clone(), none.clone(), none, None::<f64>, None::<f64>, Some(START), 50i64]
        };
        let from = |mut params: Params, value: lintel_store::db::Value, id: Uuid| {
            params.extend([value, id.into()]);
            params
        };
        let (low, high) = (Uuid::nil(), Uuid::max());
        let text = || "\u{10FFFF}\u{10FFFF}".to_owned();
        for (name, params) in [
            ("lead.by_score_desc", from(of(None, None), 2.0.into(), high)),
            ("lead.by_score_desc", from(of(None, None), 0.6.into(), high)),
            ("lead.by_score", from(of(None, None), (-1.0).into(), low)),
            ("lead.by_market_score_desc", from(of(Some("south"), None), 2.0.into(), high)),
            ("lead.by_assignee_score_desc", from(of(None, Some(agent(1))), 2.0.into(), high)),
            ("lead.by_last_desc", from(of(None, None), i64::MAX.into(), high)),
            ("lead.by_market_last_desc", from(of(Some("south"), None), i64::MAX.into(), high)),
            ("lead.by_assignee_last", from(of(None, Some(agent(0))), i64::MIN.into(), low)),
            ("lead.by_created_desc", from(of(None, None), i64::MAX.into(), high)),
            ("lead.by_name", from(of(None, None), String::new().into(), low)),
            ("lead.by_name_desc", from(of(None, None), text().into(), high)),
        ] {
            examines(&backend, name, params, 50, 60).await;
        }
        for (name, id) in [("lead.by_score_none", low), ("lead.by_score_desc_none", high), ("lead.by_name_none", low)] {
            let mut params = of(None, None);
            params.push(id.into());
            examines(&backend, name, params, 50, 60).await;
        }
        let mut params = of(Some("south"), None);
        params.push(high.into());
        examines(&backend, "lead.by_market_last_desc_none", params, 50, 60).await;
        examines(&backend, "lead.with_outcome", params![one, high, 50i64], 50, 60).await;
        examines(&backend, "lead.newest", params![one, high, 50i64], 50, 60).await;
        examines(&backend, "lead.ids_after", params![one, low, 50i64], 50, 60).await;
        examines(&backend, "lead.standings_after", params![one, low, 50i64], 50, 60).await;
    }
}

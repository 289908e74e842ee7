//! The roster counts and lists as looking at each lead by itself does, whatever came before.

use lintel_domain::{
    clock::{DAY, Time},
    desk::{Dealings, Situation},
    id::{LeadId, UserId},
    lead::{Outcome, Tier},
    lead_list::{LeadCounts, LeadFilter, LeadSort, Snoozed, Standing},
    page::KeyValue,
    rng::Rng,
};
use lintel_search::{Ask, Bounds, Needle, Roster};
use uuid::Uuid;

const NOW: Time = Time(100 * DAY);
const BOUNDS: Bounds = Bounds { hot: 0.7, warm: 0.4 };

fn standing(rng: &mut Rng, id: u64) -> Standing {
    let mut word = |words: &[&str]| rng.pick(words).copied().filter(|word| !word.is_empty()).map(str::to_owned);
    let name = word(&["", "Zoë", "anna", "anna b", "Émile"]);
    let (market, stage, source) = (word(&["", "north", "south"]), word(&["", "new"]), word(&["", "portal", "new"]));
    let outcome = word(&["", "", "won", "lost"]).and_then(|word| Outcome::parse(&word));
    let tags = word(&["", "vip", "north"]).into_iter().collect();
    let mut time = |within: u64| (rng.below(3) > 0).then(|| Time(rng.below(within) as i64 * DAY));
    let dealings =
        Dealings { acted_at: time(100), contacted_at: time(100), waiting_since: time(9), returned_at: time(100) };
    let (last_interaction_at, task_due_at, snoozed_until) = (time(3), time(200), time(200));
    Standing {
        id: LeadId(Uuid::from_u128(id.into())),
        market: market.map(|slug| slug.parse().unwrap()),
        assignee: (rng.below(3) > 0).then(|| UserId(Uuid::from_u128(rng.below(2).into()))),
        stage,
        source,
        tags,
        words: format!("{}\nperson-{id}@example.org", name.clone().unwrap_or_default().to_lowercase()),
        name_key: name.map(|name| name.to_lowercase()),
        phone: Some(format!("+1 206 555-{:04}", 1000 + id)),
        score: (rng.below(4) > 0).then(|| rng.below(10) as f64 / 10.0),
        last_interaction_at,
        situation: Situation { outcome, created_at: Time(rng.below(4) as i64), dealings, task_due_at },
        snoozed_until,
    }
}

fn tier(lead: &Standing) -> Option<Tier> {
    let tier = |score: f64| match score {
        score if score >= 0.7 => Tier::Hot,
        score if score >= 0.4 => Tier::Warm,
        _ => Tier::Cool,
    };
    lead.score.map(tier)
}

fn waits(lead: &Standing) -> bool {
    lead.situation.waits(tier(lead), NOW)
}

fn passes(lead: &Standing, filter: &LeadFilter) -> bool {
    filter.market.as_ref().is_none_or(|market| lead.market.as_ref() == Some(market))
        && filter.assignee.is_none_or(|agent| lead.assignee == Some(agent))
        && filter.stage.as_ref().is_none_or(|stage| lead.stage.as_ref() == Some(stage))
        && filter.source.as_ref().is_none_or(|source| lead.source.as_ref() == Some(source))
        && filter.outcome.is_none_or(|outcome| lead.situation.outcome == Some(outcome))
        && filter.tag.as_ref().is_none_or(|tag| lead.tags.contains(tag))
        && filter.score_from.is_none_or(|from| lead.score.is_some_and(|score| score >= from))
        && filter.score_below.is_none_or(|below| lead.score.is_some_and(|score| score < below))
        && filter.q.as_ref().is_none_or(|q| lead.words.contains(&q.to_lowercase()))
}

fn filters() -> Vec<LeadFilter> {
    let none = LeadFilter::default();
    let text = |text: &str| Some(text.to_owned());
    vec![
        none.clone(),
        LeadFilter { market: Some("north".parse().unwrap()), ..none.clone() },
        LeadFilter { market: Some("nowhere".parse().unwrap()), ..none.clone() },
        LeadFilter { assignee: Some(UserId(Uuid::from_u128(1))), stage: text("new"), ..none.clone() },
        LeadFilter { source: text("new"), ..none.clone() },
        LeadFilter { outcome: Some(Outcome::Won), ..none.clone() },
        LeadFilter { tag: text("north"), ..none.clone() },
        LeadFilter { score_from: Some(0.2), score_below: Some(0.7), ..none.clone() },
        LeadFilter { q: text("ZOË"), ..none.clone() },
        LeadFilter { q: text("person-1"), ..none },
    ]
}

/// What a lead is ordered by, as text that orders alike; none when it has no value.
fn value(lead: &Standing, word: &str) -> Option<String> {
    match word.trim_start_matches('-') {
        "score" => lead.score.map(|score| format!("{score:.3}")),
        "last_interaction_at" => lead.last_interaction_at.map(|at| format!("{:020}", at.0)),
        "created_at" => Some(format!("{:020}", lead.situation.created_at.0)),
        _ => lead.name_key.clone(),
    }
}

/// A roster that leads came into, changed in and left, and those that are left.
fn filled() -> (Roster, Vec<Standing>) {
    let (mut rng, mut roster) = (Rng::new(7), Roster::new());
    let mut known: std::collections::BTreeMap<u64, Standing> = std::collections::BTreeMap::new();
    for turn in 0..400_u64 {
        let id = rng.below(120);
        if turn % 5 == 4 {
            known.remove(&id);
            roster.remove(LeadId(Uuid::from_u128(id.into())));
        } else {
            let lead = standing(&mut rng, id);
            roster.put(&lead);
            known.insert(id, lead);
        }
    }
    (roster, known.into_values().collect())
}

#[test]
fn counts_are_those_of_each_lead_by_itself() {
    let (roster, leads) = filled();
    assert_eq!(roster.len(), leads.len());
    for filter in filters() {
        let mut expected = LeadCounts::default();
        for lead in leads.iter().filter(|lead| passes(lead, &filter)) {
            if lead.snoozed_until.is_some_and(|until| until > NOW) {
                expected.snoozed += 1;
                continue;
            }
            match tier(lead) {
                Some(Tier::Hot) => expected.hot += 1,
                Some(Tier::Warm) => expected.warm += 1,
                Some(Tier::Cool) => expected.cool += 1,
                None => expected.unscored += 1,
            }
            expected.follow_up += u64::from(waits(lead));
            expected.total += 1;
        }
        let ask = Ask { filter: &filter, follow_up: false, snoozed: Snoozed::Hide, bounds: BOUNDS, now: NOW };
        assert_eq!(roster.counts(ask), expected, "{filter:?}");
    }
}

#[test]
fn pages_put_together_are_the_list_in_its_order() {
    let (roster, leads) = filled();
    for filter in filters() {
        for (follow_up, snoozed) in
            [(false, Snoozed::Include), (true, Snoozed::Hide), (false, Snoozed::Hide), (false, Snoozed::Only)]
        {
            for word in [
                "score",
                "-score",
                "last_interaction_at",
                "-last_interaction_at",
                "created_at",
                "-created_at",
                "name",
                "-name",
            ] {
                let wanted = |lead: &&Standing| {
                    passes(lead, &filter) && (!follow_up || waits(lead)) && snoozed.means(lead.snoozed_until, NOW)
                };
                let mut expected: Vec<&Standing> = leads.iter().filter(wanted).collect();
                expected.sort_by(|a, b| {
                    let (va, vb) = (value(a, word), value(b, word));
                    let nulls_last = va.is_none().cmp(&vb.is_none());
                    let order = (va, a.id).cmp(&(vb, b.id));
                    nulls_last.then(if word.starts_with('-') { order.reverse() } else { order })
                });
                let expected: Vec<LeadId> = expected.into_iter().map(|lead| lead.id).collect();
                let ask = Ask { filter: &filter, follow_up, snoozed, bounds: BOUNDS, now: NOW };
                for limit in [1, 7, 200] {
                    let (mut listed, mut after) = (Vec::new(), None);
                    loop {
                        let page = roster.page(ask, LeadSort::parse(word).unwrap(), after.as_ref(), limit);
                        listed.extend(page.items);
                        after = page.next;
                        if after.is_none() {
                            break;
                        }
                    }
                    assert_eq!(listed, expected, "{word}, {limit} at once, {filter:?}");
                }
            }
        }
    }
}

#[test]
fn a_place_without_a_value_is_behind_all_that_have_one() {
    let (roster, _) = filled();
    let filter = LeadFilter::default();
    let ask = Ask { filter: &filter, follow_up: false, snoozed: Snoozed::Hide, bounds: BOUNDS, now: NOW };
    let sort = LeadSort::parse("-score").unwrap();
    let after = lintel_domain::page::Key { value: KeyValue::Null, id: Uuid::max() };
    let page = roster.page(ask, sort, Some(&after), 500);
    assert_eq!(page.items.len() as u64, roster.counts(ask).unscored);
}

#[test]
fn leads_are_found_by_name_with_a_typo_by_number_and_by_anything_they_are_known_by() {
    let mut roster = Roster::new();
    let people = [("Maria Johnson", 1), ("Mario Jansen", 2), ("Émile Johnston", 3)];
    for (name, id) in people {
        let mut lead = standing(&mut Rng::new(id), id);
        lead.name_key = Some(name.to_lowercase());
        lead.words = format!("{}\nperson-{id}@example.org", name.to_lowercase());
        lead.score = Some(id as f64 / 10.0);
        roster.put(&lead);
    }
    let find = |typed: &str| -> Vec<u128> {
        roster.find(&Needle::new(typed).unwrap(), 2).into_iter().map(|id| id.0.as_u128()).collect()
    };
    assert_eq!(find("johnson"), [1, 3], "whole before a typo");
    assert_eq!(find("jonson maria"), [1]);
    assert_eq!(find("emile"), [3]);
    assert_eq!(find("mari"), [2, 1], "of two alike the greater score first");
    assert_eq!(find("555-1002"), [2]);
    assert_eq!(find("PERSON-3@example"), [3]);
    assert_eq!(find("nobody"), [0_u128; 0]);
}

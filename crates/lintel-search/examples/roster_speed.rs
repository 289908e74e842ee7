//! What the roster costs with 100,000 leads: memory, counts, pages and finding, one thread.
//!
//! `cargo run --release -p lintel-search --example roster_speed [LEADS]`
#![expect(clippy::print_stdout, reason = "figures go to the terminal")]

use std::time::{Duration, Instant};

use lintel_domain::{
    clock::{DAY, Time},
    desk::{Dealings, Situation},
    id::{LeadId, UserId},
    lead::Outcome,
    lead_list::{LeadFilter, LeadSort, Snoozed, Standing},
    rng::Rng,
};
use lintel_search::{Ask, Bounds, Needle, Roster};
use uuid::Uuid;

const NOW: Time = Time(20_000 * DAY);
const TIMES: usize = 200;

fn main() {
    let leads = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let mut rng = Rng::new(1);
    let people: Vec<Standing> = (0..leads).map(|n| person(&mut rng, n)).collect();
    let begun = Instant::now();
    let mut roster = Roster::new();
    for one in &people {
        roster.put(one);
    }
    println!("{leads} leads taken in: {:.0?}, {} MB", begun.elapsed(), roster.memory_bytes() / 1_000_000);

    let text = |text: &str| Some(text.to_owned());
    let none = LeadFilter::default();
    let filters = [
        ("no filter", none.clone()),
        ("a market", LeadFilter { market: "king-county".parse().ok(), ..none.clone() }),
        ("an agent", LeadFilter { assignee: Some(UserId(Uuid::from_u128(3))), ..none.clone() }),
        ("a label of few", LeadFilter { tag: text("rare"), ..none.clone() }),
        ("a name of many", LeadFilter { q: text("ann"), ..none.clone() }),
        ("a name of nobody", LeadFilter { q: text("nobody"), ..none }),
    ];
    for (what, filter) in &filters {
        let bounds = Bounds { hot: 0.8, warm: 0.5 };
        let ask = Ask { filter, follow_up: false, snoozed: Snoozed::Hide, bounds, now: NOW };
        say(&format!("counts: {what}"), || roster.counts(ask).total);
        for sort in ["-score", "name"].into_iter().filter_map(LeadSort::parse) {
            let waiting = Ask { follow_up: true, ..ask };
            say(&format!("those that wait, {sort:?}: {what}"), || {
                roster.page(waiting, sort, None, 100).items.len() as u64
            });
        }
    }
    for typed in ["ann", "jonson", "ann jonson", "katherin", "p77777@", "206 000 4711", "nobody at all"] {
        if let Some(needle) = Needle::new(typed) {
            say(&format!("finding {typed:?}"), || roster.find(&needle, 5).len() as u64);
        }
    }
}

fn person(rng: &mut Rng, n: u64) -> Standing {
    let first = rng.pick(&["Ann", "Bob", "Cleo", "Dan", "Katherine", "Maria", "Émile"]).copied().unwrap_or_default();
    let last = rng.pick(&["Johnson", "Smith", "Garcia", "Nguyen", "Okafor", "Ivanova"]).copied().unwrap_or_default();
    let name = format!("{first} {last} {:x}", n * 7919 % 65_536).to_lowercase();
    let (phone, mut time) =
        (format!("+1 206 {n:07}"), || (rng.below(2) > 0).then(|| Time((19_900 + rng.below(100) as i64) * DAY)));
    let dealings = Dealings { acted_at: time(), contacted_at: time(), waiting_since: time(), returned_at: time() };
    let (last_interaction_at, task_due_at) = (time(), time());
    Standing {
        id: LeadId(Uuid::from_u128(n.into())),
        market: rng.pick(&["king-county", "austin", "miami"]).and_then(|slug| slug.parse().ok()),
        assignee: Some(UserId(Uuid::from_u128(rng.below(20).into()))),
        stage: Some("new".to_owned()),
        source: Some("portal".to_owned()),
        tags: if n.is_multiple_of(3000) {
            vec!["buyer".to_owned(), "rare".to_owned()]
        } else {
            vec!["buyer".to_owned()]
        },
        words: format!("{name}\np{n}@example.com\n{phone}\ncrm-{n}"),
        name_key: Some(name),
        phone: Some(phone),
        score: Some(rng.unit()),
        last_interaction_at,
        situation: Situation {
            outcome: rng.chance(0.1).then_some(Outcome::Won),
            created_at: Time(n as i64),
            dealings,
            task_due_at,
        },
        snoozed_until: None,
    }
}

fn say(what: &str, mut ask: impl FnMut() -> u64) {
    let mut found = 0;
    let mut took: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let begun = Instant::now();
            found = ask();
            begun.elapsed()
        })
        .collect();
    took.sort_unstable();
    println!("{what:<70} {found:>7}   p50 {:>8.1?}   p99 {:>8.1?}", took[TIMES / 2], took[TIMES * 99 / 100]);
}

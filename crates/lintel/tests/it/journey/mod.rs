//! A new user's whole way through the program, in the order in which one goes it.

mod accuracy;
mod alerts;
mod cancelling;
mod desk;
mod exports;
mod homes;
pub(crate) mod hooks;
mod intake;
mod leads;
mod merges;
mod models;
mod people;
mod performance;
mod stopping;
mod triggers;

use std::fmt::Write as _;

use lintel_domain::clock::{Clock, DAY};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    server::{Home, Server},
};

/// A served synthetic market with trained models.
struct Town {
    server: Server,
    key: String,
}

impl Town {
    fn settle(home: &Home) -> Self {
        Self::settle_with(home, "300", "120")
    }

    /// With six hundred stories more that are over, of which a field tells the end in five of six, so that a model of
    /// leads is worth something whatever the folds.
    fn settle_with_history(home: &Home, leads: &str, days: &str) -> Self {
        let town = Self::settle_with(home, leads, days);
        let now = Clock::System.now();
        let mut history = "external_id,created_at,outcome,outcome_at,budget_confirmed\n".to_owned();
        for row in 0..600_i64 {
            let created = now.plus(-(30 + row * 7 % 330) * DAY);
            let won = row * 11 % 10 < 4;
            let confirmed = if row % 6 == 0 { !won } else { won };
            let (end, word) = (created.plus(20 * DAY), if won { "won" } else { "lost" });
            writeln!(history, "past-{row},{created},{word},{end},{}", if confirmed { "yes" } else { "no" }).unwrap();
        }
        home.json(&["import", "leads", &home.write("past.csv", history), "--tenant", "acme", "--json"]);
        town
    }

    fn settle_with(home: &Home, leads: &str, days: &str) -> Self {
        let key = home.key("acme");
        let made = ["--tenant", "acme", "--market", "town", "--listings", "300", "--sales", "600", "--leads", leads];
        let made = home.json(&[&["demo"], &made[..], &["--days", days, "--json"]].concat());
        assert_eq!(made["kinds"]["sales"]["created"], 600);
        let server = home.serve();
        server.wait_ready();
        Self { server, key }
    }

    fn client(&self) -> Client {
        self.server.client(&self.key)
    }
}

/// The JSON of an answer that has to have this status.
#[track_caller]
fn told(status: u16, answer: std::io::Result<Answer>) -> Value {
    let answer = answer.unwrap();
    assert_eq!(answer.status, status, "{}", answer.json());
    answer.json()
}

/// The sum of a number over the items of an array.
fn sum(items: &Value, name: &str) -> f64 {
    items.as_array().unwrap().iter().map(|item| item[name].as_f64().unwrap()).sum()
}

fn search(client: &mut Client, what: Value) -> Value {
    let mut body = json!({ "market": "town", "limit": 200 });
    body.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
    told(200, client.post("/api/v1/listings/search", &body))
}

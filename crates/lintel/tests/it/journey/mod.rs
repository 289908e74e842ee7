//! A new user's whole way through the program, in the order in which one goes it.

mod homes;
mod intake;
mod leads;
mod models;
mod people;
mod stopping;

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

    /// With enough stories that are over for models of leads that are worth something.
    fn settle_for_long(home: &Home) -> Self {
        Self::settle_with(home, "1000", "365")
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

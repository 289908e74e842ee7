//! Who looks at a lead, told to those who look.

use serde_json::{Value, json};

use super::{Socket, Stream, create_lead, settle};
use crate::server::{Backend, Home, Server};

/// A user of the tenant who has signed in.
struct User {
    id: Value,
    cookie: String,
}

impl User {
    fn sign_in(home: &Home, server: &Server, name: &str) -> Self {
        let email = format!("{name}@example.com");
        let made = home.json(&["users", "create", "--tenant", "acme", "--email", &email, "--role", "agent", "--json"]);
        let sign_in = json!({ "tenant": "acme", "email": email, "password": made["password"] });
        let answer = server.client("").post("/api/v1/session", &sign_in).unwrap();
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        Self { id: made["id"].clone(), cookie }
    }

    fn look(&self, server: &Server, topic: &str) -> Socket {
        let origin = format!("http://{}", server.address);
        let mut socket = Socket::open(server, &[("Cookie", &self.cookie), ("Origin", &origin)]).unwrap();
        look(&mut socket, topic);
        socket
    }
}

fn look(socket: &mut Socket, topic: &str) {
    socket.say(&json!({ "subscribe": [topic], "presence": true }));
}

/// Reads until somebody is told that these users look.
fn sees(socket: &mut Socket, topic: &str, users: &[&User]) {
    let mut ids: Vec<&Value> = users.iter().map(|user| &user.id).collect();
    ids.sort_by_key(ToString::to_string);
    let awaited = json!({ "topic": topic, "presence": { "users": ids, "total": ids.len() } });
    while socket.hear() != awaited {}
}

#[test]
fn people_see_who_else_looks_at_a_lead_and_who_has_left() {
    let (home, server, key) = settle(Backend::Sqlite);
    let (ada, bob) = (User::sign_in(&home, &server, "ada"), User::sign_in(&home, &server, "bob"));
    let lead = create_lead(&mut server.client(&key), "Wanted");
    let topic = format!("lead:{lead}");
    let mut of_ada = ada.look(&server, &topic);
    sees(&mut of_ada, &topic, &[&ada]);
    let mut of_bob = bob.look(&server, &topic);
    sees(&mut of_bob, &topic, &[&ada, &bob]);
    sees(&mut of_ada, &topic, &[&ada, &bob]);
    let mut program = Socket::with_key(&server, &key);
    look(&mut program, &topic);
    sees(&mut program, &topic, &[&ada, &bob]);
    let mut page = Stream::open(&server, &key, &format!("topics={topic}&presence=true"), "");
    let (id, told) = page.next();
    assert_eq!(told["presence"]["total"], json!(2), "{told}");
    assert!(!id.is_empty(), "a page that comes back keeps the id of what it heard last");
    drop(of_bob);
    sees(&mut program, &topic, &[&ada]);
    of_ada.say(&json!({ "unsubscribe": [topic] }));
    sees(&mut program, &topic, &[]);
}

#[test]
fn people_see_who_looks_at_a_lead_on_another_node_and_that_the_node_has_left() {
    let Some(backend) = Backend::postgres() else { return };
    let (home, one, key) = settle(backend);
    let other = home.serve_in("other-data");
    other.wait_ready();
    let (ada, bob) = (User::sign_in(&home, &one, "ada"), User::sign_in(&home, &one, "bob"));
    let lead = create_lead(&mut one.client(&key), "Wanted");
    let topic = format!("lead:{lead}");
    let mut of_ada = ada.look(&one, &topic);
    sees(&mut of_ada, &topic, &[&ada]);
    let mut of_bob = bob.look(&other, &topic);
    sees(&mut of_bob, &topic, &[&ada, &bob]);
    sees(&mut of_ada, &topic, &[&ada, &bob]);
    drop(of_bob);
    sees(&mut of_ada, &topic, &[&ada]);
    let mut of_bob = bob.look(&other, &topic);
    sees(&mut of_ada, &topic, &[&ada, &bob]);
    sees(&mut of_bob, &topic, &[&ada, &bob]);
    assert!(other.stop());
    sees(&mut of_ada, &topic, &[&ada]);
}

#[test]
fn nobody_is_told_who_looks_unless_they_ask_and_may_look_themselves() {
    let (home, server, key) = settle(Backend::Sqlite);
    let ada = User::sign_in(&home, &server, "ada");
    let theirs = home.key("rival");
    let mut client = server.client(&key);
    let lead = create_lead(&mut client, "Wanted");
    let topic = format!("lead:{lead}");
    let mut listener = Socket::with_key(&server, &key);
    listener.subscribe(&[&topic], None);
    let mut spy = Socket::with_key(&server, &theirs);
    look(&mut spy, &topic);
    assert_eq!(spy.hear()["error"]["code"], json!("not_found"));
    sees(&mut ada.look(&server, &topic), &topic, &[&ada]);
    client.send("PATCH", &format!("/api/v1/leads/{lead}"), &[], &json!({ "name": "Changed" })).unwrap();
    let told = listener.hear();
    assert_eq!(told["event"]["id"], json!(lead), "the first that it hears is what happens to the lead: {told}");
    let own = create_lead(&mut server.client(&theirs), "Their own");
    let own = format!("lead:{own}");
    look(&mut spy, &own);
    loop {
        let told = spy.hear();
        assert_eq!(told["topic"], json!(own), "{told}");
        if told["presence"] == json!({ "users": [], "total": 0 }) {
            break;
        }
    }
}

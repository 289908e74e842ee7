//! Killing the program while events of others come in: each that was acknowledged is there and has its effect, once.

use std::{collections::BTreeSet, sync::mpsc, thread, time::Duration};

use lintel_domain::clock::Clock;
use serde_json::{Value, json};

use super::{WRITERS, ledger::all_leads, rounds};
use crate::{
    journey::hooks::{Sender, connect, outcome},
    server::{Backend, Home, Server},
};

#[test]
fn no_acknowledged_event_is_lost_or_has_its_effect_twice() {
    thread::scope(|scope| {
        scope.spawn(|| kill_again_and_again(&Home::new(Backend::Sqlite)));
        if let Some(backend) = Backend::postgres() {
            scope.spawn(|| kill_again_and_again(&Home::new(backend)));
        }
    });
}

fn event(id: &str) -> Value {
    json!({"type": "ContactCreate", "webhookId": id, "locationId": "L1", "timestamp": Clock::System.now(),
        "id": format!("contact-{id}"), "name": "Ann Lee"})
}

fn kill_again_and_again(home: &Home) {
    let (key, sender) = (home.key("acme"), Sender::new());
    let mut server = sender.serve(home);
    let path = connect(&server, &key);
    let mut acknowledged = BTreeSet::new();
    for round in 0..rounds() {
        acknowledged.extend(send_until_killed(&sender, &mut server, &path, round));
        server = sender.serve(home);
        home.check_integrity();
    }
    let mut client = server.client(&key);
    for id in &acknowledged {
        let became = outcome(&mut client, id);
        assert_eq!((&became["status"], &became["effects"]), (&json!("applied"), &json!(1)), "{id}: {became}");
        // HighLevel may send it again.
        let again = sender.send(&mut client, &path, &event(id)).unwrap();
        assert_eq!(again, (200, json!({"status": "duplicate"})));
    }
    let leads = all_leads(&mut client);
    let contacts: BTreeSet<&str> = leads.iter().filter_map(|lead| lead["external_id"].as_str()).collect();
    assert_eq!(contacts.len(), leads.len(), "a contact is a lead once");
    assert!(acknowledged.iter().all(|id| contacts.contains(format!("contact-{id}").as_str())));
}

/// Lets senders send, kills the server after some acknowledgements, and says which events were acknowledged.
fn send_until_killed(sender: &Sender, server: &mut Server, path: &str, round: usize) -> Vec<String> {
    let address = server.address;
    thread::scope(|scope| {
        let (acks, acknowledged) = mpsc::channel();
        for writer in 0..WRITERS {
            let acks = acks.clone();
            scope.spawn(move || {
                let mut client = crate::client::Client::connect(address, "").unwrap();
                for n in 0.. {
                    let id = format!("{round}-{writer}-{n}");
                    match sender.send(&mut client, path, &event(&id)) {
                        Ok((200, _)) if acks.send(id).is_ok() => {}
                        Ok((status, answer)) => panic!("{status}: {answer}"),
                        Err(_) => return,
                    }
                }
            });
        }
        drop(acks);
        let before = 50 + (round * 37) % 101;
        let wait = || acknowledged.recv_timeout(Duration::from_secs(30)).expect("events are acknowledged");
        let mut ids: Vec<String> = (0..before).map(|_| wait()).collect();
        server.kill();
        ids.extend(acknowledged.iter());
        ids
    })
}

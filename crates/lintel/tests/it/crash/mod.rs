//! Killing the program, and PostgreSQL under it, in the middle of writes: nothing acknowledged is lost, nothing is
//! there twice, nothing is half there. `LINTEL_CRASH_ROUNDS` makes it more than a few rounds.

mod hooks;
mod ledger;

use std::{
    net::SocketAddr,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use lintel_testkit::postgres::Own;
use serde_json::json;

use self::ledger::{Call, Faults, Ledger, all_leads, write_until_refused};
use crate::server::{Backend, Home, Server, eventually};

/// Clients that write at the same time.
const WRITERS: usize = 4;
/// A start may take this long on a busy machine that runs other tests; the figure is printed.
const READY_WITHIN: Duration = Duration::from_secs(5);

#[expect(clippy::disallowed_methods, reason = "the length of the run is set by whoever measures")]
fn rounds() -> usize {
    std::env::var("LINTEL_CRASH_ROUNDS").map_or(5, |text| text.parse().unwrap())
}

/// Both engines at once, since most of the time goes into waiting until a dead process no longer counts as running.
#[test]
fn nothing_is_lost_or_doubled_when_the_program_is_killed() {
    thread::scope(|scope| {
        scope.spawn(|| kill_again_and_again("sqlite", &Home::new(Backend::Sqlite)));
        if let Some(backend) = Backend::postgres() {
            scope.spawn(|| kill_again_and_again("postgres", &Home::new(backend)));
        }
        if let Some(own) = Own::start() {
            scope.spawn(|| stop_the_database_again_and_again(&Home::new(Backend::Own(own))));
        }
    });
}

fn kill_again_and_again(engine: &str, home: &Home) {
    let key = home.key("acme");
    let mut server = home.serve();
    server.wait_ready();
    make_market(&server, &key);
    let mut run = Run::default();
    for round in 0..rounds() {
        let from = run.ledger.acknowledged();
        let calls = write_until(server.address, &key, round, || server.kill());
        run.ledger.add(calls);
        server = home.serve();
        let ready = server.wait_ready();
        run.after_restart(&server, &key, from, ready);
        home.check_integrity();
    }
    run.finish(engine, &server, &key);
    home.check_integrity();
}

fn stop_the_database_again_and_again(home: &Home) {
    let Backend::Own(own) = &home.backend else { unreachable!("this test has a database server of its own") };
    let key = home.key("acme");
    let server = home.serve();
    server.wait_ready();
    make_market(&server, &key);
    let mut run = Run::default();
    for round in 0..rounds() {
        let from = run.ledger.acknowledged();
        let calls = write_until(server.address, &key, round, || own.stop_immediately());
        run.ledger.add(calls);
        own.restart();
        let begun = Instant::now();
        server.wait_ready();
        run.after_restart(&server, &key, from, begun.elapsed());
    }
    run.finish("postgres, stopped itself", &server, &key);
}

fn make_market(server: &Server, key: &str) {
    let made = server.client(key).post("/api/v1/markets", &json!({ "slug": "town" })).unwrap();
    assert_eq!(made.status, 201, "{}", made.json());
}

/// Lets clients write and crashes something after a number of acknowledged writes that differs from round to round.
fn write_until(address: SocketAddr, key: &str, round: usize, crash: impl FnOnce()) -> Vec<Call> {
    thread::scope(|scope| {
        let (acks, acknowledged) = mpsc::channel();
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let acks = acks.clone();
                scope.spawn(move || write_until_refused(address, key, &format!("{round}-{writer}"), &acks))
            })
            .collect();
        drop(acks);
        for _ in 0..20 + (round * 37) % 101 {
            acknowledged.recv_timeout(Duration::from_secs(30)).expect("writes are acknowledged");
        }
        crash();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    })
}

/// What was written and found over all rounds.
#[derive(Default)]
struct Run {
    ledger: Ledger,
    faults: Faults,
    ready: Vec<Duration>,
}

impl Run {
    /// Compares what is there with what was acknowledged, and makes the open calls again.
    fn after_restart(&mut self, server: &Server, key: &str, from: usize, ready: Duration) {
        assert!(ready < READY_WITHIN, "ready after {ready:?}");
        self.ready.push(ready);
        let mut client = server.client(key);
        self.ledger.compare(&mut client, from, &mut self.faults);
        self.ledger.retry(&mut client);
    }

    /// Has every open call done, and compares everything.
    fn finish(mut self, engine: &str, server: &Server, key: &str) {
        let open = self.ledger.open();
        let waited = self.ledger.retry_all(server, key);
        let mut client = server.client(key);
        self.ledger.compare(&mut client, 0, &mut self.faults);
        self.ledger.compare_events(&mut client, &mut self.faults);
        eventually("every lead is scored", Duration::from_secs(30), || {
            all_leads(&mut client).iter().all(|lead| lead["score"].is_number()).then_some(())
        });
        self.ready.sort_unstable();
        let (p50, max) = (self.ready[self.ready.len() / 2], self.ready[self.ready.len() - 1]);
        eprintln!(
            "{engine}: {} crashes, {} writes, {open} open at the end and done after {waited:.0?}, {:?}, ready p50 {:.0} ms max {:.0} ms",
            self.ready.len(),
            self.ledger.acknowledged(),
            self.faults,
            p50.as_secs_f64() * 1e3,
            max.as_secs_f64() * 1e3,
        );
        assert_eq!(self.faults, Faults::default());
    }
}

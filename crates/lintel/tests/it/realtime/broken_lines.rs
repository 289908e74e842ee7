//! Lines that break: whoever comes back with its last cursor hears everything in between and nothing twice, on any node.

use std::{
    sync::{
        Barrier, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use lintel_domain::rng::Rng;
use serde_json::{Value, json};

use super::{Socket, create_lead};
use crate::server::{Backend, Home, Server};

/// Lines that are broken in each test.
const BREAKS: usize = 500;
/// Clients whose lines they are.
const CLIENTS: usize = 10;
/// The longest that a client listens before its line breaks.
const LISTENS: Duration = Duration::from_millis(4);

on_each_engine! {
    fn five_hundred_lines_break_while_leads_come_in_and_nobody_misses_or_hears_anything_twice(home) {
        let key = home.key("acme");
        let server = home.serve();
        server.wait_ready();
        break_lines(&[&server], &key);
    }
}

#[test]
fn whoever_comes_back_to_another_node_misses_nothing_and_hears_nothing_twice() {
    let Some(backend) = Backend::postgres() else { return };
    let home = Home::new(backend);
    let key = home.key("acme");
    let (one, other) = (home.serve(), home.serve_in("other-data"));
    one.wait_ready();
    other.wait_ready();
    break_lines(&[&one, &other], &key);
}

/// What a client was told, in the order in which it was.
#[derive(Debug, Default, PartialEq)]
struct Heard(Vec<Told>);

#[derive(Debug, PartialEq)]
struct Told {
    cursor: String,
    /// The lead, when it tells of a new one.
    created: Option<String>,
}

impl Heard {
    fn hear(&mut self, told: &Value) {
        assert_eq!(told["resync"], Value::Null, "{told}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let created = (told["event"]["type"] == "lead.created").then(|| text(&told["event"]["id"]));
        self.0.push(Told { cursor: text(&told["cursor"]), created });
    }

    /// Where it heard of a lead.
    fn place(&self, lead: &str) -> Option<usize> {
        self.0.iter().rposition(|told| told.created.as_deref() == Some(lead))
    }

    /// Without what came behind a lead: how much of that was heard is chance.
    fn up_to(mut self, lead: &str) -> Self {
        let place = self.place(lead).unwrap();
        self.0.truncate(place + 1);
        self
    }
}

/// Where the threads of a test meet.
struct Meeting {
    /// Until everybody listens.
    begin: Barrier,
    /// Clients whose lines still break.
    breaking: AtomicUsize,
    /// The last lead that is created.
    last: OnceLock<String>,
}

/// Counts a client among those whose lines break, until it is done or has failed.
struct Breaking<'a>(&'a AtomicUsize);

impl Drop for Breaking<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

/// Breaks lines at any moment while leads are created, and compares what each client heard with what was created and
/// with what a client heard whose line held.
fn break_lines(nodes: &[&Server], key: &str) {
    let meeting =
        Meeting { begin: Barrier::new(CLIENTS + 2), breaking: AtomicUsize::new(CLIENTS), last: OnceLock::new() };
    let (made, witness, heard) = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|nth| {
                let meeting = &meeting;
                scope.spawn(move || come_and_go(nodes, key, nth, meeting))
            })
            .collect();
        let witness = scope.spawn(|| stay(nodes[0], key, &meeting));
        let made = create_leads(nodes[0], key, &meeting);
        let heard: Vec<Heard> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        (made, witness.join().unwrap(), heard)
    });
    let created: Vec<&String> = witness.0.iter().filter_map(|told| told.created.as_ref()).collect();
    assert!(created.into_iter().eq(&made), "every lead once, in the order in which they were created");
    for client in heard {
        assert!(client == witness, "no hole and nothing twice: {client:?}\n{witness:?}");
    }
    eprintln!("{BREAKS} lines broken while {} leads were created", made.len());
}

/// Creates leads until no line breaks any more, and the last one. One more has everybody hear that it was the last.
fn create_leads(node: &Server, key: &str, meeting: &Meeting) -> Vec<String> {
    let mut client = node.client(key);
    meeting.begin.wait();
    let mut made = Vec::new();
    while meeting.breaking.load(Ordering::Acquire) > 0 {
        made.push(create_lead(&mut client, "On the way"));
    }
    let last = create_lead(&mut client, "The last");
    meeting.last.set(last.clone()).unwrap();
    made.push(last);
    create_lead(&mut client, "Behind the last");
    made
}

/// Listens to the end without a break.
fn stay(node: &Server, key: &str, meeting: &Meeting) -> Heard {
    let mut socket = Socket::with_key(node, key);
    socket.subscribe(&["leads"], None);
    meeting.begin.wait();
    let mut heard = Heard::default();
    loop {
        heard.hear(&socket.hear());
        if let Some(last) = meeting.last.get()
            && heard.place(last).is_some()
        {
            return heard.up_to(last);
        }
    }
}

/// Listens over lines that break: at once, after some messages, or after some time, be it in the middle of a message.
fn come_and_go(nodes: &[&Server], key: &str, nth: usize, meeting: &Meeting) -> Heard {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _entered = runtime.enter();
    let (mut rng, mut heard) = (Rng::new(nth as u64), Heard::default());
    let begin = Socket::with_key(nodes[0], key).subscribe(&["leads"], None);
    let come = |line: usize, heard: &Heard| {
        let mut socket = Socket::with_key(nodes[line % nodes.len()], key);
        socket.say(&json!({ "subscribe": ["leads"], "after": heard.0.last().map_or(&begin, |told| &told.cursor) }));
        socket
    };
    let breaking = Breaking(&meeting.breaking);
    meeting.begin.wait();
    for line in 0..BREAKS / CLIENTS {
        let mut socket = come(line, &heard);
        if rng.chance(0.5) {
            for _ in 0..rng.below(6) {
                heard.hear(&socket.hear());
            }
        } else {
            let patience = LISTENS.mul_f64(rng.unit()) + Duration::from_micros(1);
            socket.0.get_ref().set_read_timeout(Some(patience)).unwrap();
            while let Some(told) = socket.try_hear() {
                heard.hear(&told);
            }
        }
        reset(socket);
    }
    drop(breaking);
    let last = meeting.last.wait();
    let mut socket = come(nth, &heard);
    while heard.place(last).is_none() {
        heard.hear(&socket.hear());
    }
    heard
}

/// Breaks a line with a TCP reset: what is on its way is lost.
fn reset(socket: Socket) {
    let stream = socket.0.into_inner();
    stream.set_nonblocking(true).unwrap();
    tokio::net::TcpStream::from_std(stream).unwrap().set_zero_linger().unwrap();
}

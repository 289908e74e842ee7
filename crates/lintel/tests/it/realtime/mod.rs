//! Being told what happens: over the socket and as Server-Sent Events, through broken lines, and by tenants apart.

mod broken_lines;
mod presence;

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, client::IntoClientRequest as _};

use crate::{
    client::Client,
    server::{Backend, Home, Server},
};

/// A client of the socket.
struct Socket(WebSocket<TcpStream>);

impl Socket {
    fn open(server: &Server, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let mut request = format!("ws://{}/api/v1/realtime", server.address).into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.set_nodelay(true).unwrap();
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
                Err(answer.status().as_u16())
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn with_key(server: &Server, key: &str) -> Self {
        Self::open(server, &[("Authorization", &format!("Bearer {key}"))]).unwrap()
    }

    /// Subscribes, and returns when the subscription stands: where it begins.
    fn subscribe(&mut self, topics: &[&str], after: Option<&str>) -> String {
        self.say(&json!({ "subscribe": topics, "after": after, "ack": true }));
        let said = self.hear();
        assert!(said["subscribed"].is_array(), "{said}");
        said["cursor"].as_str().unwrap().to_owned()
    }

    fn say(&mut self, what: &Value) {
        self.0.send(Message::text(what.to_string())).unwrap();
    }

    fn try_hear(&mut self) -> Option<Value> {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    fn hear(&mut self) -> Value {
        self.try_hear().expect("a message")
    }

    /// The next message of a type.
    fn hear_of(&mut self, kind: &str) -> Value {
        loop {
            let told = self.hear();
            if told["event"]["type"] == kind {
                return told;
            }
        }
    }
}

fn create_lead(client: &mut Client, name: &str) -> String {
    let made = client.post("/api/v1/leads", &json!({ "name": name })).unwrap();
    assert_eq!(made.status, 201, "{}", made.json());
    made.json()["id"].as_str().unwrap().to_owned()
}

/// Servers with a key of the tenant.
fn settle(backend: Backend) -> (Home, Server, String) {
    let home = Home::new(backend);
    let key = home.key("acme");
    let server = home.serve();
    server.wait_ready();
    (home, server, key)
}

on_each_engine! {
    fn a_client_hears_what_happens_on_its_topics_and_nothing_else(home) {
        let key = home.key("acme");
        let server = home.serve();
        server.wait_ready();
        let mut client = server.client(&key);
        client.post("/api/v1/markets", &json!({ "slug": "town" })).unwrap();
        let mut early = Socket::with_key(&server, &key);
        early.subscribe(&["leads"], None);
        let first = create_lead(&mut client, "First");
        // What is under way on a busy node is told to whoever comes meanwhile, too; this waits until it has been.
        assert_eq!(early.hear_of("lead.created")["event"]["id"], json!(first));
        let (mut all, mut one, mut homes) =
            (Socket::with_key(&server, &key), Socket::with_key(&server, &key), Socket::with_key(&server, &key));
        all.subscribe(&["leads"], None);
        one.subscribe(&[&format!("lead:{first}")], None);
        homes.subscribe(&["market:town", "viewport:town:-123/47/-122/48"], None);

        let second = create_lead(&mut client, "Second");
        let told = all.hear_of("lead.created");
        assert_eq!((&told["topic"], &told["event"]["id"]), (&json!("leads"), &json!(second)));
        assert!(told["cursor"].is_string());
        client.send("PATCH", &format!("/api/v1/leads/{first}"), &[], &json!({ "name": "Changed" })).unwrap();
        let told = one.hear_of("lead.updated");
        assert_eq!((&told["topic"], &told["event"]["id"]), (&json!(format!("lead:{first}")), &json!(first)));

        let inside = json!({ "listing_key": "in", "latitude": 47.5, "longitude": -122.5 });
        let outside = json!({ "listing_key": "out", "latitude": 40.0, "longitude": -122.5 });
        let written = client.post("/api/v1/listings", &json!({ "market": "town", "items": [inside, outside] })).unwrap();
        assert_eq!(written.status, 200, "{}", written.json());
        let mut told: Vec<Value> = (0..3).map(|_| homes.hear()).collect();
        told.sort_by_key(|told| told["topic"].to_string());
        let topics: Vec<&str> = told.iter().map(|told| told["topic"].as_str().unwrap()).collect();
        assert_eq!(topics, ["market:town", "market:town", "viewport:town:-123/47/-122/48"]);
        assert_eq!(told[2]["event"]["id"], written.json()["results"][0]["id"]);
        assert!(server.stop(), "sockets do not hold up the stop");
        while all.try_hear().is_some() {}
    }

    fn nobody_hears_of_another_tenant(home) {
        let (ours, theirs) = (home.key("acme"), home.key("rival"));
        let server = home.serve();
        server.wait_ready();
        let mut client = server.client(&ours);
        client.post("/api/v1/markets", &json!({ "slug": "secret" })).unwrap();
        let lead = create_lead(&mut client, "Ours");
        let cursor = Socket::with_key(&server, &ours).subscribe(&["leads"], None);
        let mut spy = Socket::with_key(&server, &theirs);
        for (topic, code) in [
            (format!("lead:{lead}"), "not_found"),
            ("market:secret".to_owned(), "not_found"),
            ("viewport:secret:0/0/1/1".to_owned(), "not_found"),
            ("everything".to_owned(), "unknown_topic"),
        ] {
            spy.say(&json!({ "subscribe": [&topic] }));
            let said = spy.hear();
            assert_eq!((&said["error"]["code"], &said["error"]["topic"]), (&json!(code), &json!(topic)), "{said}");
        }
        spy.say(&json!({ "subscribe": ["leads"], "after": cursor }));
        assert_eq!(spy.hear()["resync"], true, "a cursor of another tenant is no place of this one");
        create_lead(&mut client, "Ours too");
        let own = create_lead(&mut server.client(&theirs), "Theirs");
        assert_eq!(spy.hear()["event"]["id"], json!(own), "and nothing of ours came before it");
    }
}

/// How many times a hundred messages are written while a client does not read.
const ROUNDS: usize = 240;

#[test]
fn a_client_that_does_not_read_is_told_to_look_again_and_costs_nobody_else_anything() {
    let (_home, server, key) = settle(Backend::Sqlite);
    let mut client = server.client(&key);
    let lead = create_lead(&mut client, "Busy");
    let path = format!("/api/v1/leads/{lead}/interactions");
    let mut stuck = Socket::with_key(&server, &key);
    stuck.subscribe(&["leads"], None);
    let stop = AtomicBool::new(false);
    let heard = std::thread::scope(|scope| {
        let reader = scope.spawn({
            let mut reader = Socket::with_key(&server, &key);
            reader.subscribe(&["leads"], None);
            let stop = &stop;
            move || {
                let mut heard = 0_usize;
                loop {
                    let told = reader.hear();
                    assert_eq!(told["resync"], Value::Null, "whoever reads misses nothing");
                    heard += usize::from(told["event"]["type"] == "interaction.recorded");
                    if stop.load(Ordering::Acquire) && told["event"]["type"] == "lead.created" {
                        return heard;
                    }
                }
            }
        });
        // Fewer than ten seconds' worth: whoever takes nothing for that long is cut off.
        for round in 0..ROUNDS {
            let items: Vec<Value> =
                (0..100).map(|n| json!({ "kind": "listing_view", "event_id": format!("{round}-{n}") })).collect();
            let recorded = client.post(&path, &json!({ "items": items })).unwrap();
            assert_eq!(recorded.status, 200, "{}", recorded.json());
        }
        stop.store(true, Ordering::Release);
        create_lead(&mut client, "The end");
        reader.join().unwrap()
    });
    assert_eq!(heard, ROUNDS * 100);
    let (mut before, mut told) = (0, stuck.hear());
    while told["resync"] != true {
        before += 1;
        told = stuck.hear();
    }
    eprintln!("{before} of {heard} messages were on the line of the stuck client");
    assert!(before < heard, "what did not fit is not told, and said so");
    // From there on it hears everything again.
    let last = create_lead(&mut client, "Back again");
    while told["event"]["id"] != json!(last) {
        told = stuck.hear();
    }
}

/// Reads Server-Sent Events off a connection: id and data of each message.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(server: &Server, key: &str, query: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!(
            "GET /api/v1/events?{query} HTTP/1.1\r\nHost: lintel\r\nAuthorization: Bearer {key}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut stream = Self(BufReader::new(stream));
        assert!(stream.line().unwrap().starts_with("HTTP/1.1 200"));
        stream
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    fn next(&mut self) -> (String, Value) {
        let mut id = String::new();
        loop {
            let line = self.line().unwrap();
            if let Some(text) = line.strip_prefix("id:") {
                text.trim_start().clone_into(&mut id);
            } else if let Some(data) = line.strip_prefix("data: ") {
                return (id, serde_json::from_str(data).unwrap());
            }
        }
    }
}

#[test]
fn server_sent_events_are_the_same_messages_with_their_cursor_as_id() {
    let (_home, server, key) = settle(Backend::Sqlite);
    let mut client = server.client(&key);
    let mut stream = Stream::open(&server, &key, "topics=leads", "Accept: */*\r\n");
    let first = create_lead(&mut client, "First");
    let (id, told) = stream.next();
    assert_eq!((&told["event"]["id"], &told["cursor"]), (&json!(first), &json!(id)));
    drop(stream);
    let second = create_lead(&mut client, "Second");
    let created = |stream: &mut Stream| loop {
        let (_, told) = stream.next();
        if told["event"]["type"] == "lead.created" {
            return told["event"]["id"].clone();
        }
    };
    let mut again = Stream::open(&server, &key, "topics=leads", &format!("Last-Event-ID: {id}\r\n"));
    assert_eq!(created(&mut again), json!(second));
    let mut after = Stream::open(&server, &key, &format!("topics=leads&after={id}"), "");
    assert_eq!(created(&mut after), json!(second));
    let page = client.get(&format!("/api/v1/events?after={id}")).unwrap().json();
    assert_eq!(page["items"][0]["event"]["type"], json!("lead.created"), "a cursor of the stream is one of the pages");
    let mut refused = Stream::open(&server, &key, "topics=lead:018f0000-0000-7000-8000-000000000000", "");
    assert_eq!(refused.next().1["error"]["code"], json!("not_found"));
    let begun = Instant::now();
    assert!(server.stop());
    assert!(begun.elapsed() < Duration::from_secs(10), "streams do not hold up the stop");
}

#[test]
fn a_socket_by_cookie_opens_from_our_own_pages_only() {
    let (home, server, _) = settle(Backend::Sqlite);
    let made =
        home.json(&["users", "create", "--tenant", "acme", "--email", "ada@example.com", "--role", "agent", "--json"]);
    let sign_in = json!({ "tenant": "acme", "email": "ada@example.com", "password": made["password"] });
    let answer = server.client("").post("/api/v1/session", &sign_in).unwrap();
    let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let own = format!("http://{}", server.address);
    for origin in [
        "https://evil.example",
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://127.0.0.1",
        "file://",
        "http://lintel",
        &format!("{own}.evil.example"),
        &own.replace("http", "https"),
    ] {
        assert_eq!(Socket::open(&server, &[("Cookie", &cookie), ("Origin", origin)]).err(), Some(403), "{origin}");
    }
    assert_eq!(Socket::open(&server, &[("Cookie", &cookie)]).err(), Some(403), "a browser always says where it is");
    assert_eq!(Socket::open(&server, &[]).err(), Some(401));
    let mut socket = Socket::open(&server, &[("Cookie", &cookie), ("Origin", &own)]).unwrap();
    socket.subscribe(&["leads"], None);
    socket.say(&json!({ "subscribe": ["jobs"] }));
    assert_eq!(socket.hear()["error"]["code"], json!("forbidden"), "an agent does not administer");
    for nonsense in ["", "{", "[]", r#"{"subscribe":"leads"}"#, r#"{"subscribe":[7]}"#, r#"{"what":1}"#] {
        socket.0.send(Message::text(nonsense)).unwrap();
        assert_eq!(socket.hear()["error"]["code"], json!("malformed_json"), "{nonsense}");
    }
}

//! Bodies that nobody should send: each is refused with a problem document, costs little memory, and hurts nobody else.

use std::io::{Read as _, Write as _};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::{client::Answer, server::Server};

/// The most memory that bodies of one class may cost a route.
const MOST: u64 = 64 << 20;
/// Routes that take JSON, each with a body that is fine.
fn routes() -> [(&'static str, Value); 4] {
    [
        ("/api/v1/leads", json!({ "name": "Ada Example" })),
        ("/api/v1/leads/score", json!({ "leads": [{ "facts": { "source": "portal" } }] })),
        ("/api/v1/listings/search", json!({ "market": "town" })),
        ("/api/v1/listings", json!({ "market": "town", "items": [{ "listing_key": "home-1" }] })),
    ]
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Sends bad bodies to every route and checks answers, memory, and that the server is well afterwards.
fn refused(server: &Server, key: &str, class: &str, statuses: &[u16], send: impl Fn(&str) -> Vec<Answer>) {
    let mut most = 0;
    for (route, fine) in routes() {
        server.forget_peak();
        let before = server.resident_bytes();
        for answer in send(route) {
            let problem = answer.json();
            assert!(statuses.contains(&answer.status), "{class} to {route}: {} {problem}", answer.status);
            assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{class} to {route}");
            for field in ["type", "title", "code", "request_id"] {
                assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{class}: {field} of {problem}");
            }
            assert_eq!(problem["status"], answer.status);
        }
        let status = server.client(key).post(route, &fine).unwrap().status;
        assert!(status == 200 || status == 201, "{route} is well after {class}: {status}");
        most = most.max(server.peak_bytes().saturating_sub(before));
    }
    eprintln!(
        "{class}: {:.1} MB at most, {:.1} MB afterwards",
        most as f64 / 1e6,
        server.resident_bytes() as f64 / 1e6
    );
    assert!(most < MOST, "{class} cost {most} bytes");
    assert!(server.is_ready());
}

fn bomb() -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..1024 {
        packer.write_all(&zeros).unwrap();
    }
    packer.finish().unwrap()
}

on_each_engine! {
    fn bad_bodies_get_4xx_and_cost_little(home) {
        let key = home.key("acme");
        let server = home.serve();
        server.wait_ready();
        let made = server.client(&key).post("/api/v1/markets", &json!({ "slug": "town" })).unwrap();
        assert_eq!(made.status, 201, "{}", made.json());
        for (route, fine) in routes() {
            assert!(server.client(&key).post(route, &fine).unwrap().status < 300, "{route}");
        }
        let ask = |route: &str, headers: &[(&str, &str)], body: &[u8]| {
            server.client(&key).ask("POST", route, headers, Some(body)).unwrap()
        };
        let plain = |bodies: &[&[u8]], route: &str| bodies.iter().map(|body| ask(route, &[JSON], body)).collect();

        let malformed: [&[u8]; 6] = [b"", b"{", b"{\"name\":}", b"[1,]", b"{} {}", b"\xEF\xBB\xBF{}x"];
        refused(&server, &key, "malformed JSON", &[400], |route| plain(&malformed, route));

        let wrong: [&[u8]; 4] = [b"[]", b"7", b"\"text\"", b"{\"name\":{\"a\":1},\"market\":7,\"leads\":true,\"items\":1}"];
        refused(&server, &key, "wrong types", &[400, 422], |route| plain(&wrong, route));

        let numbers: [&[u8]; 4] = [
            b"{\"name\":NaN}",
            b"{\"name\":-Infinity}",
            b"{\"custom\":{\"n\":1e400}}",
            b"{\"market\":\"town\",\"near\":{\"latitude\":1e400,\"longitude\":0,\"radius_m\":1}}",
        ];
        refused(&server, &key, "NaN and 1e400", &[400], |route| plain(&numbers, route));

        let piece = vec![b' '; 1 << 20];
        let whole = piece.repeat(100);
        refused(&server, &key, "100 MB", &[413], |route| vec![ask(route, &[JSON], &whole)]);
        refused(&server, &key, "100 MB in pieces", &[413], |route| {
            vec![server.client(&key).ask_in_pieces("POST", route, &[JSON], 100, &piece).unwrap()]
        });

        let (gzip, zstd) = (bomb(), zstd::encode_all(std::io::repeat(b' ').take(1 << 30), 3).unwrap());
        let packed = |packing: &str, body: &[u8], route: &str| vec![ask(route, &[JSON, ("Content-Encoding", packing)], body)];
        refused(&server, &key, "a gzip bomb", &[413], |route| packed("gzip", &gzip, route));
        refused(&server, &key, "a zstd bomb", &[413], |route| packed("zstd", &zstd, route));

        let (arrays, objects) = (b"[".repeat(100_000), b"{\"a\":".repeat(100_000));
        let closed = [arrays.clone(), b"]".repeat(100_000)].concat();
        let inside = [b"{\"custom\":{\"n\":".to_vec(), closed.clone(), b"}}".to_vec()].concat();
        refused(&server, &key, "100,000 levels", &[400], |route| plain(&[&arrays, &objects, &closed, &inside], route));

        let bytes: [&[u8]; 4] =
            [b"{\"name\":\"\xFF\xFE\"}", b"{\"name\":\"\xC0\xAF\"}", b"{\"name\":\"\\uD800\"}", b"{\"\xED\xA0\x80\":1}"];
        refused(&server, &key, "bad UTF-8", &[400], |route| plain(&bytes, route));
    }
}

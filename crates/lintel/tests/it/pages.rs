//! The web pages as a browser gets them: what is cached, what is allowed, and what is no page.

use std::fs;

use pmtiles::{PmTilesWriter, TileCoord, TileType};
use serde_json::json;

use crate::server::{Backend, Home};

const HTML: (&str, &str) = ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");

/// A folder as the build of the pages leaves it.
fn built(home: &Home) -> String {
    let folder = home.path("dist");
    fs::create_dir_all(folder.join("assets")).unwrap();
    for (name, bytes) in [
        ("index.html", "<!doctype html><title>Lintel</title>"),
        ("assets/main-3f2a.js", "plain"),
        ("assets/main-3f2a.js.br", "brotli"),
        ("assets/main-3f2a.js.gz", "gzip"),
    ] {
        fs::write(folder.join(name), bytes).unwrap();
    }
    folder.to_str().unwrap().to_owned()
}

#[test]
fn addresses_of_the_browser_get_the_page_and_programs_get_problems() {
    let home = Home::new(Backend::Sqlite);
    let server = home.serve_with("data", &["--ui-dir", &built(&home)]);
    let mut browser = server.client("");
    for path in ["/", "/leads/018f", "/homes?beds=3", "/no/such/page"] {
        let page = browser.ask("GET", path, &[HTML], None).unwrap();
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{path}");
        assert_eq!(page.header("cache-control"), Some("no-cache"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'self'; script-src 'self'; style-src 'self'; "), "{policy}");
        assert!(page.body.starts_with(b"<!doctype html>"));
    }
    assert_eq!(browser.get("/").unwrap().status, 200, "the first page is there for everybody");
    for (method, path, headers) in [
        ("GET", "/health", &[][..]),
        ("GET", "/api/v1/nothing", &[HTML]),
        ("GET", "/assets/gone-77aa.js", &[("Accept", "*/*")]),
        ("GET", "/../data/lintel.db", &[]),
        ("POST", "/", &[HTML]),
        ("DELETE", "/leads/018f", &[HTML]),
    ] {
        let refused = browser.ask(method, path, headers, None).unwrap();
        assert_eq!((refused.status, &refused.json()["code"]), (404, &"unknown_route".into()), "{method} {path}");
    }
}

#[test]
fn hashed_files_are_kept_for_ever_and_come_in_the_best_encoding() {
    let home = Home::new(Backend::Sqlite);
    let server = home.serve_with("data", &["--ui-dir", &built(&home)]);
    let mut browser = server.client("");
    let mut tags = Vec::new();
    for (accepted, encoding, body) in
        [("gzip, deflate, br, zstd", Some("br"), "brotli"), ("gzip", Some("gzip"), "gzip"), ("identity", None, "plain")]
    {
        let accepted = ("Accept-Encoding", accepted);
        let file = browser.ask("GET", "/assets/main-3f2a.js", &[accepted], None).unwrap();
        assert_eq!((file.status, file.header("content-encoding")), (200, encoding));
        assert_eq!(file.body, body.as_bytes());
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(file.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(file.header("vary"), Some("accept-encoding"));
        let policy = file.header("content-security-policy").unwrap();
        assert!(policy.contains("connect-src 'self'"), "a worker has the policy of its script: {policy}");
        let tag = file.header("etag").unwrap().to_owned();
        let known = browser.ask("GET", "/assets/main-3f2a.js", &[accepted, ("If-None-Match", &tag)], None).unwrap();
        assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, Some(&*tag)));
        tags.push(tag);
    }
    tags.dedup();
    assert_eq!(tags.len(), 3, "each encoding is a representation of its own");
}

#[test]
fn a_program_without_pages_says_how_to_build_them() {
    let home = Home::new(Backend::Sqlite);
    let folder = home.path("empty");
    fs::create_dir_all(&folder).unwrap();
    let said = home.complaint(1, &["serve", "--listen", "127.0.0.1:0", "--ui-dir", folder.to_str().unwrap()]);
    assert!(said.contains("--ui-dir") && said.contains("index.html"), "{said}");
}

#[test]
fn map_tiles_come_from_the_operators_file_as_they_are_stored() {
    let home = Home::new(Backend::Sqlite);
    let path = home.path("town.pmtiles");
    let file = fs::File::create(&path).unwrap();
    let writer = PmTilesWriter::new(TileType::Mvt).min_zoom(0).max_zoom(3).bounds(-123.0, 47.0, -121.0, 48.0);
    let mut writer =
        writer.metadata(r#"{"name":"Town","attribution":"© Town","vector_layers":[]}"#).create(file).unwrap();
    writer.add_tile(TileCoord::new(3, 1, 2).unwrap(), b"a tile").unwrap();
    writer.finalize().unwrap();

    let key = home.key("acme");
    let server = home.serve_with("data", &["--basemap", path.to_str().unwrap()]);
    let mut client = server.client(&key);
    let about = client.get("/tiles").unwrap().json();
    assert_eq!((&about["minzoom"], &about["maxzoom"], &about["attribution"]), (&json!(0), &json!(3), &json!("© Town")));
    assert_eq!(about["tiles"], json!(["/tiles/{z}/{x}/{y}"]));
    let tile = client.ask("GET", "/tiles/3/1/2", &[("Accept-Encoding", "gzip")], None).unwrap();
    assert_eq!((tile.status, tile.header("content-encoding")), (200, Some("gzip")));
    assert_eq!(tile.header("content-type"), Some("application/vnd.mapbox-vector-tile"));
    let plain = client.get("/tiles/3/1/2").unwrap();
    assert_eq!((plain.header("content-encoding"), &plain.body[..]), (None, &b"a tile"[..]));
    assert_eq!(client.get("/tiles/3/0/0").unwrap().status, 204);
    for path in ["/tiles/3/8/0", "/tiles/3/1", "/tiles/99/0/0"] {
        assert_eq!(client.get(path).unwrap().status, 404, "{path}");
    }
    assert_eq!(server.client("").get("/tiles/3/1/2").unwrap().status, 401);
    assert!(server.stop());

    let without = home.serve();
    assert_eq!(without.client(&key).get("/tiles").unwrap().status, 404);
    let said = home.complaint(1, &["serve", "--listen", "127.0.0.1:0", "--basemap", "/dev/null"]);
    assert!(said.contains("--basemap"), "{said}");
}

//! Files through the command line: every packing, every kind of fault, and an import that is killed half-way.

use std::{fmt::Write as _, io::Write as _, process::Stdio, time::Duration};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use crate::server::{Home, eventually};

/// Rows of a table of listings, with this delimiter.
fn listings(rows: usize, delimiter: char) -> String {
    let mut text = format!("listing_key{delimiter}list_price{delimiter}bedrooms{delimiter}remarks\n");
    for n in 0..rows {
        writeln!(text, "home-{n}{delimiter}{}{delimiter}{}{delimiter}\"Home {n}: sun, garden\"", 400_000 + n, n % 6)
            .unwrap();
    }
    text
}

fn import<'a>(kind: &'a str, file: &'a str, tenant: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["import", kind, file, "--tenant", tenant, "--market", "town", "--json"], more].concat()
}

/// Listings of a tenant as they are found, without what is different in each tenant.
fn stored(home: &Home, tenant: &str) -> Vec<Value> {
    let key = home.key(tenant);
    let server = home.serve();
    server.wait_ready();
    let body = json!({ "market": "town", "sort": "price", "limit": 200 });
    let mut all = server.client(&key).all("/api/v1/listings/search", &body);
    for one in &mut all {
        for own in ["id", "created_at", "updated_at", "listed_at"] {
            one.as_object_mut().unwrap().remove(own);
        }
    }
    all
}

on_each_engine! {
    fn the_same_rows_are_read_from_every_packing(home) {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(listings(50, ',').as_bytes()).unwrap();
        let zstd = zstd::encode_all(listings(50, '|').as_bytes(), 3).unwrap();
        let files = [
            home.write("plain.csv", listings(50, ',')),
            home.write("tabs.tsv", listings(50, '\t')),
            home.write("semicolons.csv", listings(50, ';')),
            home.write("packed.csv.gz", gzip.finish().unwrap()),
            home.write("packed.csv.zst", zstd),
        ];
        for (n, file) in files.iter().enumerate() {
            let expected = if n == 0 { json!([50, 50, 0, 0]) } else { json!([50, 0, 0, 50]) };
            let summary = home.json(&import("listings", file, "acme", &[]));
            let counts = ["rows", "created", "updated", "unchanged"].map(|name| summary[name].clone());
            assert_eq!(json!(counts), expected, "{file}");
        }
        let mut child = home.lintel(&import("listings", "-", "acme", &[])).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(listings(51, ',').as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&summary["created"], &summary["unchanged"]), (&json!(1), &json!(50)));
    }

    fn every_broken_row_is_listed_and_the_good_ones_come_in(home) {
        let faults: [(&str, &str); 5] = [
            ("key-X,not a price,3,47.5,-122.3", "list_price"),
            ("key-X,500000,many,47.5,-122.3", "bedrooms"),
            ("key-X,500000,3,147.5,-122.3", "latitude"),
            (",500000,3,47.5", ""),
            ("key-X,500000,3,47.5,-122.3,extra,fields", ""),
        ];
        let mut text = String::from("listing_key,list_price,bedrooms,latitude,longitude\n");
        let mut expected = Vec::new();
        for n in 0..1000 {
            if n % 10 == 7 {
                let (row, column) = faults[n / 10 % 5];
                writeln!(text, "{}", row.replace('X', &n.to_string())).unwrap();
                expected.push((n as u64 + 2, column));
            } else {
                writeln!(text, "key-{n},500000,3,47.5,-122.3").unwrap();
            }
        }
        let file = home.write("broken.csv", text);
        let summary = home.json_with(3, &import("listings", &file, "acme", &[]));
        assert_eq!((&summary["rows"], &summary["created"]), (&json!(1000), &json!(900)), "{summary}");
        let rejected = summary["rejected"].as_array().unwrap();
        assert_eq!(rejected.len(), 100);
        for ((line, column), row) in expected.iter().zip(rejected) {
            assert_eq!(row["line"], *line, "{row}");
            assert_eq!(row["column"].as_str().unwrap_or_default(), *column, "{row}");
            assert!(!row["reason"].as_str().unwrap().is_empty());
        }
        let again = home.json_with(3, &import("listings", &file, "acme", &[]));
        assert_eq!((&again["unchanged"], again["rejected"].as_array().unwrap().len()), (&json!(900), 100));
        let text = home.run(&["import", "listings", &file, "--tenant", "acme", "--market", "town"]);
        let text = String::from_utf8(text.stdout).unwrap();
        assert!(text.contains("line 9, column list_price"), "{text}");
    }

    fn what_is_wrong_with_command_mapping_or_file_is_said_and_nothing_is_stored(home) {
        let file = home.write("leads.csv", "Name,Mail,Sex\nAda,ada@example.com,f\n");
        home.complaint(2, &["import", "houses", &file, "--tenant", "acme"]);
        home.complaint(2, &["import", "leads", &file]);
        home.complaint(2, &["import", "leads", &file, "--tenant", "acme", "--no-such-flag"]);
        let cases = [
            ("[columns]\nname = \"Name\"\nfavourite = \"Mail\"\n", "favourite"),
            ("[colums]\nname = \"Name\"\n", "colums"),
            ("[columns]\nname = \"Nmae\"\n", "Nmae"),
            ("[columns]\nsource = \"Sex\"\n", "Sex"),
            ("[columns\n", ""),
        ];
        for (mapping, named) in cases {
            let mapping = home.write("mapping.toml", mapping);
            let said = home.complaint(1, &import("leads", &file, "acme", &["--mapping", &mapping]));
            assert!(said.contains(named), "{named}: {said}");
        }
        home.complaint(1, &import("leads", &home.write("empty.csv", ""), "acme", &[]));
        home.complaint(1, &import("leads", home.path("missing.csv").to_str().unwrap(), "acme", &[]));
        home.complaint(1, &import("leads", &file, "acme", &["--mapping", home.path("missing.toml").to_str().unwrap()]));
        home.complaint(1, &["import", "--undo", "00000000-0000-7000-8000-000000000000", "--tenant", "acme"]);
        let key = home.key("acme");
        let server = home.serve();
        let mut client = server.client(&key);
        for list in ["leads", "imports", "markets"] {
            assert_eq!(client.get(&format!("/api/v1/{list}")).unwrap().json()["items"], json!([]), "{list}");
        }
    }

    fn a_protected_column_is_kept_out_of_the_score_and_named(home) {
        let file = home.write("leads.csv", "external_id,name,Sex,City\n1,Ada,f,London\n2,Bob,m,Paris\n");
        let summary = home.json(&import("leads", &file, "acme", &[]));
        let warnings = summary["warnings"].to_string();
        assert!(warnings.contains("protected_column Sex") && warnings.contains("proxy_column City"), "{warnings}");
    }

    fn an_import_that_was_killed_goes_on_where_it_stopped(home) {
        const ROWS: usize = 10_000;
        let mut text = listings(ROWS, ',');
        text.push_str("home-bad,no price,3,\n");
        let file = home.write("many.csv", text);
        let key = home.key("acme");
        let server = home.serve();
        server.wait_ready();
        let mut client = server.client(&key);
        let mut killed_at = Vec::new();
        for _ in 0..2 {
            let mut child = home.lintel(&import("listings", &file, "acme", &[])).stdout(Stdio::null()).spawn().unwrap();
            let done = killed_at.last().copied().unwrap_or(0);
            let progress = || {
                let imports = client.get("/api/v1/imports").unwrap().json();
                let rows = imports["items"][0]["counts"]["rows"].as_u64().unwrap_or(0);
                (rows > done).then_some(rows)
            };
            eventually("some rows are in", Duration::from_secs(30), progress);
            child.kill().unwrap();
            child.wait().unwrap();
            let import = client.get("/api/v1/imports").unwrap().json()["items"][0].clone();
            let rows = import["counts"]["rows"].as_u64().unwrap();
            assert_eq!(import["state"], "running");
            assert!(rows > done && rows < ROWS as u64, "killed in the middle: {import}");
            killed_at.push(rows);
        }
        drop(server);
        let resumed = home.json_with(3, &import("listings", &file, "acme", &[]));
        let whole = home.json_with(3, &import("listings", &file, "other", &[]));
        for count in ["rows", "created", "updated", "unchanged", "rejected"] {
            assert_eq!(resumed[count], whole[count], "{count}");
        }
        assert_eq!(resumed["created"], ROWS);
        let again = home.json_with(3, &import("listings", &file, "acme", &[]));
        assert_eq!(again["unchanged"], ROWS);
        assert_ne!(again["import_id"], resumed["import_id"]);
        let (one, other) = (stored(home, "acme"), stored(home, "other"));
        assert_eq!(one.len(), ROWS);
        assert!(one == other, "the same rows as without the interruption");
        home.check_integrity();
    }
}

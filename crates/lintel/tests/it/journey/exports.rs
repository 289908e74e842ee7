//! Exports: by the API and the command line the same file, which another tenant takes in without loss.

use super::{Town, told};

const KINDS: [&str; 4] = ["listings", "sales", "leads", "interactions"];

on_each_engine! {
    fn everything_is_exported_and_taken_in_by_another_tenant(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let mut files = Vec::new();
        for kind in KINDS {
            let answer = client.get(&format!("/api/v1/exports/{kind}")).unwrap();
            assert_eq!(answer.status, 200);
            assert!(answer.header("content-type").unwrap().starts_with("text/csv"));
            assert_eq!(answer.header("content-disposition"), Some(format!("attachment; filename=\"{kind}.csv\"").as_str()));
            let path = home.path(&format!("{kind}.csv")).display().to_string();
            let told = home.json(&["export", kind, "--tenant", "acme", "--out", &path, "--json"]);
            let written = std::fs::read(&path).unwrap();
            assert_eq!(told["bytes"].as_u64().unwrap() as usize, written.len());
            assert!(written == answer.body, "{kind}: both ways write the same");
            files.push((kind, path, written));
        }
        for (kind, path, _) in &files {
            let taken = home.json(&["import", kind, path, "--tenant", "other", "--market", "town", "--json"]);
            assert!(taken["rejected"].as_array().unwrap().is_empty() && taken["created"].as_u64().unwrap() > 0, "{kind}: {taken}");
        }
        for (kind, _, written) in &files {
            let path = home.path(&format!("{kind}-again.csv")).display().to_string();
            home.json(&["export", kind, "--tenant", "other", "--out", &path, "--json"]);
            let again = std::fs::read(&path).unwrap();
            let lines = |bytes: &[u8]| {
                let mut lines: Vec<String> = String::from_utf8(bytes.to_vec()).unwrap().lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            assert_eq!(lines(&again), lines(written), "{kind}");
        }

        let lines = client.get("/api/v1/exports/leads?format=jsonl").unwrap();
        let first: serde_json::Value = serde_json::from_slice(lines.body.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
        assert!(first["external_id"].is_string());
        let audit = told(200, client.get("/api/v1/admin/audit?limit=200"));
        let exports = audit["items"].as_array().unwrap().iter().filter(|act| act["action"] == "export").count();
        assert_eq!(exports, 2 * KINDS.len() + 1);
        told(404, client.get("/api/v1/exports/everything"));
        told(422, client.get("/api/v1/exports/leads?format=xml"));
        let agent = home.json(&["keys", "create", "--tenant", "acme", "--role", "analyst", "--json"]);
        told(403, town.server.client(agent["key"].as_str().unwrap()).get("/api/v1/exports/leads"));
        assert!(home.complaint(1, &["export", "leads", "--tenant", "nobody", "--out", "x.csv"]).contains("tenant"));
    }
}

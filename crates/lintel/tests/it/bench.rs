//! `lintel bench`: a scenario on a server of its own, with everything and without a part.

use serde_json::{Value, json};

use crate::server::{Backend, Home};

/// A second of everything that these parts are about.
const SCENARIO: &str = r#"
name = "of a test"
warm_up_seconds = 0
phases = [{ name = "a second", users = 100, seconds = 1 }]
[weights]
search = 1
match = 1
clusters = 1
score = 1
capture = 1
webhook = 1
"#;

#[test]
fn a_scenario_is_played_with_everything_and_without_each_part_on_a_store_that_is_kept() {
    let home = Home::new(Backend::Sqlite);
    let file = home.write("second.toml", SCENARIO);
    let without = "cache,index,group-commit,admission";
    let small = ["--listings", "800", "--sales", "800", "--leads", "300"];
    let told = home.json(&[&["bench", &file, "--json", "--without", without], small.as_slice()].concat());
    assert_eq!(told["scenario"], "of a test");
    assert_eq!(told["store"], json!({"listings": 800, "sales": 800, "leads": 300}));
    let runs = told["runs"].as_array().unwrap();
    let without: Vec<&Value> = runs.iter().map(|run| &run["without"]).collect();
    assert_eq!(json!(without), json!([null, "cache", "index", "group-commit", "admission"]));
    for run in runs {
        let (report, phase) = (&run["report"], &run["report"]["phases"][0]);
        assert_eq!(phase["failed"], 0, "{run}");
        assert!(phase["due"].as_u64().unwrap() > 50, "{run}");
        // Whatever is left out, every operation is answered with what was asked for; events need no settings of an operator's.
        let useful = report["useful"].as_object().unwrap();
        assert_eq!(useful.len(), 6);
        assert!(useful.values().all(|found| found["useful"].as_u64() > Some(0)), "{useful:?}");
    }
    // The real store was not touched, and what was filled is there for the next time.
    assert!(!home.data_dir().join("lintel.db").exists());
    let names = std::fs::read_dir(home.data_dir().join("bench")).unwrap();
    let mut kept: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    kept.sort();
    assert_eq!(kept, ["lock", "server.log", "store-800-800-300"]);
}

#[test]
fn what_cannot_be_played_is_an_error_of_usage() {
    let home = Home::new(Backend::Sqlite);
    assert!(home.complaint(2, &["bench", "nothing"]).contains("normal, campaign, stress"));
    assert!(home.complaint(2, &["bench", "normal", "--without", "brakes"]).contains("group-commit"));
    assert!(home.complaint(2, &["bench", "normal", "--seconds", "0"]).contains("seconds"));
    assert!(home.complaint(2, &["bench", "realtime", "--seconds", "5"]).contains("phases"));
}

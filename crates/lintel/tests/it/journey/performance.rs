//! How the node does, as an administrator sees it: routes, database, readers of the log.

use serde_json::Value;

use super::told;

on_each_engine! {
    fn an_administrator_sees_how_the_node_does(home) {
        let key = home.key("acme");
        let server = home.serve();
        server.wait_ready();
        let mut client = server.client(&key);
        for _ in 0..5 {
            told(200, client.get("/api/v1/leads"));
        }
        let summary = told(200, client.get("/api/v1/performance/summary"));
        let routes = summary["routes"].as_array().unwrap();
        let leads = routes.iter().find(|one| one["route"] == "/api/v1/leads").unwrap();
        assert_eq!(leads["requests"], 5, "{summary}");
        assert!(leads["p50_ms"].as_f64() > Some(0.0) && leads["rate"].as_f64() > Some(0.0), "{leads}");
        let store = &summary["store"];
        match store["engine"].as_str() {
            Some("sqlite") => assert!(store["lines"]["places"].as_u64() > Some(0) && store["pool"].is_null(), "{store}"),
            Some("postgres") => assert!(store["pool"]["most"].as_u64() > Some(0) && store["lines"].is_null(), "{store}"),
            _ => panic!("{store}"),
        }
        assert!(store["commits"].as_u64() > Some(0), "{store}");
        // They begin with the first event.
        assert!(summary["followers"].is_array(), "{summary}");
        assert!(summary["memory_bytes"].as_u64() > Some(1 << 20) || !cfg!(target_os = "linux"), "{summary}");
        assert_eq!(told(200, client.get("/api/v1/performance/history"))["every_seconds"], Value::from(10));
    }
}

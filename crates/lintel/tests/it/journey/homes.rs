//! Homes: searched, drawn on a map, matched and priced.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Town, search, sum, told};
use crate::server::eventually;

fn number(home: &Value, name: &str) -> Option<f64> {
    home[name].as_f64()
}

on_each_engine! {
    fn a_search_finds_what_its_filters_say_and_counts_it(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let everything = client.all("/api/v1/listings/search", &json!({ "market": "town", "limit": 200 }));
        assert!(everything.iter().all(|home| home["status"] == "active"));
        let mut places: Vec<[f64; 2]> =
            everything.iter().filter_map(|home| Some([number(home, "longitude")?, number(home, "latitude")?])).collect();
        places.sort_by(|a, b| a[0].total_cmp(&b[0]));
        let (west, east) = (places[places.len() / 4][0], places[places.len() * 3 / 4][0]);
        let ring = json!([[west, -89.0], [east, -89.0], [east, 89.0], [west, 89.0]]);
        let body = json!({
            "filters": { "price": { "min": 100_000, "max": 2_000_000 }, "bedrooms": { "min": 3 } }, "polygon": ring,
            "facets": ["property_type", "bedrooms", "price", "status", "year_built"], "histogram": true, "sort": "price",
        });
        let found = search(&mut client, body.clone());
        let expected: Vec<&Value> = everything
            .iter()
            .filter(|home| number(home, "list_price").is_some_and(|price| (1e5..=2e6).contains(&price)))
            .filter(|home| number(home, "bedrooms").is_some_and(|count| count >= 3.0))
            .filter(|home| number(home, "longitude").is_some_and(|degrees| (west..=east).contains(&degrees)))
            .collect();
        assert!(expected.len() > 10, "{}", expected.len());
        assert_eq!(found["total"], expected.len());
        let items = found["items"].as_array().unwrap();
        assert!(items.windows(2).all(|pair| number(&pair[0], "list_price") <= number(&pair[1], "list_price")));
        for facet in ["property_type", "bedrooms", "status"] {
            assert_eq!(sum(&found["facets"][facet], "count") as usize, expected.len(), "{facet}");
        }
        let word = everything.iter().find_map(|home| {
            let remarks = home["remarks"].as_str()?.to_lowercase();
            remarks.split(|letter: char| !letter.is_alphabetic()).find(|word| word.len() > 6).map(str::to_owned)
        });
        let mut with_text = body;
        with_text["text"] = json!(word.unwrap());
        let fewer = search(&mut client, with_text)["total"].as_u64().unwrap();
        assert!(fewer <= expected.len() as u64);
        let unknown = told(422, client.post("/api/v1/listings/search", &json!({ "market": "nowhere" })));
        assert_eq!(unknown["errors"][0]["pointer"], "/market");
    }

    fn a_home_fits_a_lead_as_it_does_among_the_leads_own_matches(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let path = "/api/v1/leads?limit=200&market=town";
        let leads = told(200, client.get(path))["items"].as_array().unwrap().clone();
        let looking = leads.iter().filter(|lead| lead["outcome"].is_null()).map(|lead| lead["id"].as_str().unwrap());
        let mut matches = std::collections::HashMap::new();
        for lead in looking {
            let found = told(200, client.get(&format!("/api/v1/leads/{lead}/matches?market=town&limit=200&explain=false")));
            for one in found["matches"].as_array().unwrap() {
                matches.insert((one["listing"]["id"].as_str().unwrap().to_owned(), lead), one["fit"].as_f64().unwrap());
            }
        }
        let homes = search(&mut client, json!({ "limit": 5 }));
        let mut compared = 0;
        for listing in homes["items"].as_array().unwrap().iter().map(|home| home["id"].as_str().unwrap()) {
            let suited = told(200, client.get(&format!("/api/v1/listings/{listing}/leads?limit=200")));
            let items = suited["items"].as_array().unwrap();
            let fits: std::collections::HashMap<&str, f64> =
                items.iter().map(|one| (one["lead"]["id"].as_str().unwrap(), one["fit"].as_f64().unwrap())).collect();
            assert_eq!(suited["considered"].as_u64().unwrap() as usize, fits.len());
            assert!(items.windows(2).all(|pair| pair[0]["fit"].as_f64() >= pair[1]["fit"].as_f64()));
            assert!(items.iter().all(|one| (sum(&one["reasons"], "contribution") - one["fit"].as_f64().unwrap()).abs() < 1e-9));
            for ((home, lead), fit) in matches.iter().filter(|((home, _), _)| home == listing) {
                // Taste fades by the moment at which it is asked for.
                assert!((fits[lead] - fit).abs() < 1e-6, "{home} {lead}");
                compared += 1;
            }
        }
        assert!(compared > 20, "{compared}");
        // With fewer wanted, those who cannot be among them are not asked for their taste.
        for listing in homes["items"].as_array().unwrap().iter().map(|home| home["id"].as_str().unwrap()) {
            let fits = |client: &mut crate::client::Client, limit: usize| -> Vec<f64> {
                let suited = told(200, client.get(&format!("/api/v1/listings/{listing}/leads?limit={limit}")));
                suited["items"].as_array().unwrap().iter().map(|one| one["fit"].as_f64().unwrap()).collect()
            };
            let all = fits(&mut client, 200);
            for limit in [1, 7, 30] {
                let best = fits(&mut client, limit);
                assert_eq!(best.len(), limit.min(all.len()));
                assert!(best.iter().zip(&all).all(|(one, of_all)| (one - of_all).abs() < 1e-6), "{best:?} {all:?}");
            }
        }
        let few = told(200, client.get(&format!("/api/v1/listings/{}/leads?limit=1&explain=false", homes["items"][0]["id"].as_str().unwrap())));
        assert_eq!((few["items"].as_array().unwrap().len(), &few["items"][0]["reasons"]), (1, &json!([])));
    }

    fn whom_a_home_fits_follows_what_they_look_for(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let homes = search(&mut client, json!({ "filters": { "price": { "min": 300_000 } }, "limit": 1 }));
        let (listing, price) = (homes["items"][0]["id"].as_str().unwrap(), number(&homes["items"][0], "list_price").unwrap());
        let suited = format!("/api/v1/listings/{listing}/leads?limit=200");
        let dearer = |by: f64| json!({ "price": { "max": price + by }, "must": ["price"] });
        let mut considered = told(200, client.get(&suited))["considered"].as_u64().unwrap();
        let fits = |client: &mut crate::client::Client, lead: &str, is_there: bool| {
            let found = told(200, client.get(&suited));
            let all = found["items"].as_array().unwrap();
            if all.len() < 200 {
                assert_eq!(all.iter().any(|one| one["lead"]["id"] == lead), is_there, "{found}");
            }
            found["considered"].as_u64().unwrap()
        };
        let body = json!({ "name": "Ada", "market": "town", "preferences": dearer(1.0) });
        let ada = told(201, client.post("/api/v1/leads", &body))["id"].as_str().unwrap().to_owned();
        considered += 1;
        assert_eq!(fits(&mut client, &ada, true), considered, "a new lead");
        let path = format!("/api/v1/leads/{ada}");
        for (patch, is_there) in [
            (json!({ "preferences": dearer(-1.0) }), false),
            (json!({ "preferences": dearer(0.0) }), true),
            (json!({ "outcome": "lost" }), false),
            (json!({ "outcome": null }), true),
            (json!({ "market": null }), false),
            (json!({ "market": "town" }), true),
        ] {
            told(200, client.send("PATCH", &path, &[], &patch));
            let expected = considered - u64::from(!is_there);
            assert_eq!(fits(&mut client, &ada, is_there), expected, "{patch}");
        }
        let twin = told(201, client.post("/api/v1/leads", &body))["id"].as_str().unwrap().to_owned();
        told(200, client.post(&format!("{path}/merge"), &json!({ "from": twin })));
        assert_eq!(fits(&mut client, &twin, false), considered, "merged into another");
        let look = json!({ "items": [{ "kind": "listing_view", "listing_id": listing }] });
        told(200, client.post(&format!("{path}/interactions"), &look));
        let seen = told(200, client.get(&suited));
        let ours = seen["items"].as_array().unwrap().iter().find(|one| one["lead"]["id"] == ada.as_str()).unwrap();
        assert!(ours["reasons"].as_array().unwrap().iter().any(|reason| reason["aspect"] == "taste"), "{ours}");
        assert_eq!(client.send("DELETE", &path, &[], &json!({})).unwrap().status, 204);
        assert_eq!(fits(&mut client, &ada, false), considered - 1, "erased");
    }

    fn bubbles_on_a_map_add_up_to_the_whole(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let total = search(&mut client, json!({ "polygon": [[-180, -90], [180, -90], [180, 90], [-180, 90]] }))["total"].clone();
        for zoom in [0, 8, 12, 18] {
            let body = json!({ "market": "town", "bbox": [-180, -90, 180, 90], "zoom": zoom, "metric": "median_price" });
            let map = told(200, client.post("/api/v1/listings/clusters", &body));
            assert_eq!((&map["total"], &json!(sum(&map["features"], "count") as u64)), (&total, &total), "zoom {zoom}");
            assert!(map["features"].as_array().unwrap().len() <= 500);
        }
    }

    fn sales_of_a_drawn_area_are_those_that_a_search_finds_there(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let closed = json!({ "market": "town", "filters": { "status": ["closed"] }, "limit": 200 });
        let all = client.all("/api/v1/listings/search", &closed);
        let mut east: Vec<f64> = all.iter().filter_map(|home| number(home, "longitude")).collect();
        east.sort_by(f64::total_cmp);
        let ring = json!([[-180, -90], [east[east.len() / 2], -90], [east[east.len() / 2], 90], [-180, 90]]);
        let mut inside = closed.clone();
        inside["polygon"] = ring.clone();
        let inside = client.all("/api/v1/listings/search", &inside);
        let days: Vec<&str> = all.iter().filter_map(|home| home["close_date"].as_str()).collect();
        let (first, last) = (&days.iter().min().unwrap()[..7], &days.iter().max().unwrap()[..7]);
        for (body, found) in [
            (json!({ "from": first, "to": last }), &all),
            (json!({ "from": first, "to": last, "polygon": ring }), &inside),
        ] {
            let told = told(200, client.post("/api/v1/markets/town/sales", &body));
            let months = told["months"].as_array().unwrap();
            assert_eq!(sum(&told["months"], "sales") as usize, found.len());
            for month in months {
                let period = month["period"].as_str().unwrap();
                let of_month = found.iter().filter(|home| home["close_date"].as_str().is_some_and(|day| day.starts_with(period)));
                let mut prices: Vec<f64> = of_month.filter_map(|home| number(home, "close_price")).collect();
                prices.sort_by(f64::total_cmp);
                let (n, half) = (prices.len(), prices.len() / 2);
                assert_eq!((&month["sales"], &month["suppressed"]), (&json!(n), &json!(n < 5)), "{period}");
                match month["median_price"].as_f64() {
                    None => assert!(n < 5, "{month}"),
                    Some(median) => {
                        let expected = if n % 2 == 1 { prices[half] } else { f64::midpoint(prices[half - 1], prices[half]) };
                        assert!(n >= 5 && (median - expected).abs() <= 0.005, "{month} {expected}");
                    }
                }
            }
            assert!(months.iter().any(|month| month["median_price_per_sqft"].is_number()), "{told}");
        }
    }

    fn the_reasons_of_a_match_add_up_to_its_fit(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let body = json!({
            "market": "town", "limit": 20, "explain": true,
            "preferences": { "price": { "max": 700_000 }, "bedrooms": { "min": 3 }, "keywords": ["garden"], "must": ["price"] },
        });
        let answer = told(200, client.post("/api/v1/properties/match", &body));
        let matches = answer["matches"].as_array().unwrap();
        assert!(!matches.is_empty());
        let within = search(&mut client, json!({ "filters": { "status": ["active", "coming_soon"], "price": { "max": 700_000 } } }));
        assert_eq!(answer["considered"], within["total"]);
        for found in matches {
            let fit = found["fit"].as_f64().unwrap();
            assert!((sum(&found["reasons"], "contribution") - fit).abs() < 1e-9, "{found}");
            assert!(found["listing"]["list_price"].as_f64().unwrap() <= 700_000.0);
        }
        assert!(matches.windows(2).all(|pair| pair[0]["fit"].as_f64() >= pair[1]["fit"].as_f64()));
    }

    fn an_estimate_adds_up_to_the_cent_and_knows_nothing_of_the_future(home) {
        let town = Town::settle(home);
        let mut client = town.client();
        let sold = json!({ "market": "town", "filters": { "status": ["closed"] }, "limit": 200 });
        let mut sales = client.all("/api/v1/listings/search", &sold);
        assert_eq!(sales.len(), 600);
        sales.sort_by(|a, b| a["close_date"].as_str().cmp(&b["close_date"].as_str()));
        let like = &sales[450];
        let fields = ["latitude", "longitude", "property_type", "bedrooms", "bathrooms", "living_area_sqft", "lot_size_sqft", "year_built"];
        let facts: serde_json::Map<String, Value> = fields.iter().map(|field| ((*field).to_owned(), like[field].clone())).collect();
        let as_of = like["close_date"].as_str().unwrap();
        let body = json!({ "market": "town", "home": facts, "as_of": as_of, "comparables": 5, "explain": true });
        let refused = told(200, client.post("/api/v1/pricing/estimate", &body));
        assert_eq!(refused["estimate"], Value::Null);
        assert!(refused["refused"]["reason"].is_string());

        let trained = home.json(&["train", "price", "--tenant", "acme", "--market", "town", "--json"]);
        // Learning may take longer than a connection may stay quiet.
        let mut client = town.client();
        assert_eq!((&trained["promoted"], &trained["n"]), (&json!(true), &json!(600)));
        let live = || Some(told(200, client.post("/api/v1/pricing/estimate", &body))).filter(|answer| answer["refused"].is_null());
        let (answer, _) = eventually("the model is live", Duration::from_secs(5), live);
        assert_eq!(answer["model"]["version"], trained["version"]);
        let cents = |amount: &Value| (amount.as_f64().unwrap() * 100.0).round() as i64;
        let parts: i64 = answer["contributions"].as_array().unwrap().iter().map(|one| cents(&one["amount"])).sum();
        let estimate = &answer["estimate"];
        assert_eq!(cents(&answer["base"]) + parts, cents(&estimate["value"]));
        let bounds = [&estimate["interval95"][0], &estimate["interval80"][0], &estimate["value"], &estimate["interval80"][1], &estimate["interval95"][1]];
        assert!(bounds.windows(2).all(|pair| cents(pair[0]) <= cents(pair[1])), "{estimate}");
        let comparables = answer["comparables"].as_array().unwrap();
        assert_eq!(comparables.len(), 5);
        for comparable in comparables {
            assert!(comparable["listing"]["close_date"].as_str().unwrap() <= as_of, "{comparable}");
        }
        let listing = search(&mut client, json!({}))["items"][0]["id"].clone();
        let of_listing = told(200, client.get(&format!("/api/v1/listings/{}/estimate", listing.as_str().unwrap())));
        assert!(of_listing["estimate"]["value"].is_number());
    }
}

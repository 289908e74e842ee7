//! Forecasts of files through the command line, in every layout and packing, and of markets through the interface.

use std::{fmt::Write as _, fs, io::Write as _, process::Stdio};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;

use crate::server::{Backend, Home};

fn home() -> Home {
    Home::new(Backend::Sqlite)
}

/// Month ends from January 2020 on.
const ENDS: [&str; 12] =
    ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31"];

/// A wide table of three years that ends in October 2022; the third series starts late and the last is too short.
fn wide(delimiter: char) -> String {
    let periods: Vec<String> =
        (2019..=2022).flat_map(|year| ENDS.map(|end| format!("{year}-{end}"))).take(46).collect();
    let mut text = ["id", "rank"]
        .map(str::to_owned)
        .iter()
        .chain(&periods)
        .cloned()
        .collect::<Vec<_>>()
        .join(&delimiter.to_string());
    for (name, first, growth) in
        [("north", 0, 1.01), ("\"south, old\"", 0, 1.002), ("late", 20, 0.999), ("short", 43, 1.0)]
    {
        write!(text, "\n{name}{delimiter}1").unwrap();
        for at in 0..periods.len() {
            text.push(delimiter);
            // A gap inside is bridged.
            if at >= first && at != 30 {
                write!(text, "{:.3}", 200_000.0 * f64::powi(growth, at as i32)).unwrap();
            }
        }
    }
    text.push('\n');
    text
}

fn forecast<'a>(from: &'a str, layout: &'a str, out: &'a str) -> Vec<&'a str> {
    vec!["forecast", "--from", from, "--layout", layout, "--horizon", "3", "--out", out, "--json"]
}

#[test]
fn a_wide_file_is_forecast_alike_from_every_packing() {
    let home = home();
    let out = home.path("out.csv").display().to_string();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(wide(',').as_bytes()).unwrap();
    let files = [
        home.write("packed.csv.gz", gzip.finish().unwrap()),
        home.write("packed.csv.zst", zstd::encode_all(wide('|').as_bytes(), 3).unwrap()),
        home.write("tabs.tsv", wide('\t')),
    ];
    let plain = home.write("plain.csv", wide(','));
    let summary = home.json_with(3, &forecast(&plain, "wide", &out));
    assert_eq!([&summary["series"], &summary["forecast"]], [&json!(4), &json!(3)], "{summary}");
    assert_eq!(summary["refused"][0]["series"], "short");
    let expected = fs::read_to_string(&out).unwrap();
    let lines: Vec<&str> = expected.lines().collect();
    assert_eq!(lines[0], "series,period,mean,lower80,upper80,method,reason");
    let begins: Vec<String> = lines[1..].iter().map(|line| line.split(",2").next().unwrap().to_owned()).collect();
    assert_eq!(
        begins[..9],
        ["north", "north", "north", "\"south, old\"", "\"south, old\"", "\"south, old\"", "late", "late", "late"]
    );
    assert!(lines[1].starts_with("north,2022-11-30,") && lines[3].starts_with("north,2023-01-31,"), "{expected}");
    let numbers: Vec<f64> = lines[3].split(',').skip(2).take(3).map(|cell| cell.parse().unwrap()).collect();
    assert!(numbers[1] <= numbers[0] && numbers[0] <= numbers[2], "{numbers:?}");
    assert!(
        lines[10].starts_with("short,,,,,,\"insufficient data (n = 3), at least 6") && lines.len() == 11,
        "{expected}"
    );
    for file in &files {
        home.json_with(3, &forecast(file, "wide", &out));
        assert_eq!(fs::read_to_string(&out).unwrap(), expected, "{file}");
    }
    let mut child =
        home.lintel(&forecast("-", "wide", &out)).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(wide(';').as_bytes()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert_eq!(fs::read_to_string(&out).unwrap(), expected);
}

#[test]
fn long_files_go_on_in_their_own_calendars() {
    let home = home();
    let out = home.path("out.csv").display().to_string();
    let mut text = String::from("series,period,value\n");
    for at in 0..40 {
        let (year, month) = (2019 + (7 + at) / 12, (7 + at) % 12 + 1);
        writeln!(text, "rent,{year}-{month:02},{}", 1000 + 3 * at).unwrap();
    }
    let summary = home.json(&forecast(&home.write("months.csv", &text), "long", &out));
    assert_eq!(summary["forecast"], 1, "{summary}");
    let written = fs::read_to_string(&out).unwrap();
    assert_eq!(
        written.lines().filter_map(|line| line.split(',').nth(1)).collect::<Vec<_>>(),
        ["period", "2022-12", "2023-01", "2023-02"]
    );
    let mut text = String::from("DATE,RATE\n");
    for week in 0..60 {
        writeln!(text, "{},{}", lintel_domain::clock::Day(19_000 + 7 * week), 3.0 + f64::from(week % 5) / 10.0)
            .unwrap();
    }
    home.json(&forecast(&home.write("weeks.csv", &text), "long", &out));
    let written = fs::read_to_string(&out).unwrap();
    let next = format!("RATE,{},", lintel_domain::clock::Day(19_000 + 7 * 60));
    assert!(written.lines().nth(1).unwrap().starts_with(&next), "{written}");
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let home = home();
    let (out, good) = (home.path("out.csv").display().to_string(), home.write("good.csv", wide(',')));
    home.complaint(2, &["forecast", "--from", &good, "--layout", "tall", "--horizon", "3", "--out", &out]);
    home.complaint(2, &["forecast", "--from", &good, "--layout", "wide", "--horizon", "0", "--out", &out]);
    home.complaint(2, &["forecast", "--from", &good, "--layout", "wide", "--out", &out]);
    let cases = [
        ("empty.csv", "", "empty"),
        ("dates.csv", "id,name\na,b\n", "no column is named by a date"),
        ("mixed.csv", "id,2022-09-30,note\na,1,b\n", "note"),
        ("twice.csv", "id,2022-09-30,9/30/2022\na,1,2\n", "the same period"),
        ("irregular.csv", "id,2020-01-01,2020-01-02,2020-07-01,2022-02-03\na,1,2,3,4\n", "regular"),
        ("none.csv", "id,2022-09-30,2022-10-31\n", "no series"),
    ];
    for (name, text, said) in cases {
        let told = home.complaint(1, &forecast(&home.write(name, text), "wide", &out));
        assert!(told.contains(said), "{name}: {told}");
    }
    home.complaint(1, &forecast(&home.write("odd.csv", "a,b,c,d\n1,2,3,4\n"), "long", &out));
    home.complaint(1, &forecast(home.path("missing.csv").to_str().unwrap(), "wide", &out));
    home.complaint(1, &forecast(&good, "wide", home.path("no/such/folder.csv").to_str().unwrap()));
    assert!(!home.path("out.csv").exists());
}

#[test]
fn a_market_is_forecast_with_its_backtest() {
    let home = home();
    let key = home.key("acme");
    let mut text = String::from("metric,period,value\nshort,2022-01,1\nshort,2022-02,2\n");
    for at in 0..96 {
        let wave = f64::from(at % 12 - 6).abs();
        writeln!(text, "rent,{}-{:02},{:.2}", 2015 + at / 12, at % 12 + 1, 1000.0 + 4.0 * f64::from(at) + wave)
            .unwrap();
    }
    let file = home.write("series.csv", text);
    home.json(&["import", "series", &file, "--tenant", "acme", "--market", "town", "--json"]);
    let server = home.serve();
    server.wait_ready();
    let mut client = server.client(&key);
    let mut ask = |query: &str| client.get(&format!("/api/v1/markets/town/forecast{query}")).unwrap();
    let made = ask("?metric=rent&horizon=6").json();
    let points = made["points"].as_array().unwrap();
    assert_eq!(
        (points.len(), &points[0]["period"], &made["refused"]),
        (6, &json!("2023-01-01"), &json!(null)),
        "{made}"
    );
    let backtest = &made["backtest"];
    assert!(backtest["origins"].as_u64().unwrap() >= 4, "{made}");
    assert!(backtest["mase"].as_f64().unwrap() < backtest["naive_mase"].as_f64().unwrap(), "{made}");
    assert!((0.0..=1.0).contains(&backtest["coverage80"].as_f64().unwrap()));
    let short = ask("?metric=short").json();
    assert_eq!(
        (&short["points"], &short["backtest"]["origins"], &short["backtest"]["mase"]),
        (&json!([]), &json!(0), &json!(null))
    );
    assert!(short["refused"]["reason"].as_str().unwrap().contains("n = 2"), "{short}");
    for (query, status) in
        [("", 422), ("?metric=none", 422), ("?metric=rent&horizon=0", 422), ("?metric=rent&horizon=121", 422)]
    {
        assert_eq!(ask(query).status, status, "{query}");
    }
}

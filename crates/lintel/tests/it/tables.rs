//! Learning from files with free columns through the command line: every form of a table, every fault, and what a
//! prediction must not depend on.

use std::{fmt::Write as _, fs, io::Write as _, path::Path};

use flate2::{Compression, write::GzEncoder};
use lintel_domain::rng::Rng;
use serde_json::{Value, json};

use crate::server::{Backend, Home};

/// Rows of a table as cells, the header first.
type Cells = Vec<Vec<String>>;

/// A table whose label follows from some of its columns, with noise, missing values and words.
fn people(rows: usize, seed: u64) -> Cells {
    let mut random = Rng::new(seed);
    let mut cells =
        vec![["id", "visits", "source", "joined", "spent, in $", "gender", "bought"].map(str::to_owned).to_vec()];
    for row in 0..rows {
        let visits = random.below(20);
        let source = *random.pick(&["web", "phone", "friend", ""]).unwrap();
        let day = random.below(700);
        let spent = random.unit() * 5_000.0;
        let pull = visits as f64 / 4.0 - 3.0 + f64::from(u8::from(source == "friend")) * 2.0 + random.normal();
        let joined = lintel_domain::clock::Day(18_000 + day as i32).date().unwrap();
        cells.push(vec![
            format!("p{row}"),
            if random.chance(0.1) { String::new() } else { visits.to_string() },
            source.to_owned(),
            format!("{:02}/{:02}/{}", joined.day(), joined.month(), joined.year()),
            format!("{spent:.2}"),
            (if random.chance(0.5) { "f" } else { "m" }).to_owned(),
            (if pull > 0.0 { "Yes" } else { "No" }).to_owned(),
        ]);
    }
    cells
}

fn text(cells: &Cells, delimiter: char) -> String {
    let mut text = String::new();
    for row in cells {
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                text.push(delimiter);
            }
            if cell.contains([',', delimiter, '"']) {
                write!(text, "\"{}\"", cell.replace('"', "\"\"")).unwrap();
            } else {
                text.push_str(cell);
            }
        }
        text.push('\n');
    }
    text
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

fn home() -> Home {
    Home::new(Backend::Sqlite)
}

fn learn<'a>(from: &'a str, label: &'a str, task: &'a str, out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["learn", "--from", from, "--label", label, "--task", task, "--out", out, "--json"], more].concat()
}

/// The lines that `predict` writes for a file.
fn predictions(home: &Home, model: &str, from: &str, code: i32, more: &[&str]) -> Vec<Vec<String>> {
    let out = home.path("out.csv");
    let args = ["predict", "--model", model, "--from", from, "--out", out.to_str().unwrap()];
    let output = home.run(&[&args, more].concat());
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    let written = fs::read_to_string(&out).unwrap();
    // No field but the last holds a comma.
    let fields = if more.contains(&"--explain") { 6 } else { 9 };
    written.lines().map(|line| line.splitn(fields, ',').map(str::to_owned).collect()).collect()
}

fn codes(report: &Value, column: &str) -> Vec<String> {
    let of_column = |warning: &&Value| warning["column"] == column;
    let warnings = report["warnings"].as_array().unwrap().iter().filter(of_column);
    warnings.map(|warning| warning["code"].as_str().unwrap().to_owned()).collect()
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_classifier_is_learned_measured_and_used() {
    let home = home();
    let file = home.write("people.csv", text(&people(600, 1), ','));
    let model = home.path("model").to_str().unwrap().to_owned();
    let report = home.json(&learn(&file, "bought", "classify", &model, &["--drop", "\"spent, in $\"", "--id", "id"]));
    let mut keys: Vec<&String> = report.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["features", "label", "metrics", "positive", "rejected", "rows", "rows_used", "task", "warnings"]);
    assert_eq!(
        (&report["task"], &report["label"], &report["positive"]),
        (&json!("classify"), &json!("bought"), &json!("Yes"))
    );
    assert_eq!((&report["rows"], &report["rows_used"]), (&json!(600), &json!(600)));
    assert_eq!(report["features"], json!(["visits", "source", "joined"]));
    assert_eq!(codes(&report, "gender"), ["protected_column"]);
    assert!(report["metrics"]["auc"].as_f64().unwrap() > 0.85, "{report}");
    let fresh = people(300, 2);
    let rows = predictions(&home, &model, &home.write("fresh.csv", text(&fresh, ',')), 0, &[]);
    assert_eq!((rows[0].join(","), rows.len()), ("row,probability,reason".to_owned(), 301));
    let mut right = 0;
    for (at, (row, cells)) in rows[1..].iter().zip(&fresh[1..]).enumerate() {
        assert_eq!((row[0].clone(), row[2].as_str()), ((at + 1).to_string(), ""));
        let probability: f64 = row[1].parse().unwrap();
        right += usize::from((probability > 0.5) == (cells[6] == "Yes"));
    }
    assert!(right > 230, "{right}");
}

#[test]
fn a_prediction_depends_on_the_model_and_its_row_only() {
    let home = home();
    let file = home.write("people.csv", text(&people(400, 1), ','));
    let model = home.path("model").to_str().unwrap().to_owned();
    home.json(&learn(&file, "bought", "classify", &model, &["--id", "id"]));
    let fresh = people(120, 2);
    let expected = predictions(&home, &model, &home.write("fresh.csv", text(&fresh, ',')), 0, &[]);
    let same = |name: &str, bytes: Vec<u8>| {
        assert_eq!(predictions(&home, &model, &home.write(name, bytes), 0, &[]), expected, "{name}");
    };
    same("tabs.tsv", text(&fresh, '\t').into_bytes());
    same("semicolons.csv.gz", gzip(&text(&fresh, ';')));
    same("bars.zst", zstd::encode_all(text(&fresh, '|').as_bytes(), 3).unwrap());
    let other_way = |row: &Vec<String>| {
        let mut row: Vec<String> = row.iter().rev().cloned().collect();
        row.insert(2, if row.contains(&"gender".to_owned()) { "extra".into() } else { "9,9".into() });
        row
    };
    same("columns.csv", text(&fresh.iter().map(other_way).collect(), ',').into_bytes());
    let flipped = |row: &Vec<String>| {
        let mut row = row.clone();
        row[5] = row[5].replace('m', "x").replace('f', "m").replace('x', "f");
        row.truncate(6);
        row
    };
    let mut without_label: Cells = fresh.iter().map(flipped).collect();
    without_label[0][5] = "gender".into();
    same("flipped.csv", text(&without_label, ',').into_bytes());
    for at in [1, 60, 120] {
        let one = vec![fresh[0].clone(), fresh[at].clone()];
        let alone = predictions(&home, &model, &home.write("one.csv", text(&one, ',')), 0, &[]);
        assert_eq!(alone[1][1], expected[at][1]);
    }
}

#[test]
fn the_same_rows_in_another_order_make_the_same_model() {
    let home = home();
    let cells = people(300, 1);
    let mut turned: Cells = cells.iter().map(|row| row.iter().rev().cloned().collect()).collect();
    turned[1..].reverse();
    let files = [home.write("a.csv", text(&cells, ',')), home.write("b.csv.gz", gzip(&text(&turned, ';')))];
    let mut models = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let model = home.path(&format!("model-{at}")).to_str().unwrap().to_owned();
        home.json(&learn(file, "bought", "classify", &model, &["--id", "id", "--seed", "7"]));
        models.push(fs::read(model).unwrap());
    }
    assert!(models[0] == models[1]);
}

#[test]
fn explanations_add_up_to_what_is_predicted() {
    let home = home();
    let file = home.write("people.csv", text(&people(400, 1), ','));
    let model = home.path("model").to_str().unwrap().to_owned();
    home.json(&learn(&file, "bought", "classify", &model, &["--id", "id"]));
    let rows = predictions(&home, &model, &file, 0, &["--explain"]);
    assert_eq!(rows[0].join(","), "row,probability,reason,base,scale,contributions");
    for row in &rows[1..] {
        let probability: f64 = row[1].parse().unwrap();
        let parts: Value = serde_json::from_str(&row[5].trim_matches('"').replace("\"\"", "\"")).unwrap();
        let sum: f64 = parts.as_object().unwrap().values().map(|part| part.as_f64().unwrap()).sum();
        let log_odds = row[3].parse::<f64>().unwrap() + sum;
        assert_eq!(row[4], "log_odds");
        assert!((log_odds - (probability / (1.0 - probability)).ln()).abs() < 1e-9, "{row:?}");
        assert!(parts.get("gender").is_none());
    }
}

#[test]
fn a_number_is_predicted_between_its_bounds() {
    let home = home();
    let mut cells = people(500, 1);
    for row in &mut cells[1..] {
        let visits: f64 = row[1].parse().unwrap_or(8.0);
        row[6] = format!("{:.1}", 100.0 + 30.0 * visits + row[4].parse::<f64>().unwrap() / 50.0);
    }
    let file = home.write("people.csv", text(&cells, ','));
    let model = home.path("model").to_str().unwrap().to_owned();
    let report = home.json(&learn(&file, "bought", "regress", &model, &["--id", "id"]));
    assert_eq!((&report["positive"], &report["task"]), (&Value::Null, &json!("regress")));
    assert!(report["metrics"]["r2"].as_f64().unwrap() > 0.8, "{report}");
    let rows = predictions(&home, &model, &file, 0, &[]);
    assert_eq!(rows[0].join(","), "row,prediction,lower80,upper80,lower95,upper95,reason");
    let mut inside = 0;
    for (row, cells) in rows[1..].iter().zip(&cells[1..]) {
        let n: Vec<f64> = row[1..6].iter().map(|field| field.parse().unwrap()).collect();
        assert!(n[3] <= n[1] && n[1] <= n[0] && n[0] <= n[2] && n[2] <= n[4], "{row:?}");
        inside += usize::from((n[1]..=n[2]).contains(&cells[6].parse().unwrap()));
    }
    assert!(inside > 350, "{inside}");
}

#[test]
fn broken_rows_are_listed_and_keep_their_place() {
    let home = home();
    let mut cells = people(200, 1);
    cells[5][6] = String::new();
    let mut lines: Vec<String> = text(&cells, ',').lines().map(str::to_owned).collect();
    lines[10] = "too,few".to_owned();
    let file = home.write("people.csv", lines.join("\n"));
    let model = home.path("model").to_str().unwrap().to_owned();
    let report = home.json_with(3, &learn(&file, "bought", "classify", &model, &["--id", "id"]));
    assert_eq!((&report["rows"], &report["rows_used"]), (&json!(200), &json!(198)));
    let rejected = report["rejected"].as_array().unwrap();
    assert_eq!((rejected.len(), &rejected[0]["line"], &rejected[0]["column"]), (1, &json!(11), &Value::Null));
    let rows = predictions(&home, &model, &file, 3, &[]);
    assert_eq!(rows.len(), 201);
    assert_eq!((rows[10][0].as_str(), rows[10][1].as_str()), ("10", ""));
    assert!(rows[10][2].contains("2 fields"));
    assert!(!rows[5][1].is_empty() && rows[5][2].is_empty());
    let numbers = text(&people(200, 1), ',').replace("Yes", "5").replace("No", "2");
    let file = home.write("numbers.csv", numbers.replacen(",2\n", ",oops\n", 1));
    let report = home.json_with(3, &learn(&file, "bought", "regress", &model, &["--id", "id"]));
    assert_eq!(report["rejected"][0]["column"], "bought");
}

#[test]
fn bad_tables_are_refused_in_words_and_leave_no_file() {
    let home = home();
    fs::create_dir(home.path("models")).unwrap();
    let model = home.path("models/model").to_str().unwrap().to_owned();
    let refuse = |name: &str, bytes: &str, label: &str, task: &str, said: &str| {
        let file = home.write(name, bytes);
        let complaint = home.complaint(1, &learn(&file, label, task, &model, &[]));
        assert!(complaint.contains(said), "{name}: {complaint}");
        assert!(!complaint.contains("panicked"), "{complaint}");
        assert_eq!(names(&home.path("models")), [""; 0], "{name}");
    };
    let many = |row: &dyn Fn(usize) -> String| (0..100).fold("x,y\n".to_owned(), |text, n| text + &row(n) + "\n");
    refuse("empty.csv", "", "y", "classify", "empty");
    refuse("header.csv", "x,y\n", "y", "classify", "no row");
    refuse("one.csv", "x,y\n1,1\n", "y", "classify", "does not vary");
    refuse("few.csv", "x,y\n1,1\n2,0\n3,1\n", "y", "classify", "insufficient data");
    refuse("few.csv", "x,y\n1,1\n2,0\n3,1\n", "y", "regress", "insufficient data");
    refuse("constant.csv", &many(&|n| format!("{n},no")), "y", "classify", "does not vary");
    refuse("constant.csv", &many(&|n| format!("{n},3")), "y", "regress", "does not vary");
    refuse("classes.csv", &many(&|n| format!("{n},{}", n % 3)), "y", "classify", "3 values");
    refuse("unnamed.csv", &many(&|n| format!("{n},{}", ["a", "b"][n % 2])), "y", "classify", "--positive");
    refuse("missing.csv", &many(&|n| format!(",{}", n % 2)), "y", "classify", "no column is left");
    refuse("alone.csv", "y\n1\n0\n", "y", "classify", "beside the label");
    refuse("label.csv", &many(&|n| format!("{n},{}", n % 2)), "z", "classify", "\"z\"");
    refuse("twice.csv", &many(&|n| format!("{n},{}", n % 2)).replace("x,y", "y,y"), "y", "classify", "more than once");
    refuse("twice.csv", "x,x,y\n1,2,3\n", "y", "classify", "more than once");
    refuse("words.csv", &many(&|n| format!("{n},w{n}")), "y", "regress", "no row has a number");
    let good = home.write("good.csv", many(&|n| format!("{n},{}", n % 2)));
    for (flag, value) in [("--drop", "z"), ("--time", "z"), ("--id", "z"), ("--group", "z"), ("--allow-protected", "z")]
    {
        assert!(home.complaint(1, &learn(&good, "y", "classify", &model, &[flag, value])).contains("\"z\""), "{flag}");
    }
    for wrong in [vec!["--drop", "\"open"], vec!["--seed", "x"], vec!["--no-such-flag"]] {
        home.complaint(2, &learn(&good, "y", "classify", &model, &wrong));
    }
    home.complaint(2, &learn(&good, "y", "regress", &model, &["--positive", "1"]));
    home.complaint(2, &learn(&good, "y", "guess", &model, &[]));
    home.complaint(1, &learn(home.path("none.csv").to_str().unwrap(), "y", "classify", &model, &[]));
    let mapping = home.write("mapping.toml", "[columns]\nreligion = 'x'\n");
    assert!(home.complaint(1, &learn(&good, "y", "classify", &model, &["--mapping", &mapping])).contains("protected"));
    assert_eq!(names(&home.path("models")), [""; 0]);
}

#[test]
fn what_looks_wrong_with_a_column_is_said() {
    let home = home();
    let mut cells = people(300, 1);
    let more = ["copy", "never", "key", "limit", "note"];
    cells[0].extend(more.map(str::to_owned));
    for (n, row) in cells.iter_mut().enumerate().skip(1) {
        let copy = if row[6] == "Yes" { "9" } else { "4" };
        let limit = if n % 7 == 0 { "inf" } else { &(n % 5).to_string() };
        row.extend([copy, "NA", "same", limit, &format!("text {n}")].map(str::to_owned));
    }
    let file = home.write("people.csv", text(&cells, ','));
    let model = home.path("model").to_str().unwrap().to_owned();
    let output = home.run(&learn(&file, "bought", "classify", &model, &["--allow-protected", "gender"]));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    for (column, code) in [
        ("id", "identifier"),
        ("joined", "-"),
        ("gender", "not_for_housing"),
        ("copy", "label_leak"),
        ("never", "empty_column"),
        ("key", "constant_column"),
        ("limit", "-"),
        ("note", "too_many_values"),
    ] {
        let expected = if code == "-" { vec![] } else { vec![code.to_owned()] };
        assert_eq!(codes(&report, column), expected, "{column}");
        assert!(code == "-" || said.contains(&format!("{code} {column}")), "{said}");
    }
    assert_eq!(report["features"], json!(["visits", "source", "joined", "spent, in $", "gender", "copy", "limit"]));
    let noted = home.run(&["predict", "--model", &model, "--from", &file, "--out", home.path("o").to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&noted.stderr).contains("must not decide about housing"));
}

#[test]
fn a_model_that_tells_nothing_says_so() {
    let home = home();
    let mut random = Rng::new(3);
    let mut table = "x,c,r\n".to_owned();
    for _ in 0..400 {
        writeln!(table, "{},{},{}", random.unit(), u8::from(random.chance(0.5)), random.unit()).unwrap();
    }
    let file = home.write("noise.csv", table);
    let model = home.path("model").to_str().unwrap().to_owned();
    for (label, other, task) in [("c", "r", "classify"), ("r", "c", "regress")] {
        let report = home.json(&learn(&file, label, task, &model, &["--drop", other]));
        assert_eq!(codes(&report, label), ["no_signal"], "{report}");
    }
}

/// The models are what `lintel learn --id id` of format 1 made of `people(60, 1)`, with the labels `bought` and `visits`.
#[test]
fn a_model_of_format_1_still_predicts_the_same() {
    let home = home();
    let fresh = home.write("fresh.csv", text(&people(4, 2), ','));
    for (model, bytes, expected) in [
        (
            "classify",
            &include_bytes!("fixtures/classify.v1.model")[..],
            [0.22109183302448013, 0.8463438726287389, 0.1939830329726697, 0.5105378672558655],
        ),
        (
            "regress",
            &include_bytes!("fixtures/regress.v1.model")[..],
            [7.972769692493804, 13.508294630747862, 8.206185404605417, 13.417166052424207],
        ),
    ] {
        let rows = predictions(&home, &home.write(model, bytes), &fresh, 0, &[]);
        for (row, expected) in rows[1..].iter().zip(expected) {
            let found: f64 = row[1].parse().unwrap();
            // Logarithms and exponentials may differ in the last bit between machines.
            assert!((found / expected - 1.0).abs() < 1e-6, "{model}: {found} is not {expected}");
        }
    }
}

#[test]
fn a_model_that_is_damaged_foreign_or_asked_too_much_is_refused() {
    let home = home();
    let file = home.write("people.csv", text(&people(200, 1), ','));
    let model = home.path("model").to_str().unwrap().to_owned();
    home.json(&learn(&file, "bought", "classify", &model, &["--id", "id"]));
    let whole = fs::read(&model).unwrap();
    let out = home.path("out.csv").to_str().unwrap().to_owned();
    let refuse = |bytes: &[u8], from: &str, said: &str| {
        let model = home.write("other", bytes);
        let complaint = home.complaint(1, &["predict", "--model", &model, "--from", from, "--out", &out]);
        assert!(complaint.contains(said), "{said}: {complaint}");
        assert!(!home.path("out.csv").exists());
    };
    for at in [8, 20, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        refuse(&damaged, &file, "refused");
    }
    refuse(&whole[..whole.len() - 1], &file, "refused");
    refuse(b"", &file, "not a model");
    refuse(b"row,probability\n1,0.5\n", &file, "not a model");
    let mut newer = whole.clone();
    newer[6] += 1;
    refuse(&newer, &file, "format");
    let narrow = home.write("narrow.csv", "visits,source\n1,web\n");
    refuse(&whole, &narrow, "joined");
    refuse(&whole, home.path("none.csv").to_str().unwrap(), "none.csv");
    home.complaint(2, &["predict", "--model", &model, "--from", &file]);
}

#[test]
fn time_and_groups_decide_what_is_held_out() {
    let home = home();
    let mut cells = people(400, 3);
    cells[0].push("team".into());
    for (n, row) in cells.iter_mut().enumerate().skip(1) {
        row.push(format!("t{}", n / 4));
    }
    let file = home.write("people.csv", text(&cells, ','));
    let model = home.path("model").to_str().unwrap().to_owned();
    for (more, measured) in [
        (vec!["--time", "@row"], 40),
        (vec!["--time", "joined"], 40),
        (vec!["--time", "@row", "--group", "team"], 120),
        (vec!["--group", "team", "--id", "id"], 400),
    ] {
        let report = home.json(&learn(&file, "bought", "classify", &model, &more));
        let n = report["metrics"]["n"].as_i64().unwrap();
        assert!((n - measured).abs() <= 3, "{more:?}: {n}");
        let features = report["features"].to_string();
        assert!(!features.contains("team") || !more.contains(&"--group"), "{features}");
    }
}

//! Exports: no cell is a formula to a spreadsheet, and what is exported is imported again without loss.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Cursor;

use lintel_domain::clock::{Day, Time};
use lintel_domain::import::ImportKind;
use lintel_domain::interaction::{InteractionFacts, InteractionKind};
use lintel_domain::lead::{LeadFacts, Outcome};
use lintel_domain::listing::{ListingFacts, Provenance, Status};
use lintel_domain::money::Money;
use lintel_domain::place::Point;
use lintel_domain::range::Range;
use lintel_domain::rng::Rng;
use lintel_domain::scalar::{Fields, Scalar};
use lintel_feed::export::{self, ExportFormat, ExportRow, MARK, columns};
use lintel_feed::table::Source;
use lintel_feed::{Import, ImportOptions, Records};
use proptest::prelude::*;

const BEGINNINGS: [&str; 18] =
    ["=", "+", "-", "@", "\t=", "\r", "\n=", "＝", "＋", "－", "＠", "|", "%", "'", "''", "'=", "\"=", " ="];
const ENDINGS: [&str; 12] = [
    "1+1",
    "cmd|' /C calc'!A0",
    "HYPERLINK(\"http://evil.example\",\"click\")",
    "SUM(A1:A9)\nsecond line",
    "\"quoted\", and more",
    "a;b\tc",
    "\r\nx",
    "'",
    "\u{1F3E0} Señor",
    "-1",
    "WEBSERVICE(\"x\")",
    " x ",
];

/// Texts that spreadsheets take for formulas, and texts around them.
fn nasty() -> Vec<String> {
    BEGINNINGS.iter().flat_map(|begin| ENDINGS.iter().map(move |end| format!("{begin}{end}"))).collect()
}

fn text(rng: &mut Rng, nasty: &[String]) -> Option<String> {
    rng.chance(0.8).then(|| rng.pick(nasty).unwrap().clone())
}

fn fields(rng: &mut Rng, nasty: &[String]) -> Fields {
    let value = |rng: &mut Rng| match rng.below(3) {
        0 => Scalar::Bool(rng.chance(0.5)),
        1 => Scalar::Number((rng.unit() - 0.5) * 1e6),
        _ => Scalar::Text(rng.pick(nasty).unwrap().clone()),
    };
    (0..rng.below(4)).map(|n| (format!("={n}"), value(rng))).collect()
}

fn home(rng: &mut Rng, nasty: &[String], key: usize) -> ListingFacts {
    let mut facts =
        ListingFacts::new("a feed", format!("-key {key}"), *rng.pick(Status::ALL).unwrap(), Provenance::Import);
    facts.property_type = text(rng, nasty);
    facts.list_price = rng.chance(0.8).then(|| Money(1 + rng.below(100_000_000) as i64));
    facts.listed_at = rng.chance(0.8).then(|| Time(rng.below(2_000_000_000_000_000) as i64));
    facts.bathrooms = rng.chance(0.8).then(|| rng.below(40) as f64 / 4.0);
    facts.living_area_sqft = rng.chance(0.8).then(|| 0.1 + rng.unit() * 1e4);
    facts.year_built = rng.chance(0.8).then(|| 1900 + rng.below(120) as i32);
    facts.place = Point::new(-47.123_456_789 - rng.unit(), -122.1);
    facts.address.line = text(rng, nasty);
    facts.address.postal_code = Some("00123".to_owned());
    facts.remarks = text(rng, nasty);
    facts.photos = (0..rng.below(3)).map(|n| format!("https://example.org/{n}|x y.jpg")).collect();
    facts.attributes = fields(rng, nasty);
    facts
}

fn lead(rng: &mut Rng, nasty: &[String], key: usize) -> LeadFacts {
    let mut facts = LeadFacts::new(Provenance::Import);
    facts.external_id = Some(format!("+{key}"));
    facts.name = text(rng, nasty);
    facts.source = text(rng, nasty);
    facts.stage = text(rng, nasty);
    facts.phone = rng.chance(0.8).then(|| "+1 206 555 0100".to_owned());
    facts.market = Some("town".parse().unwrap());
    facts.preferences.price = Some(Range { min: None, max: Some(Money(50_000_050)) });
    facts.preferences.keywords = vec!["=pool, heated".to_owned()];
    let mut tags: Vec<String> = (0..rng.below(4)).map(|n| format!("{}{n}", rng.pick(nasty).unwrap())).collect();
    tags.sort();
    tags.dedup();
    facts.tags = tags;
    facts.custom = fields(rng, nasty);
    facts.outcome = rng.chance(0.5).then_some(Outcome::Lost);
    facts.outcome_at = facts.outcome.map(|_| Time(1_700_000_000_000_001));
    facts.created_at = Some(Time(1_600_000_000_123_456));
    facts
}

/// A file of rows.
fn file(kind: ImportKind, rows: &[ExportRow]) -> Vec<u8> {
    let mut bytes = ExportFormat::Csv.header(kind);
    ExportFormat::Csv.write(kind, rows, &mut bytes);
    bytes
}

fn import(kind: ImportKind, bytes: Vec<u8>) -> Vec<Records> {
    let source = Source::from_reader("export.csv", Cursor::new(bytes), None);
    let batches = Import::open(source, kind, None, &ImportOptions::default()).unwrap();
    let taken = batches.map(|batch| {
        let batch = batch.unwrap();
        assert_eq!(batch.rejected, []);
        batch.records
    });
    taken.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_exported_is_imported_without_loss(seed in 0..u64::MAX) {
        let (mut rng, nasty) = (Rng::new(seed), nasty());
        let market = "town".parse().unwrap();
        let homes: Vec<ListingFacts> = (0..20).map(|n| home(&mut rng, &nasty, n)).collect();
        let rows: Vec<ExportRow> = homes.iter().map(|facts| export::home(&market, facts)).collect();
        for records in import(ImportKind::Listings, file(ImportKind::Listings, &rows)) {
            let Records::Listings(entries) = records else { panic!("not homes") };
            prop_assert!(entries.iter().all(|entry| entry.record.market.as_ref() == Some(&market)));
            prop_assert_eq!(entries.into_iter().map(|entry| entry.record.facts).collect::<Vec<_>>(), homes.clone());
        }
        let leads: Vec<LeadFacts> = (0..20).map(|n| lead(&mut rng, &nasty, n)).collect();
        let row = |facts: &LeadFacts| export::lead(facts.external_id.as_deref().unwrap(), facts, facts.created_at.unwrap());
        let rows: Vec<ExportRow> = leads.iter().map(row).collect();
        for records in import(ImportKind::Leads, file(ImportKind::Leads, &rows)) {
            let Records::Leads(entries) = records else { panic!("not leads") };
            prop_assert_eq!(entries.into_iter().map(|entry| entry.record.facts).collect::<Vec<_>>(), leads.clone());
        }
        let acts: Vec<InteractionFacts> = (0..20)
            .map(|n| InteractionFacts {
                event_id: format!("@{n}"),
                kind: *rng.pick(InteractionKind::ALL).unwrap(),
                at: Time(rng.below(2_000_000_000_000_000) as i64),
                listing_id: None,
                properties: fields(&mut rng, &nasty),
            })
            .collect();
        let rows: Vec<ExportRow> = acts.iter().map(|facts| export::interaction("=lead", facts, Some("-key"))).collect();
        for records in import(ImportKind::Interactions, file(ImportKind::Interactions, &rows)) {
            let Records::Interactions(entries) = records else { panic!("not interactions") };
            for (entry, facts) in entries.into_iter().zip(&acts) {
                let record = entry.record;
                prop_assert_eq!((record.lead_external_id.as_str(), record.listing_key.as_deref()), ("=lead", Some("-key")));
                prop_assert_eq!((&record.event_id, record.kind, record.at), (&facts.event_id, facts.kind, facts.at));
                prop_assert_eq!(&record.properties, &facts.properties);
            }
        }
    }
}

#[test]
fn a_series_comes_back_under_its_metric() {
    let market = "town".parse().unwrap();
    let rows: Vec<ExportRow> =
        (0..3).map(|n| export::series(&market, "=metric", Day(20_000 + n), f64::from(n) / 3.0)).collect();
    let records = import(ImportKind::Series, file(ImportKind::Series, &rows)).remove(0);
    let Records::Series(entries) = records else { panic!("not a series") };
    let points: Vec<(Day, f64)> = entries.iter().flat_map(|entry| entry.record.points.clone()).collect();
    assert!(entries.iter().all(|entry| entry.record.metric == "=metric"));
    assert_eq!(points, [(Day(20_000), 0.0), (Day(20_001), 1.0 / 3.0), (Day(20_002), 2.0 / 3.0)]);
}

#[test]
fn no_cell_begins_as_a_formula_does() {
    let nasty = nasty();
    assert!(nasty.len() >= 200);
    let rows: Vec<ExportRow> = nasty
        .iter()
        .map(|text| {
            let mut facts = LeadFacts::new(Provenance::Import);
            facts.name = Some(text.clone());
            facts.tags = vec![text.clone()];
            export::lead(text, &facts, Time(0))
        })
        .collect();
    let bytes = file(ImportKind::Leads, &rows);
    let source = Source::from_reader("export.csv", Cursor::new(bytes), None);
    let mut table = lintel_feed::table::Table::open(source, &lintel_feed::table::TableOptions::default()).unwrap();
    let mut count = 0;
    while let Some(lintel_feed::table::Next::Row(row)) = table.next_row().unwrap() {
        for cell in row.iter() {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '|', '%', '\t', '\r', '\n', '＝', '＋', '－', '＠']),
                "{cell:?}"
            );
        }
        assert_eq!(row.iter().last(), Some("1"));
        count += 1;
    }
    assert_eq!(count, nasty.len());
}

#[test]
fn the_apostrophes_of_other_files_stay() {
    let text = "external_id,name\na,'=1+1\nb,''x\n";
    let Records::Leads(entries) = import(ImportKind::Leads, text.into()).remove(0) else { panic!("not leads") };
    let names: Vec<_> = entries.iter().map(|entry| entry.record.facts.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["'=1+1", "''x"]);
}

#[test]
fn lines_of_json_hold_what_is_known_as_it_is() {
    let mut facts = LeadFacts::new(Provenance::Import);
    facts.name = Some("=1+1".to_owned());
    facts.preferences.price = Some(Range { min: None, max: Some(Money(5_000)) });
    let mut bytes = ExportFormat::JsonLines.header(ImportKind::Leads);
    ExportFormat::JsonLines.write(ImportKind::Leads, &[export::lead("a", &facts, Time(0))], &mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.lines().count(), 1);
    let object: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(object["external_id"], "a");
    assert_eq!(object["name"], "=1+1");
    assert_eq!(object["preferences"]["price"]["max"], 50);
    assert!(object.get("phone").is_none());
}

#[test]
fn every_row_has_a_value_for_each_column() {
    let market = "town".parse().unwrap();
    let home = ListingFacts::new("a", "b", Status::Active, Provenance::Import);
    let act = InteractionFacts {
        event_id: "e".to_owned(),
        kind: InteractionKind::Note,
        at: Time(0),
        listing_id: None,
        properties: Fields::new(),
    };
    let rows = [
        (ImportKind::Listings, export::home(&market, &home)),
        (ImportKind::Sales, export::home(&market, &home)),
        (ImportKind::Leads, export::lead("a", &LeadFacts::new(Provenance::Import), Time(0))),
        (ImportKind::Interactions, export::interaction("a", &act, None)),
        (ImportKind::Series, export::series(&market, "m", Day(0), 1.0)),
    ];
    for (kind, row) in rows {
        assert_eq!(columns(kind).len(), row.len(), "{kind}");
        assert!(!columns(kind).contains(&MARK));
    }
}

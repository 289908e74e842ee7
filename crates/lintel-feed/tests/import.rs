//! Files as imports: every field typed and checked, bad rows set aside with all their faults, keys and fingerprints that hold.
#![expect(
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "a test fails by panicking, and builds its files as it reads best"
)]

use std::io::Cursor;

use lintel_domain::contact::{Channel, ConsentStatus};
use lintel_domain::import::ImportKind;
use lintel_domain::interaction::InteractionKind;
use lintel_domain::lead::Outcome;
use lintel_domain::listing::{ListingFacts, Status};
use lintel_domain::money::Money;
use lintel_domain::scalar::Scalar;
use lintel_feed::mapping::{Confidence, Mapping};
use lintel_feed::record::{InteractionRecord, LeadRecord, SeriesRecord};
use lintel_feed::table::Source;
use lintel_feed::{Batch, Entry, Error, Import, ImportOptions, Records, RejectedRow};
use proptest::prelude::*;

const SALES_MAPPING: &str = include_str!("../../../docs/examples/king_county_sales.toml");
const SALES_HEADER: &str =
    "id,date,price,bedrooms,bathrooms,sqft_living,sqft_lot,floors,yr_built,lat,long,zipcode,view";

fn open(kind: ImportKind, text: impl Into<Vec<u8>>, mapping: Option<&str>) -> Result<Import, Error> {
    let mapping = mapping.map(|m| Mapping::parse(m).unwrap());
    let options = ImportOptions { accept: Confidence::Likely, batch_rows: 64, ..ImportOptions::default() };
    Import::open(Source::from_reader("test", Cursor::new(text.into()), None), kind, mapping.as_ref(), &options)
}

fn batches(kind: ImportKind, text: impl Into<Vec<u8>>, mapping: Option<&str>) -> Vec<Batch> {
    open(kind, text, mapping).unwrap().map(|batch| batch.unwrap()).collect()
}

fn homes(kind: ImportKind, text: &str, mapping: Option<&str>) -> (Vec<ListingFacts>, Vec<RejectedRow>) {
    let (mut facts, mut rejected) = (Vec::new(), Vec::new());
    for batch in batches(kind, text, mapping) {
        let (Records::Listings(entries) | Records::Sales(entries)) = batch.records else { panic!("not homes") };
        facts.extend(entries.into_iter().map(|e| e.record.facts));
        rejected.extend(batch.rejected);
    }
    (facts, rejected)
}

fn faults(rejected: &RejectedRow) -> Vec<(Option<&str>, &str)> {
    rejected.faults.iter().map(|f| (f.column.as_deref(), f.reason.as_str())).collect()
}

#[test]
fn a_sale_is_read_field_by_field() {
    let row = "0012,20141013T000000,\"$221,900.50\",3,2.25,1180,5650,1.5,1955,47.5112,-122.257,98178,0";
    let (facts, rejected) = homes(ImportKind::Sales, &format!("{SALES_HEADER}\n{row}\n"), Some(SALES_MAPPING));
    assert!(rejected.is_empty());
    let sale = &facts[0];
    assert_eq!((sale.listing_key.as_str(), sale.status), ("0012", Status::Closed));
    assert_eq!(sale.close_price, Some(Money(22_190_050)));
    assert_eq!(sale.close_date.unwrap().to_string(), "2014-10-13");
    assert_eq!((sale.bathrooms, sale.stories, sale.year_built), (Some(2.25), Some(1.5), Some(1955)));
    assert_eq!(sale.place.unwrap().longitude, -122.257);
    assert_eq!(sale.address.postal_code.as_deref(), Some("98178"));
    assert_eq!(sale.address.region.as_deref(), Some("WA"));
    assert_eq!(sale.attributes.get("view"), Some(&Scalar::Number(0.0)));
    assert_eq!(sale.attributes.len(), 1);
}

#[test]
fn a_hundred_broken_rows_among_good_ones_are_told_with_line_column_and_reason() {
    let breaks: [(usize, &str, &str, &str); 10] = [
        (1, "not-a-date", "date", "not a date"),
        (2, "abc", "price", "not a number"),
        (2, "-5", "price", "negative"),
        (2, "", "price", "a sale needs a price"),
        (2, "1e400", "price", "out of range"),
        (3, "NaN", "bedrooms", "not a number"),
        (8, "19.5", "yr_built", "not a year"),
        (9, "97.5", "lat", "latitude"),
        (10, "-200", "long", "longitude"),
        (5, "inf", "sqft_living", "not a number"),
    ];
    let mut text = format!("{SALES_HEADER}\n");
    let mut expected = Vec::new();
    for row in 0..1_000usize {
        let mut cells: Vec<String> =
            ["20141013T000000", "221900", "3", "1", "1180", "5650", "1", "1955", "47.5", "-122.2", "98178", "0"]
                .map(str::to_owned)
                .to_vec();
        cells.insert(0, format!("k{row}"));
        if row % 10 == 3 {
            let (column, value, name, reason) = breaks[row / 10 % 10];
            value.clone_into(&mut cells[column]);
            expected.push((row as u64 + 2, name, reason));
        }
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    let (facts, rejected) = homes(ImportKind::Sales, &text, Some(SALES_MAPPING));
    assert_eq!((facts.len(), rejected.len()), (900, 100));
    for (row, (line, column, reason)) in rejected.iter().zip(expected) {
        let told = faults(row);
        assert_eq!((row.line, told.len(), told[0].0), (line, 1, Some(column)));
        assert!(told[0].1.contains(reason), "{told:?}");
        assert_eq!(row.number, line - 1);
    }
}

#[test]
fn all_faults_of_a_row_are_told_at_once_and_values_are_not_repeated() {
    let row = "1,secret,secret,secret,1,1,1,1,1955,1,1,1,1";
    let (_, rejected) = homes(ImportKind::Sales, &format!("{SALES_HEADER}\n{row}\n"), Some(SALES_MAPPING));
    let columns: Vec<_> = faults(&rejected[0]).iter().map(|f| f.0.unwrap()).collect();
    assert_eq!(columns, ["date", "price", "bedrooms"]);
    assert!(rejected[0].faults.iter().all(|f| !f.reason.contains("secret")));
}

#[test]
fn a_listing_needs_no_mapping_when_columns_have_our_names() {
    let text = "listing_key,status,property_type,list_price,listed_at,living_area_sqft,latitude,longitude,address.city,remarks,photos,attributes,hoa\n\
        A1,Active Under Contract,Condo,500000,2024-05-01T10:00:00-07:00,900,0,0,Ulm,\" =1+1 \",http://a/1.jpg|http://a/2.jpg,\"{\"\"pool\"\":true,\"\"n\"\":null,\"\"of\"\":[1]}\",120\n\
        ,,,,,,,,,,,,\n";
    let (facts, rejected) = homes(ImportKind::Listings, text, None);
    let home = &facts[0];
    assert_eq!(home.status, Status::ActiveUnderContract);
    assert_eq!(home.listed_at.unwrap().to_string(), "2024-05-01T17:00:00Z");
    assert_eq!(home.place, None);
    assert_eq!(home.remarks.as_deref(), Some(" =1+1 "));
    assert_eq!(home.photos.len(), 2);
    assert_eq!(home.attributes.get("pool"), Some(&Scalar::Bool(true)));
    assert_eq!(home.attributes.get("of"), Some(&Scalar::Text("[1]".to_owned())));
    assert_eq!(home.attributes.get("hoa"), Some(&Scalar::Number(120.0)));
    assert!(!home.attributes.contains_key("n"));
    assert_eq!(faults(&rejected[0]), [(None, "every field is empty")]);
}

#[test]
fn areas_are_converted_and_nothing_stated_is_nothing() {
    let mapping =
        "[columns]\nliving_area_sqft='m2'\nlot_size_sqft='ha'\n[units]\nliving_area_sqft='m2'\nlot_size_sqft='ha'\n";
    let (facts, _) = homes(ImportKind::Listings, "m2,ha,year_built\n100,\"0,5\",0\n0,,1900\n", Some(mapping));
    assert!((facts[0].living_area_sqft.unwrap() - 1_076.391).abs() < 0.001);
    assert!((facts[0].lot_size_sqft.unwrap() - 53_819.552).abs() < 0.001);
    assert_eq!((facts[0].year_built, facts[1].living_area_sqft, facts[1].lot_size_sqft), (None, None, None));
}

fn leads(text: &str, mapping: Option<&str>) -> Vec<Entry<LeadRecord>> {
    let all = batches(ImportKind::Leads, text, mapping).into_iter();
    all.flat_map(|batch| if let Records::Leads(entries) = batch.records { entries } else { panic!("not leads") })
        .collect()
}

#[test]
fn a_lead_has_custom_fields_preferences_outcome_and_mapped_consent() {
    let mapping = "[columns]\noutcome='Converted'\n'consent.sms'='Opt in'\n'preferences.price.max'='Budget'\n'consent.at'='Since'\n\
        [formats]\ndate='%d.%m.%Y'\n[constants]\nmarket='New Town'\n";
    let text = "external_id,Converted,Opt in,Since,Budget,City,Visits,Empty,tags\nP1,1,yes,31.01.2024,\"$500,000\",Select,3,,b|a|b\nP2,NO,,,,,,,\n";
    let read = leads(text, Some(mapping));
    let (one, two) = (&read[0].record, &read[1].record);
    assert_eq!((one.facts.outcome, two.facts.outcome), (Some(Outcome::Won), Some(Outcome::Lost)));
    assert_eq!(one.consent.len(), 1);
    let consent = &one.consent[0];
    assert_eq!((consent.channel, consent.status), (Channel::Sms, ConsentStatus::Granted));
    assert_eq!(consent.at.unwrap().to_string(), "2024-01-31T00:00:00Z");
    assert!(two.consent.is_empty());
    assert_eq!(one.facts.preferences.price.unwrap().max, Some(Money(50_000_000)));
    assert_eq!(one.facts.market.as_ref().unwrap().as_str(), "new-town");
    assert_eq!(one.facts.tags, ["a", "b"]);
    assert_eq!(one.facts.custom.keys().collect::<Vec<_>>(), ["City", "Visits"]);
    assert_eq!(one.facts.custom["City"], Scalar::Text("Select".to_owned()));
}

#[test]
fn a_lead_without_a_key_has_one_of_its_content() {
    let read = leads("name,email\nAnn,a@example.com\nBob,b@example.com\nAnn,a@example.com\n", None);
    let keys: Vec<_> = read.iter().map(|e| e.record.facts.external_id.clone().unwrap()).collect();
    assert!(keys[0].starts_with("row-") && keys[0].len() == 36);
    assert_eq!(keys[0], keys[2]);
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn interactions_need_lead_kind_and_time() {
    let text = "lead_external_id,kind,at,listing_key,event_id,seconds\nP1,Listing Viewed,2024-05-01T10:00:00Z,A1,e1,30\nP1,fax_sent,2024-05-02,,,\n,listing_view,2024-05-02,,,\nP1,,never,,,\n";
    let mut all = batches(ImportKind::Interactions, text, None);
    let batch = all.pop().unwrap();
    let Records::Interactions(entries) = batch.records else { panic!("not interactions") };
    let done: Vec<&InteractionRecord> = entries.iter().map(|e| &e.record).collect();
    assert_eq!((done[0].kind, done[0].event_id.as_str()), (InteractionKind::ListingView, "e1"));
    assert_eq!(done[0].properties["seconds"], Scalar::Number(30.0));
    assert_eq!(done[1].kind, InteractionKind::Other);
    assert_eq!(done[1].properties["kind"], Scalar::Text("fax_sent".to_owned()));
    assert!(done[1].event_id.starts_with("row-"));
    assert_eq!(batch.rejected.iter().map(|r| (r.line, r.faults.len())).collect::<Vec<_>>(), [(4, 1), (5, 2)]);
}

fn series(text: &str, mapping: Option<&str>) -> Vec<SeriesRecord> {
    let all = batches(ImportKind::Series, text, mapping).into_iter();
    all.flat_map(|batch| if let Records::Series(entries) = batch.records { entries } else { panic!("not series") })
        .map(|e| e.record)
        .collect()
}

#[test]
fn series_are_read_wide_and_long() {
    let mapping = include_str!("../../../docs/examples/zillow_series.toml");
    let wide = series("RegionID,RegionName,2022-09-30,2022-10-31\n1,\"New York, NY\",100.5,\n", Some(mapping));
    assert_eq!(wide[0].market.as_ref().unwrap().as_str(), "new-york-ny");
    assert_eq!((wide[0].metric.as_str(), wide[0].points.len()), ("home_value_index", 1));
    let long = series("market,metric,period,value\nulm,rent,2022-10,12.5\n", None);
    assert_eq!((long[0].points[0].0.to_string().as_str(), long[0].points[0].1), ("2022-10-01", 12.5));
    let two = series("DATE,CPIAUCSL\n1947-01-01,21.48\n", None);
    assert_eq!(two[0].metric, "cpiaucsl");
}

#[test]
fn an_import_goes_on_after_a_batch() {
    let text: String = (0..300).map(|i| format!("k{i},{i}\n")).collect();
    let text = format!("listing_key,list_price\n{text}");
    let all = batches(ImportKind::Listings, text.clone(), None);
    let mut again = open(ImportKind::Listings, text, None).unwrap();
    again.resume(all[1].position).unwrap();
    assert_eq!(again.map(|b| b.unwrap()).collect::<Vec<_>>(), all[2..]);
}

#[test]
fn the_example_mappings_are_valid() {
    for text in [
        SALES_MAPPING,
        include_str!("../../../docs/examples/melbourne_sales.toml"),
        include_str!("../../../docs/examples/x_education_leads.toml"),
        include_str!("../../../docs/examples/utah_listings.toml"),
        include_str!("../../../docs/examples/zillow_series.toml"),
    ] {
        assert!(!Mapping::parse(text).unwrap().columns.is_empty());
    }
}

proptest! {
    #[test]
    fn the_order_of_columns_changes_nothing(order in Just((0..7usize).collect::<Vec<_>>()).prop_shuffle(), with_key in any::<bool>()) {
        let columns = [("list_price", "500000"), ("status", "pending"), ("zeta", "1"), ("alpha", "x"), ("bedrooms", "3"), ("remarks", "r"),
            if with_key { ("listing_key", "K") } else { ("beta", "true") }];
        let line = |pick: &dyn Fn(&(&'static str, &'static str)) -> &'static str, order: &[usize]| order.iter().map(|i| pick(&columns[*i])).collect::<Vec<_>>().join(",");
        let text = |order: &[usize]| format!("{}\n{}\n", line(&|c| c.0, order), line(&|c| c.1, order));
        let (first, _) = homes(ImportKind::Listings, &text(&[0, 1, 2, 3, 4, 5, 6]), None);
        let (second, _) = homes(ImportKind::Listings, &text(&order), None);
        prop_assert_eq!(first[0].fingerprint(), second[0].fingerprint());
        prop_assert_eq!(&first, &second);
    }

    #[test]
    fn text_is_kept_exactly(text in "[ -~äöü€\n\t＝]{1,40}") {
        prop_assume!(!text.trim().is_empty());
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["listing_key", "remarks"]).unwrap();
        writer.write_record(["k", &text]).unwrap();
        let bytes = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let (facts, _) = homes(ImportKind::Listings, &bytes, None);
        prop_assert_eq!(facts[0].remarks.as_deref(), Some(text.as_str()));
    }
}

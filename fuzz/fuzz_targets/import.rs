//! Any text as a file of each kind: every row is a record or is rejected, and no number in a record is infinite.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use lintel_domain::import::ImportKind;
use lintel_feed::mapping::Confidence;
use lintel_feed::table::Source;
use lintel_feed::{Import, ImportOptions, Records};

const HEADERS: [&[u8]; 5] = [
    b"listing_key,status,list_price,listed_at,living_area_sqft,latitude,longitude,photos,attributes,x\n",
    b"listing_key,close_price,close_date,year_built,bedrooms,x\n",
    b"external_id,outcome,created_at,tags,preferences,preferences.price.max,custom,x\n",
    b"lead_external_id,kind,at,listing_key,event_id,properties,x\n",
    b"market,metric,2020-01,2020-02-29\n",
];

fuzz_target!(|bytes: &[u8]| {
    for (kind, header) in ImportKind::ALL.iter().zip(HEADERS) {
        let file = [header, bytes].concat();
        let options = ImportOptions { accept: Confidence::Likely, ..ImportOptions::default() };
        let source = Source::from_reader("fuzz", Cursor::new(file), None);
        let Ok(mut import) = Import::open(source, *kind, None, &options) else { continue };
        let mut rows = 0;
        while let Ok(Some(batch)) = import.next_batch() {
            rows += (batch.records.len() + batch.rejected.len()) as u64;
            assert_eq!(batch.position.rows, rows);
            match batch.records {
                Records::Listings(entries) | Records::Sales(entries) => {
                    for facts in entries.iter().map(|e| &e.record.facts) {
                        let numbers = [facts.living_area_sqft, facts.bedrooms, facts.place.map(|p| p.latitude)];
                        assert!(numbers.iter().flatten().all(|n| n.is_finite()));
                        assert!(!facts.listing_key.contains('\0') && !facts.listing_key.is_empty());
                    }
                }
                Records::Series(entries) => {
                    assert!(entries.iter().flat_map(|e| &e.record.points).all(|(_, n)| n.is_finite()));
                }
                Records::Leads(_) | Records::Interactions(_) => {}
            }
        }
    }
});

//! Any text as a mapping file, and then as the columns of a file for it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lintel_domain::import::ImportKind;
use lintel_feed::mapping::{Confidence, Mapping, Plan};
use lintel_feed::table::Header;

fuzz_target!(|text: &str| {
    let header = Header::new(text.split(['\n', '=']).take(200));
    for kind in ImportKind::ALL {
        let _ = Plan::new(*kind, &header, None, Confidence::Likely);
        if let Ok(mapping) = Mapping::parse(text) {
            let _ = Plan::new(*kind, &header, Some(&mapping), Confidence::Certain);
        }
    }
});

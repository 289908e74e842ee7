//! Any text as a number, an amount, a date, a period, a unit, a free value: numbers are finite, text is kept exactly.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lintel_domain::scalar::Scalar;
use lintel_feed::value::{Dates, Unit, list, money, number, period, scalar, status};

fuzz_target!(|text: &str| {
    if let Ok(value) = number(text) {
        assert!(value.is_finite());
        assert_eq!(number(&value.to_string()), Ok(value));
    }
    let _ = (money(text), period(text), status(text), Unit::parse(text), list(text, &['|', ',']));
    match scalar(text) {
        Some(Scalar::Text(kept)) => assert_eq!(kept, text),
        Some(Scalar::Number(value)) => assert!(value.is_finite()),
        Some(Scalar::Bool(_)) | None => {}
    }
    let _ = (Dates::default().day(text), Dates::default().time(text));
    let (format, sample) = text.split_once('\n').unwrap_or((text, text));
    if let Ok(dates) = Dates::new(Some(format)) {
        let _ = (dates.day(sample), dates.time(sample));
    }
});

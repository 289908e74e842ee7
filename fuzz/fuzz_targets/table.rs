//! Any bytes as a table: delimited, compressed or a workbook. Lines go up, rows have the width of the header, and reading ends.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use lintel_feed::table::{Limits, Next, Source, Table, TableOptions};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits {
        field_bytes: 1 << 12,
        row_bytes: 1 << 14,
        columns: 1 << 10,
        decoded_bytes: 1 << 22,
        workbook_decoded_bytes: 1 << 20,
        workbook_text_bytes: 1 << 18,
        ..Limits::default()
    };
    let source = Source::from_reader("fuzz", Cursor::new(bytes.to_vec()), None);
    let Ok(mut table) = Table::open(source, &TableOptions { delimiter: None, limits }) else { return };
    let width = table.header().len();
    let (mut line, mut number) = (0, 0);
    loop {
        let (next_line, next_number) = match table.next_row() {
            Ok(Some(Next::Row(row))) => {
                assert_eq!(row.iter().count(), width);
                (row.line(), row.number())
            }
            Ok(Some(Next::Rejected(row))) => {
                assert!(!row.faults.is_empty());
                (row.line, row.number)
            }
            Ok(None) | Err(_) => break,
        };
        assert!(next_line > line && next_number == number + 1);
        (line, number) = (next_line, next_number);
    }
});

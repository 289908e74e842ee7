//! Tables as they come: any delimiter, any compression, broken rows among good ones, workbooks, and sizes beyond the bounds.
#![expect(
    clippy::unwrap_used,
    clippy::format_collect,
    clippy::unnecessary_wraps,
    reason = "a test fails by panicking, and builds its files as it reads best"
)]

use std::io::{Cursor, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use lintel_feed::Error;
use lintel_feed::table::{Limits, Next, Source, Table, TableOptions};
use proptest::prelude::*;

mod workbook;

/// Rows as line and fields, or as line, column and reason.
type Seen = Result<(u64, Vec<String>), (u64, Option<String>, String)>;

fn source(bytes: impl AsRef<[u8]>) -> Source {
    let bytes = bytes.as_ref().to_vec();
    let total = bytes.len() as u64;
    Source::from_reader("test", Cursor::new(bytes), Some(total))
}

fn open(bytes: impl AsRef<[u8]>) -> Result<Table, Error> {
    Table::open(source(bytes), &TableOptions::default())
}

fn rows_of(table: &mut Table) -> Vec<Seen> {
    let mut seen = Vec::new();
    while let Some(next) = table.next_row().unwrap() {
        seen.push(match next {
            Next::Row(row) => Ok((row.line(), row.iter().map(str::to_owned).collect())),
            Next::Rejected(row) => Err((row.line, row.faults[0].column.clone(), row.faults[0].reason.clone())),
        });
    }
    seen
}

fn rows(bytes: impl AsRef<[u8]>) -> Vec<Seen> {
    rows_of(&mut open(bytes).unwrap())
}

fn good(line: u64, fields: &[&str]) -> Seen {
    Ok((line, fields.iter().map(|f| (*f).to_owned()).collect()))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Hands out one byte at a time.
struct Drop(Cursor<Vec<u8>>);

impl Read for Drop {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let n = into.len().min(1);
        self.0.read(&mut into[..n])
    }
}

#[test]
fn compression_is_told_by_the_bytes_and_not_by_the_name() {
    let text = b"a,b\n1,2\n";
    let expected = [good(2, &["1", "2"])];
    assert_eq!(rows(text), expected);
    assert_eq!(rows(gzip(text)), expected);
    assert_eq!(rows([gzip(b"a,b\n"), gzip(b"1,2\n")].concat()), expected);
    assert_eq!(rows(zstd::encode_all(&text[..], 1).unwrap()), expected);
}

#[test]
fn a_reader_that_hands_out_single_bytes_is_read_all_the_same() {
    for bytes in [b"a;b\n\"x\ny\";2\n".to_vec(), gzip(b"a;b\n\"x\ny\";2\n")] {
        let source = Source::from_reader("drops", Drop(Cursor::new(bytes)), None);
        let mut table = Table::open(source, &TableOptions::default()).unwrap();
        assert_eq!(rows_of(&mut table), [good(2, &["x\ny", "2"])]);
    }
}

#[test]
fn a_byte_order_mark_blank_lines_and_the_last_line_without_an_end_are_understood() {
    assert_eq!(rows("\u{feff}a,b\r\n\r\n1,2\r\n\n3,4"), [good(3, &["1", "2"]), good(5, &["3", "4"])]);
}

#[test]
fn a_broken_row_costs_itself_only() {
    let text = b"id,name,price\n1,Ann,10\n2,\"Bob,20\n3,\"Cleo\nDoe\",30\n4,Dan\n5,\xff\xfe,50\n6,E\0ve,60\n7,\"F\"x,70\n8,G,80,9\n9,Hal,90\n10,\"Ida,1\n";
    let seen = rows(text);
    let lines: Vec<u64> = seen.iter().map(|s| s.as_ref().map_or_else(|e| e.0, |r| r.0)).collect();
    assert_eq!(lines, [2, 3, 4, 6, 7, 8, 9, 10, 11, 12]);
    assert_eq!(seen[0], good(2, &["1", "Ann", "10"]));
    assert_eq!(seen[2], good(4, &["3", "Cleo\nDoe", "30"]));
    assert_eq!(seen[8], good(11, &["9", "Hal", "90"]));
    let fault = |i: usize| seen[i].clone().unwrap_err();
    assert!(fault(1).2.contains("quote") && fault(1).1.as_deref() == Some("name"));
    assert_eq!(fault(3).2, "has 2 fields, the header has 3");
    assert_eq!((fault(4).1.as_deref(), fault(4).2.as_str()), (Some("name"), "not valid UTF-8"));
    assert_eq!((fault(5).1.as_deref(), fault(5).2.as_str()), (Some("name"), "contains a NUL character"));
    assert!(fault(6).2.contains("quote"));
    assert_eq!(fault(7).2, "has 4 fields, the header has 3");
    assert!(fault(9).2.contains("never closed"));
}

#[test]
fn files_that_are_no_table_are_refused_with_a_reason() {
    let reason = |bytes: &[u8]| open(bytes).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(reason(b"").contains("empty"));
    assert!(reason(b"\n\n").contains("empty"));
    assert!(reason(b"1,2\n3,4\n").contains("line 1: values stand"));
    assert!(reason(b"\xff\xfea\0,\0b\0").contains("UTF-16"));
    assert!(reason(b"%PDF-1.7").contains("PDF"));
    assert!(reason(b"a,\xff\n").contains("UTF-8"));
    assert!(reason(b"\x1f\x8bgarbage").contains("cannot read"));
    assert!(reason(b"PK\x03\x04garbage that is long enough to look at").contains("workbook"));
}

#[test]
fn a_million_columns_are_refused() {
    let header = "c,".repeat(1_000_000);
    assert!(matches!(open(header), Err(Error::Limit { what: "the number of columns", .. })));
    let same = "c,".repeat(19_999) + "c\n";
    assert_eq!(open(same).unwrap().header().len(), 20_000);
    let mut wide = "a,b\n1,2\n".to_owned();
    wide.push_str(&"x,".repeat(1_000_000));
    wide.push_str("\n3,4\n");
    let seen = rows(wide);
    assert!(seen[1].as_ref().unwrap_err().2.contains("1000001 fields"));
    assert_eq!(seen[2], good(4, &["3", "4"]));
}

#[test]
fn a_field_or_row_over_its_bound_costs_itself_only() {
    let long = "x".repeat(2 << 20);
    let seen = rows(format!("a,b\n1,{long}\n2,ok\n\"{long}\",3\n4,ok\n"));
    assert!(seen[0].as_ref().unwrap_err().2.contains("longer than the limit for one field"));
    assert_eq!(seen[1], good(3, &["2", "ok"]));
    assert!(seen[2].is_err());
    assert_eq!(seen[3], good(5, &["4", "ok"]));
    let field = "y".repeat(900 << 10);
    let row = vec![field.as_str(); 20].join(",");
    let header = (0..20).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
    let seen = rows(format!("{header}\n{row}\n{}\n", vec!["z"; 20].join(",")));
    assert!(seen[0].as_ref().unwrap_err().2.contains("longer than the limit for one row"));
    assert!(seen[1].is_ok());
}

#[test]
fn a_decompression_bomb_ends_the_reading() {
    let mut bomb = zstd::Encoder::new(Vec::new(), 1).unwrap();
    bomb.write_all(b"a,b\n").unwrap();
    for _ in 0..(80 << 6) {
        bomb.write_all(&[b'\n'; 1 << 14]).unwrap();
    }
    let mut table = open(bomb.finish().unwrap()).unwrap();
    let error = loop {
        match table.next_row() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the bomb was read to its end"),
            Err(error) => break error,
        }
    };
    let Error::Read { source, .. } = error else { panic!("{error}") };
    assert!(source.to_string().contains("bomb"), "{source}");
}

#[test]
fn a_file_that_is_cut_off_gives_its_first_rows_and_then_an_error() {
    let text: String = (0..20_000).map(|i| format!("{i},{}\n", i * 7919 % 10_007)).collect();
    let packed = gzip(format!("a,b\n{text}").as_bytes());
    let mut table = open(&packed[..packed.len() / 2]).unwrap();
    let mut read = 0;
    let error = loop {
        match table.next_row() {
            Ok(Some(Next::Row(_))) => read += 1,
            Ok(_) => panic!("the end of the file was not missed"),
            Err(error) => break error,
        }
    };
    assert!(read > 5_000 && error.to_string().contains("cannot read"), "{read}");
}

#[test]
fn reading_goes_on_from_a_position() {
    let text: String =
        (0..5_000).map(|i| if i % 7 == 0 { format!("{i},\"x\n{i}\"\n") } else { format!("{i},{i}\n") }).collect();
    for bytes in [format!("a,b\n{text}").into_bytes(), gzip(format!("\u{feff}a,b\n{text}").as_bytes())] {
        let all = rows(&bytes);
        let mut first = open(&bytes).unwrap();
        for _ in 0..3_001 {
            first.next_row().unwrap();
        }
        let at = first.position();
        assert_eq!(at.rows, 3_001);
        let mut second = open(&bytes).unwrap();
        second.resume(at).unwrap();
        assert_eq!(rows_of(&mut second), all[3_001..]);
        assert_eq!(second.progress().read(), bytes.len() as u64);
        let beyond = lintel_feed::table::Position { offset: u64::MAX, ..at };
        assert!(open(&bytes).unwrap().resume(beyond).is_err());
    }
}

#[test]
fn a_workbook_is_read_as_text() {
    let book = workbook::build(&[
        &["id", "when", "n", "note"],
        &["007", "d45943.5", "1.5", "a,\"b\"\nc"],
        &[],
        &["x", "", "", ""],
        &["y", "1", "2", "3", "4"],
    ]);
    let seen = rows(&book);
    assert_eq!(seen[0], good(2, &["007", "2025-10-13T12:00:00", "1.5", "a,\"b\"\nc"]));
    assert_eq!(seen[1], good(4, &["x", "", "", ""]));
    assert_eq!(seen[2].as_ref().unwrap_err().2, "has 5 fields, the header has 4");
}

#[test]
fn a_workbook_that_unpacks_too_large_is_refused_before_it_is_opened() {
    let long = "word ".repeat(300_000);
    let book = workbook::build(&[&["a", "b"], &[&long, "1"]]);
    assert!(book.len() < 100_000);
    let small = Limits { workbook_decoded_bytes: 1 << 20, ..Limits::default() };
    let options = TableOptions { limits: small, ..TableOptions::default() };
    let refused = Table::open(source(&book), &options).err().unwrap();
    assert!(matches!(refused, Error::Limit { .. }), "{refused}");
    for cut in [10, book.len() / 2, book.len() - 1] {
        assert!(open(&book[..cut]).is_err());
    }
}

/// Writes a table as the csv crate does, which is not the code under test.
fn written(delimiter: u8, rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #[test]
    fn whatever_is_written_is_read(
        cells in prop::collection::vec(prop::collection::vec("[a-z,;|\t\"'\r\n €ü]{0,12}", 3..=3), 0..12),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        packed in any::<bool>(),
    ) {
        let mut table = vec![vec!["first".to_owned(), "second".to_owned(), "third".to_owned()]];
        table.extend(cells.iter().cloned());
        let bytes = written(delimiter, &table);
        let options = TableOptions { delimiter: Some(delimiter), ..TableOptions::default() };
        let bytes = if packed { gzip(&bytes) } else { bytes };
        let mut table = Table::open(source(bytes), &options).unwrap();
        let read: Vec<Vec<String>> = rows_of(&mut table).into_iter().map(|row| row.unwrap().1).collect();
        prop_assert_eq!(read, cells);
    }

    #[test]
    fn any_bytes_are_read_to_the_end_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(mut table) = open(bytes) {
            let mut last = 0;
            while let Ok(Some(next)) = table.next_row() {
                let line = match next {
                    Next::Row(row) => row.line(),
                    Next::Rejected(row) => row.line,
                };
                prop_assert!(line > last);
                last = line;
            }
        }
    }

    #[test]
    fn one_broken_row_never_touches_another(
        at in 0usize..20,
        broken in prop::sample::select(vec!["\"open,x,y", "a,\"b\"c,d", "only two,fields", "a,b,c,d", "a,\"b", "\"\"\",\"\",\"\""]),
    ) {
        let mut lines: Vec<String> = (0..20).map(|i| format!("{i},\"t,{i}\",u{i}")).collect();
        lines.insert(at, broken.to_owned());
        let seen = rows(format!("x,y,z\n{}\n", lines.join("\n")));
        let wrong: Vec<u64> = seen.iter().filter_map(|s| s.as_ref().err().map(|e| e.0)).collect();
        prop_assert_eq!(wrong, vec![at as u64 + 2]);
        prop_assert_eq!(seen.len(), 21);
    }
}

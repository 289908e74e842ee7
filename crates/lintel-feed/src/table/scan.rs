//! Finds the fields of one row in raw bytes: quotes, doubled quotes and line breaks in quotes, nothing else.

use memchr::{memchr, memchr_iter, memchr2};

/// How the rows of a delimited file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Format {
    /// The byte between fields.
    pub(super) delimiter: u8,
    /// The byte that ends a row: line feed (with or without carriage return before it), or carriage return alone.
    pub(super) terminator: u8,
}

/// Where a field stands in its row, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Whether doubled quotes inside still have to be halved.
    pub(super) escaped: bool,
}

/// What a scan from the start of a row found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// A whole row: bytes of its fields, bytes with its terminator, fields, and line breaks inside its quotes.
    Row { text: usize, taken: usize, fields: usize, breaks: u64 },
    /// The row goes on beyond the bytes given.
    More,
    /// The row cannot be understood; the field (from 0) and the reason.
    Bad { field: usize, reason: &'static str },
}

/// The byte order mark that some programs write before UTF-8 text.
pub(super) const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

const UNCLOSED: &str = "a quote is opened and never closed";
const AFTER_QUOTE: &str = "text follows the closing quote of a field; quotes inside a quoted field must be doubled";
const LONG_FIELD: &str = "the field is longer than the limit for one field";

/// Scans one row at the start of `data`. Keeps the spans of at most `keep` fields; counts all.
///
/// A closing quote must be followed by the delimiter or the end of the row (spaces between are let through): with anything looser
/// one missing quote would swallow the rows after it.
pub(super) fn scan(
    data: &[u8],
    last: bool,
    format: Format,
    field_bytes: usize,
    keep: usize,
    spans: &mut Vec<Span>,
) -> Scan {
    spans.clear();
    let mut at = 0;
    let mut fields = 0;
    let mut breaks = 0;
    loop {
        let (span, end) = if data.get(at) == Some(&b'"') {
            match quoted(data, at, last, format, field_bytes) {
                Field::At(span, end, inside) => {
                    breaks += inside;
                    (span, end)
                }
                Field::More => return Scan::More,
                Field::Bad(reason) => return Scan::Bad { field: fields, reason },
            }
        } else {
            let Some(length) =
                memchr2(format.delimiter, format.terminator, &data[at..]).or(last.then_some(data.len() - at))
            else {
                return if data.len() - at > field_bytes {
                    Scan::Bad { field: fields, reason: LONG_FIELD }
                } else {
                    Scan::More
                };
            };
            let end = at + length;
            let mut text_end = end;
            if format.terminator == b'\n'
                && text_end > at
                && data[text_end - 1] == b'\r'
                && data.get(end) != Some(&format.delimiter)
            {
                text_end -= 1;
            }
            (Span { start: at as u32, end: text_end as u32, escaped: false }, end)
        };
        if (span.end - span.start) as usize > field_bytes {
            return Scan::Bad { field: fields, reason: LONG_FIELD };
        }
        if fields < keep {
            spans.push(span);
        }
        fields += 1;
        if data.get(end) == Some(&format.delimiter) {
            at = end + 1;
        } else {
            return Scan::Row { text: end, taken: (end + 1).min(data.len()), fields, breaks };
        }
    }
}

enum Field {
    /// The span, the position of the delimiter or terminator after it, and the line breaks inside.
    At(Span, usize, u64),
    More,
    Bad(&'static str),
}

/// A field whose opening quote stands at `open`.
fn quoted(data: &[u8], open: usize, last: bool, format: Format, field_bytes: usize) -> Field {
    let mut escaped = false;
    let mut from = open + 1;
    let close = loop {
        let Some(found) = memchr(b'"', &data[from..]) else {
            return if last {
                Field::Bad(UNCLOSED)
            } else if data.len() - open > field_bytes.saturating_add(2) {
                Field::Bad(LONG_FIELD)
            } else {
                Field::More
            };
        };
        let quote = from + found;
        match data.get(quote + 1) {
            Some(b'"') => {
                escaped = true;
                from = quote + 2;
            }
            None if !last => return Field::More,
            _ => break quote,
        }
    };
    let inside = memchr_iter(format.terminator, &data[open + 1..close]).count() as u64;
    let span = Span { start: (open + 1) as u32, end: close as u32, escaped };
    let mut end = close + 1;
    while end < data.len() && data[end] == b' ' && format.delimiter != b' ' {
        end += 1;
    }
    if format.terminator == b'\n' && data.get(end) == Some(&b'\r') {
        match data.get(end + 1) {
            Some(b'\n') => end += 1,
            None if last => end += 1,
            None => return Field::More,
            Some(_) => return Field::Bad(AFTER_QUOTE),
        }
    }
    match data.get(end) {
        Some(byte) if *byte == format.delimiter || *byte == format.terminator => Field::At(span, end, inside),
        None if last => Field::At(span, end, inside),
        None => Field::More,
        Some(_) => Field::Bad(AFTER_QUOTE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Format = Format { delimiter: b',', terminator: b'\n' };

    fn fields(text: &str) -> (Scan, Vec<String>) {
        let mut spans = Vec::new();
        let found = scan(text.as_bytes(), true, COMMA, 100, 100, &mut spans);
        (found, spans.iter().map(|s| text[s.start as usize..s.end as usize].to_owned()).collect())
    }

    #[test]
    fn rows_end_at_line_feed_carriage_return_or_the_end() {
        for text in ["a,b\nx", "a,b\r\nx", "a,b", "a,\"b\"\r\nx", "\"a\",b\r", "a,\"b\" \nx"] {
            assert_eq!(fields(text).1, ["a", "b"], "{text:?}");
        }
    }

    #[test]
    fn a_line_break_in_quotes_belongs_to_the_field_and_is_counted() {
        let (found, texts) = fields("1,\"x\n\ny\",2\nnext");
        assert_eq!(texts, ["1", "x\n\ny", "2"]);
        assert!(matches!(found, Scan::Row { taken: 11, breaks: 2, fields: 3, .. }));
    }

    #[test]
    fn an_open_quote_or_text_after_a_quote_is_bad() {
        assert_eq!(fields("1,\"abc").0, Scan::Bad { field: 1, reason: UNCLOSED });
        assert_eq!(fields("1,\"abc\n2,\"def\",3\n").0, Scan::Bad { field: 1, reason: AFTER_QUOTE });
    }

    #[test]
    fn a_quote_inside_an_unquoted_field_is_text() {
        assert_eq!(fields("5\" pipe,say \"hi\"\n").1, ["5\" pipe", "say \"hi\""]);
    }

    #[test]
    fn an_unfinished_row_asks_for_more() {
        let mut spans = Vec::new();
        for text in ["a,b", "a,\"b", "a,\"b\"", "a,\"b\"\r"] {
            assert_eq!(scan(text.as_bytes(), false, COMMA, 100, 9, &mut spans), Scan::More, "{text:?}");
        }
    }
}

//! Finds out how a delimited file is written from its first rows: delimiter, row terminator, header line.

use memchr::memchr;

use super::scan::{Format, Scan, Span, scan};

/// Common delimiters; on equal evidence the one that is rarer in ordinary text wins.
const COMMON: &[u8] = b"\t|;,";
/// Delimiters that are only believed when no common one fits.
const UNCOMMON: &[u8] = b"^~\x1f\x1e\x01:#!&*%@$=/";
/// Believed last, and only when every row agrees on three columns or more, since names and texts are full of it.
const SPACE: &[u8] = b" ";
const SAMPLE_ROWS: usize = 64;

/// What the first rows show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Detected {
    pub(super) format: Format,
    /// Title lines before the header, which hold a single field each.
    pub(super) titles: usize,
}

/// Looks at a sample from the start of a file (without byte order mark); `last` says that it is the whole file.
pub(super) fn detect(sample: &[u8], last: bool, delimiter: Option<u8>) -> Detected {
    let terminator = if memchr(b'\n', sample).is_none() && memchr(b'\r', sample).is_some() { b'\r' } else { b'\n' };
    let format = |delimiter| Format { delimiter, terminator };
    if let Some(given) = delimiter {
        return Detected { format: format(given), titles: 0 };
    }
    let looks =
        |candidates: &[u8]| -> Vec<Look> { candidates.iter().map(|&d| Look::at(sample, last, format(d))).collect() };
    let common = looks(COMMON);
    let uncommon = looks(UNCOMMON);
    let best = best(&common, |l| l.titles == 0)
        .or_else(|| best(&uncommon, |l| l.titles == 0))
        .or_else(|| best(&common, |_| true))
        .or_else(|| best(&looks(SPACE), |l| l.titles == 0 && l.share == 1.0 && l.width > 2));
    best.unwrap_or(Detected { format: format(b','), titles: 0 })
}

/// How a sample looks with one delimiter.
struct Look {
    format: Format,
    /// The most frequent number of fields.
    width: usize,
    /// The share of rows that have it.
    share: f64,
    titles: usize,
    /// Whether the first row that is no title has that many fields too.
    header_fits: bool,
}

impl Look {
    fn at(sample: &[u8], last: bool, format: Format) -> Self {
        let widths = widths(sample, last, format);
        let mut frequent: Vec<(usize, usize)> = Vec::new();
        for &width in &widths {
            match frequent.iter_mut().find(|(w, _)| *w == width) {
                Some((_, n)) => *n += 1,
                None => frequent.push((width, 1)),
            }
        }
        let (width, rows) = frequent.iter().copied().max_by_key(|&(w, n)| (n, w)).unwrap_or((1, 0));
        let titles = widths.iter().take_while(|&&w| w == 1).count();
        Self {
            format,
            width,
            share: rows as f64 / widths.len().max(1) as f64,
            titles,
            header_fits: widths.get(titles) == Some(&width),
        }
    }

    fn weight(&self) -> f64 {
        self.share * self.share * self.width as f64
    }
}

fn best(looks: &[Look], allowed: impl Fn(&Look) -> bool) -> Option<Detected> {
    let mut found: Option<&Look> = None;
    for look in looks.iter().filter(|l| l.width > 1 && l.share >= 0.5 && l.header_fits && allowed(l)) {
        if found.is_none_or(|f| look.weight() > f.weight()) {
            found = Some(look);
        }
    }
    found.map(|l| Detected { format: l.format, titles: l.titles })
}

/// The number of fields of each of the first rows; 0 for a row that cannot be understood.
fn widths(sample: &[u8], last: bool, format: Format) -> Vec<usize> {
    let mut spans: Vec<Span> = Vec::new();
    let mut widths = Vec::new();
    let mut rest = sample;
    while widths.len() < SAMPLE_ROWS && !rest.is_empty() {
        let taken = match scan(rest, last, format, usize::MAX, 0, &mut spans) {
            Scan::Row { text, taken, fields, .. } => {
                if text > 0 && rest[..text] != *b"\r" {
                    widths.push(fields);
                }
                taken
            }
            Scan::More => break,
            Scan::Bad { .. } => {
                widths.push(0);
                memchr(format.terminator, rest).map_or(rest.len(), |n| n + 1)
            }
        };
        rest = &rest[taken..];
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(text: &str) -> char {
        detect(text.as_bytes(), true, None).format.delimiter as char
    }

    #[test]
    fn any_delimiter_is_found() {
        for d in [',', ';', '\t', '|', '^', '~', ':', '#', '\u{1f}', ' '] {
            let text = format!("a{d}b{d}c\n1{d}2{d}3\n4{d}5{d}6\n");
            assert_eq!(delimiter(&text), d, "{d:?}");
        }
    }

    #[test]
    fn decimal_commas_and_texts_do_not_mislead() {
        assert_eq!(delimiter("a;b;c\n1,5;2,5;3,5\n1,6;2,6;3,6\n"), ';');
        assert_eq!(delimiter("name\tnote\nAnn\tone, two\nBob\tthree, four\n"), '\t');
        assert_eq!(delimiter("id,text\n1,\"a;b;c\nd;e;f\"\n2,\"g;h;i\"\n"), ',');
        assert_eq!(delimiter("id,at\n1,10:00:00\n2,11:00:00\n"), ',');
        assert_eq!(delimiter("full name\nAnn Lee\nBob Ray Jones\n"), ',');
    }

    #[test]
    fn rows_that_are_broken_do_not_mislead() {
        assert_eq!(delimiter("a,b,c\n1,2\n1,\"2\n3,4,5\n6,7,8\n9,10,11\n"), ',');
    }

    #[test]
    fn a_sample_that_ends_inside_quotes_is_enough() {
        let found = detect(b"a;b\n1;2\n3;\"open", false, None);
        assert_eq!(found.format.delimiter, b';');
    }

    #[test]
    fn title_lines_before_the_header_are_counted() {
        let found = detect(b"Sales of May\nOffice North\na,b,c\n1,2,3\n4,5,6\n", true, None);
        assert_eq!((found.format.delimiter, found.titles), (b',', 2));
    }

    #[test]
    fn old_line_ends_are_found() {
        assert_eq!(detect(b"a,b\r1,2\r", true, None).format.terminator, b'\r');
        assert_eq!(detect(b"a,b\r\n1,2\r\n", true, None).format.terminator, b'\n');
    }
}

//! How the texts of a free column are read: as numbers, dates or words, decided once for the whole column.

use lintel_domain::text::stated;
use serde::{Deserialize, Serialize};

use super::{Dates, number, period};

/// How every text of a column is read. Decided from one file and kept, so that another file is read alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reading {
    /// Finite numbers with the separators and signs that spreadsheets write.
    Number {
        /// The comma is the decimal sign, so that `1,234` is less than two.
        decimal_comma: bool,
    },
    /// Moments, as days since 1970-01-01 with a fraction for the time of day.
    Date {
        /// A form as of `strftime`; ISO forms when absent.
        format: Option<String>,
    },
    /// Words, exactly as they are apart from space around them.
    Word,
    /// Years, as the day in the middle of each, in days since 1970-01-01.
    Year,
}

/// A decision about a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inferred {
    /// How to read it.
    pub reading: Reading,
    /// Its dates can be read with the day first or the month first; the month was taken.
    pub ambiguous: bool,
}

/// Reads the texts of one column.
#[derive(Debug, Clone)]
pub enum Reader {
    /// Numbers; whether the comma is the decimal sign.
    Number(bool),
    /// Dates.
    Date(Dates),
    /// Words.
    Word,
    /// Years.
    Year,
}

/// Forms of dates that are tried, in this order; where two fit, the first is taken.
const FORMS: &[&str] = &[
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d-%b-%y",
    "%b %d, %Y",
    "%d %B %Y",
    "%B %d, %Y",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
];
/// Texts that decide which forms are worth a look at the whole column.
const SAMPLE: usize = 64;
/// Of a hundred filled texts so many must be of a kind; the others are then missing.
const NEARLY_ALL: usize = 95;
/// More digits than this are a key, and a double could not keep them.
const EXACT_DIGITS: usize = 15;

impl Reading {
    /// Decides how to read a column; `texts` gives all its texts each time it is called. A known form of dates goes first.
    ///
    /// Numbers with a needless leading zero, as in postal codes, are words, and so are numbers of more than 15 digits.
    /// Texts that only say that nothing was filled in, and infinities, decide nothing.
    pub fn infer<'a, I: Iterator<Item = &'a str>>(texts: impl Fn() -> I, date_format: Option<&str>) -> Inferred {
        let certain = |reading| Inferred { reading, ambiguous: false };
        let mut seen = Seen::default();
        for text in texts() {
            seen.add(text);
        }
        if seen.filled == 0 {
            return certain(Self::Number { decimal_comma: false });
        }
        let nearly = |count: usize| count * 100 >= seen.filled * NEARLY_ALL;
        let compact_dates = seen.compact_dates == seen.filled && seen.filled > 1;
        if nearly(seen.numbers) && !compact_dates && date_format.is_none() {
            if seen.codes > 0 {
                return certain(Self::Word);
            }
            return certain(Self::Number { decimal_comma: seen.commas > 0 && seen.points == 0 });
        }
        let sample: Vec<&str> = texts().filter_map(stated).take(SAMPLE).collect();
        let fits = |form: Option<&str>| {
            let Ok(dates) = Dates::new(form) else { return false };
            let reader = Reader::Date(dates);
            let count = |texts: &mut dyn Iterator<Item = &'a str>| texts.filter(|t| reader.number(t).is_some()).count();
            count(&mut sample.iter().copied()) * 100 >= sample.len() * NEARLY_ALL && nearly(count(&mut texts()))
        };
        let given = date_format.filter(|form| fits(Some(form)));
        if given.is_some() || fits(None) {
            return certain(Self::Date { format: given.map(str::to_owned) });
        }
        if nearly(seen.numbers) {
            return certain(if seen.codes > 0 {
                Self::Word
            } else {
                Self::Number { decimal_comma: seen.commas > 0 && seen.points == 0 }
            });
        }
        let mut fitting = FORMS.iter().filter(|form| fits(Some(form)));
        match fitting.next() {
            Some(form) => Inferred {
                reading: Self::Date { format: Some((*form).to_owned()) },
                ambiguous: fitting.next().is_some(),
            },
            None => certain(Self::Word),
        }
    }

    /// Years, where nearly all texts are one: for a column that is known to tell a time. By itself a column of
    /// such numbers is one of numbers, since most of them are counts or years of something else.
    pub fn years<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Self> {
        let (mut filled, mut years) = (0, 0);
        for text in texts.filter_map(stated) {
            filled += 1;
            years += usize::from(middle_of(text).is_some());
        }
        (filled > 0 && years * 100 >= filled * NEARLY_ALL).then_some(Self::Year)
    }

    /// Whether it gives numbers, of dates too.
    pub fn is_number(&self) -> bool {
        !matches!(self, Self::Word)
    }

    /// What reads the texts; a form that is not understood, as only a forged model has it, reads ISO dates.
    pub fn reader(&self) -> Reader {
        match self {
            Self::Number { decimal_comma } => Reader::Number(*decimal_comma),
            Self::Date { format } => Reader::Date(Dates::new(format.as_deref()).unwrap_or_default()),
            Self::Word => Reader::Word,
            Self::Year => Reader::Year,
        }
    }
}

impl Reader {
    /// The number that is written, or for dates and years the days since 1970-01-01; `None` for everything else.
    pub fn number(&self, text: &str) -> Option<f64> {
        match self {
            Self::Number(decimal_comma) => number_in(text, *decimal_comma),
            Self::Date(dates) => days(dates, text),
            Self::Word => None,
            Self::Year => middle_of(text),
        }
    }

    /// The word that is written, unless nothing was filled in.
    pub fn word<'a>(&self, text: &'a str) -> Option<&'a str> {
        stated(text)
    }
}

fn number_in(text: &str, decimal_comma: bool) -> Option<f64> {
    let text = text.trim();
    let text = text.strip_suffix('%').unwrap_or(text);
    if decimal_comma && text.contains([',', '.']) {
        let whole = text.split(',').next().unwrap_or_default();
        let grouped =
            whole.split('.').skip(1).all(|group| group.len() == 3 && group.bytes().all(|b| b.is_ascii_digit()));
        return if grouped { number(&text.replace('.', "").replace(',', ".")).ok() } else { None };
    }
    number(text).ok()
}

fn days(dates: &Dates, text: &str) -> Option<f64> {
    const DAY_US: f64 = 86_400e6;
    let text = text.trim();
    if let Ok(time) = dates.time(text) {
        return Some(time.0 as f64 / DAY_US);
    }
    let month = text.len() == 7 && text.as_bytes()[4] == b'-';
    if month { period(text).map(|day| f64::from(day.0)) } else { None }
}

/// The second of July of a year that is written in four digits, perhaps with zeros behind a point.
fn middle_of(text: &str) -> Option<f64> {
    let text = text.trim();
    let year = text.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0')).map_or(text, |(year, _)| year);
    if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) {
        days(&Dates::default(), &format!("{year}-07-02"))
    } else {
        None
    }
}

/// What a look at all texts of a column counts.
#[derive(Default)]
struct Seen {
    filled: usize,
    numbers: usize,
    /// Numbers that cannot be quantities.
    codes: usize,
    /// Numbers in which the comma can only be the decimal sign.
    commas: usize,
    /// Numbers in which the point can only be the decimal sign.
    points: usize,
    /// Eight digits that are a day from 1900 to 2100.
    compact_dates: usize,
}

impl Seen {
    fn add(&mut self, text: &str) {
        let Some(text) = stated(text) else { return };
        if text.parse::<f64>().is_ok_and(|value| !value.is_finite()) {
            return;
        }
        self.filled += 1;
        if number_in(text, false).is_none() && number_in(text, true).is_none() {
            return;
        }
        self.numbers += 1;
        let whole = text.trim_start_matches(['-', '+']).as_bytes();
        let digits = whole.iter().take_while(|b| b.is_ascii_digit()).count();
        self.codes += usize::from((digits > 1 && whole[0] == b'0') || digits > EXACT_DIGITS);
        let (comma, point) = (text.rfind(','), text.rfind('.'));
        let group = |at: usize| text[at + 1..].bytes().take_while(u8::is_ascii_digit).count() == 3;
        match (comma, point) {
            (Some(comma), None) => self.commas += usize::from(text.matches(',').count() == 1 && !group(comma)),
            (None, Some(point)) => self.points += usize::from(text.matches('.').count() == 1 && !group(point)),
            (Some(comma), Some(point)) if comma > point => self.commas += 1,
            (Some(_), Some(_)) => self.points += 1,
            (None, None) => {}
        }
        if digits == 8 && whole.len() == 8 && (b"19".as_slice()..=b"20".as_slice()).contains(&&whole[..2]) {
            self.compact_dates += usize::from(Dates::default().day(text).is_ok());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn infer(texts: &[&str]) -> Reading {
        Reading::infer(|| texts.iter().copied(), None).reading
    }

    fn numbers(texts: &[&str]) -> Vec<Option<f64>> {
        let reader = infer(texts).reader();
        texts.iter().map(|text| reader.number(text)).collect()
    }

    const POINT: Reading = Reading::Number { decimal_comma: false };

    #[test]
    fn numbers_are_told_with_what_is_not_filled_in_beside_them() {
        assert_eq!(infer(&["1", " ", "2.5", "unknown", "NA", "inf", "1e400"]), POINT);
        assert_eq!(numbers(&["1", " ", "$2,500", "inf", "-3%"]), [Some(1.0), None, Some(2500.0), None, Some(-3.0)]);
        assert_eq!(infer(&["", "select"]), POINT);
    }

    #[test]
    fn a_decimal_comma_is_one_in_the_whole_column() {
        assert_eq!(numbers(&["1,234", "2,25", "1.000,5"]), [Some(1.234), Some(2.25), Some(1000.5)]);
        assert_eq!(numbers(&["1,234", "2,500"]), [Some(1234.0), Some(2500.0)]);
        assert_eq!(numbers(&["1.234", "2.25"]), [Some(1.234), Some(2.25)]);
    }

    #[test]
    fn codes_are_words() {
        assert_eq!(infer(&["02134", "98101"]), Reading::Word);
        assert_eq!(infer(&["12345678901234567"]), Reading::Word);
        assert_eq!(infer(&["0", "0.5", "-0.25"]), POINT);
        assert_eq!(infer(&["1", "two", "three"]), Reading::Word);
    }

    #[test]
    fn dates_are_read_in_the_form_that_fits_the_column() {
        let form = |texts: &[&str]| match infer(texts) {
            Reading::Date { format } => format.unwrap_or("iso".into()),
            other => format!("{other:?}"),
        };
        assert_eq!(form(&["2016-09-03", "", "2016-09-04T12:00:00"]), "iso");
        assert_eq!(form(&["20141013T000000", "20141014T000000"]), "iso");
        assert_eq!(form(&["20141013", "20141014"]), "iso");
        assert_eq!(form(&["2016-09", "2016-10"]), "iso");
        assert_eq!(form(&["3/09/2016", "23/09/2016"]), "%d/%m/%Y");
        assert_eq!(form(&["9/3/2016", "9/23/2016"]), "%m/%d/%Y");
        assert_eq!(form(&["3-Sep-2016"]), "%d-%b-%Y");
        assert_eq!(form(&["03.09.2016", "23.09.2016"]), "%d.%m.%Y");
        assert!(Reading::infer(|| ["3/9/2016"].into_iter(), None).ambiguous);
        let given = Reading::infer(|| ["3/9/2016"].into_iter(), Some("%d/%m/%Y"));
        assert_eq!((given.ambiguous, given.reading.reader().number("3/9/2016")), (false, Some(17_047.0)));
        assert_eq!(infer(&["20141013"; 2]).reader().number("2014-10-14"), Some(16_357.0));
    }

    #[test]
    fn years_are_days_where_the_column_tells_a_time() {
        assert_eq!(Reading::years(["2010", " 2006.0 ", "", "NA"].into_iter()), Some(Reading::Year));
        let days = ["2010", "2006.0", "12"].map(|text| Reading::Year.reader().number(text));
        assert_eq!(days, [Some(14_792.0), Some(13_331.0), None]);
        for none in [&["12", "5"][..], &["2010.5"], &["0999"], &["20101"], &["", "NA"]] {
            assert_eq!(Reading::years(none.iter().copied()), None, "{none:?}");
        }
        assert_eq!(infer(&["2010", "2006"]), POINT);
    }

    #[test]
    fn a_reading_is_kept() {
        let kept = serde_json::to_string(&infer(&["3/09/2016", "23/09/2016"])).unwrap();
        assert_eq!(serde_json::from_str::<Reading>(&kept).unwrap(), Reading::Date { format: Some("%d/%m/%Y".into()) });
    }
}

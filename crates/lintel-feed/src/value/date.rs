//! Days and instants: ISO forms always, another form only when the mapping names it, since `03/04/2016` has two readings.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use lintel_domain::clock::{Day, Time};

use super::Reason;

const NOT_A_DATE: Reason = "not a date such as 2024-05-31, and no other form is named under [formats] in the mapping";
const NOT_THE_FORMAT: Reason = "not a date in the form named under [formats] in the mapping";
const YEARS: Reason = "the date is outside the years 1000 to 2999";

/// Reads the dates of one file.
#[derive(Debug, Clone, Default)]
pub struct Dates {
    format: Option<String>,
}

impl Dates {
    /// Dates in ISO form, and in `format` (as of `strftime`) where given.
    ///
    /// # Errors
    /// When the format has a directive that is unknown, or does not give year, month and day.
    pub fn new(format: Option<&str>) -> Result<Self, String> {
        if let Some(format) = format {
            let sample =
                Date::constant(2001, 11, 22).at(13, 45, 56, 0).to_zoned(TimeZone::UTC).map_err(|e| e.to_string())?;
            let written = jiff::fmt::strtime::format(format, &sample).map_err(|e| e.to_string())?;
            let read = parse_with(format, &written).map(|r| r.civil());
            if read.map(DateTime::date) != Some(sample.date()) {
                return Err("does not give year, month and day".to_owned());
            }
        }
        Ok(Self { format: format.map(str::to_owned) })
    }

    /// The civil day that is written; a time beside it is checked and left out.
    pub fn day(&self, text: &str) -> Result<Day, Reason> {
        let text = text.trim();
        let date = match iso_date(text) {
            Some(date) if self.format.is_none() => date,
            _ => self.read(text)?.civil().date(),
        };
        in_years(date)?;
        Ok(Day::from_date(date))
    }

    /// The instant that is written; without an offset it is UTC, without a time the start of the day.
    pub fn time(&self, text: &str) -> Result<Time, Reason> {
        let text = text.trim();
        let read = match iso_date(text) {
            Some(date) if self.format.is_none() => Read::Civil(date.to_datetime(jiff::civil::Time::midnight())),
            _ => self.read(text)?,
        };
        in_years(read.civil().date())?;
        read.instant().ok_or(NOT_A_DATE)
    }

    fn read(&self, text: &str) -> Result<Read, Reason> {
        if let Some(format) = &self.format
            && let Some(read) = parse_with(format, text)
        {
            return Ok(read);
        }
        let reason = if self.format.is_some() { NOT_THE_FORMAT } else { NOT_A_DATE };
        if !text.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(reason);
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            let civil = text.parse::<DateTime>().ok();
            return Ok(Read::Instant(instant, civil));
        }
        text.parse::<DateTime>().map(Read::Civil).map_err(|_| reason)
    }
}

/// The day that a column name or a `period` stands for: `2022-10-31`, `10/31/2022` (month first) or `2022-10` (its first day).
pub fn period(text: &str) -> Option<Day> {
    let text = text.trim();
    if let Some(date) = iso_date(text) {
        return in_years(date).ok().map(|()| Day::from_date(date));
    }
    let number = |t: &str, most: usize| -> Option<i16> {
        (!t.is_empty() && t.len() <= most && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse().ok()).flatten()
    };
    let date = if let Some((year, month)) = text.split_once('-') {
        if year.len() != 4 || month.len() != 2 {
            return None;
        }
        Date::new(number(year, 4)?, number(month, 2)? as i8, 1).ok()?
    } else {
        let mut parts = text.split('/');
        let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 {
            return None;
        }
        Date::new(number(year, 4)?, number(month, 2)? as i8, number(day, 2)? as i8).ok()?
    };
    in_years(date).ok().map(|()| Day::from_date(date))
}

/// What a text says: an instant (with the civil time beside it), or a civil time.
enum Read {
    Instant(Timestamp, Option<DateTime>),
    Civil(DateTime),
}

impl Read {
    fn civil(&self) -> DateTime {
        match self {
            Self::Instant(at, civil) => civil.unwrap_or_else(|| at.to_zoned(TimeZone::UTC).datetime()),
            Self::Civil(civil) => *civil,
        }
    }

    fn instant(&self) -> Option<Time> {
        let at = match self {
            Self::Instant(at, _) => *at,
            Self::Civil(civil) => civil.to_zoned(TimeZone::UTC).ok()?.timestamp(),
        };
        Some(Time(at.as_microsecond()))
    }
}

fn parse_with(format: &str, text: &str) -> Option<Read> {
    let parts = BrokenDownTime::parse(format, text).ok()?;
    if let Ok(at) = parts.to_timestamp() {
        return Some(Read::Instant(at, parts.to_datetime().ok()));
    }
    let date = parts.to_date().ok()?;
    let time = parts.to_time().unwrap_or(jiff::civil::Time::midnight());
    Some(Read::Civil(date.to_datetime(time)))
}

/// `2024-05-31`, the form that nearly all dates have.
fn iso_date(text: &str) -> Option<Date> {
    let b = text.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    let digits = |range: std::ops::Range<usize>| -> Option<i16> {
        b[range].iter().try_fold(0i16, |n, d| d.is_ascii_digit().then(|| n * 10 + i16::from(d - b'0')))
    };
    Date::new(digits(0..4)?, digits(5..7)? as i8, digits(8..10)? as i8).ok()
}

fn in_years(date: Date) -> Result<(), Reason> {
    if (1000..3000).contains(&date.year()) { Ok(()) } else { Err(YEARS) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(format: Option<&str>, text: &str) -> Option<String> {
        Dates::new(format).unwrap().day(text).ok().map(|d| d.to_string())
    }

    #[test]
    fn iso_forms_need_no_format() {
        for text in [
            "2014-10-13",
            "20141013",
            "2014-10-13T00:00:00",
            "20141013T000000",
            "2014-10-13 08:30:00",
            "2014-10-13T23:30:00-08:00",
            " 2014-10-13 ",
        ] {
            assert_eq!(day(None, text).as_deref(), Some("2014-10-13"), "{text}");
        }
    }

    #[test]
    fn other_forms_need_one() {
        assert_eq!(day(Some("%d/%m/%Y"), "3/09/2016").as_deref(), Some("2016-09-03"));
        assert_eq!(day(Some("%Y%m%dT%H%M%S"), "20141013T000000").as_deref(), Some("2014-10-13"));
        assert_eq!(day(Some("%d/%m/%Y"), "2016-09-03").as_deref(), Some("2016-09-03"));
        for text in ["03/09/2016", "13.10.2014", "1413187200", "yesterday", "2014-02-30", "0000-01-01", ""] {
            assert_eq!(day(None, text), None, "{text}");
        }
        assert_eq!(day(Some("%d/%m/%Y"), "31/02/2016"), None);
    }

    #[test]
    fn a_format_without_a_whole_date_is_refused() {
        assert!(Dates::new(Some("%Y-%m")).is_err() && Dates::new(Some("%Q9 %Y")).is_err());
        assert!(Dates::new(Some("%s")).is_ok() && Dates::new(Some("%m/%d/%y")).is_ok());
    }

    #[test]
    fn instants_keep_their_offset_and_are_utc_without() {
        let time = |text: &str| Dates::default().time(text).map(|t| t.to_string());
        assert_eq!(time("2014-10-13T23:30:00-08:00").unwrap(), "2014-10-14T07:30:00Z");
        assert_eq!(time("2014-10-13 23:30").unwrap(), "2014-10-13T23:30:00Z");
        assert_eq!(time("2014-10-13").unwrap(), "2014-10-13T00:00:00Z");
    }

    #[test]
    fn periods_are_read_from_column_names() {
        let read = |text: &str| period(text).map(|d| d.to_string());
        assert_eq!(read("2022-10-31").as_deref(), Some("2022-10-31"));
        assert_eq!(read("10/31/2022").as_deref(), Some("2022-10-31"));
        assert_eq!(read("2022-10").as_deref(), Some("2022-10-01"));
        assert!(
            ["2022", "31/10/2022", "RegionID", "2022-13", "1-2", "2022-10-31T", "1/2/22"]
                .iter()
                .all(|t| period(t).is_none())
        );
    }

    proptest! {
        #[test]
        fn a_day_is_read_back_as_written(days in -300_000i32..300_000) {
            let written = Day(days).to_string();
            prop_assert_eq!(Dates::default().day(&written), Ok(Day(days)));
            prop_assert_eq!(period(&written), Some(Day(days)));
        }

        #[test]
        fn no_text_makes_a_date_panic(text in "\\PC{0,24}") {
            let _ = Dates::default().time(&text);
            let _ = Dates::new(Some("%d/%m/%Y %H:%M")).unwrap().day(&text);
            let _ = period(&text);
        }
    }
}

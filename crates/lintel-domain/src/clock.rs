//! Time: an instant in microseconds, a civil day, and the clock that is passed to whoever needs the present.

use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An instant: microseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 at every border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// Microseconds in a second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in a day of 24 hours.
pub const DAY: i64 = 86_400 * SECOND;

impl Time {
    /// The instant `micros` microseconds later (earlier when negative), held inside what can be written as text.
    #[must_use]
    pub fn plus(self, micros: i64) -> Self {
        let max = Timestamp::MAX.as_microsecond();
        let min = Timestamp::MIN.as_microsecond();
        Self(self.0.saturating_add(micros).clamp(min, max))
    }

    /// Microseconds from `earlier` to this instant.
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Days, with fraction, from `earlier` to this instant.
    pub fn days_since(self, earlier: Self) -> f64 {
        self.since(earlier) as f64 / DAY as f64
    }

    /// The civil day in UTC.
    pub fn day(self) -> Day {
        Day(i32::try_from(self.0.div_euclid(DAY)).unwrap_or(i32::MAX))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_microsecond(self.0) {
            Ok(timestamp) => timestamp.fmt(f),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

impl FromStr for Time {
    type Err = jiff::Error;

    /// Reads RFC 3339 with an offset.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<Timestamp>().map(|timestamp| Self(timestamp.as_microsecond()))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("expected a time such as 2026-01-31T12:00:00Z"))
    }
}

/// A civil day: days since 1970-01-01. Written as `2026-01-31`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day with this year, month (1–12) and day of the month, if there is one.
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self::from_date)
    }

    /// The day of a calendar date.
    pub fn from_date(date: Date) -> Self {
        // Days between two dates of years -9999..9999 fit an i32.
        let epoch = Date::constant(1970, 1, 1);
        Self(date.duration_since(epoch).as_hours() as i32 / 24)
    }

    /// The calendar date, if it lies in the years that can be written.
    pub fn date(self) -> Option<Date> {
        let zoned = Timestamp::from_second(i64::from(self.0) * 86_400).ok()?;
        Some(zoned.to_zoned(TimeZone::UTC).date())
    }

    /// Midnight UTC at the start of the day.
    pub fn start(self) -> Time {
        Time(i64::from(self.0) * DAY)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => date.fmt(f),
            None => write!(f, "day {}", self.0),
        }
    }
}

impl FromStr for Day {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<Date>().map(Self::from_date)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("expected a day such as 2026-01-31"))
    }
}

/// Where the present comes from: the machine, or a hand that a test moves.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is moved.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now` until [`Clock::advance`] moves it.
    pub fn manual(now: Time) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(now.0)))
    }

    /// The present.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> Time {
        match self {
            Self::System => Time(Timestamp::now().as_microsecond()),
            Self::Manual(now) => Time(now.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock by `micros`; the machine's clock is left alone.
    pub fn advance(&self, micros: i64) {
        if let Self::Manual(now) = self {
            now.fetch_add(micros, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days_are_read_as_they_are_written() {
        let time: Time = "2015-03-01T08:30:00.25Z".parse().unwrap();
        assert_eq!(time.to_string(), "2015-03-01T08:30:00.25Z");
        assert_eq!(time.day(), "2015-03-01".parse().unwrap());
        assert_eq!(Day::from_ymd(1969, 12, 31), Some(Day(-1)));
        assert_eq!(Day(-1).to_string(), "1969-12-31");
        assert_eq!(Day::from_ymd(2015, 2, 29), None);
    }

    #[test]
    fn a_manual_clock_moves_only_when_it_is_moved() {
        let clock = Clock::manual(Time(5));
        clock.advance(SECOND);
        assert_eq!(clock.now(), Time(5 + SECOND));
    }
}

//! A month of the calendar: the periods that sales are counted in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::clock::Day;

/// A civil month: months since January of the year 0. Written as `2026-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// A text that is no month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a month from 1000-01 to 2999-12, such as 2026-01")]
pub struct NoMonth;

impl Month {
    /// The month that a day lies in.
    pub fn of(day: Day) -> Option<Self> {
        let date = day.date()?;
        Some(Self(i32::from(date.year()) * 12 + i32::from(date.month()) - 1))
    }

    /// The first day of the month that a day lies in; the day itself beyond the calendar's years.
    pub fn first_of(day: Day) -> Day {
        Self::of(day).map_or(day, Self::first_day)
    }

    /// The month so many later (earlier when negative).
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(months))
    }

    /// Months from `earlier` to this one.
    pub fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// Its first day; the last of all days beyond the calendar's years.
    pub fn first_day(self) -> Day {
        let (year, month) = (i16::try_from(self.0.div_euclid(12)), self.0.rem_euclid(12) as i8 + 1);
        year.ok().and_then(|year| Day::from_ymd(year, month, 1)).unwrap_or(Day(i32::MAX))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (year, month) = text.split_once('-').ok_or(NoMonth)?;
        let number = |text: &str, digits: usize| {
            let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { text.parse::<i32>().map_err(|_| NoMonth) } else { Err(NoMonth) }
        };
        let (year, month) = (number(year, 4)?, number(month, 2)?);
        let is_known = (1000..=2999).contains(&year) && (1..=12).contains(&month);
        if is_known { Ok(Self(year * 12 + month - 1)) } else { Err(NoMonth) }
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_on_its_first_day_and_is_read_as_it_was_written() {
        for year in [1000, 1582, 1899, 1900, 1970, 2000, 2024, 2025, 2100, 2999_i16] {
            for month in 1..=12_i8 {
                let text = format!("{year:04}-{month:02}");
                let read: Month = text.parse().unwrap();
                assert_eq!(read.to_string(), text);
                let first = Day::from_ymd(year, month, 1).unwrap();
                assert_eq!(read.first_day(), first, "{text}");
                assert_eq!(Month::of(first), Some(read));
                assert_eq!(Month::first_of(Day(first.0 + 27)), first);
                assert_eq!(Month::of(Day(first.0 - 1)), Some(read.plus(-1)));
                assert_eq!(read.plus(14).since(read), 14);
            }
        }
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for bad in
            ["", "2026", "2026-1", "2026-13", "2026-00", "0999-01", "3000-01", "2026-01-01", "+026-01", "2026-+1"]
        {
            assert_eq!(bad.parse::<Month>(), Err(NoMonth), "{bad}");
        }
    }
}

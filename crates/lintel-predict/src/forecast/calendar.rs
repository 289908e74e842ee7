//! The calendar of a series: how far its periods are apart, found from the periods themselves, and which come next.

use lintel_domain::clock::Day;

/// How far two neighbouring periods are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// This many days: 1 is daily, 7 weekly.
    Days(i32),
    /// Monday to Friday.
    Weekdays,
    /// This many months: 1 is monthly, 3 quarterly, 12 yearly.
    Months(i32),
}

/// Regular periods, counted from an anchor: slot 0 is the anchor, slot 1 the period after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Calendar {
    step: Step,
    anchor: Day,
    /// Day of the month of every period; 31 means the last day of each.
    day_of_month: i8,
}

/// Of the gaps between periods, at least this share must be what the calendar says; the others may be longer.
const REGULAR_SHARE: f64 = 0.5;

/// Days that the day of a week may shift by, as publishers do before holidays.
const SHIFT: i64 = 3;

impl Step {
    /// Steps in a year.
    pub fn per_year(self) -> f64 {
        match self {
            Self::Days(n) => 365.25 / f64::from(n),
            Self::Weekdays => 365.25 * 5.0 / 7.0,
            Self::Months(n) => 12.0 / f64::from(n),
        }
    }

    /// The word for people: `monthly`, `weekly`, `every 14 days`.
    pub fn word(self) -> String {
        match self {
            Self::Days(1) => "daily".to_owned(),
            Self::Days(7) => "weekly".to_owned(),
            Self::Weekdays => "on weekdays".to_owned(),
            Self::Months(1) => "monthly".to_owned(),
            Self::Months(3) => "quarterly".to_owned(),
            Self::Months(12) => "yearly".to_owned(),
            Self::Days(n) => format!("every {n} days"),
            Self::Months(n) => format!("every {n} months"),
        }
    }
}

impl Calendar {
    /// Finds the calendar of days that are sorted and distinct, anchored at the last of them.
    ///
    /// `None` for fewer than two days, or when no calendar holds them: two fall into one period, or most gaps are not
    /// one step. Periods of a week or more may shift by up to three days; days of months within their month.
    pub fn of(days: &[Day]) -> Option<Self> {
        let anchor = *days.last()?;
        let mut gaps: Vec<i32> = days.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        if gaps.iter().any(|gap| *gap <= 0) {
            return None;
        }
        gaps.sort_unstable();
        let typical = *gaps.get(gaps.len().checked_sub(1)? / 2)?;
        let step = match typical {
            1 if gaps.iter().any(|gap| *gap > 1) && days.iter().all(|day| weekday(*day) < 5) => Step::Weekdays,
            1..=27 => Step::Days(typical),
            28 if gaps.last() == Some(&28) && days.len() > 2 => Step::Days(28),
            28..=31 => Step::Months(1),
            59..=62 => Step::Months(2),
            89..=92 => Step::Months(3),
            120..=123 => Step::Months(4),
            181..=184 => Step::Months(6),
            365..=366 => Step::Months(12),
            _ => return None,
        };
        let calendar = Self { step, anchor, day_of_month: day_of_month(days) };
        let slots: Vec<i64> = days.iter().map(|day| calendar.slot(*day)).collect::<Option<_>>()?;
        let distinct = slots.windows(2).all(|pair| pair[0] < pair[1]);
        let single = slots.windows(2).filter(|pair| pair[1] - pair[0] == 1).count();
        (distinct && single as f64 >= REGULAR_SHARE * gaps.len() as f64).then_some(calendar)
    }

    /// How far periods are apart.
    pub fn step(&self) -> Step {
        self.step
    }

    /// The slot a day falls into; `None` for a day of no period, such as a weekend on a calendar of weekdays.
    pub fn slot(&self, day: Day) -> Option<i64> {
        let apart = i64::from(day.0) - i64::from(self.anchor.0);
        Some(match self.step {
            Step::Days(n) => {
                let slot = (apart as f64 / f64::from(n)).round() as i64;
                if (apart - slot * i64::from(n)).abs() > i64::from(n / 2).min(SHIFT) {
                    return None;
                }
                slot
            }
            Step::Weekdays => {
                if weekday(day) > 4 {
                    return None;
                }
                working_days(day) - working_days(self.anchor)
            }
            Step::Months(n) => {
                let apart = months(day)? - months(self.anchor)?;
                // A month that is no multiple away belongs to no period of this calendar.
                if apart.rem_euclid(i64::from(n)) != 0 {
                    return None;
                }
                apart / i64::from(n)
            }
        })
    }

    /// The day of a slot; `None` beyond the years that can be written.
    pub fn day(&self, slot: i64) -> Option<Day> {
        let day = match self.step {
            Step::Days(n) => offset(self.anchor, slot.checked_mul(i64::from(n))?)?,
            Step::Weekdays => {
                let count = working_days(self.anchor).checked_add(slot)?;
                let days = count.div_euclid(5).checked_mul(7)?.checked_add(count.rem_euclid(5))?;
                // Day 4 of the epoch, 1970-01-05, is a Monday.
                offset(Day(4), days)?
            }
            Step::Months(n) => {
                let month = months(self.anchor)?.checked_add(slot.checked_mul(i64::from(n))?)?;
                let (year, month) = (i16::try_from(month.div_euclid(12)).ok()?, month.rem_euclid(12) as i8 + 1);
                (28..=self.day_of_month)
                    .rev()
                    .chain([self.day_of_month.min(28)])
                    .find_map(|day| Day::from_ymd(year, month, day))?
            }
        };
        day.date().map(|_| day)
    }

    /// Whether every one of the days is exactly the day of a slot.
    pub(super) fn holds(&self, days: &[Day]) -> bool {
        days.iter().all(|day| self.slot(*day).and_then(|slot| self.day(slot)) == Some(*day))
    }

    /// The place of a slot in the year, from 0 up to 1.
    pub(super) fn year_share(&self, slot: i64) -> Option<f64> {
        let date = self.day(slot)?.date()?;
        Some(match self.step {
            Step::Months(_) => f64::from(date.month() - 1) / 12.0,
            Step::Days(_) | Step::Weekdays => f64::from(date.day_of_year() - 1) / 366.0,
        })
    }
}

/// The day of the month that all periods share: the last one when every period ends its month.
fn day_of_month(days: &[Day]) -> i8 {
    let of: Vec<(i8, i8)> =
        days.iter().filter_map(|day| day.date()).map(|date| (date.day(), date.days_in_month())).collect();
    if of.iter().all(|(day, longest)| day == longest) {
        return 31;
    }
    // Short months cut a later day off, so the largest is meant when that explains the others.
    let largest = of.iter().map(|(day, _)| *day).max().unwrap_or(1);
    let fits = of.iter().all(|(day, longest)| *day == largest.min(*longest));
    if fits { largest } else { of.last().map_or(1, |(day, _)| *day) }
}

/// Monday is 0.
fn weekday(day: Day) -> i32 {
    (day.0 + 3).rem_euclid(7)
}

/// Weekdays from Monday 1970-01-05 to a weekday.
fn working_days(day: Day) -> i64 {
    let days = i64::from(day.0) - 4;
    days.div_euclid(7) * 5 + days.rem_euclid(7)
}

/// Months since year 0.
fn months(day: Day) -> Option<i64> {
    let date = day.date()?;
    Some(i64::from(date.year()) * 12 + i64::from(date.month()) - 1)
}

fn offset(day: Day, days: i64) -> Option<Day> {
    i64::from(day.0).checked_add(days).and_then(|days| i32::try_from(days).ok()).map(Day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(texts: &[&str]) -> Vec<Day> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn next(texts: &[&str], n: i64) -> Vec<String> {
        let calendar = Calendar::of(&days(texts)).unwrap();
        (1..=n).map(|slot| calendar.day(slot).unwrap().to_string()).collect()
    }

    #[test]
    fn each_calendar_goes_on_as_it_began() {
        let table: [(&[&str], &[&str]); 9] = [
            (&["2022-08-31", "2022-09-30", "2022-10-31"], &["2022-11-30", "2022-12-31", "2023-01-31", "2023-02-28"]),
            (&["2023-12-31", "2024-01-31"], &["2024-02-29", "2024-03-31"]),
            (&["2022-09-01", "2022-10-01"], &["2022-11-01", "2022-12-01"]),
            (&["2023-01-30", "2023-02-28", "2023-03-30"], &["2023-04-30", "2023-05-30"]),
            (&["2022-10-15", "2022-10-22", "2022-10-29"], &["2022-11-05", "2022-11-12"]),
            (&["2022-04-01", "2022-07-01", "2022-10-01"], &["2023-01-01", "2023-04-01"]),
            (&["2022-03-31", "2022-06-30", "2022-09-30"], &["2022-12-31", "2023-03-31"]),
            (&["2020-12-31", "2021-12-31"], &["2022-12-31", "2023-12-31"]),
            (&["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-04"], &["2024-03-05", "2024-03-06"]),
        ];
        for (given, expected) in table {
            assert_eq!(next(given, expected.len() as i64), expected, "{given:?}");
        }
    }

    #[test]
    fn gaps_and_shifted_weeks_stay_on_the_calendar() {
        let gap = Calendar::of(&days(&["2022-01-31", "2022-02-28", "2022-04-30", "2022-05-31"])).unwrap();
        assert_eq!(gap.slot("2022-01-31".parse().unwrap()), Some(-4));
        let friday_then_thursday =
            Calendar::of(&days(&["1971-04-02", "1971-04-09", "1971-04-16", "1971-04-22", "1971-04-29"])).unwrap();
        assert_eq!(friday_then_thursday.step(), Step::Days(7));
        assert_eq!(friday_then_thursday.slot("1971-04-02".parse().unwrap()), Some(-4));
    }

    #[test]
    fn what_is_no_calendar_is_refused() {
        for texts in [
            &["2022-01-31"][..],
            &[],
            &["2022-01-31", "2022-01-31"],
            &["2022-02-28", "2022-01-31"],
            &["2020-01-01", "2020-01-02", "2020-06-01", "2021-09-01", "2022-02-05"],
            &["2020-01-01", "2020-02-01", "2020-02-20", "2020-03-01"],
        ] {
            assert_eq!(Calendar::of(&days(texts)), None, "{texts:?}");
        }
    }

    #[test]
    fn slots_and_days_are_each_others_inverse() {
        for texts in [
            &["2022-09-30", "2022-10-31"][..],
            &["2022-10-22", "2022-10-29"],
            &["2022-07-01", "2022-10-01"],
            &["2024-02-28", "2024-02-29", "2024-03-01", "2024-03-04"],
        ] {
            let calendar = Calendar::of(&days(texts)).unwrap();
            for slot in -600..600 {
                assert_eq!(calendar.slot(calendar.day(slot).unwrap()), Some(slot), "{texts:?} {slot}");
            }
        }
    }

    #[test]
    fn no_slot_is_beyond_the_end_of_time() {
        let calendar = Calendar::of(&days(&["2022-09-30", "2022-10-31"])).unwrap();
        assert_eq!((calendar.day(i64::MAX), calendar.day(200_000)), (None, None));
    }
}

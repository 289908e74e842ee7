//! Phases of a scenario: so many users for so long, and the ramp to the breaking point.

use std::time::Duration;

use serde::Deserialize;

use crate::Error;

/// A stretch of load. A user sends one request a second on average, so users and requests a second are the same number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phase {
    /// Name in reports.
    pub name: String,
    /// Users; this or `rate`.
    pub users: Option<f64>,
    /// Requests a second.
    pub rate: Option<f64>,
    /// How long it takes.
    pub seconds: f64,
    /// Whether the server may turn requests away, at once and with the time to come back at.
    #[serde(default)]
    pub may_shed: bool,
    /// Whether it is held to anything; false of a time in which the server gets over what came before.
    #[serde(default = "yes")]
    pub judged: bool,
}

fn yes() -> bool {
    true
}

/// A ramp to the breaking point, more than the server can do, and the time after it.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overload {
    /// Requests a second of the first step.
    pub from: f64,
    /// How much more each step sends than the one before, as a factor.
    pub factor: f64,
    /// Requests a second that no step goes beyond.
    pub most: f64,
    /// Seconds of each step.
    pub step_seconds: f64,
    /// How many times the capacity is sent when it is overloaded.
    pub times: f64,
    /// Seconds of overload.
    pub seconds: f64,
    /// Seconds of load at capacity after it.
    pub after_seconds: f64,
}

impl Default for Overload {
    fn default() -> Self {
        Self {
            from: 250.0,
            factor: 1.4,
            most: 40_000.0,
            step_seconds: 5.0,
            times: 3.0,
            seconds: 20.0,
            after_seconds: 10.0,
        }
    }
}

/// How phases are shortened, so that a scenario can be tried, or made longer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    /// As the file says.
    Whole,
    /// Times this.
    Scaled(f64),
    /// At most so many seconds each.
    AtMost(f64),
}

impl Phase {
    /// Requests a second.
    pub fn per_second(&self) -> f64 {
        self.rate.or(self.users).unwrap_or_default()
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let wrong = |what: &str| Err(Error::Scenario(format!("phase {:?}: {what}", self.name)));
        if self.users.is_some() == self.rate.is_some() {
            return wrong("give either users or rate");
        }
        if !is_above_zero(self.per_second()) {
            return wrong("the rate must be more than 0");
        }
        if !is_above_zero(self.seconds) {
            return wrong("nothing is measured in no time");
        }
        Ok(())
    }
}

impl Overload {
    pub(super) fn check(&self) -> Result<(), Error> {
        let numbers = [self.from, self.most, self.step_seconds, self.times, self.seconds, self.after_seconds];
        if !numbers.into_iter().all(is_above_zero) || !is_above_zero(self.factor - 1.0) {
            return Err(Error::Scenario("overload: numbers must be more than 0, the factor more than 1".into()));
        }
        Ok(())
    }

    /// Requests a second of each step.
    pub fn rates(&self) -> impl Iterator<Item = f64> {
        std::iter::successors(Some(self.from), |rate| Some(rate * self.factor)).take_while(|rate| *rate <= self.most)
    }
}

impl Length {
    /// How long a phase of so many seconds takes; it is not shortened below a second, of which a rate can be told.
    pub fn of(self, seconds: f64) -> Duration {
        let scaled = match self {
            Self::Whole => seconds,
            Self::Scaled(factor) => seconds * factor,
            Self::AtMost(most) => seconds.min(most),
        };
        Duration::from_secs_f64(scaled.max(seconds.min(1.0)))
    }

    /// Whether a phase of so many seconds becomes shorter.
    pub fn shortens(self, seconds: f64) -> bool {
        self.of(seconds) < Duration::from_secs_f64(seconds)
    }
}

fn is_above_zero(number: f64) -> bool {
    number > 0.0 && number.is_finite()
}

#[cfg(test)]
mod tests {
    use super::{Length, Overload, Phase};

    fn phase(text: &str) -> Phase {
        toml::from_str(&format!("name = \"p\"\n{text}")).expect("a phase")
    }

    #[test]
    fn a_user_is_a_request_a_second_and_a_phase_has_users_or_a_rate() {
        assert_eq!(phase("users = 500\nseconds = 10").per_second(), 500.0);
        assert_eq!(phase("rate = 2000\nseconds = 10").per_second(), 2000.0);
        for wrong in
            ["seconds = 1", "users = 1\nrate = 1\nseconds = 1", "users = 0\nseconds = 1", "users = 1\nseconds = 0"]
        {
            assert!(phase(wrong).check().is_err(), "{wrong}");
        }
        assert!(phase("users = 1\nseconds = inf").check().is_err());
    }

    #[test]
    fn a_phase_that_is_shortened_keeps_a_second_and_one_that_is_scaled_may_grow() {
        let seconds = |length: Length, seconds| length.of(seconds).as_secs_f64();
        assert_eq!(seconds(Length::Whole, 60.0), 60.0);
        assert_eq!(seconds(Length::Scaled(0.1), 60.0), 6.0);
        assert_eq!(seconds(Length::Scaled(0.001), 60.0), 1.0);
        assert_eq!(seconds(Length::AtMost(5.0), 60.0), 5.0);
        assert_eq!(seconds(Length::AtMost(5.0), 2.0), 2.0);
        assert_eq!(seconds(Length::AtMost(5.0), 0.5), 0.5);
        assert_eq!(seconds(Length::Scaled(3.0), 60.0), 180.0);
        assert!(Length::AtMost(5.0).shortens(6.0) && !Length::AtMost(5.0).shortens(5.0));
    }

    #[test]
    fn a_ramp_rises_by_its_factor_and_ends_at_its_most() {
        let ramp = Overload { from: 100.0, factor: 2.0, most: 900.0, ..Overload::default() };
        assert_eq!(ramp.rates().collect::<Vec<_>>(), [100.0, 200.0, 400.0, 800.0]);
        assert!(Overload { factor: 1.0, ..ramp }.check().is_err());
        assert!(Overload::default().check().is_ok());
    }
}

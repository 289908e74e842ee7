//! The year's rhythm of home prices: dearer in summer than in winter.

use lintel_domain::clock::Day;
use serde::{Deserialize, Serialize};

/// Which half of the year is summer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Hemisphere {
    /// Summer is in July; also where nothing is known.
    #[default]
    North,
    /// Summer is in January.
    South,
}

impl Hemisphere {
    /// The half of the earth that a latitude lies on.
    pub fn of(latitude: Option<f64>) -> Self {
        if latitude.is_some_and(|degrees| degrees < 0.0) { Self::South } else { Self::North }
    }

    /// The day of the year when prices peak.
    fn peak(self) -> f64 {
        match self {
            Self::North => PEAK,
            Self::South => PEAK + YEAR / 2.0,
        }
    }
}

/// Late June: buyers and sellers trade from spring to summer, and prices peak with them.
const PEAK: f64 = 172.0;
const YEAR: f64 = 365.25;

/// Half the distance from winter to summer in log price, before any sale is seen.
///
/// Prices grow faster in the second and third quarters than in the other two, on both sides of the
/// Atlantic, year after year (Ngai & Tenreyro 2014, "Hot and Cold Seasons in the Housing Market",
/// American Economic Review 104(12)). The figure is coarse and so is its [`UNSURE`]: a market with
/// more than a year of sales replaces it by its own, and one that knows no seasons is meanwhile
/// pulled off by less than the amplitude.
pub(crate) const AMPLITUDE: f64 = 0.02;
/// Standard deviation of the amplitude before any sale is seen.
pub(crate) const UNSURE: f64 = 0.01;

/// A wave with a period of one year.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Season {
    pub(crate) hemisphere: Hemisphere,
    pub(crate) cosine: f64,
    pub(crate) sine: f64,
}

impl Season {
    /// Cosine and sine of a day, 1 and 0 at the usual peak.
    pub(crate) fn waves(hemisphere: Hemisphere, day: f64) -> (f64, f64) {
        let (sine, cosine) = ((day - hemisphere.peak()) / YEAR * std::f64::consts::TAU).sin_cos();
        (cosine, sine)
    }

    /// What the season adds to the log level on a day.
    pub(crate) fn at(&self, day: Day) -> f64 {
        let (cosine, sine) = Self::waves(self.hemisphere, f64::from(day.0));
        self.cosine * cosine + self.sine * sine
    }
}

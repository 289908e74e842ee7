//! The market: the mean growth of all series of a panel, as one series.

use super::POOL;
use super::panel::Panel;
use super::season::{self, Seasons};
use super::trend::{Shape, State};

/// The level of the market by slot, from the growth that the series present at both ends of a step share.
#[derive(Debug, Clone)]
pub(super) struct Market {
    /// The first slot with a level.
    pub(super) first: usize,
    /// Sums of growth; 0 at the first slot, as before it.
    level: Vec<f64>,
}

impl Market {
    /// `None` when there are too few series. What is known of a slot depends on nothing after it.
    pub(super) fn of(panel: &Panel) -> Option<Self> {
        if !panel.is_pooled() {
            return None;
        }
        let mut level = vec![0.0; panel.length];
        let mut first = None;
        for slot in 1..panel.length {
            let (mut sum, mut n) = (0.0, 0usize);
            for row in panel.rows.iter().filter(|row| row.is_log && row.first < slot) {
                sum += row.values[slot] - row.values[slot - 1];
                n += 1;
            }
            if n >= POOL {
                first.get_or_insert(slot - 1);
                level[slot] = level[slot - 1] + sum / n as f64;
            }
        }
        first.map(|first| Self { first, level })
    }

    /// The level at a slot, without season.
    #[inline]
    pub(super) fn at(&self, panel: &Panel, seasons: &Seasons, slot: usize) -> f64 {
        self.level[slot] - season::of(&seasons.common, panel, slot)
    }

    /// Where the market stands at the end of slot `now`; `None` before it begins.
    pub(super) fn state(&self, panel: &Panel, shape: &Shape, seasons: &Seasons, now: usize) -> Option<State> {
        if now < self.first + super::MIN_POINTS {
            return None;
        }
        let begin = self.first.max((now + 1).saturating_sub(shape.memory()));
        let recent: Vec<f64> = (begin..=now).map(|slot| self.at(panel, seasons, slot)).collect();
        let growth = self.at(panel, seasons, now) - self.at(panel, seasons, self.first);
        Some(State::of(shape, &recent, growth / (now - self.first) as f64))
    }
}

//! What a lead did, counted over windows as of a moment; nothing later is ever seen.

use lintel_domain::clock::{DAY, Time};
use lintel_domain::interaction::InteractionKind;
use serde::{Deserialize, Serialize};

/// A span of days up to the moment of scoring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Window {
    /// The last 24 hours.
    Day,
    /// The last 7 days.
    Week,
    /// The last 30 days.
    Month,
    /// The last 90 days.
    Quarter,
}

impl Window {
    /// All of them, shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Quarter];

    /// Its length in days.
    pub fn days(self) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }
}

/// How far back behaviour is known, in microseconds: what is older leaves no trace, in training as in serving.
pub const MEMORY: i64 = 365 * DAY;

/// How often and how recently one kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// Counts in the order of [`Window::ALL`].
    pub counts: [u32; 4],
    /// The latest time it happened.
    pub last: Option<Time>,
}

const KINDS: usize = InteractionKind::ALL.len();

/// The aggregates of a lead's interactions up to a moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Behaviour {
    activities: [Activity; KINDS],
    /// Mean hours from a message of the lead to our next answer, over those answered.
    pub our_response_hours: Option<f64>,
    /// Mean hours from a message of ours to the lead's next, over those answered.
    pub their_response_hours: Option<f64>,
    /// On how many different days the lead did something itself, in the order of [`Window::ALL`]. Days are counted back
    /// from the moment, 24 hours each.
    pub active_days: [u32; 4],
    /// When the lead last did something itself.
    pub last_act: Option<Time>,
    /// Messages and calls of ours since the lead last spoke.
    pub unanswered: u32,
    /// Whether the lead spoke last, so that the next word is ours; nothing before the first word.
    pub awaits_us: Option<bool>,
}

impl Behaviour {
    /// Counts the interactions at or before `as_of`, and not older than [`MEMORY`]; others leave no trace. Any order.
    pub fn as_of(interactions: impl IntoIterator<Item = (InteractionKind, Time)>, as_of: Time) -> Self {
        let mut behaviour = Self::default();
        let mut talk: Vec<(Time, Side)> = Vec::new();
        let mut days: Vec<i64> = Vec::new();
        for (kind, at) in interactions {
            if at > as_of || as_of.since(at) >= MEMORY {
                continue;
            }
            let activity = &mut behaviour.activities[kind as usize];
            for (count, window) in activity.counts.iter_mut().zip(Window::ALL) {
                if as_of.since(at) < window.days() * DAY {
                    *count = count.saturating_add(1);
                }
            }
            activity.last = activity.last.max(Some(at));
            if kind.is_act() {
                behaviour.last_act = behaviour.last_act.max(Some(at));
                days.push(as_of.since(at) / DAY);
            }
            if let Some(side) = side_of(kind) {
                talk.push((at, side));
            }
        }
        talk.sort_unstable();
        behaviour.our_response_hours = response_hours(&talk, Side::Theirs);
        behaviour.their_response_hours = response_hours(&talk, Side::Ours);
        behaviour.unanswered = talk.iter().rev().take_while(|(_, side)| *side == Side::Ours).count() as u32;
        behaviour.awaits_us = talk.last().map(|(_, side)| *side == Side::Theirs);
        days.sort_unstable();
        days.dedup();
        behaviour.active_days = Window::ALL.map(|window| days.partition_point(|day| *day < window.days()) as u32);
        behaviour
    }

    /// How often and how recently a kind of thing happened.
    pub fn activity(&self, kind: InteractionKind) -> &Activity {
        &self.activities[kind as usize]
    }

    /// How often it happened within a window.
    pub fn count(&self, kind: InteractionKind, window: Window) -> u32 {
        self.activity(kind).counts[window as usize]
    }

    /// Days since it last happened.
    pub fn days_since(&self, kind: InteractionKind, as_of: Time) -> Option<f64> {
        self.activity(kind).last.map(|last| as_of.days_since(last))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Theirs,
    Ours,
}

fn side_of(kind: InteractionKind) -> Option<Side> {
    match kind {
        InteractionKind::MessageIn | InteractionKind::FormSubmit | InteractionKind::ShowingRequested => {
            Some(Side::Theirs)
        }
        InteractionKind::MessageOut | InteractionKind::CallAnswered => Some(Side::Ours),
        _ => None,
    }
}

/// Mean hours from the first of a run of messages of `asker` to the other side's next one.
fn response_hours(talk: &[(Time, Side)], asker: Side) -> Option<f64> {
    let mut waiting = None;
    let (mut sum, mut count) = (0.0, 0.0);
    for (at, side) in talk {
        if *side == asker {
            waiting = waiting.or(Some(*at));
        } else if let Some(since) = waiting.take() {
            sum += at.days_since(since) * 24.0;
            count += 1.0;
        }
    }
    (count > 0.0).then(|| sum / count)
}

//! The lead desk: what a lead and the team last did towards each other, and the next step that follows by plain rules.

use serde::{Deserialize, Serialize};

use crate::{
    clock::{DAY, Time},
    contact::words,
    interaction::InteractionKind,
    lead::{Lead, Outcome, Tier},
};

/// A lead that did nothing for this long and then does something has come back, in microseconds.
pub const ABSENCE: i64 = 14 * DAY;
/// A hot lead is not left without contact for longer than this, in microseconds.
pub const HOT_SILENCE: i64 = 7 * DAY;

/// What a lead and the team last did towards each other, kept as it happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dealings {
    /// When the lead last did something itself.
    pub acted_at: Option<Time>,
    /// When the team last reached out: wrote, called, whether the call was taken or not, or showed a home.
    pub contacted_at: Option<Time>,
    /// The first time after that contact that the lead asked for an answer.
    pub waiting_since: Option<Time>,
    /// When the lead last came back: did something, after nothing for [`ABSENCE`] or longer.
    pub returned_at: Option<Time>,
}

impl Dealings {
    /// Counts interactions, in any order.
    pub fn of(interactions: impl IntoIterator<Item = (InteractionKind, Time)>) -> Self {
        let mut all: Vec<(InteractionKind, Time)> = interactions.into_iter().collect();
        all.sort_unstable_by_key(|(_, at)| *at);
        let mut dealings = Self::default();
        for (kind, at) in all {
            dealings.record(kind, at);
        }
        dealings
    }

    /// Whether something of this time can be added; what is earlier than what is known needs all of it counted again.
    pub fn can_follow(&self, at: Time) -> bool {
        self.acted_at.max(self.contacted_at).is_none_or(|known| at >= known)
    }

    /// Adds what happened next; see [`Self::can_follow`].
    pub fn record(&mut self, kind: InteractionKind, at: Time) {
        if kind.is_act() {
            if self.acted_at.is_some_and(|before| at.since(before) >= ABSENCE) {
                self.returned_at = Some(at);
            }
            self.acted_at = Some(at);
        }
        if kind.is_contact() {
            self.contacted_at = Some(at);
            self.waiting_since = None;
        } else if kind.asks() && self.contacted_at.is_none_or(|contact| at > contact) {
            self.waiting_since = self.waiting_since.or(Some(at));
        }
    }
}

/// What is to be done next with a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStepCode {
    /// A task with the lead is overdue.
    OverdueTask,
    /// The lead wrote, filled in a form or asked for a showing, and nobody answered.
    Answer,
    /// A task with the lead is planned.
    PlannedTask,
    /// Nobody ever reached out to the lead.
    FirstContact,
    /// The lead came back after two weeks or more, and nobody reached out since.
    CameBack,
    /// The lead is hot, and nobody reached out for a week.
    StayInTouch,
}

words!(NextStepCode {
    OverdueTask => "overdue_task",
    Answer => "answer",
    PlannedTask => "planned_task",
    FirstContact => "first_contact",
    CameBack => "came_back",
    StayInTouch => "stay_in_touch",
});

impl NextStepCode {
    /// The step in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::OverdueTask => "Do the overdue task",
            Self::Answer => "Answer their message",
            Self::PlannedTask => "A task is planned",
            Self::FirstContact => "Make first contact",
            Self::CameBack => "Call: back after two weeks away",
            Self::StayInTouch => "Get back in touch: hot and quiet for a week",
        }
    }
}

/// The next step with a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// Which.
    pub code: NextStepCode,
    /// By when, where the step has such a time.
    pub due_at: Option<Time>,
    /// Since when the lead waits for it; not at all while it is only planned.
    pub since: Option<Time>,
}

/// What the next step with a lead follows from, beside its tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Situation {
    /// How it ended, once it has.
    pub outcome: Option<Outcome>,
    /// When it appeared.
    pub created_at: Time,
    /// What it and the team last did towards each other.
    pub dealings: Dealings,
    /// When its earliest open task is due.
    pub task_due_at: Option<Time>,
}

impl From<&Lead> for Situation {
    fn from(lead: &Lead) -> Self {
        let Lead { created_at, dealings, task_due_at, .. } = *lead;
        Self { outcome: lead.facts.outcome, created_at, dealings, task_due_at }
    }
}

impl Situation {
    /// The next step with the lead: the first rule in the order of [`NextStepCode`] that holds. None once its story is
    /// over, and when nothing is left to be done.
    pub fn next_step(&self, tier: Option<Tier>, now: Time) -> Option<NextStep> {
        let Dealings { contacted_at, waiting_since, returned_at, .. } = self.dealings;
        if self.outcome.is_some() {
            return None;
        }
        let step = |code, since| Some(NextStep { code, due_at: None, since: Some(since) });
        if let Some(due) = self.task_due_at.filter(|due| *due <= now) {
            return Some(NextStep { code: NextStepCode::OverdueTask, due_at: Some(due), since: Some(due) });
        }
        if let Some(since) = waiting_since {
            return step(NextStepCode::Answer, since);
        }
        if self.task_due_at.is_some() {
            return Some(NextStep { code: NextStepCode::PlannedTask, due_at: self.task_due_at, since: None });
        }
        let Some(contacted_at) = contacted_at else { return step(NextStepCode::FirstContact, self.created_at) };
        if let Some(returned) = returned_at.filter(|returned| *returned > contacted_at) {
            return step(NextStepCode::CameBack, returned);
        }
        let due = contacted_at.plus(HOT_SILENCE);
        (tier == Some(Tier::Hot) && now >= due).then_some(NextStep {
            code: NextStepCode::StayInTouch,
            due_at: Some(due),
            since: Some(due),
        })
    }

    /// Whether the lead waits for a step that is due.
    pub fn waits(&self, tier: Option<Tier>, now: Time) -> bool {
        self.next_step(tier, now).is_some_and(|step| step.since.is_some())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn situation(dealings: Dealings, task_due_at: Option<Time>) -> Situation {
        Situation { outcome: None, created_at: Time(5), dealings, task_due_at }
    }

    #[test]
    fn the_first_rule_that_holds_is_the_next_step() {
        use InteractionKind::{CallAnswered, CallMissed, ListingView, MessageIn, MessageOut, Note, SiteVisit};
        let day = |n: i64| Time(n * DAY);
        let now = day(100);
        for (did, tier, expected) in [
            (vec![], None, Some((NextStepCode::FirstContact, Time(5)))),
            (vec![(Note, day(1)), (ListingView, day(2))], None, Some((NextStepCode::FirstContact, Time(5)))),
            (vec![(MessageIn, day(1)), (MessageIn, day(2))], None, Some((NextStepCode::Answer, day(1)))),
            (
                vec![(MessageIn, day(1)), (MessageOut, day(2)), (MessageIn, day(3))],
                None,
                Some((NextStepCode::Answer, day(3))),
            ),
            (vec![(MessageIn, day(1)), (CallMissed, day(2))], Some(Tier::Warm), None),
            (vec![(SiteVisit, day(1)), (CallAnswered, day(2)), (SiteVisit, day(15))], None, None),
            (
                vec![(SiteVisit, day(1)), (MessageOut, day(2)), (SiteVisit, day(15))],
                None,
                Some((NextStepCode::CameBack, day(15))),
            ),
            (vec![(MessageOut, day(94))], Some(Tier::Hot), None),
            (vec![(MessageOut, day(93))], Some(Tier::Hot), Some((NextStepCode::StayInTouch, day(100)))),
            (vec![(MessageOut, day(93))], Some(Tier::Warm), None),
        ] {
            let step = situation(Dealings::of(did.clone()), None).next_step(tier, now);
            let expected = expected.map(|(code, since)| (code, Some(since)));
            assert_eq!(step.map(|step| (step.code, step.since)), expected, "{did:?} {tier:?}");
        }
        let over = Situation { outcome: Some(Outcome::Won), ..situation(Dealings::default(), Some(day(1))) };
        assert_eq!(over.next_step(Some(Tier::Hot), now), None);
    }

    #[test]
    fn a_task_that_is_due_comes_first_and_one_that_is_planned_is_enough() {
        let now = Time(100 * DAY);
        let asked = Dealings { waiting_since: Some(Time(DAY)), ..Dealings::default() };
        for (dealings, due, code, waits) in [
            (asked, now, NextStepCode::OverdueTask, true),
            (asked, now.plus(1), NextStepCode::Answer, true),
            (Dealings::default(), now.plus(1), NextStepCode::PlannedTask, false),
        ] {
            let one = situation(dealings, Some(due));
            let step = one.next_step(None, now).unwrap();
            assert_eq!((step.code, one.waits(None, now)), (code, waits));
        }
    }

    proptest! {
        #[test]
        fn adding_what_follows_is_counting_all_of_it(
            did in proptest::collection::vec((0..InteractionKind::ALL.len(), 0_i64..40), 0..30)
        ) {
            let all: Vec<_> = did.iter().map(|(kind, day)| (InteractionKind::ALL[*kind], Time(day * DAY))).collect();
            let mut grown = Dealings::default();
            for (place, (kind, at)) in all.iter().enumerate() {
                if grown.can_follow(*at) {
                    grown.record(*kind, *at);
                } else {
                    grown = Dealings::of(all[..=place].iter().copied());
                }
                prop_assert_eq!(grown, Dealings::of(all[..=place].iter().copied()));
            }
            let contact = all.iter().filter(|(kind, _)| kind.is_contact()).map(|(_, at)| *at).max();
            let asked = |(kind, at): &&(InteractionKind, Time)| kind.asks() && contact.is_none_or(|contact| *at > contact);
            prop_assert_eq!(grown.contacted_at, contact);
            prop_assert_eq!(grown.waiting_since, all.iter().filter(asked).map(|(_, at)| *at).min());
        }
    }
}

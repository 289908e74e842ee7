//! What a lead did, kept in a few bytes and added to as it happens: as of any moment it gives the same [`Behaviour`] as
//! counting everything anew.

use std::collections::BTreeSet;

use lintel_domain::clock::Time;
use lintel_domain::id::InteractionId;
use lintel_domain::interaction::InteractionKind;

use super::behaviour::{Behaviour, MEMORY};
use crate::error::{Error, Result};

/// Everything a lead did within [`MEMORY`], each thing once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger(BTreeSet<Entry>);

/// When, what, and the last bits of the interaction's id, which tell apart what happened at the same moment.
type Entry = (Time, InteractionKind, u32);

impl Ledger {
    /// Adds what happened; the same interaction again changes nothing, so that events may come twice.
    pub fn record(&mut self, id: InteractionId, kind: InteractionKind, at: Time) {
        self.0.insert((at, kind, id.0.as_u64_pair().1 as u32));
    }

    /// Drops what no moment from `now` on remembers.
    pub fn forget(&mut self, now: Time) {
        let first = (now.plus(-MEMORY).plus(1), InteractionKind::EmailOpen, 0);
        self.0 = self.0.split_off(&first);
    }

    /// How often and how recently, up to a moment.
    pub fn as_of(&self, as_of: Time) -> Behaviour {
        Behaviour::as_of(self.0.iter().map(|(at, kind, _)| (*kind, *at)), as_of)
    }

    /// The stored form: for each entry the microseconds since the one before, the kind's code and the bits of its id.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut before = 0_i64;
        let entries: Vec<(i64, u8, u32)> = self
            .0
            .iter()
            .map(|(at, kind, tail)| {
                let since = at.0.wrapping_sub(before);
                before = at.0;
                (since, code(*kind), *tail)
            })
            .collect();
        postcard::to_stdvec(&entries).map_err(|error| Error::Artefact(format!("a ledger cannot be written: {error}")))
    }

    /// Reads the stored form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let entries: Vec<(i64, u8, u32)> = postcard::from_bytes(bytes)
            .map_err(|error| Error::Artefact(format!("a ledger cannot be read: {error}")))?;
        let mut at = 0_i64;
        let mut ledger = Self::default();
        for (since, kind, tail) in entries {
            at = at.wrapping_add(since);
            let kind = of_code(kind).ok_or_else(|| Error::Artefact("a ledger of a later version".into()))?;
            ledger.0.insert((Time(at), kind, tail));
        }
        Ok(ledger)
    }
}

/// The number of a kind in stored ledgers: never changed, never used twice.
fn code(kind: InteractionKind) -> u8 {
    match kind {
        InteractionKind::EmailOpen => 0,
        InteractionKind::LinkClick => 1,
        InteractionKind::FormSubmit => 2,
        InteractionKind::CallAnswered => 3,
        InteractionKind::CallMissed => 4,
        InteractionKind::ListingView => 5,
        InteractionKind::ListingSave => 6,
        InteractionKind::ListingHide => 7,
        InteractionKind::ListingShare => 8,
        InteractionKind::Search => 9,
        InteractionKind::SiteVisit => 10,
        InteractionKind::MessageIn => 11,
        InteractionKind::MessageOut => 12,
        InteractionKind::ShowingRequested => 13,
        InteractionKind::Showing => 14,
        InteractionKind::Offer => 15,
        InteractionKind::Note => 16,
        InteractionKind::Other => 17,
    }
}

fn of_code(number: u8) -> Option<InteractionKind> {
    InteractionKind::ALL.iter().copied().find(|kind| code(*kind) == number)
}

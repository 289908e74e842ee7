//! From a listing to the people who look for such a home, without a look at every one of them.

use std::collections::HashMap;

use lintel_domain::{clock::Day, id::LeadId, preference::Preferences};

use super::Watchers;
use crate::{ListingView, Wishes};

/// The people who look for a home in a market, by what they cannot do without.
#[derive(Debug, Default)]
pub struct Wishers {
    watchers: Watchers<LeadId>,
    /// The wishes without types and areas, which are asked for by those above.
    wishes: HashMap<LeadId, Wishes>,
}

impl Wishers {
    /// Takes in what somebody looks for, in place of what they looked for before.
    pub fn put(&mut self, lead: LeadId, preferences: &Preferences) {
        self.remove(lead);
        let mut wishes = Wishes::new(preferences);
        if wishes.impossible {
            return;
        }
        self.watchers.ask(lead, &wishes.types, |kind| wishes.must(kind, Day(0)));
        (wishes.types, wishes.areas) = (Vec::new(), Vec::new());
        self.wishes.insert(lead, wishes);
    }

    /// Forgets somebody; false when they could find nothing or were not there.
    pub fn remove(&mut self, lead: LeadId) -> bool {
        self.wishes.remove(&lead);
        self.watchers.remove(lead)
    }

    /// How many people some listing could please.
    pub fn len(&self) -> usize {
        self.wishes.len()
    }

    /// Whether nobody could be pleased.
    pub fn is_empty(&self) -> bool {
        self.wishes.is_empty()
    }

    /// Calls `tell` with everybody whose hard wishes a listing meets, in no order: how well it fits what they say they look
    /// for, as [`Wishes::fit_of`], and the most that it could fit them if their taste were known.
    pub fn find(&self, listing: &ListingView, today: Day, mut tell: impl FnMut(LeadId, f64, f64)) {
        let row = listing.row_with_kind(|name| self.watchers.kind(name));
        self.watchers.each_that_finds(
            &row,
            &[],
            today,
            |_| true,
            |lead| {
                let Some(wishes) = self.wishes.get(&lead) else { return };
                let values = listing.values(wishes);
                if wishes.keywords_met(&values) {
                    let fit = wishes.fit(&values, today);
                    tell(lead, fit, wishes.fit_at_most(fit));
                }
            },
        );
    }
}

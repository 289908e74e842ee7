//! What made-up people do: visits in bursts, homes they look at, calls and messages; the eager do more of everything.

use lintel_domain::clock::{DAY, SECOND};
use lintel_domain::interaction::InteractionKind;
use lintel_domain::rng::Rng;
use lintel_domain::scalar::{Fields, Scalar};

use super::person::Person;
use super::{Stream, Synthetic};
use crate::record::InteractionRecord;

/// Most interactions of one person.
const MOST: f64 = 80.0;
/// How many listings are looked over to find one in the neighbourhood and of the type that is looked for.
const LOOKED_OVER: u64 = 12;

/// Kinds of interaction, how often one of the average person is of that kind, and how the share grows with eagerness (in logarithms).
const KINDS: [(InteractionKind, f64, f64); 12] = [
    (InteractionKind::ListingView, 40.0, 0.0),
    (InteractionKind::SiteVisit, 14.0, -0.2),
    (InteractionKind::Search, 12.0, 0.0),
    (InteractionKind::EmailOpen, 12.0, -0.1),
    (InteractionKind::LinkClick, 6.0, 0.1),
    (InteractionKind::ListingSave, 6.0, 0.3),
    (InteractionKind::MessageIn, 4.0, 0.4),
    (InteractionKind::FormSubmit, 2.0, 0.2),
    (InteractionKind::CallAnswered, 2.0, 0.4),
    (InteractionKind::CallMissed, 2.0, -0.3),
    (InteractionKind::ShowingRequested, 1.5, 0.6),
    (InteractionKind::Showing, 1.0, 0.7),
];

impl Synthetic {
    /// Everything one person did, in order of time.
    pub(super) fn activity(&self, number: u64) -> Vec<InteractionRecord> {
        let (person, _) = self.person(number);
        let mut rng = self.rng(Stream::Activity, number);
        let lead = self.lead_key(number);
        let span = person.active_until.since(person.created_at).max(SECOND);
        let rate =
            7.0 * (0.65 * person.eagerness + 0.35 * rng.normal()).exp() * (span as f64 / (60.0 * DAY as f64)).min(1.2);
        let count = rate.min(MOST).round() as usize;
        let mut times: Vec<i64> = (0..count).map(|_| moment(&mut rng, &person, span)).collect();
        times.sort_unstable();
        let mut done = Vec::with_capacity(count);
        for (i, after) in times.into_iter().enumerate() {
            let kind = draw_kind(&mut rng, person.eagerness);
            let mut properties = Fields::new();
            let listing_key = match kind {
                InteractionKind::ListingView
                | InteractionKind::ListingSave
                | InteractionKind::ShowingRequested
                | InteractionKind::Showing => self.draw_listing(&mut rng, &person),
                InteractionKind::Search => {
                    properties.insert("results".to_owned(), Scalar::Number(rng.below(400) as f64));
                    None
                }
                InteractionKind::CallAnswered => {
                    properties.insert("seconds".to_owned(), Scalar::Number(20.0 + rng.below(900) as f64));
                    None
                }
                _ => None,
            };
            if kind == InteractionKind::ListingView {
                let seconds = (25.0 * (0.4 * person.eagerness + 0.8 * rng.normal()).exp()).round().clamp(1.0, 1_800.0);
                properties.insert("seconds".to_owned(), Scalar::Number(seconds));
            }
            done.push(InteractionRecord {
                lead_external_id: lead.clone(),
                kind,
                at: person.created_at.plus(after),
                listing_key,
                event_id: format!("{lead}-{i}"),
                properties,
            });
        }
        done
    }

    /// A home of the kind the person looks for, mostly.
    fn draw_listing(&self, rng: &mut Rng, person: &Person) -> Option<String> {
        if self.options.listings == 0 {
            return None;
        }
        let mut number = rng.below(self.options.listings);
        for _ in 0..LOOKED_OVER {
            let (_, place, kind) = self.listing_start(number);
            if place == person.place && kind == person.kind {
                break;
            }
            number = rng.below(self.options.listings);
        }
        Some(self.listing_key(number))
    }
}

/// Microseconds after the first contact: much in the first days; the eager come back until the end. Never after it.
fn moment(rng: &mut Rng, person: &Person, span: i64) -> i64 {
    let lateness = 1.0 / (1.0 + (-person.eagerness).exp());
    let at = if rng.chance(0.25 + 0.5 * lateness) { rng.unit() } else { rng.unit().powi(3) };
    (at * (span - 1) as f64) as i64
}

fn draw_kind(rng: &mut Rng, eagerness: f64) -> InteractionKind {
    let held = eagerness.clamp(-2.0, 2.0);
    let weights = KINDS.map(|(_, share, growth)| share * (growth * held).exp());
    let mut at = rng.unit() * weights.iter().sum::<f64>();
    for ((kind, ..), weight) in KINDS.iter().zip(weights) {
        if at < weight {
            return *kind;
        }
        at -= weight;
    }
    InteractionKind::ListingView
}

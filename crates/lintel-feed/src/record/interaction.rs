//! A row of a file of interactions: what a lead did, when, and about which home.

use lintel_domain::clock::Time;
use lintel_domain::fingerprint::Canon;
use lintel_domain::interaction::InteractionKind;
use lintel_domain::scalar::{Fields, Scalar};

use super::{Faults, Free, content_key, filled, key, short};
use crate::mapping::{Field, Plan, Target};
use crate::table::{Fault, Row};
use crate::value::interaction_kind;

/// An interaction read from a file; lead and listing are known by the file's keys.
#[derive(Debug, Clone, PartialEq)]
pub struct InteractionRecord {
    /// The `external_id` of the lead.
    pub lead_external_id: String,
    /// What happened.
    pub kind: InteractionKind,
    /// When it happened.
    pub at: Time,
    /// The `listing_key` of the home it was about.
    pub listing_key: Option<String>,
    /// The sender's id of it, or one made from the content.
    pub event_id: String,
    /// Everything else, with the kind as written under `kind` when it is none of ours.
    pub properties: Fields,
}

/// Maps a row of interactions.
///
/// # Errors
/// Everything that is wrong with the row; lead, kind and time must be there.
pub fn interaction(plan: &Plan, row: &Row<'_>) -> Result<InteractionRecord, Vec<Fault>> {
    let mut faults = Faults::new(plan);
    let (mut lead, mut kind, mut at, mut listing, mut event) = (None, None, None, None, None);
    let mut free = Free::default();
    for (step, text) in filled(plan, row) {
        let field = match &step.target {
            Target::Field(field, _) => *field,
            Target::Free(name) => {
                free.add(name, text);
                continue;
            }
        };
        let set = match field {
            Field::LeadExternalId => key(text).map(|k| lead = Some(k)),
            Field::Kind => short(text.trim()).map(|k| kind = Some(k)),
            Field::At => plan.dates.time(text).map(|t| at = Some(t)),
            Field::ListingKey => key(text).map(|k| listing = Some(k)),
            Field::EventId => key(text).map(|k| event = Some(k)),
            Field::Free => free.add_json(text),
            _ => Ok(()),
        };
        if let Err(reason) = set {
            faults.add(step, reason);
        }
    }
    for (wanted, absent, reason) in [
        (Field::LeadExternalId, lead.is_none(), "an interaction needs the lead it is of"),
        (Field::Kind, kind.is_none(), "an interaction needs its kind"),
        (Field::At, at.is_none(), "an interaction needs its time"),
    ] {
        let step = plan.steps.iter().find(|s| matches!(s.target, Target::Field(field, _) if field == wanted));
        if let Some(step) = step.filter(|s| absent && s.input.text(row).trim().is_empty()) {
            faults.add(step, reason);
        }
    }
    let (Some(lead_external_id), Some(word), Some(at)) = (lead, kind, at) else {
        return Err(faults.found);
    };
    let mut properties = free.finish();
    let kind = interaction_kind(&word);
    if kind == InteractionKind::Other && word != InteractionKind::Other.as_str() {
        properties.entry("kind".to_owned()).or_insert(Scalar::Text(word));
    }
    let event_id = event.unwrap_or_else(|| {
        let mut canon = Canon::default();
        canon
            .text(Some(&lead_external_id))
            .text(Some(kind.as_str()))
            .int(Some(at.0))
            .text(listing.as_deref())
            .fields(&properties);
        content_key(canon.finish())
    });
    faults.or(InteractionRecord { lead_external_id, kind, at, listing_key: listing, event_id, properties })
}

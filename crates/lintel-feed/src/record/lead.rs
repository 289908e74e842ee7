//! A row of a file of leads as facts about a person, with the consent that a mapping names.

use lintel_domain::clock::Time;
use lintel_domain::contact::{Channel, Consent, ConsentStatus};
use lintel_domain::lead::LeadFacts;
use lintel_domain::money::Money;
use lintel_domain::range::Range;

use super::{BLANK, Faults, Free, Origin, amount, content_key, filled, key, market, price, short};
use crate::mapping::{Field, Input, Plan, Target};
use crate::table::{Fault, Row};
use crate::value::{Reason, consent, list, outcome, without_nul};

const LISTS: &[char] = &['|', ';', ',', '\n'];

/// A lead read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct LeadRecord {
    /// What is known about the person.
    pub facts: LeadFacts,
    /// Entries for the consent ledger.
    pub consent: Vec<Consent>,
}

/// What is gathered before the facts are whole.
struct Draft<'a> {
    facts: LeadFacts,
    free: Free,
    price: Range<Money>,
    channels: Vec<(Channel, ConsentStatus)>,
    consent_at: Option<Time>,
    consent_source: Option<String>,
    consent_text: Option<String>,
    plan: &'a Plan,
}

/// Maps a row of leads.
///
/// # Errors
/// Everything that is wrong with the row.
pub fn lead(plan: &Plan, origin: &Origin, row: &Row<'_>) -> Result<LeadRecord, Vec<Fault>> {
    let mut faults = Faults::new(plan);
    let mut draft = Draft {
        facts: LeadFacts::new(origin.provenance),
        free: Free::default(),
        price: Range::default(),
        channels: Vec::new(),
        consent_at: None,
        consent_source: None,
        consent_text: None,
        plan,
    };
    let mut blank = true;
    for (step, text) in filled(plan, row) {
        blank &= matches!(step.input, Input::Constant(_));
        match &step.target {
            Target::Free(name) => draft.free.add(name, text),
            Target::Field(field, factor) => {
                if let Err(reason) = draft.set(*field, *factor, text) {
                    faults.add(step, reason);
                }
            }
        }
    }
    if blank {
        faults.row(BLANK);
    }
    let Draft { mut facts, free, price, channels, consent_at, consent_source, consent_text, .. } = draft;
    facts.custom = free.finish();
    if !price.is_open() {
        if price.is_empty() {
            faults.row("the least price is above the greatest");
        }
        facts.preferences.price = Some(price);
    }
    facts.tags.sort();
    facts.tags.dedup();
    if facts.external_id.is_none() {
        facts.external_id = Some(content_key(facts.fingerprint()));
    }
    let entry = |(channel, status)| Consent {
        channel,
        status,
        source: Some(consent_source.clone().unwrap_or_else(|| origin.source.clone())),
        text: consent_text.clone(),
        at: consent_at,
    };
    faults.or(LeadRecord { facts, consent: channels.into_iter().map(entry).collect() })
}

impl Draft<'_> {
    fn set(&mut self, field: Field, factor: f64, text: &str) -> Result<(), Reason> {
        let facts = &mut self.facts;
        let wishes = &mut facts.preferences;
        match field {
            Field::ExternalId => facts.external_id = Some(key(text)?),
            Field::Name => facts.name = Some(short(text)?),
            Field::Email => facts.email = Some(short(text.trim())?),
            Field::Phone => facts.phone = Some(short(text.trim())?),
            Field::Source => facts.source = Some(short(text)?),
            Field::Stage => facts.stage = Some(short(text)?),
            Field::Market => facts.market = Some(market(text)?),
            Field::Preferences => {
                without_nul(text)?;
                *wishes = serde_json::from_str(text).map_err(|_| "not a JSON object of preferences")?;
                if let Some(price) = wishes.price {
                    self.price = price;
                }
            }
            Field::PriceMin => self.price.min = price(text)?,
            Field::PriceMax => self.price.max = price(text)?,
            Field::BedroomsMin => wishes.bedrooms.get_or_insert_default().min = Some(amount(text, 1_000.0)?),
            Field::BathroomsMin => wishes.bathrooms.get_or_insert_default().min = Some(amount(text, 1_000.0)?),
            Field::LivingAreaMin => {
                wishes.living_area_sqft.get_or_insert_default().min = Some(amount(text, 1e9)? * factor);
            }
            Field::PropertyTypes => wishes.property_types = list(text, LISTS)?,
            Field::Keywords => wishes.keywords = list(text, LISTS)?,
            Field::Tags => facts.tags = list(text, LISTS)?,
            Field::Free => self.free.add_json(text)?,
            Field::Outcome => {
                facts.outcome = Some(outcome(text).ok_or("not an outcome: 1, true, yes or won; 0, false, no or lost")?);
            }
            Field::OutcomeAt => facts.outcome_at = Some(self.plan.dates.time(text)?),
            Field::CreatedAt => facts.created_at = Some(self.plan.dates.time(text)?),
            Field::ConsentSms => self.channels.push((Channel::Sms, agreed(text)?)),
            Field::ConsentEmail => self.channels.push((Channel::Email, agreed(text)?)),
            Field::ConsentPhone => self.channels.push((Channel::Phone, agreed(text)?)),
            Field::ConsentAt => self.consent_at = Some(self.plan.dates.time(text)?),
            Field::ConsentSource => self.consent_source = Some(short(text)?),
            Field::ConsentText => self.consent_text = Some(text.to_owned()),
            _ => {}
        }
        Ok(())
    }
}

fn agreed(text: &str) -> Result<ConsentStatus, Reason> {
    consent(text).ok_or("not a consent: granted, 1, true or yes; revoked, 0, false or no")
}

//! Made-up people: what they look for, what they told us, and how it ended.
//!
//! A person has a hidden eagerness, standard normal. The odds of winning one grow with it by e^1.1 for each standard
//! deviation; by e^0.9 with a loan approved; fall by e^0.07 for each month they mean to wait; and depend on where they came
//! from. Eagerness itself is never written down: it shows in how much they do ([`super::activity`]).

use lintel_domain::clock::{DAY, Time};
use lintel_domain::contact::{Channel, Consent, ConsentStatus};
use lintel_domain::lead::{LeadFacts, Outcome};
use lintel_domain::listing::Provenance;
use lintel_domain::money::Money;
use lintel_domain::place::Near;
use lintel_domain::range::Range;
use lintel_domain::rng::Rng;
use lintel_domain::scalar::{Fields, Scalar};

use super::home::TYPES;
use super::place::Town;
use super::{Stream, Synthetic};
use crate::record::LeadRecord;

/// Where people come from, how many of a hundred, and the effect on the logarithm of the odds.
const SOURCES: [(&str, u64, f64); 6] = [
    ("portal", 38, -0.5),
    ("website", 24, 0.1),
    ("social", 14, -0.6),
    ("open house", 10, 0.4),
    ("referral", 9, 1.0),
    ("past client", 5, 1.3),
];
const GIVEN: [&str; 24] = [
    "Alba", "Bram", "Cleo", "Dara", "Emil", "Fenn", "Gita", "Hugo", "Ines", "Juno", "Kaia", "Levi", "Mira", "Nilo",
    "Orla", "Pia", "Quin", "Remy", "Suri", "Timo", "Una", "Vito", "Wren", "Zuri",
];
const FAMILY: [&str; 24] = [
    "Ashdown",
    "Brightwater",
    "Calloway",
    "Dunmore",
    "Eastman",
    "Fairholt",
    "Greywood",
    "Hollis",
    "Ironside",
    "Jessop",
    "Kestrel",
    "Lockhart",
    "Merrow",
    "Northam",
    "Oakley",
    "Penhale",
    "Quillon",
    "Ravensby",
    "Stonewell",
    "Thackray",
    "Underhill",
    "Vance",
    "Wexley",
    "Yarwood",
];
const WISHES: [&str; 8] = ["view", "garage", "renovated", "yard", "fireplace", "light rail", "office", "pool"];
/// Days after which most stories are over.
const STORY_DAYS: f64 = 90.0;

/// What the rest of a person's record follows from.
pub(super) struct Person {
    pub(super) created_at: Time,
    /// The end of the story, or the present.
    pub(super) active_until: Time,
    pub(super) outcome: Option<(Outcome, Time)>,
    pub(super) eagerness: f64,
    /// The neighbourhood and the type of home looked for.
    pub(super) place: usize,
    pub(super) kind: usize,
    source: usize,
    has_loan: bool,
    months: u64,
    must_sell: bool,
}

impl Synthetic {
    /// The causes behind a person, drawn first, so that what they do can follow from them too.
    pub(super) fn person(&self, number: u64) -> (Person, Rng) {
        let mut rng = self.rng(Stream::Lead, number);
        let eagerness = rng.normal();
        let source = draw_source(&mut rng);
        let (has_loan, must_sell) = (rng.chance(0.3), rng.chance(0.25));
        let months = 1 + rng.below(12);
        let place = Town::draw(&mut rng);
        let kind = [0, 0, 0, 1, 2, 2][rng.below(6) as usize];
        let created_at = self.before(rng.unit());
        let odds =
            -1.75 + 1.1 * eagerness + SOURCES[source].2 + if has_loan { 0.9 } else { 0.0 } - 0.07 * months as f64;
        let is_won = rng.chance(1.0 / (1.0 + (-odds).exp()));
        let story = (STORY_DAYS * (0.25 + 0.75 * rng.unit()) * DAY as f64) as i64;
        let ends_at = created_at.plus(story);
        let is_told = rng.chance(0.9) && ends_at < self.options.until;
        let outcome = is_told.then_some((if is_won { Outcome::Won } else { Outcome::Lost }, ends_at));
        let active_until = ends_at.min(self.options.until);
        (Person { created_at, active_until, outcome, eagerness, place, kind, source, has_loan, months, must_sell }, rng)
    }

    pub(super) fn lead_key(&self, number: u64) -> String {
        format!("demo-{}-p{number}", self.options.seed)
    }

    pub(super) fn lead(&self, number: u64) -> LeadRecord {
        let (person, mut rng) = self.person(number);
        let (given, family) = (one(&mut rng, &GIVEN), one(&mut rng, &FAMILY));
        let mut facts = LeadFacts::new(Provenance::Synthetic);
        facts.external_id = Some(self.lead_key(number));
        facts.name = Some(format!("{given} {family}"));
        facts.email = Some(format!("{}.{}.{number}@example.com", given.to_lowercase(), family.to_lowercase()));
        facts.phone = Some(format!("+1303555{:04}", 100 + rng.below(100)));
        facts.source = Some(SOURCES[person.source].0.to_owned());
        facts.stage = Some(person.stage().to_owned());
        facts.market = Some(self.options.market.clone());
        facts.created_at = Some(person.created_at);
        facts.outcome = person.outcome.map(|(outcome, _)| outcome);
        facts.outcome_at = person.outcome.map(|(_, at)| at);
        facts.custom = Fields::from_iter([
            ("home_to_sell".to_owned(), Scalar::Bool(person.must_sell)),
            ("loan_approved".to_owned(), Scalar::Bool(person.has_loan)),
            ("timeframe_months".to_owned(), Scalar::Number(person.months as f64)),
        ]);
        self.wish(&mut facts, &person, &mut rng);
        let consent = consent(&person, &mut rng);
        LeadRecord { facts, consent }
    }

    fn wish(&self, facts: &mut LeadFacts, person: &Person, rng: &mut Rng) {
        let place = self.town.place(person.place);
        let budget = (560_000.0 * (place.level + 0.3 * rng.normal()).exp() / 5_000.0).round() as i64 * 500_000;
        let wishes = &mut facts.preferences;
        wishes.price = Some(Range { min: None, max: Some(Money(budget)) });
        wishes.bedrooms = Some(Range { min: Some([3.0, 2.0, 1.0, 3.0][person.kind] + rng.below(2) as f64), max: None });
        if rng.chance(0.5) {
            wishes.bathrooms = Some(Range { min: Some(1.0 + rng.below(3) as f64 * 0.5), max: None });
        }
        if rng.chance(0.6) {
            wishes.property_types = vec![TYPES[person.kind].0.to_owned()];
        }
        if rng.chance(0.5) {
            let radius_m = 2_000.0 + 1_000.0 * rng.below(7) as f64;
            wishes.near = Some(Near { latitude: place.centre.latitude, longitude: place.centre.longitude, radius_m });
        }
        wishes.keywords = (0..rng.below(3)).map(|_| one(rng, &WISHES).to_owned()).collect();
        wishes.keywords.sort();
        wishes.keywords.dedup();
    }
}

impl Person {
    fn stage(&self) -> &'static str {
        match self.outcome {
            Some((Outcome::Won, _)) => "closed",
            Some((Outcome::Lost, _)) => "lost",
            None if self.eagerness > 0.8 => "showing",
            None if self.eagerness > -0.3 => "nurture",
            None => "new",
        }
    }
}

/// Most people agree to letters, fewer to texts, when they first write.
fn consent(person: &Person, rng: &mut Rng) -> Vec<Consent> {
    let given = [(Channel::Email, 0.85), (Channel::Sms, 0.5), (Channel::Phone, 0.4)];
    let given = given.into_iter().filter(|(_, share)| rng.chance(*share));
    given
        .map(|(channel, _)| Consent {
            channel,
            status: ConsentStatus::Granted,
            source: Some("demo form".to_owned()),
            text: Some("I agree to be contacted about homes.".to_owned()),
            at: Some(person.created_at),
        })
        .collect()
}

fn draw_source(rng: &mut Rng) -> usize {
    let mut at = rng.below(100);
    for (i, (_, share, _)) in SOURCES.iter().enumerate() {
        if at < *share {
            return i;
        }
        at -= share;
    }
    0
}

fn one<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    rng.pick(from).copied().unwrap_or_default()
}

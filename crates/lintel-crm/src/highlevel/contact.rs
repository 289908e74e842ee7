//! A contact, as far as it is a lead.

use lintel_domain::{clock::Time, contact::Channel, scalar::Fields};
use serde_json::{Map, Value};

use super::value::{scalar, text, time};
use crate::{Error, Result};

/// Fields of a contact that a lead keeps as custom fields. Dates of birth stay where they are.
const KEPT: [(&str, &str); 6] = [
    ("companyName", "company"),
    ("website", "website"),
    ("city", "city"),
    ("state", "region"),
    ("postalCode", "postal_code"),
    ("country", "country"),
];
/// The most tags, and custom fields.
const MOST: usize = 500;
/// The longest text, in bytes.
const LONGEST: usize = 10_000;

/// What a contact says of a lead. What is absent is not said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contact {
    /// The contact's id.
    pub id: String,
    /// Name, in one.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// Where it came from.
    pub source: Option<String>,
    /// All of its tags, sorted, each once; none when the event does not speak of tags.
    pub tags: Option<Vec<String>>,
    /// Custom fields by their ids, and the place where the contact lives.
    pub custom: Fields,
    /// Channels on which the contact is not to be disturbed.
    pub refuses: Vec<Channel>,
    /// When it was made.
    pub created_at: Option<Time>,
}

impl Contact {
    pub(super) fn read(object: &Map<String, Value>) -> Result<Self> {
        let id = text(object, "id").ok_or(Error::field("/id", "must be the id of the contact"))?;
        let both: Vec<String> = ["firstName", "lastName"].iter().filter_map(|part| text(object, part)).collect();
        let contact = Self {
            id,
            name: text(object, "name").or((!both.is_empty()).then(|| both.join(" "))),
            email: text(object, "email"),
            phone: text(object, "phone"),
            source: text(object, "source"),
            tags: tags(object),
            custom: custom(object),
            refuses: refuses(object),
            created_at: object.get("dateAdded").and_then(time),
        };
        contact.check()?;
        Ok(contact)
    }

    fn check(&self) -> Result<()> {
        let too_long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > 1_000);
        for (pointer, text) in
            [("/name", &self.name), ("/email", &self.email), ("/phone", &self.phone), ("/source", &self.source)]
        {
            if too_long(text) {
                return Err(Error::field(pointer, "must have at most 1000 bytes"));
            }
        }
        if self.custom.len() > MOST {
            return Err(Error::field("/customFields", "must have at most 500 fields"));
        }
        if self.tags.as_ref().is_some_and(|tags| tags.len() > MOST) {
            return Err(Error::field("/tags", "must have at most 500 tags"));
        }
        let text_of = |value: &lintel_domain::scalar::Scalar| match value {
            lintel_domain::scalar::Scalar::Text(text) => text.len(),
            _ => 0,
        };
        if self.custom.iter().any(|(name, value)| name.len() > 200 || text_of(value) > LONGEST) {
            return Err(Error::field("/customFields", "a value must have at most 10000 bytes"));
        }
        Ok(())
    }
}

fn tags(object: &Map<String, Value>) -> Option<Vec<String>> {
    let tags = object.get("tags")?.as_array()?;
    let tags = tags.iter().filter_map(Value::as_str).map(|tag| tag.trim().replace('\0', ""));
    let mut tags: Vec<String> = tags.filter(|tag| !tag.is_empty() && tag.len() <= 200).collect();
    tags.sort_unstable();
    tags.dedup();
    Some(tags)
}

fn custom(object: &Map<String, Value>) -> Fields {
    let kept = KEPT.iter().filter_map(|(theirs, ours)| Some(((*ours).to_owned(), scalar(object.get(*theirs)?)?)));
    let fields = object.get("customFields").and_then(Value::as_array).into_iter().flatten().filter_map(|field| {
        let field = field.as_object()?;
        // Read and write spellings differ between the versions of the API.
        let value = ["value", "fieldValue", "field_value"].iter().find_map(|name| field.get(*name))?;
        Some((text(field, "id")?, scalar(value)?))
    });
    fields.chain(kept).collect()
}

/// Channels on which the contact is not to be disturbed: where the flag and the settings disagree, the stricter counts.
fn refuses(object: &Map<String, Value>) -> Vec<Channel> {
    let all = object.get("dnd").and_then(Value::as_bool).unwrap_or(false);
    let settings = object.get("dndSettings").and_then(Value::as_object);
    let is_on = |names: [&str; 2]| {
        let setting = names.iter().find_map(|name| settings?.get(*name));
        let status = setting.and_then(|setting| setting.get("status")).and_then(Value::as_str);
        matches!(status, Some("active" | "permanent"))
    };
    let channels =
        [(Channel::Sms, ["SMS", "sms"]), (Channel::Email, ["Email", "email"]), (Channel::Phone, ["Call", "call"])];
    channels.into_iter().filter(|(_, names)| all || is_on(*names)).map(|(channel, _)| channel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lintel_domain::scalar::Scalar;
    use serde_json::json;

    fn of(value: Value) -> Result<Contact> {
        Contact::read(value.as_object().unwrap())
    }

    #[test]
    fn a_contact_becomes_what_a_lead_keeps() {
        let contact = of(json!({"type": "ContactCreate", "id": "C1", "firstName": "Ann", "lastName": "Lee", "email": "ann@example.com",
            "phone": "+15550100001", "source": null, "tags": ["b", "a", "b", ""], "city": "Springfield", "dateOfBirth": "2000-01-05",
            "customFields": [{"id": "F1", "value": "x"}, {"id": "F2", "fieldValue": ["p", "q"]}, {"id": "F3", "value": {"url": "u"}}],
            "dateAdded": "2026-07-17T07:11:54.324Z"}))
        .unwrap();
        assert_eq!(contact.name.as_deref(), Some("Ann Lee"));
        assert_eq!((contact.source, contact.tags), (None, Some(vec!["a".to_owned(), "b".to_owned()])));
        let fields: Vec<(&str, &Scalar)> = contact.custom.iter().map(|(name, value)| (name.as_str(), value)).collect();
        let text = |text: &str| Scalar::Text(text.to_owned());
        assert_eq!(fields, [("F1", &text("x")), ("F2", &text("p, q")), ("city", &text("Springfield"))]);
    }

    #[test]
    fn not_to_be_disturbed_wins_wherever_it_is_said() {
        use Channel::{Email, Phone, Sms};
        let off = json!({"SMS": {"status": "inactive"}});
        let cases = [
            (json!({"id": "C", "dnd": true, "dndSettings": off}), vec![Sms, Email, Phone]),
            (json!({"id": "C", "dnd": false, "dndSettings": {"SMS": {"status": "active"}}}), vec![Sms]),
            (
                json!({"id": "C", "dndSettings": {"email": {"status": "permanent"}, "Call": {"status": "active"}}}),
                vec![Email, Phone],
            ),
            (json!({"id": "C", "dnd": false}), vec![]),
        ];
        for (contact, expected) in cases {
            assert_eq!(of(contact).unwrap().refuses, expected);
        }
    }

    #[test]
    fn what_is_too_much_is_named() {
        assert_eq!(of(json!({})).unwrap_err(), Error::field("/id", "must be the id of the contact"));
        let Err(Error::Field { pointer, .. }) = of(json!({"id": "C", "name": "x".repeat(1_001)})) else { panic!() };
        assert_eq!(pointer, "/name");
    }
}

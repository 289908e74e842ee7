//! Facts of a lead that is not stored: its fields by name, and anything else as custom fields.

use std::{collections::BTreeMap, fmt};

use lintel_domain::{lead::LeadFacts, listing::Provenance, scalar::Scalar};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema, schema::ObjectBuilder},
};

use super::{Check, check_preferences, shapes};

/// Facts of a lead, by name.
#[derive(Debug)]
pub(crate) struct Facts(LeadFacts);

impl Facts {
    /// The facts; what is wrong goes to `check`.
    pub(crate) fn facts(self, check: &mut Check, pointer: &str) -> LeadFacts {
        let at = |name: &str| format!("{pointer}/{name}");
        let facts = &self.0;
        for (name, text) in [
            ("external_id", &facts.external_id),
            ("name", &facts.name),
            ("email", &facts.email),
            ("phone", &facts.phone),
            ("source", &facts.source),
            ("stage", &facts.stage),
        ] {
            if text.as_ref().is_some_and(|text| text.len() > 1_000) {
                check.refuse(at(name), "too_long", "must have at most 1000 bytes");
            }
        }
        check.texts(&at("tags"), &facts.tags, 100, 100);
        check_preferences(check, &at("preferences"), &facts.preferences);
        check.fields(pointer, &facts.custom);
        self.0
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByName)
    }
}

struct ByName;

impl<'de> Visitor<'de> for ByName {
    type Value = Facts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Facts, A::Error> {
        let mut facts = LeadFacts::new(Provenance::Api);
        while let Some(name) = entries.next_key::<String>()? {
            match name.as_str() {
                "external_id" => facts.external_id = entries.next_value()?,
                "name" => facts.name = entries.next_value()?,
                "email" => facts.email = entries.next_value()?,
                "phone" => facts.phone = entries.next_value()?,
                "source" => facts.source = entries.next_value()?,
                "stage" => facts.stage = entries.next_value()?,
                "assignee" => facts.assignee = entries.next_value()?,
                "market" => facts.market = entries.next_value()?,
                "preferences" => facts.preferences = entries.next_value::<Option<_>>()?.unwrap_or_default(),
                "tags" => facts.tags = entries.next_value::<Option<_>>()?.unwrap_or_default(),
                "outcome" => facts.outcome = entries.next_value()?,
                "outcome_at" => facts.outcome_at = entries.next_value()?,
                "created_at" => facts.created_at = entries.next_value()?,
                "custom" => {
                    let custom: Option<BTreeMap<String, Option<Scalar>>> = entries.next_value()?;
                    let given = custom.unwrap_or_default();
                    facts.custom.extend(given.into_iter().filter_map(|(name, value)| Some((name, value?))));
                }
                _ => {
                    if let Some(value) = entries.next_value::<Option<Scalar>>()? {
                        facts.custom.insert(name, value);
                    }
                }
            }
        }
        Ok(Facts(facts))
    }
}

impl PartialSchema for Facts {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .description(Some("Any of a lead's fields, and custom fields by name; null is the same as absent."))
            .property("source", utoipa::schema!(Option<String>))
            .property("stage", utoipa::schema!(Option<String>))
            .property("preferences", utoipa::schema!(Option<shapes::Preferences>))
            .property("tags", utoipa::schema!(Option<Vec<String>>))
            .property("created_at", utoipa::schema!(Option<shapes::Time>))
            .additional_properties(Some(shapes::free_or_null()))
            .examples([serde_json::json!({"source": "portal", "visits": 4, "newsletter": true})])
            .into()
    }
}

impl ToSchema for Facts {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        <shapes::Preferences as ToSchema>::schemas(schemas);
        for (name, schema) in [
            (shapes::Preferences::name(), shapes::Preferences::schema()),
            (shapes::Time::name(), shapes::Time::schema()),
        ] {
            schemas.push((name.into_owned(), schema));
        }
    }
}

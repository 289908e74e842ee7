//! Mapping files: which column is which field of ours, in which unit and form.

mod field;
mod guess;
mod plan;

pub(crate) use field::{Field, fields_of};
pub use guess::{Confidence, Guess, guess};
pub(crate) use plan::{Input, Step, Target};
pub use plan::{Note, Plan};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Value;

use crate::value::{Dates, Unit};
use crate::{Error, Result};

/// A mapping as written in its file. Serialisable, so that it can be kept with a model or an import.
///
/// ```toml
/// [columns]
/// close_price = "price"
/// "address.postal_code" = "zipcode"
/// [units]
/// lot_size_sqft = "acre"
/// [formats]
/// date = "%d/%m/%Y"
/// [constants]
/// property_type = "House"
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Our field to the file's column.
    pub columns: BTreeMap<String, String>,
    /// Our field to the unit of its column.
    pub units: BTreeMap<String, Unit>,
    /// The form of every column of dates, as of `strftime`.
    pub date_format: Option<String>,
    /// Our field to one value for all rows.
    pub constants: BTreeMap<String, String>,
}

impl Mapping {
    /// Reads a mapping file. Whether its fields exist is known only with a kind of file: see [`Plan::new`].
    ///
    /// # Errors
    /// [`Error::Mapping`] naming the key that is unknown or has no proper value.
    pub fn parse(text: &str) -> Result<Self> {
        let file: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            let before = e.span().and_then(|s| text.get(..s.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            wrong(format!("line {line}: {}", e.message()))
        })?;
        let mut mapping = Self::default();
        for (section, value) in file {
            let Value::Table(table) = value else {
                return Err(wrong(format!(
                    "\"{section}\" stands outside of [columns], [units], [formats] and [constants]"
                )));
            };
            let mut entries = Vec::new();
            flatten("", table, &mut entries)?;
            for (key, value) in entries {
                mapping.set(&section, key, value)?;
            }
        }
        Ok(mapping)
    }

    fn set(&mut self, section: &str, key: String, value: Value) -> Result<()> {
        let here = format!("[{section}] {key}");
        match section {
            "columns" => {
                self.columns.insert(key, text_of(value, &here)?);
            }
            "units" => {
                let unit = Unit::parse(&text_of(value, &here)?);
                let unit = unit.ok_or_else(|| wrong(format!("{here}: unknown unit; one of sqft, m2, acre, ha")))?;
                self.units.insert(key, unit);
            }
            "formats" if key == "date" => {
                let format = text_of(value, &here)?;
                Dates::new(Some(&format)).map_err(|reason| wrong(format!("{here}: {reason}")))?;
                self.date_format = Some(format);
            }
            "formats" => return Err(wrong(format!("{here} is unknown; only date can be given"))),
            "constants" => {
                let constant = match value {
                    Value::String(text) => text,
                    Value::Integer(n) => n.to_string(),
                    Value::Float(n) => n.to_string(),
                    Value::Boolean(b) => b.to_string(),
                    Value::Datetime(at) => at.to_string(),
                    Value::Array(_) | Value::Table(_) => {
                        return Err(wrong(format!("{here} must be a text, a number, a date or true or false")));
                    }
                };
                self.constants.insert(key, constant);
            }
            _ => {
                return Err(wrong(format!(
                    "section [{section}] is unknown; there are [columns], [units], [formats] and [constants]"
                )));
            }
        }
        Ok(())
    }
}

/// Keys with dots are the same in quotes and bare: `"address.city"` and `address.city`.
fn flatten(prefix: &str, table: toml::Table, into: &mut Vec<(String, Value)>) -> Result<()> {
    for (key, value) in table {
        let key = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
        if into.iter().any(|(k, _)| *k == key) {
            return Err(wrong(format!("{key} is given twice")));
        }
        match value {
            Value::Table(inner) => flatten(&key, inner, into)?,
            other => into.push((key, other)),
        }
    }
    Ok(())
}

fn text_of(value: Value, here: &str) -> Result<String> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(wrong(format!("{here} must be a text in quotes"))),
    }
}

fn wrong(reason: String) -> Error {
    Error::Mapping { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> String {
        Mapping::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn every_section_is_read_and_dotted_keys_need_no_quotes() {
        let mapping = Mapping::parse(
            "[columns]\nclose_price='price'\naddress.city='Suburb'\n'address.postal_code'='zip'\n[units]\nlot_size_sqft='ha'\n\
             [formats]\ndate='%d/%m/%Y'\n[constants]\nproperty_type='House'\nstories=2\nclose_date=2024-05-31\n",
        )
        .unwrap();
        assert_eq!(mapping.columns["address.city"], "Suburb");
        assert_eq!(mapping.columns["address.postal_code"], "zip");
        assert_eq!(mapping.units["lot_size_sqft"], Unit::Ha);
        assert_eq!(mapping.date_format.as_deref(), Some("%d/%m/%Y"));
        assert_eq!(
            (mapping.constants["stories"].as_str(), mapping.constants["close_date"].as_str()),
            ("2", "2024-05-31")
        );
    }

    #[test]
    fn what_is_unknown_is_named() {
        assert!(reason("[colums]\na='b'\n").contains("[colums]"));
        assert!(reason("price='x'\n").contains("\"price\""));
        assert!(reason("[formats]\nnumber='x'\n").contains("[formats] number"));
        assert!(reason("[formats]\ndate='%Y'\n").contains("[formats] date"));
        assert!(reason("[units]\nlot_size_sqft='feet'\n").contains("[units] lot_size_sqft"));
        assert!(reason("[columns]\nprice=5\n").contains("[columns] price"));
        assert!(reason("[columns]\nprice='x'\nprice='y'\n").contains("line 3"));
        assert!(reason("[columns]\naddress.city='x'\n'address.city'='y'\n").contains("twice"));
    }

    #[test]
    fn a_mapping_is_read_back_as_it_was_kept() {
        let mapping = Mapping::parse("[columns]\nclose_price='price'\n[units]\nlot_size_sqft='m2'\n").unwrap();
        let kept = serde_json::to_string(&mapping).unwrap();
        assert_eq!(serde_json::from_str::<Mapping>(&kept).unwrap(), mapping);
    }
}

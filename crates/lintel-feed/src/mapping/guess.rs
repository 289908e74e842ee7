//! What the columns of a file probably are, by their names; shown to a person before it is believed.

use lintel_domain::import::ImportKind;
use serde::Serialize;

use super::field::{Field, Spec, fields};
use crate::table::Header;
use crate::value::{Unit, bare};

/// How sure a guess is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A name that others use for this; a person should look.
    Likely,
    /// Our own name: taken without asking.
    Certain,
}

/// One column that is probably one of our fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Guess {
    /// Our field.
    pub field: &'static str,
    /// The file's column.
    pub column: String,
    /// The unit that the column's name speaks of, for areas.
    pub unit: Option<Unit>,
    /// How sure this is.
    pub confidence: Confidence,
    /// Why, for people.
    pub why: String,
}

/// Guesses the fields of a file's columns, in the order of our fields; each column and each field at most once.
pub fn guess(kind: ImportKind, header: &Header) -> Vec<Guess> {
    let bare_names: Vec<String> = header.names().iter().map(|n| bare(n)).collect();
    let mut taken = vec![false; header.len()];
    let mut found: Vec<Option<Guess>> = Vec::new();
    for spec in fields(kind) {
        let own = header.position(spec.name);
        found.push(own.map(|column| {
            taken[column] = true;
            Guess {
                field: spec.name,
                column: spec.name.to_owned(),
                unit: None,
                confidence: Confidence::Certain,
                why: "has the name of the field".to_owned(),
            }
        }));
    }
    for (spec, slot) in fields(kind).iter().zip(&mut found) {
        if slot.is_some() {
            continue;
        }
        let free = |name: &str| bare_names.iter().enumerate().find(|(i, n)| !taken[*i] && *n == name);
        let hit = synonyms(kind, spec).find_map(|name| free(name).map(|(i, _)| (i, name)));
        if let Some((column, name)) = hit {
            taken[column] = true;
            let unit = (spec.field.is_area() && name.contains("acre")).then_some(Unit::Acre);
            *slot = Some(Guess {
                field: spec.name,
                column: header.names()[column].clone(),
                unit,
                confidence: Confidence::Likely,
                why: format!("\"{}\" is a usual name for it", header.names()[column]),
            });
        }
    }
    found.into_iter().flatten().collect()
}

/// The names others use; a bare `price` or `date` in a file of sales is what was paid and when, in one of listings what is asked.
fn synonyms(kind: ImportKind, spec: &Spec) -> impl Iterator<Item = &'static str> {
    let in_sales = kind == ImportKind::Sales;
    let more: &[&str] = match spec.field {
        Field::ClosePrice if in_sales => &["price"],
        Field::CloseDate if in_sales => &["date"],
        _ => &[],
    };
    let asked = spec.field == Field::ListPrice;
    spec.synonyms.iter().chain(more).copied().filter(move |name| !(in_sales && asked && *name == "price"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(kind: ImportKind, names: &[&str]) -> Vec<(&'static str, String)> {
        guess(kind, &Header::new(names.iter().copied())).into_iter().map(|g| (g.field, g.column)).collect()
    }

    #[test]
    fn names_of_reso_and_of_common_exports_are_known() {
        let found = guessed(
            ImportKind::Listings,
            &[
                "ListingKey",
                "StandardStatus",
                "ListPrice",
                "BedroomsTotal",
                "LivingArea",
                "LotSizeAcres",
                "PostalCode",
                "PublicRemarks",
            ],
        );
        assert_eq!(
            found.iter().map(|(f, _)| *f).collect::<Vec<_>>(),
            [
                "listing_key",
                "status",
                "list_price",
                "bedrooms",
                "living_area_sqft",
                "lot_size_sqft",
                "address.postal_code",
                "remarks"
            ]
        );
        let found = guess(ImportKind::Listings, &Header::new(["LotSizeAcres"].into_iter()));
        assert_eq!(found[0].unit, Some(Unit::Acre));
    }

    #[test]
    fn our_own_name_wins_over_another() {
        let found = guessed(ImportKind::Leads, &["id", "external_id", "Lead Source"]);
        assert_eq!(found, [("external_id", "external_id".to_owned()), ("source", "Lead Source".to_owned())]);
    }

    #[test]
    fn a_price_in_a_file_of_sales_is_what_was_paid() {
        assert_eq!(guessed(ImportKind::Sales, &["price", "date"])[0], ("close_price", "price".to_owned()));
        assert_eq!(guessed(ImportKind::Listings, &["price"])[0], ("list_price", "price".to_owned()));
    }

    #[test]
    fn consent_is_never_guessed() {
        assert!(guessed(ImportKind::Leads, &["consent", "sms consent", "opt in", "Do Not Email"]).is_empty());
    }
}

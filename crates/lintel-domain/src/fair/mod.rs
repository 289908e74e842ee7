//! Fair housing: which columns speak of a protected trait of a person, by their name or by their values.
//!
//! Protected traits are never features, filters, routing or audience criteria. A proxy (where a person lives or
//! comes from) is kept and named in a warning, and never used to match people with homes.
//! Sources: 42 U.S.C. 3604 (race, colour, religion, sex, familial status, national origin, disability) and the wider
//! lists of the states, such as California Government Code 12955.

mod name;
mod values;

pub use name::{classify, words_of};
pub use values::classify_values;

use crate::contact::words;

/// A trait of a person that must not decide about housing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protected {
    /// Race.
    Race,
    /// Colour of the skin.
    Color,
    /// Ethnicity and ancestry.
    Ethnicity,
    /// Religion and creed.
    Religion,
    /// Sex, gender, gender identity, pronouns.
    Sex,
    /// Sexual orientation.
    SexualOrientation,
    /// Children, pregnancy, dependents.
    FamilialStatus,
    /// Marriage and partnership.
    MaritalStatus,
    /// Disability and health.
    Disability,
    /// Age and birth date.
    Age,
    /// National origin, nationality, citizenship.
    NationalOrigin,
    /// Immigration status.
    Immigration,
    /// The language a person speaks.
    Language,
    /// Veteran and military status.
    Veteran,
    /// Source of income, vouchers and public assistance.
    SourceOfIncome,
    /// Genetic information.
    Genetic,
    /// Political view.
    Politics,
}

words!(Protected {
    Race => "race",
    Color => "color",
    Ethnicity => "ethnicity",
    Religion => "religion",
    Sex => "sex",
    SexualOrientation => "sexual_orientation",
    FamilialStatus => "familial_status",
    MaritalStatus => "marital_status",
    Disability => "disability",
    Age => "age",
    NationalOrigin => "national_origin",
    Immigration => "immigration_status",
    Language => "language",
    Veteran => "veteran_status",
    SourceOfIncome => "source_of_income",
    Genetic => "genetic_information",
    Politics => "political_view",
});

/// Why a column needs care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Concern {
    /// It speaks of a protected trait: it is not used.
    Protected(Protected),
    /// It may stand in for one: it is kept with a warning, and never used in the fit of a home.
    Proxy,
}

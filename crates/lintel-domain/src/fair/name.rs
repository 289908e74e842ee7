//! Telling a protected trait by the name of a column.

use super::{Concern, Protected};
use Protected::{
    Age, Color, Disability, Ethnicity, FamilialStatus, Genetic, Immigration, Language, MaritalStatus, NationalOrigin,
    Politics, Race, Religion, Sex, SexualOrientation, SourceOfIncome, Veteran,
};

/// Runs of words that name a trait wherever they stand in a name. A word that ends in `*` is a prefix.
const ANYWHERE: &[(&str, Protected)] = &[
    ("race", Race),
    ("races", Race),
    ("racial*", Race),
    ("raza", Race),
    ("skin color", Color),
    ("skin colour", Color),
    ("skin tone", Color),
    ("complexion", Color),
    ("ethnic*", Ethnicity),
    ("ancestry", Ethnicity),
    ("hispanic", Ethnicity),
    ("latino", Ethnicity),
    ("latina", Ethnicity),
    ("latinx", Ethnicity),
    ("tribe", Ethnicity),
    ("tribal", Ethnicity),
    ("caste", Ethnicity),
    ("religio*", Religion),
    ("creed", Religion),
    ("faith", Religion),
    ("denomination", Religion),
    ("place of worship", Religion),
    ("sex", Sex),
    ("sexes", Sex),
    ("gender*", Sex),
    ("pronoun*", Sex),
    ("transgender*", Sex),
    ("male", Sex),
    ("female", Sex),
    ("salutation", Sex),
    ("honorific", Sex),
    ("is woman", Sex),
    ("is man", Sex),
    ("sexual orientation", SexualOrientation),
    ("sexual*", SexualOrientation),
    ("lgbt*", SexualOrientation),
    ("gay", SexualOrientation),
    ("child", FamilialStatus),
    ("children", FamilialStatus),
    ("childs", FamilialStatus),
    ("kid", FamilialStatus),
    ("kids", FamilialStatus),
    ("dependent", FamilialStatus),
    ("dependents", FamilialStatus),
    ("dependant", FamilialStatus),
    ("dependants", FamilialStatus),
    ("pregnan*", FamilialStatus),
    ("maternity", FamilialStatus),
    ("familial*", FamilialStatus),
    ("family status", FamilialStatus),
    ("family size", FamilialStatus),
    ("family type", FamilialStatus),
    ("family composition", FamilialStatus),
    ("household size", FamilialStatus),
    ("household composition", FamilialStatus),
    ("household type", FamilialStatus),
    ("number in household", FamilialStatus),
    ("num household", FamilialStatus),
    ("parent", FamilialStatus),
    ("parental status", FamilialStatus),
    ("minors", FamilialStatus),
    ("marital*", MaritalStatus),
    ("married", MaritalStatus),
    ("marriage*", MaritalStatus),
    ("spouse*", MaritalStatus),
    ("civil status", MaritalStatus),
    ("partner", MaritalStatus),
    ("partnered", MaritalStatus),
    ("partnership status", MaritalStatus),
    ("relationship status", MaritalStatus),
    ("husband", MaritalStatus),
    ("wife", MaritalStatus),
    ("widow*", MaritalStatus),
    ("divorce*", MaritalStatus),
    ("fiance*", MaritalStatus),
    ("maiden name", MaritalStatus),
    ("disab*", Disability),
    ("handicap*", Disability),
    ("wheelchair user", Disability),
    ("uses wheelchair", Disability),
    ("uses a wheelchair", Disability),
    ("needs wheelchair", Disability),
    ("in wheelchair", Disability),
    ("wheelchair bound", Disability),
    ("mobility aid", Disability),
    ("mobility impair*", Disability),
    ("mobility limitation", Disability),
    ("hearing impair*", Disability),
    ("hearing aid", Disability),
    ("vision impair*", Disability),
    ("visual impair*", Disability),
    ("deaf", Disability),
    ("guide dog", Disability),
    ("service dog", Disability),
    ("assistance dog", Disability),
    ("assistance animal", Disability),
    ("impairment", Disability),
    ("health condition", Disability),
    ("health status", Disability),
    ("medical*", Disability),
    ("diagnosis", Disability),
    ("service animal", Disability),
    ("support animal", Disability),
    ("mental health", Disability),
    ("hiv", Disability),
    ("birth", Age),
    ("birthday", Age),
    ("birthdate", Age),
    ("birthyear", Age),
    ("dob", Age),
    ("born", Age),
    ("yob", Age),
    ("senior", Age),
    ("seniors", Age),
    ("seniorcitizen", Age),
    ("elderly", Age),
    ("retiree", Age),
    ("generation cohort", Age),
    ("agegroup", Age),
    ("agerange", Age),
    ("national origin", NationalOrigin),
    ("nationality", NationalOrigin),
    ("nationalities", NationalOrigin),
    ("citizen*", NationalOrigin),
    ("birthplace", NationalOrigin),
    ("country of origin", NationalOrigin),
    ("origin country", NationalOrigin),
    ("place of birth", NationalOrigin),
    ("country of birth", NationalOrigin),
    ("immigra*", Immigration),
    ("visa status", Immigration),
    ("visa type", Immigration),
    ("green card", Immigration),
    ("residency status", Immigration),
    ("undocumented", Immigration),
    ("refugee*", Immigration),
    ("asylum*", Immigration),
    ("language", Language),
    ("languages", Language),
    ("mother tongue", Language),
    ("native tongue", Language),
    ("spoken tongue", Language),
    ("english proficiency", Language),
    ("english speaker", Language),
    ("speaks english", Language),
    ("lang", Language),
    ("veteran*", Veteran),
    ("military*", Veteran),
    ("armed forces", Veteran),
    ("active duty", Veteran),
    ("va eligible", Veteran),
    ("source of income", SourceOfIncome),
    ("income source", SourceOfIncome),
    ("income type", SourceOfIncome),
    ("voucher*", SourceOfIncome),
    ("section 8", SourceOfIncome),
    ("section8", SourceOfIncome),
    ("section eight", SourceOfIncome),
    ("housing assistance", SourceOfIncome),
    ("public assistance", SourceOfIncome),
    ("welfare", SourceOfIncome),
    ("food stamps", SourceOfIncome),
    ("ssi", SourceOfIncome),
    ("ssdi", SourceOfIncome),
    ("alimony", SourceOfIncome),
    ("child support", SourceOfIncome),
    ("genetic*", Genetic),
    ("genom*", Genetic),
    ("dna", Genetic),
    ("politic*", Politics),
    ("party affiliation", Politics),
    ("party registration", Politics),
    ("voter*", Politics),
    ("voted", Politics),
];

/// Words that name a trait unless one of the words beside them says that they speak of a thing.
const UNLESS_A_THING: &[(&str, Protected)] =
    &[("age", Age), ("ages", Age), ("aged", Age), ("color", Color), ("colour", Color)];

/// Things that have an age or a colour of their own.
const THINGS: &[&str] = &[
    "home",
    "house",
    "building",
    "property",
    "roof",
    "listing",
    "hvac",
    "furnace",
    "heater",
    "boiler",
    "lead",
    "account",
    "contact",
    "record",
    "days",
    "vehicle",
    "car",
    "appliance",
    "kitchen",
    "structure",
    "dwelling",
    "unit",
    "effective",
    "actual",
    "exterior",
    "interior",
    "wall",
    "paint",
    "trim",
    "door",
    "siding",
    "floor",
    "brick",
    "cabinet",
    "carpet",
    "theme",
    "background",
    "tag",
    "label",
    "water",
    "plumbing",
    "electrical",
    "deck",
    "pool",
    "fence",
    "window",
    "hot",
    "session",
    "page",
    "message",
    "score",
    "pipeline",
    "stage",
    "tenure",
    "subscription",
];

/// Names of places that stand in for where a person lives or comes from.
const PROXIES: &[&str] = &[
    "country",
    "city",
    "town",
    "zip",
    "zipcode",
    "zip code",
    "postcode",
    "postal",
    "postalcode",
    "neighborhood",
    "neighbourhood",
    "census tract",
    "census block",
    "county",
    "school district",
    "surname",
    "last name",
    "first name",
];

/// Splits a name into lower-case words: at everything that is no letter or digit, and where lower case turns to upper.
pub fn words_of(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, &c) in chars.iter().enumerate() {
        let after_lower = i > 0 && chars[i - 1].is_lowercase();
        let before_lower =
            chars.get(i + 1).is_some_and(|next| next.is_lowercase()) && i > 0 && chars[i - 1].is_uppercase();
        if (!c.is_alphanumeric() || (c.is_uppercase() && (after_lower || before_lower))) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn word_matches(word: &str, pattern: &str) -> bool {
    let bare = word.trim_end_matches(|c: char| c.is_ascii_digit());
    match pattern.strip_suffix('*') {
        Some(prefix) => word.starts_with(prefix),
        None => word == pattern || (!bare.is_empty() && bare == pattern),
    }
}

fn has_run(words: &[String], pattern: &str) -> bool {
    let pattern: Vec<&str> = pattern.split(' ').collect();
    words.windows(pattern.len()).any(|run| run.iter().zip(&pattern).all(|(word, part)| word_matches(word, part)))
}

/// What is to be said about a column of this name, if anything.
///
/// A name such as `SeniorCitizen`, `marital_status` or `Birth Date` is protected; `Country`, `city` and `zip` are
/// proxies; `age_of_home` and `exterior color` speak of things.
pub fn classify(name: &str) -> Option<Concern> {
    let words = words_of(name);
    let joined = [words.concat()];
    let anywhere = ANYWHERE.iter().find(|(pattern, _)| has_run(&words, pattern));
    let run_together =
        || ANYWHERE.iter().find(|(pattern, _)| joined[0].len() > 3 && has_run(&joined, &pattern.replace(' ', "")));
    if let Some((_, protected)) = anywhere.or_else(run_together) {
        return Some(Concern::Protected(*protected));
    }
    let of_a_thing = words.iter().any(|word| THINGS.contains(&word.as_str()));
    if let Some((_, protected)) = UNLESS_A_THING.iter().find(|(pattern, _)| has_run(&words, pattern))
        && !of_a_thing
    {
        return Some(Concern::Protected(*protected));
    }
    PROXIES.iter().any(|pattern| has_run(&words, pattern)).then_some(Concern::Proxy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_protected_traits_are_told_in_any_spelling() {
        for name in [
            "race",
            "Colour",
            "ethnicity",
            "Religion",
            "sex",
            "GENDER",
            "preferred_pronouns",
            "familial_status",
            "MaritalStatus",
            "marital",
            "Partner",
            "number of children",
            "Dependents",
            "isPregnant",
            "disability",
            "uses_wheelchair",
            "serviceDog",
            "Age",
            "age_group",
            "customerAge",
            "birth_date",
            "DOB",
            "SeniorCitizen",
            "seniorcitizen",
            "national-origin",
            "nationality",
            "Citizenship",
            "primary language",
            "veteran_status",
            "source_of_income",
            "housing_voucher",
            "genetic_information",
            "immigration status",
            "political view",
            "age2",
            "Birthdate",
            "dateOfBirth",
            "has kids",
            "sexualOrientation",
            "HouseholdSize",
            "maritalstatus",
        ] {
            assert!(matches!(classify(name), Some(Concern::Protected(_))), "{name}: {:?}", classify(name));
        }
    }

    #[test]
    fn names_of_things_are_left_alone() {
        for name in [
            "bedrooms",
            "sqft_living",
            "grade",
            "waterfront",
            "age_of_home",
            "roof age",
            "exterior color",
            "Total Time Spent on Website",
            "Lead Source",
            "page_views",
            "message",
            "garage",
            "mortgage",
            "average_price",
            "percentage",
            "condition",
            "job",
            "education",
            "Contract",
            "tenure",
            "TraceId",
            "Essex",
            "family room",
            "single family",
            "storage",
            "village_name",
            "stage",
            "wheelchair_accessible",
        ] {
            assert_eq!(classify(name), None, "{name}");
        }
    }

    #[test]
    fn where_a_person_lives_is_a_proxy() {
        for name in ["Country", "City", "zip_code", "PostalCode", "postal_code", "zipcode"] {
            assert_eq!(classify(name), Some(Concern::Proxy), "{name}");
        }
    }

    #[test]
    fn names_split_into_words_at_case_and_punctuation() {
        assert_eq!(words_of("dateOfBirth_2 (HTTPServer)"), ["date", "of", "birth", "2", "http", "server"]);
    }
}

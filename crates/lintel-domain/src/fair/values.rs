//! Telling a protected trait by the values of a column whose name says nothing.

use super::{Protected, name::words_of};

/// Values that speak of a trait. `sure` values are enough to tell; `maybe` values only count beside a sure one.
struct Vocabulary {
    protected: Protected,
    sure: &'static [&'static str],
    maybe: &'static [&'static str],
}

const VOCABULARIES: &[Vocabulary] = &[
    Vocabulary {
        protected: Protected::Sex,
        sure: &[
            "male",
            "female",
            "man",
            "woman",
            "men",
            "women",
            "non binary",
            "nonbinary",
            "transgender",
            "she her",
            "he him",
            "they them",
            "mr",
            "mrs",
            "ms",
            "cisgender",
            "genderqueer",
            "boy",
            "girl",
        ],
        maybe: &["m", "f", "x", "other", "unknown", "prefer not to say", "dr", "prof", "miss"],
    },
    Vocabulary {
        protected: Protected::MaritalStatus,
        sure: &[
            "married",
            "divorced",
            "widowed",
            "widow",
            "widower",
            "never married",
            "unmarried",
            "domestic partnership",
            "separated",
        ],
        maybe: &["single", "partnered", "engaged", "unknown", "other"],
    },
    Vocabulary {
        protected: Protected::Religion,
        sure: &[
            "christian",
            "christianity",
            "muslim",
            "islam",
            "jewish",
            "judaism",
            "hindu",
            "hinduism",
            "buddhist",
            "buddhism",
            "catholic",
            "protestant",
            "sikh",
            "sikhism",
            "atheist",
            "agnostic",
            "orthodox",
            "mormon",
            "baptist",
            "lutheran",
            "methodist",
        ],
        maybe: &["none", "other", "unknown"],
    },
    Vocabulary {
        protected: Protected::Race,
        sure: &[
            "asian",
            "hispanic",
            "latino",
            "latina",
            "caucasian",
            "african american",
            "black or african american",
            "native american",
            "american indian",
            "american indian or alaska native",
            "pacific islander",
            "native hawaiian",
            "native hawaiian or other pacific islander",
            "hispanic or latino",
            "not hispanic or latino",
            "multiracial",
            "two or more races",
            "middle eastern",
            "white non hispanic",
            "biracial",
        ],
        maybe: &["white", "black", "other", "mixed", "unknown", "indigenous"],
    },
    Vocabulary {
        protected: Protected::Disability,
        sure: &[
            "disabled",
            "not disabled",
            "able bodied",
            "wheelchair user",
            "blind",
            "deaf",
            "hearing impaired",
            "visually impaired",
        ],
        maybe: &["none", "unknown", "other"],
    },
    Vocabulary {
        protected: Protected::NationalOrigin,
        sure: &[
            "us citizen",
            "u s citizen",
            "permanent resident",
            "non citizen",
            "noncitizen",
            "foreign national",
            "naturalized citizen",
        ],
        maybe: &["citizen", "other", "unknown"],
    },
    Vocabulary {
        protected: Protected::Veteran,
        sure: &["veteran", "non veteran", "not a veteran", "active duty", "protected veteran"],
        maybe: &["none", "other", "unknown"],
    },
    Vocabulary {
        protected: Protected::SexualOrientation,
        sure: &["heterosexual", "homosexual", "bisexual", "lesbian", "gay", "asexual", "pansexual"],
        maybe: &["straight", "other", "unknown", "queer"],
    },
    Vocabulary {
        protected: Protected::Politics,
        sure: &["democrat", "republican", "libertarian", "socialist", "democratic party", "republican party"],
        maybe: &["independent", "other", "none", "green", "liberal", "conservative"],
    },
    Vocabulary {
        protected: Protected::SourceOfIncome,
        sure: &[
            "section 8",
            "housing voucher",
            "social security",
            "ssi",
            "ssdi",
            "disability benefits",
            "public assistance",
            "welfare",
        ],
        maybe: &["employment", "salary", "self employed", "wages", "other", "pension", "none"],
    },
    Vocabulary {
        protected: Protected::Language,
        sure: &[
            "spanish",
            "mandarin",
            "cantonese",
            "vietnamese",
            "tagalog",
            "hindi",
            "arabic",
            "russian",
            "portuguese",
            "korean",
            "farsi",
        ],
        maybe: &["english", "french", "german", "chinese", "japanese", "italian", "other", "unknown"],
    },
];

/// The distinct values looked at; a column with more is free text.
const MOST: usize = 200;

/// The trait that a column's distinct values speak of, if at least four in five of them do.
///
/// `male, female, ""` speaks of sex, also when the column is called `x1`; `M, F` does too, since nothing else has just
/// these two values. `White, Black` alone may be the paint of a house.
pub fn classify_values<'a>(values: impl IntoIterator<Item = &'a str>) -> Option<Protected> {
    let mut distinct: Vec<String> = Vec::new();
    for value in values {
        let value = words_of(&value.to_lowercase()).join(" ");
        if !value.is_empty() && !distinct.contains(&value) {
            distinct.push(value);
        }
        if distinct.len() > MOST {
            return None;
        }
    }
    if distinct.is_empty() {
        return None;
    }
    let mut letters: Vec<&str> = distinct.iter().map(String::as_str).filter(|v| *v != "unknown").collect();
    letters.sort_unstable();
    if letters == ["f", "m"] || letters == ["f", "m", "x"] {
        return Some(Protected::Sex);
    }
    VOCABULARIES.iter().find_map(|vocabulary| {
        let sure = distinct.iter().filter(|v| vocabulary.sure.contains(&v.as_str())).count();
        let maybe = distinct.iter().filter(|v| vocabulary.maybe.contains(&v.as_str())).count();
        (sure >= 1 && (sure + maybe) * 5 >= distinct.len() * 4 && (sure + maybe >= 2 || distinct.len() == 1))
            .then_some(vocabulary.protected)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_tell_a_trait_whose_column_has_no_name() {
        assert_eq!(classify_values(["Male", "Female", ""]), Some(Protected::Sex));
        assert_eq!(classify_values(["M", "F"]), Some(Protected::Sex));
        assert_eq!(classify_values(["married", "single", "divorced", "unknown"]), Some(Protected::MaritalStatus));
        assert_eq!(classify_values(["White", "Black", "Asian"]), Some(Protected::Race));
        assert_eq!(classify_values(["Non-binary", "man", "woman"]), Some(Protected::Sex));
    }

    #[test]
    fn values_of_things_tell_nothing() {
        assert_eq!(classify_values(["white", "black", "red"]), None);
        assert_eq!(classify_values(["yes", "no"]), None);
        assert_eq!(classify_values(["English", "French"]), None);
        assert_eq!(classify_values(["single family", "townhouse"]), None);
        assert_eq!(classify_values([]), None);
        let many: Vec<String> = (0..1000).map(|i| i.to_string()).collect();
        assert_eq!(classify_values(many.iter().map(String::as_str)), None);
    }
}

//! A taste in plain words.

use lintel_domain::{
    liking::{Bell, Likings, NUMBERS, off_scale},
    money::Money,
    preference::Aspect,
};

/// One thing that is liked.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// What it is about.
    pub aspect: Aspect,
    /// What it weighs; all weights add up to 1.
    pub weight: f64,
    /// Plain words, such as "homes around 1,850 sq ft".
    pub label: String,
}

impl Reason {
    /// What is liked, the weightiest first.
    pub fn of(likings: &Likings) -> Vec<Self> {
        let mut reasons: Vec<Self> = Vec::new();
        for (aspect, liking) in NUMBERS.into_iter().zip(&likings.numbers) {
            let Some(liking) = liking else { continue };
            let mut label = format!("homes {}", around(aspect, &liking.liked));
            if let Some((bell, _)) = liking.hidden {
                label = format!("{label}, rather not {}", around(aspect, &bell));
            }
            reasons.push(Self { aspect, weight: liking.weight, label });
        }
        if likings.types_weight > 0.0 {
            let mut types: Vec<&(String, f64)> = likings.types.iter().filter(|(_, share)| *share >= 0.5).collect();
            types.sort_by(|a, b| b.1.total_cmp(&a.1));
            let names: Vec<&str> = types.into_iter().map(|(name, _)| name.as_str()).collect();
            let label = format!("mostly {}", names.join(", "));
            reasons.push(Self { aspect: Aspect::PropertyTypes, weight: likings.types_weight, label });
        }
        reasons.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        reasons
    }
}

/// Where homes are on the scale of an aspect.
fn around(aspect: Aspect, bell: &Bell) -> String {
    let middle = off_scale(aspect, bell.middle);
    match aspect {
        Aspect::Price => format!("around {}", whole(Money(middle as i64).major().round())),
        Aspect::Bedrooms => format!("with about {} bedrooms", tenths(middle)),
        Aspect::Bathrooms => format!("with about {} bathrooms", tenths(middle)),
        Aspect::LotSizeSqft => format!("on lots around {} sq ft", whole(middle)),
        Aspect::YearBuilt => format!("built around {middle:.0}"),
        _ => format!("around {} sq ft", whole(middle)),
    }
}

/// A number to its first decimal, if that is not 0.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// A number to two or three leading digits, with a comma before every third digit from the end.
fn whole(value: f64) -> String {
    let step = 10f64.powf((value.abs().max(1.0).log10() - 2.0).floor().max(0.0));
    let digits = format!("{:.0}", (value / step).round() * step);
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

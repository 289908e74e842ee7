//! A fit in words.

use lintel_domain::{
    clock::Day,
    liking::NUMBERS,
    money::{Currency, Money, thousands},
    preference::Aspect,
};

use super::{
    Fit, FitAspect, Reason,
    score::Values,
    wishes::{Bound, FRESHNESS, GAP, PARTS, TASTE, Wishes},
};
use crate::segment::NO_DAY;

impl Wishes {
    /// The fit of an accepted listing with its reasons. `has` tells which keywords it has, one bit each; `name` is its type
    /// of property; prices are in `currency`.
    pub(crate) fn explain(&self, values: &Values, has: u64, name: Option<&str>, today: Day, currency: Currency) -> Fit {
        let money = |hundredths: f64| currency.amount(Money(hundredths.round() as i64));
        let parts = self.contributions(values, today);
        let mut misses: Vec<String> = Vec::new();
        let mut others = 0;
        let mut labels: [String; PARTS] = Default::default();
        for (at, bound) in self.bounds.iter().enumerate() {
            let Some(bound) = bound else { continue };
            let value = values.numbers[at];
            if bound.admits(value) {
                labels[at] = met(NUMBERS[at], value, money);
                others += 1;
            } else {
                labels[at] = missed(NUMBERS[at], value, bound, money);
                misses.push(labels[at].clone());
            }
        }
        if !self.types.is_empty() {
            labels[6] = format!("{}, as asked", name.unwrap_or_default());
            others += 1;
        }
        if let (Some(near), Some(point)) = (&self.near, values.point) {
            labels[7] = format!("{} from the point asked for", metres(near.centre().distance_m(point)));
            others += 1;
        }
        if self.weights[8] > 0.0 {
            "inside the area drawn".clone_into(&mut labels[8]);
            others += 1;
        }
        if !self.keywords.is_empty() {
            let named = |found: bool| -> Vec<&str> {
                let keywords = self.keywords.iter().enumerate();
                keywords
                    .filter(|(at, _)| (has >> at & 1 == 1) == found)
                    .map(|(_, keyword)| keyword.text.as_str())
                    .collect()
            };
            let (mentioned, lacks) = (named(true), named(false));
            labels[9] = format!("mentions {}", mentioned.join(", "));
            others += usize::from(!mentioned.is_empty());
            if !lacks.is_empty() {
                misses.push(format!("no mention of {}", lacks.join(", ")));
            }
        }
        labels[FRESHNESS] = age(values.listed, today);
        labels[GAP] = beside_estimate(values.gap);
        labels[TASTE] = self.alike(values);
        let near_miss = (!misses.is_empty()).then(|| {
            if others > 0 {
                misses.push("everything else fits".to_owned());
            }
            misses.join("; ")
        });
        let mut reasons: Vec<Reason> = labels
            .into_iter()
            .enumerate()
            .filter(|(at, _)| parts[*at] != 0.0)
            .map(|(at, label)| Reason { aspect: aspect(at), contribution: parts[at], label })
            .collect();
        reasons.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
        Fit { fit: parts.iter().sum(), reasons, near_miss }
    }
}

impl Wishes {
    /// In what a home is like those that were liked.
    fn alike(&self, values: &Values) -> String {
        const NAMES: [&str; 7] =
            ["price", "bedrooms", "bathrooms", "living area", "lot size", "year of construction", "type of property"];
        let weights = self.likings.numbers.iter().map(|liking| liking.map_or(0.0, |liking| liking.weight));
        let weights = weights.chain([self.likings.types_weight]);
        let alike = self.liked(values).into_iter().zip(weights).zip(NAMES);
        // Half of a liking is met within its spread.
        let named: Vec<&str> =
            alike.filter(|((met, weight), _)| *weight > 0.0 && *met >= weight * 0.5).map(|(_, name)| name).collect();
        match named.as_slice() {
            [] => "a little like homes looked at".to_owned(),
            named => format!("like homes looked at in {}", named.join(", ")),
        }
    }
}

/// What the contribution at a place is about.
fn aspect(at: usize) -> FitAspect {
    match at {
        6 => FitAspect::Wish(Aspect::PropertyTypes),
        7 => FitAspect::Wish(Aspect::Near),
        8 => FitAspect::Wish(Aspect::Polygon),
        9 => FitAspect::Wish(Aspect::Keywords),
        FRESHNESS => FitAspect::Freshness,
        GAP => FitAspect::EstimateGap,
        TASTE => FitAspect::Taste,
        number => FitAspect::Wish(NUMBERS[number]),
    }
}

/// A number that is as asked.
fn met(aspect: Aspect, value: f64, money: impl Fn(f64) -> String) -> String {
    match aspect {
        Aspect::Price => format!("{}, within budget", money(value)),
        Aspect::Bedrooms => format!("{}, as asked", plural(value, "bedroom")),
        Aspect::Bathrooms => format!("{}, as asked", plural(value, "bathroom")),
        Aspect::LotSizeSqft => format!("lot of {} sq ft, as asked", grouped(value)),
        Aspect::YearBuilt => format!("built in {value}, as asked"),
        _ => format!("{} sq ft, as asked", grouped(value)),
    }
}

/// A number that is not.
fn missed(aspect: Aspect, value: f64, bound: &Bound, money: impl Fn(f64) -> String) -> String {
    let low = value < bound.least;
    let by = if low { bound.least - value } else { value - bound.most };
    let side = |less: &'static str, more: &'static str| if low { less } else { more };
    if value.is_nan() {
        return match aspect {
            Aspect::Price => "price unknown",
            Aspect::Bedrooms => "bedrooms unknown",
            Aspect::Bathrooms => "bathrooms unknown",
            Aspect::LotSizeSqft => "lot size unknown",
            Aspect::YearBuilt => "year of construction unknown",
            _ => "living area unknown",
        }
        .to_owned();
    }
    match aspect {
        Aspect::Price => format!("{} {}", money(by), side("under the price range", "over budget")),
        Aspect::Bedrooms => format!("{} {} than asked", plural(by, "bedroom"), side("fewer", "more")),
        Aspect::Bathrooms => format!("{} {} than asked", plural(by, "bathroom"), side("fewer", "more")),
        Aspect::LotSizeSqft => format!("lot {} sq ft {} than asked", grouped(by), side("smaller", "larger")),
        Aspect::YearBuilt => format!("built {} {} than asked", plural(by, "year"), side("earlier", "later")),
        _ => format!("{} sq ft {} than asked", grouped(by), side("smaller", "larger")),
    }
}

fn age(listed: i32, today: Day) -> String {
    if listed == NO_DAY {
        return "time of listing unknown".to_owned();
    }
    match today.0.saturating_sub(listed) {
        ..0 => "comes on the market soon".to_owned(),
        0 => "listed today".to_owned(),
        days => format!("listed {} ago", plural(f64::from(days), "day")),
    }
}

fn beside_estimate(gap: f64) -> String {
    let percent = (gap * 100.0).round();
    if gap.is_nan() {
        "no estimate".to_owned()
    } else if percent == 0.0 {
        "priced as estimated".to_owned()
    } else {
        let side = if percent > 0.0 { "above" } else { "below" };
        format!("estimate {} % {side} the price", percent.abs())
    }
}

/// A number of square feet, whole where that is enough.
fn grouped(value: f64) -> String {
    if value.abs() < 1.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{:.0}", value.abs());
    format!("{}{}", if value < 0.0 { "-" } else { "" }, thousands(&digits))
}

fn plural(count: f64, noun: &str) -> String {
    let s = if count == 1.0 { "" } else { "s" };
    let rounded = (count * 100.0).round() / 100.0;
    format!("{rounded} {noun}{s}")
}

fn metres(distance: f64) -> String {
    if distance < 1000.0 { format!("{distance:.0} m") } else { format!("{:.1} km", distance / 1000.0) }
}

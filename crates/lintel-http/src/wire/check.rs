//! Collecting what is wrong with a body that reads well: every refused field, not only the first.

use lintel_app::FieldError;
use lintel_domain::{
    filter::ListingFilter,
    money::Money,
    place::Point,
    preference::Preferences,
    range::Range,
    scalar::{Fields, Scalar},
};

use crate::error::{Error, Result};

/// The most bytes in a free text such as remarks.
pub(crate) const LONG_TEXT: usize = 100_000;
/// The most free fields in one record.
const MAX_FIELDS: usize = 1_000;

/// The refused fields so far.
#[derive(Debug, Default)]
pub(crate) struct Check(Vec<FieldError>);

impl Check {
    /// Refuses a field.
    pub(crate) fn refuse(&mut self, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        // A thousand refusals help nobody more than a hundred.
        if self.0.len() < 100 {
            self.0.push(FieldError::new(pointer, code, detail));
        }
    }

    /// A text of 1 to `max` bytes, or none.
    pub(crate) fn text(&mut self, pointer: &str, text: Option<&str>, max: usize) {
        match text {
            Some("") => self.refuse(pointer, "empty", "must not be empty"),
            Some(text) if text.len() > max => {
                self.refuse(pointer, "too_long", format!("must have at most {max} bytes"));
            }
            _ => {}
        }
    }

    /// At most `max` texts, each of at most `each` bytes.
    pub(crate) fn texts(&mut self, pointer: &str, texts: &[String], max: usize, each: usize) {
        if texts.len() > max {
            self.refuse(pointer, "too_many", format!("must have at most {max} items"));
        }
        for (index, text) in texts.iter().enumerate() {
            self.text(&format!("{pointer}/{index}"), Some(text), each);
        }
    }

    /// A number from `min` to `max`, or none.
    pub(crate) fn number(&mut self, pointer: &str, value: Option<f64>, min: f64, max: f64) {
        if value.is_some_and(|value| !(min..=max).contains(&value)) {
            self.refuse(pointer, "out_of_range", format!("must be from {min} to {max}"));
        }
    }

    /// A whole number from `min` to `max`, or none.
    pub(crate) fn whole(&mut self, pointer: &str, value: Option<i32>, min: i32, max: i32) {
        self.number(pointer, value.map(f64::from), f64::from(min), f64::from(max));
    }

    /// An amount that is not negative, or none.
    pub(crate) fn amount(&mut self, pointer: &str, value: Option<Money>) {
        if value.is_some_and(|value| value.0 < 0) {
            self.refuse(pointer, "out_of_range", "must not be negative");
        }
    }

    /// A range whose bounds are not crossed.
    pub(crate) fn range<T: PartialOrd + Copy>(&mut self, pointer: &str, range: Option<&Range<T>>) {
        if range.is_some_and(Range::is_empty) {
            self.refuse(pointer, "crossed", "min must not be greater than max");
        }
    }

    /// Both coordinates in range, or neither.
    pub(crate) fn place(&mut self, pointer: &str, latitude: Option<f64>, longitude: Option<f64>) -> Option<Point> {
        match (latitude, longitude) {
            (None, None) => None,
            (Some(latitude), Some(longitude)) => {
                let point = Point::new(latitude, longitude);
                if point.is_none() {
                    let (name, most) =
                        if (-90.0..=90.0).contains(&latitude) { ("longitude", 180) } else { ("latitude", 90) };
                    self.refuse(format!("{pointer}/{name}"), "out_of_range", format!("must be from -{most} to {most}"));
                }
                point
            }
            (latitude, _) => {
                let missing = if latitude.is_none() { "latitude" } else { "longitude" };
                self.refuse(format!("{pointer}/{missing}"), "missing", "latitude and longitude come together");
                None
            }
        }
    }

    /// Free fields: not too many, with sane names, and texts of at most 10,000 bytes.
    pub(crate) fn fields(&mut self, pointer: &str, fields: &Fields) {
        self.named(pointer, fields.iter().map(|(name, value)| (name.as_str(), Some(value))));
    }

    /// Free fields by name, absent ones among them.
    pub(crate) fn named<'a>(
        &mut self,
        pointer: &str,
        fields: impl ExactSizeIterator<Item = (&'a str, Option<&'a Scalar>)>,
    ) {
        if fields.len() > MAX_FIELDS {
            self.refuse(pointer, "too_many", format!("must have at most {MAX_FIELDS} fields"));
            return;
        }
        for (name, value) in fields {
            let place = crate::extract::pointer(pointer, name);
            if name.is_empty() || name.len() > 200 {
                self.refuse(&place, "bad_name", "a field's name has 1 to 200 bytes");
            } else if let Some(Scalar::Text(text)) = value
                && text.len() > 10_000
            {
                self.refuse(&place, "too_long", "must have at most 10000 bytes");
            }
        }
    }

    /// Nothing was refused.
    pub(crate) fn end(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::fields(self.0)) }
    }
}

/// Checks a filter that stands at `pointer`.
pub(crate) fn check_filter(check: &mut Check, pointer: &str, filter: &ListingFilter) {
    let at = |name: &str| format!("{pointer}/{name}");
    check.range(&at("price"), filter.price.as_ref());
    check.range(&at("bedrooms"), filter.bedrooms.as_ref());
    check.range(&at("bathrooms"), filter.bathrooms.as_ref());
    check.range(&at("living_area_sqft"), filter.living_area_sqft.as_ref());
    check.range(&at("lot_size_sqft"), filter.lot_size_sqft.as_ref());
    check.range(&at("year_built"), filter.year_built.as_ref());
    check.range(&at("days_on_market"), filter.days_on_market.as_ref());
    check.texts(&at("property_types"), &filter.property_types, 100, 200);
    if filter.text.as_deref().is_some_and(|text| text.len() > 500) {
        check.refuse(at("text"), "too_long", "must have at most 500 bytes");
    }
    if filter.near.is_some_and(|near| !near.is_valid()) {
        check.refuse(at("near"), "out_of_range", "needs a place on the earth and a radius of more than 0 m");
    }
}

/// Checks preferences that stand at `pointer`.
pub(crate) fn check_preferences(check: &mut Check, pointer: &str, wishes: &Preferences) {
    let at = |name: &str| format!("{pointer}/{name}");
    check.range(&at("price"), wishes.price.as_ref());
    check.range(&at("bedrooms"), wishes.bedrooms.as_ref());
    check.range(&at("bathrooms"), wishes.bathrooms.as_ref());
    check.range(&at("living_area_sqft"), wishes.living_area_sqft.as_ref());
    check.range(&at("lot_size_sqft"), wishes.lot_size_sqft.as_ref());
    check.range(&at("year_built"), wishes.year_built.as_ref());
    check.texts(&at("property_types"), &wishes.property_types, 100, 200);
    check.texts(&at("keywords"), &wishes.keywords, 50, 100);
    if wishes.near.is_some_and(|near| !near.is_valid()) {
        check.refuse(at("near"), "out_of_range", "needs a place on the earth and a radius of more than 0 m");
    }
    if wishes.must.len() > 20 {
        check.refuse(at("must"), "too_many", "must have at most 20 items");
    }
}

//! Decayed sums over homes: of their numbers, and by their type of property.

/// Types of property that are kept; of more, the least.
const MOST_TYPES: usize = 16;

/// The share of a weight that its sum may be off by.
const ROUNDING: f64 = 1e-9;

/// Numbers are summed as differences from these, on their scales, so that squares lose no digits: homes of 400,000 with 3
/// bedrooms, 2 bathrooms, 1,900 square feet on 7,000, of 1975.
const ORIGINS: [f64; 6] = [17.5, 3.0, 2.0, 7.55, 8.85, 1975.0];

/// What speaks for homes, or against them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Evidence {
    /// In looks.
    pub(super) weight: f64,
    pub(super) numbers: [Moments; 6],
    /// Weights by name, in the order of the names.
    types: Vec<(String, f64)>,
}

/// Sums of weights, of numbers and of their squares.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Moments {
    pub(super) weight: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    /// The mean, on the scale of the number at a place.
    pub(super) fn mean(&self, place: usize) -> f64 {
        ORIGINS[place] + self.sum / self.weight
    }

    pub(super) fn variance(&self) -> f64 {
        let mean = self.sum / self.weight;
        if self.weight > 0.0 { (self.squares / self.weight - mean * mean).max(0.0) } else { 0.0 }
    }
}

impl Evidence {
    /// Adds a home; unknown numbers are not a number.
    pub(super) fn add(&mut self, weight: f64, numbers: &[f64; 6], property_type: Option<&str>) {
        self.weight += weight;
        for ((moments, number), origin) in self.numbers.iter_mut().zip(numbers).zip(ORIGINS) {
            if number.is_finite() {
                let number = number - origin;
                moments.weight += weight;
                moments.sum += weight * number;
                moments.squares += weight * number * number;
            }
        }
        if let Some(name) = property_type {
            self.add_type(weight, name);
        }
    }

    /// Adds to a type of property.
    pub(super) fn add_type(&mut self, weight: f64, name: &str) {
        match self.types.binary_search_by(|(known, _)| known.as_str().cmp(name)) {
            Ok(at) => self.types[at].1 += weight,
            Err(at) => {
                self.types.insert(at, (name.to_owned(), weight));
                if self.types.len() > MOST_TYPES {
                    let least = (0..self.types.len()).min_by(|a, b| self.types[*a].1.total_cmp(&self.types[*b].1));
                    self.types.remove(least.unwrap_or(at));
                }
            }
        }
    }

    /// Keeps a share of everything.
    pub(super) fn decay(&mut self, left: f64) {
        self.weight *= left;
        for moments in &mut self.numbers {
            moments.weight *= left;
            moments.sum *= left;
            moments.squares *= left;
        }
        self.types.iter_mut().for_each(|(_, weight)| *weight *= left);
    }

    /// The types that more speaks for than against, with the difference.
    pub(super) fn types_without(&self, against: &Self) -> Vec<(String, f64)> {
        let weight_against = |name: &str| {
            let at = against.types.binary_search_by(|(known, _)| known.as_str().cmp(name));
            at.map_or(0.0, |at| against.types[at].1)
        };
        let liked = self.types.iter().filter_map(|(name, weight)| {
            let more = weight - weight_against(name);
            // As much for as against leaves nothing but rounding, whose sign depends on the order of the acts.
            (more > weight * ROUNDING).then(|| (name.clone(), more))
        });
        liked.collect()
    }
}

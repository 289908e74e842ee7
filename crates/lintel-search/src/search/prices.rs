//! Ranges of prices that do not depend on the data: for facets, and finer ones for sliders.

use lintel_domain::money::Money;

/// Powers of ten, in major units, of the least and the greatest edge.
const LEAST: u32 = 2;
const MOST: u32 = 12;
const DECADES: usize = (MOST - LEAST + 1) as usize;

const FACET_STEPS: [i64; 7] = [100, 150, 200, 300, 400, 500, 750];
/// The preferred numbers R20 (ISO 3): each about an eighth above the one before.
const SLIDER_STEPS: [i64; 20] =
    [100, 112, 125, 140, 160, 180, 200, 224, 250, 280, 315, 355, 400, 450, 500, 560, 630, 710, 800, 900];

/// Edges of the facet's ranges in hundredths, from 0.
pub(crate) static FACET: [i64; 1 + 7 * DECADES] = edges(FACET_STEPS);
/// Edges of the slider's bars in hundredths, from 0.
pub(crate) static SLIDER: [i64; 1 + 20 * DECADES] = edges(SLIDER_STEPS);

/// 0, then each step times each power of ten. A step is in hundredths of its power, an edge in hundredths of a unit.
const fn edges<const STEPS: usize, const EDGES: usize>(steps: [i64; STEPS]) -> [i64; EDGES] {
    let mut edges = [0; EDGES];
    let (mut at, mut power) = (1, 10i64.pow(LEAST));
    while at < EDGES {
        let mut step = 0;
        while step < STEPS {
            edges[at] = steps[step] * power;
            at += 1;
            step += 1;
        }
        power *= 10;
    }
    edges
}

/// The range of a price; the first also holds what is below 0, the last what is above all edges.
pub(crate) fn range_of(edges: &[i64], price: i64) -> usize {
    edges.partition_point(|edge| *edge <= price).saturating_sub(1)
}

/// The least and greatest price of a range.
pub(crate) fn bounds(edges: &[i64], range: usize) -> (Money, Money) {
    let min = if range == 0 { i64::MIN + 1 } else { edges[range] };
    let max = edges.get(range + 1).map_or(i64::MAX, |next| next - 1);
    // Prices below 0 do not occur in practice; a slider begins at 0.
    (Money(min.max(0)), Money(max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_price_is_in_the_range_whose_bounds_hold_it() {
        for edges in [&FACET[..], &SLIDER[..]] {
            assert!(edges.is_sorted_by(|a, b| a < b));
            for price in [0, 1, 9_999, 10_000, 61_200_000, 61_200_001, 1_000_000_000_000_000, i64::MAX] {
                let (min, max) = bounds(edges, range_of(edges, price));
                assert!(min.0 <= price && price <= max.0, "{price}");
            }
        }
        assert_eq!(bounds(&FACET, range_of(&FACET, 61_200_000)), (Money(50_000_000), Money(74_999_999)));
    }
}

//! Names of cities and postal areas for maps, from a market's own listings: no table of places comes with the product.

use std::{collections::HashMap, sync::Arc};

use lintel_domain::{id::TenantId, market::MarketSlug, place::Point};
use lintel_store::listing::NamedCell;

use crate::{App, Principal, Result};

/// A name of fewer homes is more likely a mistake than a place.
const LEAST_HOMES: u64 = 3;
/// The most names of each kind.
const MOST_NAMES: usize = 500;
/// The most cells that names are made from, as they are in memory together; those of most homes count.
const MOST_CELLS: u32 = 100_000;

/// What a name on a map is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaceKind {
    /// A city.
    City,
    /// The area of a postal code.
    PostalCode,
}

impl PlaceKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::City, Self::PostalCode];

    /// The word for it in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::PostalCode => "postal_code",
        }
    }
}

/// A name on a map.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedPlace {
    /// What it is of.
    pub kind: PlaceKind,
    /// The name, in the spelling that most of its homes have.
    pub name: String,
    /// The median latitude and the median longitude of its homes, to about a kilometre: homes with a wrong place hardly move it.
    pub place: Point,
    /// How many listings and records of sales have the name and a place.
    pub homes: u64,
}

impl App {
    /// The names of cities and postal areas in a market's listings, those of most homes first: at most 500 of each kind, none of
    /// fewer than 3 homes. They are made anew when the market has grown by a tenth, else about every hour. Two cities of one
    /// name in one market are one. A market that the tenant does not have is not found.
    pub async fn market_places(&self, who: &Principal, slug: &MarketSlug) -> Result<Arc<[NamedPlace]>> {
        let store = &self.0.store;
        if self.market_set_up(who.tenant, slug).await?.is_none() {
            return Ok(Arc::default());
        }
        let size = size_class(self.part(who.tenant, slug).await?.len());
        let key = PlacesKey { tenant: who.tenant, market: slug.clone(), size };
        let make = async || {
            let cells = store.listings_named_cells(who.tenant, slug, MOST_CELLS).await?;
            self.compute(move || named(&cells).into()).await
        };
        self.0.caches.places.get_or_load(&key, &[], make).await
    }
}

/// Of which market names are kept, and how large it was.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PlacesKey {
    tenant: TenantId,
    market: MarketSlug,
    size: u8,
}

/// Changes when a number of homes has changed by about a tenth.
fn size_class(homes: usize) -> u8 {
    (8.0 * (homes as f64 + 1.0).log2()) as u8
}

/// About how many bytes names take in memory.
pub(crate) fn memory_bytes(places: &[NamedPlace]) -> usize {
    size_of_val(places) + places.iter().map(|place| place.name.len()).sum::<usize>()
}

/// The names in the cells, those of most homes first.
fn named(cells: &[NamedCell]) -> Vec<NamedPlace> {
    let mut all = Vec::new();
    for kind in PlaceKind::ALL {
        let mut found = of_kind(kind, cells);
        found.sort_unstable_by(by_homes);
        found.truncate(MOST_NAMES);
        all.append(&mut found);
    }
    all.sort_unstable_by(by_homes);
    all
}

fn by_homes(a: &NamedPlace, b: &NamedPlace) -> std::cmp::Ordering {
    b.homes.cmp(&a.homes).then_with(|| a.kind.cmp(&b.kind)).then_with(|| a.name.cmp(&b.name))
}

/// What is known of a name.
#[derive(Default)]
struct Gathered<'a> {
    homes: u64,
    spellings: HashMap<&'a str, u64>,
    cells: Vec<(Point, u64)>,
}

fn of_kind(kind: PlaceKind, cells: &[NamedCell]) -> Vec<NamedPlace> {
    let mut names: HashMap<String, Gathered<'_>> = HashMap::new();
    for cell in cells {
        let Some(name) = name_in(kind, cell) else { continue };
        let one = names.entry(name.to_lowercase()).or_default();
        one.homes += cell.homes;
        *one.spellings.entry(name).or_default() += cell.homes;
        one.cells.push((cell.middle, cell.homes));
    }
    let place = |Gathered { homes, spellings, mut cells }: Gathered<'_>| {
        let name = spellings.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)))?.0.to_owned();
        let latitude = median(&mut cells, homes, |point| point.latitude)?;
        let longitude = median(&mut cells, homes, |point| point.longitude)?;
        Some(NamedPlace { kind, name, place: Point::new(latitude, longitude)?, homes })
    };
    names.into_values().filter(|one| one.homes >= LEAST_HOMES).filter_map(place).collect()
}

/// The name in a cell, of a postal code without what the US puts behind it to tell streets apart: 98033-1234 is in 98033.
fn name_in(kind: PlaceKind, cell: &NamedCell) -> Option<&str> {
    let name = match kind {
        PlaceKind::City => cell.city.as_deref(),
        PlaceKind::PostalCode => cell.postal_code.as_deref(),
    };
    let name = name?.trim();
    let are_digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|byte| byte.is_ascii_digit());
    let name = match (kind, name.split_once('-')) {
        (PlaceKind::PostalCode, Some((area, rest))) if are_digits(area, 5) && are_digits(rest, 4) => area,
        _ => name,
    };
    (!name.is_empty()).then_some(name)
}

/// The lower median over `homes` homes, each of which counts as standing in the middle of its cell.
fn median(cells: &mut [(Point, u64)], homes: u64, of: impl Fn(Point) -> f64) -> Option<f64> {
    cells.sort_unstable_by(|(a, _), (b, _)| of(*a).total_cmp(&of(*b)));
    let mut below = 0;
    let middle = cells.iter().find(|(_, count)| {
        below += count;
        2 * below >= homes
    });
    // About a metre: more digits would say nothing.
    middle.map(|(point, _)| (of(*point) * 1e5).round() / 1e5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(city: &str, postal_code: &str, homes: u64, (latitude, longitude): (f64, f64)) -> NamedCell {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        NamedCell { city: text(city), postal_code: text(postal_code), homes, middle: Point { latitude, longitude } }
    }

    fn check(cells: &[NamedCell], expected: &[(&str, &str, u64)]) {
        let found = named(cells);
        let found: Vec<_> = found.iter().map(|one| (one.kind.as_str(), one.name.as_str(), one.homes)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_name_has_the_spelling_of_most_homes() {
        let here = (47.7, -122.2);
        check(
            &[
                cell("KIRKLAND", "98033-1234", 3, here),
                cell(" Kirkland ", "98033", 4, here),
                cell("Kirkland", "98034-1", 3, here),
            ],
            &[("city", "Kirkland", 10), ("postal_code", "98033", 7), ("postal_code", "98034-1", 3)],
        );
    }

    #[test]
    fn a_name_of_few_homes_or_none_at_all_is_left_out() {
        let here = (47.7, -122.2);
        check(&[cell("Kirkland", "", 2, here), cell(" ", "1", 9, here)], &[("postal_code", "1", 9)]);
        check(&[], &[]);
    }

    #[test]
    fn at_most_so_many_of_each_kind_are_named_the_largest() {
        let cells: Vec<_> = (0..600).map(|n| cell(&format!("c{n}"), &format!("{n}"), 10 + n, (1.0, 2.0))).collect();
        let found = named(&cells);
        assert_eq!(found.len(), 2 * MOST_NAMES);
        assert!(found.is_sorted_by(|a, b| a.homes >= b.homes));
        assert_eq!((found[0].name.as_str(), found[999].homes), ("c599", 110));
    }

    #[test]
    fn homes_with_a_wrong_place_do_not_move_a_name() {
        let near = [(47.70, -122.20, 40), (47.71, -122.19, 30), (47.69, -122.21, 31)];
        let mut cells: Vec<_> = near.iter().map(|&(lat, lon, homes)| cell("Kirkland", "", homes, (lat, lon))).collect();
        cells.push(cell("Kirkland", "", 9, (0.0, 0.0)));
        cells.push(cell("Kirkland", "", 9, (47.7, 122.2)));
        assert_eq!(named(&cells)[0].place, Point { latitude: 47.70, longitude: -122.20 });
    }
}

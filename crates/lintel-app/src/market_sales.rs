//! What the homes of a market sold for, month by month: of the whole market, or of an area that somebody drew.

use lintel_domain::{
    clock::Time,
    market::MarketSlug,
    money::{Currency, Money},
    month::Month,
    place::Region,
};
use lintel_store::listing::Measured;

use crate::{App, Error, Principal, Result};

/// A median of fewer sales is not told: it would be next to the price of a single home, and moves with each.
pub const LEAST_SALES: usize = 5;
/// Months in an answer when no first one is named, and the most.
const MONTHS: i32 = 36;
const MOST_MONTHS: i32 = 120;
/// The most sales that one answer is made from: those of the area's box in the case of an area.
const MOST_SALES: usize = 200_000;
/// The most corners of an area. Each sale of its box is held against each edge.
const MOST_CORNERS: usize = 1_000;
/// Sales read from the store at once.
const PAGE: u32 = 5_000;

/// Which sales.
#[derive(Clone, Debug)]
pub struct MarketSalesRequest {
    /// Where.
    pub market: MarketSlug,
    /// Only inside this area; a home without coordinates is in no area.
    pub polygon: Option<Region>,
    /// The first month; 35 before the last when absent.
    pub from: Option<Month>,
    /// The last month, included; the present one when absent.
    pub to: Option<Month>,
}

/// Sales month by month.
#[derive(Clone, Debug, PartialEq)]
pub struct MarketSales {
    /// ISO 4217.
    pub currency: String,
    /// Each month of the span, in order of time, those without a sale among them.
    pub months: Vec<MonthSales>,
}

/// The sales of one month. A median is of at least [`LEAST_SALES`] values, else it is absent.
#[derive(Clone, Debug, PartialEq)]
pub struct MonthSales {
    /// Which month, by the day of the sale.
    pub month: Month,
    /// Sales with a price.
    pub sales: usize,
    /// Those whose living area is known: what the median of price per square foot is of.
    pub with_area: usize,
    /// Those of which it is known how long they were on the market.
    pub with_days: usize,
    /// The median of the prices.
    pub price: Option<Money>,
    /// The median of price over living area, in major units per square foot.
    pub price_per_sqft: Option<f64>,
    /// The median of the days from coming on the market to the sale.
    pub days_on_market: Option<f64>,
}

impl App {
    /// Sales of a market by month, from the store: what is written is in the next answer.
    pub async fn market_sales(&self, who: &Principal, request: MarketSalesRequest) -> Result<MarketSales> {
        let MarketSalesRequest { market, polygon, from, to } = request;
        let set_up = self.market_set_up(who.tenant, &market).await?;
        let currency = set_up.map_or(Currency::USD, |market| market.currency);
        let present = Month::of(self.clock().now().day());
        let last = to.or(present).ok_or_else(|| Error::internal("the clock is out of range"))?;
        let first = from.unwrap_or_else(|| last.plus(1 - MONTHS));
        check(first, last, polygon.as_ref())?;
        let area = if polygon.is_some() { "/polygon" } else { "/from" };
        let (days, bounds) = (first.first_day()..last.plus(1).first_day(), polygon.as_ref().map(Region::bounds));
        let mut tally = Tally::new(first, last, polygon);
        let (mut after, mut read) = (None, 0);
        loop {
            let page = self.0.store.listings_sold(who.tenant, &market, days.clone(), bounds, after, PAGE).await?;
            after = page.last().map(|sale| sale.id);
            let is_last = page.len() < PAGE as usize;
            read += page.len();
            if read > MOST_SALES {
                let detail = format!("more than {MOST_SALES} sales: ask for a smaller area or fewer months");
                return Err(Error::invalid(area, "too_many", detail));
            }
            tally = self.compute(move || tally.with(&page)).await?;
            if is_last {
                break;
            }
        }
        let months = self.compute(move || tally.months()).await?;
        Ok(MarketSales { currency: currency.code().to_owned(), months })
    }
}

/// A span of 1 to 120 months, and an area of not too many corners.
fn check(first: Month, last: Month, polygon: Option<&Region>) -> Result<()> {
    if first > last {
        return Err(Error::invalid("/from", "crossed", "from must not be later than to"));
    }
    if last.since(first) >= MOST_MONTHS {
        return Err(Error::invalid("/from", "too_many", format!("at most {MOST_MONTHS} months")));
    }
    let corners = |region: &Region| region.polygons().iter().flatten().map(Vec::len).sum::<usize>();
    if polygon.is_some_and(|region| corners(region) > MOST_CORNERS) {
        return Err(Error::invalid("/polygon", "too_many", format!("must have at most {MOST_CORNERS} corners")));
    }
    Ok(())
}

/// The values of each month so far.
struct Tally {
    first: Month,
    polygon: Option<Region>,
    /// The first day of each month.
    starts: Vec<i32>,
    values: Vec<Values>,
}

/// What the medians of one month are of.
#[derive(Clone, Default)]
struct Values {
    prices: Vec<f64>,
    per_sqft: Vec<f64>,
    days: Vec<f64>,
}

impl Tally {
    fn new(first: Month, last: Month, polygon: Option<Region>) -> Self {
        let months = last.since(first) + 1;
        let starts: Vec<i32> = (0..months).map(|month| first.plus(month).first_day().0).collect();
        Self { first, polygon, values: vec![Values::default(); starts.len()], starts }
    }

    /// With more sales, of days that are all in the span.
    fn with(mut self, sales: &[Measured]) -> Self {
        for sale in sales {
            let (Some(price), Some(closed)) = (sale.close_price, sale.close_date) else { continue };
            let is_inside = |region: &Region| sale.place.is_some_and(|place| region.contains(place));
            if !self.polygon.as_ref().is_none_or(is_inside) {
                continue;
            }
            let month = self.starts.partition_point(|start| *start <= closed.0);
            let Some(values) = month.checked_sub(1).and_then(|month| self.values.get_mut(month)) else { continue };
            values.prices.push(price.0 as f64);
            let area = sale.living_area_sqft.filter(|area| area.is_finite() && *area > 0.0);
            values.per_sqft.extend(area.map(|area| price.major() / area));
            let counted = sale.listed_at.map(Time::day).map(|listed| closed.0.saturating_sub(listed.0).max(0));
            values.days.extend(counted.or(sale.days_on_market).map(f64::from));
        }
        self
    }

    fn months(self) -> Vec<MonthSales> {
        let month = |(n, mut values): (i32, Values)| MonthSales {
            month: self.first.plus(n),
            sales: values.prices.len(),
            with_area: values.per_sqft.len(),
            with_days: values.days.len(),
            price: median(&mut values.prices).map(|hundredths| Money(hundredths.round() as i64)),
            price_per_sqft: median(&mut values.per_sqft),
            days_on_market: median(&mut values.days),
        };
        (0..).zip(self.values).map(month).collect()
    }
}

/// The middle value, or the mean of the two in the middle; `None` of fewer than [`LEAST_SALES`].
fn median(values: &mut [f64]) -> Option<f64> {
    if values.len() < LEAST_SALES {
        return None;
    }
    values.sort_unstable_by(f64::total_cmp);
    let half = values.len() / 2;
    Some(if values.len() % 2 == 1 { values[half] } else { f64::midpoint(values[half - 1], values[half]) })
}

#[cfg(test)]
mod tests {
    use lintel_domain::{
        clock::{DAY, Day},
        id::ListingId,
        listing::Status,
        place::Point,
    };

    use super::*;

    fn sale(day: &str, price: i64, longitude: Option<f64>) -> Measured {
        let closed: Day = day.parse().unwrap();
        Measured {
            id: ListingId(uuid::Uuid::nil()),
            status: Status::Closed,
            property_type: None,
            list_price: None,
            close_price: Some(Money(price * 100)),
            close_date: Some(closed),
            listed_at: Some(closed.start().plus(-10 * DAY)),
            days_on_market: Some(99),
            living_area_sqft: Some(1_000.0),
            place: longitude.map(|longitude| Point { latitude: 1.0, longitude }),
        }
    }

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn each_sale_counts_in_its_month_and_a_median_is_of_five() {
        let mut sales: Vec<Measured> =
            (1..=6).map(|n| sale(&format!("2024-02-{:02}", n * 4 + 5), n * 100, None)).collect();
        sales.extend([sale("2024-01-31", 1, None), sale("2024-03-01", 3, None), sale("2023-12-31", 9, None)]);
        let months = Tally::new(month("2024-01"), month("2024-03"), None).with(&sales).months();
        let told: Vec<_> = months.iter().map(|one| (one.month.to_string(), one.sales, one.price)).collect();
        let (january, february, march) = ("2024-01".to_owned(), "2024-02".to_owned(), "2024-03".to_owned());
        assert_eq!(told, [(january, 1, None), (february, 6, Some(Money(35_000))), (march, 1, None)]);
        assert_eq!((months[1].price_per_sqft, months[1].days_on_market), (Some(0.35), Some(10.0)));
    }

    #[test]
    fn a_median_is_of_what_is_known() {
        let mut sales: Vec<Measured> = (1..=5).map(|n| sale("2024-02-05", n * 100, None)).collect();
        sales[0].living_area_sqft = Some(0.0);
        sales[1].listed_at = None;
        let months = Tally::new(month("2024-02"), month("2024-02"), None).with(&sales).months();
        assert_eq!((months[0].sales, months[0].with_area, months[0].with_days), (5, 4, 5));
        assert_eq!((months[0].price, months[0].price_per_sqft), (Some(Money(30_000)), None));
    }

    #[test]
    fn an_area_has_its_edge_and_no_home_without_a_place() {
        let square: Region = serde_json::from_str("[[0,0],[2,0],[2,2],[0,2]]").unwrap();
        let sales = [Some(0.0), Some(1.0), Some(2.0), Some(2.1), None].map(|at| sale("2024-02-05", 100, at));
        let months = Tally::new(month("2024-02"), month("2024-02"), Some(square)).with(&sales).months();
        assert_eq!(months[0].sales, 3);
    }

    #[test]
    fn spans_are_bounded() {
        assert!(check(month("2015-01"), month("2024-12"), None).is_ok());
        assert!(check(month("2014-12"), month("2024-12"), None).is_err());
        assert!(check(month("2025-01"), month("2024-12"), None).is_err());
    }
}

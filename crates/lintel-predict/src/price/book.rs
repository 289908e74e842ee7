//! A price model with the sales it compares with, in one artefact: prices any home by itself.

use lintel_domain::clock::Day;
use serde::{Deserialize, Serialize};

use super::estimate::{Parts, Wanted};
use super::home::{Home, SaleRecord};
use super::model::PriceModel;
use super::ratio::RatioStudy;
use super::sales::{Sale, SalesIndex};
use super::train::{PriceOptions, train_price};
use super::validate::Validation;
use crate::error::{Error, Result};
use crate::fields::Warning;
use crate::learn::artefact::{self, ArtefactKind};
use crate::learn::metrics::median;

/// A home with the price it brought, as a file tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct BookSale {
    /// The home's key: sales of one home share it. Without keys the row's number will do.
    pub key: String,
    /// The price, in any unit; to be learnt from it must be positive and finite.
    pub price: f64,
    /// The day it was paid, or `None` when nobody noted it.
    pub day: Option<Day>,
    /// The home as it was sold.
    pub home: Home,
}

/// The likely price of a home, without a wall around what was sold.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The median of what it would bring, in the unit of the prices learnt from.
    pub value: f64,
    /// Lower and upper end of the 80 % interval.
    pub interval80: (f64, f64),
    /// Lower and upper end of the 95 % interval.
    pub interval95: (f64, f64),
    /// Natural logarithm of where the contributions start from.
    pub base: f64,
    /// What each feature adds to the logarithm: base plus their sum is `ln(value)`.
    pub contributions: Vec<(String, f64)>,
}

/// A price model and its sales.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceBook {
    model: PriceModel,
    index: SalesIndex,
}

/// A book and what was found on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedBook {
    /// The book.
    pub book: PriceBook,
    /// Which sales were not learnt from, and why; flips.
    pub validation: Validation,
    /// Attributes left out or kept with care.
    pub warnings: Vec<Warning>,
}

#[derive(Deserialize)]
struct Stored {
    model: Vec<u8>,
    sales: Vec<Sale>,
}

#[derive(Serialize)]
struct Storing<'a> {
    model: &'a [u8],
    sales: &'a [Sale],
}

impl PriceBook {
    /// Learns from sales; fails with [`Error::InsufficientData`] below
    /// [`MIN_SALES`](super::train::MIN_SALES) of them.
    ///
    /// Sales without a day count as sold on the median day of the others.
    pub fn learn(sales: &[BookSale], options: &PriceOptions) -> Result<LearnedBook> {
        let days: Vec<f64> = sales.iter().filter_map(|sale| sale.day).map(|day| f64::from(day.0)).collect();
        let middle = if days.is_empty() { Day(0) } else { Day(median(&days) as i32) };
        let records: Vec<SaleRecord> = sales
            .iter()
            .map(|sale| SaleRecord {
                key: sale.key.clone(),
                close_price: sale.price,
                close_date: sale.day.unwrap_or(middle),
                home: sale.home.clone(),
            })
            .collect();
        let trained = train_price(&records, options)?;
        let learnt = records.into_iter().zip(&trained.validation.faults).filter(|(_, fault)| fault.is_none());
        let index = SalesIndex::build(&trained.model, learnt.map(|(record, _)| record))?;
        Ok(LearnedBook {
            book: Self { model: trained.model, index },
            validation: trained.validation,
            warnings: trained.warnings,
        })
    }

    /// Prices a home on a day; without one on the day after the last sale.
    ///
    /// Compares with sales of earlier days only. Never refuses: what is unknown is missing, and
    /// what is unlike every sale gets the price of the nearest kind.
    pub fn predict(&self, home: &Home, day: Option<Day>) -> Result<Prediction> {
        let as_of = day.unwrap_or(Day(self.model.level.last_day().0.saturating_add(1)));
        let before = Day(as_of.0.saturating_sub(1));
        let wanted = Wanted { comparables: 0, reasons: true };
        let found = self.model.appraise(&self.index, home, as_of, before, wanted)?;
        let value = found.log_value.exp();
        let interval = found.interval;
        Ok(Prediction {
            value,
            interval80: (interval.lower80.exp().min(value), interval.upper80.exp().max(value)),
            interval95: (interval.lower95.exp().min(value), interval.upper95.exp().max(value)),
            base: found.base,
            contributions: found.parts.map(Parts::into_pairs).unwrap_or_default(),
        })
    }

    /// The model.
    pub fn model(&self) -> &PriceModel {
        &self.model
    }

    /// What it measured on sales that it had not seen.
    pub fn study(&self) -> &RatioStudy {
        self.model.study()
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let model = self.model.to_bytes()?;
        artefact::write(ArtefactKind::PriceBook, &Storing { model: &model, sales: &self.index.sales })
    }

    /// Reads the stored form; anything damaged is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let stored: Stored = artefact::read(ArtefactKind::PriceBook, bytes)?;
        let model = PriceModel::from_bytes(&stored.model)?;
        if stored.sales.iter().any(|sale| !sale.is_sound()) {
            return Err(Error::Artefact("a sale in it makes no sense".into()));
        }
        Ok(Self { model, index: SalesIndex::of(stored.sales) })
    }
}

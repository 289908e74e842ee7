//! The sales of a market made ready for learning: what does not depend on the day of training.

use lintel_domain::clock::Day;

use super::comparable::{Subject, compare};
use super::feature::{HomeFeature, cells, metres, values};
use super::home::{SaleRecord, mark};
use super::level::{Level, LevelAt};
use super::measure::Forecast;
use super::mix::Mix;
use super::nearby::{Asked, Nearby};
use super::sales::{Sale, SalesIndex, plane_of};
use super::season::Hemisphere;
use super::train::PriceOptions;
use crate::error::Result;
use crate::learn::metrics::median;
use crate::learn::model::Labels;
use crate::learn::progress::Progress;
use crate::learn::split::{Split, folds};
use crate::learn::table::{Column, Schema, Table};

/// The sales with everything that does not depend on the day of training.
pub(crate) struct Ground<'a> {
    pub(crate) options: &'a PriceOptions,
    pub(crate) sales: &'a [SaleRecord],
    pub(crate) days: Vec<Day>,
    pub(crate) log_prices: Vec<f64>,
    groups: Vec<u64>,
    points: Vec<Option<(f32, f32)>>,
    pub(crate) hemisphere: Hemisphere,
    /// Folds by home.
    pub(crate) splits: Vec<Split>,
    pub(crate) structure_features: Vec<HomeFeature>,
    pub(crate) structure_table: Table,
    pub(crate) features: Vec<HomeFeature>,
}

impl<'a> Ground<'a> {
    pub(crate) fn new(sales: &'a [SaleRecord], columns: &[Column], options: &'a PriceOptions) -> Result<Self> {
        let structure_features = HomeFeature::structure(columns);
        let mut features = structure_features.clone();
        features.extend(HomeFeature::place());
        let plane = plane_of(sales);
        let mut table = table_for(&structure_features)?;
        for sale in sales {
            let values = values(&structure_features, &sale.home, None, &Nearby::default());
            table.push_row(&cells(&values))?;
        }
        let groups: Vec<u64> = sales.iter().map(|sale| mark(&sale.key)).collect();
        Ok(Self {
            days: sales.iter().map(|sale| sale.close_date).collect(),
            log_prices: sales.iter().map(|sale| sale.close_price.ln()).collect(),
            hemisphere: plane.hemisphere(),
            points: sales.iter().map(|sale| metres(&sale.home, &plane)).collect(),
            splits: folds(sales.len(), Some(&groups), options.folds, options.boost.seed),
            groups,
            structure_table: table,
            structure_features,
            features,
            options,
            sales,
        })
    }

    pub(crate) fn labels<'b>(&'b self, targets: &'b [f64]) -> Labels<'b> {
        Labels { targets, weights: None, groups: Some(&self.groups), times: None, words: None }
    }

    /// Log prices without the market level.
    pub(crate) fn adjusted(&self, level: &Level) -> Vec<f64> {
        self.days.iter().zip(&self.log_prices).map(|(day, price)| price - level.at(*day).level).collect()
    }

    pub(crate) fn index(&self, level: &Level, unexplained: &[f64]) -> SalesIndex {
        let sales = self
            .sales
            .iter()
            .zip(&self.points)
            .zip(unexplained)
            .map(|((sale, at), rest)| Sale::of(sale, *at, level, rest - level.at(sale.close_date).level))
            .collect();
        SalesIndex::of(sales)
    }

    /// The features of all sales; of those after the day `last`, as a model of that day would have them.
    pub(crate) fn table(&self, index: &SalesIndex, last: Option<Day>) -> Result<Table> {
        let after = last.map_or(Day(i32::MAX), |last| Day(last.0.saturating_add(1)));
        let mut table = table_for(&self.features)?;
        for (row, sale) in self.sales.iter().enumerate() {
            let shape = index.sales[row].shape;
            let asked = Asked { at: self.points[row], day: self.days[row].min(after), key: Some(&sale.key), shape };
            let nearby = index.nearby(&asked);
            let values = values(&self.features, &sale.home, self.points[row], &nearby);
            table.push_row(&cells(&values))?;
        }
        Ok(table)
    }

    /// Predicts later sales as a model of the split's last day would have: level, trees, neighbours and comparables
    /// from before, none from between.
    pub(crate) fn forecast(
        &self,
        split: &Split,
        unexplained: &[f64],
        mix: &Mix,
        progress: &Progress,
    ) -> Result<Vec<Forecast>> {
        progress.check()?;
        let held_out = &mix.held_out;
        let pick = |values: &[f64]| -> Vec<f64> { split.train.iter().map(|r| values[*r]).collect() };
        let days: Vec<Day> = split.train.iter().map(|row| self.days[*row]).collect();
        let level = Level::learn(&days, &pick(&minus(&self.log_prices, held_out)), self.hemisphere);
        let adjusted = self.adjusted(&level);
        let bias = median(&pick(&minus(&adjusted, held_out)));
        let mut index = self.index(&level, unexplained);
        let last = days.iter().max().copied().unwrap_or_default();
        let table = self.table(&index, Some(last))?;
        let groups: Vec<u64> = split.train.iter().map(|row| self.groups[*row]).collect();
        let targets = pick(&adjusted);
        let labels = Labels { targets: &targets, weights: None, groups: Some(&groups), times: None, words: None };
        let trees = mix.learn(&table.select(&split.train), labels, 1, progress)?;
        let predicted = trees.predict_table(&table)?;
        for row in 0..self.sales.len() {
            index.sales[row].residual = (adjusted[row] - held_out[row] - bias) as f32;
        }
        Ok(split
            .valid
            .iter()
            .map(|row| {
                let at = level.at(self.days[*row]);
                let home = &self.sales[*row].home;
                let subject = Subject {
                    at: self.points[*row],
                    as_of: self.days[*row],
                    predicted: predicted[*row] + bias + at.level,
                    level: at.level,
                    log_area: home.area().map_or(f64::NAN, f64::ln),
                    year: home.year_built.map_or(f64::NAN, f64::from),
                };
                Forecast {
                    row: *row,
                    day: self.days[*row],
                    known: Some(last),
                    price: self.log_prices[*row],
                    predicted: subject.predicted,
                    shift: compare(&index, &level, &subject, 0, last).shift,
                    level: at,
                }
            })
            .collect())
    }

    pub(crate) fn folds_as_forecasts(&self, residuals: &[f64]) -> Vec<Forecast> {
        residuals
            .iter()
            .enumerate()
            .map(|(row, residual)| Forecast {
                row,
                day: self.days[row],
                known: None,
                price: self.log_prices[row],
                predicted: self.log_prices[row] - residual,
                shift: 0.0,
                level: LevelAt { level: 0.0, variance: 0.0 },
            })
            .collect()
    }
}

fn table_for(features: &[HomeFeature]) -> Result<Table> {
    Ok(Table::new(Schema::new(features.iter().map(HomeFeature::column).collect())?))
}

/// Element by element.
pub(crate) fn minus(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

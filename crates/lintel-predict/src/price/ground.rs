//! The sales of a market made ready for learning: what does not depend on the day of training.

use lintel_domain::clock::Day;

use super::comparable::{Subject, compare};
use super::feature::{HomeFeature, cells, metres, values};
use super::home::{SaleRecord, mark};
use super::level::{Level, LevelAt};
use super::measure::Forecast;
use super::nearby::{Asked, Nearby};
use super::sales::{Sale, SalesIndex, plane_of};
use super::season::Hemisphere;
use super::train::PriceOptions;
use crate::error::Result;
use crate::learn::boost::BoostOptions;
use crate::learn::metrics::median;
use crate::learn::model::{Labels, TreeModel};
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
        Labels { targets, weights: None, groups: Some(&self.groups) }
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

    pub(crate) fn table(&self, index: &SalesIndex) -> Result<Table> {
        let mut table = table_for(&self.features)?;
        for (row, sale) in self.sales.iter().enumerate() {
            let shape = index.sales[row].shape;
            let asked = Asked { at: self.points[row], day: self.days[row], key: Some(&sale.key), shape };
            let nearby = index.nearby(&asked);
            let values = values(&self.features, &sale.home, self.points[row], &nearby);
            table.push_row(&cells(&values))?;
        }
        Ok(table)
    }

    /// Predicts later sales as the product would have: level, trees and comparables from before.
    pub(crate) fn forecast(
        &self,
        split: &Split,
        unexplained: &[f64],
        held_out: &[f64],
        rounds: usize,
    ) -> Result<Vec<Forecast>> {
        let pick = |values: &[f64]| -> Vec<f64> { split.train.iter().map(|r| values[*r]).collect() };
        let days: Vec<Day> = split.train.iter().map(|row| self.days[*row]).collect();
        let level = Level::learn(&days, &pick(&minus(&self.log_prices, held_out)), self.hemisphere);
        let adjusted = self.adjusted(&level);
        let bias = median(&pick(&minus(&adjusted, held_out)));
        let mut index = self.index(&level, unexplained);
        let table = self.table(&index)?;
        let groups: Vec<u64> = split.train.iter().map(|row| self.groups[*row]).collect();
        let trees = TreeModel::learn(
            &table.select(&split.train),
            Labels { targets: &pick(&adjusted), weights: None, groups: Some(&groups) },
            &BoostOptions { rounds, ..self.options.boost.clone() },
            1,
        )?;
        let predicted = trees.predict_table(&table)?;
        for row in 0..self.sales.len() {
            index.sales[row].residual = (adjusted[row] - held_out[row] - bias) as f32;
        }
        for row in &split.valid {
            index.sales[*row].residual = (adjusted[*row] - predicted[*row] - bias) as f32;
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
                let before = Day(self.days[*row].0.saturating_sub(1));
                Forecast {
                    row: *row,
                    price: self.log_prices[*row],
                    predicted: subject.predicted,
                    shift: compare(&index, &level, &subject, 0, before).shift,
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

//! Trains a home-price model from the sales of a market, and measures it on later ones.

use lintel_domain::clock::Day;

use super::comparable::{Subject, compare};
use super::estimate::scale;
use super::feature::{HomeFeature, attributes, cells, metres, values};
use super::home::{SaleRecord, mark};
use super::level::{Level, LevelAt};
use super::measure::{Forecast, best_blend, study};
use super::model::PriceModel;
use super::sales::{Nearby, Sale, SalesIndex, plane_of};
use super::support::Support;
use super::validate::{Validation, validate};
use crate::error::{Error, Result};
use crate::fields::Warning;
use crate::learn::boost::BoostOptions;
use crate::learn::interval::{Conformal, dispersion_targets};
use crate::learn::loss::Loss;
use crate::learn::metrics::median;
use crate::learn::model::{Labels, TreeModel, cross_fit};
use crate::learn::split::{Split, folds, forward};
use crate::learn::table::{Column, Schema, Table};

/// The fewest market sales that a price may rest on.
pub const MIN_SALES: usize = 200;

/// Settings of training.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceOptions {
    /// Attributes to leave out.
    pub exclude: Vec<String>,
    /// Settings of the trees; `rounds` is the most that cross-validation may choose.
    pub boost: BoostOptions,
    /// Folds of cross-validation.
    pub folds: usize,
    /// How many forests are averaged.
    pub bags: usize,
    /// Share of the latest sales that are predicted from earlier ones to measure the model.
    pub measured_share: f64,
    /// In how many steps that happens.
    pub origins: usize,
}

impl Default for PriceOptions {
    fn default() -> Self {
        Self {
            exclude: Vec::new(),
            boost: BoostOptions {
                loss: Loss::Huber { delta: 0.3 },
                rounds: 500,
                learning_rate: 0.06,
                max_leaves: 24,
                max_depth: 8,
                min_child_rows: 8,
                l2: 2.0,
                row_share: 0.8,
                feature_share: 0.6,
                patience: Some(30),
                ..BoostOptions::default()
            },
            folds: 5,
            bags: 1,
            measured_share: 0.25,
            origins: 3,
        }
    }
}

/// A model and what was found on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedPrice {
    /// The model.
    pub model: PriceModel,
    /// Which sales were not learnt from, and why; flips.
    pub validation: Validation,
    /// Attributes left out or kept with care.
    pub warnings: Vec<Warning>,
}

/// Trains on the sales of one market; fails with [`Error::InsufficientData`] below [`MIN_SALES`].
pub fn train_price(sales: &[SaleRecord], options: &PriceOptions) -> Result<TrainedPrice> {
    let validation = validate(sales);
    let market: Vec<SaleRecord> = sales
        .iter()
        .zip(&validation.faults)
        .filter(|(_, fault)| fault.is_none())
        .map(|(sale, _)| sale.clone())
        .collect();
    if market.len() < MIN_SALES {
        return Err(Error::InsufficientData { rows: market.len(), needed: MIN_SALES, what: "market sales" });
    }
    let (columns, warnings) = attributes(&market, &options.exclude);
    let ground = Ground::new(&market, &columns, options)?;
    let model = ground.train()?;
    Ok(TrainedPrice { model, validation, warnings })
}

/// The sales with everything that does not depend on the day of training.
struct Ground<'a> {
    options: &'a PriceOptions,
    sales: &'a [SaleRecord],
    days: Vec<Day>,
    log_prices: Vec<f64>,
    groups: Vec<u64>,
    points: Vec<Option<(f32, f32)>>,
    splits: Vec<Split>,
    structure_features: Vec<HomeFeature>,
    structure_table: Table,
    features: Vec<HomeFeature>,
}

impl<'a> Ground<'a> {
    fn new(sales: &'a [SaleRecord], columns: &[Column], options: &'a PriceOptions) -> Result<Self> {
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

    fn labels<'b>(&'b self, targets: &'b [f64]) -> Labels<'b> {
        Labels { targets, weights: None, groups: Some(&self.groups) }
    }

    fn train(&self) -> Result<PriceModel> {
        let rounds = |rounds: usize| BoostOptions { rounds, ..self.options.boost.clone() };
        // What structure alone explains leaves the market level and the premium of the place.
        let small = BoostOptions { max_leaves: 16, learning_rate: 0.1, rounds: 200, ..self.options.boost.clone() };
        let first = cross_fit(&self.structure_table, self.labels(&self.log_prices), &self.splits, &small)?;
        let unexplained = minus(&self.log_prices, &first.held_out);
        let level = Level::learn(&self.days, &unexplained);
        let adjusted = self.adjusted(&level);
        let structure = TreeModel::learn(
            &self.structure_table,
            self.labels(&adjusted),
            &BoostOptions { rounds: first.rounds, ..small },
            1,
        )?;
        // With the place known, what is left is the market level with far less noise around it.
        let table = self.table(&self.index(&level, &unexplained))?;
        let fit = cross_fit(&table, self.labels(&adjusted), &self.splits, &self.options.boost)?;
        let rest = minus(&self.log_prices, &fit.held_out);
        let level = Level::learn(&self.days, &rest);
        let adjusted = self.adjusted(&level);
        let bias = median(&minus(&adjusted, &fit.held_out));
        let residuals: Vec<f64> = minus(&adjusted, &fit.held_out).iter().map(|rest| rest - bias).collect();
        let index = self.index(&level, &unexplained);
        let table = self.table(&index)?;
        let trees = TreeModel::learn(&table, self.labels(&adjusted), &rounds(fit.rounds), self.options.bags)?;
        let spread = dispersion_targets(&residuals);
        let gentle = BoostOptions {
            loss: Loss::Squared,
            max_leaves: 8,
            min_child_rows: 40,
            rounds: 200,
            ..self.options.boost.clone()
        };
        let spread_fit = cross_fit(&table, self.labels(&spread), &self.splits, &gentle)?;
        let dispersion =
            TreeModel::learn(&table, self.labels(&spread), &BoostOptions { rounds: spread_fit.rounds, ..gentle }, 1)?;
        let mut forecasts = Vec::new();
        let times: Vec<f64> = self.days.iter().map(|day| f64::from(day.0)).collect();
        for split in forward(&times, self.options.measured_share, self.options.origins) {
            if split.train.len() >= MIN_SALES / 2 {
                forecasts.extend(self.forecast(&split, &unexplained, &fit.held_out, fit.rounds)?);
            }
        }
        if forecasts.len() < crate::learn::interval::MIN_RESIDUALS {
            // Without enough days to look ahead the folds themselves are the measurement.
            forecasts = self.folds_as_forecasts(&residuals);
        }
        let blend = best_blend(&forecasts);
        let scales: Vec<f64> = forecasts.iter().map(|f| scale(spread_fit.held_out[f.row], &f.level)).collect();
        let errors: Vec<f64> = forecasts.iter().map(|f| f.error(blend)).collect();
        let conformal = Conformal::learn(&errors, &scales)?;
        let study = study(&forecasts, blend, &scales, &errors)?;
        let mut kept: Vec<(u64, f32, f32)> = self
            .sales
            .iter()
            .enumerate()
            .map(|(row, sale)| (sale.mark(), index.sales[row].premium, residuals[row] as f32))
            .collect();
        kept.sort_by_key(|(mark, ..)| *mark);
        let levels: f64 = self.days.iter().map(|day| level.at(*day).level).sum();
        Ok(PriceModel {
            structure_features: self.structure_features.clone(),
            structure,
            features: self.features.clone(),
            trees,
            dispersion,
            conformal,
            mean_level: levels / self.days.len() as f64,
            level,
            plane: plane_of(self.sales),
            support: Support::of(self.sales),
            bias,
            blend,
            kept,
            study,
            rows: self.sales.len(),
        })
    }

    /// Log prices without the market level.
    fn adjusted(&self, level: &Level) -> Vec<f64> {
        self.days.iter().zip(&self.log_prices).map(|(day, price)| price - level.at(*day).level).collect()
    }

    fn index(&self, level: &Level, unexplained: &[f64]) -> SalesIndex {
        let sales = self
            .sales
            .iter()
            .zip(&self.points)
            .zip(unexplained)
            .map(|((sale, at), rest)| Sale::of(sale, *at, level, rest - level.at(sale.close_date).level))
            .collect();
        SalesIndex::of(sales)
    }

    fn table(&self, index: &SalesIndex) -> Result<Table> {
        let mut table = table_for(&self.features)?;
        for (row, sale) in self.sales.iter().enumerate() {
            let nearby = index.nearby(self.points[row], self.days[row]);
            let values = values(&self.features, &sale.home, self.points[row], &nearby);
            table.push_row(&cells(&values))?;
        }
        Ok(table)
    }

    /// Predicts later sales as the product would have: level, trees and comparables from before.
    fn forecast(&self, split: &Split, unexplained: &[f64], held_out: &[f64], rounds: usize) -> Result<Vec<Forecast>> {
        let pick = |values: &[f64]| -> Vec<f64> { split.train.iter().map(|r| values[*r]).collect() };
        let days: Vec<Day> = split.train.iter().map(|row| self.days[*row]).collect();
        let level = Level::learn(&days, &pick(&minus(&self.log_prices, held_out)));
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

    fn folds_as_forecasts(&self, residuals: &[f64]) -> Vec<Forecast> {
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

fn minus(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

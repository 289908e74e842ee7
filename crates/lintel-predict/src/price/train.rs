//! Trains a home-price model from the sales of a market, and measures it on later ones.

use super::estimate::scale;
use super::feature::attributes;
use super::ground::{Ground, minus};
use super::home::SaleRecord;
use super::level::Level;
use super::measure::{Forecast, Measured, Scored, best_blend};
use super::mix::Mix;
use super::model::PriceModel;
use super::sales::{SalesIndex, plane_of};
use super::support::Support;
use super::validate::{Validation, validate};
use crate::error::{Error, Result};
use crate::fields::Warning;
use crate::learn::boost::BoostOptions;
use crate::learn::interval::{MIN_RESIDUALS, dispersion_targets};
use crate::learn::loss::Loss;
use crate::learn::metrics::median;
use crate::learn::model::{TreeModel, cross_fit};
use crate::learn::split::forward;
use crate::learn::table::Table;

/// The fewest market sales that a price may rest on.
pub const MIN_SALES: usize = 200;

/// With more market sales than this one forest is as good as the mean of several, and answers sooner.
pub const MANY_SALES: usize = 50_000;

/// About how much of the time each step takes.
mod share {
    pub(super) const STRUCTURE: f64 = 0.1;
    pub(super) const MIXING: f64 = 0.45;
    pub(super) const TRAINING: f64 = 0.15;
    pub(super) const DISPERSION: f64 = 0.1;
    pub(super) const FORECASTS: f64 = 0.2;
}

/// Settings of training.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceOptions {
    /// Attributes to leave out.
    pub exclude: Vec<String>,
    /// Settings of the trees; `rounds` is the most that cross-validation may choose.
    pub boost: BoostOptions,
    /// Folds of cross-validation.
    pub folds: usize,
    /// How many forests are averaged, up to [`MANY_SALES`]; one with more.
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
                loss: Loss::Absolute,
                rounds: 400,
                learning_rate: 0.08,
                max_leaves: 31,
                max_depth: 8,
                min_child_rows: 8,
                l2: 2.0,
                row_share: 0.8,
                feature_share: 0.6,
                patience: Some(50),
                ..BoostOptions::default()
            },
            folds: 5,
            bags: 2,
            measured_share: 0.25,
            origins: 3,
        }
    }
}

impl PriceOptions {
    /// Forests to average: they even out the luck of the drawn rows, of which there is little where there are many.
    fn bags_of(&self, rows: usize) -> usize {
        if rows > MANY_SALES { 1 } else { self.bags }
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
    let model = train(&ground)?;
    Ok(TrainedPrice { model, validation, warnings })
}

/// What structure alone explains, and what that leaves: market level and premium of the place.
struct Structure {
    model: TreeModel,
    unexplained: Vec<f64>,
    level: Level,
}

impl Structure {
    fn learn(ground: &Ground<'_>) -> Result<Self> {
        let half = ground.options.boost.part(share::STRUCTURE / 2.0);
        let small = BoostOptions { max_leaves: 16, learning_rate: 0.1, rounds: 200, ..half };
        let table = &ground.structure_table;
        let fit = cross_fit(table, ground.labels(&ground.log_prices), &ground.splits, &small)?;
        let unexplained = minus(&ground.log_prices, &fit.held_out);
        let level = Level::learn(&ground.days, &unexplained, ground.hemisphere);
        let adjusted = ground.adjusted(&level);
        let exact = BoostOptions { rounds: fit.rounds, ..small };
        Ok(Self { model: TreeModel::learn(table, ground.labels(&adjusted), &exact, 1)?, unexplained, level })
    }
}

/// The trees over everything, with the level that they leave.
struct Whole {
    trees: TreeModel,
    mix: Mix,
    level: Level,
    bias: f64,
    residuals: Vec<f64>,
    index: SalesIndex,
    table: Table,
}

impl Whole {
    fn learn(ground: &Ground<'_>, structure: &Structure) -> Result<Self> {
        let adjusted = ground.adjusted(&structure.level);
        let table = ground.table(&ground.index(&structure.level, &structure.unexplained), None)?;
        let mix =
            Mix::fit(&table, ground.labels(&adjusted), &ground.splits, &ground.options.boost.part(share::MIXING))?;
        // With the place known, what is left is the market level with far less noise around it.
        let rest = minus(&ground.log_prices, &mix.held_out);
        let level = Level::learn(&ground.days, &rest, ground.hemisphere);
        let adjusted = ground.adjusted(&level);
        let rest = minus(&adjusted, &mix.held_out);
        let bias = median(&rest);
        let index = ground.index(&level, &structure.unexplained);
        let table = ground.table(&index, None)?;
        let (bags, progress) =
            (ground.options.bags_of(table.rows()), ground.options.boost.progress.part(share::TRAINING));
        let trees = mix.learn(&table, ground.labels(&adjusted), bags, &progress)?;
        let residuals = rest.iter().map(|rest| rest - bias).collect();
        Ok(Self { trees, mix, level, bias, residuals, index, table })
    }

    /// Later sales predicted from earlier ones; where days allow none, from the folds.
    fn forecasts(&self, ground: &Ground<'_>, structure: &Structure) -> Result<Vec<Forecast>> {
        let times: Vec<f64> = ground.days.iter().map(|day| f64::from(day.0)).collect();
        let mut forecasts = Vec::new();
        let mut splits = forward(&times, ground.options.measured_share, ground.options.origins);
        splits.retain(|split| split.train.len() >= MIN_SALES / 2);
        let progress = ground.options.boost.progress.part(share::FORECASTS / splits.len().max(1) as f64);
        for split in &splits {
            forecasts.extend(ground.forecast(split, &structure.unexplained, &self.mix, &progress)?);
        }
        if forecasts.len() < MIN_RESIDUALS {
            forecasts = ground.folds_as_forecasts(&self.residuals);
        }
        Ok(forecasts)
    }
}

/// Four errors in five are smaller than this, in logarithms; cross-fitted.
///
/// The quantile that the interval needs, not the mean size: tails do not follow the middle.
fn dispersion(ground: &Ground<'_>, whole: &Whole) -> Result<(TreeModel, Vec<f64>)> {
    let targets = dispersion_targets(&whole.residuals);
    let gentle = BoostOptions {
        loss: Loss::Quantile { level: 0.8 },
        learning_rate: 0.06,
        max_leaves: 8,
        min_child_rows: 40,
        rounds: 300,
        ..ground.options.boost.part(share::DISPERSION / 2.0)
    };
    let fit = cross_fit(&whole.table, ground.labels(&targets), &ground.splits, &gentle)?;
    let exact = BoostOptions { rounds: fit.rounds, ..gentle };
    Ok((TreeModel::learn(&whole.table, ground.labels(&targets), &exact, 1)?, fit.held_out))
}

fn train(ground: &Ground<'_>) -> Result<PriceModel> {
    let structure = Structure::learn(ground)?;
    let whole = Whole::learn(ground, &structure)?;
    let (dispersion, spread) = dispersion(ground, &whole)?;
    let forecasts = whole.forecasts(ground, &structure)?;
    let blend = best_blend(&forecasts);
    let scales = forecasts.iter().map(|f| scale(spread[f.row], &f.level)).collect();
    let scored = Scored { forecasts: &forecasts, blend, scales };
    let measured = Measured::of(&scored.trials(), ground.options.boost.seed)?;
    let conformal = scored.conformal()?;
    let known = ground.sales.iter().zip(&whole.index.sales).zip(&whole.residuals);
    let mut kept: Vec<(u64, f32, f32)> =
        known.map(|((sale, known), residual)| (sale.mark(), known.premium, *residual as f32)).collect();
    kept.sort_by_key(|(mark, ..)| *mark);
    let levels: f64 = ground.days.iter().map(|day| whole.level.at(*day).level).sum();
    Ok(PriceModel {
        structure_features: ground.structure_features.clone(),
        structure: structure.model,
        features: ground.features.clone(),
        trees: whole.trees,
        dispersion,
        conformal,
        mean_level: levels / ground.days.len() as f64,
        level: whole.level,
        plane: plane_of(ground.sales),
        support: Support::of(ground.sales),
        bias: whole.bias,
        blend,
        kept,
        measured,
        rows: ground.sales.len(),
    })
}

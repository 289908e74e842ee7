//! A trained home-price model and its stored form.

use serde::{Deserialize, Serialize};

use super::confidence::{Confidence, Tier};
use super::feature::{HomeFeature, cells, values};
use super::home::{Home, SaleRecord};
use super::level::Level;
use super::measure::Measured;
use super::nearby::Nearby;
use super::places::Plane;
use super::ratio::RatioStudy;
use super::sales::SalesIndex;
use super::support::Support;
use crate::error::{Error, Result};
use crate::learn::artefact::{self, ArtefactKind};
use crate::learn::interval::Conformal;
use crate::learn::model::TreeModel;

/// Prices homes of one market; serve it with a [`super::SalesIndex`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriceModel {
    pub(crate) structure_features: Vec<HomeFeature>,
    /// Log price by structure alone, time-adjusted: what a premium is measured from.
    pub(crate) structure: TreeModel,
    pub(crate) features: Vec<HomeFeature>,
    /// Time-adjusted log price.
    pub(crate) trees: TreeModel,
    /// Log of the size that four errors in five stay below.
    pub(crate) dispersion: TreeModel,
    pub(crate) conformal: Conformal,
    pub(crate) level: Level,
    /// The mean level of the sales, where contributions start from.
    pub(crate) mean_level: f64,
    pub(crate) plane: Plane,
    pub(crate) support: Support,
    /// Median of the cross-fitted residuals: what calibration adds to every log value.
    pub(crate) bias: f64,
    /// How much of the comparables' shift is taken.
    pub(crate) blend: f64,
    /// Premium and residual of sales, by their marks, ascending; cross-fitted of those learnt from.
    pub(crate) kept: Vec<(u64, f32, f32)>,
    pub(crate) measured: Measured,
    pub(crate) rows: usize,
}

impl PriceModel {
    /// Sales it learnt from.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What it measured on later sales that it had not seen.
    pub fn study(&self) -> &RatioStudy {
        &self.measured.study
    }

    /// How sure that study is.
    pub fn confidence(&self) -> &Confidence {
        &self.measured.confidence
    }

    /// The same study for cheap, middling and dear homes.
    pub fn tiers(&self) -> &[Tier] {
        &self.measured.tiers
    }

    /// The names of what it reads about a home.
    pub fn features(&self) -> Vec<String> {
        let mut names: Vec<String> = self.features.iter().map(|feature| feature.group().to_owned()).collect();
        names.dedup();
        names
    }

    /// How much of what comparables say is taken, from 0 to 1: chosen by measurement.
    pub fn blend(&self) -> f64 {
        self.blend
    }

    /// The market's level over time.
    pub fn level(&self) -> &Level {
        &self.level
    }

    /// The stored form.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        artefact::write(ArtefactKind::Price, self)
    }

    /// Reads the stored form; anything damaged is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let model: Self = artefact::read(ArtefactKind::Price, bytes)?;
        let fits = |tree: &TreeModel, features: &[HomeFeature]| {
            let columns: Vec<_> = features.iter().map(HomeFeature::column).collect();
            tree.is_sound() && tree.schema().columns() == columns
        };
        let sound = fits(&model.structure, &model.structure_features)
            && fits(&model.trees, &model.features)
            && fits(&model.dispersion, &model.features)
            && model.conformal.is_sound()
            && model.level.is_sound()
            && model.kept.windows(2).all(|pair| pair[0].0 <= pair[1].0);
        if sound { Ok(model) } else { Err(Error::Artefact("its parts do not fit together".into())) }
    }

    /// Keeps premium and residual of these sales too, so that [`SalesIndex::build`] need not work them out again.
    pub fn keep(&mut self, sales: impl IntoIterator<Item = SaleRecord>) -> Result<()> {
        let (index, marks) = SalesIndex::build_marked(self, sales)?;
        self.kept.extend(marks.into_iter().zip(&index.sales).map(|(mark, sale)| (mark, sale.premium, sale.residual)));
        // What was kept before comes first of equals, and stays.
        self.kept.sort_by_key(|(mark, ..)| *mark);
        self.kept.dedup_by_key(|(mark, ..)| *mark);
        Ok(())
    }

    pub(crate) fn kept(&self, mark: u64) -> Option<(f32, f32)> {
        let place = self.kept.binary_search_by_key(&mark, |(mark, ..)| *mark).ok()?;
        let (_, premium, residual) = self.kept[place];
        Some((premium, residual))
    }

    pub(crate) fn is_market_sale(&self, record: &SaleRecord) -> bool {
        self.support.is_market(record)
    }

    /// Time-adjusted log price by structure alone.
    pub(crate) fn structure_value(&self, home: &Home) -> Result<f64> {
        let values = values(&self.structure_features, home, None, &Nearby::default());
        self.structure.predict(&cells(&values))
    }

    /// What a sale brought beyond its structure, time-adjusted.
    pub(crate) fn premium(&self, record: &SaleRecord) -> Result<f64> {
        let structure = self.structure_value(&record.home)?;
        Ok(record.close_price.ln() - self.level.at(record.close_date).level - structure)
    }
}

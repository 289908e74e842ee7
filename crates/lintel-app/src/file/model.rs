//! What is kept of a file that was learned from: how its columns are read, and the model.

use std::path::Path;

use lintel_feed::mapping::Mapping;
use lintel_feed::value::Reading;
use lintel_predict::learn::artefact::{self, ArtefactKind};
use lintel_predict::price::PriceBook;
use lintel_predict::tabular::Tabular;
use serde::{Deserialize, Serialize};

use super::FileTask;
use crate::{Error, Result};

/// A model of a file, in one artefact.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FileModel {
    pub(super) task: FileTask,
    pub(super) label: String,
    /// The label's value whose probability is predicted.
    pub(super) positive: Option<String>,
    /// Columns of protected traits that it uses: it must not decide about housing.
    pub(super) protected: Vec<String>,
    pub(super) body: Body,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Body {
    /// Of any table, with how the model's columns are read, in its order.
    Table(Box<Tabular>, Vec<Reading>),
    /// Of homes: how they are read, and the stored book.
    Price(HomeReading, Vec<u8>),
}

/// How a row becomes a home.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct HomeReading {
    /// Fields of a home, without its day and its attributes.
    pub(super) mapping: Mapping,
    /// The column of the day it was sold.
    pub(super) day: Option<ReadColumn>,
    /// The name of each attribute and its column.
    pub(super) attributes: Vec<(String, ReadColumn)>,
}

/// A column and how it is read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ReadColumn {
    pub(super) column: String,
    pub(super) reading: Reading,
}

/// Larger files are no model of ours.
const MOST_BYTES: u64 = 4 << 30;

impl FileModel {
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>> {
        artefact::write(ArtefactKind::File, self).map_err(Error::internal)
    }

    /// Reads a stored model; anything damaged, foreign or newer is refused.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let refuse = |why: String| Error::File(format!("{}: {why}", path.display()));
        let bytes = std::fs::metadata(path)
            .and_then(|meta| if meta.len() > MOST_BYTES { Ok(Vec::new()) } else { std::fs::read(path) })
            .map_err(|error| Error::File(format!("cannot read {}: {error}", path.display())))?;
        let mut model: Self = artefact::read(ArtefactKind::File, &bytes).map_err(|error| refuse(error.to_string()))?;
        if let Body::Table(tabular, readings) = model.body {
            let tabular = tabular.check().map_err(|error| refuse(error.to_string()))?;
            if tabular.columns().len() != readings.len() {
                return Err(refuse("its parts do not fit together".to_owned()));
            }
            model.body = Body::Table(Box::new(tabular), readings);
        }
        Ok(model)
    }
}

/// The book of a model.
pub(super) fn book(bytes: &[u8]) -> Result<PriceBook> {
    PriceBook::from_bytes(bytes).map_err(|error| Error::File(error.to_string()))
}

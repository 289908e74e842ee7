//! The home price: trees, market level and comparables, with an interval and reasons in money.

pub mod book;
pub mod comparable;
pub mod confidence;
pub mod estimate;
mod feature;
mod ground;

pub mod home;
pub mod level;
mod measure;
mod mix;
pub mod model;
pub mod money;
mod nearby;
pub mod places;
pub mod ratio;
mod recent;
pub mod sales;
pub mod season;
mod support;
pub mod train;
mod trend;
pub mod validate;

pub use book::{BookSale, LearnedBook, Prediction, PriceBook};
pub use comparable::Comparable;
pub use estimate::{Answer, Contribution, Estimate, Wanted};
pub use home::{Home, SaleRecord};
pub use model::PriceModel;
pub use ratio::RatioStudy;
pub use sales::SalesIndex;
pub use train::{PriceOptions, TrainedPrice, train_price};

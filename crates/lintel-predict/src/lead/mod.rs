//! The lead score and churn: how likely a lead is won or goes silent, with reasons that add up.

pub mod behaviour;
pub mod churn;
pub mod compare;
pub mod disparity;
pub mod drift;
pub mod evaluate;
pub mod example;
pub mod feature;
mod inputs;
mod label;
pub mod ledger;
pub mod manifest;
mod prior;
mod reason;
pub mod recalibrate;
pub mod score;
pub mod train;

pub use behaviour::Behaviour;
pub use churn::ChurnModel;
pub use compare::Paired;
pub use drift::{Reference, Watched};
pub use evaluate::{Evaluation, Recipe, evaluate};
pub use example::{LeadExample, Story};
pub use ledger::Ledger;
pub use reason::Reason;
pub use recalibrate::Recalibration;
pub use score::{LeadInput, LeadScore, LeadScoreModel};
pub use train::{LeadOptions, TrainedChurn, TrainedLeadScore, train_churn, train_lead_score};

//! The lead score: how likely a lead is to be won, with reasons that add up.

pub mod behaviour;
pub mod feature;
mod label;
mod prior;
pub mod score;
pub mod train;

pub use behaviour::Behaviour;
pub use score::{LeadInput, LeadScore, LeadScoreModel, Reason};
pub use train::{LeadExample, LeadOptions, TrainedLeadScore, train_lead_score};

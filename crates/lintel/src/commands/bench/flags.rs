//! What `lintel bench` is asked for.

use clap::Args;

use super::Play;
use crate::part::Part;

#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// normal, campaign, stress, burst, soak, webhooks, realtime or smoke; or a file of a scenario (.toml)
    #[arg(value_parser = Play::named)]
    pub(super) scenario: Play,
    /// Play once more without each of these parts, separated by commas: what each of them brings
    #[arg(long, value_name = "PART", value_enum, value_delimiter = ',')]
    pub(super) without: Vec<Part>,
    /// Homes on the synthetic market that is asked about
    #[arg(long, default_value_t = 100_000)]
    pub(super) listings: u64,
    /// Closed sales, from which prices are learnt
    #[arg(long, default_value_t = 20_000)]
    pub(super) sales: u64,
    /// Leads with their interactions
    #[arg(long, default_value_t = 20_000)]
    pub(super) leads: u64,
    /// Make each phase at most so many seconds long
    #[arg(long, value_parser = seconds)]
    pub(super) seconds: Option<f64>,
    /// One JSON object on standard output
    #[arg(long)]
    pub(super) json: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0 && seconds.is_finite());
    seconds.ok_or_else(|| "a number of seconds above 0".to_owned())
}

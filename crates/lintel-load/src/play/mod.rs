//! Playing a scenario: its phases in one go, the ramp beyond them, and a verdict on each line it is held to.

pub mod baseline;
mod facts;
mod market;
mod overload;
pub mod page;
pub mod report;
mod supply;
mod table;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lintel_domain::clock::Clock;

use crate::Error;
use crate::arrivals::Arrivals;
use crate::open::{Stretch, drive};
use crate::operation::{Operation, Prepared};
use crate::pool::Pool;
use crate::preflight;
use crate::sample::Sample;
use crate::scenario::{Length, Phase, Scenario};

use facts::Memory;
pub use facts::{Machine, MemoryUse, Server};
pub use market::read as read_market;
pub use report::{Played, Report};
use supply::Supply;

/// Questions of each operation that are asked one by one before measuring.
const QUESTIONS: usize = 5;

/// Requests that they are taken from: enough for the rarest operation to be among them.
const CHOICE: usize = 2_000;

/// Requests that may be sent or waiting at once before further ones are not sent.
const WAITING: usize = 20_000;

/// How a scenario is played.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Market to ask about.
    pub market: &'a str,
    /// How phases are shortened or made longer.
    pub length: Length,
    /// The server's process, when it runs here: its memory is told.
    pub pid: Option<u32>,
    /// Decides what is asked and when.
    pub seed: u64,
}

/// Plays a scenario; `say` is told what comes next.
pub async fn play(
    pool: &Arc<Pool>,
    scenario: &Scenario,
    options: Options<'_>,
    mut say: impl FnMut(&str),
) -> Result<Report, Error> {
    if scenario.phases.is_empty() && scenario.overload.is_none() {
        return Err(Error::Scenario("it has no phases; put it on the server with `lintel-load run`".into()));
    }
    let began_at = Clock::System.now();
    let server = Server::ask(pool).await;
    let sample = market::read(pool, scenario, options.market).await?;
    let questions = questions(scenario, &sample, options.seed)?;
    let useful = preflight::check(pool, &questions, questions.len()).await?;

    let mut supply = Supply::new(scenario, &sample, options.seed);
    let mut stretches: Vec<Stretch> = scenario.phases.iter().map(|phase| stretch(phase, options.length)).collect();
    let warm_up = Duration::from_secs_f64(if scenario.phases.is_empty() { 0.0 } else { scenario.warm_up_seconds });
    stretches.splice(0..0, stretches.first().map(|first| Stretch { length: warm_up, ..*first }));
    supply.fill(&stretches)?;
    for phase in &scenario.phases {
        say(&format!("{}: {} requests a second", phase.name, phase.per_second()));
    }
    let memory = Memory::watch(options.pid, warm_up);
    let tracks = drive(pool, &stretches, &mut supply, WAITING, options.seed).await;
    // The warm-up is not measured.
    let driven = stretches.iter().zip(&tracks).skip(1);
    let phases = scenario.phases.iter().zip(driven);
    let phases =
        phases.map(|(phase, (stretch, track))| Played::of(&phase.name, phase.may_shed, *stretch, track)).collect();

    let overload = match &scenario.overload {
        Some(plan) => Some(overload::run(pool, plan, &mut supply, options, &mut say).await?),
        None => None,
    };
    let memory = memory.end(&server, pool).await;
    let mut report = Report {
        scenario: scenario.name.clone(),
        about: scenario.about.clone(),
        began_at,
        is_shortened: is_shortened(scenario, options.length),
        machine: Machine::look(),
        server,
        connections: scenario.connections,
        seed: options.seed,
        useful,
        phases,
        overload,
        memory,
        verdicts: Vec::new(),
    };
    report.verdicts = verdict::of(&report, scenario);
    Ok(report)
}

/// Some requests of each operation, others than those that are measured: what is sent once cannot be sent again.
fn questions(scenario: &Scenario, sample: &Sample, seed: u64) -> Result<Vec<Arc<Prepared>>, Error> {
    let mut asked: BTreeMap<Operation, usize> = BTreeMap::new();
    let mut questions = scenario.prepare(sample, CHOICE, !seed)?;
    questions.retain(|request| {
        let count = asked.entry(request.operation).or_default();
        *count += 1;
        *count <= QUESTIONS
    });
    Ok(questions)
}

fn is_shortened(scenario: &Scenario, length: Length) -> bool {
    let overload = scenario.overload.iter().flat_map(|plan| [plan.step_seconds, plan.seconds, plan.after_seconds]);
    scenario.phases.iter().map(|phase| phase.seconds).chain(overload).any(|seconds| length.shortens(seconds))
}

fn stretch(phase: &Phase, length: Length) -> Stretch {
    Stretch { rate: phase.per_second(), length: length.of(phase.seconds), arrivals: Arrivals::Poisson }
}

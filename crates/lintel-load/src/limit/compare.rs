//! A server beside the limit server: the same requests, the same generator, turn by turn.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::Error;
use crate::measure::Figures;
use crate::operation::Prepared;
use crate::pool::Pool;
use crate::probe::closed;
use crate::process::cpu_seconds;

/// How two servers are compared.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Connections that never rest.
    pub connections: usize,
    /// Turns of each server.
    pub turns: usize,
    /// How long each turn takes.
    pub turn: Duration,
}

/// One server, and its process.
pub struct Side {
    /// Connections to it.
    pub pool: Arc<Pool>,
    /// Its process, on this machine.
    pub pid: u32,
}

/// What one server did over all its turns.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Work {
    /// Answers with 2xx a second.
    pub per_second: f64,
    /// Processor time for each answer, in microseconds, user and system.
    pub cpu_us: f64,
    /// Requests that failed.
    pub errors: u64,
}

/// Both, and what share of the limit the server reaches.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Compared {
    /// The server.
    pub server: Work,
    /// The limit server.
    pub limit: Work,
    /// Bytes of each answer, on average.
    pub answer_bytes: u64,
    /// Answers a second of the server in those of the limit.
    pub share_of_rate: f64,
    /// Processor time of the limit in that of the server.
    pub share_of_cpu: f64,
}

/// Lets both answer the same requests, in turns, so that whatever else the machine does meets both alike.
///
/// Each turn has requests of its own: an event that comes twice is less work than one that comes once.
pub async fn compare(server: &Side, limit: &Side, plan: Plan, requests: &[Arc<Prepared>]) -> Result<Compared, Error> {
    let size = answer_size(&server.pool, requests).await?;
    let (mut ours, mut theirs) = (Sum::default(), Sum::default());
    let each = requests.len().div_ceil(plan.turns.max(1)).max(1);
    for asked in requests.chunks(each) {
        let sized: Vec<Arc<Prepared>> = asked.iter().map(|one| Arc::new(one.with_query(&size.to_string()))).collect();
        theirs.turn(limit, &sized, plan).await?;
        ours.turn(server, asked, plan).await?;
    }
    let (server, limit) = (ours.work(), theirs.work());
    Ok(Compared {
        server,
        limit,
        answer_bytes: size,
        share_of_rate: server.per_second / limit.per_second,
        share_of_cpu: limit.cpu_us / server.cpu_us,
    })
}

/// The average answer to some of the requests, in bytes.
async fn answer_size(pool: &Pool, requests: &[Arc<Prepared>]) -> Result<u64, Error> {
    const ASKED: usize = 200;
    let mut bytes = 0;
    let asked = &requests[..requests.len().min(ASKED)];
    for request in asked {
        let wrong = |answer: String| Error::Answer { path: request.path.clone(), answer };
        match pool.exchange(request).await {
            Ok((200..300, body)) => bytes += body.len() as u64,
            Ok((status, _)) => return Err(wrong(status.to_string())),
            Err(outcome) => return Err(wrong(format!("{outcome:?}"))),
        }
    }
    Ok(bytes / asked.len().max(1) as u64)
}

#[derive(Default)]
struct Sum {
    answered: u64,
    errors: u64,
    seconds: f64,
    cpu_seconds: f64,
}

impl Sum {
    async fn turn(&mut self, side: &Side, requests: &[Arc<Prepared>], plan: Plan) -> Result<(), Error> {
        let before = cpu_seconds(side.pid)?;
        let (figures, seconds) = closed(&side.pool, requests, plan.connections, plan.turn).await;
        self.cpu_seconds += cpu_seconds(side.pid)? - before;
        self.seconds += seconds;
        self.answered += figures.iter().map(|of: &Figures| of.answered).sum::<u64>();
        self.errors += figures.iter().map(|of| of.failed() + of.shed).sum::<u64>();
        Ok(())
    }

    fn work(&self) -> Work {
        let answered = self.answered.max(1) as f64;
        Work {
            per_second: self.answered as f64 / self.seconds,
            cpu_us: self.cpu_seconds * 1e6 / answered,
            errors: self.errors,
        }
    }
}

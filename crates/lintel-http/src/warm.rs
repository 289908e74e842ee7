//! Answers made ahead after a start: those that were asked for most before.

use std::{collections::BTreeMap, time::Duration};

use lintel_app::{HotQuestion, HotSet};
use lintel_domain::scope::Principal;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    Edge, Error,
    api::{clusters, matching, pricing, scores, search},
    error::Result,
    extract::Asked,
    wire::ListingDocument,
};

/// How long answers are made ahead at most: after that whoever asks has had most of them made.
const LONGEST: Duration = Duration::from_secs(10);
/// How many of a kind are made between two rests.
const AT_ONCE: usize = 20;
/// Time between two looks at whether answers are kept yet.
const LOOK: Duration = Duration::from_millis(20);
/// How often it is written down what is asked for most: what a killed process forgets.
const WRITE_EVERY: Duration = Duration::from_secs(30);

impl Edge {
    /// Makes ahead what was asked for most when this node ran before, and writes down what is now, until `stop` and once more then.
    pub async fn keep_warm(self, stop: CancellationToken) {
        stop.run_until_cancelled(Box::pin(self.warm())).await;
        let mut ticks = interval(WRITE_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        while stop.run_until_cancelled(ticks.tick()).await.is_some() {
            self.write_hot_set().await;
        }
        self.write_hot_set().await;
    }

    async fn write_hot_set(&self) {
        if let Err(error) = self.app().hot_set_write().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "what is asked for most cannot be written down");
        }
    }

    async fn warm(&self) {
        let hot = self.app().hot_set().await;
        while !self.app().keeps_answers() {
            sleep(LOOK).await;
        }
        if timeout(LONGEST, self.make_ahead(hot)).await.is_err() {
            tracing::info!(seconds = LONGEST.as_secs(), "not everything that was asked for before was made ahead");
        }
    }

    /// The most asked for of each kind come first. One core is left alone for half of the time: users do not wait for this.
    async fn make_ahead(&self, HotSet { scores, listings, answers }: HotSet) {
        let most = scores.len().max(listings.len()).max(answers.len());
        for from in (0..most).step_by(AT_ONCE) {
            let begun = Instant::now();
            let app = self.app();
            for ((tenant, explain), leads) in
                of_tenants(part(&scores, from), |(tenant, lead, explain)| ((tenant, explain), lead))
            {
                tell("score", app.scores_fill(tenant, &leads, explain, scores::write).await);
            }
            for question in part(&answers, from) {
                tell("answer", Box::pin(self.answer_ahead(question)).await);
            }
            for (tenant, listings) in of_tenants(part(&listings, from), |(tenant, listing)| (tenant, listing)) {
                tell("listing", app.listings_fill(tenant, &listings, ListingDocument::write).await);
            }
            sleep(begun.elapsed()).await;
        }
    }

    /// A question that is not understood any more is passed over: another version may have written it down.
    async fn answer_ahead(&self, HotQuestion { tenant, route, words }: &HotQuestion) -> Result<()> {
        let (who, words) = (Principal::system(*tenant), words.as_bytes());
        let made = match route.as_str() {
            search::ROUTE => search::answer(self, &who, Asked::ahead(words)?).await,
            clusters::ROUTE => clusters::answer(self, &who, Asked::ahead(words)?).await,
            matching::ROUTE => matching::answer(self, &who, Asked::ahead(words)?).await,
            pricing::ROUTE => pricing::answer(self, &who, Asked::ahead(words)?).await,
            _ => return Ok(()),
        };
        made.map(drop)
    }
}

/// The next few.
fn part<T>(all: &[T], from: usize) -> &[T] {
    &all[from.min(all.len())..(from + AT_ONCE).min(all.len())]
}

/// Some of several tenants, by tenant.
fn of_tenants<T: Copy, K: Ord, V>(some: &[T], parts: impl Fn(T) -> (K, V)) -> BTreeMap<K, Vec<V>> {
    let mut all: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, one) in some.iter().copied().map(parts) {
        all.entry(key).or_default().push(one);
    }
    all
}

/// What cannot be made ahead is left to whoever asks for it, and hears why.
fn tell<E: Into<Error>>(what: &'static str, made: std::result::Result<(), E>) {
    if let Err(error) = made.map_err(Into::into) {
        tracing::debug!(what, error = &error as &dyn std::error::Error, "not made ahead");
    }
}

//! What is asked for most, written down now and then and at the stop, so that it can be made again after a start before somebody
//! asks. Only what was asked is written, never an answer: what is made from it then is as true as any other.

use std::{
    collections::HashSet,
    fs::{self, OpenOptions},
    hash::Hash,
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use lintel_domain::{
    clock::Time,
    id::{LeadId, ListingId, TenantId},
    listing::Listing,
    scope::Principal,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{App, Error, LeadScore, Result};

/// The file in the data directory.
const FILE: &str = "hot.json";
/// How many of each kind are written down.
const MOST: usize = 5_000;

/// What is asked for, the most asked for first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HotSet {
    /// Live scores, and whether with reasons.
    pub scores: Vec<(TenantId, LeadId, bool)>,
    /// Listings as they are sent.
    pub listings: Vec<(TenantId, ListingId)>,
    /// Questions about markets.
    pub answers: Vec<HotQuestion>,
}

/// A question whose whole answer is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct HotQuestion {
    /// Whose.
    pub tenant: TenantId,
    /// What kind of question: the route.
    pub route: String,
    /// The question as it was sent.
    pub words: String,
}

impl HotSet {
    /// What is asked for now, and behind it what was before: nights are quiet.
    fn before(mut self, earlier: Self) -> Self {
        join(&mut self.scores, earlier.scores);
        join(&mut self.listings, earlier.listings);
        join(&mut self.answers, earlier.answers);
        self
    }

    /// That of an earlier run; empty when there was none.
    fn read(file: &Path) -> std::io::Result<Self> {
        match fs::read(file) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Nobody sees half a file, and nobody else reads it: questions are the business of who asked.
    fn write(&self, file: &Path) -> std::io::Result<()> {
        let new = file.with_extension(format!("new-{}", std::process::id()));
        let mut out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        out.write_all(&serde_json::to_vec(self)?)?;
        fs::rename(new, file)
    }
}

fn join<T: Clone + Eq + Hash>(now: &mut Vec<T>, earlier: Vec<T>) {
    let there: HashSet<T> = now.iter().cloned().collect();
    now.extend(earlier.into_iter().filter(|one| !there.contains(one)));
    now.truncate(MOST);
}

impl App {
    /// What was asked for most when this node ran before, or in this run when it was written down since. One that cannot be read
    /// is told of, and is as good as none.
    pub async fn hot_set(&self) -> HotSet {
        let file = self.0.data_dir.join(FILE);
        let read = tokio::task::spawn_blocking(move || HotSet::read(&file)).await.map_err(Error::internal);
        read.and_then(|read| read.map_err(Error::internal)).unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "what was asked for before cannot be read; nothing is made ahead");
            HotSet::default()
        })
    }

    /// Writes down what is asked for most.
    pub async fn hot_set_write(&self) -> Result<()> {
        let app = self.clone();
        let write = tokio::task::spawn_blocking(move || {
            let file = app.0.data_dir.join(FILE);
            let earlier = HotSet::read(&file).unwrap_or_default();
            app.0.caches.hottest(MOST).before(earlier).write(&file)
        });
        write.await.map_err(Error::internal)?.map_err(Error::internal)
    }

    /// Whether answers that are made now are kept: the index is there, and what others change is heard of.
    pub fn keeps_answers(&self) -> bool {
        self.0.keeper.is_ready() && self.0.caches.hears(self.clock().now())
    }

    /// Makes live scores of leads of a tenant before somebody asks for them, as `write` writes them. Those that are gone are passed over.
    pub async fn scores_fill(
        &self,
        tenant: TenantId,
        leads: &[LeadId],
        explain: bool,
        write: fn(LeadScore) -> serde_json::Result<Box<RawValue>>,
    ) -> Result<()> {
        let there = self.0.store.leads_by_ids(tenant, leads).await?;
        let there: Vec<LeadId> = there.into_iter().map(|lead| lead.id).collect();
        self.score_documents_fill(&Principal::system(tenant), &there, explain, write).await
    }

    /// Makes listings of a tenant before somebody asks for them, as `write` writes them on this day.
    pub async fn listings_fill(
        &self,
        tenant: TenantId,
        listings: &[ListingId],
        write: fn(Listing, Time) -> serde_json::Result<Box<RawValue>>,
    ) -> Result<()> {
        self.listing_documents_fill(&Principal::system(tenant), listings, write).await
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn listings(ids: impl IntoIterator<Item = u128>) -> HotSet {
        let tenant = TenantId(Uuid::nil());
        let listings = ids.into_iter().map(|id| (tenant, ListingId(Uuid::from_u128(id)))).collect();
        HotSet { listings, ..HotSet::default() }
    }

    #[test]
    fn what_is_asked_for_now_goes_before_what_was_and_nothing_is_there_twice() {
        assert_eq!(listings([3, 1]).before(listings([1, 2])), listings([3, 1, 2]));
        assert_eq!(HotSet::default().before(listings([1, 2])), listings([1, 2]));
        let many = listings(0..MOST as u128 - 1);
        assert_eq!(many.before(listings([MOST as u128, MOST as u128 + 1])).listings.len(), MOST);
    }

    #[test]
    fn it_is_read_as_it_was_written_by_nobody_else() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        assert_eq!(HotSet::read(&file).unwrap(), HotSet::default());
        let tenant = TenantId(Uuid::from_u128(7));
        let set = HotSet {
            scores: vec![(tenant, LeadId(Uuid::from_u128(8)), true)],
            answers: vec![HotQuestion { tenant, route: "listings/search".into(), words: "{}".into() }],
            ..listings([1])
        };
        set.write(&file).unwrap();
        assert_eq!(HotSet::read(&file).unwrap(), set);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(&file, "{").unwrap();
        assert!(HotSet::read(&file).is_err());
    }
}

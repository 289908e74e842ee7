//! Filling a store with a synthetic market, for demonstrations and measurements.

use std::sync::Arc;

use lintel_domain::{
    id::TenantId,
    import::{ImportCounts, ImportKind},
    market::MarketSlug,
};
use lintel_feed::{
    Entry, Records,
    synthetic::{Synthetic, SyntheticOptions},
};
use tokio::sync::mpsc;

use crate::{
    App, ImportProgress, Principal, Result,
    ingest::{self, Arrival, Taken},
};

/// How much of what.
#[derive(Clone, Debug)]
pub struct DemoRequest {
    /// Into which market.
    pub market: MarketSlug,
    /// Listings.
    pub listings: u64,
    /// Sales.
    pub sales: u64,
    /// Leads.
    pub leads: u64,
    /// Days of history.
    pub days: u32,
    /// The same seed makes the same market.
    pub seed: u64,
}

/// What came of it, by kind.
#[derive(Clone, Debug, Default)]
pub struct DemoCounts {
    /// Kind and counts.
    pub kinds: Vec<(ImportKind, ImportCounts)>,
}

/// Records that are stored in one commit.
const BATCH: usize = 2_000;

impl App {
    /// Fills the tenant with a synthetic market; the same seed again changes nothing, since the made-up present is that
    /// of the day the market was set up.
    pub async fn demo(
        &self,
        who: &Principal,
        request: DemoRequest,
        mut progress: impl FnMut(ImportProgress) + Send,
    ) -> Result<DemoCounts> {
        let market = self.market_ensure(who.tenant, &request.market).await?;
        let made_up = Arc::new(Synthetic::new(SyntheticOptions {
            listings: request.listings,
            sales: request.sales,
            leads: request.leads,
            days: request.days,
            seed: request.seed,
            market: request.market.clone(),
            until: market.created_at,
        }));
        let mut counts = DemoCounts::default();
        let total = request.listings + request.sales + request.leads;
        let mut done = ImportCounts::default();
        for kind in [ImportKind::Listings, ImportKind::Sales, ImportKind::Leads, ImportKind::Interactions] {
            let mut of_kind = ImportCounts::default();
            let mut batches = self.batches(kind, &made_up);
            while let Some(records) = batches.recv().await {
                let taken = self.take_batch(who.tenant, Some(request.market.clone()), Arc::new(records)).await?;
                of_kind.add(taken.counts);
                done.add(taken.counts);
                let bytes = done.rows.min(total);
                progress(ImportProgress { bytes, total_bytes: Some(total), counts: done });
            }
            counts.kinds.push((kind, of_kind));
        }
        Ok(counts)
    }

    /// Makes records up on a thread of their own, a few batches ahead of the store.
    fn batches(&self, kind: ImportKind, made_up: &Arc<Synthetic>) -> mpsc::Receiver<Records> {
        let (send, receive) = mpsc::channel(2);
        let made_up = Arc::clone(made_up);
        self.0.tasks.spawn_blocking(move || match kind {
            ImportKind::Listings => batch(&send, made_up.listings(), Records::Listings),
            ImportKind::Sales => batch(&send, made_up.sales(), Records::Sales),
            ImportKind::Leads => batch(&send, made_up.leads(), Records::Leads),
            ImportKind::Interactions => batch(&send, made_up.interactions(), Records::Interactions),
            ImportKind::Series => {}
        });
        receive
    }

    async fn take_batch(&self, tenant: TenantId, market: Option<MarketSlug>, records: Arc<Records>) -> Result<Taken> {
        let (app, now) = (self.clone(), self.clock().now());
        let rows = records.len() as u64;
        let write = self.0.store.write(move |tx| {
            let arrival = Arrival { tenant, market: market.as_ref(), import: None, now, ids: &app.0.ids };
            ingest::take(tx, &arrival, &records)
        });
        let mut taken = write.await?;
        taken.counts.rows = rows;
        Ok(taken)
    }
}

/// Sends records in batches until nobody takes them any more.
fn batch<T>(send: &mpsc::Sender<Records>, records: impl Iterator<Item = T>, pack: fn(Vec<Entry<T>>) -> Records) {
    let mut records = records.zip(1..).peekable();
    while records.peek().is_some() {
        let entry = |(record, number): (T, u64)| Entry { number, line: number, record };
        let packed = pack(records.by_ref().take(BATCH).map(entry).collect());
        if send.blocking_send(packed).is_err() {
            return;
        }
    }
}

//! Exports: everything of a kind as a file, in pieces that are read from the store as they are asked for.

use std::collections::{HashMap, VecDeque};

use lintel_domain::{
    clock::Time,
    id::{LeadId, ListingId, TenantId},
    import::ImportKind,
    interaction::Interaction,
    lead::Lead,
    listing::{Listing, Status},
    market::MarketSlug,
};
use lintel_feed::export::{self, ExportFormat, ExportRow};
use serde_json::json;
use uuid::Uuid;

use crate::{App, Principal, Result};

/// Rows read from the store at once.
const PAGE: u32 = 500;

/// A file that is being made. What is written meanwhile may or may not be in it; what is not changed is in it once.
pub struct Exporting {
    app: App,
    tenant: TenantId,
    kind: ImportKind,
    format: ExportFormat,
    place: Place,
    has_begun: bool,
}

/// How far the rows have been read.
enum Place {
    Homes { markets: VecDeque<MarketSlug>, after: Option<ListingId> },
    Leads { after: Option<LeadId> },
    Interactions { leads: VecDeque<(LeadId, String)>, after: Option<LeadId>, before: Option<(Time, Uuid)> },
    Series { rest: VecDeque<(MarketSlug, String)> },
}

impl App {
    /// Begins an export, and writes down who asked for it.
    pub async fn export(&self, who: &Principal, kind: ImportKind, format: ExportFormat) -> Result<Exporting> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let format_name = match format {
            ExportFormat::Csv => "csv",
            ExportFormat::JsonLines => "jsonl",
        };
        let audit = self.audit_entry(who, "export", kind.to_string(), json!({ "format": format_name }), now);
        self.0.store.write(move |tx| tx.audit(tenant, &audit)).await?;
        let markets = async || -> Result<VecDeque<MarketSlug>> {
            Ok(self.0.store.markets(tenant).await?.into_iter().map(|market| market.slug).collect())
        };
        let place = match kind {
            ImportKind::Listings | ImportKind::Sales => Place::Homes { markets: markets().await?, after: None },
            ImportKind::Leads => Place::Leads { after: None },
            ImportKind::Interactions => Place::Interactions { leads: VecDeque::new(), after: None, before: None },
            ImportKind::Series => {
                let mut rest = VecDeque::new();
                for market in markets().await? {
                    let metrics = self.0.store.series_metrics(tenant, &market).await?;
                    rest.extend(metrics.into_iter().map(|metric| (market.clone(), metric)));
                }
                Place::Series { rest }
            }
        };
        Ok(Exporting { app: self.clone(), tenant, kind, format, place, has_begun: false })
    }
}

impl Exporting {
    /// The next piece of the file; `None` at its end.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut piece = Vec::new();
        if !self.has_begun {
            self.has_begun = true;
            piece = self.format.header(self.kind);
        }
        while let Some(rows) = self.rows().await? {
            self.format.write(self.kind, &rows, &mut piece);
            if !rows.is_empty() {
                break;
            }
        }
        Ok((!piece.is_empty()).then_some(piece))
    }

    /// The next rows, which may be none; nothing at the end.
    async fn rows(&mut self) -> Result<Option<Vec<ExportRow>>> {
        let (store, tenant) = (&self.app.0.store, self.tenant);
        match &mut self.place {
            Place::Homes { markets, after } => {
                let Some(market) = markets.front() else { return Ok(None) };
                let page = if self.kind == ImportKind::Sales {
                    store.sales_page(tenant, market, *after, PAGE).await?
                } else {
                    store.listings_page(tenant, market, *after, PAGE).await?
                };
                *after = page.last().map(|last| last.id);
                if page.is_empty() {
                    markets.pop_front();
                }
                let sales = self.kind == ImportKind::Sales;
                let wanted = page.iter().filter(|listing| is_sale(listing) == sales);
                Ok(Some(wanted.map(|listing| export::home(&listing.market, &listing.facts)).collect()))
            }
            Place::Leads { after } => {
                let leads = page_of_leads(&self.app, tenant, after).await?;
                let row = |lead: &Lead| {
                    let created_at = lead.facts.created_at.unwrap_or(lead.created_at);
                    export::lead(&key_of(lead), &lead.facts, created_at)
                };
                Ok((!leads.is_empty()).then(|| leads.iter().map(row).collect()))
            }
            Place::Interactions { leads, after, before } => {
                if leads.is_empty() {
                    let page = page_of_leads(&self.app, tenant, after).await?;
                    leads.extend(page.iter().map(|lead| (lead.id, key_of(lead))));
                }
                let Some((lead, key)) = leads.front() else { return Ok(None) };
                let page = store.interactions_of(tenant, *lead, &[], *before, PAGE).await?;
                let keys = listing_keys(&self.app, tenant, &page).await?;
                let rows = page.iter().map(|one| {
                    let listing = one.facts.listing_id.and_then(|id| keys.get(&id));
                    export::interaction(key, &one.facts, listing.map(String::as_str))
                });
                let rows = rows.collect();
                *before = page.last().map(|last| (last.facts.at, last.id.0));
                if page.len() < PAGE as usize {
                    *before = None;
                    leads.pop_front();
                }
                Ok(Some(rows))
            }
            Place::Series { rest } => {
                let Some((market, metric)) = rest.pop_front() else { return Ok(None) };
                let points = store.series(tenant, &market, &metric).await?;
                let row = |(period, number)| export::series(&market, &metric, period, number);
                Ok(Some(points.into_iter().map(row).collect()))
            }
        }
    }
}

/// Whether a home is a record that an import of sales takes.
fn is_sale(listing: &Listing) -> bool {
    let facts = &listing.facts;
    facts.status == Status::Closed && facts.close_price.is_some() && facts.close_date.is_some()
}

/// The id that a lead has elsewhere, or else its own, by which what it did finds it again.
fn key_of(lead: &Lead) -> String {
    lead.facts.external_id.clone().unwrap_or_else(|| lead.id.to_string())
}

/// The next leads by id.
async fn page_of_leads(app: &App, tenant: TenantId, after: &mut Option<LeadId>) -> Result<Vec<Lead>> {
    loop {
        let ids = app.0.store.lead_ids_after(tenant, *after, PAGE).await?;
        let Some(last) = ids.last() else { return Ok(Vec::new()) };
        *after = Some(*last);
        let leads = app.0.store.leads_by_ids(tenant, &ids).await?;
        // All of them may have been erased in between.
        if !leads.is_empty() {
            return Ok(leads);
        }
    }
}

/// The keys of the homes that interactions are about.
async fn listing_keys(app: &App, tenant: TenantId, interactions: &[Interaction]) -> Result<HashMap<ListingId, String>> {
    let mut ids: Vec<ListingId> = interactions.iter().filter_map(|one| one.facts.listing_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let homes = app.0.store.listings_by_ids(tenant, &ids).await?;
    Ok(homes.into_iter().map(|home| (home.id, home.facts.listing_key)).collect())
}

//! What comes in: a batch of records becomes rows, events and jobs in one commit, whether it is one record or a thousand.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lintel_domain::{
    clock::Time,
    contact::Consent,
    event::{Event, InteractionRecorded, MAX_ITEMS, PriceChanged, StatusChanged},
    id::{ImportId, InteractionId, LeadId, ListingId, TenantId},
    import::{ImportCounts, Rejected},
    interaction::InteractionFacts,
    lead::LeadFacts,
    market::MarketSlug,
    rng::Ids,
};
use lintel_feed::{
    Entry, Records,
    record::{InteractionRecord, SeriesRecord},
};
use lintel_store::{
    Result, Tx,
    lead::{LeadUpsert, LeadUpserted},
    listing::{Upsert, UpsertOutcome, Upserted},
    series::SeriesUpsert,
};

/// For whom, from where and when records come in.
pub(crate) struct Arrival<'a> {
    pub(crate) tenant: TenantId,
    /// The market of records that name none.
    pub(crate) market: Option<&'a MarketSlug>,
    /// The import that brings them, by which they can be taken back.
    pub(crate) import: Option<ImportId>,
    pub(crate) now: Time,
    pub(crate) ids: &'a Ids,
}

/// What became of a batch: counts, and rows that could not be taken after all.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) counts: ImportCounts,
    pub(crate) rejected: Vec<Rejected>,
}

impl Taken {
    fn count(&mut self, outcomes: impl IntoIterator<Item = UpsertOutcome>) {
        for outcome in outcomes {
            match outcome {
                UpsertOutcome::Created => self.counts.created += 1,
                UpsertOutcome::Updated => self.counts.updated += 1,
                UpsertOutcome::Unchanged => self.counts.unchanged += 1,
            }
        }
    }

    fn reject(&mut self, line: u64, column: &str, reason: &str) {
        self.counts.rejected += 1;
        self.rejected.push(Rejected { line, column: Some(column.to_owned()), reason: reason.to_owned() });
    }
}

/// Takes a batch of any kind.
pub(crate) fn take(tx: &mut Tx<'_>, arrival: &Arrival<'_>, records: &Records) -> Result<Taken> {
    match records {
        Records::Listings(entries) | Records::Sales(entries) => {
            let as_sale = matches!(records, Records::Sales(_));
            let mut taken = Taken::default();
            let mut by_market: HashMap<&MarketSlug, Vec<Upsert>> = HashMap::new();
            for entry in entries {
                let Some(market) = entry.record.market.as_ref().or(arrival.market) else {
                    taken.reject(entry.line, "market", "no market is named, neither here nor for the whole file");
                    continue;
                };
                let upsert = Upsert { facts: entry.record.facts.clone(), as_sale };
                by_market.entry(market).or_default().push(upsert);
            }
            for (market, upserts) in by_market {
                taken.count(listings(tx, arrival, market, &upserts)?.into_iter().map(|one| one.outcome));
            }
            Ok(taken)
        }
        Records::Leads(entries) => {
            let mut taken = Taken::default();
            let arriving = entries.iter().map(|entry| (&entry.record.facts, entry.record.consent.as_slice()));
            taken.count(leads(tx, arrival, arriving)?);
            Ok(taken)
        }
        Records::Interactions(entries) => interactions(tx, arrival, entries),
        Records::Series(entries) => series(tx, arrival, entries),
    }
}

/// Stores listings or sales of one market and tells of them.
pub(crate) fn listings(
    tx: &mut Tx<'_>,
    arrival: &Arrival<'_>,
    market: &MarketSlug,
    upserts: &[Upsert],
) -> Result<Vec<Upserted>> {
    let upserted = tx.listings_upsert(arrival.tenant, market, upserts, arrival.import, arrival.now, arrival.ids)?;
    let (mut created, mut updated, mut prices, mut statuses) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for one in &upserted {
        match one.outcome {
            UpsertOutcome::Unchanged => continue,
            UpsertOutcome::Created => created.push(one.id),
            UpsertOutcome::Updated => updated.push(one.id),
        }
        if let Some((from, to)) = one.price_change {
            prices.push(PriceChanged { listing: one.id, from, to });
        }
        if let Some((from, to)) = one.status_change {
            statuses.push(StatusChanged { listing: one.id, from, to });
        }
    }
    let of = || market.clone();
    let listings = <[ListingId]>::to_vec;
    let mut events = Vec::new();
    events.extend(created.chunks(MAX_ITEMS).map(|c| Event::ListingCreated { market: of(), listings: listings(c) }));
    events.extend(updated.chunks(MAX_ITEMS).map(|c| Event::ListingUpdated { market: of(), listings: listings(c) }));
    events.extend(prices.chunks(MAX_ITEMS).map(|c| Event::ListingPriceChanged { market: of(), changes: c.to_vec() }));
    events
        .extend(statuses.chunks(MAX_ITEMS).map(|c| Event::ListingStatusChanged { market: of(), changes: c.to_vec() }));
    for event in &events {
        tx.emit(arrival.tenant, arrival.now, event)?;
    }
    Ok(upserted)
}

/// Stores leads with their consent and tells of them. A lead that was erased stays so and counts as unchanged.
pub(crate) fn leads<'r>(
    tx: &mut Tx<'_>,
    arrival: &Arrival<'_>,
    arriving: impl Iterator<Item = (&'r LeadFacts, &'r [Consent])>,
) -> Result<Vec<UpsertOutcome>> {
    let upserts: Vec<LeadUpsert> = arriving
        .map(|(facts, consent)| {
            let mut facts = facts.clone();
            facts.market = facts.market.or_else(|| arrival.market.cloned());
            facts.outcome_at = facts.outcome_at.or(facts.outcome.and(facts.created_at));
            LeadUpsert { facts, consent: consent.to_vec() }
        })
        .collect();
    let upserted = tx.leads_upsert(arrival.tenant, &upserts, arrival.import, arrival.now, arrival.ids)?;
    let with = |outcome: UpsertOutcome| -> Vec<LeadId> {
        upserted.iter().filter(|one: &&LeadUpserted| one.outcome == outcome).filter_map(|one| one.id).collect()
    };
    for leads in with(UpsertOutcome::Created).chunks(MAX_ITEMS) {
        tx.emit(arrival.tenant, arrival.now, &Event::LeadCreated { leads: leads.to_vec() })?;
    }
    for leads in with(UpsertOutcome::Updated).chunks(MAX_ITEMS) {
        tx.emit(arrival.tenant, arrival.now, &Event::LeadUpdated { leads: leads.to_vec() })?;
    }
    Ok(upserted.into_iter().map(|one| one.outcome).collect())
}

/// Stores interactions of leads that are known by their outside ids, and tells of them.
fn interactions(tx: &mut Tx<'_>, arrival: &Arrival<'_>, entries: &[Entry<InteractionRecord>]) -> Result<Taken> {
    let mut taken = Taken::default();
    let externals: Vec<String> = distinct(entries.iter().map(|entry| entry.record.lead_external_id.clone()));
    let leads: HashMap<String, LeadId> = tx.lead_ids_by_external_id(arrival.tenant, externals)?.into_iter().collect();
    let keys: Vec<String> = distinct(entries.iter().filter_map(|entry| entry.record.listing_key.clone()));
    let homes: HashMap<String, ListingId> = match arrival.market {
        Some(market) if !keys.is_empty() => tx.listing_ids_by_key(arrival.tenant, market, keys)?.into_iter().collect(),
        _ => HashMap::new(),
    };
    let mut arriving = Vec::with_capacity(entries.len());
    for entry in entries {
        let record = &entry.record;
        let Some(lead) = leads.get(&record.lead_external_id) else {
            taken.reject(entry.line, "lead_external_id", "there is no lead with this external_id");
            continue;
        };
        let listing_id = match &record.listing_key {
            None => None,
            Some(key) => match homes.get(key) {
                Some(id) => Some(*id),
                None => {
                    taken.reject(entry.line, "listing_key", "there is no listing with this key in the market");
                    continue;
                }
            },
        };
        let facts = InteractionFacts {
            event_id: record.event_id.clone(),
            kind: record.kind,
            at: record.at,
            listing_id,
            properties: record.properties.clone(),
        };
        arriving.push((InteractionId(arrival.ids.next(arrival.now)), *lead, facts));
    }
    let created = record(tx, arrival, &arriving)?;
    taken.count(created.iter().map(|new| if *new { UpsertOutcome::Created } else { UpsertOutcome::Unchanged }));
    Ok(taken)
}

/// Stores interactions, each once, and tells of those that are new; which of them are. What a lead did that has been merged
/// meanwhile is of the one that it was merged into.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    arrival: &Arrival<'_>,
    arriving: &[(InteractionId, LeadId, InteractionFacts)],
) -> Result<Vec<bool>> {
    let created = insert(tx, arrival, arriving)?;
    let missed: BTreeSet<LeadId> =
        arriving.iter().zip(&created).filter(|(_, new)| !**new).map(|((_, lead, _), _)| *lead).collect();
    let into = if missed.is_empty() { BTreeMap::new() } else { tx.lead_survivors(arrival.tenant, missed)? };
    if into.is_empty() {
        return Ok(created);
    }
    let moved = |(id, lead, facts): &(InteractionId, LeadId, InteractionFacts)| {
        into.get(lead).map(|into| (*id, *into, facts.clone()))
    };
    let mut again = insert(tx, arrival, &arriving.iter().filter_map(moved).collect::<Vec<_>>())?.into_iter();
    let is_new = |((_, lead, _), new): (&(InteractionId, LeadId, InteractionFacts), bool)| {
        if into.contains_key(lead) { again.next().unwrap_or(new) } else { new }
    };
    Ok(arriving.iter().zip(created).map(is_new).collect())
}

fn insert(
    tx: &mut Tx<'_>,
    arrival: &Arrival<'_>,
    arriving: &[(InteractionId, LeadId, InteractionFacts)],
) -> Result<Vec<bool>> {
    let created = tx.interactions_insert(arrival.tenant, arriving, arrival.import, arrival.now)?;
    let new = arriving.iter().zip(&created).filter(|(_, new)| **new);
    let told: Vec<InteractionRecorded> = new
        .map(|((id, lead, facts), _)| InteractionRecorded {
            lead: *lead,
            interaction: *id,
            kind: facts.kind,
            at: Some(facts.at),
        })
        .collect();
    for interactions in told.chunks(MAX_ITEMS) {
        tx.emit(arrival.tenant, arrival.now, &Event::InteractionRecorded { interactions: interactions.to_vec() })?;
    }
    Ok(created)
}

/// Stores values of series.
fn series(tx: &mut Tx<'_>, arrival: &Arrival<'_>, entries: &[Entry<SeriesRecord>]) -> Result<Taken> {
    let mut taken = Taken::default();
    let (mut points, mut rows) = (Vec::with_capacity(entries.len()), Vec::with_capacity(entries.len()));
    for entry in entries {
        let record = &entry.record;
        let Some(market) = record.market.as_ref().or(arrival.market) else {
            taken.reject(entry.line, "market", "no market is named, neither here nor for the whole file");
            continue;
        };
        rows.push(record.points.len());
        for (period, value) in &record.points {
            points.push(SeriesUpsert {
                market: market.clone(),
                metric: record.metric.clone(),
                period: *period,
                value: *value,
            });
        }
    }
    let outcomes = tx.series_upsert(arrival.tenant, &points, arrival.import)?;
    let mut rest = outcomes.as_slice();
    for points in rows {
        let (own, others) = rest.split_at(points);
        rest = others;
        taken.count([together(own)]);
    }
    Ok(taken)
}

/// A row of many values is new when all of them are, and unchanged when none changed.
fn together(outcomes: &[UpsertOutcome]) -> UpsertOutcome {
    let all = |wanted: UpsertOutcome| outcomes.iter().all(|outcome| *outcome == wanted);
    if all(UpsertOutcome::Unchanged) {
        UpsertOutcome::Unchanged
    } else if all(UpsertOutcome::Created) {
        UpsertOutcome::Created
    } else {
        UpsertOutcome::Updated
    }
}

fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut texts: Vec<String> = texts.collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

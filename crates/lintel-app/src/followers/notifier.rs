//! The notifier: tells users of what happened in the log: a lead handed to them, a lead of theirs that has become hot, did
//! something that is worth a word, or has new homes to look at; and, who runs the account, imports that ended and jobs that
//! were given up.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use lintel_domain::{
    clock::{DAY, Time},
    event::{BehaviourTriggered, Event, LeadScored, MatchFound},
    id::{LeadId, TenantId, UserId},
    notification::NotificationKind,
    saved_search::Why,
    trigger::Trigger,
};
use lintel_store::log::Recorded;

use super::durable::Step;
use crate::{
    App, Result,
    notifications::{Notice, notify},
};

/// Under which name its cursor is kept.
pub(super) const NAME: &str = "notifier";
/// What is older is no news, in microseconds: a follower that begins tells nobody of the past.
const NEWS: i64 = DAY;
/// An event that tells of more leads than this at once is an import or a rescoring; nobody is told of each.
const MOST_LEADS: usize = 20;

/// Stores what users are to be told of the events.
pub(super) async fn react(app: App, events: Vec<Arc<Recorded>>, _: bool) -> Result<Step> {
    let now = app.clock().now();
    let mut notices: BTreeMap<TenantId, Vec<(UserId, Notice)>> = BTreeMap::new();
    for logged in events.iter().filter(|logged| now.since(logged.at) < NEWS) {
        if let Some(event) = &logged.event {
            let told = app.notices_of(logged.tenant, event, logged.at).await?;
            if !told.is_empty() {
                notices.entry(logged.tenant).or_default().extend(told);
            }
        }
    }
    if notices.is_empty() {
        return Ok(Step::nothing());
    }
    Ok(Step::write(move |tx| notices.iter().try_for_each(|(tenant, notices)| notify(tx, &app, *tenant, notices, now))))
}

impl App {
    /// Who is told what of an event.
    async fn notices_of(&self, tenant: TenantId, event: &Event, at: Time) -> Result<Vec<(UserId, Notice)>> {
        match event {
            Event::LeadAssigned { leads } if leads.len() <= MOST_LEADS => self.assigned(tenant, leads).await,
            Event::LeadScored { scores } if scores.len() <= MOST_LEADS => self.newly_hot(tenant, scores, at).await,
            Event::BehaviourTriggered { triggers } if triggers.len() <= MOST_LEADS => {
                self.to_agents(tenant, triggers.iter().map(behaviour)).await
            }
            Event::MatchFound { matches, .. } if matches.len() <= MOST_LEADS => {
                self.to_agents(tenant, matches.iter().filter_map(homes_found)).await
            }
            Event::ImportFinished { import, kind, counts } => {
                let text = format!("{}, {} new, {} changed", kind.as_str(), counts.created, counts.updated);
                self.to_administrators(tenant, NotificationKind::ImportFinished, import.0, text).await
            }
            Event::JobDead { job, kind } => {
                self.to_administrators(tenant, NotificationKind::JobDead, job.0, kind.replace('_', " ")).await
            }
            _ => Ok(Vec::new()),
        }
    }

    async fn assigned(&self, tenant: TenantId, leads: &[LeadId]) -> Result<Vec<(UserId, Notice)>> {
        let leads = self.0.store.leads_by_ids(tenant, leads).await?.into_iter();
        Ok(leads
            .filter_map(|lead| Some((lead.facts.assignee?, about(NotificationKind::LeadAssigned, lead.id))))
            .collect())
    }

    /// Leads that were not hot by the score before.
    async fn newly_hot(&self, tenant: TenantId, scores: &[LeadScored], at: Time) -> Result<Vec<(UserId, Notice)>> {
        let hot = self.tiers(tenant).await?.hot;
        let ids: Vec<LeadId> = scores.iter().filter(|one| one.probability >= hot).map(|one| one.lead).collect();
        let mut notices = Vec::new();
        for lead in self.0.store.leads_by_ids(tenant, &ids).await? {
            let Some(agent) = lead.facts.assignee.filter(|_| lead.facts.outcome.is_none()) else { continue };
            let before = self.0.store.score_as_of(tenant, lead.id, at.plus(-1)).await?;
            if before.is_none_or(|before| before.probability < hot) {
                notices.push((agent, about(NotificationKind::LeadHot, lead.id)));
            }
        }
        Ok(notices)
    }

    /// Notices about leads, to the agents who have them.
    async fn to_agents(
        &self,
        tenant: TenantId,
        notices: impl Iterator<Item = (LeadId, Notice)>,
    ) -> Result<Vec<(UserId, Notice)>> {
        let notices: Vec<(LeadId, Notice)> = notices.collect();
        let leads: Vec<LeadId> = notices.iter().map(|(lead, _)| *lead).collect();
        let leads = self.0.store.leads_by_ids(tenant, &leads).await?;
        let agents: HashMap<LeadId, UserId> =
            leads.into_iter().filter_map(|lead| Some((lead.id, lead.facts.assignee?))).collect();
        Ok(notices.into_iter().filter_map(|(lead, notice)| Some((*agents.get(&lead)?, notice))).collect())
    }

    async fn to_administrators(
        &self,
        tenant: TenantId,
        kind: NotificationKind,
        subject: uuid::Uuid,
        text: String,
    ) -> Result<Vec<(UserId, Notice)>> {
        let notice = Notice { kind, lead: None, subject: Some(subject), text: Some(text) };
        Ok(self.administrators(tenant).await?.into_iter().map(|user| (user, notice.clone())).collect())
    }
}

fn about(kind: NotificationKind, lead: LeadId) -> Notice {
    Notice { kind, lead: Some(lead), subject: None, text: None }
}

fn behaviour(fired: &BehaviourTriggered) -> (LeadId, Notice) {
    let n = fired.n;
    let text = match fired.trigger {
        Trigger::Revisit => format!("came back after {n} days"),
        Trigger::FiveVisits => format!("visited {n} times in 7 days"),
        Trigger::FiveHomes => format!("looked at {n} homes in 24 hours"),
        Trigger::TenHomes => format!("looked at {n} homes in 7 days"),
        Trigger::SameHome => format!("looked at one home {n} times"),
        Trigger::Favourite => "saved a home".to_owned(),
        Trigger::SavedPriceDrop => "saved a home that got cheaper".to_owned(),
    };
    let subject = fired.listing.map(|listing| listing.0);
    (fired.lead, Notice { subject, text: Some(text), ..about(NotificationKind::Behaviour, fired.lead) })
}

/// What a lead's saved search found; homes that a lead saved are told of as its behaviour.
fn homes_found(found: &MatchFound) -> Option<(LeadId, Notice)> {
    let (lead, search) = (found.lead?, found.search?);
    let n = found.listings.len() + found.more as usize;
    let homes = if n == 1 { "home" } else { "homes" };
    let text = match found.why {
        Why::New => format!("{n} new {homes}"),
        Why::PriceDrop => format!("{n} cheaper {homes}"),
        Why::BackOnMarket => format!("{n} {homes} back on the market"),
    };
    Some((lead, Notice { subject: Some(search.0), text: Some(text), ..about(NotificationKind::HomesFound, lead) }))
}

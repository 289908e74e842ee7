//! Merging two leads that are the same person, and taking that back.

use lintel_domain::{clock::Time, event::Event, id::LeadId, merge::MOST_MERGED};
use lintel_store::{
    audit::NewAudit,
    lead::{Merging, Unmerging},
};
use serde_json::json;

use crate::{App, Error, LeadView, Principal, Result};

/// A lead that was merged into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedInto {
    /// Which.
    pub id: LeadId,
    /// Its name, if known.
    pub name: Option<String>,
    /// Its e-mail address, if known.
    pub email: Option<String>,
    /// Its telephone number, if known.
    pub phone: Option<String>,
    /// The id in the system it came from.
    pub external_id: Option<String>,
    /// When it was merged.
    pub at: Time,
}

impl App {
    /// Merges a lead into another: `from` is there no more, and everything of it is `lead`'s. To do it twice changes nothing.
    pub async fn lead_merge(&self, who: &Principal, lead: LeadId, from: LeadId) -> Result<LeadView> {
        if lead == from {
            return Err(Error::invalid("/from", "same", "a lead cannot be merged into itself"));
        }
        let (tenant, now) = (who.tenant, self.clock().now());
        let audit = self.audit_entry(who, "lead.merge", lead.to_string(), json!({ "from": from }), now);
        let write = self.0.store.write(move |tx| {
            let merging = tx.lead_merge(tenant, lead, from, now)?;
            if merging == Merging::Done {
                tx.emit(tenant, now, &Event::LeadMerged { lead, from })?;
                tx.audit(tenant, &audit)?;
            }
            Ok::<_, lintel_store::Error>(merging)
        });
        match write.await? {
            Merging::Done | Merging::Already => self.lead(who, lead).await,
            Merging::Gone => Err(Error::NotFound("lead")),
            Merging::Elsewhere { into, .. } => Err(Error::Merged { into }),
            Merging::Full => Err(Error::Conflict {
                code: "conflict",
                detail: format!("a lead takes in at most {MOST_MERGED} others"),
            }),
        }
    }

    /// Takes a merge back: the lead is there again, with what was its own. One that was not merged is answered as it is, so
    /// that a call that is repeated has its effect once.
    pub async fn lead_unmerge(&self, who: &Principal, id: LeadId) -> Result<LeadView> {
        let (tenant, now) = (who.tenant, self.clock().now());
        let audit = self.audit_entry(who, "lead.unmerge", id.to_string(), json!({ "from": id }), now);
        let write = self.0.store.write(move |tx| {
            let unmerging = tx.lead_unmerge(tenant, id, now)?;
            if let Unmerging::Done(lead) = unmerging {
                tx.emit(tenant, now, &Event::LeadUnmerged { lead, from: id })?;
                tx.audit(tenant, &NewAudit { subject: lead.to_string(), ..audit.clone() })?;
            }
            Ok::<_, lintel_store::Error>(unmerging)
        });
        match write.await? {
            Unmerging::Done(_) | Unmerging::There => self.lead(who, id).await,
            Unmerging::Gone => Err(Error::NotFound("lead")),
            Unmerging::Further { lead, into } => Err(Error::Conflict {
                code: "conflict",
                detail: format!("lead {lead}, which it was merged into, was merged into {into}: take that back first"),
            }),
        }
    }

    /// The leads that were merged into one, the latest first.
    pub async fn lead_merges(&self, who: &Principal, lead: LeadId) -> Result<Vec<MergedInto>> {
        self.0.store.lead_get(who.tenant, lead).await?.ok_or(Error::NotFound("lead"))?;
        let merged = self.0.store.leads_merged_into(who.tenant, lead).await?;
        let told = merged.into_iter().map(|one| MergedInto {
            id: one.lead.id,
            name: one.lead.facts.name,
            email: one.lead.facts.email,
            phone: one.lead.facts.phone,
            external_id: one.lead.facts.external_id,
            at: one.at,
        });
        Ok(told.collect())
    }
}

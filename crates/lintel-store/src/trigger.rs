//! Which behaviour triggers have fired: each once.

use lintel_domain::{
    clock::Time,
    id::{LeadId, ListingId, TenantId},
    trigger::{Firing, Trigger},
};
use uuid::Uuid;

use crate::{Result, Store, Tx, params};

crate::sql! {
    /// A firing, unless it is there. The empty id stands for no home.
    FIRE "trigger.fire" = "INSERT INTO triggers_fired (tenant_id, lead_id, kind, listing_id, stretch, at, n)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING n";
    /// What fired for a lead, the latest first.
    OF_LEAD "trigger.of_lead" = "SELECT kind, listing_id, at, n FROM triggers_fired
        WHERE tenant_id = $1 AND lead_id = $2 ORDER BY at DESC LIMIT $3";
}

impl Store {
    /// What fired for a lead, the latest first.
    pub async fn triggers_of(&self, tenant: TenantId, lead: LeadId, limit: u32) -> Result<Vec<Firing>> {
        self.query(&OF_LEAD, params![tenant, lead, limit], |row| {
            let listing: Uuid = row.get(1)?;
            let listing = (!listing.is_nil()).then_some(ListingId(listing));
            let n: i64 = row.get(3)?;
            Ok(Firing::new(row.word(0, Trigger::parse)?, listing, row.get::<Time>(2)?, n as u32))
        })
        .await
    }
}

impl Tx<'_> {
    /// Keeps firings; for each, in order, whether it is new. What is of a lead that is gone is not.
    pub fn triggers_fire(&mut self, tenant: TenantId, firings: &[(LeadId, Firing)]) -> Result<Vec<bool>> {
        let there = self.leads_hold(tenant, firings.iter().map(|(lead, _)| *lead))?;
        let of_leads = firings.iter().filter(|(lead, _)| there.contains(lead));
        let items = of_leads.map(|(lead, one)| {
            let listing = one.key.listing.map_or(Uuid::nil(), |listing| listing.0);
            params![tenant, *lead, one.key.trigger.as_str(), listing, one.key.stretch, one.at, one.n]
        });
        let mut new = self.query_many(&FIRE, items, |_| Ok(()))?.into_iter();
        Ok(firings.iter().map(|(lead, _)| there.contains(lead) && new.next().flatten().is_some()).collect())
    }
}

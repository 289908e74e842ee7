//! What behaviour triggers a lead has fired.

use lintel_domain::{id::LeadId, page::MAX_LIMIT, trigger::Firing};

use crate::{App, Error, Principal, Result};

impl App {
    /// The latest triggers that a lead fired, the latest first, at most 200.
    pub async fn lead_triggers(&self, who: &Principal, lead: LeadId) -> Result<Vec<Firing>> {
        self.0.store.lead_get(who.tenant, lead).await?.ok_or(Error::NotFound("lead"))?;
        Ok(self.0.store.triggers_of(who.tenant, lead, MAX_LIMIT).await?)
    }
}

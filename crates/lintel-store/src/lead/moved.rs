//! What goes with a lead that is merged, and comes back when that is taken back. Rows that can be told apart by an id move, and which
//! did is noted; others are copied to the lead that stays, and the copies go again.

use lintel_domain::{
    clock::Time,
    contact::{Channel, Consent, ConsentStatus},
    id::{LeadId, TenantId},
};

use crate::{Result, Tx, db::Sql, params};

/// The statements of a table whose rows move: note which are of a lead, give them to another, give those that were noted back.
macro_rules! moves {
    ({ $($(#[$doc:meta])* $table:literal $kind:literal: $note:ident $name:literal $go:ident $name_go:literal $back:ident $name_back:literal;)+ }
    $($rest:tt)+) => {
        crate::sql! {
            $(
                $(#[$doc])*
                $note $name = (concat!("INSERT INTO merged_rows (tenant_id, lead_id, kind, row_id)
                    SELECT tenant_id, lead_id, '", $kind, "', id FROM ", $table, " WHERE tenant_id = $1 AND lead_id = $2"));
                /// They go to another lead.
                $go $name_go = (concat!("UPDATE ", $table, " SET lead_id = $3 WHERE tenant_id = $1 AND lead_id = $2"));
                /// They come back.
                $back $name_back = (concat!("UPDATE ", $table, " SET lead_id = $2 WHERE tenant_id = $1 AND lead_id = $3
                    AND id IN (SELECT row_id FROM merged_rows WHERE tenant_id = $1 AND lead_id = $2 AND kind = '", $kind, "')"));
            )+
            $($rest)+
        }

        static NOTES: &[&Sql] = &[$(&$note),+];
        static GO: &[&Sql] = &[$(&$go),+];
        static BACK: &[&Sql] = &[$(&$back),+];
    };
}

moves! {
    {
        /// What the lead did.
        "interactions" "interaction": NOTE_INTERACTIONS "moved.note_interactions" INTERACTIONS "moved.interactions"
            INTERACTIONS_BACK "moved.interactions_back";
        /// What is to be done with it.
        "tasks" "task": NOTE_TASKS "moved.note_tasks" TASKS "moved.tasks" TASKS_BACK "moved.tasks_back";
        /// What was saved for it.
        "saved_searches" "search": NOTE_SEARCHES "moved.note_searches" SEARCHES "moved.searches"
            SEARCHES_BACK "moved.searches_back";
        /// What users were told of it.
        "notifications" "notification": NOTE_NOTIFICATIONS "moved.note_notifications" NOTIFICATIONS "moved.notifications"
            NOTIFICATIONS_BACK "moved.notifications_back";
    }

    /// Nothing is noted any more.
    FORGET "moved.forget" = "DELETE FROM merged_rows WHERE tenant_id = $1 AND lead_id = $2";
    /// Which variants it was shown, unless the other was shown one.
    EXPOSURES "moved.exposures" = "INSERT INTO exposures (tenant_id, experiment_id, lead_id, variant, at)
        SELECT tenant_id, experiment_id, $3, variant, at FROM exposures WHERE tenant_id = $1 AND lead_id = $2
        ON CONFLICT DO NOTHING";
    /// Those are taken from the other again.
    EXPOSURES_BACK "moved.exposures_back" = "DELETE FROM exposures WHERE tenant_id = $1 AND lead_id = $3
        AND EXISTS (SELECT 1 FROM exposures own WHERE own.tenant_id = $1 AND own.lead_id = $2
            AND own.experiment_id = exposures.experiment_id AND own.variant = exposures.variant AND own.at = exposures.at)";
    /// Which triggers it fired: they do not fire again for the other.
    TRIGGERS "moved.triggers" = "INSERT INTO triggers_fired (tenant_id, lead_id, kind, listing_id, stretch, at, n)
        SELECT tenant_id, $3, kind, listing_id, stretch, at, n FROM triggers_fired WHERE tenant_id = $1 AND lead_id = $2
        ON CONFLICT DO NOTHING";
    /// Those are taken from the other again.
    TRIGGERS_BACK "moved.triggers_back" = "DELETE FROM triggers_fired WHERE tenant_id = $1 AND lead_id = $3
        AND EXISTS (SELECT 1 FROM triggers_fired own WHERE own.tenant_id = $1 AND own.lead_id = $2
            AND own.kind = triggers_fired.kind AND own.listing_id = triggers_fired.listing_id
            AND own.stretch = triggers_fired.stretch AND own.at = triggers_fired.at AND own.n = triggers_fired.n)";
    /// Its consent ledger, behind that of the other.
    CONSENTS "moved.consents" = "INSERT INTO consents
            (tenant_id, lead_id, n, channel, status, source, text, at, recorded_at, created_by)
        SELECT tenant_id, $3, n + $4, channel, status, source, text, at, recorded_at, created_by FROM consents
        WHERE tenant_id = $1 AND lead_id = $2";
    /// Those entries are taken from the other again.
    CONSENTS_BACK "moved.consents_back" = "DELETE FROM consents WHERE tenant_id = $1 AND lead_id = $2 AND n > $3 AND n <= $4";
}

/// Which entries of a ledger are copies of another's: behind the first and up to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Copied {
    pub(super) after: i64,
    pub(super) until: i64,
}

impl Tx<'_> {
    /// Gives everything of a lead to another, and notes what it was.
    pub(super) fn rows_go(&mut self, tenant: TenantId, from: LeadId, to: LeadId) -> Result<()> {
        for note in NOTES {
            self.execute(note, params![tenant, from])?;
        }
        for go in GO.iter().copied().chain([&EXPOSURES, &TRIGGERS]) {
            self.execute(go, params![tenant, from, to])?;
        }
        Ok(())
    }

    /// Gives a lead back what went from it to another.
    pub(super) fn rows_back(&mut self, tenant: TenantId, from: LeadId, to: LeadId) -> Result<()> {
        for back in BACK.iter().copied().chain([&EXPOSURES_BACK, &TRIGGERS_BACK]) {
            self.execute(back, params![tenant, from, to])?;
        }
        self.execute(&FORGET, params![tenant, from]).map(|_| ())
    }

    /// Adds the ledger of a lead to that of another. What either has taken back stays taken back.
    pub(super) fn consents_join(&mut self, tenant: TenantId, from: LeadId, to: LeadId, now: Time) -> Result<Copied> {
        let (own, other) = (self.consents(tenant, to)?, self.consents(tenant, from)?);
        let after = self.consents_end(tenant, to)?;
        self.execute(&CONSENTS, params![tenant, from, to, after])?;
        let until = self.consents_end(tenant, to)?;
        let joined: Vec<Consent> = other.iter().chain(&own).cloned().collect();
        let revoked = revoked(&own, &joined, "taken back before the lead was merged");
        self.consent_append(tenant, to, &revoked, None, now)?;
        Ok(Copied { after, until })
    }

    /// Takes the ledger of a lead from that of another again. What was taken back by now stays taken back for both.
    pub(super) fn consents_part(
        &mut self,
        tenant: TenantId,
        from: LeadId,
        to: LeadId,
        copied: Copied,
        now: Time,
    ) -> Result<()> {
        let joined = self.consents(tenant, to)?;
        self.execute(&CONSENTS_BACK, params![tenant, to, copied.after, copied.until])?;
        for lead in [from, to] {
            let left = self.consents(tenant, lead)?;
            let revoked = revoked(&joined, &left, "taken back before the merge was undone");
            self.consent_append(tenant, lead, &revoked, None, now)?;
        }
        Ok(())
    }
}

/// Entries that take back what `said` ends with taken back and `ledger` does not; both newest first.
fn revoked(said: &[Consent], ledger: &[Consent], why: &str) -> Vec<Consent> {
    let last = |ledger: &[Consent], channel: Channel| ledger.iter().find(|entry| entry.channel == channel).cloned();
    let is_revoked = |entry: &Consent| entry.status == ConsentStatus::Revoked;
    let open = Channel::ALL.iter().filter(|channel| !last(ledger, **channel).is_some_and(|entry| is_revoked(&entry)));
    let refused = open.filter_map(|channel| last(said, *channel).filter(is_revoked));
    refused.map(|entry| Consent { source: Some("merge".to_owned()), text: Some(why.to_owned()), ..entry }).collect()
}

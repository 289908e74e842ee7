-- What a lead and the team last did towards each other, from which the next step follows; and the strongest reason for the
-- live score, in words. What is there already is counted once; afterwards it is kept in the commit of each interaction.

ALTER TABLE leads ADD COLUMN top_reason text;
ALTER TABLE leads ADD COLUMN acted_at bigint;
ALTER TABLE leads ADD COLUMN contacted_at bigint;
ALTER TABLE leads ADD COLUMN waiting_since bigint;
ALTER TABLE leads ADD COLUMN returned_at bigint;

UPDATE leads SET
    acted_at = (SELECT max(i.at) FROM interactions i WHERE i.tenant_id = leads.tenant_id AND i.lead_id = leads.id
        AND i.kind NOT IN ('call_missed', 'message_out', 'note', 'other')),
    contacted_at = (SELECT max(i.at) FROM interactions i WHERE i.tenant_id = leads.tenant_id AND i.lead_id = leads.id
        AND i.kind IN ('message_out', 'call_answered', 'call_missed', 'showing'))
    WHERE last_interaction_at IS NOT NULL;
UPDATE leads SET
    waiting_since = (SELECT min(i.at) FROM interactions i WHERE i.tenant_id = leads.tenant_id AND i.lead_id = leads.id
        AND i.kind IN ('message_in', 'form_submit', 'showing_requested')
        AND (leads.contacted_at IS NULL OR i.at > leads.contacted_at)),
    returned_at = (SELECT max(acts.at) FROM
        (SELECT i.at AS at, lag(i.at) OVER (ORDER BY i.at) AS before FROM interactions i
            WHERE i.tenant_id = leads.tenant_id AND i.lead_id = leads.id
            AND i.kind NOT IN ('call_missed', 'message_out', 'note', 'other')) acts
        WHERE acts.at - acts.before >= 1209600000000)
    WHERE acted_at IS NOT NULL OR contacted_at IS NOT NULL;

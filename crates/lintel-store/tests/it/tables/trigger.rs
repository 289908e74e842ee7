//! Behaviour triggers that fired: each once, for leads that are there, gone with the lead.

use lintel_domain::{
    clock::DAY,
    id::{LeadId, ListingId},
    trigger::{Firing, Trigger},
};
use lintel_store::params;

use super::{lead_of, set_up};
use crate::{
    backend::START,
    plan::{examines, settle},
};

on_each_backend! {
    async fn a_trigger_fires_once_in_a_stretch_for_a_lead_that_is_there(backend) {
        let [one, two] = [set_up(&backend, 1).await, set_up(&backend, 2).await];
        let (lead, gone) = (lead_of(&backend, one, "a").await, LeadId(backend.id()));
        let home = Some(ListingId(backend.id()));
        let visits = |at: i64, n| Firing::new(Trigger::FiveVisits, None, START.plus(at), n);
        let viewed = Firing::new(Trigger::SameHome, home, START.plus(3), 3);
        let fire = async |tenant, fired: Vec<(LeadId, Firing)>| {
            backend.write(move |tx| tx.triggers_fire(tenant, &fired)).await.unwrap()
        };
        let first = vec![(lead, visits(1, 5)), (gone, visits(1, 5)), (lead, visits(2, 6)), (lead, viewed)];
        assert_eq!(fire(one, first.clone()).await, [true, false, false, true]);
        assert_eq!(fire(one, first).await, [false; 4]);
        assert_eq!(fire(two, vec![(lead, visits(1, 5))]).await, [false], "another tenant's lead");
        assert_eq!(fire(one, vec![(lead, visits(8 * DAY, 5))]).await, [true], "the next stretch");
        let told = backend.triggers_of(one, lead, 10).await.unwrap();
        assert_eq!(told, [visits(8 * DAY, 5), viewed, visits(1, 5)]);
        assert_eq!(backend.triggers_of(one, lead, 1).await.unwrap().len(), 1);
        assert_eq!(backend.triggers_of(two, lead, 10).await.unwrap(), []);
        assert_eq!(backend.write(move |tx| tx.lead_erase(one, lead, START)).await.unwrap(), [lead]);
        assert_eq!(backend.triggers_of(one, lead, 10).await.unwrap(), []);
    }

    async fn what_fired_is_found_without_looking_at_others(backend) {
        let one = set_up(&backend, 1).await;
        let mut fired = Vec::new();
        for name in 0..20 {
            let lead = lead_of(&backend, one, &name.to_string()).await;
            fired.extend((0..150).map(|n| (lead, Firing::new(Trigger::FiveHomes, None, START.plus(n * DAY), 5))));
        }
        let lead = fired[0].0;
        backend.write(move |tx| tx.triggers_fire(one, &fired)).await.unwrap();
        settle(&backend).await;
        examines(&backend, "trigger.of_lead", params![one, lead, 20i64], 20, 45).await;
    }
}

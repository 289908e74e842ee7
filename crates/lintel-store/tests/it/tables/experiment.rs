//! Experiments: a page, and the exposures of one, are found without looking at others.

use lintel_domain::id::ExperimentId;
use lintel_store::{
    Result,
    experiment::{ExperimentRow, ExposureRow},
    params,
};
use uuid::Uuid;

use super::{person, put_leads, set_up};
use crate::{
    backend::START,
    plan::{examines, settle},
};

on_each_backend! {
    async fn experiments_and_exposures_are_found_without_looking_at_others(backend) {
        let one = set_up(&backend, 1).await;
        let experiments: Vec<ExperimentId> = (0..1_500).map(|_| ExperimentId(backend.id())).collect();
        let people = (0..300).map(|n| person(&n.to_string())).collect();
        let leads: Vec<_> = put_leads(&backend, one, people).await.iter().filter_map(|lead| lead.id).collect();
        let (made, shown) = (experiments.clone(), leads.clone());
        let write = backend.write(move |tx| -> Result<()> {
            for id in &made {
                let variants = vec![("a".to_owned(), 1), ("b".to_owned(), 1)];
                let row = ExperimentRow { id: *id, name: "e".to_owned(), variants, created_at: START, ended_at: None };
                tx.experiment_create(one, &row)?;
            }
            for id in &made[..4] {
                for (n, lead) in shown.iter().enumerate() {
                    tx.exposure_record(one, *id, ExposureRow { lead: *lead, variant: n as u32 % 2, at: START })?;
                }
            }
            Ok(())
        });
        write.await.unwrap();
        settle(&backend).await;
        examines(&backend, "experiment.by_id", params![one, experiments[2]], 1, 1).await;
        examines(&backend, "experiment.page", params![one, Uuid::max(), 20i64], 20, 25).await;
        examines(&backend, "exposure.page", params![one, experiments[2], Uuid::nil(), 20i64], 20, 25).await;
        examines(&backend, "exposure.page", params![one, experiments[1_400], Uuid::nil(), 20i64], 0, 2).await;
    }
}

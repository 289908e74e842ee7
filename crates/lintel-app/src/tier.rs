//! Tiers: where a score stands among the tenant's live scores.

use lintel_domain::{
    clock::{SECOND, Time},
    id::TenantId,
    lead::Tier,
};

use crate::{App, Result};

/// How tiers are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TierRules {
    /// From how many live scores on percentiles count.
    pub percentiles_from: u64,
    /// The share of live scores below a hot one, 0 to 1.
    pub hot_percentile: f64,
    /// The share of live scores below a warm one, 0 to 1.
    pub warm_percentile: f64,
    /// The probability of a hot lead while there are few scores.
    pub hot_probability: f64,
    /// The probability of a warm lead while there are few scores.
    pub warm_probability: f64,
}

impl Default for TierRules {
    fn default() -> Self {
        Self {
            percentiles_from: 100,
            hot_percentile: 0.8,
            warm_percentile: 0.5,
            hot_probability: 0.5,
            warm_probability: 0.2,
        }
    }
}

/// The scores at which tiers begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tiers {
    pub(crate) hot: f64,
    pub(crate) warm: f64,
}

impl Tiers {
    pub(crate) fn of(self, probability: f64) -> Tier {
        if probability >= self.hot {
            Tier::Hot
        } else if probability >= self.warm {
            Tier::Warm
        } else {
            Tier::Cool
        }
    }

    /// The scores of a tier: from the first on, below the second.
    pub(crate) fn range(self, tier: Tier) -> (Option<f64>, Option<f64>) {
        match tier {
            Tier::Hot => (Some(self.hot), None),
            Tier::Warm => (Some(self.warm), Some(self.hot)),
            Tier::Cool => (None, Some(self.warm)),
        }
    }
}

impl From<Tiers> for lintel_search::Bounds {
    fn from(Tiers { hot, warm }: Tiers) -> Self {
        Self { hot, warm }
    }
}

/// For how long bounds that were read are used before they are read anew, in microseconds: they move with the whole of a
/// tenant's leads.
const FRESH: i64 = 5 * SECOND;

/// Bounds that were read, and when.
#[derive(Clone, Copy)]
pub(crate) struct Read {
    at: Time,
    tiers: Tiers,
    /// Whether somebody is reading them anew.
    refreshing: bool,
}

/// Bounds that were read, by tenant.
pub(crate) type Remembered = parking_lot::RwLock<std::collections::HashMap<TenantId, Read>>;

impl App {
    /// The scores at which the tenant's tiers begin. When they were read a while ago one caller has them read anew, and
    /// nobody waits for it.
    pub(crate) async fn tiers(&self, tenant: TenantId) -> Result<Tiers> {
        let now = self.clock().now();
        let remembered = self.0.tiers.read().get(&tenant).copied();
        let Some(read) = remembered else { return self.read_tiers(tenant).await };
        let fresh = (0..FRESH).contains(&now.since(read.at));
        if !fresh && !read.refreshing && self.claim_refresh(tenant) {
            let app = self.clone();
            self.0.tasks.spawn(async move {
                if let Err(error) = app.read_tiers(tenant).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "tiers cannot be read anew");
                    if let Some(read) = app.0.tiers.write().get_mut(&tenant) {
                        read.refreshing = false;
                    }
                }
            });
        }
        Ok(read.tiers)
    }

    /// Whether this caller is the one who has the bounds read anew.
    fn claim_refresh(&self, tenant: TenantId) -> bool {
        let mut remembered = self.0.tiers.write();
        remembered.get_mut(&tenant).is_some_and(|read| !std::mem::replace(&mut read.refreshing, true))
    }

    async fn read_tiers(&self, tenant: TenantId) -> Result<Tiers> {
        let at = self.clock().now();
        let rules = self.0.tier_rules;
        let scored = self.0.store.scored_lead_count(tenant).await?;
        let tiers = if scored < rules.percentiles_from {
            Tiers { hot: rules.hot_probability, warm: rules.warm_probability }
        } else {
            let hot = self.0.store.score_percentile(tenant, scored, rules.hot_percentile).await?;
            let warm = self.0.store.score_percentile(tenant, scored, rules.warm_percentile).await?;
            Tiers { hot: hot.unwrap_or(rules.hot_probability), warm: warm.unwrap_or(rules.warm_probability) }
        };
        self.0.tiers.write().insert(tenant, Read { at, tiers, refreshing: false });
        Ok(tiers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_probability_is_in_the_range_of_its_tier() {
        let tiers = Tiers { hot: 0.7, warm: 0.3 };
        for tenth in 0..=10 {
            let probability = f64::from(tenth) / 10.0;
            let (from, below) = tiers.range(tiers.of(probability));
            assert!(from.is_none_or(|from| probability >= from) && below.is_none_or(|below| probability < below));
        }
    }
}

//! Disparity: whether scores favour one group of people over another, from groups supplied for testing only.

use std::collections::BTreeMap;

use serde::Serialize;

/// A ratio of favourable rates below this is flagged: the four-fifths rule (29 CFR 1607.4 D), a screening heuristic.
pub const FLAG_BELOW: f64 = 0.8;
/// With fewer people in a group nothing is flagged: chance alone moves its rate too far.
pub const FEWEST: usize = 30;

/// One person: the group, the score, whether it is among the favoured, and the outcome once there is one.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The group's name.
    pub group: String,
    /// The probability, 0 to 1.
    pub probability: f64,
    /// Whether the score puts the person among the first, such as the hot ones.
    pub favoured: bool,
    /// Whether it came true; absent while open.
    pub outcome: Option<bool>,
}

/// One group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupShare {
    /// Its name.
    pub group: String,
    /// People in it.
    pub n: usize,
    /// Mean probability.
    pub mean_probability: f64,
    /// Share of the favoured.
    pub favoured_rate: f64,
    /// That share over that of the most favoured group with enough people: the adverse-impact ratio.
    pub impact_ratio: f64,
    /// People with an outcome.
    pub outcomes: usize,
    /// Share of them of whom it came true; absent without any.
    pub observed_rate: Option<f64>,
    /// Mean probability of them less the observed rate: above 0 the score says too much of this group.
    pub calibration_gap: Option<f64>,
    /// Whether the ratio is below [`FLAG_BELOW`] in a group of at least [`FEWEST`].
    pub flagged: bool,
}

/// The groups, by name.
pub fn disparity(members: &[Member]) -> Vec<GroupShare> {
    let mut groups: BTreeMap<&str, Vec<&Member>> = BTreeMap::new();
    for member in members {
        groups.entry(&member.group).or_default().push(member);
    }
    let rate = |members: &[&Member]| members.iter().filter(|one| one.favoured).count() as f64 / members.len() as f64;
    let highest = |least: usize| {
        groups.values().filter(|members| members.len() >= least).map(|members| rate(members)).fold(f64::NAN, f64::max)
    };
    let best = if highest(FEWEST).is_nan() { highest(1) } else { highest(FEWEST) };
    groups
        .iter()
        .map(|(group, members)| {
            let told: Vec<&&Member> = members.iter().filter(|one| one.outcome.is_some()).collect();
            let share = |of: f64| (!told.is_empty()).then(|| of / told.len() as f64);
            let observed_rate = share(told.iter().filter(|one| one.outcome == Some(true)).count() as f64);
            let said = share(told.iter().map(|one| one.probability).sum());
            let impact_ratio = if best > 0.0 { rate(members) / best } else { 1.0 };
            GroupShare {
                group: (*group).to_owned(),
                n: members.len(),
                mean_probability: members.iter().map(|one| one.probability).sum::<f64>() / members.len() as f64,
                favoured_rate: rate(members),
                impact_ratio,
                outcomes: told.len(),
                observed_rate,
                calibration_gap: said.zip(observed_rate).map(|(said, observed)| said - observed),
                flagged: members.len() >= FEWEST && impact_ratio < FLAG_BELOW,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(group: &str, n: usize, favoured: usize) -> impl Iterator<Item = Member> {
        (0..n).map(move |row| Member {
            group: group.into(),
            probability: 0.5,
            favoured: row < favoured,
            outcome: (row % 2 == 0).then_some(row % 4 == 0),
        })
    }

    #[test]
    fn a_group_that_is_favoured_less_than_four_fifths_as_often_is_flagged() {
        let all: Vec<Member> = members("a", 100, 40)
            .chain(members("b", 100, 31))
            .chain(members("c", 100, 33))
            .chain(members("d", 4, 0))
            .collect();
        let report = disparity(&all);
        let flags: Vec<bool> = report.iter().map(|one| one.flagged).collect();
        assert_eq!(flags, [false, true, false, false], "{report:?}");
        assert!((report[1].impact_ratio - 0.775).abs() < 1e-12);
        assert_eq!(
            (report[0].outcomes, report[0].observed_rate, report[0].calibration_gap),
            (50, Some(0.5), Some(0.0))
        );
        assert!(disparity(&[]).is_empty());
    }
}

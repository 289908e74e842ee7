//! The model card: what the models are for, what they read and where they end, from one text and the code.

use std::fmt::Write as _;

use lintel_domain::fair::Protected;

use crate::lead::disparity::FLAG_BELOW;
use crate::lead::example::{HORIZON_DAYS, SILENT_DAYS};
use crate::lead::manifest::BUILT_IN;
use crate::lead::train::MIN_LEADS;
use crate::learn::classify::MIN_CLASS_ROWS;

/// The page, as Markdown.
pub fn page() -> String {
    let traits: Vec<String> = Protected::ALL.iter().map(|one| one.as_str().replace('_', " ")).collect();
    include_str!("card.txt")
        .replace("{horizon}", &HORIZON_DAYS.to_string())
        .replace("{silent}", &SILENT_DAYS.to_string())
        .replace("{least}", &MIN_LEADS.to_string())
        .replace("{class}", &MIN_CLASS_ROWS.to_string())
        .replace("{ratio}", &FLAG_BELOW.to_string())
        .replace("{traits}", &traits.join(", "))
        .replace("{features}", &features())
}

fn features() -> String {
    let mut text = "| what it is | features |\n|---|---|\n".to_owned();
    for (what, names) in BUILT_IN {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {what} | {} |", names.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gap_of_the_text_is_filled() {
        let page = page();
        let gaps: Vec<&str> = page.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        assert!(gaps.iter().all(|gap| ["kind", "id"].contains(gap)), "{gaps:?}");
        assert!(page.contains("`days_since_active`") && page.contains("familial status"));
    }
}

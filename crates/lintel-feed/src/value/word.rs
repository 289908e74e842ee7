//! Words of closed lists as others spell them: states of a listing, kinds of interaction, outcomes, consent.

use lintel_domain::contact::ConsentStatus;
use lintel_domain::interaction::InteractionKind;
use lintel_domain::lead::Outcome;
use lintel_domain::listing::Status;

/// The letters and digits of a text in lower case: `Active Under-Contract` is `activeundercontract`.
pub(crate) fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Reads a state in RESO's, our or a common spelling.
pub fn status(text: &str) -> Option<Status> {
    if let Some(exact) = Status::parse(text) {
        return Some(exact);
    }
    Some(match bare(text).as_str() {
        "active" | "forsale" | "new" | "backonmarket" | "available" | "readytobuild" => Status::Active,
        "activeundercontract" | "contingent" | "activecontingent" => Status::ActiveUnderContract,
        "pending" | "undercontract" | "underoffer" | "saleagreed" => Status::Pending,
        "closed" | "sold" | "settled" => Status::Closed,
        "withdrawn" | "offmarket" => Status::Withdrawn,
        "expired" => Status::Expired,
        "canceled" | "cancelled" | "terminated" => Status::Canceled,
        "comingsoon" => Status::ComingSoon,
        "hold" | "onhold" | "temporarilyoffmarket" => Status::Hold,
        "incomplete" | "draft" => Status::Incomplete,
        "delete" | "deleted" => Status::Delete,
        _ => return None,
    })
}

/// Reads how a lead ended: `1`, `true`, `yes`, `y`, `won` or `0`, `false`, `no`, `n`, `lost`, in any case.
pub fn outcome(text: &str) -> Option<Outcome> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "1.0" | "true" | "yes" | "y" | "won" => Some(Outcome::Won),
        "0" | "0.0" | "false" | "no" | "n" | "lost" => Some(Outcome::Lost),
        _ => None,
    }
}

/// Reads whether a person agreed: `granted`, `revoked`, or yes and no as for outcomes.
pub fn consent(text: &str) -> Option<ConsentStatus> {
    match text.trim().to_ascii_lowercase().as_str() {
        "granted" | "1" | "true" | "yes" | "y" => Some(ConsentStatus::Granted),
        "revoked" | "0" | "false" | "no" | "n" => Some(ConsentStatus::Revoked),
        _ => None,
    }
}

/// Reads a kind of interaction; an unknown one is [`InteractionKind::Other`].
pub fn interaction_kind(text: &str) -> InteractionKind {
    if let Some(exact) = InteractionKind::parse(text) {
        return exact;
    }
    match bare(text).as_str() {
        "emailopen" | "emailopened" | "openedemail" => InteractionKind::EmailOpen,
        "linkclick" | "linkclicked" | "emaillinkclicked" | "click" => InteractionKind::LinkClick,
        "formsubmit" | "formsubmitted" | "formsubmission" => InteractionKind::FormSubmit,
        "callanswered" => InteractionKind::CallAnswered,
        "callmissed" | "missedcall" => InteractionKind::CallMissed,
        "listingview" | "listingviewed" | "propertyview" | "propertyviewed" => InteractionKind::ListingView,
        "listingsave" | "listingsaved" | "propertysaved" | "favorite" | "favourite" => InteractionKind::ListingSave,
        "listinghide" | "listinghidden" => InteractionKind::ListingHide,
        "listingshare" | "listingshared" => InteractionKind::ListingShare,
        "search" | "searched" => InteractionKind::Search,
        "sitevisit" | "pageview" | "pagevisit" => InteractionKind::SiteVisit,
        "messagein" | "inboundmessage" => InteractionKind::MessageIn,
        "messageout" | "outboundmessage" => InteractionKind::MessageOut,
        "showingrequested" | "showingrequest" => InteractionKind::ShowingRequested,
        "showing" => InteractionKind::Showing,
        "offer" => InteractionKind::Offer,
        "note" => InteractionKind::Note,
        _ => InteractionKind::Other,
    }
}

/// Splits a list in one field: a JSON array of texts, or texts between `separators`. Blank entries are dropped.
pub fn list(text: &str, separators: &[char]) -> Result<Vec<String>, &'static str> {
    if text.trim_start().starts_with('[') {
        without_nul(text)?;
        return serde_json::from_str(text).map_err(|_| "not a JSON array of texts");
    }
    Ok(text.split(separators).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect())
}

/// Refuses JSON that hides a NUL character behind an escape; a bare one is refused with its row.
pub(crate) fn without_nul(json: &str) -> Result<(), &'static str> {
    if json.contains("\\u0000") { Err("contains a NUL character") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_ours_and_of_reso_is_read() {
        assert!(Status::ALL.iter().all(|s| status(s.as_str()) == Some(*s)));
        assert!(InteractionKind::ALL.iter().all(|k| interaction_kind(k.as_str()) == *k));
        assert_eq!(status("ActiveUnderContract"), Some(Status::ActiveUnderContract));
        assert_eq!(status("Coming Soon"), Some(Status::ComingSoon));
        assert_eq!(status("perhaps"), None);
    }

    #[test]
    fn outcomes_are_read_in_any_case() {
        assert!(["1", "TRUE", "Yes"].iter().all(|t| outcome(t) == Some(Outcome::Won)));
        assert!(["0", "false", "NO"].iter().all(|t| outcome(t) == Some(Outcome::Lost)));
        assert_eq!(outcome("maybe"), None);
    }

    #[test]
    fn lists_are_json_or_separated() {
        assert_eq!(list("a | b|", &['|']).unwrap(), ["a", "b"]);
        assert_eq!(list("[\"a|b\"]", &['|']).unwrap(), ["a|b"]);
        assert!(list("[1]", &['|']).is_err());
    }
}

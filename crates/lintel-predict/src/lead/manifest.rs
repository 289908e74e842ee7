//! The manifest: every built-in feature of a lead, by what it is. Adding one is a decision about people, so it is written
//! down twice: in the code that reads it and here, and a test compares them.
//!
//! What may stand here: what a person did, when, what they said they look for, how a conversation went, how they can be
//! reached and where they came from. What may not: `docs/model-card.md`.

/// What a group of features is, and the features.
pub const BUILT_IN: [(&str, &[&str]); 6] = [
    ("where the lead came from", &["source"]),
    ("how it can be reached", &["has_email", "has_phone"]),
    ("what it looks for", &["stated_wishes", "price_min", "price_max", "bedrooms_min", "living_area_sqft_min"]),
    (
        "how the conversation goes",
        &["our_response_hours", "their_response_hours", "unanswered_messages", "awaits_our_answer"],
    ),
    (
        "how recently and on how many days it was active",
        &["age_days", "days_since_active", "active_days_1d", "active_days_7d", "active_days_30d", "active_days_90d"],
    ),
    (
        "how often each kind of interaction happened in 1, 7, 30 and 90 days, and days since the last (`…_1d`, `…_7d`, `…_30d`, `…_90d`, `days_since_…`)",
        &[
            "email_open",
            "link_click",
            "form_submit",
            "call_answered",
            "call_missed",
            "listing_view",
            "listing_save",
            "listing_hide",
            "listing_share",
            "search",
            "site_visit",
            "message_in",
            "message_out",
            "showing_requested",
            "showing",
            "offer",
            "note",
            "other",
        ],
    ),
];

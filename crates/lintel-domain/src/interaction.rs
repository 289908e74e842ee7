//! What leads do, and what is done towards them.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    contact::words,
    id::{InteractionId, LeadId, ListingId},
    scalar::Fields,
};

/// The kind of an interaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InteractionKind {
    /// Opened an e-mail.
    EmailOpen,
    /// Followed a link.
    LinkClick,
    /// Sent a form.
    FormSubmit,
    /// Took a call.
    CallAnswered,
    /// A call was not taken.
    CallMissed,
    /// Looked at a home.
    ListingView,
    /// Saved a home.
    ListingSave,
    /// Put a home out of sight.
    ListingHide,
    /// Shared a home.
    ListingShare,
    /// Searched.
    Search,
    /// Visited the site.
    SiteVisit,
    /// Wrote to us.
    MessageIn,
    /// We wrote.
    MessageOut,
    /// A showing was asked for.
    ShowingRequested,
    /// A showing took place.
    Showing,
    /// An offer was made.
    Offer,
    /// Somebody of the team wrote a note.
    Note,
    /// Anything else; its name is in the properties.
    Other,
}

words!(InteractionKind {
    EmailOpen => "email_open",
    LinkClick => "link_click",
    FormSubmit => "form_submit",
    CallAnswered => "call_answered",
    CallMissed => "call_missed",
    ListingView => "listing_view",
    ListingSave => "listing_save",
    ListingHide => "listing_hide",
    ListingShare => "listing_share",
    Search => "search",
    SiteVisit => "site_visit",
    MessageIn => "message_in",
    MessageOut => "message_out",
    ShowingRequested => "showing_requested",
    Showing => "showing",
    Offer => "offer",
    Note => "note",
    Other => "other",
});

impl InteractionKind {
    /// Whether it is something the lead did, and not something done towards it or written about it.
    pub fn is_act(self) -> bool {
        !matches!(self, Self::CallMissed | Self::MessageOut | Self::Note | Self::Other)
    }

    /// Whether the team reached out by it, or met the lead.
    pub fn is_contact(self) -> bool {
        matches!(self, Self::MessageOut | Self::CallAnswered | Self::CallMissed | Self::Showing)
    }

    /// Whether the lead asks for an answer by it.
    pub fn asks(self) -> bool {
        matches!(self, Self::MessageIn | Self::FormSubmit | Self::ShowingRequested)
    }
}

/// What is said about an interaction by whoever reports it.
#[derive(Clone, Debug, PartialEq)]
pub struct InteractionFacts {
    /// The sender's id of it; a repetition has no effect. Made from the content when the sender has none.
    pub event_id: String,
    /// Its kind.
    pub kind: InteractionKind,
    /// When it happened.
    pub at: Time,
    /// The home it was about.
    pub listing_id: Option<ListingId>,
    /// Everything else the sender says.
    pub properties: Fields,
}

/// An interaction as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Interaction {
    /// Its id.
    pub id: InteractionId,
    /// Whose it is.
    pub lead_id: LeadId,
    /// What is said about it.
    pub facts: InteractionFacts,
}

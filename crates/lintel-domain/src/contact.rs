//! Ways to reach a person, and the ledger of what they agreed to.

use serde::{Deserialize, Serialize};

use crate::clock::Time;

/// A way to reach a person, or to learn of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Text message.
    Sms,
    /// Electronic mail.
    Email,
    /// Telephone call.
    Phone,
    /// Not a way to reach the person, but what may be recorded of them: views of homes on the team's own pages and mails.
    Tracking,
}

/// Whether a consent record gives or takes back permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentStatus {
    /// Permission was given.
    Granted,
    /// Permission was taken back.
    Revoked,
}

/// One immutable entry of the consent ledger: the latest per channel counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The channel it speaks of.
    pub channel: Channel,
    /// Given or taken back.
    pub status: ConsentStatus,
    /// Where it was recorded: a form, a call, an import.
    #[serde(default)]
    pub source: Option<String>,
    /// The wording the person saw.
    #[serde(default)]
    pub text: Option<String>,
    /// When the person said so; the time of the write when absent.
    #[serde(default)]
    pub at: Option<Time>,
}

macro_rules! words {
    ($type:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order of their declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word for it in files, tables and answers.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

words!(Channel { Sms => "sms", Email => "email", Phone => "phone", Tracking => "tracking" });
words!(ConsentStatus { Granted => "granted", Revoked => "revoked" });

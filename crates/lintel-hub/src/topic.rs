//! What a client can subscribe to.

use std::{fmt, str::FromStr};

use lintel_domain::{
    id::{LeadId, ListingId, UserId},
    market::MarketSlug,
    place::Bounds,
    scope::Permission,
};
use uuid::Uuid;

/// A subject that events are told about.
#[derive(Clone, Debug, PartialEq)]
pub enum Topic {
    /// All leads: `leads`.
    Leads,
    /// One lead: `lead:ID`.
    Lead(LeadId),
    /// All listings of a market: `market:SLUG`.
    Market(MarketSlug),
    /// One listing: `listing:ID`.
    Listing(ListingId),
    /// The listings of a market inside a map's view: `viewport:SLUG:WEST/SOUTH/EAST/NORTH` in degrees.
    Viewport(MarketSlug, Bounds),
    /// What a user is told, by this user only: `user:ID`.
    User(UserId),
    /// Imports: `imports`.
    Imports,
    /// Jobs: `jobs`.
    Jobs,
    /// Models that take over: `models`.
    Models,
    /// Analyses that are finished: `analyses`.
    Analyses,
    /// How the server does: `performance`.
    Performance,
}

/// What is no topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicError;

impl Topic {
    /// What a client must be allowed to subscribe to it.
    pub fn permission(&self) -> Permission {
        match self {
            Self::Leads | Self::Lead(_) => Permission::ReadLeads,
            Self::Market(_) | Self::Listing(_) | Self::Viewport(..) | Self::User(_) | Self::Models | Self::Analyses => {
                Permission::ReadListings
            }
            Self::Imports => Permission::Import,
            Self::Jobs | Self::Performance => Permission::Administer,
        }
    }

    /// Whether people look at it, so that others like to know who does.
    pub fn has_presence(&self) -> bool {
        matches!(self, Self::Lead(_) | Self::Listing(_) | Self::Market(_))
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leads => f.write_str("leads"),
            Self::Lead(id) => write!(f, "lead:{id}"),
            Self::Market(market) => write!(f, "market:{}", market.as_str()),
            Self::Listing(id) => write!(f, "listing:{id}"),
            Self::Viewport(market, Bounds { west, south, east, north }) => {
                write!(f, "viewport:{}:{west}/{south}/{east}/{north}", market.as_str())
            }
            Self::User(id) => write!(f, "user:{id}"),
            Self::Imports => f.write_str("imports"),
            Self::Jobs => f.write_str("jobs"),
            Self::Models => f.write_str("models"),
            Self::Analyses => f.write_str("analyses"),
            Self::Performance => f.write_str("performance"),
        }
    }
}

impl FromStr for Topic {
    type Err = TopicError;

    fn from_str(text: &str) -> Result<Self, TopicError> {
        let id = |text: &str| Uuid::try_parse(text).map_err(|_| TopicError);
        let market = |text: &str| text.parse::<MarketSlug>().map_err(|_| TopicError);
        match text.split_once(':') {
            None => match text {
                "leads" => Ok(Self::Leads),
                "imports" => Ok(Self::Imports),
                "jobs" => Ok(Self::Jobs),
                "models" => Ok(Self::Models),
                "analyses" => Ok(Self::Analyses),
                "performance" => Ok(Self::Performance),
                _ => Err(TopicError),
            },
            Some(("lead", lead)) => Ok(Self::Lead(LeadId(id(lead)?))),
            Some(("listing", listing)) => Ok(Self::Listing(ListingId(id(listing)?))),
            Some(("user", user)) => Ok(Self::User(UserId(id(user)?))),
            Some(("market", slug)) => market(slug).map(Self::Market),
            Some(("viewport", view)) => {
                let (slug, corners) = view.split_once(':').ok_or(TopicError)?;
                Ok(Self::Viewport(market(slug)?, bounds(corners)?))
            }
            Some(_) => Err(TopicError),
        }
    }
}

fn bounds(text: &str) -> Result<Bounds, TopicError> {
    let numbers: Option<Vec<f64>> = text.split('/').map(|number| number.parse().ok()).collect();
    let Some([west, south, east, north]) = numbers.as_deref().and_then(<[f64]>::first_chunk) else {
        return Err(TopicError);
    };
    let bounds = Bounds { west: *west, south: *south, east: *east, north: *north };
    let fine = text.split('/').count() == 4
        && [bounds.west, bounds.east].iter().all(|longitude| (-180.0..=180.0).contains(longitude))
        && [bounds.south, bounds.north].iter().all(|latitude| (-90.0..=90.0).contains(latitude))
        && bounds.south <= bounds.north;
    if fine { Ok(bounds) } else { Err(TopicError) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_reads_as_it_is_written() {
        let id = "018f0000-0000-7000-8000-000000000001";
        let lead = format!("lead:{id}");
        let listing = format!("listing:{id}");
        let user = format!("user:{id}");
        for text in [
            "leads",
            &lead,
            &listing,
            &user,
            "market:king-county",
            "viewport:town:-122.5/47.25/-122/47.75",
            "imports",
            "jobs",
            "models",
            "analyses",
            "performance",
        ] {
            assert_eq!(text.parse::<Topic>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_topic_is_refused() {
        for text in [
            "",
            "lead",
            "lead:",
            "lead:1",
            "leads:1",
            "market:",
            "market:No Such",
            "viewport:town",
            "viewport:town:1/2/3",
            "viewport:town:1/2/3/4/5",
            "viewport:town:1/2/3/x",
            "viewport:town:1/NaN/3/4",
            "viewport:town:-181/2/3/4",
            "viewport:town:1/5/3/4",
            "tenant:1",
        ] {
            assert_eq!(text.parse::<Topic>(), Err(TopicError), "{text}");
        }
    }
}

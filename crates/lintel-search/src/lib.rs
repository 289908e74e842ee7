//! The listing index: which listings pass a filter, what lies where on the map, and how well a listing fits a lead; the
//! searches that find a listing, and the people who look for it; and the roster of leads, by which their lists are counted
//! and searched.
//!
//! A [`Part`] holds one market as an immutable value; [`ListingIndex`] holds the parts of a process and swaps them
//! without blocking readers. Nothing here reads files, clocks or networks.

mod cluster;
mod column;
mod error;
mod fit;
mod listings;
mod needle;
mod part;
mod percentile;
mod place;
mod plan;
mod query;
mod rank;
mod reverse;
mod roster;
mod search;
mod segment;
mod snapshot;
mod sort;
mod text;
mod watch;

pub use cluster::{Cluster, ClusterQuery, Clusters, MAX_CLUSTERS, Metric};
pub use error::Error;
pub use fit::{Fit, FitAspect, ListingView, Match, Matches, Reason, Wishes};
pub use listings::ListingIndex;
pub use needle::Needle;
pub use part::{Cursor, Part, PartBuilder};
pub use plan::scan_every_listing;
pub use query::{Facet, FacetCount, FacetCounts, FacetValue, Found, PriceBin, Query};
pub use reverse::{Watchers, Wishers};
pub use roster::{Ask, Bounds, Roster};
pub use sort::{Sort, SortKey};
pub use watch::Changed;

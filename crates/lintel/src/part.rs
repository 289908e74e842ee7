//! Parts of the server that can be left out, to measure what they bring.

use clap::ValueEnum;

/// A part without which the server gives the same answers, only later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Answers that are kept in memory and in Redis.
    Cache,
    /// The ways to listings by status, type, price and place: each is looked at instead.
    Index,
    /// Writes that share a commit: each has one of its own.
    GroupCommit,
    /// Letting in as many requests as get done in time: all are, up to server.requests_in_flight.
    Admission,
}

impl Part {
    /// The parts that a list separated by commas names.
    pub(crate) fn parse_list(list: &str) -> Result<Vec<Self>, String> {
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(|name| Self::from_str(name, false).map_err(|_| format!("there is no part \"{name}\""))).collect()
    }

    /// The name on the command line and in the configuration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Index => "index",
            Self::GroupCommit => "group-commit",
            Self::Admission => "admission",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_parts_and_nothing_else() {
        assert_eq!(Part::parse_list(""), Ok(Vec::new()));
        assert_eq!(Part::parse_list("cache, group-commit"), Ok(vec![Part::Cache, Part::GroupCommit]));
        assert!(Part::parse_list("cash").is_err());
        for part in Part::value_variants() {
            assert_eq!(Part::parse_list(part.name()), Ok(vec![*part]));
        }
    }
}

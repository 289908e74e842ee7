//! The settings of the edge, with the defaults that ship.

use std::{net::IpAddr, path::PathBuf, str::FromStr, time::Duration};

use crate::tiles::Tiles;

/// How requests are bounded.
#[derive(Clone, Debug)]
pub struct Options {
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<Network>,
    /// Requests in hand at once; more are shed.
    pub requests_in_flight: usize,
    /// Whether only as many of them are let in as get done in time.
    pub adapts: bool,
    /// Requests a second that one key or user may make, and the largest burst.
    pub requests_per_second: u32,
    /// The largest body after decompression, in bytes.
    pub body_bytes: usize,
    /// The largest file of an import, in bytes, as sent and after decompression.
    pub upload_bytes: u64,
    /// How long a body may pause, and how long it has before it must have come at 1,000 bytes a second on average.
    pub body_patience: Duration,
    /// One of how many requests gets a tracing span; 0 is none.
    pub trace_one_in: u32,
    /// A folder with the built web pages, read each time; those in the program when absent.
    pub ui_dir: Option<PathBuf>,
    /// The ground of maps.
    pub tiles: Option<Tiles>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            requests_in_flight: 2_048,
            adapts: true,
            requests_per_second: 100_000,
            body_bytes: 10_000_000,
            upload_bytes: 4 << 30,
            body_patience: Duration::from_secs(10),
            trace_one_in: 100,
            ui_dir: None,
            tiles: None,
        }
    }
}

/// How connections are bounded.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one address; loopback addresses are exempt.
    pub connections_per_address: usize,
    /// How long a client may take for the head of a request, and idle between two over HTTP/1.
    pub head_timeout: Duration,
    /// How long a connection without requests is kept over HTTP/2.
    pub idle_timeout: Duration,
    /// How long a client may take in no bytes of an answer.
    pub write_timeout: Duration,
    /// How long requests in hand may take to end after the stop.
    pub drain: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            connections: 20_000,
            connections_per_address: 1_024,
            head_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(10),
            drain: Duration::from_secs(20),
        }
    }
}

/// A range of addresses, such as `10.0.0.0/8`; a single address is a range of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether the address is inside. IPv4 addresses mapped into IPv6 count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0);
                u32::from(own) & mask == u32::from(other) & mask
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                u128::from(own) & mask == u128::from(other) & mask
            }
            _ => false,
        }
    }
}

/// Why a range of addresses does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an address or a range such as 10.0.0.0/8")]
pub struct NetworkError;

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().map_err(|_| NetworkError)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
        let address = address.to_canonical();
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        if prefix > longest { Err(NetworkError) } else { Ok(Self { address, prefix }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_they_say() {
        let cases = [
            ("10.0.0.0/8", "10.9.8.7", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("0.0.0.0/0", "200.1.2.3", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe12::1", false),
            ("::/0", "10.0.0.1", false),
        ];
        for (network, address, inside) in cases {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), inside, "{network:?} {address}");
        }
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/x", "::/129"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}

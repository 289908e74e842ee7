//! Where the server is: at an address, or wherever sentinels say that the one is which takes writes now.

use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, IntoConnectionInfo, RedisResult, TlsMode,
    aio::MultiplexedConnection,
    sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType},
};
use tokio::sync::Mutex;

use super::NoAddress;

/// Where sentinels are when nothing else is said.
const SENTINEL_PORT: u16 = 26_379;

pub(super) enum Server {
    At(Box<Client>),
    /// Whoever connects holds it: there is one who does.
    BySentinels(Box<Mutex<SentinelClient>>),
}

impl Server {
    pub(super) fn parse(url: &str) -> Result<Self, NoAddress> {
        let found = match url.split_once("-sentinel://") {
            Some((scheme, rest)) => {
                let Sentinels { at, node, name } = sentinels(scheme, rest).ok_or(NoAddress)?;
                SentinelClient::build(at, name, Some(node), SentinelServerType::Master)
                    .map(|sentinels| Self::BySentinels(Box::new(Mutex::new(sentinels))))
            }
            None => Client::open(url).map(Box::new).map(Self::At),
        };
        found.map_err(|_| NoAddress)
    }

    pub(super) async fn connect(&self, config: &AsyncConnectionConfig) -> RedisResult<MultiplexedConnection> {
        match self {
            Self::At(server) => server.get_multiplexed_async_connection_with_config(config).await,
            Self::BySentinels(sentinels) => sentinels.lock().await.get_async_connection_with_config(config).await,
        }
    }
}

/// Sentinels, what to say to the server, and under which name they know it.
struct Sentinels<'a> {
    at: Vec<ConnectionInfo>,
    node: SentinelNodeConnectionInfo,
    name: &'a str,
}

/// Reads `[user:password@]host[:port][,host[:port]…][/database]#name`: user, password and database are the server's.
fn sentinels<'a>(scheme: &str, rest: &'a str) -> Option<Sentinels<'a>> {
    let (rest, name) = rest.rsplit_once('#').filter(|(_, name)| !name.is_empty())?;
    let (user, rest) = rest.rsplit_once('@').map_or(("", rest), |(user, rest)| (user, rest));
    let (hosts, database) = rest.split_once('/').unwrap_or((rest, ""));
    let at = hosts.split(',').map(|host| {
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let port = if has_port { String::new() } else { format!(":{SENTINEL_PORT}") };
        format!("{scheme}://{host}{port}").into_connection_info().ok()
    });
    let at: Vec<ConnectionInfo> = at.collect::<Option<_>>()?;
    // Any host does to have the rest read as in the address of a server.
    let separator = if user.is_empty() { "" } else { "@" };
    let server = format!("{scheme}://{user}{separator}server/{database}").into_connection_info().ok()?;
    let node = SentinelNodeConnectionInfo::default().set_redis_connection_info(server.redis_settings().clone());
    let node = if scheme == "rediss" { node.set_tls_mode(TlsMode::Secure) } else { node };
    Some(Sentinels { at, node, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, at: &[&str]) -> String {
        let (scheme, rest) = url.split_once("-sentinel://").unwrap();
        let found = sentinels(scheme, rest).unwrap();
        assert_eq!(found.at.iter().map(|one| one.addr().to_string()).collect::<Vec<_>>(), at);
        format!("{} {:?}", found.name, found.node)
    }

    #[test]
    fn an_address_of_sentinels_names_them_the_server_and_what_to_say_to_it() {
        let plain = check("redis-sentinel://one,two:7000,[::1]#main", &["one:26379", "two:7000", "::1:26379"]);
        assert!(plain.starts_with("main ") && plain.contains("tls_mode: None"), "{plain}");
        let full = check("rediss-sentinel://ada:a%40b@one/3#main", &["one:26379"]);
        assert!(full.contains("Secure") && full.contains("db: 3") && full.contains("ada"), "{full}");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in [
            "",
            "http://one",
            "redis-sentinel://one",
            "redis-sentinel://#main",
            "http-sentinel://one#main",
            "redis-sentinel://one,#m",
        ] {
            assert!(Server::parse(url).is_err(), "{url}");
        }
        assert!(matches!(Server::parse("redis://one"), Ok(Server::At(_))));
        assert!(matches!(Server::parse("redis-sentinel://one#main"), Ok(Server::BySentinels(_))));
    }
}

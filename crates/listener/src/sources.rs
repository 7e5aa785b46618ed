//! Whose requests are let in: by the address they come from (clauses `NET-*`).
//!
//! The filter is an addition to the signature and never in its place (clause NET-02). It is off unless
//! it is configured, and knows no exception: loopback has to be named like any other network.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use axum::http::{HeaderMap, HeaderName};
use hookproof_contract::spec::Spec;
use ipnet::IpNet;

/// What proxies write down whom they speak for in.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Stands for every address from which Xsolla sends webhooks, by `spec/network.toml`.
const XSOLLA: &str = "xsolla";

/// Networks whose requests are let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// All published addresses of Xsolla (clauses NET-01 and NET-07).
    Xsolla,
    /// A network: `10.0.0.0/8`, or one address.
    Network(IpNet),
}

/// The text is neither `xsolla` nor a network nor an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a network such as `10.0.0.0/8`, nor an address, nor `xsolla`")]
pub struct NoSource(String);

impl FromStr for Source {
    type Err = NoSource;

    fn from_str(text: &str) -> Result<Self, NoSource> {
        if text == XSOLLA {
            return Ok(Self::Xsolla);
        }
        network(text).map(Self::Network).ok_or_else(|| NoSource(text.to_owned()))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Xsolla => f.write_str(XSOLLA),
            Self::Network(network) => network.fmt(f),
        }
    }
}

/// Reads a network, or one address as the network that holds nothing else.
pub fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Says of a request whether it is let in.
#[derive(Debug)]
pub(crate) struct Filter {
    allowed: Vec<IpNet>,
    proxies: Vec<IpNet>,
}

impl Filter {
    /// None where nothing is to be filtered.
    pub(crate) fn new(sources: &[Source], proxies: &[IpNet]) -> Option<Self> {
        if sources.is_empty() {
            return None;
        }
        let mut allowed = Vec::new();
        for source in sources {
            match source {
                Source::Network(network) => allowed.push(*network),
                Source::Xsolla => allowed.extend(published()),
            }
        }
        Some(Self { allowed, proxies: proxies.to_vec() })
    }

    /// Whether a request is let in. Without a peer, as where no socket is, it is not.
    pub(crate) fn lets_in(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
        let client = peer.and_then(|peer| self.client(peer, headers));
        client.is_some_and(|client| holds(&self.allowed, client))
    }

    /// Who sent the request: the nearest hop that is no trusted proxy (clause NET-03).
    ///
    /// Each proxy appends whom it heard, so the header is read from its end, as long as whoever
    /// appended the entry is trusted. What stands further left was written by strangers, and is
    /// not even looked at. None: a trusted proxy wrote what is no address.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR);
        // A header on several lines is one list, in the order of the lines.
        for line in lines.iter().rev() {
            for entry in line.as_bytes().rsplit(|byte| *byte == b',') {
                if !holds(&self.proxies, client) {
                    return Some(client);
                }
                client = address(entry)?;
            }
        }
        Some(client)
    }
}

/// One entry of the header. Some proxies write the port as well.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(entry).ok()?.trim_matches([' ', '\t']);
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    let address = text.parse::<IpAddr>().or_else(|_| with_port()).ok()?;
    Some(address.to_canonical())
}

fn holds(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// The published list, in the form in which addresses are compared.
fn published() -> impl Iterator<Item = IpNet> {
    let networks = &Spec::embedded().network.union.addresses;
    networks.iter().filter_map(|network| network.to_string().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXIES: &[&str] = &["10.0.0.0/8", "fd00::/8"];

    #[track_caller]
    fn check(allow: &str, peer: &str, lines: &[&str], expected: bool) {
        let proxies: Vec<IpNet> = PROXIES.iter().map(|text| network(text).unwrap()).collect();
        let filter = Filter::new(&[allow.parse().unwrap()], &proxies).unwrap();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().unwrap());
        }
        assert_eq!(filter.lets_in(Some(peer.parse().unwrap()), &headers), expected);
    }

    #[test]
    fn without_proxies_the_peer_counts_and_the_header_does_not() {
        check("192.0.2.0/24", "192.0.2.7", &[], true);
        check("192.0.2.0/24", "198.51.100.7", &[], false);
        check("192.0.2.0/24", "198.51.100.7", &["192.0.2.7"], false);
        check("192.0.2.7", "::ffff:192.0.2.7", &[], true);
        check("192.0.2.7", "127.0.0.1", &[], false);
        check("2001:db8::/32", "2001:db8::1", &[], true);
    }

    #[test]
    fn through_proxies_the_nearest_stranger_counts() {
        check("192.0.2.0/24", "10.0.0.1", &["192.0.2.7"], true);
        check("192.0.2.0/24", "fd00::1", &["192.0.2.7:4711"], true);
        check("2001:db8::/32", "10.0.0.1", &["[2001:db8::1]:4711"], true);
        check("192.0.2.0/24", "::ffff:10.0.0.1", &["192.0.2.7, 10.0.0.2"], true);
        check("192.0.2.0/24", "10.0.0.1", &["192.0.2.7,10.0.0.2", "10.0.0.3"], true);
        // What the stranger claims of others is none of our business, whatever it is.
        check("192.0.2.0/24", "10.0.0.1", &["192.0.2.7, 198.51.100.7"], false);
        check("192.0.2.0/24", "10.0.0.1", &["192.0.2.7", "198.51.100.7"], false);
        check("192.0.2.0/24", "10.0.0.1", &["garbage, 192.0.2.7"], true);
    }

    #[test]
    fn what_cannot_be_told_is_refused() {
        check("192.0.2.0/24", "10.0.0.1", &[], false);
        for line in ["", ",", "192.0.2.7,", "192.0.2.7, unknown", "192.0.2.256", "for=192.0.2.7"] {
            check("192.0.2.0/24", "10.0.0.1", &[line], false);
        }
        let filter = Filter::new(&[Source::Xsolla], &[]).unwrap();
        assert!(!filter.lets_in(None, &HeaderMap::new()));
    }

    #[test]
    fn the_published_list_is_let_in() {
        let network = &Spec::embedded().network;
        assert_eq!(published().count(), network.union.addresses.len());
        check("xsolla", "185.30.20.1", &[], true);
        check("xsolla", "34.102.38.178", &[], true);
        check("xsolla", "34.102.38.179", &[], false);
        check("xsolla", "127.0.0.1", &[], false);
    }

    #[test]
    fn a_source_reads_as_it_is_written() {
        for text in ["xsolla", "10.0.0.0/8", "2001:db8::/32"] {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), text);
        }
        assert_eq!("192.0.2.7".parse::<Source>().unwrap().to_string(), "192.0.2.7/32");
        for text in ["", "Xsolla", "10.0.0.0/33", "example.org"] {
            assert!(text.parse::<Source>().is_err(), "{text}");
        }
    }
}

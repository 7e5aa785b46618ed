//! Where webhooks come from: `spec/network.toml`.

use std::{fmt, net::Ipv4Addr, str::FromStr};

use serde::Deserialize;

use super::words::deserialize_from_str;

/// All published lists of addresses, and what a listener should let through.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressBook {
    /// The lists, the oldest first.
    #[serde(rename = "list")]
    pub lists: Vec<AddressList>,
    /// Every address of the lists that count, written down a second time.
    pub union: AddressUnion,
}

/// One published list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressList {
    /// Its name.
    pub id: String,
    /// Where it was published.
    pub title: String,
    /// When.
    pub date: String,
    /// `webhooks`, or the product whose requests come from these addresses.
    #[serde(rename = "for")]
    pub purpose: String,
    /// Whether a listener should let it through.
    pub accept: bool,
    /// The addresses.
    pub addresses: Vec<Network>,
    /// Citations.
    pub sources: Vec<String>,
}

/// What a listener should let through.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressUnion {
    /// The clauses about it.
    pub clauses: Vec<String>,
    /// The addresses.
    pub addresses: Vec<Network>,
}

/// A range of IPv4 addresses: `185.30.20.0/24`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    base: Ipv4Addr,
    prefix: u8,
}

/// The text is no range of IPv4 addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no range of IPv4 addresses with its host bits clear, such as `185.30.20.0/24`")]
pub struct NoNetwork(String);

impl Network {
    /// Whether the address is in the range.
    pub fn contains(self, address: Ipv4Addr) -> bool {
        address.to_bits() & self.mask() == self.base.to_bits()
    }

    fn mask(self) -> u32 {
        u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or(0)
    }
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('/').and_then(|(base, prefix)| {
            let network = Self { base: base.parse().ok()?, prefix: prefix.parse().ok()? };
            (network.prefix <= 32 && network.contains(network.base)).then_some(network)
        });
        parsed.ok_or_else(|| NoNetwork(text.to_owned()))
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

deserialize_from_str! { Network, }

impl AddressBook {
    /// Whether a listener should let a webhook from this address through.
    pub fn accepts(&self, address: Ipv4Addr) -> bool {
        self.union.addresses.iter().any(|network| network.contains(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(range: &str, address: &str, expected: bool) {
        let network: Network = range.parse().unwrap();
        assert_eq!(network.contains(address.parse().unwrap()), expected);
        assert_eq!(network.to_string(), range);
    }

    #[test]
    fn ranges_hold_their_addresses() {
        check("185.30.20.0/24", "185.30.20.0", true);
        check("185.30.20.0/24", "185.30.20.255", true);
        check("185.30.20.0/24", "185.30.21.0", false);
        check("159.255.220.240/28", "159.255.220.239", false);
        check("34.102.38.178/32", "34.102.38.178", true);
        check("34.102.38.178/32", "34.102.38.179", false);
        check("0.0.0.0/0", "255.255.255.255", true);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in [
            "",
            "185.30.20.0",
            "185.30.20.1/24",
            "185.30.20.0/33",
            "185.30.20/24",
            "::/0",
            "1.2.3.4/-1",
        ] {
            assert_eq!(text.parse::<Network>(), Err(NoNetwork(text.to_owned())), "{text}");
        }
    }
}

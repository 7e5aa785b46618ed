//! The port that the suite chooses for a listener that it starts: `{port}` in `--spawn`, `--target` and
//! `--probe`.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    net::{Ipv4Addr, TcpListener},
};

use anyhow::{Context, anyhow};
use url::Url;

use crate::{failure::Failure, suite::targets};

/// What stands for the port.
const PORT: &str = "{port}";

/// Ports that no system gives to outgoing connections: while the listener is down, nobody takes its
/// port by accident.
const FIRST: u16 = 15_000;
const COUNT: u16 = 17_000;

/// Ports that are tried.
const TRIES: u32 = 64;

/// Something with `{port}` in it, or without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(String);

impl Template {
    /// Reads the value of `--target`.
    pub(crate) fn target(text: &str) -> Result<Self, String> {
        targets::parse(&filled(text, 1))?;
        Ok(Self(text.to_owned()))
    }

    /// Reads the value of `--probe`.
    pub(crate) fn probe(text: &str) -> Result<Self, String> {
        targets::parse_probe(&filled(text, 1))?;
        Ok(Self(text.to_owned()))
    }

    /// Reads the value of `--spawn` or `--probe-cmd`.
    pub(crate) fn command(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("a command is not empty".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// As it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the suite chooses the port.
    pub(crate) fn wants_port(&self) -> bool {
        self.0.contains(PORT)
    }

    /// With the port in its place.
    pub(crate) fn with(&self, port: u16) -> String {
        filled(&self.0, port)
    }

    /// The URL as it was written, unless it names all addresses of a machine: then that of this one.
    pub(crate) fn on_loopback(&self) -> Option<Self> {
        targets::on_loopback(&self.0).map(Self)
    }

    /// The URL with the port in its place.
    pub(crate) fn url(&self, port: u16) -> Result<Url, Failure> {
        let url = targets::parse(&self.with(port)).map_err(|error| anyhow!(error));
        url.context("--target").map_err(Failure::usage)
    }
}

fn filled(text: &str, port: u16) -> String {
    text.replace(PORT, &port.to_string())
}

/// A port of the loopback on which nobody listens now.
pub(crate) fn free() -> anyhow::Result<u16> {
    let random = || RandomState::new().build_hasher().finish();
    for _ in 0..TRIES {
        let offset = u16::try_from(random() % u64::from(COUNT))?;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, FIRST + offset)).is_ok() {
            return Ok(FIRST + offset);
        }
    }
    let any = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(any.local_addr().context("no port is free")?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_stands_where_it_was_named() {
        let target = Template::target("http://127.0.0.1:{port}/webhook").unwrap();
        assert!(target.wants_port());
        assert_eq!(target.url(8123).unwrap().as_str(), "http://127.0.0.1:8123/webhook");
        assert!(!Template::target("http://127.0.0.1:1/").unwrap().wants_port());
        assert!(Template::target("127.0.0.1:{port}").is_err());
        assert!(Template::probe("http://127.0.0.1:{port}/").is_err());
        assert!(Template::command(" ").is_err());
        let command = Template::command("server --port={port} --also {port}").unwrap();
        assert_eq!(command.with(9), "server --port=9 --also 9");
    }
}

//! Which URLs may be asked: well-formed ones, and only on this machine unless told otherwise.

use std::net::{IpAddr, ToSocketAddrs};

use anyhow::anyhow;
use url::{Host, Url};

use crate::{failure::Failure, listener::USER};

/// Reads the value of `--target`.
pub(crate) fn parse(text: &str) -> Result<Url, String> {
    let schemes = ["http://", "https://"];
    if !schemes.iter().any(|scheme| text.to_ascii_lowercase().starts_with(scheme)) {
        let said = "a URL begins with `http://` or `https://`";
        return Err(match text.split_once("://") {
            None if Url::parse(&format!("http://{text}")).is_ok() => {
                format!("{said}: did you mean `http://{text}`?")
            }
            _ => said.to_owned(),
        });
    }
    let url =
        Url::parse(text).map_err(|error| format!("{error}; expected http://HOST:PORT/PATH"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a name or password in the URL would end up in the reports".to_owned());
    }
    Ok(url)
}

/// Reads the value of `--probe`.
pub(crate) fn parse_probe(text: &str) -> Result<String, String> {
    if !text.contains(USER) {
        return Err(format!("`{USER}` is missing: it stands for the user's id"));
    }
    parse(&text.replace(USER, "user"))?;
    Ok(text.to_owned())
}

/// A URL of an address on which servers listen, made one that can be asked.
///
/// `0.0.0.0` and `[::]` stand for all addresses of a machine: servers print them, nobody is there.
/// `None` where the URL names another host.
pub(crate) fn on_loopback(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (format!("{user}@"), host),
        None => (String::new(), authority),
    };
    let every = [("0.0.0.0", "127.0.0.1"), ("[::]", "[::1]")];
    let (port, loopback) = every.into_iter().find_map(|(every, loopback)| {
        let port = host.strip_prefix(every)?;
        (port.is_empty() || port.starts_with(':')).then_some((port, loopback))
    })?;
    Some(format!("{scheme}://{user}{loopback}{port}{path}"))
}

/// Returns true if a URL leads to this machine and nowhere else.
pub(crate) fn is_local(url: &Url) -> bool {
    why_not_local(url).is_none()
}

/// Refuses a URL outside this machine: the suite sends hundreds of hostile requests.
pub(crate) fn require_local(flag: &str, url: &Url) -> Result<(), Failure> {
    let Some(reason) = why_not_local(url) else { return Ok(()) };
    Err(Failure::usage(anyhow!("{flag}: {reason}")).hint(
        "the suite sends hundreds of forged and malformed requests; where the listener is yours and \
         holds no real players, add --allow-remote",
    ))
}

/// Evidence that a URL leads elsewhere.
fn why_not_local(url: &Url) -> Option<String> {
    Some(match url.host() {
        Some(Host::Ipv4(address)) if address.is_loopback() => return None,
        Some(Host::Ipv6(address)) if is_loopback(IpAddr::V6(address)) => return None,
        Some(Host::Domain(name)) => match resolve(name) {
            // Where this name is not known, the run itself will say so.
            Err(_) if name == "localhost" => return None,
            Err(error) => format!("`{name}` is not known to be on this machine ({error})"),
            Ok(addresses) if addresses.iter().copied().all(is_loopback) => return None,
            Ok(_) => format!("`{name}` is not on this machine"),
        },
        Some(host) => format!("`{host}` is not on this machine"),
        None => format!("`{url}` names no host"),
    })
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn resolve(name: &str) -> std::io::Result<Vec<IpAddr>> {
    let addresses: Vec<IpAddr> = (name, 0).to_socket_addrs()?.map(|found| found.ip()).collect();
    if addresses.is_empty() { Err(std::io::Error::other("no address")) } else { Ok(addresses) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_an_http_url_without_credentials() {
        assert!(parse("http://127.0.0.1:8080/webhook").is_ok());
        assert!(parse("https://localhost").is_ok());
        assert!(parse("localhost:8080").is_err());
        assert!(parse("127.0.0.1:8080").is_err());
        assert!(parse("ftp://127.0.0.1").is_err());
        assert!(parse("http://me:secret@127.0.0.1/").is_err());
        assert!(parse("http://me@127.0.0.1/").is_err());
        assert!(parse("http://").is_err());
    }

    #[test]
    fn a_forgotten_scheme_is_named() {
        assert_eq!(
            parse("localhost:8080/webhook").unwrap_err(),
            "a URL begins with `http://` or `https://`: did you mean \
             `http://localhost:8080/webhook`?"
        );
        assert_eq!(
            parse("ftp://127.0.0.1").unwrap_err(),
            "a URL begins with `http://` or `https://`"
        );
    }

    #[test]
    fn a_probe_names_the_user() {
        assert_eq!(
            parse_probe("http://127.0.0.1/effects/{user}?token=t"),
            Ok("http://127.0.0.1/effects/{user}?token=t".to_owned())
        );
        assert!(parse_probe("http://127.0.0.1/effects").is_err());
        assert!(parse_probe("/effects/{user}").is_err());
    }

    #[test]
    fn every_address_becomes_the_loopback() {
        #[track_caller]
        fn check(url: &str, expected: Option<&str>) {
            assert_eq!(on_loopback(url).as_deref(), expected);
        }
        check("http://0.0.0.0:8080/webhook", Some("http://127.0.0.1:8080/webhook"));
        check("https://[::]:{port}", Some("https://[::1]:{port}"));
        check("http://a:0.0.0.0@0.0.0.0/{user}", Some("http://a:0.0.0.0@127.0.0.1/{user}"));
        check("http://0.0.0.0.example/", None);
        check("http://127.0.0.1/?from=0.0.0.0", None);
        check("http://[::1]/", None);
    }

    #[test]
    fn only_this_machine_is_local() {
        #[track_caller]
        fn check(url: &str, local: bool) {
            let found = require_local("--target", &Url::parse(url).unwrap());
            assert_eq!(found.is_ok(), local, "{found:?}");
        }
        check("http://127.0.0.1:8080/", true);
        check("http://127.8.9.1/", true);
        check("http://[::1]:8080/", true);
        check("http://[::ffff:127.0.0.1]/", true);
        check("http://localhost:1/", true);
        check("http://192.0.2.1/", false);
        check("http://0.0.0.0/", false);
        check("http://[2001:db8::1]/", false);
        check("http://name.invalid/", false);
    }
}

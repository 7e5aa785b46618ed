//! `hookproof listener health`: asks a running listener, for containers that hold nothing else.

use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use anyhow::{Context, anyhow};
use url::Url;

use crate::{exit::Exit, failure::Failure, terminal};

/// Bytes of an answer that are read. A listener's has about a hundred.
const ANSWER_BYTES_MAX: u64 = 4096;

/// Asks, prints what it says, and ends with 0 where that is 200.
pub(super) fn ask(url: &Url, patience: Duration) -> Result<Exit, Failure> {
    if url.scheme() != "http" {
        let error = anyhow!("`{url}` is no http:// address");
        return Err(Failure::usage(error).hint("ask the listener itself, not the proxy before it"));
    }
    let answer = get(url, patience).with_context(|| format!("cannot ask {url}"));
    let answer = answer.map_err(|error| {
        Failure::could_not_ask(error).hint("is the listener running, and is this its address?")
    })?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    // Only what can do no harm to a terminal: who answers may be somebody else.
    let body: String = body.chars().filter(|letter| !letter.is_control()).collect();
    terminal::print(&format!("{status} {body}\n"))?;
    Ok(if status == "200" { Exit::Conformant } else { Exit::Nonconformant })
}

fn get(url: &Url, patience: Duration) -> anyhow::Result<String> {
    let host = url.host_str().context("it names no host")?;
    let port = url.port_or_known_default().context("it names no port")?;
    let address = (host.trim_matches(['[', ']']), port).to_socket_addrs()?.next();
    let mut stream = TcpStream::connect_timeout(&address.context("no such host")?, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let path = url.path();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n")?;
    let mut bytes = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

//! Requests that no honest sender makes: what is wrong with them is in the head, the framing, the bytes,
//! the end, or, where all of that is right, in the body.

use super::{bodies, random::Random};
use crate::pool;

/// Methods, made up ones among them.
const METHODS: [&str; 10] =
    ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "BREW", "post"];

/// Paths and other targets of a request.
const TARGETS: [&str; 16] = [
    "/",
    "/webhook",
    "/web-shop",
    "/probe/player-1001",
    "/probe/player-1001?token=%00",
    "/probe/%ff%fe",
    "/probe/..%2f..%2fetc%2fpasswd",
    "/../../etc/passwd",
    "//webhook",
    "/webhook/",
    "/webhook?x=%0d%0aSet-Cookie:y",
    "/metrics",
    "/readyz",
    "/\u{7f}",
    "*",
    "http://127.0.0.1/webhook",
];

/// First lines that are none.
const LINES: [&[u8]; 12] = [
    b"",
    b"POST",
    b"POST /webhook",
    b"POST  /webhook HTTP/1.1",
    b"POST /web hook HTTP/1.1",
    b"POST /webhook HTTP/9.9",
    b"POST /webhook HTTP/1.1 x",
    b"PO\0ST / HTTP/1.1",
    b"\x16\x03\x01\x02",
    b"PRI * HTTP/2.0",
    b"POST /\xff\xfe HTTP/1.1",
    b"GET / HTTP/0.9",
];

/// Headers that are malformed, or said by those who try.
const HEADERS: [&[u8]; 20] = [
    b"Authorization: Signature",
    b"Authorization: Signature 0000",
    b"Authorization: Basic eDp5",
    b"Authorization: Signature 0123456789abcdef0123456789abcdef01234567",
    b"Authorization: \xff\xfe",
    b"Authorization : Signature x",
    b"Host",
    b": x",
    b"Ho st: x",
    b"X\0Y: z",
    b"X: a\0b",
    b"X: a\rb",
    b" folded: x",
    b"X-Request-Id: \x1b[31mred",
    b"X-Request-Id: a b\t\"c\"",
    b"X-Forwarded-For: 185.30.20.1, 127.0.0.1",
    b"Expect: 100-continue",
    b"Upgrade: h2c",
    b"Connection: upgrade, close, x",
    b"Host: a\r\nHost: b",
];

/// Framing that contradicts itself, or is none. Each is followed by a short body.
const FRAMINGS: [&[u8]; 22] = [
    b"Content-Length: -1",
    b"Content-Length: +5",
    b"Content-Length: 5 5",
    b"Content-Length: 0x5",
    b"Content-Length: 99999999999999999999",
    b"Content-Length: 18446744073709551615",
    b"Content-Length:",
    b"Content-Length: 5\r\nContent-Length: 6",
    b"Content-Length: 5, 5",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding: chunked\r\nContent-Length: 5",
    b"Transfer-Encoding: gzip",
    b"Transfer-Encoding: chunked, identity",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding:\x0bchunked",
    b"Transfer-Encoding: identity",
    b"Content-Length: 5\0",
    b"Content-Length: 4294967297",
    b"Transfer-Encoding: \"chunked\"",
    b"Content-Length: 1e3",
];

/// Chunks that are none.
const CHUNKS: [&[u8]; 12] = [
    b"x\r\n",
    b"-1\r\nab\r\n",
    b"5\r\nab\r\n0\r\n\r\n",
    b"1\r\nabc\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\nab",
    b"10000000000000000\r\nab",
    b"2\nab\n0\n\n",
    b"2;x=\"\r\n\"\r\nab\r\n0\r\n\r\n",
    b"0\r\nX: y\r\n",
    b"2\r\nab\r\n0\r\nContent-Length: 9\r\n\r\n",
    b"\r\n\r\n",
    b"00000000000000000000000000002\r\nab\r\n0\r\n\r\n",
];

/// What the sender does when it has said all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Waits for the answer, and may ask more on the same connection: the framing is right.
    Stays,
    /// Waits for an answer, says that no more will come, and waits for the end.
    Ends,
    /// Goes away at once.
    Leaves,
}

/// A request, and what follows it.
#[derive(Debug)]
pub(super) struct Hostile {
    pub(super) bytes: Vec<u8>,
    pub(super) then: Then,
}

/// The next one.
pub(super) fn hostile(random: &mut Random) -> Hostile {
    match random.below(100) {
        0..45 => stays(signed(random)),
        45..60 => stays(strange(random)),
        60..75 => ends(broken_head(random)),
        75..88 => ends(broken_framing(random)),
        88..96 => cut(random),
        96..98 => {
            let length = random.below(2048);
            ends(random.bytes(length))
        }
        _ => {
            // Behind a right request, what is no request.
            let junk = random.below(300);
            ends([signed(random), random.bytes(junk), broken_head(random)].concat())
        }
    }
}

fn stays(bytes: Vec<u8>) -> Hostile {
    Hostile { bytes, then: Then::Stays }
}

fn ends(bytes: Vec<u8>) -> Hostile {
    Hostile { bytes, then: Then::Ends }
}

/// A right request with a hostile body, proven to come from Xsolla.
fn signed(random: &mut Random) -> Vec<u8> {
    let body = bodies::body(random);
    let authorization = format!("Authorization: Signature {}", pool::signature(&body));
    let path = random.of(&["/webhook", "/", "/web-shop"]);
    post(path, &[authorization.as_bytes()], &body)
}

/// Well-formed, but nothing that is served.
fn strange(random: &mut Random) -> Vec<u8> {
    let target = random.of(&TARGETS);
    if random.once_in(2) {
        // Of HEAD, the answer's length is not that of what follows; it closes instead.
        let (method, close) = match random.of(&METHODS) {
            "HEAD" => ("HEAD", "Connection: close\r\n"),
            method => (method, ""),
        };
        return format!("{method} {target} HTTP/1.1\r\nHost: x\r\n{close}\r\n").into_bytes();
    }
    let body = bodies::body(random);
    // Not those that break the head.
    let header: &[u8] = random.of(&HEADERS[..4]);
    if random.once_in(2) { post(target, &[], &body) } else { post(target, &[header], &body) }
}

fn broken_head(random: &mut Random) -> Vec<u8> {
    let line: &[u8] = if random.once_in(2) { random.of(&LINES) } else { b"POST /webhook HTTP/1.1" };
    let mut bytes = line.to_vec();
    let end: &[u8] = random.of(&[&b"\r\n"[..], b"\r\n", b"\r\n", b"\n", b"\r", b"\n\r"]);
    bytes.extend_from_slice(end);
    for _ in 0..random.below(4) {
        let header: &[u8] = random.of(&HEADERS);
        bytes.extend_from_slice(header);
        bytes.extend_from_slice(end);
    }
    match random.below(40) {
        0 => bytes.extend_from_slice(&b"X: y\r\n".repeat(60 + random.below(60))),
        1 => {
            bytes.extend_from_slice(b"X: ");
            bytes.extend_from_slice(&b"y".repeat(8_000 + random.below(16_000)));
        }
        2 => bytes.extend_from_slice(&b"y".repeat(20_000)),
        _ => {}
    }
    bytes.extend_from_slice(end);
    bytes.extend_from_slice(end);
    bytes
}

fn broken_framing(random: &mut Random) -> Vec<u8> {
    let mut bytes = b"POST /webhook HTTP/1.1\r\nHost: x\r\n".to_vec();
    if random.once_in(2) {
        let framing: &[u8] = random.of(&FRAMINGS);
        bytes.extend_from_slice(framing);
        bytes.extend_from_slice(b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        // What a proxy that read it otherwise would have let through.
        bytes.extend_from_slice(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    } else {
        bytes.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
        for _ in 0..=random.below(3) {
            let chunk: &[u8] = random.of(&CHUNKS);
            bytes.extend_from_slice(chunk);
        }
    }
    bytes
}

/// A right request that breaks off.
fn cut(random: &mut Random) -> Hostile {
    let mut bytes = signed(random);
    bytes.truncate(random.below(bytes.len()));
    let then = if random.once_in(2) { Then::Ends } else { Then::Leaves };
    Hostile { bytes, then }
}

fn post(target: &str, headers: &[&[u8]], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("POST {target} HTTP/1.1\r\nHost: x\r\n").into_bytes();
    for header in headers {
        bytes.extend_from_slice(header);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_makes_the_same_requests_again() {
        let some = |seed| {
            let mut random = Random::new(seed);
            (0..2000).map(|_| hostile(&mut random).bytes).collect::<Vec<_>>()
        };
        let first = some(7);
        assert_eq!(first, some(7));
        assert_ne!(first, some(8));
        // They differ from each other, too.
        let different: BTreeSet<_> = first.iter().collect();
        assert!(different.len() > 1700, "{}", different.len());
    }
}

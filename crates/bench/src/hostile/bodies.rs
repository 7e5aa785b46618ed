//! Bodies that a listener gets from nobody but an enemy, or a bug on the other side.

use super::random::Random;

/// Published bodies of several types, to be spoilt.
const PUBLISHED: [&str; 7] = [
    include_str!("../../../../spec/notifications/payment/examples/full.json"),
    include_str!("../../../../spec/notifications/refund/examples/minimal.json"),
    include_str!("../../../../spec/notifications/order_paid/examples/minimal.json"),
    include_str!("../../../../spec/notifications/order_canceled/examples/minimal.json"),
    include_str!("../../../../spec/notifications/create_subscription/examples/minimal.json"),
    include_str!("../../../../spec/notifications/afs_black_list/examples/minimal.json"),
    include_str!("../../../../spec/notifications/user_validation/examples/minimal.json"),
];

/// Values that no member should have, and some that are no JSON at all.
const VALUES: [&[u8]; 34] = [
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"\"\"",
    b"-1",
    b"-0",
    b"0.0",
    b"1e400",
    b"-1e-400",
    b"1e99999999999999999999",
    b"9223372036854775807",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"18446744073709551616",
    b"0.1e1",
    b"00",
    b"+1",
    b".5",
    b"1.",
    b"NaN",
    b"Infinity",
    b"0x10",
    b"\"\\u0000\"",
    b"\"\\ud800\"",
    b"\"\\udc00\\ud800\"",
    b"\"\\x\"",
    b"\"\xff\xfe\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xc0\xaf\"",
    b"\"'; DROP TABLE events; --\"",
    b"{\"$serde_json::private::Number\":\"1\"}",
    b"{\"$serde_json::private::RawValue\":\"{\"}",
    b"\"line\\r\\n2026-01-01T00:00:00Z ERROR forged\"",
];

/// The longest thing, in bytes: a body of it is a little larger than a listener takes by default.
const LONG: usize = 1024 * 1024;

/// The depths of what is nested.
const DEPTHS: [usize; 5] = [64, 127, 129, 5_000, 200_000];

/// How often something very long is made: it takes a thousand times as long as all else.
const LONG_ONCE_IN: usize = 1000;

/// A body, spoilt in one to three ways.
pub(super) fn body(random: &mut Random) -> Vec<u8> {
    if random.once_in(LONG_ONCE_IN) {
        return long(random);
    }
    if random.once_in(20) {
        let length = random.below(512);
        return random.bytes(length);
    }
    let mut body = random.of(&PUBLISHED).trim().as_bytes().to_vec();
    for _ in 0..=random.below(3) {
        spoil(&mut body, random);
    }
    body
}

fn spoil(body: &mut Vec<u8>, random: &mut Random) {
    if body.is_empty() {
        return;
    }
    let at = random.below(body.len());
    match random.below(8) {
        0 => body[at] ^= 1 << random.below(8),
        1 => body.truncate(at),
        2 => {
            body.insert(at, random.next().to_le_bytes()[0]);
        }
        3 => {
            let end = (at + 1 + random.below(16)).min(body.len());
            body.drain(at..end);
        }
        4 => again(body, random),
        5 => {
            let deep = if random.once_in(50) { DEPTHS.len() } else { 3 };
            let depth = DEPTHS[random.below(deep)];
            let sign: &[u8] = random.of(&[&b"["[..], b"{\"a\":"]);
            replace_value(body, at, &sign.repeat(depth));
        }
        _ => {
            let value: &[u8] = random.of(&VALUES);
            replace_value(body, at, value);
        }
    }
}

/// Says the members twice, or some of them.
fn again(body: &mut Vec<u8>, random: &mut Random) {
    if let Some(end) = body.iter().rposition(|byte| *byte == b'}') {
        let from = if random.once_in(2) { 1 } else { 1 + random.below(body.len()) };
        let members = body.get(from..end).unwrap_or_default().to_vec();
        let members = [b",", members.as_slice()].concat();
        body.splice(end..end, members);
    }
}

/// Puts something in the place of the value behind the next colon.
fn replace_value(body: &mut Vec<u8>, from: usize, value: &[u8]) {
    let Some(colon) = body[from..].iter().position(|byte| *byte == b':') else { return };
    let start = from + colon + 1;
    let end = body[start..].iter().position(|byte| b",}]".contains(byte));
    let end = end.map_or(body.len(), |length| start + length);
    body.splice(start..end, value.iter().copied());
}

/// About as long as is taken, or longer.
fn long(random: &mut Random) -> Vec<u8> {
    let length = LONG - 200 + random.below(400);
    match random.below(5) {
        0 => vec![b'['; length],
        1 => vec![b' '; length],
        2 => random.bytes(length),
        3 => {
            let user = [b"a".repeat(length).as_slice(), b"\"}}"].concat();
            [&b"{\"notification_type\":\"user_validation\",\"user\":{\"id\":\""[..], &user].concat()
        }
        _ => {
            let digits = [b"9".repeat(length).as_slice(), b"},\"payment_details\":{}}"].concat();
            [&b"{\"notification_type\":\"payment\",\"transaction\":{\"id\":"[..], &digits].concat()
        }
    }
}

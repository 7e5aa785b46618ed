//! The word by which one request's lines are found in the log.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use tracing::Span;

/// What a proxy gives the same word in.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Bytes of a word that is taken over.
const BYTES_MAX: usize = 64;

/// Numbers the requests of one process.
#[derive(Debug)]
pub(crate) struct RequestIds {
    instance: u32,
    next: AtomicU64,
}

/// A request's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RequestId {
    /// Our own: which process, and its how many-th request.
    Own(u32, u64),
    /// The sender's.
    Given(HeaderValue),
}

impl RequestIds {
    pub(crate) fn new(instance: u32) -> Self {
        Self { instance, next: AtomicU64::new(1) }
    }

    /// The word of a request: the one that came with it, if that can do no harm in a log.
    pub(crate) fn of(&self, headers: &HeaderMap) -> RequestId {
        match headers.get(REQUEST_ID) {
            Some(given) if is_plain(given.as_bytes()) => RequestId::Given(given.clone()),
            _ => RequestId::Own(self.instance, self.next.fetch_add(1, Relaxed)),
        }
    }
}

impl RequestId {
    /// What the lines of this request stand in. Made only where there is a line to write: most
    /// requests leave none.
    pub(crate) fn span(&self) -> Span {
        tracing::error_span!("request", id = %self)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Own(instance, number) => write!(f, "{instance:08x}-{number}"),
            Self::Given(given) => f.write_str(given.to_str().unwrap_or_default()),
        }
    }
}

fn is_plain(word: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._".contains(byte);
    !word.is_empty() && word.len() <= BYTES_MAX && word.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_word_is_taken_over() {
        let ids = RequestIds::new(0xabc);
        let of = |word: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_bytes(word.as_bytes()).unwrap());
            ids.of(&headers).to_string()
        };
        assert_eq!(of("0af7651916cd43dd-8448.eb_2"), "0af7651916cd43dd-8448.eb_2");
        assert_eq!(of(&"x".repeat(BYTES_MAX)), "x".repeat(BYTES_MAX));
        let own = ["", "a b", "a\tb", "\"quoted\"", "käse", &"x".repeat(BYTES_MAX + 1)].map(of);
        assert_eq!(own, [1, 2, 3, 4, 5, 6].map(|number| format!("00000abc-{number}")));
        assert_eq!(ids.of(&HeaderMap::new()).to_string(), "00000abc-7");
    }
}

//! The end of what a process wrote: enough to say why it ended, and no more.

use std::{
    collections::VecDeque,
    io::Read,
    sync::{Arc, Mutex, PoisonError},
};

/// Bytes that are kept.
const BYTES_MAX: usize = 4 * 1024;

/// Bytes that are read at once.
const READ_BYTES: usize = 4 * 1024;

/// Bytes that are shown in one line.
const SHOWN_BYTES_MAX: usize = 600;

/// The last few kilobytes of a stream that somebody else writes.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastWords(Arc<Mutex<VecDeque<u8>>>);

impl LastWords {
    /// Reads a stream to its end on a thread of its own: a process whose output nobody reads would stand
    /// still as soon as the pipe is full.
    pub(crate) fn of(mut stream: impl Read + Send + 'static) -> Self {
        let words = Self::default();
        let kept = words.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; READ_BYTES];
            while let Ok(count @ 1..) = stream.read(&mut buffer) {
                kept.keep(&buffer[..count]);
            }
        });
        words
    }

    fn keep(&self, bytes: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(bytes);
        let surplus = kept.len().saturating_sub(BYTES_MAX);
        kept.drain(..surplus);
    }

    /// The end of it in one line, and nothing where nothing was written.
    pub(crate) fn one_line(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = kept.iter().copied().collect();
        shown(&bytes)
    }
}

/// The end of these bytes, in one line.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let end = &bytes[bytes.len().saturating_sub(SHOWN_BYTES_MAX)..];
    let text = String::from_utf8_lossy(end);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_end_of_much() {
        let words = LastWords::default();
        words.keep(&[b'a'; BYTES_MAX]);
        words.keep(b" the\n end");
        assert_eq!(words.0.lock().unwrap().len(), BYTES_MAX);
        assert!(words.one_line().ends_with("a the end"));
    }
}

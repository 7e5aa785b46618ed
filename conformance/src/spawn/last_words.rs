//! The end of what a process wrote: enough to say why it ended, and no more.

use std::{
    collections::VecDeque,
    io::Read,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Bytes that are kept.
const BYTES_MAX: usize = 4 * 1024;

/// Bytes that are read at once.
const READ_BYTES: usize = 4 * 1024;

/// Bytes that are shown in one line.
const SHOWN_BYTES_MAX: usize = 600;

/// Time for which the end of the stream is awaited once its process has ended: the reader may not have
/// had its turn, and a child of the process may hold the stream open.
const END_WAIT_MAX: Duration = Duration::from_millis(200);

/// The last few kilobytes of a stream that another process writes.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastWords(Arc<(Mutex<Tail>, Condvar)>);

#[derive(Debug, Default)]
struct Tail {
    bytes: VecDeque<u8>,
    ended: bool,
}

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
            kept.end();
        });
        words
    }

    fn keep(&self, bytes: &[u8]) {
        let mut tail = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        tail.bytes.extend(bytes);
        let surplus = tail.bytes.len().saturating_sub(BYTES_MAX);
        tail.bytes.drain(..surplus);
    }

    fn end(&self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        self.0.1.notify_all();
    }

    /// The end of it in one line, and nothing where nothing was written.
    pub(crate) fn one_line(&self) -> String {
        let tail = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = tail.bytes.iter().copied().collect();
        shown(&bytes)
    }

    /// The same once the stream has ended, or after a short wait.
    pub(crate) fn final_line(&self) -> String {
        let tail = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.0.1.wait_timeout_while(tail, END_WAIT_MAX, |tail| !tail.ended));
        self.one_line()
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
        assert_eq!(words.0.0.lock().unwrap().bytes.len(), BYTES_MAX);
        assert!(words.one_line().ends_with("a the end"));
    }

    #[test]
    fn final_line_waits_for_the_reader() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let words = LastWords::of(reader);
        std::io::Write::write_all(&mut writer, b"no such game").unwrap();
        drop(writer);
        assert_eq!(words.final_line(), "no such game");
    }
}

//! Output of a process: its last lines, to say why it ended, and the lines around a failed step.

use std::{
    collections::VecDeque,
    io::Read,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Bytes that are kept.
const BYTES_MAX: usize = 4 * 1024;

/// Bytes that are read at once.
const READ_BYTES: usize = 4 * 1024;

/// Bytes of a stream that are kept with their time.
const TIMED_BYTES_MAX: usize = 256 * 1024;

/// Bytes that are shown of what was written in a span of time.
const SPAN_BYTES_MAX: usize = 4 * 1024;

/// Bytes that are shown in one line.
const SHOWN_BYTES_MAX: usize = 600;

/// Time for which the end of the stream is awaited once its process has ended: the reader may not have
/// had its turn, and a child of the process may hold the stream open.
const END_WAIT_MAX: Duration = Duration::from_millis(200);

/// The last few kilobytes of the streams that another process writes.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastWords(Arc<(Mutex<Tail>, Condvar)>);

/// A stream of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdout,
    Stderr,
}

#[derive(Debug, Default)]
struct Tail {
    bytes: VecDeque<u8>,
    stdout: Timed,
    stderr: Timed,
    open: usize,
}

/// The end of one stream, with the time at which each piece came.
#[derive(Debug, Default)]
struct Timed {
    pieces: VecDeque<(Instant, Vec<u8>)>,
    length: usize,
}

impl Timed {
    fn push(&mut self, at: Instant, bytes: &[u8]) {
        self.length += bytes.len();
        self.pieces.push_back((at, bytes.to_vec()));
        while self.length > TIMED_BYTES_MAX
            && let Some((_, old)) = self.pieces.pop_front()
        {
            self.length -= old.len();
        }
    }

    /// The end of what came in this span, without a line that has lost its beginning.
    fn within(&self, from: Instant, to: Instant) -> String {
        let inside = self.pieces.iter().filter(|(at, _)| (from..=to).contains(at));
        let bytes: Vec<u8> = inside.flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        let mut end = &bytes[bytes.len().saturating_sub(SPAN_BYTES_MAX)..];
        if end.len() < bytes.len()
            && let Some(line_end) = end.iter().position(|byte| *byte == b'\n')
        {
            end = &end[line_end + 1..];
        }
        String::from_utf8_lossy(end).trim_end().to_owned()
    }
}

impl LastWords {
    /// Reads the streams to their ends on threads of their own: a process whose output nobody reads would
    /// stand still as soon as the pipe is full.
    pub(crate) fn of(
        stdout: impl Read + Send + 'static,
        stderr: impl Read + Send + 'static,
    ) -> Self {
        let words = Self::default();
        words.read(Stream::Stdout, stdout);
        words.read(Stream::Stderr, stderr);
        words
    }

    fn read(&self, stream: Stream, mut source: impl Read + Send + 'static) {
        self.tail().open += 1;
        let kept = self.clone();
        std::thread::spawn(move || {
            let mut buffer = [0; READ_BYTES];
            while let Ok(count @ 1..) = source.read(&mut buffer) {
                kept.keep(stream, &buffer[..count]);
            }
            kept.end();
        });
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, stream: Stream, bytes: &[u8]) {
        let mut tail = self.tail();
        tail.bytes.extend(bytes);
        let surplus = tail.bytes.len().saturating_sub(BYTES_MAX);
        tail.bytes.drain(..surplus);
        let timed = match stream {
            Stream::Stdout => &mut tail.stdout,
            Stream::Stderr => &mut tail.stderr,
        };
        timed.push(Instant::now(), bytes);
    }

    fn end(&self) {
        let mut tail = self.tail();
        tail.open = tail.open.saturating_sub(1);
        self.0.1.notify_all();
    }

    /// Returns the lines on stderr in this span of time, or those on stdout where stderr is empty.
    pub(crate) fn within(&self, from: Instant, to: Instant) -> Option<String> {
        let tail = self.tail();
        let said = [&tail.stderr, &tail.stdout].map(|timed| timed.within(from, to));
        said.into_iter().find(|text| !text.is_empty())
    }

    /// The end of it in one line, and nothing where nothing was written.
    pub(crate) fn one_line(&self) -> String {
        let tail = self.tail();
        let bytes: Vec<u8> = tail.bytes.iter().copied().collect();
        shown(&bytes)
    }

    /// The same once the streams have ended, or after a short wait.
    pub(crate) fn final_line(&self) -> String {
        let tail = self.tail();
        drop(self.0.1.wait_timeout_while(tail, END_WAIT_MAX, |tail| tail.open > 0));
        self.one_line()
    }
}

/// The end of these bytes, in one line and without backticks, between which it is quoted.
pub(crate) fn shown(bytes: &[u8]) -> String {
    let end = &bytes[bytes.len().saturating_sub(SHOWN_BYTES_MAX)..];
    let text = String::from_utf8_lossy(end);
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_end_of_much() {
        let words = LastWords::default();
        words.keep(Stream::Stdout, &[b'a'; BYTES_MAX]);
        words.keep(Stream::Stderr, b" the\n `end`");
        assert_eq!(words.tail().bytes.len(), BYTES_MAX);
        assert!(words.one_line().ends_with("a the 'end'"));
    }

    #[test]
    fn final_line_waits_for_the_readers() {
        let (output, mut out) = std::io::pipe().unwrap();
        let (errors, mut err) = std::io::pipe().unwrap();
        let words = LastWords::of(output, errors);
        std::io::Write::write_all(&mut out, b"up").unwrap();
        drop(out);
        std::io::Write::write_all(&mut err, b"no such game").unwrap();
        drop(err);
        let line = words.final_line();
        assert!(line.contains("up") && line.contains("no such game"), "{line}");
    }

    #[test]
    fn stderr_of_a_span_counts_before_stdout() {
        let words = LastWords::default();
        let before = Instant::now();
        words.keep(Stream::Stdout, b"POST /webhook 500\n");
        let between = Instant::now();
        assert_eq!(words.within(before, between).as_deref(), Some("POST /webhook 500"));
        words.keep(Stream::Stderr, b"database is locked\n");
        let after = Instant::now();
        assert_eq!(words.within(before, after).as_deref(), Some("database is locked"));
        assert_eq!(words.within(after + Duration::from_millis(1), after), None);
    }

    #[test]
    fn a_long_span_loses_its_beginning_at_a_line() {
        let words = LastWords::default();
        let before = Instant::now();
        words.keep(Stream::Stderr, &b"123456789\n".repeat(SPAN_BYTES_MAX));
        let said = words.within(before, Instant::now()).unwrap();
        assert!(said.len() <= SPAN_BYTES_MAX && said.starts_with("123456789\n"), "{said}");
    }
}

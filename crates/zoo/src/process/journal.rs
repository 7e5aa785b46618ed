//! The file in which a listener keeps what it has accepted: lines that are only ever added.
//!
//! A line is its length, a checksum and JSON, and goes to the operating system in one write before
//! the event is answered. That survives SIGKILL at any moment without a sync: the pages are the
//! kernel's, and the kernel is not killed. Only a crash of the machine would need more, and nobody
//! here tests that.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::Path,
};

use sha1::{Digest, Sha1};

use super::{Torn, record::Record};

/// The name of the file in the folder of the state.
const FILE: &str = "journal";
/// Bytes of a journal that are read; the longest runs here keep far less.
const JOURNAL_BYTES_MAX: u64 = 1 << 30;
/// Hexadecimal digits of a line's checksum.
const CHECKSUM_DIGITS: usize = 8;
/// Lines that a write-behind buffer holds back.
const BUFFERED_LINES: usize = 8;
/// What a listener that begins its lines ahead has of the next one.
const AHEAD: &[u8] = b" ";

/// The open file.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    held_back: Vec<Vec<u8>>,
    /// Each line is begun with the one before it.
    ahead: bool,
}

impl Journal {
    /// Opens the file of a folder, and reads what is in it.
    pub(crate) fn open(folder: &Path, torn: Torn) -> io::Result<(Self, Vec<Record>)> {
        let path = folder.join(FILE);
        let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
        let mut bytes = Vec::new();
        (&mut file).take(JOURNAL_BYTES_MAX).read_to_end(&mut bytes)?;
        let (records, whole) = read(&bytes)?;
        if whole < bytes.len() {
            if torn == Torn::Refuse {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the last line of the journal is not whole",
                ));
            }
            // What follows would be added to the broken line.
            file.set_len(u64::try_from(whole).map_err(io::Error::other)?)?;
        }
        Ok((Self { file, held_back: Vec::new(), ahead: torn == Torn::Refuse }, records))
    }

    /// Adds a line.
    pub(crate) fn write(&mut self, record: &Record) -> io::Result<()> {
        let mut line = line(record);
        if self.ahead {
            line.extend(AHEAD);
        }
        self.file.write_all(&line)
    }

    /// Adds a line when there are enough of them.
    pub(crate) fn hold_back(&mut self, record: &Record) -> io::Result<()> {
        self.held_back.push(line(record));
        if self.held_back.len() < BUFFERED_LINES { Ok(()) } else { self.flush() }
    }

    /// Leaves only whole lines, in good order.
    pub(crate) fn close(&mut self) -> io::Result<()> {
        if self.ahead {
            let length = self.file.metadata()?.len();
            self.file.set_len(length.saturating_sub(AHEAD.len() as u64))?;
        }
        self.flush()
    }

    /// Adds the lines that were held back.
    fn flush(&mut self) -> io::Result<()> {
        let lines = std::mem::take(&mut self.held_back).concat();
        self.file.write_all(&lines)
    }
}

fn line(record: &Record) -> Vec<u8> {
    let json = record.to_json().to_string();
    format!("{} {} {json}\n", json.len(), checksum(json.as_bytes())).into_bytes()
}

fn checksum(json: &[u8]) -> String {
    let mut digits = hex::encode(Sha1::digest(json));
    digits.truncate(CHECKSUM_DIGITS);
    digits
}

/// The records of a journal, and how many of its bytes they take. Only the last line may be broken:
/// no crash of a process breaks another.
fn read(bytes: &[u8]) -> io::Result<(Vec<Record>, usize)> {
    let (mut records, mut whole) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match parsed(line) {
            Some(record) => records.push(record),
            None if whole + line.len() == bytes.len() => break,
            None => {
                let what = format!("line {} of the journal is broken", records.len() + 1);
                return Err(io::Error::new(io::ErrorKind::InvalidData, what));
            }
        }
        whole += line.len();
    }
    Ok((records, whole))
}

fn parsed(line: &[u8]) -> Option<Record> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?.trim_start();
    let (length, rest) = text.split_once(' ')?;
    let (digits, json) = rest.split_once(' ')?;
    let sound = length.parse() == Ok(json.len()) && digits == checksum(json.as_bytes());
    if sound { Record::from_json(&serde_json::from_str(json).ok()?) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(records: &[Record]) -> Vec<&str> {
        records.iter().filter_map(|record| record.key.as_deref()).collect()
    }

    /// Whatever is cut off the end, whole lines before it are read and the next one is whole again.
    #[test]
    fn a_last_line_that_is_not_whole_is_cut_off() {
        let bytes = ["a", "b"].map(|key| line(&Record::of_key(key))).concat();
        for kept in 0..=bytes.len() {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(FILE), &bytes[..kept]).unwrap();
            let (mut journal, records) = Journal::open(folder.path(), Torn::Cut).unwrap();
            let whole = if kept == bytes.len() { 2 } else { kept / (bytes.len() / 2) };
            assert_eq!(keys(&records), ["a", "b"][..whole]);
            journal.write(&Record::of_key("c")).unwrap();
            let (_, records) = Journal::open(folder.path(), Torn::Refuse).unwrap();
            assert_eq!(keys(&records), [&["a", "b"][..whole], &["c"]].concat());
        }
    }

    #[test]
    fn a_broken_line_before_others_is_refused() {
        let mut bytes = ["a", "b"].map(|key| line(&Record::of_key(key))).concat();
        bytes[15] ^= 1;
        assert_eq!(read(&bytes).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}

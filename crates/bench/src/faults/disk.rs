//! The disk whose power can be cut: what the last syncs made durable, and what is left of the rest.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context;
use tempfile::TempDir;

use super::traffic::Dice;
use crate::shim;

/// The library's source: what a disk does when it fails.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/shim/faults.c");

/// What a file system writes at once.
const BLOCK: usize = 4096;

/// Where the disk is, if there is memory for it.
const MEMORY: &str = "/dev/shm";

/// What is left of writes that no sync had made durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsynced {
    /// Nothing.
    Gone,
    /// Of each block of each file the old or the new content, as it happens.
    Torn,
}

/// A folder of the program's files, one of what is durable, and the library that connects them.
pub(crate) struct Disk {
    folder: TempDir,
    library: Option<PathBuf>,
    /// Syncs succeed and do nothing.
    lies: bool,
}

impl Disk {
    /// One that does as it should, without a library: for programs that are killed alone.
    pub(crate) fn plain() -> anyhow::Result<Self> {
        let memory = Path::new(MEMORY);
        let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let folder = tempfile::Builder::new().prefix("hookproof-faults-").tempdir_in(place)?;
        for name in ["files", "durable"] {
            fs::create_dir(folder.path().join(name))?;
        }
        Ok(Self { folder, library: None, lies: false })
    }

    /// One whose power can be cut, and that can fail.
    pub(crate) fn faulty(lies: bool) -> anyhow::Result<Self> {
        let mut disk = Self::plain()?;
        let library = disk.folder.path().join("faults.so");
        shim::compile(SOURCE, &library)?;
        (disk.library, disk.lies) = (Some(library), lies);
        Ok(disk)
    }

    /// What is neither durable nor the program's.
    pub(crate) fn beside(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.files().join("db")
    }

    fn durable(&self) -> PathBuf {
        self.folder.path().join("durable")
    }

    fn failure(&self) -> PathBuf {
        self.folder.path().join("errno")
    }

    /// Puts a program that is not started yet onto this disk.
    pub(crate) fn put_under(&self, command: &mut Command) {
        let Some(library) = &self.library else { return };
        command
            .env("LD_PRELOAD", library)
            .env("HOOKPROOF_FAULTS_FOLDER", self.files())
            .env("HOOKPROOF_FAULTS_SHADOW", self.durable())
            .env("HOOKPROOF_FAULTS_ERRNO", self.failure());
        if self.lies {
            command.env("HOOKPROOF_FAULTS_LIES", "1");
        }
    }

    /// From now on, what is written fails with this number of the system's errors.
    pub(crate) fn fail(&self, errno: i32) -> anyhow::Result<()> {
        // By another name first, so that nobody reads half of it.
        let part = self.folder.path().join("errno.part");
        fs::write(&part, errno.to_string())?;
        Ok(fs::rename(part, self.failure())?)
    }

    /// It works again.
    pub(crate) fn mend(&self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.failure())?)
    }

    /// Leaves of the files what the last syncs had made durable. Nobody may be using them.
    pub(crate) fn cut_power(&self, unsynced: Unsynced, dice: &mut Dice) -> anyhow::Result<()> {
        let (before, durable) = (contents(&self.files())?, contents(&self.durable())?);
        for name in before.keys() {
            fs::remove_file(self.files().join(name))?;
        }
        for (name, durable) in durable {
            let left = match (unsynced, before.get(&name)) {
                (Unsynced::Torn, Some(written)) => torn(&durable, written, dice),
                _ => durable,
            };
            fs::write(self.files().join(&name), &left)?;
            fs::write(self.durable().join(&name), &left)?;
        }
        Ok(())
    }
}

fn contents(folder: &Path) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut contents = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().context("names are UTF-8")?;
        // What a program was killed over is no file yet.
        if name != ".part" {
            contents.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(contents)
}

/// Of each block the durable content or the written one.
fn torn(durable: &[u8], written: &[u8], dice: &mut Dice) -> Vec<u8> {
    let length = if dice.below(2) == 0 { durable.len() } else { written.len() };
    let mut left = durable.to_vec();
    left.resize(length, 0);
    for (index, block) in left.chunks_mut(BLOCK).enumerate() {
        let new = written.get(index * BLOCK..).unwrap_or_default();
        let new = &new[..new.len().min(block.len())];
        if dice.below(2) == 0 {
            block[..new.len()].copy_from_slice(new);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_file_is_made_of_whole_blocks() {
        let (old, new) = (vec![1; BLOCK * 40], vec![2; BLOCK * 50 + 7]);
        let left = torn(&old, &new, &mut Dice(1));
        assert!([old.len(), new.len()].contains(&left.len()));
        let blocks: Vec<&[u8]> = left.chunks(BLOCK).collect();
        assert!(blocks.iter().all(|block| block.iter().all(|byte| *byte == block[0])));
        assert!([1, 2].iter().all(|byte| blocks.iter().any(|block| block[0] == *byte)));
    }

    #[test]
    fn what_was_never_synced_is_gone() {
        let disk = Disk::plain().unwrap();
        for (folder, name, content) in [
            (disk.files(), "db", "new"),
            (disk.files(), "db-shm", "new"),
            (disk.durable(), "db", "old"),
        ] {
            fs::write(folder.join(name), content).unwrap();
        }
        disk.cut_power(Unsynced::Gone, &mut Dice(1)).unwrap();
        let left = contents(&disk.files()).unwrap();
        assert_eq!(left, BTreeMap::from([("db".to_owned(), b"old".to_vec())]));
    }
}

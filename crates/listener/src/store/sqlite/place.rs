//! Whether the files that are open still have the database's name.
//!
//! A file that was deleted or replaced can be written to as before, and everything in it is gone when it
//! is closed. What is acknowledged must be where the operator's next start will look for it.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Why the files cannot be used at the moment. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Astray {
    /// They were there when the listener started.
    #[error(
        "`{}` was deleted, moved or replaced while it was in use: put it back, or restore a backup",
        .0.display()
    )]
    Gone(PathBuf),
    /// The log of one database beside another would destroy it.
    #[error(
        "`{}` belongs to the database that was here before: remove it and the file ending in -shm",
        .0.display()
    )]
    Leftover(PathBuf),
    /// What is only in the deleted log could not be moved into the database yet.
    #[error("the log of `{}` was deleted, and somebody is reading what is left of it", .0.display())]
    Read(PathBuf),
}

/// What tells a file from another one of the same name.
type Identity = Option<(u64, u64)>;

/// The database's file and its log, as they were when they were opened.
pub(super) struct Place {
    path: PathBuf,
    log: PathBuf,
    opened: [Identity; 2],
}

/// What became of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// They are where they were.
    Same,
    /// The database is there, and its log is another or none.
    OtherLog,
    /// Another database is there, with the log of the one before.
    Leftover,
    /// Another database is there.
    Other,
    /// There is none.
    Nothing,
}

impl Place {
    /// The files of a database that has just been opened.
    pub(super) fn of(path: &Path) -> Self {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let mut place = Self { path: path.to_owned(), log: log.into(), opened: [None; 2] };
        place.opened = place.now();
        place
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn found(&self) -> Found {
        let [file, log] = self.now();
        match file {
            _ if [file, log] == self.opened => Found::Same,
            None => Found::Nothing,
            Some(_) if file == self.opened[0] => Found::OtherLog,
            Some(_) if log.is_some() && log == self.opened[1] => Found::Leftover,
            Some(_) => Found::Other,
        }
    }

    /// An error unless the files are the ones that were opened.
    pub(super) fn confirm(&self) -> Result<(), Astray> {
        if self.found() == Found::Same { Ok(()) } else { Err(self.gone()) }
    }

    pub(super) fn gone(&self) -> Astray {
        Astray::Gone(self.path.clone())
    }

    pub(super) fn leftover(&self) -> Astray {
        Astray::Leftover(self.log.clone())
    }

    pub(super) fn read(&self) -> Astray {
        Astray::Read(self.path.clone())
    }

    fn now(&self) -> [Identity; 2] {
        [&self.path, &self.log].map(|path| identity(path).ok())
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let there = fs::metadata(path)?;
    Ok((there.dev(), there.ino()))
}

/// Elsewhere a file that is open can be neither deleted nor replaced.
#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::metadata(path).map(|_| (0, 0))
}

//! What is done to a listener's SQLite file beside the listener, which may be running.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use crate::store::{Audit, DatabaseError};

/// Why a database was not copied, checked or counted.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// There is nothing.
    #[error("there is no such file")]
    Missing,
    /// What is there stays.
    #[error("`{}` is there, and was left alone: name a new file", .0.display())]
    Exists(PathBuf),
    /// The copy cannot be put there.
    #[error("cannot write `{}`", path.display())]
    Target {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The copy is not what was copied.
    #[error("the copy is not whole: {0}")]
    Broken(String),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What a database holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes in it that are free.
    pub free_bytes: u64,
    /// Bytes of the log beside it.
    pub log_bytes: u64,
    /// When either was changed last, in seconds since 1970.
    pub changed_unix_s: Option<u64>,
    /// Recorded events by type. Types that are kept by their row alone are in `tables`.
    pub events: BTreeMap<String, u64>,
    /// Rows by table.
    pub tables: BTreeMap<String, u64>,
}

/// Copies a database to a new file as it is at one moment, and says how many bytes that are. The copy
/// has its name only when it is whole and on the disk.
pub fn backup(db: &Path, to: &Path) -> Result<u64, UpkeepError> {
    let audit = open(db)?;
    if to.exists() {
        return Err(UpkeepError::Exists(to.to_owned()));
    }
    let failed = |source| UpkeepError::Target { path: to.to_owned(), source };
    let part = beside(to, ".part");
    // Takes the name, so that two backups at once are not one file.
    fs::File::create_new(&part).map_err(failed)?;
    let copied = copy(&audit, &part).and_then(|()| {
        // Linking, unlike renaming, does not take the place of a file that came meanwhile.
        fs::hard_link(&part, to).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => UpkeepError::Exists(to.to_owned()),
            _ => failed(source),
        })
    });
    let removed = fs::remove_file(&part);
    copied?;
    removed.map_err(failed)?;
    sync_folder(to).map_err(failed)?;
    Ok(fs::metadata(to).map_err(failed)?.len())
}

/// What contradicts what in a database; nothing where it is sound.
pub fn check(db: &Path) -> Result<Vec<String>, UpkeepError> {
    Ok(open(db)?.problems()?)
}

/// Counts what a database holds.
pub fn stats(db: &Path) -> Result<Stats, UpkeepError> {
    let audit = open(db)?;
    let (mut stats, log) = (Stats::default(), beside(db, "-wal"));
    for path in [db, &log] {
        let Ok(file) = fs::metadata(path) else { continue };
        *(if path == db { &mut stats.bytes } else { &mut stats.log_bytes }) = file.len();
        let changed = file.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        stats.changed_unix_s = stats.changed_unix_s.max(changed.map(|since| since.as_secs()));
    }
    stats.free_bytes = audit.free_bytes()?;
    stats.events = audit.events()?;
    stats.tables = audit.rows()?;
    Ok(stats)
}

fn open(db: &Path) -> Result<Audit, UpkeepError> {
    if !db.exists() {
        return Err(UpkeepError::Missing);
    }
    Ok(Audit::open(db)?)
}

fn copy(audit: &Audit, part: &Path) -> Result<(), UpkeepError> {
    audit.copy_to(part)?;
    match Audit::open(part)?.problems()?.into_iter().next() {
        Some(problem) => Err(UpkeepError::Broken(problem)),
        None => Ok(()),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A new name is on the disk when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

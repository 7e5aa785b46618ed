//! The disk model: syncs that take a fixed time, and are counted.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

/// The library's source: a few lines of C.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/shim/syncs.c");

/// How the library is told where the counter is, and how long a sync takes.
const COUNTER: &str = "HOOKPROOF_BENCH_SYNC_FILE";
const MICROS: &str = "HOOKPROOF_BENCH_SYNC_US";

/// The compiled library, and how slow the disk is.
pub(crate) struct Shim {
    library: PathBuf,
    pub(crate) sync_micros: u32,
}

impl Shim {
    /// Compiles the library into a folder.
    pub(crate) fn compile(folder: &Path, sync_micros: u32) -> anyhow::Result<Self> {
        let library = folder.join("syncs.so");
        compile(SOURCE, &library)?;
        Ok(Self { library, sync_micros })
    }

    /// Puts a program that is not started yet onto the disk model.
    pub(crate) fn put_under(&self, command: &mut Command, counter: &Counter) {
        command
            .env("LD_PRELOAD", &self.library)
            .env(COUNTER, &counter.0)
            .env(MICROS, self.sync_micros.to_string());
    }
}

/// Compiles a C file into a library that can be put under a program.
pub(crate) fn compile(source: &str, library: &Path) -> anyhow::Result<()> {
    let status = Command::new("cc")
        .args(["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o"])
        .arg(library)
        .arg(source)
        .status()
        .context("cannot start the C compiler `cc`")?;
    if !status.success() {
        bail!("`{source}` does not compile");
    }
    Ok(())
}

/// A file in which a program's syncs are counted.
pub(crate) struct Counter(PathBuf);

impl Counter {
    pub(crate) fn new(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("syncs");
        fs::write(&path, 0_u64.to_ne_bytes())?;
        Ok(Self(path))
    }

    pub(crate) fn read(&self) -> anyhow::Result<u64> {
        let bytes = fs::read(&self.0)?;
        Ok(u64::from_ne_bytes(bytes.try_into().ok().context("the counter has eight bytes")?))
    }
}

/// Writes and syncs again and again: how often it can be done in that time. For a process under the model.
pub(crate) fn sync_again_and_again(path: &Path, time: Duration) -> anyhow::Result<u64> {
    let mut file = File::create(path)?;
    let (start, mut syncs) = (Instant::now(), 0);
    while start.elapsed() < time {
        file.write_all(b"one block")?;
        file.sync_data()?;
        syncs += 1;
    }
    Ok(syncs)
}

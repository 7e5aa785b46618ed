//! The arguments of `hookproof zoo`.

use std::path::PathBuf;

use clap::Args;

/// Generated values per property. Every fault of the zoo shows with these, and the whole zoo is asked
/// within minutes.
const CASES: u32 = 24;

/// Most values per property. More than this is a typing error.
const CASES_MAX: i64 = 1_000_000;

/// The seed where none is given: a gate must ask the same each time.
const SEED: u64 = 7;

/// Most listeners at the same time.
const JOBS_MAX: u64 = 256;

#[derive(Debug, Args)]
pub(crate) struct ZooArgs {
    /// Only the listeners whose slug matches; repeatable. What the whole zoo must show is not judged
    /// then.
    #[arg(long, value_name = "GLOB")]
    pub(crate) only: Vec<String>,
    /// The source of every random choice. The verdicts do not depend on it.
    #[arg(long, value_name = "N", default_value_t = SEED)]
    pub(crate) seed: u64,
    /// Generated values per property.
    #[arg(long, value_name = "N", default_value_t = CASES)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=CASES_MAX))]
    pub(crate) cases: u32,
    /// Listeners asked at the same time. [default: ten for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=JOBS_MAX))]
    pub(crate) jobs: Option<u64>,
    /// Ask every listener every check. Without it, a wrong listener is asked the checks that must fail it
    /// and a sample of the others, and whether the right cause is named first is not judged.
    #[arg(long)]
    pub(crate) full: bool,
    /// The folder for `kill-matrix.json` and `kill-matrix.md`. It is made where it is missing.
    #[arg(long, value_name = "DIR", default_value = "target/zoo")]
    pub(crate) out: PathBuf,
}

//! The suite inside a Rust project's own tests: each check is one test.
//!
//! A test target with `harness = false` calls [`main`] with something that starts the listener and says
//! where it is:
//!
//! ```ignore
//! fn main() -> std::process::ExitCode {
//!     hookproof_harness::main(async || {
//!         let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//!         let base = format!("http://{}", socket.local_addr()?);
//!         tokio::spawn(async { axum::serve(socket, my_game::router("secret")).await });
//!         hookproof_harness::options(&format!("{base}/webhook"), "secret")
//!     })
//! }
//! ```
//!
//! `cargo test` then lists and filters checks as it does tests. The suite runs once, for exactly the
//! checks that were selected, when the first of them is asked for; under `cargo nextest`, which starts
//! a process for each test, it runs that one check each time.
//!
//! **Invariant:** listing starts nothing.

mod outcome;
#[cfg(test)]
mod tests;

use std::{
    error::Error,
    process::ExitCode,
    sync::{Arc, LazyLock},
    time::{SystemTime, UNIX_EPOCH},
};

pub use hookproof_conformance::{Options, options};
use hookproof_conformance::{checks, options::first_id_at};
use hookproof_contract::Secret;
use libtest_mimic::{Arguments, Trial};
use url::Url;

use self::outcome::Outcome;

/// Whatever may go wrong while a listener is started.
pub type Failure = Box<dyn Error + Send + Sync>;

/// Holds the seed of a run that is to be repeated.
pub const SEED: &str = "HOOKPROOF_SEED";

/// Runs the selected checks as tests, by the arguments of this process.
///
/// `prepare` starts the listener, or finds it, and says how it is to be asked. It runs on a runtime of
/// several threads that goes on until the last check has ended; the suite has a thread of its own.
///
/// A broken `must` fails its test with the words of the report. A broken `should` passes, and says so,
/// unless [`Options::strict`] is set. What is not required of this listener, or cannot be seen, is
/// ignored, with the reason. Where the listener cannot be asked, every test fails.
pub fn main<P>(prepare: P) -> ExitCode
where
    P: AsyncFnOnce() -> Result<Options, Failure> + Send + 'static,
{
    let arguments = Arguments::from_args();
    libtest_mimic::run(&arguments, trials(&arguments, prepare)).exit_code()
}

/// A test for each check. They share one run of the suite, which the first of them starts.
fn trials<P>(arguments: &Arguments, prepare: P) -> Vec<Trial>
where
    P: AsyncFnOnce() -> Result<Options, Failure> + Send + 'static,
{
    let selected: Vec<&str> = checks::ALL
        .iter()
        .map(|check| check.id)
        .filter(|id| {
            let test = Trial::test(*id, || Ok(()));
            !arguments.is_filtered_out(&test) && !arguments.is_ignored(&test)
        })
        .collect();
    let run: Box<dyn FnOnce() -> Outcome + Send> =
        Box::new(move || Outcome::of(&selected, prepare));
    let outcome = Arc::new(LazyLock::new(run));
    let trial = |id: &'static str| {
        let outcome = Arc::clone(&outcome);
        Trial::ignorable_test(id, move || Ok(outcome.verdict(id)?.into()))
    };
    checks::ALL.iter().map(|check| trial(check.id)).collect()
}

/// Options with the published defaults, for a listener's URL and its secret.
///
/// The seed is a new one for every run, or that of the variable [`SEED`]; the ids begin where the clock
/// says, so that a listener that remembers earlier runs does not meet them again.
pub fn options(target: &str, secret: &str) -> Result<Options, Failure> {
    #[expect(clippy::disallowed_methods, reason = "there is no `main` above a test's own")]
    let (now, seed) = (SystemTime::now(), std::env::var(SEED).ok());
    let since_1970 = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed = match seed {
        Some(seed) => seed.parse().map_err(|error| format!("{SEED}: {error}"))?,
        None => u64::from(since_1970.subsec_nanos()),
    };
    let first_id = first_id_at(u64::try_from(since_1970.as_millis())?);
    Ok(Options::new(Url::parse(target)?, Secret::new(secret)?, seed, first_id))
}

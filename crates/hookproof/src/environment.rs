//! What the surroundings say: variables, clock, terminal. Read once, in `main`.

use std::{
    ffi::OsString,
    io::IsTerminal,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

/// Holds the project's secret key.
pub(crate) const SECRET: &str = "XSOLLA_WEBHOOK_SECRET_KEY";

/// Holds the token that opens the reference listener's probe route.
pub(crate) const PROBE_TOKEN: &str = "HOOKPROOF_PROBE_TOKEN";

/// Says what the reference listener logs: `info`, `debug`, `hookproof_listener=debug`.
pub(crate) const LOG: &str = "HOOKPROOF_LOG";

/// Is `true` where GitHub Actions runs us.
pub(crate) const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";

/// Names the file that GitHub Actions shows as the summary of the job.
pub(crate) const GITHUB_STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// Begins the variables that say what a flag of `listener` says.
pub(crate) const LISTENER: &str = "HOOKPROOF_LISTENER_";

/// Variables that say what a flag of `check` says, where the command line does not name it.
pub(crate) const FLAGS: [(&str, &str); 15] = [
    ("HOOKPROOF_TARGET", "target"),
    ("HOOKPROOF_PROBE", "probe"),
    ("HOOKPROOF_CA_FILE", "ca-file"),
    ("HOOKPROOF_INSECURE", "insecure"),
    ("HOOKPROOF_PROJECT_ID", "project-id"),
    ("HOOKPROOF_MERCHANT_ID", "merchant-id"),
    ("HOOKPROOF_PRICE", "price"),
    ("HOOKPROOF_CURRENCY", "currency"),
    ("HOOKPROOF_PROBE_DELAY", "probe-delay"),
    ("HOOKPROOF_CASES", "cases"),
    ("HOOKPROOF_SEED", "seed"),
    ("HOOKPROOF_JOBS", "jobs"),
    ("HOOKPROOF_MAX_TIME", "max-time"),
    ("HOOKPROOF_TIMEOUT", "timeout"),
    ("HOOKPROOF_NO_STORE", "no-store"),
];

/// The surroundings of one start of the program.
#[derive(Clone)]
#[cfg_attr(not(feature = "suite"), expect(dead_code, reason = "the suite reads the rest"))]
pub(crate) struct Environment {
    /// The value of [`SECRET`], where it is set and not empty.
    pub(crate) secret: Option<OsString>,
    /// The value of [`PROBE_TOKEN`], where it is set and not empty.
    pub(crate) probe_token: Option<OsString>,
    /// The value of [`LOG`].
    pub(crate) log: Option<String>,
    /// Flags of `check` that variables give: the variable, the flag, the value.
    pub(crate) flags: Vec<(&'static str, &'static str, OsString)>,
    /// Variables that begin with [`LISTENER`], without that, and their values; sorted.
    pub(crate) listener: Vec<(String, OsString)>,
    /// Whether stdout takes colours: a terminal, and `NO_COLOR` is not set.
    pub(crate) color: bool,
    /// Whether GitHub Actions reads stdout.
    pub(crate) github: bool,
    /// The file of the job's summary, where GitHub Actions names one.
    pub(crate) summary: Option<PathBuf>,
    /// Milliseconds since 1970 at the start.
    pub(crate) unix_millis: u64,
}

impl Environment {
    /// Reads the surroundings.
    pub(crate) fn read(now: SystemTime) -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let github = set(GITHUB_ACTIONS).is_some_and(|value| value == "true");
        let since_1970 = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            secret: set(SECRET),
            probe_token: set(PROBE_TOKEN),
            flags: FLAGS
                .into_iter()
                .filter_map(|(name, flag)| Some((name, flag, set(name)?)))
                .collect(),
            listener: listener_settings(),
            log: set(LOG).and_then(|value| value.into_string().ok()),
            color: set("NO_COLOR").is_none() && std::io::stdout().is_terminal(),
            github,
            summary: set(GITHUB_STEP_SUMMARY).filter(|_| github).map(PathBuf::from),
            unix_millis: u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// The settings of a listener. A variable that is empty says nothing.
fn listener_settings() -> Vec<(String, OsString)> {
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?.strip_prefix(LISTENER)?.to_owned();
        (!value.is_empty()).then_some((name, value))
    });
    let mut found: Vec<_> = variables.collect();
    found.sort();
    found
}

//! The reference listener as a child process: a real process, a real port, a temporary database.
//!
//! The child is this same executable. It listens on a free port of the loopback, says where in one
//! line on its stdout, and stops when its stdin ends: so it cannot outlive this process, however that
//! ends. Secret and probe token are random and travel in the child's environment.

use std::{
    fs::File,
    hash::{BuildHasher, Hasher, RandomState},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use hookproof_contract::Secret;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};
use url::Url;

use crate::environment;

/// How long the child may take to listen.
const START_TIME_MAX: Duration = Duration::from_secs(20);

/// How long the child may take to stop before it is killed.
const STOP_TIME_MAX: Duration = Duration::from_secs(3);

/// Bytes of the child's one line.
const ANNOUNCEMENT_BYTES_MAX: u64 = 4096;

/// Bytes of the child's log that are shown where it did not start.
const LOG_BYTES_MAX: usize = 2048;

/// The line that a child says when it listens.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Announcement {
    /// Address and port.
    pub(crate) listening: String,
    /// Where webhooks are sent.
    pub(crate) webhook: String,
    /// Where effects are read, with `{user}`, and without the token.
    pub(crate) probe: String,
}

/// A running child. Dropping it kills the process and removes its files.
#[derive(Debug)]
pub(crate) struct Reference {
    // Before the folder, so that the process is gone when its files go.
    child: Child,
    _folder: TempDir,
    pub(crate) webhook: Url,
    pub(crate) probe: String,
    pub(crate) secret: Secret,
}

impl Reference {
    /// Starts the listener for a game with these users, and waits until it listens.
    pub(crate) async fn start(users: &[String]) -> anyhow::Result<Self> {
        let context = "cannot start the reference listener";
        let folder = tempfile::Builder::new().prefix("hookproof-").tempdir().context(context)?;
        let log = folder.path().join("log");
        let (secret, token) = (random_word(), random_word());
        let program = std::env::current_exe().context(context)?;
        let mut command = Command::new(program);
        command
            .args(["listener", "--announce", "--listen", "127.0.0.1:0", "--db"])
            .arg(folder.path().join("listener.db"))
            .env(environment::SECRET, &secret)
            .env(environment::PROBE_TOKEN, &token)
            // It will refuse thousands of webhooks, and a line for each would slow it down.
            .env(environment::LOG, "error")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).context(context)?)
            .kill_on_drop(true);
        for user in users {
            command.args(["--user", user]);
        }
        let mut child = command.spawn().context(context)?;
        let said = match timeout(START_TIME_MAX, announcement(&mut child)).await {
            Ok(said) => said,
            Err(_) => Err(anyhow!("it said nothing for {} s", START_TIME_MAX.as_secs())),
        };
        let said = said.map_err(|error| error.context(last_words(&log))).context(context)?;
        let secret = Secret::new(secret).context(context)?;
        let webhook = Url::parse(&said.webhook).context(context)?;
        let probe = format!("{}?token={token}", said.probe);
        Ok(Self { child, _folder: folder, webhook, probe, secret })
    }

    /// Lets the listener finish, or kills it where it does not.
    pub(crate) async fn stop(mut self) {
        drop(self.child.stdin.take());
        if timeout(STOP_TIME_MAX, self.child.wait()).await.is_err() {
            // It is gone already, or is killed when it is dropped.
            let _ = self.child.kill().await;
        }
    }
}

async fn announcement(child: &mut Child) -> anyhow::Result<Announcement> {
    let stdout = child.stdout.take().context("its stdout is not ours")?;
    let mut line = String::new();
    BufReader::new(stdout.take(ANNOUNCEMENT_BYTES_MAX)).read_line(&mut line).await?;
    if line.is_empty() {
        bail!("it ended ({})", child.wait().await?);
    }
    serde_json::from_str(&line).context("it said something else than where it listens")
}

/// The end of the child's log, in one line.
fn last_words(log: &std::path::Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let end = &text[text.len().saturating_sub(LOG_BYTES_MAX)..];
    let words = String::from_utf8_lossy(end);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { "it logged nothing".to_owned() } else { format!("it logged `{words}`") }
}

/// 32 hexadecimal digits that nobody can guess: the standard library seeds each state at random.
fn random_word() -> String {
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

//! The reference listener as a process that the suite owns: a real port, a temporary database.
//!
//! The command is this same executable. Secret and probe token are random and travel in its
//! environment.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    path::Path,
};

use anyhow::{Context, anyhow};
use hookproof_conformance::{Options, Probe, Spawn};
use hookproof_contract::Secret;
use tempfile::TempDir;
use url::Url;

use crate::{environment, listener, suite::port};

/// How the reference listener is started and asked. Dropping it removes the database.
#[derive(Debug)]
pub(crate) struct Reference {
    _folder: TempDir,
    pub(crate) options: Options,
}

impl Reference {
    /// Makes ready to start the listener of a game with these users.
    pub(crate) fn new(users: &[String]) -> anyhow::Result<Self> {
        let context = "cannot start the reference listener";
        let folder = tempfile::Builder::new().prefix("hookproof-").tempdir().context(context)?;
        let (secret, token) = (random_word(), random_word());
        let address = format!("127.0.0.1:{}", port::free().context(context)?);
        let program = std::env::current_exe().context(context)?;
        let mut words = vec![quoted_path(&program)?, "listener --no-variables --listen".to_owned()];
        words.extend([address.clone(), "--db".to_owned()]);
        words.push(quoted_path(&folder.path().join("listener.db"))?);
        // It will refuse thousands of webhooks, and a line for each would slow it down.
        words.push("--log=error".to_owned());
        words.extend(users.iter().map(|user| format!("--user={}", quoted(user))));
        let env =
            [(environment::SECRET, secret.clone()), (environment::PROBE_TOKEN, token.clone())];
        let webhook = Url::parse(&format!("http://{address}/webhook")).context(context)?;
        let secret = Secret::new(secret).context(context)?;
        let mut options = Options::new(webhook, secret, 0, 0);
        let probe = format!("http://{address}/probe/{}?token={token}", listener::USER);
        options.probe = Some(Probe::Url(probe));
        options.spawn = Some(Spawn {
            command: format!("exec {}", words.join(" ")),
            env: env.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        });
        Ok(Self { _folder: folder, options })
    }
}

/// A path as one word of the shell.
fn quoted_path(path: &Path) -> anyhow::Result<String> {
    let text = path.to_str().ok_or_else(|| anyhow!("the path {} is not UTF-8", path.display()))?;
    Ok(quoted(text))
}

/// A text as one word of the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// 32 hexadecimal digits that nobody can guess: the standard library seeds each state at random.
fn random_word() -> String {
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_is_one_word() {
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}

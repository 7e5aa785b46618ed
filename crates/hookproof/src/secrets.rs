//! Where the project's secret comes from: flag, file, environment.

use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, anyhow, bail};
use hookproof_contract::Secret;

use crate::{
    environment::{self, Environment},
    failure::Failure,
    terminal,
};

/// Bytes of a secret file that are read. A key has a few dozen.
const SECRET_FILE_BYTES_MAX: u64 = 4096;

/// All secrets that were given, at least one. The environment counts where no flag names one.
pub(crate) fn several(
    flags: &[String],
    files: &[impl AsRef<Path>],
    environment: &Environment,
) -> Result<Vec<Secret>, Failure> {
    let mut secrets = Vec::new();
    for flag in flags {
        secrets.push(Secret::new(flag.as_str()).context("--secret").map_err(Failure::usage)?);
    }
    for file in files {
        let file = file.as_ref();
        let secret = from_file(file)
            .with_context(|| format!("cannot read the secret file `{}`", file.display()))
            .map_err(Failure::usage)
            .map_err(|failure| {
                failure.hint("name a file that holds the project's secret key and nothing else")
            })?;
        secrets.push(secret);
    }
    if secrets.is_empty()
        && let Some(value) = &environment.secret
    {
        let key = value
            .to_str()
            .ok_or_else(|| Failure::usage(anyhow!("{} is not UTF-8", environment::SECRET)))?;
        secrets.push(Secret::new(key).context(environment::SECRET).map_err(Failure::usage)?);
    }
    if secrets.is_empty() {
        return Err(Failure::usage(anyhow!("the project's secret key is missing")).hint(format!(
            "give --secret-file FILE or --secret KEY, or set {}",
            environment::SECRET
        )));
    }
    Ok(secrets)
}

/// The token that opens the probe, if there is one: the flag's, else the file's, else the environment's.
pub(crate) fn token(
    flag: Option<&str>,
    file: Option<&Path>,
    environment: &Environment,
) -> Result<Option<String>, Failure> {
    if let Some(token) = flag {
        return Ok(Some(token.to_owned()));
    }
    if let Some(path) = file {
        let token = from_file(path)
            .with_context(|| format!("cannot read the token's file `{}`", path.display()))
            .map_err(Failure::usage)?;
        return Ok(Some(token.expose().to_owned()));
    }
    let Some(token) = &environment.probe_token else { return Ok(None) };
    let token = token
        .to_str()
        .ok_or_else(|| Failure::usage(anyhow!("{} is not UTF-8", environment::PROBE_TOKEN)))?;
    Ok(Some(token.to_owned()))
}

/// The content of a file without its last line break and its byte order mark, which editors add.
fn from_file(path: &Path) -> anyhow::Result<Secret> {
    let mut bytes = Vec::new();
    File::open(path)?.take(SECRET_FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SECRET_FILE_BYTES_MAX {
        bail!("it has more than {SECRET_FILE_BYTES_MAX} bytes");
    }
    let text = String::from_utf8(bytes).map_err(|_| anyhow!("it is not UTF-8"))?;
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => {
            let path = path.display();
            terminal::tell(&format!(
                "note: `{path}` begins with a byte order mark, which is left out"
            ));
            rest
        }
        None => &text,
    };
    let key = text.strip_suffix('\n').unwrap_or(text);
    Ok(Secret::new(key.strip_suffix('\r').unwrap_or(key))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content: &[u8], expected: Result<&str, &str>) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("key");
        std::fs::write(&path, content).unwrap();
        let found = from_file(&path).map_err(|error| error.to_string());
        let found = found.as_ref().map(Secret::expose).map_err(String::as_str);
        assert_eq!(found, expected);
    }

    #[test]
    fn only_the_last_line_break_is_not_part_of_the_key() {
        check(b"key", Ok("key"));
        check(b"key\n", Ok("key"));
        check(b"key\r\n", Ok("key"));
        check(b" key \n\n", Ok(" key \n"));
        check(b"\xef\xbb\xbfkey\r\n", Ok("key"));
        check(b"\n", Err("the secret key is empty"));
        check(b"\xff", Err("it is not UTF-8"));
        check(&[b'k'; 5000], Err("it has more than 4096 bytes"));
    }
}

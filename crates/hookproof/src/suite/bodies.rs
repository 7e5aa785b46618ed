//! The body that a command looks at, from a file or stdin, and a signature given with it.

use std::{
    fs::File,
    io::{Read, stdin},
    path::Path,
};

use anyhow::{Context, bail};
use hookproof_contract::signature::SCHEME;

use crate::failure::Failure;

/// Bytes of a body. Webhooks have a few thousand.
const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Reads the body; `-` is stdin.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    body_of(path)
        .with_context(|| format!("cannot read the body `{}`", path.display()))
        .map_err(Failure::usage)
        .map_err(|failure| failure.hint("name a file that holds the body, or `-` for stdin"))
}

fn body_of(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        stdin().lock().take(BODY_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(BODY_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > BODY_BYTES_MAX {
        bail!("it has more than {BODY_BYTES_MAX} bytes");
    }
    Ok(bytes)
}

/// The value of the header `Authorization`, from the whole header, its value, or bare digits.
pub(crate) fn header_value(given: &str) -> String {
    let given = given.trim();
    let value = match given.split_once(':') {
        Some((name, value)) if name.eq_ignore_ascii_case("authorization") => value.trim_start(),
        _ => given,
    };
    let bare = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if bare { format!("{SCHEME} {value}") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_taken_in_any_of_three_forms() {
        for given in ["abc1", "Signature abc1", "Authorization: Signature abc1", " abc1\n"] {
            assert_eq!(header_value(given), "Signature abc1");
        }
        assert_eq!(header_value("authorization:Bearer x:y"), "Bearer x:y");
        assert_eq!(header_value(""), "");
    }
}

//! Small files: read within a bound.

use std::{fs::File, io::Read, path::Path};

use anyhow::{Context, bail};

/// A file's text, if it has no more bytes than this.
pub(crate) fn read(path: &Path, bytes_max: u64) -> anyhow::Result<String> {
    let context = || format!("cannot read `{}`", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(context)?;
    file.take(bytes_max + 1).read_to_end(&mut bytes).with_context(context)?;
    if bytes.len() as u64 > bytes_max {
        bail!("cannot read `{}`: it has more than {bytes_max} bytes", path.display());
    }
    String::from_utf8(bytes).with_context(context)
}

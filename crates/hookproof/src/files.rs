//! Small files of a project: read within a bound, written whole.

use std::{
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
};

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

/// Writes a text beside its place and then renames it: nobody ever reads half of it.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let context = || format!("cannot write `{}`", path.display());
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // No secret stands in it, and other users' programs read it. The umask still counts.
        file.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = file.tempfile_in(folder).with_context(context)?;
    file.write_all(text.as_bytes()).with_context(context)?;
    file.persist(path).with_context(context)?;
    Ok(())
}

/// The next place of this name, in the folder or above it.
pub(crate) fn upwards(from: &Path, name: &str) -> Option<PathBuf> {
    from.ancestors().map(|folder| folder.join(name)).find(|path| path.exists())
}

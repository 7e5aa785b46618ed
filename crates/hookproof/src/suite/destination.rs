//! Where a report goes: `FORMAT=PATH`.

use std::{
    io::Write,
    path::{Path, PathBuf},
    str::FromStr,
};

use anyhow::{Context, anyhow};
use hookproof_conformance::report::format::{Format, names};

use crate::terminal;

/// One `--report`. The path `-` is stdout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) format: Format,
    pub(crate) path: PathBuf,
}

impl FromStr for Destination {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = || names(&Format::FILES);
        let (name, path) = text
            .split_once('=')
            .filter(|(_, path)| !path.is_empty())
            .ok_or_else(|| format!("expected FORMAT=PATH, with one of the formats {}", known()))?;
        let format = Format::FILES
            .into_iter()
            .find(|format| format.as_str() == name)
            .ok_or_else(|| format!("`{name}` is no report format; known are {}", known()))?;
        Ok(Self { format, path: PathBuf::from(path) })
    }
}

impl Destination {
    /// Whether the report goes to stdout.
    pub(crate) fn is_stdout(&self) -> bool {
        self.path == Path::new("-")
    }

    /// The folder that the file will stand in.
    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// Finds out before the run whether the report can be written after it.
    pub(crate) fn prepare(&self) -> anyhow::Result<()> {
        if self.is_stdout() {
            return Ok(());
        }
        let (path, folder) = (self.path.display(), self.folder().display());
        if self.path.is_dir() {
            return Err(anyhow!("cannot write the report `{path}`: it is a folder"));
        }
        if !self.folder().is_dir() {
            return Err(anyhow!("cannot write the report `{path}`: `{folder}` is not a folder"));
        }
        tempfile::NamedTempFile::new_in(self.folder())
            .with_context(|| format!("cannot write the report `{path}` into `{folder}`"))?;
        Ok(())
    }

    /// Writes the report beside its place and then renames it: nobody ever reads half of one.
    pub(crate) fn write(&self, text: &str) -> anyhow::Result<()> {
        if self.is_stdout() {
            return terminal::print(text);
        }
        let context = || format!("cannot write the report `{}`", self.path.display());
        let mut file = tempfile::Builder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // A report holds no secret, and other users' programs read it. The umask still counts.
            file.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let mut file = file.tempfile_in(self.folder()).with_context(context)?;
        file.write_all(text.as_bytes()).with_context(context)?;
        file.persist(&self.path).with_context(context)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_format_and_path() {
        let found: Destination = "junit=a=b.xml".parse().unwrap();
        assert_eq!(found, Destination { format: Format::Junit, path: PathBuf::from("a=b.xml") });
        assert_eq!(
            "xml=a".parse::<Destination>(),
            Err("`xml` is no report format; known are json, ndjson, junit, html, markdown, sarif, badge".to_owned())
        );
        assert_eq!(
            "json=".parse::<Destination>(),
            Err("expected FORMAT=PATH, with one of the formats json, ndjson, junit, html, markdown, sarif, badge".to_owned())
        );
    }

    #[test]
    fn a_report_replaces_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let destination = Destination { format: Format::Json, path: path.clone() };
        destination.prepare().unwrap();
        destination.write("old").unwrap();
        destination.write("new").unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_is_known_before_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: PathBuf| Destination { format: Format::Json, path }.prepare();
        let error = at(folder.path().to_owned()).unwrap_err().to_string();
        assert!(error.ends_with("it is a folder"), "{error}");
        let error = at(folder.path().join("none/report.json")).unwrap_err().to_string();
        assert!(error.ends_with("is not a folder"), "{error}");
    }
}

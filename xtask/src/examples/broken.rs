//! Broken copies of the listeners in `examples/`: what is replaced in the right one, and what the suite
//! must name as the cause.
//!
//! A copy is never stored, so it cannot fall behind: `broken/*.edit` holds replacements, each of which
//! must fit exactly one place.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail, ensure};

/// A defect, as its file describes it.
#[derive(Debug)]
pub(crate) struct Broken {
    /// The file's name, without its extension.
    pub(crate) name: String,
    /// The cause that must come first among the diagnoses.
    pub(crate) cause: String,
    /// Does it show only where the suite owns the process? Then others of the crash's causes may come
    /// first, and this one second.
    pub(crate) spawned: bool,
    /// Flags of `hookproof check` under which it is convicted, besides the usual ones.
    pub(crate) with: Vec<String>,
    replacements: Vec<Replacement>,
}

#[derive(Debug)]
struct Replacement {
    old: String,
    new: String,
}

impl Broken {
    /// The source with this defect.
    pub(crate) fn apply(&self, source: &str) -> anyhow::Result<String> {
        let mut text = source.to_owned();
        for Replacement { old, new } in &self.replacements {
            let found = text.matches(old.as_str()).count();
            ensure!(found == 1, "`{}` fits {found} places, not one:\n{old}", self.name);
            text = text.replacen(old.as_str(), new, 1);
        }
        Ok(text)
    }
}

/// The defects of one listener, by name.
pub(crate) fn all(listener: &Path) -> anyhow::Result<Vec<Broken>> {
    let folder = listener.join("broken");
    let entries = fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<PathBuf>, _>>()?;
    paths.sort();
    paths.iter().map(|path| read(path).with_context(|| format!("{}", path.display()))).collect()
}

fn read(path: &Path) -> anyhow::Result<Broken> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    parse(name, &fs::read_to_string(path)?)
}

/// Where a line belongs while a file is read.
enum Within {
    Head,
    Old,
    New,
}

/// Reads a sentence, `cause SLUG`, perhaps `with --FLAG` or `spawned`, and replacements between
/// `<<<<`, `====` and `>>>>`.
fn parse(name: String, text: &str) -> anyhow::Result<Broken> {
    let mut lines = text.lines();
    ensure!(lines.next().is_some_and(|line| line.ends_with('.')), "no sentence that describes it");
    let mut broken = Broken {
        name,
        cause: String::new(),
        spawned: false,
        with: Vec::new(),
        replacements: Vec::new(),
    };
    let (mut within, mut old, mut new) = (Within::Head, String::new(), String::new());
    for line in lines {
        let add = |text: &mut String| text.extend([line, "\n"]);
        match (&within, line.split_once(' ')) {
            (Within::Head, Some(("cause", cause))) => cause.clone_into(&mut broken.cause),
            (Within::Head, Some(("with", flag))) => broken.with.push(flag.to_owned()),
            (Within::Head, _) if line == "spawned" => broken.spawned = true,
            (Within::Head, _) if line.is_empty() => {}
            (Within::Head, _) if line == "<<<<" => within = Within::Old,
            (Within::Head, _) => bail!("what is `{line}`?"),
            (Within::Old, _) if line == "====" => within = Within::New,
            (Within::Old, _) => add(&mut old),
            (Within::New, _) if line == ">>>>" => {
                let (old, new) = (std::mem::take(&mut old), std::mem::take(&mut new));
                broken.replacements.push(Replacement { old, new });
                within = Within::Head;
            }
            (Within::New, _) => add(&mut new),
        }
    }
    ensure!(matches!(within, Within::Head), "the last replacement does not end");
    ensure!(!broken.cause.is_empty() && !broken.replacements.is_empty(), "no cause or no change");
    Ok(broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::listeners::LISTENERS;

    #[test]
    fn every_edit_applies_and_names_a_known_cause() {
        let diagnoses = crate::root().join("conformance/src/diagnoses.toml");
        let diagnoses = fs::read_to_string(diagnoses).unwrap();
        for listener in LISTENERS {
            let folder = crate::root().join(listener.folder);
            let source = fs::read_to_string(folder.join(listener.source)).unwrap();
            let broken = all(&folder).unwrap();
            assert!(broken.len() >= 2, "{}", listener.folder);
            assert!(broken.iter().any(|broken| broken.spawned), "{}", listener.folder);
            for broken in broken {
                assert_ne!(broken.apply(&source).unwrap(), source);
                let known = diagnoses.contains(&format!("slug = \"{}\"\n", broken.cause));
                assert!(known, "{}: no cause `{}`", broken.name, broken.cause);
            }
        }
    }

    #[test]
    fn what_does_not_fit_one_place_is_an_error() {
        let edit = "Is wrong.\ncause some-cause\n\n<<<<\nold\n====\nnew\n>>>>\n";
        let broken = parse("name".to_owned(), edit).unwrap();
        assert!(!broken.spawned);
        assert_eq!(broken.apply("old\nrest\n").unwrap(), "new\nrest\n");
        assert!(broken.apply("rest\n").is_err());
        assert!(broken.apply("old\nold\n").is_err());
        assert!(parse("name".to_owned(), "Is wrong.\ncause some-cause\n").is_err());
    }
}

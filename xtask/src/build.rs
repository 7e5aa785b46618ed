//! The time that a build takes, cold and after a change, and the size of what it makes.
//!
//! Everything is built in a folder of its own, which is empty at first: what a new clone costs, but for
//! the download of crates. The figures are those of this machine, so nothing but the build should run.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};

use crate::tell;

/// The folder that is built in, below the root.
const FOLDER: &str = "target/bench-build";

/// Units that are shown of each build.
const UNITS_SHOWN: usize = 10;

/// Kilobytes of a megabyte, as sizes are given.
const KILOBYTES: f64 = 1_000.0;

/// The check whose title is changed for a moment, and the beginning of a title.
const CHECK: &str = "conformance/src/checks/time.rs";
const TITLE: &str = "title: \"";

/// A figure, and the most that it should come to.
struct Figure {
    name: &'static str,
    value: f64,
    goal: f64,
    unit: &'static str,
}

/// Measures all of it and prints a table: about ten minutes on two cores.
pub(crate) fn run(root: &Path) -> anyhow::Result<ExitCode> {
    let folder = root.join(FOLDER);
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {FOLDER}"))?;
    }
    let build = Build { root, folder };
    let mut figures = build.development()?;
    let development = build.units()?;
    figures.extend(build.release()?);
    let release = build.units()?;

    let head = format!("\n{:<58} {:>9} {:>9}", "figure", "measured", "goal");
    let mut lines = vec![head];
    lines.extend(figures.iter().map(|Figure { name, value, goal, unit }| {
        format!("{name:<58} {value:>6.1} {unit:<2} {goal:>6.1} {unit:<2}")
    }));
    for (title, units) in [("first verdict", development), ("release build", release)] {
        lines.push(format!("\nthe most expensive units of the {title}, in seconds"));
        let shown = units.iter().take(UNITS_SHOWN);
        lines.extend(shown.map(|(name, seconds)| format!("  {seconds:>6.1}  {name}")));
    }
    lines.push(String::new());
    tell(&lines.join("\n"));
    Ok(ExitCode::SUCCESS)
}

/// Builds in a folder of their own.
struct Build<'a> {
    root: &'a Path,
    folder: PathBuf,
}

impl Build<'_> {
    /// From nothing to the first verdict, then the tests, then a change of one check.
    fn development(&self) -> anyhow::Result<Vec<Figure>> {
        let xtask = self.cargo("build --package xtask --locked")?;
        let program = self.cargo("build --package hookproof --locked --timings")?;
        let mut check = Command::new(self.folder.join("debug/hookproof"));
        let verdict = timed(check.arg("check"))?;
        let timings = self.timings();
        let kept = self.folder.join("development.html");
        fs::copy(&timings, &kept).with_context(|| format!("{} is missing", timings.display()))?;
        let tests_built = self.cargo("test --workspace --locked --no-run")?;
        let tests_run = self.cargo("test --workspace --locked")?;
        let changed = self.changed_check()?;
        fs::copy(&kept, &timings).context("the timings cannot be copied")?;
        Ok(vec![
            seconds("first verdict of `cargo xtask conformance`", xtask + program + verdict, 120.0),
            seconds("  of it the run", verdict, 15.0),
            seconds("`cargo test --workspace` after it", tests_built + tests_run, 300.0),
            seconds("  of it the tests", tests_run, 120.0),
            seconds("build after a change in one check", changed, 12.0),
        ])
    }

    /// The program as it is published, and the listener alone.
    fn release(&self) -> anyhow::Result<Vec<Figure>> {
        let built = self.cargo("build --release --package hookproof --locked --timings")?;
        let program = self.size()?;
        self.cargo("build --release --package hookproof --no-default-features --locked")?;
        let listener = self.size()?;
        Ok(vec![
            seconds("release build of the program", built, 270.0),
            Figure { name: "program, stripped", value: program, goal: 18.0, unit: "MB" },
            Figure { name: "listener alone, stripped", value: listener, goal: 9.0, unit: "MB" },
        ])
    }

    /// Builds after a word of one check was changed, and takes the change back.
    fn changed_check(&self) -> anyhow::Result<Duration> {
        let path = self.root.join(CHECK);
        let before = fs::read_to_string(&path).with_context(|| format!("cannot read {CHECK}"))?;
        ensure!(before.contains(TITLE), "{CHECK} has no title to change");
        let after = before.replacen(TITLE, &format!("{TITLE}for a moment, "), 1);
        fs::write(&path, after).with_context(|| format!("cannot write {CHECK}"))?;
        let built = self.cargo("build --package hookproof --locked");
        fs::write(&path, before).with_context(|| format!("{CHECK} keeps a changed title"))?;
        built
    }

    fn cargo(&self, arguments: &str) -> anyhow::Result<Duration> {
        let mut command = crate::cargo();
        command.args(arguments.split(' ')).current_dir(self.root);
        timed(command.env("CARGO_TARGET_DIR", &self.folder))
    }

    /// Megabytes of the released program.
    fn size(&self) -> anyhow::Result<f64> {
        let program = self.folder.join("release/hookproof");
        let bytes = fs::metadata(&program).context("the program is missing")?.len();
        let kilobytes = u32::try_from(bytes / 1_000).context("the program is too large")?;
        Ok(f64::from(kilobytes) / KILOBYTES)
    }

    fn timings(&self) -> PathBuf {
        self.folder.join("cargo-timings/cargo-timing.html")
    }

    /// Units of the last build with their seconds, the most expensive first.
    fn units(&self) -> anyhow::Result<Vec<(String, f64)>> {
        let path = self.timings();
        let page = fs::read_to_string(&path).context("the timings cannot be read")?;
        let mut units = parse_units(&page);
        ensure!(!units.is_empty(), "{} holds no unit", path.display());
        units.sort_by(|left, right| right.1.total_cmp(&left.1));
        Ok(units)
    }
}

/// Runs a command that must succeed.
fn timed(command: &mut Command) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let command = command.stdin(Stdio::null()).stdout(Stdio::null());
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed ({status})");
    }
    Ok(start.elapsed())
}

fn seconds(name: &'static str, value: Duration, goal: f64) -> Figure {
    Figure { name, value: value.as_secs_f64(), goal, unit: "s" }
}

/// Names and seconds out of the data in cargo's page, which stands a member a line.
fn parse_units(page: &str) -> Vec<(String, f64)> {
    let data = page.split_once("const UNIT_DATA = ").map_or("", |(_, data)| data);
    let data = data.split_once("\n];").map_or("", |(data, _)| data);
    let (mut units, mut name) = (Vec::new(), String::new());
    for line in data.lines() {
        let Some((key, value)) = line.trim().trim_end_matches(',').split_once(": ") else {
            continue;
        };
        let text = value.trim_matches('"');
        match key {
            "\"name\"" => text.clone_into(&mut name),
            "\"target\"" => name.push_str(text),
            "\"duration\"" => {
                units.extend(text.parse().ok().map(|seconds| (name.clone(), seconds)));
            }
            _ => (),
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_from_cargos_page() {
        let page = "const UNIT_DATA = [\n  {\n    \"name\": \"a\",\n    \"target\": \" build-script\",\n    \
                    \"duration\": 1.5,\n  },\n  {\n    \"name\": \"b\",\n    \"target\": \"\",\n    \
                    \"duration\": 0.25,\n  }\n];\nconst CONCURRENCY_DATA = [];";
        let expected = vec![("a build-script".to_owned(), 1.5), ("b".to_owned(), 0.25)];
        assert_eq!(parse_units(page), expected);
    }

    #[test]
    fn check_that_is_changed_has_a_title() {
        let text = fs::read_to_string(crate::root().join(CHECK)).unwrap();
        assert!(text.contains(TITLE));
    }
}

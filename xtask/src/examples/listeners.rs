//! The listeners in `examples/`, under the suite: the right ones pass, crashes included, each broken
//! copy is convicted, and the cause that was put there is named.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, anyhow, bail, ensure};

use super::{
    broken,
    broken::Broken,
    is_here,
    suite::{self, End, Running},
};
use crate::{cargo, tell};

/// A listener that is made to be copied.
pub(crate) struct Listener {
    /// Its folder, from the root of the project.
    pub(crate) folder: &'static str,
    /// The one file that the broken copies change, from its folder.
    pub(crate) source: &'static str,
    /// What runs it; a program of its own where that is empty.
    tool: &'static str,
}

/// All of them.
pub(crate) const LISTENERS: &[Listener] = &[
    Listener { folder: "examples/listener-rust", source: "src/lib.rs", tool: "" },
    Listener { folder: "examples/listener-python", source: "listener.py", tool: "python3" },
    Listener { folder: "examples/listener-node", source: "listener.mjs", tool: "node" },
];

/// How one is asked: whether the suite starts it itself, and the flags besides the usual ones.
#[derive(Clone, Copy)]
struct Way<'a> {
    spawned: bool,
    with: &'a [String],
}

/// Where the copies, their states and reports go.
struct Places {
    root: PathBuf,
    /// The programs that cargo has built, this one among them.
    programs: PathBuf,
    scratch: PathBuf,
}

/// Runs the suite on every listener whose tool is here, and on its broken copies.
pub(crate) fn run(root: &Path, on_ci: bool) -> anyhow::Result<()> {
    tell("\n==> the listeners in examples/, and broken copies of them\n");
    let mut build = cargo();
    build.args(["build", "--quiet", "--package", "hookproof", "--package", "example-listener"]);
    succeed(build.current_dir(root))?;
    let this = env::current_exe().context("cannot tell where the programs are")?;
    let programs = this.parent().context("the program is in no folder")?.to_owned();
    let scratch = root.join("target/examples-listeners");
    if scratch.exists() {
        fs::remove_dir_all(&scratch).context("cannot clear the place of the last run")?;
    }
    let places = Places { root: root.to_owned(), programs, scratch };
    let mut present = Vec::new();
    for listener in LISTENERS {
        if listener.tool.is_empty() || is_here(listener.tool) {
            present.push(listener);
        } else if on_ci {
            bail!("`{}` is missing: .ci/run should have installed it", listener.tool);
        } else {
            tell(&format!("skipped: {}, since `{}` is not here\n", listener.folder, listener.tool));
        }
    }
    thread::scope(|scope| {
        let asking: Vec<_> =
            present.into_iter().map(|listener| scope.spawn(|| listener.ask(&places))).collect();
        let results = asking.into_iter().map(|asked| {
            asked.join().unwrap_or_else(|_| Err(anyhow!("the thread that asked has panicked")))
        });
        // Every one is waited for, so that none outlives this program.
        results.collect::<Vec<_>>().into_iter().collect()
    })
}

impl Listener {
    /// Asks the right listener and its broken copies, one after the other.
    fn ask(&self, places: &Places) -> anyhow::Result<()> {
        let folder = places.root.join(self.folder);
        let broken = broken::all(&folder)?;
        let programs = if self.tool.is_empty() {
            build_copies(places, &folder, &broken)?
        } else {
            self.write_copies(places, &folder, &broken)?
        };
        let right = if self.tool.is_empty() {
            places.programs.join("example-listener")
        } else {
            folder.join(self.source)
        };
        let crashes = cfg!(unix);
        let (exit, causes) =
            self.check(places, &right, "right", Way { spawned: crashes, with: &[] })?;
        ensure!(exit == Some(0), "{}: exit code {exit:?}, causes {causes:?}", self.folder);
        tell(&format!("{}: conformant\n", self.folder));
        let mut wrong = Vec::new();
        for (broken, program) in broken.iter().zip(programs) {
            let label = format!("{}/broken/{}", self.folder, broken.name);
            if broken.spawned && !crashes {
                tell(&format!("skipped: {label}, since the suite kills processes on Unix alone\n"));
                continue;
            }
            let way = Way { spawned: broken.spawned, with: &broken.with };
            let (exit, causes) = self.check(places, &program, &broken.name, way)?;
            let named = if broken.spawned { 2 } else { 1 };
            if exit == Some(1) && causes.iter().take(named).any(|cause| *cause == broken.cause) {
                tell(&format!("{label}: convicted of {}\n", broken.cause));
                continue;
            }
            wrong.push(format!(
                "{label}: exit code {exit:?}, causes {causes:?}; expected 1 and {}",
                broken.cause
            ));
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    }

    fn write_copies(
        &self,
        places: &Places,
        folder: &Path,
        broken: &[Broken],
    ) -> anyhow::Result<Vec<PathBuf>> {
        let source = fs::read_to_string(folder.join(self.source))?;
        let mut written = Vec::new();
        for broken in broken {
            let copy = places.scratch.join(self.folder).join(&broken.name);
            fs::create_dir_all(&copy)?;
            let copy = copy.join(self.source);
            fs::write(&copy, broken.apply(&source)?)?;
            written.push(copy);
        }
        Ok(written)
    }

    /// Starts a listener, or has it started by the suite, asks it, stops it. Gives the exit code and the
    /// causes, the first one first.
    fn check(
        &self,
        places: &Places,
        program: &Path,
        name: &str,
        way: Way<'_>,
    ) -> anyhow::Result<(Option<i32>, Vec<String>)> {
        let state = places.scratch.join(self.folder).join("state").join(name);
        fs::create_dir_all(&state)?;
        let report = state.join("report.json");
        let (mut check, running) = if way.spawned {
            let mut check = suite::command(&places.programs, "{port}");
            check.arg("--spawn").arg(suite::command_line(self.tool, program, &state));
            (check, None)
        } else {
            let port = free_port()?;
            let running = self.start(program, port, &state)?;
            (suite::command(&places.programs, &port.to_string()), Some(running))
        };
        check.arg("--report").arg(format!("json={}", report.display()));
        check.args(way.with);
        let End::Exit(exit) = suite::bounded(check, &state.join("check"))? else {
            bail!("{name}: the suite took too long");
        };
        drop(running);
        Ok((exit, causes(&fs::read_to_string(report).unwrap_or_default())))
    }

    /// Starts it beside the suite.
    fn start(&self, program: &Path, port: u16, state: &Path) -> anyhow::Result<Running> {
        let mut start = match self.tool {
            "" => Command::new(program),
            tool => {
                let mut start = Command::new(tool);
                start.arg(program);
                start
            }
        };
        start.arg(port.to_string()).arg(state.join("state"));
        suite::tell_secrets(&mut start);
        start.stdin(Stdio::null()).stderr(fs::File::create(state.join("stderr"))?);
        let running = start.spawn().with_context(|| format!("cannot start {}", self.folder))?;
        Ok(Running(running))
    }
}

/// The causes in a report, without a parser: a quote within a string of JSON has a backslash before
/// it, so neither key can be met there.
fn causes(report: &str) -> Vec<String> {
    let Some((_, diagnoses)) = report.split_once("\"diagnoses\":") else { return Vec::new() };
    let values = diagnoses.split("\"cause\":").skip(1);
    values.filter_map(|rest| rest.split('"').nth(1)).map(str::to_owned).collect()
}

fn free_port() -> anyhow::Result<u16> {
    let socket = TcpListener::bind(("127.0.0.1", 0)).context("no port is free")?;
    Ok(socket.local_addr()?.port())
}

/// Builds the broken copies of the Rust listener as a workspace of their own, with the versions and
/// profiles of this one, so that what they depend on is built already.
fn build_copies(places: &Places, folder: &Path, broken: &[Broken]) -> anyhow::Result<Vec<PathBuf>> {
    let workspace = places.scratch.join("rust");
    let root_manifest = fs::read_to_string(places.root.join("Cargo.toml"))?;
    let manifest = fs::read_to_string(folder.join("Cargo.toml"))?;
    let library = fs::read_to_string(folder.join("src/lib.rs"))?;
    let mut programs = Vec::new();
    for broken in broken {
        let copy = workspace.join(&broken.name);
        fs::create_dir_all(copy.join("src"))?;
        let name = format!("example-listener-{}", broken.name);
        let manifest = manifest.replace("\"example-listener\"", &format!("\"{name}\""));
        fs::write(copy.join("Cargo.toml"), without_tests(&manifest))?;
        fs::write(copy.join("src/lib.rs"), broken.apply(&library)?)?;
        fs::copy(folder.join("src/main.rs"), copy.join("src/main.rs"))?;
        programs.push(places.programs.join(name));
    }
    let members = |line: &str| {
        if line.starts_with("members = ") {
            "members = [\"*\"]".to_owned()
        } else {
            line.to_owned()
        }
    };
    let root_manifest: Vec<String> = root_manifest.lines().map(members).collect();
    fs::write(workspace.join("Cargo.toml"), root_manifest.join("\n"))?;
    fs::copy(places.root.join("Cargo.lock"), workspace.join("Cargo.lock"))?;
    let mut build = cargo();
    build.args(["build", "--quiet", "--offline", "--workspace"]);
    let target = places.programs.parent().context("the programs are in no folder")?;
    succeed(build.current_dir(&workspace).env("CARGO_TARGET_DIR", target))?;
    Ok(programs)
}

/// A manifest without its tests, and without what only they need.
fn without_tests(manifest: &str) -> String {
    let mut kept = true;
    let mut text = String::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            kept = !matches!(line, "[[test]]" | "[dev-dependencies]");
        }
        if kept {
            text.extend([line, "\n"]);
        }
    }
    text
}

fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().context("cannot start cargo")?;
    ensure!(status.success(), "cargo failed ({status})");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_come_in_the_order_of_the_report() {
        let report = r#"{"checks":[{"actual":"\"diagnoses\": \"cause\": \"no\""}],
            "diagnoses": [{"cause": "first", "text": ""}, {"cause": "second"}], "requests": 1}"#;
        assert_eq!(causes(report), ["first", "second"]);
        assert!(causes("").is_empty());
    }
}

//! What is measured: the listener, parts of it, and what people would write instead.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

use crate::pool::SECRET;

/// Where the comparisons stand.
const PEERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");

/// Where headers of Node stand on systems that package it; without them, they would be downloaded.
const NODE_HEADERS: &str = "/usr/include/node";

/// Names, as they are printed and as `--only` takes them.
pub(crate) const LISTENER: &str = "hookproof";
pub(crate) const NO_STORAGE: &str = "no-storage";
pub(crate) const ONE_COMMIT_EACH: &str = "rust-commit-each";
pub(crate) const EXPRESS: &str = "express";
pub(crate) const FASTIFY: &str = "fastify";
pub(crate) const FASTAPI: &str = "fastapi";
pub(crate) const FASTIFY_GROUPED: &str = "fastify-grouped";
pub(crate) const GO_GROUPED: &str = "go-grouped";

/// Something that listens.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// Is it to keep what it acknowledges?
    pub(crate) durable: bool,
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(&'static str, PathBuf)>,
    flags: bool,
}

impl Target {
    fn new(name: &'static str, program: PathBuf) -> Self {
        let (arguments, environment) = (Vec::new(), Vec::new());
        Self { name, durable: true, program, arguments, environment, flags: false }
    }

    fn script(name: &'static str, program: impl Into<PathBuf>, script: &str) -> Self {
        let mut target = Self::new(name, program.into());
        target.arguments.push(format!("{PEERS}/{script}"));
        target
    }

    /// How it is started; it is told the same in flags or in the environment.
    pub(crate) fn command(&self, port: u16, db: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env("XSOLLA_WEBHOOK_SECRET_KEY", SECRET);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if self.flags {
            command.args(["listener", "--listen", &format!("127.0.0.1:{port}"), "--db"]).arg(db);
        } else {
            command.env("PORT", port.to_string()).env("DB", db);
        }
        command
    }
}

/// The programs that were built, and those whose runtimes are here.
pub(crate) struct Targets {
    pub(crate) present: Vec<Target>,
    /// Name, and why it is not measured.
    pub(crate) missing: Vec<(&'static str, String)>,
    /// The storage without a listener.
    pub(crate) storage: PathBuf,
}

/// The listener alone.
pub(crate) fn listener() -> anyhow::Result<Target> {
    let mut listener = Target::new(LISTENER, built(beside("hookproof")?)?);
    listener.flags = true;
    Ok(listener)
}

/// The program that commits each request alone, by itself.
pub(crate) fn one_commit_each() -> anyhow::Result<Target> {
    Ok(Target::new(ONE_COMMIT_EACH, built(beside("one_commit_each")?)?))
}

fn beside(name: &str) -> anyhow::Result<PathBuf> {
    Ok(env::current_exe()?.parent().context("this program is in a folder")?.join(name))
}

/// Finds or prepares all targets. `cache` is where dependencies of the comparisons are kept.
pub(crate) fn prepare(cache: &Path, wanted: impl Fn(&str) -> bool) -> anyhow::Result<Targets> {
    let mut bare = Target::new(NO_STORAGE, built(beside("examples/without_storage")?)?);
    bare.durable = false;
    let storage = built(beside("examples/storage_alone")?)?;
    let present = vec![listener()?, bare, one_commit_each()?];
    let mut targets = Targets { present, missing: Vec::new(), storage };
    targets.present.retain(|target| wanted(target.name));
    let mut add = |names: &[&'static str], make: &dyn Fn() -> anyhow::Result<Vec<Target>>| {
        if !names.iter().any(|name| wanted(name)) {
            return;
        }
        match make() {
            Ok(made) => {
                targets.present.extend(made.into_iter().filter(|target| wanted(target.name)));
            }
            Err(error) => {
                let missing = names.iter().filter(|name| wanted(name));
                targets.missing.extend(missing.map(|name| (*name, format!("{error:#}"))));
            }
        }
    };
    add(&[FASTIFY_GROUPED, FASTIFY, EXPRESS], &|| node(cache));
    add(&[GO_GROUPED], &|| go(cache));
    add(&[FASTAPI], &|| python(cache));
    Ok(targets)
}

fn built(program: PathBuf) -> anyhow::Result<PathBuf> {
    if !program.is_file() {
        bail!("`{}` is not built: start this by `cargo xtask bench`", program.display());
    }
    Ok(program)
}

/// Installs what `package.json` names, once.
fn node(cache: &Path) -> anyhow::Result<Vec<Target>> {
    let folder = cache.join("node");
    fresh(&folder, "node/package.json", &|| {
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--no-save"]).current_dir(&folder);
        if Path::new(NODE_HEADERS).is_dir() {
            npm.env("npm_config_nodedir", "/usr");
        }
        quietly(&mut npm)
    })?;
    let scripts = [
        (FASTIFY_GROUPED, "node/fastify_batch.js"),
        (FASTIFY, "node/fastify.js"),
        (EXPRESS, "node/express.js"),
    ];
    Ok(scripts
        .into_iter()
        .map(|(name, script)| {
            let mut target = Target::script(name, "node", script);
            target.environment.push(("NODE_PATH", folder.join("node_modules")));
            target.environment.push(("NODE_ENV", "production".into()));
            target
        })
        .collect())
}

/// Makes an environment with what `requirements.txt` names, once.
fn python(cache: &Path) -> anyhow::Result<Vec<Target>> {
    let folder = cache.join("python");
    fresh(&folder, "python/requirements.txt", &|| {
        quietly(Command::new("python3").args(["-m", "venv"]).arg(folder.join("venv")))?;
        let mut pip = Command::new(folder.join("venv/bin/pip"));
        quietly(pip.args(["install", "--quiet", "-r"]).arg(folder.join("requirements.txt")))
    })?;
    Ok(vec![Target::script(FASTAPI, folder.join("venv/bin/python"), "python/main.py")])
}

/// Compiles it; Go itself knows whether that is needed.
fn go(cache: &Path) -> anyhow::Result<Vec<Target>> {
    fs::create_dir_all(cache)?;
    let program = cache.join("go-grouped");
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(&program).arg(".").current_dir(format!("{PEERS}/go"));
    quietly(&mut build)?;
    let mut target = Target::new(GO_GROUPED, program);
    target.environment.push(("SCHEMA", format!("{PEERS}/schema.sql").into()));
    Ok(vec![target])
}

/// Installs into a folder unless that has been done for the same list; the list is copied last.
fn fresh(
    folder: &Path,
    list: &str,
    install: &dyn Fn() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let wanted = fs::read(format!("{PEERS}/{list}"))?;
    let name = Path::new(list).file_name().context("a list is a file")?;
    let done = folder.join("installed");
    if fs::read(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join(name), &wanted)?;
    install()?;
    fs::write(done, wanted)?;
    Ok(())
}

/// Runs a tool whose output matters only if it fails.
fn quietly(command: &mut Command) -> anyhow::Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("`{program}` cannot be started"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        bail!("`{program}` failed: {last}");
    }
    Ok(())
}

//! `cargo xtask TASK`: starts things.
//!
//! It links none of our crates and but one other, because everybody waits for it. Arguments are
//! handed on untouched, and the exit code of what was started is handed back.

mod build;
mod examples;
mod mutants;
mod postgres;
#[cfg(test)]
mod tidy;

use std::{
    io::Write,
    path::Path,
    process::{Command, ExitCode, Stdio},
    time::Instant,
};

use anyhow::{Context, bail};

const USAGE: &str = "\
cargo xtask TASK

  conformance ARGS   check a listener against the contract: `hookproof check ARGS`
  zoo ARGS           test the suite on listeners that are known to be wrong or right:
                     `hookproof zoo ARGS`
  postgres ARGS      check the reference listener on a PostgreSQL server that is started for it: one
                     that is killed and restarted, and three on one database. ARGS are those of
                     `hookproof check`
  docs [--serve [ADDRESS]]
                     write the readable edition of the contract to target/docs/, and show it
  bench build        measure the build: from a clone to the first verdict, the tests, a change, the
                     release, the size of the programs, the most expensive units
  bench ARGS         measure the listener beside what people would write instead: `--help` says more
  crash ARGS         kill the listener, cut its power, fail its disk, flood it, and audit what it
                     acknowledged: `--help` says more
  hostile ARGS       a million hostile requests to the listener: `--help` says more
  mutants [--sample | WORD...]
                     the suite on small changes of a correct listener, of which it must fail every
                     one that matters: all, a sample, or those whose id contains a word
  ci                 everything that CI runs, in CI's order
  examples [listeners]
                     the contract's data, read by other languages' tools; the listeners that are
                     made to be copied, and broken copies of them
  codegen            rewrite the generated files
";

/// What CI runs before the tests, cheapest first. The suite asks the reference listener as a real
/// process.
const GATES_BEFORE: &[&str] = &[
    "fmt --all --check",
    "clippy --workspace --all-targets --locked -- -D warnings",
    "clippy --package hookproof-listener --features bench --all-targets --locked -- -D warnings",
    "clippy --package hookproof --no-default-features --all-targets --locked -- -D warnings",
    "doc --workspace --no-deps --document-private-items --locked",
    "build --package hookproof --locked",
    "run --quiet --package hookproof --locked -- check",
];

/// Who tests the listener's patience, with a fiftieth of what `cargo xtask hostile` sends.
const FEW_HOSTILE: &str = "run --quiet --package hookproof-bench --bin hookproof-bench --locked -- \
                           hostile --requests 20000";

/// Tests the suite on every listener of the zoo, in a build made for long runs.
const ZOO: &[&str] = &[
    "build --profile fast --package hookproof --locked",
    "run --quiet --profile fast --package hookproof --locked -- zoo",
];

/// The README's second command; its summary is the last thing that is said.
const TESTS: &str = "test --workspace --locked";

/// The modules' private parts are documented too, so public words may point at them.
const RUSTDOCFLAGS: &str = "-D warnings -A rustdoc::private_intra_doc_links";

/// The tests that compare the generated files, and write them where they are told to.
const CODEGEN: &str = "test --quiet --package hookproof --test it -- generated::";

/// What is measured, each by itself: built together, the program would get the feature too. The profile's
/// folder is its own, so that the listener alone does not replace the whole program.
const BENCH_BUILDS: &[&str] = &[
    "build --profile deploy --locked --package hookproof --no-default-features",
    "build --profile deploy --locked --package hookproof-listener --features bench --examples",
    "build --profile deploy --locked --package hookproof-bench",
];

/// The listener as it would run, and who is hostile to it or kills it.
const HOSTILE_BUILDS: &[&str] = &[
    "build --profile deploy --locked --package hookproof --no-default-features",
    "build --profile deploy --locked --package hookproof-bench",
];

/// What measures it.
const BENCH: &str = "run --profile deploy --quiet --locked --package hookproof-bench --";

/// The site, as everybody has it on the disk.
const DOCS: &str = "run --quiet --package hookproof -- docs --out target/docs";

/// Where it is shown if nobody says otherwise.
const DOCS_ADDRESS: &str = "127.0.0.1:8090";

/// The exit code of a command line that is wrong.
const USAGE_EXIT: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first() {
        Some((task, rest)) if task == "conformance" => program("dev", "check", rest),
        Some((task, rest)) if task == "zoo" => program("fast", "zoo", rest),
        Some((task, rest)) if task == "postgres" => postgres::run(root(), on_ci(), rest),
        Some((task, rest)) if task == "docs" => docs(rest),
        Some((task, [what])) if task == "bench" && what == "build" => build::run(root()),
        Some((task, rest)) if task == "bench" => bench(BENCH_BUILDS, &[], rest),
        Some((task, rest)) if task == "crash" => bench(HOSTILE_BUILDS, &["crash"], rest),
        Some((task, rest)) if task == "hostile" => bench(HOSTILE_BUILDS, &["hostile"], rest),
        Some((task, rest)) if task == "mutants" => mutants::run(root(), rest),
        Some((task, [])) if task == "ci" => ci(),
        Some((task, [])) if task == "examples" => {
            examples::run(root(), on_ci()).map(|()| ExitCode::SUCCESS)
        }
        Some((task, [only])) if task == "examples" && only == "listeners" => {
            examples::listeners(root(), on_ci()).map(|()| ExitCode::SUCCESS)
        }
        Some((task, [])) if task == "codegen" => codegen(),
        Some((task, [])) if matches!(task.as_str(), "help" | "--help" | "-h") => {
            tell(USAGE);
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            tell(USAGE);
            Ok(ExitCode::from(USAGE_EXIT))
        }
    };
    result.unwrap_or_else(|error| {
        tell(&format!("error: {error:#}\n"));
        ExitCode::FAILURE
    })
}

/// Builds in a profile where anything changed, with cargo's progress in sight, and becomes this command of
/// `hookproof`.
fn program(profile: &str, command: &str, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let package = ["--profile", profile, "--package", "hookproof"];
    let mut build = cargo();
    build.arg("build").args(package);
    let built = build.status().context("cannot start cargo")?;
    if !built.success() {
        bail!("the program does not build");
    }
    let mut program = cargo();
    program.args(["run", "--quiet"]).args(package).args(["--", command]).args(arguments);
    become_it(program)
}

/// Writes the readable edition and, where that was asked for, becomes the server that shows it.
fn docs(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let serve = match arguments {
        [] => Vec::new(),
        [flag] if flag == "--serve" => vec!["--serve", DOCS_ADDRESS],
        [flag, address] if flag == "--serve" => vec!["--serve", address.as_str()],
        _ => {
            tell(USAGE);
            return Ok(ExitCode::from(USAGE_EXIT));
        }
    };
    let mut docs = in_root(DOCS);
    docs.args(serve);
    become_it(docs)
}

/// Builds what is measured, as it would run, and becomes the program that measures it.
fn bench(builds: &[&str], task: &[&str], arguments: &[String]) -> anyhow::Result<ExitCode> {
    for build in builds {
        let built = measured(in_root(build)).status().context("cannot start cargo")?;
        if !built.success() {
            bail!("`cargo {build}` failed");
        }
    }
    // From here and not from the root, so that a file is named as whoever asked sees it.
    let mut bench = measured(cargo());
    bench.args(BENCH.split(' ')).args(task).args(arguments);
    become_it(bench)
}

/// Whoever builds incrementally builds slower programs.
fn measured(mut cargo: Command) -> Command {
    cargo.env("CARGO_INCREMENTAL", "0");
    cargo
}

/// Runs every gate and stops at the first that fails.
fn ci() -> anyhow::Result<ExitCode> {
    for gate in GATES_BEFORE {
        pass(gate)?;
    }
    if postgres::run(root(), on_ci(), &[])? != ExitCode::SUCCESS {
        bail!("the reference listener on PostgreSQL does not pass");
    }
    examples::run(root(), on_ci())?;
    pass(FEW_HOSTILE)?;
    for gate in ZOO {
        pass(gate)?;
    }
    if mutants::run(root(), &["--sample".to_owned()])? != ExitCode::SUCCESS {
        bail!("the suite passes mutants of a correct listener");
    }
    pass(TESTS)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs one gate; says how long it took.
fn pass(gate: &str) -> anyhow::Result<()> {
    tell(&format!("\n==> cargo {gate}\n"));
    let start = Instant::now();
    let mut command = in_root(gate);
    command.env("RUSTDOCFLAGS", RUSTDOCFLAGS).stdin(Stdio::null());
    let status = command.status().context("cannot start cargo")?;
    if !status.success() {
        bail!("`cargo {gate}` failed ({status})");
    }
    tell(&format!("==> {:.1} s\n", start.elapsed().as_secs_f64()));
    Ok(())
}

fn on_ci() -> bool {
    std::env::var_os("CI").is_some()
}

/// Rewrites the generated files: the tests that compare them write them instead.
fn codegen() -> anyhow::Result<ExitCode> {
    let status =
        in_root(CODEGEN).env("UPDATE_GENERATED", "1").status().context("cannot start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn in_root(arguments: &str) -> Command {
    let mut command = cargo();
    command.args(arguments.split(' ')).current_dir(root());
    command
}

/// Cargo, as if it had been started by hand.
///
/// The cargo that runs this program describes its package in variables, and some build scripts, such as
/// ring's, run again where these change: everything above them would be built again for each change
/// between `cargo xtask` and `cargo`.
fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Replaces this process, so that signals and exit code go straight through.
#[cfg(unix)]
fn become_it(mut command: Command) -> anyhow::Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("cannot start cargo")
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> anyhow::Result<ExitCode> {
    let status = command.status().context("cannot start cargo")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn tell(text: &str) {
    // Nobody is left to tell where stderr is closed.
    let _ = write!(std::io::stderr(), "{text}");
}

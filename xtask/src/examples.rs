//! The examples: the contract's data read by other people's tools, and listeners to be copied.

mod broken;
mod listeners;
pub(crate) mod suite;

use std::{path::Path, process::Command};

use anyhow::{Context, bail};

pub(crate) use self::listeners::run as listeners;
use crate::tell;

/// One command: the tool that it needs, then the tool's arguments, from the root of the project.
type Step = (&'static str, &'static [&'static str]);

const VENV: &str = "target/examples-venv";

/// Python's libraries, and what they check.
const PYTHON: &[Step] = &[
    ("python3", &["-m", "venv", VENV]),
    (
        "target/examples-venv/bin/pip",
        &[
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            "examples/validate-python/requirements.txt",
            "-r",
            "examples/openapi/requirements.txt",
        ],
    ),
    ("target/examples-venv/bin/python", &["examples/validate-python/validate.py"]),
    ("target/examples-venv/bin/openapi-spec-validator", &["spec/openapi.json"]),
];

/// Node's libraries, and what they check.
const NODE: &[Step] = &[
    ("npm", &["ci", "--silent", "--no-audit", "--no-fund", "--prefix", "examples/validate-node"]),
    ("npm", &["start", "--silent", "--prefix", "examples/validate-node"]),
    ("npm", &["ci", "--silent", "--no-audit", "--no-fund", "--prefix", "examples/openapi"]),
    ("npm", &["run", "check", "--silent", "--prefix", "examples/openapi"]),
];

/// Runs the examples of every language whose tools are here. On CI all of them must be.
pub(crate) fn run(root: &Path, on_ci: bool) -> anyhow::Result<()> {
    for (tool, steps) in [("python3", PYTHON), ("npm", NODE)] {
        if !is_here(tool) {
            if on_ci {
                bail!("`{tool}` is missing: .ci/run should have installed it");
            }
            tell(&format!("\n==> skipped: the examples that need `{tool}`, which is not here\n"));
            continue;
        }
        for (program, arguments) in steps {
            tell(&format!("\n==> {program} {}\n", arguments.join(" ")));
            let mut command = Command::new(program);
            let status = command.args(*arguments).current_dir(root).status();
            let status = status.with_context(|| format!("cannot start {program}"))?;
            if !status.success() {
                bail!("`{program} {}` failed ({status})", arguments.join(" "));
            }
        }
    }
    listeners(root, on_ci)
}

fn is_here(tool: &str) -> bool {
    Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}

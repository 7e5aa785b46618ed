//! `hookproof zoo-listener`: runs a listener that is wrong in one way, or odd, as a process that can
//! be killed.

use std::process::Command;

use anyhow::{Context, anyhow};
use tokio::runtime;

use crate::{
    exit::Exit, failure::Failure, interrupt::interrupted, names, suite::cli::ZooListenerArgs,
};

/// Runs its arguments and does something afterwards, so that no shell takes the place of itself.
const SHELL: &str = r#""$0" "$@"; exit $?"#;

/// Runs the command.
pub(crate) fn run(args: &ZooListenerArgs) -> Result<Exit, Failure> {
    let slugs: Vec<&str> = hookproof_zoo::slugs().collect();
    if !slugs.contains(&args.slug.as_str()) {
        let failure = Failure::usage(anyhow!("no listener is called `{}`", args.slug));
        let near = names::did_you_mean(&names::near(&args.slug, slugs));
        return Err(failure.hint(near.unwrap_or_else(|| "`right` is one".to_owned())));
    }
    match hookproof_zoo::wrapped(&args.slug) {
        Some(inner) => run_in_a_shell(inner, args),
        None => serve(args),
    }
}

fn serve(args: &ZooListenerArgs) -> Result<Exit, Failure> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let served = hookproof_zoo::serve_process(&args.slug, args.listen, &args.state, interrupted());
    runtime
        .block_on(served)
        .with_context(|| format!("cannot serve `{}` at {}", args.slug, args.listen))?;
    Ok(Exit::Conformant)
}

/// The listener as the grandchild of whoever started this process.
fn run_in_a_shell(slug: &str, args: &ZooListenerArgs) -> Result<Exit, Failure> {
    let program = std::env::current_exe().context("cannot tell which program this is")?;
    let mut shell = Command::new("sh");
    shell.args(["-c", SHELL]).arg(program).args(["zoo-listener", slug, "--listen"]);
    shell.arg(args.listen.to_string()).arg("--state").arg(&args.state);
    let status = shell.status().context("cannot start a shell")?;
    if status.success() {
        return Ok(Exit::Conformant);
    }
    Err(Failure::could_not_ask(anyhow!("the listener in the shell ended: {status}")))
}

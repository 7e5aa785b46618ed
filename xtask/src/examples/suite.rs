//! The suite as a command, on a listener in another language.

use std::{
    fs,
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::Context;

/// The project's secret, and the token of the listeners' probe.
const SECRET: &str = "example-project-secret";
const PROBE_TOKEN: &str = "probe-token";

/// The longest run of the suite.
const RUN_MAX: Duration = Duration::from_mins(3);

/// Gives a listener or the suite the secret and the token.
pub(super) fn tell_secrets(command: &mut Command) {
    command.env("XSOLLA_WEBHOOK_SECRET_KEY", SECRET).env("PROBE_TOKEN", PROBE_TOKEN);
}

/// `hookproof check` on a listener at this port, with its probe.
pub(crate) fn command(programs: &Path, port: &str) -> Command {
    let mut check = Command::new(programs.join("hookproof"));
    tell_secrets(&mut check);
    // A listener that is wrong on purpose is no news for the summary of a job.
    check.arg("check").env_remove("GITHUB_ACTIONS");
    check.args(["--no-store", "--no-config", "--format", "short", "--wait-for-target", "10s"]);
    check.args(["--target", &format!("http://127.0.0.1:{port}/webhook")]);
    let probe = format!("http://127.0.0.1:{port}/probe/{{user}}?token={PROBE_TOKEN}");
    check.args(["--probe", &probe]);
    check
}

/// A command for `--spawn`: a program, or a source with the tool that runs it, and its state's folder.
pub(crate) fn command_line(tool: &str, program: &Path, state: &Path) -> String {
    let quoted = |path: &Path| format!("'{}'", path.display().to_string().replace('\'', r"'\''"));
    let (program, state) = (quoted(program), quoted(&state.join("state")));
    format!("exec {tool} {program} {{port}} {state}")
}

/// A process that ends with this value, whatever happens.
pub(super) struct Running(pub(super) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The end of a run of the suite.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    /// With this exit code, or by a signal.
    Exit(Option<i32>),
    /// It was ended after [`RUN_MAX`].
    TooLong,
}

/// Runs a command for at most [`RUN_MAX`] and writes its output to a file.
pub(crate) fn bounded(mut command: Command, words: &Path) -> anyhow::Result<End> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(fs::File::create(words)?);
    let mut running = Running(command.spawn().context("cannot start hookproof")?);
    let mut output = running.0.stdout.take().context("hookproof has no output")?;
    let (ended, end) = mpsc::channel();
    // The output ends with the process. After a timeout the receiver is gone, and the send fails.
    thread::spawn(move || {
        let mut text = String::new();
        let _ = output.read_to_string(&mut text);
        let _ = ended.send(text);
    });
    let Ok(text) = end.recv_timeout(RUN_MAX) else { return Ok(End::TooLong) };
    let exit = running.0.wait()?.code();
    let said = fs::read_to_string(words)?;
    fs::write(words, format!("{said}{text}"))?;
    Ok(End::Exit(exit))
}

//! The suite on the reference listener over PostgreSQL: one that is killed and restarted, and three
//! that share a database.

use std::{
    env,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
};

use anyhow::{Context, bail, ensure};

use self::server::{Missing, Server};
use crate::{cargo, tell};

#[path = "../../crates/listener/tests/it/server.rs"]
#[expect(dead_code, reason = "the tests ask more of a server")]
mod server;

/// The project's secret, and what opens the listeners' probe.
const SECRET: &str = "example-project-secret";
const PROBE_TOKEN: &str = "probe-token";

/// Listeners on one database.
const REPLICAS: usize = 3;

/// Runs the suite in both ways, on databases of a server of its own. On a machine without PostgreSQL it
/// says so, which is an error on CI. Arguments are handed to both runs.
pub(crate) fn run(root: &Path, on_ci: bool, arguments: &[String]) -> anyhow::Result<ExitCode> {
    tell("\n==> the reference listener on PostgreSQL\n");
    let server = match Server::start() {
        Ok(server) => server,
        Err(Missing(what)) if on_ci => bail!("{what}: .ci/run should have installed it"),
        Err(Missing(what)) => {
            tell(&format!("skipped, since {what}\n"));
            return Ok(ExitCode::SUCCESS);
        }
    };
    let mut build = cargo();
    build.args(["build", "--quiet", "--package", "hookproof", "--locked"]).current_dir(root);
    ensure!(build.status().context("cannot start cargo")?.success(), "the program does not build");
    let this = env::current_exe().context("cannot tell where the programs are")?;
    let program = this.with_file_name("hookproof");
    for ask in [one_that_is_killed, replicas] {
        let code = ask(&program, &server, arguments)?;
        if code != Some(0) {
            let code = code.and_then(|code| u8::try_from(code).ok());
            return Ok(code.map_or(ExitCode::FAILURE, ExitCode::from));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A listener that the suite starts, kills and starts again.
fn one_that_is_killed(
    program: &Path,
    server: &Server,
    arguments: &[String],
) -> anyhow::Result<Option<i32>> {
    tell("\n==> one listener, killed and restarted\n");
    let program_text = program.to_str().context("the program's path is not UTF-8")?;
    let command = format!(
        "exec '{program_text}' listener --listen 127.0.0.1:{{port}} --db '{}' --secret {SECRET} \
         --probe-token {PROBE_TOKEN}",
        server.database()
    );
    let mut check = check(program, "{port}", arguments);
    check.args(["--target", "http://127.0.0.1:{port}/webhook", "--spawn", &command]);
    // It will refuse thousands of webhooks, and a line for each would slow it down.
    check.env("HOOKPROOF_LOG", "error");
    Ok(check.status().context("cannot start the suite")?.code())
}

/// Several listeners on one database, asked in turn.
fn replicas(program: &Path, server: &Server, arguments: &[String]) -> anyhow::Result<Option<i32>> {
    tell(&format!("\n==> {REPLICAS} listeners on one database\n"));
    let database = server.database();
    let replicas: Vec<Replica> = (0..REPLICAS)
        .map(|_| Replica::start(program.to_owned(), &database))
        .collect::<anyhow::Result<_>>()?;
    let port = replicas.first().map(|replica| replica.port.to_string()).unwrap_or_default();
    let mut check = check(program, &port, arguments);
    for replica in &replicas {
        check.args(["--target", &format!("http://127.0.0.1:{}/webhook", replica.port)]);
    }
    Ok(check.status().context("cannot start the suite")?.code())
}

/// The suite, but for its targets.
fn check(program: &Path, port: &str, arguments: &[String]) -> Command {
    let mut check = Command::new(program);
    check.args(["check", "--no-store", "--wait-for-target", "30s", "--secret", SECRET]);
    // All that the reference listener is asked on SQLite.
    check.args(["--also", "all", "--public-id", "player-1001@example.org", "--probe"]);
    check.arg(format!("http://127.0.0.1:{port}/probe/{{user}}?token={PROBE_TOKEN}"));
    check.args(arguments).stdin(Stdio::null());
    check
}

/// A listener that is killed when it is dropped.
struct Replica {
    process: Child,
    port: u16,
}

impl Replica {
    fn start(program: PathBuf, database: &str) -> anyhow::Result<Self> {
        let socket = TcpListener::bind("127.0.0.1:0").context("cannot find a free port")?;
        let port = socket.local_addr().context("cannot tell the port")?.port();
        drop(socket);
        let process = Command::new(program)
            .args(["listener", "--listen", &format!("127.0.0.1:{port}"), "--db", database])
            .args(["--secret", SECRET, "--probe-token", PROBE_TOKEN])
            .env("HOOKPROOF_LOG", "error")
            .stdin(Stdio::null())
            .spawn()
            .context("cannot start a listener")?;
        Ok(Self { process, port })
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

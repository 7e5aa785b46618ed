//! A PostgreSQL server of one's own: made with `initdb` in a temporary folder, reached by TCP on a free
//! port, and ended with the process that started it, however that ends.
//!
//! Nothing but the standard library: the crate's own tests, its tests of the wire and `cargo xtask`
//! include this file.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// Where Debian keeps what is not in the PATH.
const DEBIAN: &str = "/usr/lib/postgresql";

/// How often another port is tried where somebody else took the one that was free.
const PORTS_TRIED_MAX: u32 = 5;

/// The server's user, password and first database.
pub(crate) const USER: &str = "hookproof";
pub(crate) const PASSWORD: &str = "s3cret%40word";
const PASSWORD_BYTES: &str = "s3cret@word";

/// Makes a cluster, says where, and keeps it until its standard input ends. `trap`: an interrupt from
/// the terminal is for whoever started this, whose end closes the input.
const KEEPER: &str = r#"
trap '' INT TERM HUP
PATH="$1:$PATH"
data=$(mktemp -d "${TMPDIR:-/tmp}/hookproof-postgres-XXXXXX") || exit 1
trap 'pg_ctl -D "$data/db" -m immediate stop >/dev/null 2>&1; rm -rf "$data"' EXIT
printf %s "$2" >"$data/password"
initdb -D "$data/db" -U hookproof -A scram-sha-256 --pwfile="$data/password" -E UTF8 --locale=C \
    --no-sync >"$data/log" 2>&1 || { cat "$data/log" >&2; exit 1; }
echo "$data"
while read -r line; do
    eval "$line" >>"$data/log" 2>&1
    echo "$?"
done
"#;

/// What is missing for a server to be started here.
#[derive(Debug)]
pub(crate) struct Missing(pub(crate) String);

/// A server. It ends when this is dropped, or the process ends.
#[derive(Debug)]
pub(crate) struct Server {
    keeper: Child,
    answers: BufReader<std::process::ChildStdout>,
    data: PathBuf,
    port: u16,
    databases: AtomicU32,
}

impl Server {
    /// Starts one, if the programs are here. Without `fsync`, which is faster, and keeps what
    /// was committed unless the machine fails.
    pub(crate) fn start() -> Result<Self, Missing> {
        let programs = programs()?;
        let mut keeper = as_unprivileged()?;
        keeper.args(["sh", "-c", KEEPER, "sh"]).arg(&programs).arg(PASSWORD_BYTES);
        // The PATH of whoever starts it need not be readable for the other user.
        keeper.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = keeper.spawn().expect("a shell starts");
        let mut answers = BufReader::new(keeper.stdout.take().expect("it is piped"));
        let data = PathBuf::from(line(&mut answers));
        assert!(data.is_absolute(), "initdb failed; what it said stands above");
        let mut server = Self { keeper, answers, data, port: 0, databases: AtomicU32::new(0) };
        for _ in 0..PORTS_TRIED_MAX {
            server.port = free_port();
            if server.control("start") {
                return Ok(server);
            }
        }
        let log = server.data.join("log");
        panic!("the server does not start: {}", std::fs::read_to_string(log).unwrap_or_default())
    }

    /// Starts it, where it was stopped: on the same port.
    pub(crate) fn start_again(&mut self) {
        assert!(self.control("start"), "the server does not start again");
    }

    /// Stops it at once, as if its process were killed.
    pub(crate) fn crash(&mut self) {
        assert!(self.control("-m immediate stop"), "the server does not stop");
    }

    /// Tells `pg_ctl` what to do, and waits until it is done.
    fn control(&mut self, what: &str) -> bool {
        let data = self.data.display();
        let settings = format!(
            "-p {} -c listen_addresses=127.0.0.1 -k {data} -c max_connections=200 -c fsync=off \
             -c max_wal_size=256MB -c synchronous_commit=off",
            self.port
        );
        // `synchronous_commit=off`: a listener has to ask for better.
        let order =
            format!("pg_ctl -w -t 60 -D '{data}/db' -l '{data}/log' -o '{settings}' {what}\n");
        let stdin = self.keeper.stdin.as_mut().expect("it is piped");
        stdin.write_all(order.as_bytes()).expect("the keeper lives");
        line(&mut self.answers) == "0"
    }

    /// The URL of a database that is new.
    pub(crate) fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.url(&name)
    }

    /// The URL of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs statements as the owner, and returns what they print, unaligned.
    pub(crate) fn sql(&self, database: &str, statements: &str) -> String {
        let output = self.try_sql(database, statements);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{statements}: {said}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    fn try_sql(&self, database: &str, statements: &str) -> Output {
        let programs = programs().expect("they were found before");
        let psql =
            if programs.join("psql").exists() { programs.join("psql") } else { "psql".into() };
        Command::new(psql)
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statements])
            .env("PGPASSWORD", PASSWORD_BYTES)
            .arg(format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port))
            .output()
            .expect("psql starts")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The end of its input is what the keeper waits for.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// The server that a test program shares: started for the first that asks, ended with the program.
/// None, and a line that says so, where the programs are missing.
pub(crate) fn shared() -> Option<&'static Server> {
    static SHARED: OnceLock<Option<Server>> = OnceLock::new();
    SHARED.get_or_init(|| start_or_skip().ok()).as_ref()
}

/// A server of one's own, or a line that says why the tests are skipped.
pub(crate) fn start_or_skip() -> Result<Server, Missing> {
    Server::start().inspect_err(|Missing(what)| {
        // Not by a macro: the harness would keep it to itself where the test passes.
        let said = format!("SKIPPED: the tests on PostgreSQL, since {what}\n");
        let _ = io::stderr().write_all(said.as_bytes());
    })
}

fn line(answers: &mut impl BufRead) -> String {
    let mut line = String::new();
    answers.read_line(&mut line).expect("the keeper speaks UTF-8");
    line.trim_end().to_owned()
}

/// The folder of `initdb` and `pg_ctl`: the newest of Debian's, or one of the PATH.
fn programs() -> Result<PathBuf, Missing> {
    let has_both =
        |folder: &Path| ["initdb", "pg_ctl"].iter().all(|name| folder.join(name).exists());
    let mut debian: Vec<PathBuf> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(debian.into_iter().rev())
        .find(|folder| has_both(folder))
        .ok_or_else(|| {
            let what = "`initdb` and `pg_ctl` are neither in the PATH nor in /usr/lib/postgresql/*/bin; \
                        on Debian: apt-get install postgresql";
            Missing(what.to_owned())
        })
}

/// A command that runs what follows. PostgreSQL refuses to be run by root: root becomes `postgres`.
fn as_unprivileged() -> Result<Command, Missing> {
    let id = |arguments: &[&str]| {
        let output = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if id(&["-u"]).as_deref() != Some("0") {
        return Ok(Command::new("env"));
    }
    if id(&["-u", "postgres"]).is_none() {
        let what = "PostgreSQL refuses to be run by root, and there is no user `postgres`";
        return Err(Missing(what.to_owned()));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "env"]);
    Ok(command)
}

fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    socket.local_addr().expect("it is bound").port()
}

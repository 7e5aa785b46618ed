//! `hookproof listener`: runs the reference listener until it is asked to stop.

mod health;
mod upkeep;

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    io,
    net::SocketAddr,
    path::Path,
};

use anyhow::{Context, anyhow};
use hookproof_contract::Secret;
use hookproof_listener::{App, Config, Db};
use tokio::{
    net::TcpListener,
    runtime::{self, Runtime},
};
use tracing_subscriber::{
    Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::{
    cli::{ListenerArgs, ListenerTask, LogFormat, Logs},
    environment::{self, Environment},
    exit::Exit,
    failure::Failure,
    interrupt::interrupted,
    secrets, terminal,
};

/// What stands for the user's id in a URL where effects are read.
pub(crate) const USER: &str = "{user}";

/// Runs the command.
pub(crate) fn run(args: ListenerArgs, environment: &Environment) -> Result<Exit, Failure> {
    match &args.task {
        None => {}
        Some(ListenerTask::Health { url, timeout }) => return health::ask(url, *timeout),
        Some(task) => return upkeep::run(task),
    }
    if args.print_config {
        terminal::print(&args.effective)?;
        return Ok(Exit::Conformant);
    }
    let secrets = secrets::several(&args.secret, &args.secret_file, environment)?;
    log(&args.logs)?;
    let runtime = runtime(args.workers).context("cannot start the runtime")?;
    let result = runtime.block_on(serve(args, secrets, environment));
    // What still runs after an orderly end, or in its place, is not waited for.
    runtime.shutdown_background();
    result
}

/// One worker is the thread that starts it all: on few cores, more cost more than they give.
fn runtime(workers: u32) -> io::Result<Runtime> {
    if workers <= 1 {
        return runtime::Builder::new_current_thread().enable_all().build();
    }
    let workers = usize::try_from(workers).unwrap_or(1);
    runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()
}

/// Binds before it opens the database: where the port is taken, no file is touched.
async fn serve(
    args: ListenerArgs,
    secrets: Vec<Secret>,
    environment: &Environment,
) -> Result<Exit, Failure> {
    let socket = bind("--listen", args.listen).await?;
    let admin = match args.admin {
        Some(address) => Some(bind("--admin", address).await?),
        None => None,
    };
    let address = socket.local_addr().context("cannot tell the port")?;
    let admin_address = admin.as_ref().map(TcpListener::local_addr).transpose();
    let admin_address = admin_address.context("cannot tell the port")?;
    let db = args.db.clone().ok_or_else(|| Failure::usage(anyhow!("--db is missing")))?;
    let config = config(&args, database(&db)?, secrets, environment)?;
    let (probe, db) = (config.probe_token.is_some(), config.db.clone());
    let app = App::open(config).with_context(|| format!("cannot open the database `{db}`"))?;
    announce(args.logs.log_format, address, admin_address, probe, &db);
    let serving = hookproof_listener::run_with_admin(socket, admin, app, interrupted());
    tokio::select! {
        result = serving => {
            result.context("the server failed")?;
            Ok(Exit::Conformant)
        }
        () = twice() => Ok(Exit::Interrupted),
    }
}

/// Ends when the program is asked to stop a second time: whoever asks twice does not want to wait.
async fn twice() {
    interrupted().await;
    interrupted().await;
}

async fn bind(flag: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let hint = advice(flag, &error);
        let error = anyhow!(error).context(format!("cannot listen on {address}"));
        Failure::could_not_ask(error).hint(hint)
    })
}

/// What to do where the address cannot be taken.
fn advice(flag: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("stop what listens there, or give {flag} another port; port 0 is any free one")
        }
        io::ErrorKind::PermissionDenied => format!(
            "ports below 1024 need a privilege: give {flag} a higher one, such as 127.0.0.1:8080"
        ),
        _ => format!(
            "give {flag} an address of this machine: 127.0.0.1 for this machine alone, 0.0.0.0 for \
             all that reach it"
        ),
    }
}

fn config(
    args: &ListenerArgs,
    db: Db,
    secrets: Vec<Secret>,
    environment: &Environment,
) -> Result<Config, Failure> {
    let first = secrets.first().cloned().ok_or_else(|| Failure::usage(anyhow!("no secret key")))?;
    let mut config = Config::new(db, first);
    config.listen = args.listen;
    config.secrets = secrets;
    if !args.user.is_empty() {
        config.users = args.user.iter().cloned().collect();
    }
    config.probe_token =
        secrets::token(args.probe_token.as_deref(), args.probe_token_file.as_deref(), environment)?;
    config.unsigned_web_shop = !args.signed_web_shop;
    config.allow.clone_from(&args.addresses.allow);
    config.proxies.clone_from(&args.addresses.trusted_proxy);
    config.limits = args.bounds.limits();
    // Cut, on purpose: eight digits tell a few processes apart.
    let [a, b, c, d, ..] = RandomState::new().build_hasher().finish().to_ne_bytes();
    config.instance = u32::from_ne_bytes([a, b, c, d]);
    Ok(config)
}

/// A file or a server. Not read by clap, whose complaint would quote the password.
fn database(db: &Path) -> Result<Db, Failure> {
    let Some(text) = db.to_str() else { return Ok(Db::from(db)) };
    Db::parse(text).map_err(|error| {
        Failure::usage(anyhow!(error).context("--db is not the URL of a PostgreSQL database"))
    })
}

/// Says where it listens: to people in words, to programs in the log's own form.
fn announce(
    format: LogFormat,
    address: SocketAddr,
    admin: Option<SocketAddr>,
    probe: bool,
    db: &Db,
) {
    if format == LogFormat::Json {
        let (address, db) = (address.to_string(), db.to_string());
        let admin = admin.map(|admin| admin.to_string());
        tracing::info!(address, admin, probe, db, "listening for webhooks");
        return;
    }
    terminal::tell(&format!("listening for webhooks at http://{address}/webhook (database: {db})"));
    if let Some(admin) = admin {
        terminal::tell(&format!("counters are at http://{admin}/metrics"));
    }
    if probe {
        terminal::tell(&format!("effects can be read at http://{address}/probe/{USER}?token=…"));
    }
}

fn log(logs: &Logs) -> Result<(), Failure> {
    let filter = logs
        .log
        .parse::<Targets>()
        .with_context(|| format!("`{}` is no filter for --log or {}", logs.log, environment::LOG))
        .map_err(|error| {
            Failure::usage(error).hint("use `info`, `debug`, or `hookproof_listener=debug`")
        })?;
    let log = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    let log = match logs.log_format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    tracing_subscriber::registry().with(log.with_filter(filter)).init();
    Ok(())
}

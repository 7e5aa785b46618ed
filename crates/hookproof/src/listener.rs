//! `hookproof listener`: runs the reference listener until it is asked to stop.

use std::{io, net::SocketAddr, path::Path};

use anyhow::{Context, anyhow};
use hookproof_conformance::Exit;
use hookproof_contract::Secret;
use hookproof_listener::{App, Config};
use tokio::{net::TcpListener, runtime};
use tracing_subscriber::EnvFilter;

use crate::{
    cli::ListenerArgs,
    environment::{self, Environment},
    failure::Failure,
    interrupt::interrupted,
    secrets, targets, terminal,
};

/// What is logged where [`environment::LOG`] says nothing.
const LOG_DEFAULT: &str = "info";

/// Runs the command.
pub(crate) fn run(args: ListenerArgs, environment: &Environment) -> Result<Exit, Failure> {
    let secrets = secrets::several(&args.secret, &args.secret_file, environment)?;
    log(environment)?;
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(serve(args, secrets, environment))?;
    Ok(Exit::Conformant)
}

/// Binds before it opens the database: where the port is taken, no file is touched.
async fn serve(
    args: ListenerArgs,
    secrets: Vec<Secret>,
    environment: &Environment,
) -> Result<(), Failure> {
    let socket = TcpListener::bind(args.listen).await.map_err(|error| {
        let hint = advice(&error);
        let error = anyhow!(error).context(format!("cannot listen on {}", args.listen));
        Failure::could_not_ask(error).hint(hint)
    })?;
    let address = socket.local_addr().context("cannot tell the port")?;
    let config = config(&args, secrets, environment)?;
    let probe = config.probe_token.is_some();
    let app = App::open(config)
        .with_context(|| format!("cannot open the database `{}`", args.db.display()))?;
    announce(address, probe, &args.db);
    hookproof_listener::run(socket, app, interrupted()).await.context("the server failed")?;
    Ok(())
}

/// What to do where the address cannot be taken.
fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "stop what listens there, or give --listen another port; port 0 is any free one"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a privilege: give --listen a higher one, such as 127.0.0.1:8080"
        }
        _ => {
            "give --listen an address of this machine: 127.0.0.1 for this machine alone, 0.0.0.0 for \
             all that reach it"
        }
    }
}

fn config(
    args: &ListenerArgs,
    secrets: Vec<Secret>,
    environment: &Environment,
) -> Result<Config, Failure> {
    let first = secrets.first().cloned().ok_or_else(|| Failure::usage(anyhow!("no secret key")))?;
    let mut config = Config::new(&args.db, first);
    config.listen = args.listen;
    config.secrets = secrets;
    if !args.user.is_empty() {
        config.users = args.user.iter().cloned().collect();
    }
    config.probe_token.clone_from(&args.probe_token);
    if config.probe_token.is_none()
        && let Some(token) = &environment.probe_token
    {
        let token = token
            .to_str()
            .ok_or_else(|| Failure::usage(anyhow!("{} is not UTF-8", environment::PROBE_TOKEN)))?;
        config.probe_token = Some(token.to_owned());
    }
    Ok(config)
}

/// Says where it listens.
fn announce(address: SocketAddr, probe: bool, db: &Path) {
    terminal::tell(&format!(
        "listening for webhooks at http://{address}/webhook (database: {})",
        db.display()
    ));
    if probe {
        let user = targets::USER;
        terminal::tell(&format!("effects can be read at http://{address}/probe/{user}?token=…"));
    }
}

fn log(environment: &Environment) -> Result<(), Failure> {
    let filter = environment.log.as_deref().unwrap_or(LOG_DEFAULT);
    let filter = EnvFilter::try_new(filter)
        .with_context(|| format!("{} is not a filter", environment::LOG))
        .map_err(|error| {
            Failure::usage(error).hint("use `info`, `debug`, or `hookproof_listener=debug`")
        })?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(false)
        .init();
    Ok(())
}

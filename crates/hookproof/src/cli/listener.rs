//! `hookproof listener`: what the reference listener is told, and what is done to its database.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueEnum, ValueHint};
use hookproof_listener::{IpNet, Limits, Source};
use url::Url;

use super::ListFormat;
use crate::{address, durations};

/// Most threads that serve. More than this is a typing error.
const WORKERS_MAX: i64 = 256;

/// Most bytes, connections and the like. More than this is a typing error.
const COUNT_MAX: u64 = 1 << 30;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ListenerArgs {
    #[command(subcommand)]
    pub(crate) task: Option<ListenerTask>,

    /// Take further settings from this file: the flags below without their dashes, but for secrets.
    /// Each can be given as a variable too, such as `HOOKPROOF_LISTENER_BODY_TIME_MAX`. A flag counts
    /// before a variable, and a variable before the file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print the settings as they are with flags, variables and file, each secret masked, and end.
    #[arg(long)]
    pub(crate) print_config: bool,
    /// Take nothing from variables.
    #[arg(long, hide = true)]
    pub(crate) no_variables: bool,
    /// What `--print-config` prints.
    #[arg(skip)]
    pub(crate) effective: String,

    /// The address to listen on. Port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    #[arg(value_parser = address::parse)]
    pub(crate) listen: SocketAddr,
    /// A second address, for operators: /healthz, /readyz and /metrics. No stranger should reach it.
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse)]
    pub(crate) admin: Option<SocketAddr>,
    /// The database: a file, which is made where it is missing, but its folder is not; or the URL of
    /// a PostgreSQL server, `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, which several listeners
    /// may share.
    #[arg(long, value_name = "FILE|URL", required = true, value_hint = ValueHint::AnyPath)]
    pub(crate) db: Option<PathBuf>,
    /// The project's secret key; several while a key is rotated. Other users of this machine can
    /// see it: prefer the file or the environment variable `XSOLLA_WEBHOOK_SECRET_KEY`.
    #[arg(long, value_name = "KEY")]
    pub(crate) secret: Vec<String>,
    /// A file that holds a secret key; repeatable.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Vec<PathBuf>,
    /// A user of the game; repeatable. [default: player-1001, player-2002 and 1234567]
    #[arg(long, value_name = "ID")]
    pub(crate) user: Vec<String>,
    /// Open the read-only view of the effects to whoever names this token. The environment variable
    /// `HOOKPROOF_PROBE_TOKEN` does the same, unseen by others.
    #[arg(long, value_name = "TOKEN", conflicts_with = "probe_token_file")]
    pub(crate) probe_token: Option<String>,
    /// A file that holds the token.
    #[arg(long, value_name = "FILE")]
    pub(crate) probe_token_file: Option<PathBuf>,
    /// Demand a signature of the Web Shop's question too, whose published sample has none.
    #[arg(long)]
    pub(crate) signed_web_shop: bool,
    /// Threads that serve requests, beside the one that writes. One is the fastest on two cores.
    #[arg(long, value_name = "N", default_value_t = 1)]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=WORKERS_MAX))]
    pub(crate) workers: u32,

    #[command(flatten)]
    pub(crate) addresses: Addresses,

    #[command(flatten)]
    pub(crate) bounds: Bounds,

    #[command(flatten)]
    pub(crate) logs: Logs,
}

/// Whose webhooks are let in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Addresses")]
pub(crate) struct Addresses {
    /// Let in webhooks from this network or address alone, in addition to the signature; `xsolla`
    /// stands for all that Xsolla has published; repeatable. Everybody's where none is named.
    #[arg(long, value_name = "NETWORK")]
    pub(crate) allow: Vec<Source>,
    /// A proxy whose X-Forwarded-For is believed: its network or address; repeatable.
    #[arg(long, value_name = "NETWORK", value_parser = parse_network)]
    pub(crate) trusted_proxy: Vec<IpNet>,
}

/// The bounds, each by its name in the library.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct Bounds {
    /// Bytes of a body.
    #[arg(long, value_name = "N", default_value_t = 1_048_576, value_parser = count())]
    pub(crate) body_bytes_max: u64,
    /// Time for a body to arrive.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = durations::parse_nonzero)]
    pub(crate) body_time_max: Duration,
    /// Bytes of a request's line and headers.
    #[arg(long, value_name = "N", default_value_t = 16_384)]
    #[arg(value_parser = clap::value_parser!(u64).range(8192..=COUNT_MAX))]
    pub(crate) head_bytes_max: u64,
    /// Headers of a request.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = count())]
    pub(crate) headers_max: u64,
    /// Time for the head of a request to arrive, from its first byte.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = durations::parse_nonzero)]
    pub(crate) head_time_max: Duration,
    /// Time in which a connection may ask nothing.
    #[arg(long, value_name = "TIME", default_value = "75s", value_parser = durations::parse_nonzero)]
    pub(crate) idle_time_max: Duration,
    /// Connections at once. A further one takes the place of the one that has kept its request back
    /// the longest.
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = count())]
    pub(crate) connections_max: u64,
    /// Connections of one address, trusted proxies apart; 0 for no bound but that of all.
    #[arg(long, value_name = "N", default_value_t = 0)]
    #[arg(value_parser = clap::value_parser!(u64).range(0..=COUNT_MAX))]
    pub(crate) connections_per_address_max: u64,
    /// Events that wait for the database. More are answered with 503.
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = count())]
    pub(crate) queue_max: u64,
    /// Events that are committed together.
    #[arg(long, value_name = "N", default_value_t = 512, value_parser = count())]
    pub(crate) batch_max: u64,
    /// Time between the wish to stop and its beginning, in which /readyz says 503 and all else
    /// goes on.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = durations::parse)]
    pub(crate) drain_time: Duration,
    /// Time that accepted requests have to finish at the end.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = durations::parse)]
    pub(crate) shutdown_time_max: Duration,
}

/// What is logged, and how.
#[derive(Debug, Args)]
#[command(next_help_heading = "Log")]
pub(crate) struct Logs {
    /// What is logged: `error`, `warn`, `info`, `debug`, or `hookproof_listener=debug`.
    #[arg(long, value_name = "FILTER", default_value = "info")]
    pub(crate) log: String,
    /// How it is written to stderr.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// An object a line, for programs.
    Json,
}

/// What is done beside a running listener. The database may be in use.
#[derive(Debug, Subcommand)]
pub(crate) enum ListenerTask {
    /// Copy the database of a listener, which may be running, as it is at one moment.
    Backup {
        /// The database file.
        #[arg(long, value_name = "FILE")]
        db: PathBuf,
        /// The file to make. One that is there is left alone.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Say whether a database is whole, and whether its tables tell the same story.
    ///
    /// Exit codes: 0 it is; 1 it is not; 2 wrong command line; 3 it cannot be read.
    Check {
        /// The database file.
        #[arg(long, value_name = "FILE")]
        db: PathBuf,
    },
    /// Count what a database holds.
    Stats {
        /// The database file.
        #[arg(long, value_name = "FILE")]
        db: PathBuf,
        /// What stands on stdout.
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Ask a running listener whether it is ready: for containers, which have no curl.
    ///
    /// Exit codes: 0 it is; 1 it is not; 2 wrong command line; 3 it does not answer.
    Health {
        /// What to ask.
        #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/readyz")]
        url: Url,
        /// How long to wait for the answer.
        #[arg(long, value_name = "TIME", default_value = "3s")]
        #[arg(value_parser = durations::parse_nonzero)]
        timeout: Duration,
    },
}

fn count() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=COUNT_MAX)
}

fn parse_network(text: &str) -> Result<IpNet, String> {
    hookproof_listener::network(text)
        .ok_or_else(|| "expected a network such as 10.0.0.0/8, or an address".to_owned())
}

impl Bounds {
    /// The same for the library.
    pub(crate) fn limits(&self) -> Limits {
        let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Limits {
            body_bytes_max: size(self.body_bytes_max),
            body_time_max: self.body_time_max,
            head_bytes_max: size(self.head_bytes_max),
            headers_max: size(self.headers_max),
            head_time_max: self.head_time_max,
            idle_time_max: self.idle_time_max,
            connections_max: size(self.connections_max),
            connections_per_address_max: size(self.connections_per_address_max),
            queue_max: size(self.queue_max),
            batch_max: size(self.batch_max),
            drain_time: self.drain_time,
            shutdown_time_max: self.shutdown_time_max,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    #[test]
    fn the_defaults_are_the_librarys() {
        let words = ["hookproof", "listener", "--db", "listener.db"];
        let Command::Listener(args) = Cli::try_parse_from(words).unwrap().command else {
            panic!("another command")
        };
        assert_eq!(format!("{:?}", args.bounds.limits()), format!("{:?}", Limits::default()));
    }
}

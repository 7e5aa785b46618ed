//! The commands of the suite and their flags. Scripts rely on every name in it.

mod bodies;
mod memory;
mod project;
mod replay;
mod reports;
mod zoo;

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, Subcommand, ValueEnum, builder::NonEmptyStringValueParser};
use hookproof_conformance::options::{CASES, JOBS, UNKNOWN_USER};
use hookproof_contract::Mode;

pub(crate) use self::{
    bodies::{SecretArgs, SignArgs, ValidateArgs, VerifyArgs},
    memory::Memory,
    project::ProjectArgs,
    replay::{ReplayArgs, ReplayFormat},
    reports::{DiffArgs, ReportArgs},
    zoo::ZooArgs,
};
use crate::{
    address,
    cli::ListFormat,
    durations,
    suite::{
        destination::Destination,
        port::Template,
        products::{self, Also},
    },
};

/// Most values per property. More than this is a typing error.
const CASES_MAX: i64 = 1_000_000;

/// Most checks at the same time.
const JOBS_MAX: u64 = 256;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask a listener whether it keeps the contract.
    ///
    /// Without --target, the reference listener is started on a temporary database and asked about
    /// every product and type, at every evidence level.
    ///
    /// Exit codes: 0 conformant; 1 a `must` is broken, or the baseline is stale; 2 wrong command line; 3 could not ask, or
    /// a `must` is unknown; 4 nothing selected; 130 interrupted.
    Check(Box<CheckArgs>),
    /// Render a report again, out of its JSON.
    Report(ReportArgs),
    /// Say what changed between two reports: what was fixed, what is newly broken.
    ///
    /// Exit codes: 0 nothing got worse; 1 something did; 2 wrong command line, or a file that is no
    /// report.
    Diff(DiffArgs),
    /// Ask again what failed or warned before: is it fixed?
    ///
    /// Asks the same checks with the recorded seed and options, and ids that the target has not seen.
    /// Says of each whether it is fixed, and which step is answered otherwise than before.
    ///
    /// Exit codes: 0 nothing fails any more, though it may warn; 1 still failing; 2 wrong command line; 3 could not ask; 4 nothing to
    /// ask again; 130 interrupted.
    Replay(Box<ReplayArgs>),
    /// List the checks.
    List(ListArgs),
    /// Explain an id or a word: a check, a clause, a notification type, `duplicate`, `timeout`, `409`.
    Explain(ExplainArgs),
    /// Write the contract as a website that needs no network.
    Docs(DocsArgs),
    /// Sign a body as Xsolla does.
    Sign(SignArgs),
    /// Verify the signature of a body.
    Verify(VerifyArgs),
    /// Say whether a body is what the contract says, and all that is wrong with it at once.
    Validate(ValidateArgs),
    /// Print the contract as an OpenAPI 3.1 document.
    Openapi,
    /// Run one of the listeners that are wrong in exactly one way, or odd, or right.
    #[command(hide = true)]
    ZooListener(ZooListenerArgs),
    /// Test the suite itself: ask it about listeners that are known to be wrong or right.
    ///
    /// Exit codes: 0 if every fault is caught by the checks that name it, nobody who is right is
    /// accused, every check catches something, and the causes are named; 1 if not.
    Zoo(ZooArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The listener's URL; repeat it for replicas of one listener.
    #[arg(long, value_name = "URL", value_parser = Template::target, help_heading = "Target")]
    pub(crate) target: Vec<Template>,
    /// The project's secret key. Other users of this machine can see it: prefer the file or the
    /// environment variable `XSOLLA_WEBHOOK_SECRET_KEY`.
    #[arg(long, value_name = "KEY", requires = "target", conflicts_with = "secret_file")]
    #[arg(help_heading = "Target")]
    pub(crate) secret: Option<String>,
    /// A file that holds the project's secret key.
    #[arg(long, value_name = "FILE", requires = "target", help_heading = "Target")]
    pub(crate) secret_file: Option<PathBuf>,
    /// Where effects are read: a URL with {user} in the place of the user's id.
    #[arg(long, value_name = "URL", requires = "target", value_parser = Template::probe)]
    #[arg(help_heading = "Target")]
    pub(crate) probe: Option<Template>,
    /// A command that prints the effects as --probe would give them, with {user} in the place of the
    /// user's id. Whoever owns nothing may print nothing.
    #[arg(long, value_name = "CMD", requires = "target", conflicts_with = "probe")]
    #[arg(value_parser = Template::command, help_heading = "Target")]
    pub(crate) probe_cmd: Option<Template>,
    /// A command that starts the listener in the foreground: the suite starts, kills and restarts it,
    /// to see what survives a crash. {port} stands for a free port, here and in --target, --probe
    /// and --probe-cmd. The command finds the port in `PORT` and the secret in
    /// `XSOLLA_WEBHOOK_SECRET_KEY`, too. Data must stay when it is started again; what listens must
    /// not leave its process group.
    #[arg(long, value_name = "CMD", requires = "target", value_parser = Template::command)]
    #[arg(help_heading = "Target")]
    pub(crate) spawn: Option<Template>,
    /// Ask a listener that is not on this machine.
    #[arg(long, help_heading = "Target")]
    pub(crate) allow_remote: bool,
    /// Certificates in PEM form that are trusted besides those of the public authorities: of a private
    /// authority, or the listener's own self-signed one.
    #[arg(long, value_name = "FILE", requires = "target", conflicts_with = "insecure")]
    #[arg(help_heading = "Target")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Accept any TLS certificate. For a listener on this machine only.
    #[arg(long, requires = "target", help_heading = "Target")]
    pub(crate) insecure: bool,
    /// Wait this long for the target to accept connections. With --spawn, 30s at least.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = durations::parse)]
    #[arg(help_heading = "Target")]
    pub(crate) wait_for_target: Duration,
    /// Go on after the report, until Ctrl-C: each time that the target stops accepting connections
    /// and accepts them again, rerun what failed. Once nothing fails, rerun all.
    #[arg(long, requires = "target", conflicts_with_all = ["spawn", "first_id"])]
    #[arg(help_heading = "Target")]
    pub(crate) watch: bool,

    /// A user who exists in the listener's game; repeatable. [default: player-1001 and player-2002]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    #[arg(help_heading = "Game")]
    pub(crate) known_user: Vec<String>,
    /// A user who does not exist in the listener's game.
    #[arg(long, value_name = "ID", default_value = UNKNOWN_USER)]
    #[arg(value_parser = NonEmptyStringValueParser::new(), help_heading = "Game")]
    pub(crate) unknown_user: String,
    /// A nickname or address by which `user_search` finds the first known user.
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    #[arg(help_heading = "Game")]
    pub(crate) public_id: Option<String>,
    /// A subscription plan of the listener's game; repeatable. [default: `monthly_premium`
    /// and `yearly_premium`]
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    #[arg(help_heading = "Game")]
    pub(crate) plan: Vec<String>,
    /// An item that exists in the listener's game, and of which one gives one of itself; repeatable. Any
    /// item where none is named.
    #[arg(long, value_name = "SKU", value_parser = NonEmptyStringValueParser::new())]
    #[arg(help_heading = "Game")]
    pub(crate) sku: Vec<String>,
    /// The delivery mode that the listener must serve.
    #[arg(long, value_enum, default_value_t, help_heading = "Game")]
    pub(crate) mode: ModeArg,
    /// A product of Xsolla that the listener serves: it must handle the types that this product
    /// requires; repeatable. [default: in-game-store]
    #[arg(long, value_name = "NAME", value_parser = products::parse, help_heading = "Game")]
    pub(crate) product: Vec<String>,
    /// A type that the listener handles besides, such as `partial_refund`, or `all`; repeatable.
    #[arg(long, value_name = "TYPE", value_parser = products::parse_also, help_heading = "Game")]
    pub(crate) also: Vec<Also>,

    #[command(flatten)]
    pub(crate) project: ProjectArgs,

    #[command(flatten)]
    pub(crate) extent: Extent,

    #[command(flatten)]
    pub(crate) memory: Memory,

    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Extent")]
pub(crate) struct Extent {
    /// Ask only the checks that match: a glob over check ids and clause ids; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(crate) only: Vec<String>,
    /// Leave out the checks that match; repeatable.
    #[arg(long, value_name = "GLOB")]
    pub(crate) skip: Vec<String>,
    /// Generated values per property.
    #[arg(long, value_name = "N", default_value_t = CASES)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=CASES_MAX))]
    pub(crate) cases: u32,
    /// The source of every random choice; equal seeds ask equal questions. Random where not given.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The first transaction and order id, which the target must not have seen. With equal --seed
    /// and --first-id, two runs send the same bytes. From the clock where not given.
    #[arg(long, value_name = "N")]
    pub(crate) first_id: Option<u64>,
    /// Checks asked at the same time.
    #[arg(long, value_name = "N", default_value_t = JOBS as u64)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=JOBS_MAX))]
    pub(crate) jobs: u64,
    /// How long to wait for one answer.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = durations::parse_nonzero)]
    pub(crate) timeout: Duration,
    /// The longest time that the run may take, such as 60s. It asks as many generated values as fit, the
    /// strictest checks first, and lists what was cut.
    #[arg(long, value_name = "TIME", value_parser = durations::parse_nonzero)]
    pub(crate) max_time: Option<Duration>,
    /// Fail the run for a broken `should` too.
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Output {
    /// Write the report to a file too; repeatable. Formats: json, ndjson (an event a line, while the
    /// run is under way), junit, html, markdown, sarif, badge. The path `-` is stdout, in the place
    /// of --format.
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(crate) report: Vec<Destination>,
    /// What stands on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
    /// A line for each check in the human report, with its title, duration and number of cases.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// The delivery modes that a listener must serve.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeArg {
    /// `payment` then `order_paid`; `refund` then `order_canceled`.
    Separate,
    /// `order_paid` and `order_canceled` alone.
    Combined,
    /// Either.
    #[default]
    Both,
}

impl ModeArg {
    pub(crate) fn modes(self) -> Vec<Mode> {
        match self {
            Self::Separate => vec![Mode::Separate],
            Self::Combined => vec![Mode::Combined],
            Self::Both => Mode::ALL.to_vec(),
        }
    }
}

/// What stands on stdout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people.
    #[default]
    Human,
    /// A line for each check that is not in order.
    Short,
    /// The published, versioned form.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// What stands on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A check, clause, contradiction, notification type, error code, product, switch, retry plan,
    /// reason code or cause, such as SIG-02, `order_paid`, CON-01, `INVALID_USER` or `in-game-store`; or
    /// one or several words, such as `duplicate`, `exit code` or `refund before payment`.
    #[arg(value_name = "WORD", required = true, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) words: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DocsArgs {
    /// The folder to write to. It is made where it is missing; other files in it stay.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Show it on this address of this machine too. Port 0 takes any free one.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) serve: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct ZooListenerArgs {
    /// Which one: a fault, an odd one, or `right`.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) slug: String,
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", value_parser = address::parse)]
    pub(crate) listen: SocketAddr,
    /// The folder for what it keeps. It is made where it is missing.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: PathBuf,
}

//! `hookproof check`: asks a listener, prints what was found, and says it by the exit code.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
};

use anyhow::{Context, anyhow};
use hookproof_conformance::{
    Options, Probe, Report, RunError, Spawn,
    options::{KNOWN_USERS, first_id_at},
    select::{SelectError, select},
    watch::{All, Watch},
};
use hookproof_listener::DEMO_PUBLIC_ID_SUFFIX;
use tokio::runtime;
use url::Url;

use crate::{
    environment::{Environment, SECRET},
    exit::Exit,
    failure::Failure,
    interrupt::interrupted,
    listener,
    suite::{
        again,
        cli::CheckArgs,
        events::Events,
        known::Known,
        port::{self, Template},
        products,
        progress::Progress,
        reference::Reference,
        reports, secret,
        store::Store,
        targets, trust, watch,
    },
    terminal,
};

/// Tells the listener's command its port, as many platforms do.
const PORT: &str = "PORT";

/// Runs the command.
pub(crate) fn run(args: CheckArgs, environment: &Environment) -> Result<Exit, Failure> {
    if args.watch {
        return watch::run(args, environment);
    }
    let report = complete(&args, environment)?;
    Ok(report.map_or(Exit::Interrupted, |report| report.exit().into()))
}

/// Checks once, with all that belongs to it: stored failures, the baseline, reports. No report where the
/// run was interrupted. All that can be wrong without a request is found before the first one.
pub(crate) fn complete(
    args: &CheckArgs,
    environment: &Environment,
) -> Result<Option<Report>, Failure> {
    select(&args.extent.only, &args.extent.skip).map_err(not_selected)?;
    reports::prepare(&args.output.report)?;
    require_distinct_users(args)?;
    let known = Known::read(&args.memory)?;
    // The reference listener's failures are ours, and no project's.
    let store = (!args.memory.no_store && !args.target.is_empty())
        .then(|| Store::within(&args.memory.home));
    let kept = match &store {
        // Equal seeds ask equal questions: no other ones.
        Some(store) if args.extent.seed.is_none() => store.all(),
        _ => Vec::new(),
    };
    let seeds = Store::seeds(&kept);
    let Some(mut report) = report(args, environment, |options| options.stored = seeds)? else {
        return Ok(None);
    };
    if let Some(store) = store
        && let Err(error) = store.update(&mut report, &kept)
    {
        terminal::tell(&format!("note: failures are not stored: {error:#}"));
    }
    if let Some(known) = known {
        known.apply(&mut report, environment.unix_millis)?;
    }
    let output = &args.output;
    reports::deliver(&report, output.format, output.verbose, &output.report, environment)?;
    Ok(Some(report))
}

/// What the checks found, unless the run was interrupted. What the command line says of the options
/// can be changed before the first request.
pub(crate) fn report(
    args: &CheckArgs,
    environment: &Environment,
    change: impl FnOnce(&mut Options),
) -> Result<Option<Report>, Failure> {
    let target = options_of_target(args, environment)?;
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let result = runtime.block_on(async {
        tokio::select! {
            result = ask(target, args, environment, change) => result.map(Some),
            () = interrupted() => Ok(None),
        }
    });
    // A name that is still being looked up must not hold the program.
    runtime.shutdown_background();
    let report = result?;
    if report.is_none() {
        terminal::tell("interrupted");
    }
    Ok(report)
}

/// A user cannot be known and unknown, and two known users are two.
fn require_distinct_users(args: &CheckArgs) -> Result<(), Failure> {
    let unknown = &args.unknown_user;
    if args.known_user.contains(unknown) {
        return Err(Failure::usage(anyhow!("`{unknown}` is both --known-user and --unknown-user"))
            .hint("name as --unknown-user an id that the game does not know"));
    }
    let mut seen = BTreeSet::new();
    match args.known_user.iter().find(|user| !seen.insert(*user)) {
        Some(user) => Err(Failure::usage(anyhow!("`{user}` is named twice with --known-user"))
            .hint("name two different users, or one and let what needs two be left out")),
        None => Ok(()),
    }
}

/// Whom to ask and with which secret, where the command line names a target.
fn options_of_target(
    args: &CheckArgs,
    environment: &Environment,
) -> Result<Option<Options>, Failure> {
    let port = port_for(args)?;
    let targets = targets_at(args, port)?;
    let Some((first, more)) = targets.split_first() else { return Ok(None) };
    let probe = args.probe.as_ref().map(|probe| on_this_machine(probe).with(port));
    let urls = with_probe(&targets, probe.as_deref())?;
    if !args.allow_remote {
        for (flag, url) in &urls {
            targets::require_local(flag, url)?;
        }
    }
    let trust = trust::of(args, &urls)?;
    let secret = secret::one(args.secret.as_deref(), args.secret_file.as_deref(), environment)?;
    let mut options = Options::new(first.clone(), secret, 0, 0);
    options.targets.extend_from_slice(more);
    options.trust = trust;
    let command = args.probe_cmd.as_ref().map(|command| Probe::Command(command.with(port)));
    options.probe = probe.map(Probe::Url).or(command);
    options.spawn = args.spawn.as_ref().map(|command| spawn(command.with(port), &options));
    Ok(Some(options))
}

/// The targets of a command line that names their ports.
pub(crate) fn targets(args: &CheckArgs) -> Result<Vec<Url>, Failure> {
    targets_at(args, port_for(args)?)
}

fn targets_at(args: &CheckArgs, port: u16) -> Result<Vec<Url>, Failure> {
    args.target.iter().map(|target| on_this_machine(target).url(port)).collect()
}

/// The listener's command, with what it has to know in its environment.
fn spawn(command: String, options: &Options) -> Spawn {
    let mut spawn = Spawn::new(command);
    spawn.env.push((SECRET.to_owned(), options.secret.expose().to_owned()));
    let port = options.targets.first().and_then(Url::port_or_known_default);
    spawn.env.extend(port.map(|port| (PORT.to_owned(), port.to_string())));
    spawn
}

/// Asks the target, or the reference listener where there is none.
async fn ask(
    target: Option<Options>,
    args: &CheckArgs,
    environment: &Environment,
    change: impl FnOnce(&mut Options),
) -> Result<Report, Failure> {
    if let Some(options) = target {
        return suite(options, args, environment, change).await;
    }
    let reference = Reference::new(&args.known_user)?;
    let mut options = reference.options.clone();
    let first = args.known_user.first().map_or(KNOWN_USERS[0], String::as_str);
    options.public_id = Some(format!("{first}{DEMO_PUBLIC_ID_SUFFIX}"));
    suite(options, args, environment, change).await
}

/// The port of the listener that is to be started, where the command line leaves it open.
fn port_for(args: &CheckArgs) -> Result<u16, Failure> {
    let urls: Vec<&Template> =
        args.target.iter().chain(&args.probe).chain(&args.probe_cmd).collect();
    let open = urls.iter().any(|url| url.wants_port());
    match &args.spawn {
        None if open => Err(Failure::usage(anyhow!(
            "{{port}} is the port of a listener that the suite \
            starts itself"
        ))
        .hint("give --spawn too, or the port on which your listener listens")),
        // A command that does not name the port finds it in its environment.
        Some(command) if command.wants_port() && !args.target.iter().any(Template::wants_port) => {
            Err(Failure::usage(anyhow!("{{port}} stands in --spawn and not in --target"))
                .hint("name it in both, or a port of your own in both"))
        }
        Some(_) if open => Ok(port::free()?),
        _ => Ok(0),
    }
}

/// A URL that can be asked. Says so where it is another than the one that was given.
fn on_this_machine(given: &Template) -> Template {
    let Some(url) = given.on_loopback() else { return given.clone() };
    terminal::tell(&format!(
        "note: {} names every address of a machine; asking {}",
        given.as_str(),
        url.as_str()
    ));
    url
}

/// All URLs that are asked, with the flags that name them.
fn with_probe(targets: &[Url], probe: Option<&str>) -> Result<Vec<(&'static str, Url)>, Failure> {
    let mut urls: Vec<_> = targets.iter().map(|target| ("--target", target.clone())).collect();
    if let Some(probe) = probe {
        let url = Url::parse(&probe.replace(listener::USER, "user")).context("--probe")?;
        urls.push(("--probe", url));
    }
    Ok(urls)
}

async fn suite(
    mut options: Options,
    args: &CheckArgs,
    environment: &Environment,
    change: impl FnOnce(&mut Options),
) -> Result<Report, Failure> {
    let extent = &args.extent;
    if !args.known_user.is_empty() {
        options.known_users.clone_from(&args.known_user);
    }
    options.unknown_user.clone_from(&args.unknown_user);
    options.skus.clone_from(&args.sku);
    options.modes = args.mode.modes();
    if args.public_id.is_some() {
        options.public_id.clone_from(&args.public_id);
    }
    if !args.plan.is_empty() {
        options.plans.clone_from(&args.plan);
    }
    products::require(&mut options, args);
    options.project = Arc::new(args.project.project());
    options.probe_delay = args.project.probe_delay;
    options.only.clone_from(&extent.only);
    options.skip.clone_from(&extent.skip);
    options.seed = extent.seed.unwrap_or_else(random_seed);
    options.first_id = extent.first_id.unwrap_or_else(|| first_id_at(environment.unix_millis));
    options.cases = extent.cases;
    options.jobs = usize::try_from(extent.jobs).unwrap_or(usize::MAX);
    options.timeout = extent.timeout;
    options.wait_for_target = args.wait_for_target;
    options.max_time = extent.max_time;
    options.strict = extent.strict;
    change(&mut options);
    let progress = Progress::new();
    let events = Events::open(&args.output.report, &options)?;
    let watch = All(std::iter::once(&progress as &dyn Watch).chain(events.watches()).collect());
    match hookproof_conformance::run(&options, &watch).await {
        Ok(mut report) => {
            report.options.again = again::words(args);
            events.finish(&report)?;
            Ok(report)
        }
        Err(error) => {
            events.fail(&error.to_string());
            Err(not_run(error))
        }
    }
}

/// A seed that is short enough to be typed again.
fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish() & u64::from(u32::MAX)
}

fn not_selected(error: SelectError) -> Failure {
    Failure::new(Exit::NothingSelected, error).hint(
        "a pattern is a glob over check ids and clause ids, such as `signature-*` or `SIG-0?`",
    )
}

fn not_run(error: RunError) -> Failure {
    let exit = error.exit();
    Failure::new(exit.into(), error)
}

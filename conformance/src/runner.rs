//! Asks the selected checks, many at a time, and gathers what they found.
//!
//! Everything runs on one thread: a run lives from requests that overlap, and the machine's other cores
//! belong to the target. Checks that look at answers go first, then those that look at effects, and at
//! the end, one by one, those that may hurt the target or would be disturbed by the others; last of all
//! those that kill its process.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use hookproof_contract::{
    Mode,
    spec::{Level, Spec, Status},
};

use crate::{
    Check, Exit, Options, Report, Stop, Violation, Watch,
    answer_rules::AnswerRules,
    check::Evidence,
    checks, diagnosis,
    effects::Effects,
    preflight::{self, Findings},
    probes, redact,
    report::{CheckReport, CheckStatus, Pace, RunOptions, SCHEMA, SpecVersion, Tool},
    select::{SelectError, select},
    session::{Health, Run, Session},
    spawn::{Process, START_TIME_MAX, SpawnError},
    time_limit::{self, TIME_WAS_UP},
    verdict,
    watch::Event,
    wire::Wire,
};

/// Checks of effects mostly wait, so more of them are asked at the same time.
const WAITING: usize = 3;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No check was selected.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// A list of which at least one is needed is empty.
    #[error("the options name no {0}")]
    Options(&'static str),
    /// The target could not be asked. The text is several lines: what was seen, and what to do.
    #[error("cannot ask {target}: {reason}")]
    Target {
        /// Who was to be asked.
        target: String,
        /// What was seen, and what to do.
        reason: String,
    },
    /// The listener could not be started.
    #[error("cannot start the listener")]
    Spawn(#[from] SpawnError),
    /// The view of the effects could not be set up.
    #[error("cannot read the probe")]
    Probe(#[from] url::ParseError),
}

impl RunError {
    /// The exit code that goes with it.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Select(_) => Exit::NothingSelected,
            Self::Options(_) => Exit::Usage,
            Self::Target { .. } | Self::Spawn(_) | Self::Probe(_) => Exit::CouldNotAsk,
        }
    }
}

/// Runs the suite. Must be called within a tokio runtime; the future stays on its thread.
pub async fn run(options: &Options, watch: &dyn Watch) -> Result<Report, RunError> {
    let started = Instant::now();
    let selected = select(&options.only, &options.skip)?;
    if let Some(what) = options.lacks() {
        return Err(RunError::Options(what));
    }
    let wire = Wire::new(&options.targets, options.timeout, &options.trust);
    let patience = if options.spawn.is_some() { START_TIME_MAX } else { Duration::ZERO };
    let patience = patience.max(options.wait_for_target);
    let process = match &options.spawn {
        Some(spawn) => Some(Process::start(spawn, &wire, patience).await?),
        None => None,
    };
    let fitted;
    let mut run = Run {
        options,
        deadline: time_limit::deadline(options, started),
        process,
        wire: &wire,
        effects: Effects::new(options)?,
        first_id: std::cell::Cell::new(options.first_id),
        failed_in: std::cell::RefCell::default(),
        selected: selected.clone(),
        health: Health::default(),
        no_orders: std::cell::OnceCell::new(),
        rules: std::cell::RefCell::default(),
        answers: AnswerRules::default(),
        spec: Spec::embedded(),
    };
    let unreachable = |mut reason| {
        redact::text(&mut reason, &options.secret);
        RunError::Target { target: options.targets[0].to_string(), reason }
    };
    let mut findings = preflight::run(&run, watch).await.map_err(unreachable)?;
    let cases = time_limit::cases_that_fit(options, started.elapsed(), wire.sent());
    if let Some(cases) = cases {
        fitted = Options { cases, ..options.clone() };
        run.options = &fitted;
    }
    watch.on(&Event::Started { checks: selected.len() });
    for note in &findings.notes {
        watch.on(&Event::Noticed(note));
    }
    let mut asked = ask_all(&run, &selected, watch).await;
    judge_answers(&run, &mut asked);
    if let Some(reason) = run.health.limited() {
        let failed = asked.iter().any(|report| report.status == CheckStatus::Fail);
        if !failed {
            return Err(unreachable(reason.clone()));
        }
        findings.notes.insert(0, reason.clone());
    }
    findings.notes.extend(time_limit::note(options, cases, &asked));
    if answered_by_firewall(&asked) {
        findings.causes.push("filtered-by-firewall");
    }
    if let Some(shown) = probes::after(&run, &asked).await
        && !findings.causes.contains(&shown.cause)
    {
        findings.notes.push(format!("believes {}", shown.title));
        findings.causes.push(shown.cause);
    }
    Ok(gather(&run, findings, asked, started))
}

/// Asks the selected checks; gives what they found in the order of the registry.
async fn ask_all(
    run: &Run<'_>,
    selected: &[&'static Check],
    watch: &dyn Watch,
) -> Vec<CheckReport> {
    // How long an answer takes is asked before the crowd comes.
    let timed = |check: &Check| check.clauses.iter().all(|clause| clause.starts_with("TIME-"));
    let effect = |check: &Check| check.evidence != Evidence::Wire && !timed(check);
    let answers = selected.iter().filter(|check| !check.alone && !effect(check));
    let effects = selected.iter().filter(|check| !check.alone && effect(check));
    let alone = selected.iter().filter(|check| check.alone && check.evidence != Evidence::Spawn);
    // What may hurt the listener comes after what only wants no crowd around it.
    let (quiet, hurting) = alone.partition::<Vec<_>, _>(|check| effect(check));
    let jobs = run.width();
    // The last ones kill the listener's process.
    let process = selected.iter().filter(|check| check.evidence == Evidence::Spawn);
    let phases: [(&str, Vec<&&'static Check>, usize); 5] = [
        ("answers", answers.collect(), jobs),
        ("effects to show", effects.collect(), if jobs > 1 { jobs * WAITING } else { 1 }),
        ("effects to show, one check at a time", quiet, 1),
        ("answers, one check at a time", hurting, 1),
        ("the process to be killed and restarted", process.collect(), 1),
    ];
    let mut reports = Vec::with_capacity(selected.len());
    for (waits_for, mut phase, jobs) in phases {
        if !phase.is_empty() {
            watch.on(&Event::Phase(waits_for));
        }
        if run.deadline.is_some() {
            phase.sort_by_key(|check| level(run.spec, check));
        }
        let asking = stream::iter(phase).map(|check| ask(run, check, watch));
        reports.extend(asking.buffer_unordered(jobs).collect::<Vec<_>>().await);
    }
    for check in checks::ALL {
        if !selected.iter().any(|chosen| chosen.id == check.id) {
            let stop = Stop::Skip("not selected".to_owned());
            reports.push(found(run, check, Err(stop), Vec::new()));
        }
    }
    reports.sort_by_key(|report| place(&report.id));
    reports
}

fn place(id: &str) -> usize {
    checks::ALL.iter().position(|check| check.id == id).unwrap_or(checks::ALL.len())
}

async fn ask(run: &Run<'_>, check: &'static Check, watch: &dyn Watch) -> CheckReport {
    watch.on(&Event::CheckStarted { id: check.id });
    let started = Instant::now();
    let place = place(check.id) as u64;
    let mut session = Session::new(run, check, place);
    let mut result = Ok(());
    let mut earlier = None;
    if let Some(reason) = run.health.gone() {
        let report = found(run, check, Err(Stop::Broken(reason)), Vec::new());
        watch.on(&Event::CheckEnded(&report));
        return report;
    }
    let time_is_up = || Err(Stop::NotObservable(TIME_WAS_UP.to_owned()));
    let in_time = async |session: &Session<'_>| match run.deadline {
        None => (check.ask)(session).await,
        Some(at) if at <= Instant::now() => time_is_up(),
        Some(at) => tokio::time::timeout_at(at.into(), (check.ask)(session))
            .await
            .unwrap_or_else(|_| time_is_up()),
    };
    for stored in run.options.stored.iter().filter(|stored| stored.check == check.id) {
        session = Session::new(run, check, place).under(stored).after(&session);
        result = in_time(&session).await;
        if matches!(result, Err(Stop::Violation(_))) {
            earlier = (stored.seed != run.options.seed).then_some(stored.seed);
            break;
        }
        session = Session::new(run, check, place).after(&session);
        result = Ok(());
    }
    // A failure that was found stays found, whatever the run's own seed would show.
    if result.is_ok() {
        result = in_time(&session).await;
    }
    let mut report = found(run, check, result, session.take_warnings());
    report.seed = earlier;
    if run.options.keep_steps && report.steps.is_empty() {
        report.steps = session.trace.steps();
        redact::report(&mut report, &run.options.secret);
    }
    if report.is_broken()
        && let Some(process) = &run.process
    {
        report.listener_output = process.output_of(session.trace.began(), &report.steps).await;
        redact::report(&mut report, &run.options.secret);
    }
    (report.cases, report.cases_digest) = session.asked();
    report.duration_ms = millis(started);
    if report.status == CheckStatus::Fail {
        // A crash hits both modes at once, and what it shows belongs to neither.
        let mode = (check.evidence != Evidence::Spawn).then(|| session.broken_in()).flatten();
        run.failed_in.borrow_mut().push(mode);
    }
    watch.on(&Event::CheckEnded(&report));
    report
}

/// Adds to each check what answers to other checks' requests showed of its rule.
fn judge_answers(run: &Run<'_>, reports: &mut [CheckReport]) {
    for report in reports {
        // A lesser finding may stand beside a graver one of the same check.
        let open = matches!(
            report.status,
            CheckStatus::Pass | CheckStatus::Warn | CheckStatus::Inconclusive
        );
        let found = run.answers.violation(&report.id, &run.options.targets[0]);
        let Some(found) = found.filter(|_| open) else { continue };
        let status = severity(run.spec, &found.clause);
        if status == report.status {
            continue;
        }
        report.status = status;
        report.violated(found);
        redact::report(report, &run.options.secret);
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// What a check's end means, by the level and status of the clause that was broken.
fn found(
    run: &Run<'_>,
    check: &Check,
    result: Result<(), Stop>,
    warnings: Vec<Violation>,
) -> CheckReport {
    let (status, violation, reason) = match result {
        Ok(()) if warnings.is_empty() => (CheckStatus::Pass, None, None),
        Ok(()) => (CheckStatus::Warn, warnings.first().cloned(), None),
        Err(Stop::Violation(found)) => (severity(run.spec, &found.clause), Some(*found), None),
        Err(Stop::Skip(reason)) => (CheckStatus::Skipped, None, Some(reason)),
        Err(Stop::Inconclusive(reason)) => (CheckStatus::Inconclusive, None, Some(reason)),
        Err(Stop::NotObservable(reason)) => (CheckStatus::NotObservable, None, Some(reason)),
        Err(Stop::Broken(reason)) => (CheckStatus::Error, None, Some(reason)),
    };
    let mut report = CheckReport {
        id: check.id.to_owned(),
        title: check.title.to_owned(),
        clauses: check.clauses.iter().map(|&clause| clause.to_owned()).collect(),
        level: level(run.spec, check).to_string(),
        status,
        evidence: check.evidence,
        clause: None,
        expected: None,
        actual: reason,
        repro: None,
        replay: None,
        seed: None,
        known: None,
        steps: Vec::new(),
        timeline: None,
        listener_output: None,
        warnings,
        duration_ms: 0,
        cases: 0,
        cases_digest: String::new(),
    };
    if let Some(found) = violation {
        report.violated(found);
    }
    redact::report(&mut report, &run.options.secret);
    report
}

impl CheckReport {
    /// Takes over what was broken, and how to see it.
    fn violated(&mut self, found: Violation) {
        self.clause = Some(found.clause);
        self.expected = Some(found.expected);
        self.actual = Some(found.actual);
        self.repro = found.repro;
        self.steps = found.steps;
        self.timeline = found.timeline;
    }
}

/// A disputed or merely recommended point is never more than a warning.
fn severity(spec: &Spec, clause: &str) -> CheckStatus {
    match spec.clauses.get(clause) {
        Some(clause) if clause.level == Level::Must && clause.status == Status::Settled => {
            CheckStatus::Fail
        }
        _ => CheckStatus::Warn,
    }
}

/// A check is as binding as its strictest clause.
fn level(spec: &Spec, check: &Check) -> Level {
    let levels = check.clauses.iter().filter_map(|clause| spec.clauses.get(*clause));
    levels.map(|clause| clause.level).min().unwrap_or(Level::May)
}

/// Returns true if a request that must be accepted got a page of HTML with a status of firewalls.
fn answered_by_firewall(asked: &[CheckReport]) -> bool {
    let page = |actual: &str| {
        let actual = actual.to_lowercase();
        let status = ["403", "406"].iter().any(|status| actual.starts_with(status));
        status && ["<html", "<!doctype html", "<head", "<h1"].iter().any(|tag| actual.contains(tag))
    };
    let mut failed = asked.iter().filter(|report| {
        let expected = report.expected.as_deref().unwrap_or_default();
        let negative = matches!(report.status, CheckStatus::Fail | CheckStatus::Warn);
        negative && expected.starts_with("200")
    });
    failed.any(|report| report.actual.as_deref().is_some_and(page))
}

/// Where all that failed belongs to one mode, the project may well use the other.
fn one_mode_alone(run: &Run<'_>) -> Option<String> {
    let failed = run.failed_in.borrow();
    let broken = (*failed.first()?)?;
    if run.options.modes.len() < Mode::ALL.len() || failed.iter().any(|mode| *mode != Some(broken))
    {
        return None;
    }
    let other = Mode::ALL.into_iter().find(|mode| *mode != broken)?;
    Some(format!(
        "all failures belong to {broken} mode: if the project's webhooks come in {other} mode alone, \
         ask with --mode {other}"
    ))
}

fn gather(
    run: &Run<'_>,
    mut findings: Findings,
    checks: Vec<CheckReport>,
    started: Instant,
) -> Report {
    let summary = verdict::count(&checks);
    let (requests, duration_ms) = (run.wire.sent(), millis(started));
    if let Some(process) = &run.process {
        let note = process.note().map(|mut note| {
            redact::text(&mut note, &run.options.secret);
            note
        });
        findings.notes.extend(note);
        findings.notes.extend(process.slowness());
    }
    findings.notes.extend(run.health.notes());
    if let Some(note) = one_mode_alone(run) {
        findings.notes.insert(0, note);
    }
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool::this(),
        spec: SpecVersion::this(),
        target: run.options.targets.iter().map(url::Url::to_string).collect(),
        options: RunOptions::from(run.options),
        verdict: verdict::of(summary, &checks, run.options.strict),
        summary,
        diagnoses: diagnosis::diagnose(&checks, &findings.causes),
        notes: findings.notes,
        pace: Pace::new(&checks, requests, duration_ms),
        checks,
        duration_ms,
        requests,
        stale: Vec::new(),
    }
}

impl From<&Options> for RunOptions {
    fn from(options: &Options) -> Self {
        Self {
            seed: options.seed,
            first_id: options.first_id,
            cases: options.cases,
            jobs: options.jobs,
            timeout_ms: u64::try_from(options.timeout.as_millis()).unwrap_or(u64::MAX),
            modes: options.modes.iter().map(ToString::to_string).collect(),
            types: options.types.iter().map(ToString::to_string).collect(),
            web_shop: options.web_shop,
            known_users: options.known_users.clone(),
            unknown_user: options.unknown_user.clone(),
            probe: options.probe.is_some(),
            spawn: options.spawn.is_some(),
            strict: options.strict,
            only: options.only.clone(),
            skip: options.skip.clone(),
            again: Vec::new(),
        }
    }
}

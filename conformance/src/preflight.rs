//! Can the target be asked at all? A few requests before the first check.
//!
//! If a valid, a badly signed and an unsigned request all get the same refusal, fifty failures would say
//! nothing. The run stops instead, and says what the likely reason is: each is tried out where it can
//! be. A target that *accepts* all three can be asked, and is.

mod canary;
mod front;
mod project_rules;
mod purchases;
mod reach;

use std::{
    future::Future,
    time::{Duration, Instant},
};

use hookproof_contract::{ErrorCode, Mode, NotificationType, Secret, signature};

use crate::{
    answer::Reply,
    check::{Check, Evidence},
    checks,
    checks::{last_digit_changed, unsigned},
    constructions::attempts,
    probes::{self, Refusals},
    project::{self, Rule},
    session::{Run, Session},
    spawn::Unready,
    watch::{Event, Watch},
    wire::{Fault, Wire},
};

/// Time between two attempts to connect to a target that is waited for.
const CONNECT_EVERY: Duration = Duration::from_millis(100);

/// A target that answers later than this while another connection is open serves one at a time.
const ONE_AT_A_TIME: Duration = Duration::from_millis(1500);

/// Who waits longer than this for the first answer is told so.
const SOON: Duration = Duration::from_millis(900);

/// Deliveries of the first valid request, for a target that says "later".
const PATIENCE: u32 = 4;

/// First requests that may run into the time limit.
const SILENCES_MAX: u32 = 2;

/// Asks before the first check; its session counts as that of a check after the last one.
pub(crate) static PREFLIGHT: Check = Check {
    id: "preflight",
    title: "can be asked",
    clauses: &[],
    evidence: Evidence::Wire,
    alone: false,
    ask: |_session| Box::pin(async { Ok(()) }),
};

/// A body for which the other ways to sign are counted.
const TRIED_BODY: &[u8] = b"{\"notification_type\": \"user_validation\"}";

/// What was found out about a target that can be asked.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Worth knowing, and nobody's fault.
    pub(crate) notes: Vec<String>,
    /// Whether an order was accepted.
    pub(crate) takes_orders: bool,
    /// Whether answers come compressed.
    compressed: bool,
    /// A plain purchase that was refused.
    pub(crate) refused: Option<(NotificationType, Mode)>,
    /// Diagnoses that the target showed by what it accepts.
    pub(crate) causes: Vec<&'static str>,
}

impl Findings {
    /// Notes what an answer shows of its way: an interpreter's message before it, or compression.
    fn notice_detours(&mut self, reply: &Reply) {
        const WARNINGS: &str = "warnings-before-the-answer";
        if let Some(message) = front::interpreter_message(reply)
            && !self.causes.contains(&WARNINGS)
        {
            self.notes.push(format!(
                "the interpreter prints a message before the answer, so the answer keeps status {}: \
                 `{message}`",
                reply.status
            ));
            self.causes.push(WARNINGS);
        }
        let coding = reply.header("content-encoding").filter(|coding| *coding != "identity");
        if let Some(coding) = coding.filter(|_| !self.compressed) {
            self.compressed = true;
            self.notes.push(format!(
                "answers come compressed (`content-encoding: {coding}`), although no request asks for \
                 it: Xsolla cannot read their error codes; switch it off for the webhook's path"
            ));
        }
    }
}

/// Waits for the target, and finds out whether it can be asked.
pub(crate) async fn run(run: &Run<'_>, watch: &dyn Watch) -> Result<Findings, String> {
    let Some(process) = &run.process else {
        reach(run.wire, run.options.wait_for_target).await?;
        return find_out(run, watch).await;
    };
    match process.ready(run).await {
        // What stays 5xx is looked at like that of a target that somebody else has started.
        Ok(()) | Err(Unready::Later { .. }) => (),
        Err(unready) => {
            let words = process.last_words();
            let said = if words.is_empty() || matches!(unready, Unready::Ended(_)) {
                String::new()
            } else {
                format!("\n  The last that it wrote: `{words}`")
            };
            let advice = match &unready {
                Unready::Silent { fault: fault @ Fault::Tls { .. }, .. } => {
                    reach::advice(run.wire, fault).await
                }
                _ => "Does the command given to --spawn listen where --target says? \
                      --wait-for-target gives it longer."
                    .to_owned(),
            };
            return Err(format!(
                "the listener was started, but cannot be asked: {unready}{said}\n  {advice}"
            ));
        }
    }
    let found = find_out(run, watch).await;
    found.map_err(|reason| match process.ended() {
        Some(ended) => format!("{reason}\n  The listener's process ended: {ended}"),
        None => reason,
    })
}

/// Waits until the target accepts connections, and finds out whether it serves several at a time.
async fn reach(wire: &Wire, patience: Duration) -> Result<(), String> {
    let started = Instant::now();
    loop {
        let Err(fault) = wire.open_and_keep().await else { return Ok(()) };
        let lasting = matches!(&fault, Fault::Tls { fault, .. } if !fault.may_pass());
        if lasting || started.elapsed() >= patience {
            return Err(reach::no_answer(wire, &fault).await);
        }
        tokio::time::sleep(CONNECT_EVERY).await;
    }
}

/// Finds out whether the target can be asked, and what has to be known for it.
async fn find_out(run: &Run<'_>, watch: &dyn Watch) -> Result<Findings, String> {
    let session = Session::new(run, &PREFLIGHT, checks::ALL.len() as u64);
    let mut findings = Findings::default();
    let first = async {
        one_at_a_time(run, &session, &mut findings).await?;
        first_answer(&session).await
    };
    let valid = patiently(first, run.options.timeout, watch).await?;
    if valid.is_success() {
        run.health.well();
    }
    tell_apart(&session, &valid, &mut findings).await?;
    let session = if purchases::narrow_ids(run, &session, &mut findings).await {
        Session::new(run, &PREFLIGHT, checks::ALL.len() as u64)
    } else {
        session
    };
    project_rules::rules(run, &session, &mut findings).await;
    purchases::known_items(run, &session, &findings).await;
    canary::canary(run, &session, &mut findings).await;
    Ok(findings)
}

/// A server that works on one connection at a time would make every idle one of ours a dead lock.
async fn one_at_a_time(
    run: &Run<'_>,
    session: &Session<'_>,
    findings: &mut Findings,
) -> Result<(), String> {
    let open = run.wire.open_and_keep().await.map_err(|fault| fault.to_string())?;
    let limit = ONE_AT_A_TIME.min(run.options.timeout);
    let beside = run.wire.send_within(0, &session.validation(), limit).await;
    drop(open);
    if matches!(beside, Err(Fault::Silent(_))) {
        run.wire.close_after_each();
        let simplest = session.simplest();
        match session.validation_again().await {
            // One type is never answered, which is no matter of connections.
            Ok(_) if session.simplest() != simplest => run.wire.keep_connections(),
            Ok(_) => findings.notes.push("serves one connection at a time; asked so".to_owned()),
            // Twice no answer, and nothing beside it: it is not waited for any longer.
            Err(fault @ Fault::Silent(_)) => {
                return Err(reach::no_answer(run.wire, &fault).await);
            }
            Err(_) => (),
        }
    }
    Ok(())
}

/// Says that the first answer is still waited for, where it does not come soon.
async fn patiently<T>(asking: impl Future<Output = T>, limit: Duration, watch: &dyn Watch) -> T {
    tokio::pin!(asking);
    match tokio::time::timeout(SOON, &mut asking).await {
        Ok(answer) => answer,
        Err(_) => {
            watch.on(&Event::Waiting(limit));
            asking.await
        }
    }
}

async fn first_answer(session: &Session<'_>) -> Result<Reply, String> {
    let request = session.validation();
    let mut last = session.run.wire.send(&request).await;
    let mut silences = 0;
    for _ in 1..PATIENCE {
        silences += u32::from(matches!(last, Err(Fault::Silent(_))));
        if silences >= SILENCES_MAX || last.as_ref().is_ok_and(|reply| !reply.is_later()) {
            break;
        }
        tokio::time::sleep(CONNECT_EVERY).await;
        last = session.run.wire.send(&request).await;
    }
    match last {
        Ok(reply) => Ok(reply),
        Err(fault) => Err(reach::no_answer(session.run.wire, &fault).await),
    }
}

/// Finds out whether the target tells a valid request from a forged one.
async fn tell_apart(
    session: &Session<'_>,
    valid: &Reply,
    findings: &mut Findings,
) -> Result<(), String> {
    let wire = &session.run.wire;
    let forged = wire.send(&last_digit_changed(session.validation())).await;
    if let Ok(forged) = &forged
        && let Some(reason) = front::recognised(valid, forged)
    {
        return Err(reason);
    }
    for reply in std::iter::once(valid).chain(&forged) {
        findings.notice_detours(reply);
    }
    if valid.is_success() {
        return Ok(());
    }
    if valid.code().as_deref() == Some("INVALID_USER") {
        return Err(format!(
            "the user `{}` is not known to the listener: {valid}\n  Name one that is with --known-user; \
             two are better. If it is known, the listener refuses every validation.",
            session.user()
        ));
    }
    let bare = wire.send(&unsigned(session.validation())).await;
    let same = |other: &Result<Reply, Fault>| {
        other
            .as_ref()
            .is_ok_and(|other| (other.status, other.code()) == (valid.status, valid.code()))
    };
    if accepts_something(session).await {
        return Ok(());
    }
    let named = Rule::ALL.into_iter().filter(|rule| {
        !session.run.options.project.states(*rule) && !same(&forged) && rule.is_named_by(valid)
    });
    let named: Vec<Rule> = named.collect();
    if !named.is_empty() {
        return Err(format!("{}: it answers {valid}", project::advice(&named)));
    }
    if let Some(reason) = given_secret_changed(session).await {
        return Err(reason);
    }
    // A valid request that is refused otherwise than a forged one has its signature believed.
    let disbelieved = valid.code().as_deref() == Some("INVALID_SIGNATURE");
    let refusals = match (&forged, &bare) {
        (Ok(forged), Ok(bare)) => Some(Refusals { forged, bare }),
        _ => None,
    };
    if (same(&forged) || disbelieved)
        && let Some(shown) = probes::instead(session, refusals).await
    {
        findings.notes.push(format!("believes {}", shown.title));
        findings.causes.push(shown.cause);
        return Ok(());
    }
    // A filter in front of the listener may have an answer of its own to a request without a signature.
    let code = valid.code();
    let published = code.as_deref().is_some_and(|code| code.parse::<ErrorCode>().is_ok());
    let filtered = valid.is_refusal() && (!published || front::is_about_address(valid));
    if (same(&forged) && (filtered || same(&bare))) || disbelieved {
        return Err(reasons(valid, same(&bare), &session.run.options.secret));
    }
    Ok(())
}

/// Returns the addition to the given secret without which the listener accepts it, such as quotation marks.
async fn given_secret_changed(session: &Session<'_>) -> Option<String> {
    let given = session.run.options.secret.expose();
    let unquoted = |quote: char| {
        given.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)).unwrap_or(given)
    };
    let repaired = [
        ("stands in quotes", unquoted('"')),
        ("stands in quotes", unquoted('\'')),
        ("begins with a byte order mark", given.trim_start_matches('\u{feff}')),
        ("has blanks or line ends around it", given.trim()),
    ];
    for (how, secret) in repaired {
        let Some(secret) = Secret::new(secret).ok().filter(|secret| secret.expose() != given)
        else {
            continue;
        };
        let request = session.validation();
        let header = signature::authorization(&request.body, &secret);
        let reply = session.run.wire.send(&request.header("Authorization", &header)).await;
        if reply.is_ok_and(|reply| reply.is_success()) {
            return Some(format!(
                "the secret that was given {how}; without that the listener accepts it\n  Give it as the \
                 Publisher Account shows it."
            ));
        }
    }
    None
}

/// Whether any valid delivery is accepted: one that demands optional members can still be asked.
async fn accepts_something(session: &Session<'_>) -> bool {
    for (kind, mode) in session.types() {
        for payload in
            [session.purchase().tell_fully(kind, mode), session.purchase().tell(kind, mode)]
        {
            let reply = session.run.wire.send(&session.sign(payload.to_bytes())).await;
            if reply.is_ok_and(|reply| reply.is_success()) {
                return true;
            }
        }
    }
    false
}

/// What makes a target give the same refusal to a valid request and to forged ones.
fn reasons(valid: &Reply, unsigned_too: bool, secret: &Secret) -> String {
    const BY_ADDRESS: &str =
        "the listener filters by address: let it accept loopback while it is checked";
    const ANOTHER_SECRET: &str = "the listener uses another secret: give the project's own with --secret, \
                                  --secret-file or XSOLLA_WEBHOOK_SECRET_KEY";
    const STRIPPED: &str = "something before the listener drops the header Authorization (Apache: \
                            `CGIPassAuth On`; nginx: `proxy_pass_request_headers on`)";
    let likely: &[&str] = match (valid.status, valid.code().as_deref()) {
        (_, Some("INVALID_CLIENT_IP")) => &[BY_ADDRESS],
        (_, Some("INVALID_SIGNATURE")) => {
            &[ANOTHER_SECRET, STRIPPED, "a proxy before the listener changes the body"]
        }
        _ if front::is_about_address(valid) => &[BY_ADDRESS],
        (404 | 405 | 501, _) => &["the webhook has another path: give the whole URL with --target"],
        (401, _) => &[
            STRIPPED,
            ANOTHER_SECRET,
            "something before the listener asks for a login",
            BY_ADDRESS,
        ],
        (403, _) => &[BY_ADDRESS, ANOTHER_SECRET, "something before the listener asks for a login"],
        (300..=399, _) => {
            &["the URL redirects: give the one it leads to, with or without its last slash"]
        }
        (500.., _) => &["the listener fails at every request: its log may say why"],
        _ => &[
            ANOTHER_SECRET,
            "the listener filters by address, or looks for the signature in another header",
            "the webhook has another path: give the whole URL with --target",
        ],
    };
    let alike = if unsigned_too {
        "a valid, a badly signed and an unsigned request are all"
    } else {
        "a valid and a badly signed request are"
    };
    let mut text = format!(
        "{alike} refused alike: {valid}\n  tried: {} other ways to make the signature: other constructions, \
         headers, and forms of the digest, the secret and the body; none is accepted either",
        attempts(TRIED_BODY, secret).len()
    );
    for (place, reason) in likely.iter().enumerate() {
        text.push_str(if place == 0 { "\n  likely: " } else { "\n  or:     " });
        text.push_str(reason);
    }
    text
}

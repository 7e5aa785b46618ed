//! A right listener, a wrong one and none at all, as tests see them.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{outcome::Ending, *};
use hookproof_zoo::{Served, faults, serve};

/// Starts a listener of the zoo, and says how it is to be asked.
async fn start(behaviour: hookproof_zoo::Behaviour) -> Result<Options, Failure> {
    let Served { webhook_url, .. } = &*Box::leak(Box::new(serve(behaviour).await?));
    options(webhook_url, hookproof_zoo::SECRET)
}

fn arguments(words: &[&str]) -> Arguments {
    Arguments::from_iter(std::iter::once("test").chain(words.iter().copied()))
}

fn ask(id: &'static str, behaviour: hookproof_zoo::Behaviour) -> Result<Ending, String> {
    Outcome::of(&[id], async || start(behaviour).await).verdict(id)
}

#[test]
fn a_check_that_passes_is_a_test_that_passes() {
    let ended = ask("signature-rejects-flipped-digit", hookproof_zoo::Behaviour::default());
    assert_eq!(ended.unwrap(), Ending::Passed);
}

#[test]
fn a_failure_says_what_the_report_says() {
    let fault = faults().find(|fault| fault.slug == "missing-header-passes");
    let behaviour = (fault.unwrap().behaviour)();
    let failed = ask("signature-rejects-missing-header", behaviour).unwrap_err();
    for part in ["SIG-", "expected", "actual", "curl", "HOOKPROOF_SEED="] {
        assert!(failed.contains(part), "{part} is missing:\n{failed}");
    }
}

#[test]
fn what_cannot_be_seen_is_ignored_with_the_reason() {
    let ended = ask("orders-granted", hookproof_zoo::Behaviour::default()).unwrap();
    let reason = "needs a view of the effects: give --probe or --probe-cmd";
    assert_eq!(ended, Ending::Ignored(reason.to_owned()));
}

#[test]
fn where_nobody_answers_every_test_fails_and_the_first_says_why() {
    let ids = ["signature-accepts-valid", "users-known-accepted"];
    let nobody = async || options("http://127.0.0.1:9/webhook", hookproof_zoo::SECRET);
    let outcome = Outcome::of(&ids, nobody);
    let said = ids.map(|id| outcome.verdict(id).unwrap_err());
    assert!(said[0].contains("cannot ask http://127.0.0.1:9/webhook"), "{}", said[0]);
    assert!(said[1].contains("same reason"), "{}", said[1]);
}

#[test]
fn a_listener_that_does_not_start_fails_the_tests() {
    let outcome = Outcome::of(&["signature-accepts-valid"], async || Err("no database".into()));
    let failed = outcome.verdict("signature-accepts-valid").unwrap_err();
    assert_eq!(failed, "cannot start the listener: no database");
}

static STARTED: AtomicBool = AtomicBool::new(false);

#[test]
fn nothing_is_started_until_a_test_runs() {
    let prepare = async || {
        STARTED.store(true, Ordering::Relaxed);
        Err("not now".into())
    };
    let trials = trials(&arguments(&["--list"]), prepare);
    assert_eq!(trials.len(), checks::ALL.len());
    drop(trials);
    assert!(!STARTED.load(Ordering::Relaxed));
}

#[test]
fn what_the_options_leave_out_is_ignored() {
    let outcome = Outcome::of(&["signature-accepts-valid"], async || {
        let mut options = start(hookproof_zoo::Behaviour::default()).await?;
        options.skip = vec!["signature-*".to_owned()];
        Ok(options)
    });
    let ended = outcome.verdict("signature-accepts-valid").unwrap();
    assert_eq!(ended, Ending::Ignored("left out by the options".to_owned()));
}

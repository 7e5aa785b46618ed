//! A database that fails for a while, under a listener that lives through it.

use std::{
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    Judged,
    disk::Disk,
    listener_on,
    rounds::Subject,
    traffic::{Book, Dice, send_again, send_some},
};
use crate::targets;

/// Errors of a disk that is full, that has become read-only, and that is broken.
const ERRORS: [(&str, i32); 3] = [("disk-full", 28), ("disk-read-only", 30), ("disk-broken", 5)];

/// Rounds of trouble that one process lives through.
const TROUBLES: u32 = 5;

/// Events before, and during, a trouble.
const EVENTS: usize = 60;

/// Time from the end of the trouble to the first success.
const RECOVERY_MAX: Duration = Duration::from_secs(5);

/// The numbers of a trouble's events begin so far apart.
const IDS_APART: i64 = 100_000;

/// How something begins to fail, and ends.
pub(super) struct Fault<'a> {
    pub(super) name: &'static str,
    pub(super) begin: &'a dyn Fn() -> anyhow::Result<()>,
    pub(super) end: &'a dyn Fn() -> anyhow::Result<()>,
}

/// Each error in turn, on a disk of its own.
pub(super) fn trial(seed: u64) -> anyhow::Result<Vec<Judged>> {
    let target = targets::listener()?;
    let mut judged = Vec::new();
    for (name, errno) in ERRORS {
        let disk = Disk::faulty(false)?;
        let subject = listener_on(&target, &disk);
        let fault = Fault { name, begin: &|| disk.fail(errno), end: &|| disk.mend() };
        judged.push(through(&subject, &fault, seed)?);
    }
    Ok(judged)
}

/// 5xx while it lasts, success after it without a restart, and everything there exactly once, also after
/// the process was killed.
pub(super) fn through(
    subject: &Subject<'_>,
    fault: &Fault<'_>,
    seed: u64,
) -> anyhow::Result<Judged> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut findings, mut books, mut dice) = (Vec::new(), Vec::new(), Dice(seed));
    let (mut refused, mut recovery_max) = (0, Duration::ZERO);
    let process = subject.start()?;
    for trouble in 0..TROUBLES {
        // Behind the numbers of whatever was there before.
        let first = i64::from(trouble + 1) * IDS_APART + (1 << 40);
        let mut book = Book::new(1_000_000 + trouble, first, true, Dice(dice.below(u64::MAX)));
        let before = send_some(&runtime, process.port, &mut book, EVENTS)?;
        if before.keys().any(|status| *status != 204) {
            findings.push(format!("before: {before:?}"));
        }
        (fault.begin)()?;
        let during = send_some(&runtime, process.port, &mut book, EVENTS)?;
        refused += during.values().sum::<usize>();
        if during.is_empty() || during.keys().any(|status| !(500..600).contains(status)) {
            findings.push(format!("while it lasted: {during:?}"));
        }
        (fault.end)()?;
        let end = Instant::now();
        let last = loop {
            match send_again(&runtime, process.port, &mut book) {
                Ok(_) => break None,
                Err(error) if end.elapsed() > RECOVERY_MAX => break Some(error),
                Err(_) => {
                    #[expect(clippy::disallowed_methods, reason = "a sender comes back later")]
                    thread::sleep(Duration::from_millis(5));
                }
            }
        };
        findings.extend(last.map(|error| format!("afterwards: {error:#}")));
        recovery_max = recovery_max.max(end.elapsed());
        findings.extend(book.contradictions(&subject.database.round(&book)?));
        books.push(book);
    }
    process.kill()?;
    let process = subject.start()?;
    for book in &books {
        findings.extend(book.contradictions(&subject.database.round(book)?));
    }
    process.kill()?;
    let recovered = recovery_max.as_millis();
    let said = format!(
        "{TROUBLES} times: {refused} requests answered with 5xx while it lasted, all {} events taken \
         at most {recovered} ms after it",
        books.iter().map(Book::acknowledged).sum::<usize>()
    );
    let details = json!({ "refused": refused, "recovery_max_ms": recovered, "findings": findings });
    Ok(Judged::of(fault.name, said, findings, details))
}

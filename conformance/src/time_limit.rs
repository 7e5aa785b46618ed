//! The time limit of a run: how much fits into it, and when nothing more is asked.

use std::time::{Duration, Instant};

use crate::{Options, report::CheckReport};

/// Requests of a whole run whatever the number of cases, and for each case of its properties.
const REQUESTS: u32 = 4_000;
const REQUESTS_PER_CASE: u32 = 60;

/// Share of the jobs that have a request under way at a time, as one in so many: others wait for effects.
const BUSY_ONE_IN: u32 = 2;

/// Reason why a check was not asked, or not to its end.
pub(crate) const TIME_WAS_UP: &str = "the time of --max-time was up";

/// Generated values per property that fit into the time limit, by what a request took so far.
///
/// `None` where all of them fit, or where there is no limit.
pub(crate) fn cases_that_fit(options: &Options, elapsed: Duration, requests: u64) -> Option<u32> {
    let limit = options.max_time?;
    let requests = u32::try_from(requests).unwrap_or(u32::MAX);
    let per_request = elapsed.checked_div(requests).filter(|time| !time.is_zero())?;
    let jobs = u32::try_from(options.jobs).unwrap_or(1).div_ceil(BUSY_ONE_IN).max(1);
    let left = limit.saturating_sub(elapsed);
    let fit = left.as_nanos().saturating_mul(u128::from(jobs)) / per_request.as_nanos();
    let fit = u32::try_from(fit).unwrap_or(u32::MAX);
    let cases = (fit.saturating_sub(REQUESTS) / REQUESTS_PER_CASE).max(1);
    (cases < options.cases).then_some(cases)
}

/// A note about what was cut, if something was.
pub(crate) fn note(
    options: &Options,
    cases: Option<u32>,
    checks: &[CheckReport],
) -> Option<String> {
    let limit = options.max_time?;
    let cut = checks.iter().filter(|check| check.actual.as_deref() == Some(TIME_WAS_UP)).count();
    let fewer =
        cases.map(|cases| format!("{cases} values per property instead of {}", options.cases));
    let unasked = (cut > 0).then(|| format!("{cut} checks not asked to their end"));
    let what: Vec<String> = [fewer, unasked].into_iter().flatten().collect();
    (!what.is_empty())
        .then(|| format!("cut to fit --max-time {} s: {}", limit.as_secs(), what.join(", ")))
}

/// The moment at which nothing more is asked.
pub(crate) fn deadline(options: &Options, started: Instant) -> Option<Instant> {
    options.max_time.map(|limit| started + limit)
}

//! The time limit of a run: how much fits into it, and when nothing more is asked.

use std::time::{Duration, Instant};

use crate::{Options, report::CheckReport};

/// Requests of a whole run whatever the number of cases, and for each case of its properties.
const REQUESTS: u32 = 4_200;
const REQUESTS_PER_CASE: u32 = 32;

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

#[cfg(test)]
mod tests {
    use hookproof_contract::Secret;
    use url::Url;

    use super::*;

    fn options(max_time: Option<Duration>) -> Options {
        let target = Url::parse("http://127.0.0.1:8080/webhook").unwrap();
        Options { max_time, ..Options::new(target, Secret::new("example").unwrap(), 1, 1) }
    }

    /// Cases of a run of a minute, where a hundred requests took this long.
    fn fit(elapsed: Duration) -> Option<u32> {
        cases_that_fit(&options(Some(Duration::from_mins(1))), elapsed, 100)
    }

    #[test]
    fn fewer_values_fit_where_requests_take_longer() {
        assert_eq!(fit(Duration::from_secs(2)), None);
        assert_eq!(fit(Duration::from_millis(4_500)), Some(22));
        assert_eq!(fit(Duration::from_secs(20)), Some(1));
        assert_eq!(cases_that_fit(&options(None), Duration::from_secs(20), 100), None);
    }

    #[test]
    fn what_was_cut_is_noted() {
        let limited = options(Some(Duration::from_secs(45)));
        let mut report = crate::report::sample::report();
        assert_eq!(note(&limited, None, &report.checks), None);
        report.checks[0].actual = Some(TIME_WAS_UP.to_owned());
        let cut = note(&limited, Some(12), &report.checks).unwrap();
        assert_eq!(
            cut,
            "cut to fit --max-time 45 s: 12 values per property instead of 64, 1 checks not asked to \
             their end"
        );
        assert_eq!(note(&options(None), None, &report.checks), None);
    }
}

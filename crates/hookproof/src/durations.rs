//! Durations on the command line: `10s`, `500ms`, `2m`.

use std::time::Duration;

/// The longest duration that is taken. Longer ones are typing errors.
const DURATION_MAX: Duration = Duration::from_hours(1);

/// Reads a duration: a whole number and `ms`, `s` or `m`.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number
        .parse()
        .map_err(|_| "expected a whole number and a unit, such as `10s` or `500ms`".to_owned())?;
    let duration = match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.saturating_mul(60)),
        "" => return Err(format!("the unit is missing: `{number}s` or `{number}ms`?")),
        _ => return Err(format!("`{unit}` is no unit; use `ms`, `s` or `m`")),
    };
    if duration > DURATION_MAX {
        return Err(format!("longer than {} s", DURATION_MAX.as_secs()));
    }
    Ok(duration)
}

/// Reads a duration that is not zero: nothing answers in no time.
pub(crate) fn parse_nonzero(text: &str) -> Result<Duration, String> {
    let duration = parse(text)?;
    if duration.is_zero() { Err("must not be zero".to_owned()) } else { Ok(duration) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_number_and_a_unit() {
        assert_eq!(parse("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(parse("0s"), Ok(Duration::ZERO));
    }

    #[test]
    fn refuses_the_rest_and_says_why() {
        #[track_caller]
        fn check(text: &str, reason: &str) {
            assert_eq!(parse_nonzero(text), Err(reason.to_owned()));
        }
        check("10", "the unit is missing: `10s` or `10ms`?");
        check("10h", "`h` is no unit; use `ms`, `s` or `m`");
        check("s", "expected a whole number and a unit, such as `10s` or `500ms`");
        check("-1s", "expected a whole number and a unit, such as `10s` or `500ms`");
        check("18446744073709551615m", "longer than 3600 s");
        check("0ms", "must not be zero");
    }
}

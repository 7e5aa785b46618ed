//! Points in time, as the contract writes them: a date and a time with an offset.
//!
//! No clock is read here. A moment is kept as the text that came, and compared by the instant it means.

use std::borrow::Cow;

/// A point in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment<'a> {
    /// As it was written.
    pub(crate) text: Cow<'a, str>,
    /// Milliseconds since the beginning of 1970 in UTC. None if the text is no date and time with an
    /// offset: it is shown then, and not compared.
    pub(crate) instant_ms: Option<i64>,
}

impl<'a> Moment<'a> {
    pub(crate) fn new(text: Cow<'a, str>) -> Self {
        let instant_ms = instant_ms(&text);
        Self { text, instant_ms }
    }

    /// The same, borrowing nothing.
    pub(crate) fn to_static(&self) -> Moment<'static> {
        Moment { text: Cow::Owned(self.text.clone().into_owned()), instant_ms: self.instant_ms }
    }
}

/// Reads ISO 8601 in the form that RFC 3339 names; the offset may lack its colon, as PHP prints it.
fn instant_ms(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let offset = rest.find(['Z', 'z', '+', '-'])?;
    let (time, offset) = rest.split_at(offset);
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let days = days(&numbers(date, '-', [4, 2, 2])?)?;
    let [hour, minute, second] = numbers(seconds, ':', [2, 2, 2])?;
    // A leap second is the last of its minute's neighbours.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - offset_s(offset)?;
    Some(seconds * 1000 + millis(fraction)?)
}

/// Whole milliseconds of a fraction of a second; what is finer is cut off.
fn millis(fraction: &str) -> Option<i64> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<3}")[..3].parse().ok()
}

/// Seconds that an offset is ahead of UTC.
fn offset_s(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let digits = rest.replacen(':', "", 1);
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (digits[..2].parse().ok()?, digits[2..].parse().ok()?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes) * 60)
}

/// Numbers of so many digits each, between separators.
fn numbers(text: &str, separator: char, digits: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut found = [0; 3];
    for (place, digits) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *place = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// Days from the first of January 1970 to a day of the Gregorian calendar.
fn days(&[year, month, day]: &[i64; 3]) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years that begin in March have their leap day at the end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days_before_1970 = 719_468;
    Some(365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - days_before_1970)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(instant_ms(text), expected, "{text}");
    }

    #[test]
    fn the_instant_counts_and_not_the_text() {
        check("1970-01-01T00:00:00Z", Some(0));
        check("1969-12-31T23:59:59.250Z", Some(-750));
        check("2000-03-01T00:00:00Z", Some(951_868_800_000));
        check("2026-03-14T09:26:53+03:00", Some(1_773_469_613_000));
        check("2026-03-14T06:26:53.000Z", Some(1_773_469_613_000));
        check("2026-03-14T06:26:53.0009999z", Some(1_773_469_613_000));
        check("2026-03-14 01:56:53-0430", Some(1_773_469_613_000));
        check("2024-02-29T00:00:00Z", Some(1_709_164_800_000));
        check("9999-12-31T23:59:60-23:59", Some(253_402_387_140_000));
    }

    #[test]
    fn what_cannot_be_compared_is_nothing() {
        for text in [
            "",
            "soon",
            "2026-03-14",
            "2026-03-14T09:26:53",
            "2026-03-14T09:26Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+3",
            "2026-01-01T00:00:00+é:é",
            "2026-1-1T00:00:00Z",
            "+026-01-01T00:00:00Z",
            "2026-01-01T00:00:00ZZ",
            "１234-01-01T00:00:00Z",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut expected = days(&[1600, 1, 1]).unwrap();
        for year in 1600..2400 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(found) = days(&[year, month, day]) {
                        assert_eq!(found, expected, "{year}-{month}-{day}");
                        expected += 1;
                    }
                }
            }
        }
    }
}

//! Dates as ISO 8601 writes them, with an offset: when two of them are the same moment.

/// Whether both are dates with an offset, and mean the same second.
pub(crate) fn same(left: &str, right: &str) -> bool {
    seconds(left).is_some_and(|left| seconds(right) == Some(left))
}

/// Seconds from 1970 to a date with a time and an offset; `None` for anything else.
pub(crate) fn seconds(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let at = rest.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = rest.split_at(at);
    let whole = time.split_once('.').map_or(time, |(whole, _)| whole);
    let clock = hours_minutes_seconds(whole)?;
    let offset = match zone.split_at(1) {
        ("Z" | "z", "") => 0,
        (sign, offset) => {
            let digits: String = offset.chars().filter(|c| *c != ':').collect();
            let (hours, minutes) = digits.split_at_checked(2)?;
            let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<i64>().ok()? };
            let offset = hours.parse::<i64>().ok()? * 3600 + minutes * 60;
            if sign == "-" { -offset } else { offset }
        }
    };
    let valid = parts.next().is_none() && (1..=12).contains(&month) && (1..=31).contains(&day);
    valid.then(|| days(year, month, day) * 86_400 + clock - offset)
}

fn hours_minutes_seconds(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| part.parse::<i64>().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    let valid = parts.next().is_none() && hours < 25 && minutes < 60 && seconds < 61;
    valid.then_some(hours * 3600 + minutes * 60 + seconds)
}

/// Days from 1970 to a day of the Gregorian calendar. Years begin in March here, so that the day that
/// only some years have is the last of its year.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 3 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(seconds(text), expected, "{text}");
    }

    #[test]
    fn reads_dates_with_an_offset() {
        check("1970-01-01T00:00:00Z", Some(0));
        check("2026-03-14T09:26:53+03:00", Some(1_773_469_613));
        check("2026-03-14T06:26:53.25Z", Some(1_773_469_613));
        check("2026-03-14T01:56:53-0430", Some(1_773_469_613));
        check("2024-02-29T23:59Z", Some(1_709_251_140));
    }

    #[test]
    fn anything_else_is_no_moment() {
        for text in [
            "2026-03-14",
            "2026-03-14T09:26:53",
            "1773469613",
            "14.03.2026",
            "",
            "2026-13-14T00:00:00Z",
            "2026-03-14T09:26:53+",
            "2026-03-14T09:26:53 Europe/Berlin",
        ] {
            check(text, None);
        }
        assert!(same("2026-03-14T09:26:53+03:00", "2026-03-14T06:26:53Z"));
        assert!(!same("soon", "soon"));
    }
}

//! Listeners that are odd in what their probe shows.

use serde_json::{Map, Value, json};

use super::Odd;
use crate::{
    behaviour::Behaviour,
    faults::Asks,
    game::{Game, KNOWN_USERS},
    right,
    wire::Answer,
};

type Members = Map<String, Value>;

/// The odd ones of this kind.
pub(super) static ODDS: &[Odd] = &[
    Odd {
        slug: "probe-empty-for-strangers",
        completes: "shows an empty view of a user that it does not have",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { view: empty_for_strangers, ..Behaviour::default() },
    },
    Odd {
        slug: "probe-with-items-only",
        completes: "shows nothing but items",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { view: items_only, ..Behaviour::default() },
    },
    Odd {
        slug: "probe-without-subscriptions",
        completes: "does not show subscriptions",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            view: |game, user| without(game, user, "subscriptions"),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "probe-without-transactions",
        completes: "does not show transactions",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            view: |game, user| without(game, user, "transactions"),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "probe-forgets-what-ended",
        completes: "does not show subscriptions that are over",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            view: |game, user| {
                shown(game, user, |view| {
                    inner(view, "subscriptions").retain(|_, own| own["state"] != "canceled");
                })
            },
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "probe-without-dates",
        completes: "does not show when a subscription is charged next",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            view: |game, user| each_without(game, user, "subscriptions", "next_charge"),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "probe-without-plans",
        completes: "does not show the plan of a subscription",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            view: |game, user| each_without(game, user, "subscriptions", "plan"),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "probe-in-utc",
        completes: "shows all dates in UTC",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            view: |game, user| shown(game, user, |view| each(view, "subscriptions", in_utc)),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "probe-without-counts",
        completes: "does not count refunds",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            view: |game, user| each_without(game, user, "transactions", "refunds"),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "probe-shows-what-is-gone",
        completes: "shows articles of which a user has none",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            view: |game, user| {
                shown(game, user, |view| {
                    inner(view, "items").insert("shield_02".to_owned(), json!(0));
                })
            },
            ..Behaviour::default()
        },
    },
];

fn empty_for_strangers(game: &Game, user: &str) -> Answer {
    let view = if KNOWN_USERS.contains(&user) { game.view(user) } else { json!({}) };
    Answer::json(200, &view)
}

fn items_only(game: &Game, user: &str) -> Answer {
    shown(game, user, |view| {
        view.retain(|name, _| name != "transactions" && name != "subscriptions");
    })
}

/// The right view without the member of that name.
fn without(game: &Game, user: &str, name: &str) -> Answer {
    shown(game, user, |view| {
        view.remove(name);
    })
}

/// The right view in which nothing within the member of that name says this.
fn each_without(game: &Game, user: &str, name: &str, left_out: &str) -> Answer {
    shown(game, user, |view| {
        each(view, name, |own| {
            own.remove(left_out);
        });
    })
}

/// The right view, changed.
fn shown(game: &Game, user: &str, change: impl FnOnce(&mut Members)) -> Answer {
    if !KNOWN_USERS.contains(&user) {
        return right::view(game, user);
    }
    let mut view = game.view(user);
    view.as_object_mut().map(change);
    Answer::json(200, &view)
}

/// The member of that name, which is an object.
fn inner<'view>(view: &'view mut Members, name: &str) -> &'view mut Members {
    let member = view.entry(name).or_insert_with(|| json!({}));
    member.as_object_mut().expect("the view holds objects only")
}

/// Changes all members of the member of that name.
fn each(view: &mut Members, name: &str, change: impl FnMut(&mut Members)) {
    inner(view, name).values_mut().filter_map(Value::as_object_mut).for_each(change);
}

fn in_utc(own: &mut Members) {
    let date = own.get("next_charge").and_then(Value::as_str).and_then(utc);
    if let Some(date) = date {
        own.insert("next_charge".to_owned(), json!(date));
    }
}

/// The same moment in UTC, for a date as the contract writes them: `2026-05-14T09:26:53+03:00`.
fn utc(date: &str) -> Option<String> {
    let number = |from: usize, to: usize| date.get(from..to)?.parse::<i64>().ok();
    let sign = if date.get(19..20)? == "-" { -1 } else { 1 };
    let offset = sign * (number(20, 22)? * 60 + number(23, 25)?);
    let day = day_number(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let minutes = day * 1_440 + number(11, 13)? * 60 + number(14, 16)? - offset;
    let (day, minutes) = (minutes.div_euclid(1_440), minutes.rem_euclid(1_440));
    let (year, month, day) = calendar(day);
    let (hour, minute, second) = (minutes / 60, minutes % 60, number(17, 19)?);
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// Days since the first of March of the year 0, after which leap days come last in their year.
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + day - 1
}

/// Year, month and day of a day number.
fn calendar(number: i64) -> (i64, i64, i64) {
    let mut year = (10_000 * number + 14_780) / 3_652_425;
    let day_of = |year: i64| number - (year * 365 + year / 4 - year / 100 + year / 400);
    if day_of(year) < 0 {
        year -= 1;
    }
    let day = day_of(year);
    let month = (100 * day + 52) / 3_060;
    let next = (month + 2) / 12;
    (year + next, (month + 2) % 12 + 1, day - (month * 306 + 5) / 10 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_stay_the_same_in_utc() {
        let check = |date: &str, expected: &str| assert_eq!(utc(date).as_deref(), Some(expected));
        check("2026-05-14T09:26:53+03:00", "2026-05-14T06:26:53Z");
        check("2026-01-01T01:00:00+05:30", "2025-12-31T19:30:00Z");
        check("2028-02-29T23:30:00-01:00", "2028-03-01T00:30:00Z");
        check("2026-12-31T12:00:00+00:00", "2026-12-31T12:00:00Z");
        assert_eq!(utc("soon"), None);
    }
}

//! What is right by the contract, and surprises listeners or whoever signs the body.

use hookproof_contract::{
    NotificationType,
    serialise::{Form, write},
};
use serde_json::{Number, Value};

use super::{Finding, is_order};
use crate::suite::products::Kind;

/// The largest integer of 32 bits.
const INT_32_MAX: i128 = i32::MAX as i128;

/// Above this, a binary floating-point number skips integers.
const FLOAT_INTEGER_MAX: i128 = 1 << 53;

/// Places that one hint names; more would bury the others.
const PLACES_MAX: usize = 3;

/// Where a test purchase is marked.
const TEST_MARKS: [&str; 3] =
    ["/transaction/dry_run", "/billing/transaction/dry_run", "/order/mode"];

/// What is said of a kind of numbers, the clause behind it, and which ones are meant.
type Remark = (&'static str, &'static str, fn(&Number) -> bool);

/// What the bytes show beside the value.
pub(super) fn of_bytes(body: &[u8], value: &Value) -> Option<Finding> {
    let said = if body == write(value, Form::Compact) {
        return None;
    } else if body.ends_with(b"\n") {
        "a line break stands at the end, which editors add: Xsolla sends none. A signature made with \
         it does not match the body without it"
    } else if body.trim_ascii() != body || body.iter().any(|byte| matches!(byte, b'\n' | b'\t')) {
        "there are blanks or line breaks that Xsolla does not write. A signature is that of these \
         bytes, and of no others"
    } else {
        "these are not the bytes that Xsolla would write for this JSON (blanks, escapes, or a member \
         that stands twice). A signature is that of these bytes, and of no others"
    };
    Some(Finding::new("", said, "PAYLOAD-22"))
}

/// What the members show.
pub(super) fn of_members(kind: Kind, value: &Value) -> Vec<Finding> {
    let mut hints = Vec::new();
    let order = matches!(kind, Kind::Typed(kind) if is_order(kind));
    if order && value.pointer("/user/id").is_some() {
        let said = "an order belongs to `user.external_id`; `user.id` is not the player's id";
        hints.push(Finding::new("/user/id", said, "USER-12"));
    }
    for member in ["transaction", "settings"] {
        if order && value.get(member).is_some() {
            let said =
                "an order has it in `billing` in combined mode, and not at all in separate mode";
            hints.push(Finding::new(format!("/{member}"), said, "ORDER-12"));
        }
    }
    if !order && value.pointer("/user/id").is_some_and(Value::is_number) {
        let said = "an integer: it is the same user as the text of these digits";
        hints.push(Finding::new("/user/id", said, "USER-04"));
    }
    if kind == Kind::Typed(NotificationType::PartnerSideCatalog)
        && value.pointer("/user/user_id").is_none()
    {
        let said = "`user.user_id` is absent: the user's id is in `user.id`";
        hints.push(Finding::new("/user", said, "CATALOG-05"));
    }
    let marked = |place: &str| match value.pointer(place) {
        Some(Value::String(text)) => ["1", "sandbox"].contains(&text.as_str()),
        Some(Value::Number(number)) => number.as_str() == "1",
        _ => false,
    };
    if let Some(place) = TEST_MARKS.into_iter().find(|place| marked(place)) {
        let said = "the mark of a test: it is answered like a real purchase, and no money moved";
        hints.push(Finding::new(place, said, "PAYLOAD-18"));
    }
    hints.extend(of_numbers(value));
    hints
}

/// Numbers that some programs read wrongly.
fn of_numbers(value: &Value) -> Vec<Finding> {
    let mut numbers = Vec::new();
    collect(value, &mut String::new(), &mut numbers);
    let remarks: [Remark; 3] = [
        (
            "beyond 2^53: a parser that reads numbers as floats changes the last digits",
            "PAYLOAD-07",
            |number| integer(number).is_some_and(|it| it.abs() > FLOAT_INTEGER_MAX),
        ),
        ("beyond 32 bits", "PAYLOAD-06", |number| {
            integer(number).is_some_and(|it| it.abs() > INT_32_MAX && it.abs() <= FLOAT_INTEGER_MAX)
        }),
        (
            "a number with a fraction: read it as an exact decimal, not as a float",
            "PAYLOAD-08",
            |number| number.as_str().contains(['.', 'e', 'E']),
        ),
    ];
    remarks
        .into_iter()
        .filter_map(|(said, clause, is)| {
            let places: Vec<&str> = numbers
                .iter()
                .filter(|(_, number)| is(number))
                .map(|(place, _)| place.as_str())
                .collect();
            let (first, more) = places.split_first()?;
            let others = match more.len() {
                0 => String::new(),
                count if count < PLACES_MAX => format!(" (so is {})", more.join(", ")),
                count => format!(" (so are {count} more numbers)"),
            };
            Some(Finding::new(*first, format!("{said}{others}"), clause))
        })
        .collect()
}

fn integer(number: &Number) -> Option<i128> {
    number.as_str().parse().ok()
}

/// All numbers with their JSON pointers.
fn collect<'a>(value: &'a Value, place: &mut String, found: &mut Vec<(String, &'a Number)>) {
    let mut inside = |name: &str, value| {
        let length = place.len();
        place.push('/');
        place.push_str(&name.replace('~', "~0").replace('/', "~1"));
        collect(value, place, found);
        place.truncate(length);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| inside(name, value)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(index, value)| inside(&index.to_string(), value));
        }
        Value::Number(number) => found.push((place.clone(), number)),
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(kind: NotificationType, body: &Value, expected: &[(&str, &str)]) {
        let found = of_members(Kind::Typed(kind), body);
        let found: Vec<_> = found.iter().map(|it| (it.pointer.as_str(), it.clause)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn members_that_surprise() {
        use NotificationType as Type;
        check(
            Type::UserValidation,
            &json!({"user": {"id": 1_234_567}}),
            &[("/user/id", "USER-04")],
        );
        check(Type::OrderPaid, &json!({"user": {"id": "7"}}), &[("/user/id", "USER-12")]);
        check(
            Type::Payment,
            &json!({"transaction": {"id": 9_007_199_254_740_993_u64, "dry_run": 1}, "a/b": [3_000_000_000_u64, 1.5]}),
            &[
                ("/transaction/dry_run", "PAYLOAD-18"),
                ("/transaction/id", "PAYLOAD-07"),
                ("/a~1b/0", "PAYLOAD-06"),
                ("/a~1b/1", "PAYLOAD-08"),
            ],
        );
        check(
            Type::OrderPaid,
            &json!({"order": {"mode": "sandbox"}}),
            &[("/order/mode", "PAYLOAD-18")],
        );
    }

    #[test]
    fn bytes_that_xsolla_does_not_write() {
        #[track_caller]
        fn check(body: &str, word: Option<&str>) {
            let value = serde_json::from_str(body).unwrap();
            let found = of_bytes(body.as_bytes(), &value);
            let message = found.map(|hint| hint.message);
            assert_eq!(message.is_some(), word.is_some(), "{message:?}");
            let message = message.unwrap_or_default();
            assert!(message.contains(word.unwrap_or_default()), "{message}");
        }
        check(r#"{"a":"é/","b":1.50}"#, None);
        check("{\"a\":1}\n", Some("editors add"));
        check("{\n\"a\":1}", Some("line breaks"));
        check(r#"{"a": 1}"#, Some("escapes"));
        check(r#"{"a":"\u00e9"}"#, Some("escapes"));
        check(r#"{"a":1,"a":1}"#, Some("twice"));
    }
}

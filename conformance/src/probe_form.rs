//! The published form of the probe's answer: reading it, and what to say where it is another.

use serde_json::Value;

use crate::effects::View;

/// The published form, as an example.
pub(crate) const EXAMPLE: &str = r#"{"user": "player-1001", "items": {"sword_01": 1}, "transactions": {"2105000001": {"state": "paid", "refunds": 0}}, "subscriptions": {"55501": {"plan": "monthly_premium", "state": "active"}}}"#;

/// Members of the published form.
const MEMBERS: [&str; 4] = ["user", "items", "subscriptions", "transactions"];

/// Characters of a wrong answer that are shown.
const SHOWN_MAX: usize = 300;

/// Reads the probe's answer about a user. Members that the form does not have are ignored; where there
/// are no others, the view says so.
pub(crate) fn read(body: &[u8]) -> Result<View, String> {
    let mut view: View = serde_json::from_slice(body).map_err(|e| wrong(body, &e.to_string()))?;
    if view.items.is_none() && view.subscriptions.is_none() && view.transactions.is_none() {
        view.strange = strange_members(body)
            .map(|names| wrong(body, &format!("no member of it, but {names}")));
    }
    Ok(view)
}

/// The names of members that the published form does not have.
fn strange_members(body: &[u8]) -> Option<String> {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return None };
    let names = members.keys().filter(|name| !MEMBERS.contains(&name.as_str()));
    let names: Vec<String> = names.map(|name| format!("`{}`", name.replace('`', "'"))).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Describes the error, the body that came, and the expected form.
fn wrong(body: &[u8], reason: &str) -> String {
    let text = String::from_utf8_lossy(body).replace('`', "'");
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = match line.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    };
    format!(
        "its answer is not the published form ({reason})\nit answered: `{shown}`\nexpected, each member \
         optional: {EXAMPLE}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_read() {
        let view = read(EXAMPLE.as_bytes()).unwrap();
        assert!(
            view.items.is_some() && view.subscriptions.is_some() && view.transactions.is_some()
        );
    }

    #[test]
    fn wrong_forms_are_shown_beside_the_right_one() {
        #[track_caller]
        fn check(body: &str, reason: &str) {
            let view = read(body.as_bytes());
            let said = view.map_or_else(|said| said, |view| view.strange.unwrap());
            for part in [reason, body, EXAMPLE] {
                assert!(said.contains(part), "`{part}` is missing: {said}");
            }
        }
        check("<html>login</html>", "expected value at line 1");
        check(r#"{"items":[{"sku":"a","quantity":1}]}"#, "invalid type: sequence");
        check(r#"{"inventory":{"a":1}}"#, "no member of it, but `inventory`");
        check(r#"{"items":{"a":"1"}}"#, "invalid type: string");
    }

    #[test]
    fn unknown_users_and_further_members_are_right() {
        for body in ["{}", r#"{"user":"player-1001"}"#, r#"{"items":{},"more":1}"#] {
            assert_eq!(read(body.as_bytes()).unwrap().strange, None, "{body}");
        }
    }
}

//! Values that the suite chooses anew for every run: ids, ports, seeds; and what it measures.
//!
//! Two runs that find the same differ in them, so they are left out before texts are compared.

/// Digits from which a number is an id or a digest, and no status or count.
const ID_DIGITS_MIN: usize = 5;

/// The placeholder of a value.
const PLACE: &str = "#";

/// Names of this machine, after which a number is a port.
const LOOPBACK: [&str; 4] = ["127.0.0.1:", "localhost:", "[::1]:", "0.0.0.0:"];

/// A unit after which a number is a measured time.
const MILLISECONDS: &str = " ms";

/// A text without ids, digests, ports of this machine and measured times.
pub fn without_run_values(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|char: char| char.is_ascii_alphanumeric()) {
        let word = &rest[start..];
        let end = word.find(|char: char| !char.is_ascii_alphanumeric()).unwrap_or(word.len());
        out.push_str(&rest[..start]);
        let (word, after) = word.split_at(end);
        out.push_str(if differs(word, &out, after) { PLACE } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Returns true if a word between two texts differs from run to run.
fn differs(word: &str, before: &str, after: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits == word.len();
    let is_port = || LOOPBACK.iter().any(|host| before.ends_with(host));
    // The numbers of the host itself are kept, and a time in milliseconds stands before its unit.
    let is_time = || after.strip_prefix(MILLISECONDS).is_some_and(|rest| !begins_a_word(rest));
    digits >= ID_DIGITS_MIN || (is_number && (is_port() || is_time()))
}

fn begins_a_word(text: &str) -> bool {
    text.starts_with(|char: char| char.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ports_and_times_differ_from_run_to_run() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(without_run_values(text), expected);
        }
        check("409 for order 7000000001, status 409", "409 for order #, status 409");
        check("refused by 127.0.0.1:8080, 127.0.0.1:61234", "refused by 127.0.0.1:#, 127.0.0.1:#");
        check("http://localhost:99/a [::1]:7", "http://localhost:#/a [::1]:#");
        check("answered after 203 ms, 3 msgs, 204", "answered after # ms, 3 msgs, 204");
        check("item hookproof_7000000001: 2", "item hookproof_#: 2");
        check("Zoë 12", "Zoë 12");
    }
}

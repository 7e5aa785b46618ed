//! A request as a `curl` command that anybody can paste into a shell.

use url::Url;

use crate::wire::{Framing, Request};

/// The command that sends this request and shows the answer with its headers.
pub(crate) fn curl(target: &Url, request: &Request) -> String {
    let mut command =
        format!("curl -sS -i -X {} {}", request.method, quoted(target.as_str().as_bytes()));
    for (name, value) in &request.headers {
        // An empty value is written with a semicolon, or curl leaves the header out.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        command.push_str(" -H ");
        command.push_str(&quoted(header.as_bytes()));
    }
    if matches!(request.framing, Framing::Chunked(_)) {
        command.push_str(" -H 'Transfer-Encoding: chunked'");
    }
    if request.method == "POST" || !request.body.is_empty() {
        command.push_str(" --data-binary ");
        command.push_str(&quoted(&request.body));
    }
    if matches!(request.framing, Framing::Cut(_)) {
        command.push_str("  # but cut into several segments, which curl cannot do");
    }
    command
}

/// The bytes as one word of a shell: in plain quotes where they are printable, else as escapes.
fn quoted(bytes: &[u8]) -> String {
    let printable = bytes.iter().all(|byte| matches!(byte, b' '..=b'~') && *byte != b'\'');
    if printable {
        return format!("'{}'", String::from_utf8_lossy(bytes));
    }
    let mut word = String::from("$'");
    for byte in bytes {
        match byte {
            b'\n' => word.push_str("\\n"),
            b'\r' => word.push_str("\\r"),
            b'\'' => word.push_str("\\'"),
            b'\\' => word.push_str("\\\\"),
            b' '..=b'~' => word.push(char::from(*byte)),
            _ => word.extend(["\\x".to_owned(), format!("{byte:02x}")]),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(quoted(bytes), expected);
    }

    #[test]
    fn quotes_for_a_shell() {
        check(b"{\"a\":1}", "'{\"a\":1}'");
        check(b"it's", "$'it\\'s'");
        check("Zoë\r\n\\".as_bytes(), "$'Zo\\xc3\\xab\\r\\n\\\\'");
        check(b"\0", "$'\\x00'");
    }

    #[test]
    fn a_whole_command() {
        let request = Request::webhook(b"{}".to_vec(), Some(""));
        let target = Url::parse("http://127.0.0.1:8080/webhook").unwrap();
        assert_eq!(
            curl(&target, &request),
            "curl -sS -i -X POST 'http://127.0.0.1:8080/webhook' -H 'Accept: application/json' \
             -H 'Content-Type: application/json' -H 'Authorization;' --data-binary '{}'"
        );
    }
}

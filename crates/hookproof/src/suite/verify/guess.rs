//! How a signature that does not match was made: other constructions, other bytes, other secrets.
//!
//! Every attempt is a known mistake; the first that gives the same digits is the answer.

use hookproof_conformance::constructions::{self, HEADER};
use hookproof_contract::{
    Secret,
    serialise::{Form, write},
    signature::{DIGITS, SCHEME, sign},
};

/// What explains the digits of this header, in a sentence; `None` where no known mistake does.
pub(super) fn how_made(body: &[u8], header: &str, secret: &Secret) -> Option<String> {
    if header.is_empty() {
        return Some("no signature was given".to_owned());
    }
    let given = digits(header);
    form(body, header, &given, secret)
        .or_else(|| repaired_secret(body, &given, secret))
        .or_else(|| other_bytes(body, &given, secret))
        .or_else(|| mistake(body, &given, secret))
        .or_else(|| length(&given))
}

/// The last word of the header, in lower case.
fn digits(header: &str) -> String {
    let word = header.rsplit([' ', '=', ':']).next().unwrap_or_default();
    word.trim_matches('"').to_ascii_lowercase()
}

/// The right digits in another form.
fn form(body: &[u8], header: &str, given: &str, secret: &Secret) -> Option<String> {
    let right = sign(body, secret);
    let lower = header.to_ascii_lowercase();
    if given == right {
        return Some(format!(
            "the digits are right, their form is not: the header reads `{SCHEME}`, one blank, and \
             {DIGITS} lower-case digits (SIG-12)"
        ));
    }
    if lower.contains(&right) {
        return Some("the right digits stand inside a longer value (SIG-05)".to_owned());
    }
    let cut = given.len() >= DIGITS / 4 && right.starts_with(given);
    cut.then(|| format!("the first {} of the {DIGITS} right digits (SIG-05)", given.len()))
}

/// A mistake that listeners and senders are known to make.
fn mistake(body: &[u8], given: &str, secret: &Secret) -> Option<String> {
    let mut attempts = constructions::attempts(body, secret).into_iter();
    let made = attempts.find(|made| made.name == HEADER && digits(&made.value) == given)?;
    Some(format!(
        "this is {}, which is not the contract's construction (SIG-09; `hookproof explain {}`)",
        made.title, made.cause
    ))
}

/// The signature under the secret without what does not belong to it.
fn repaired_secret(body: &[u8], given: &str, secret: &Secret) -> Option<String> {
    let key = secret.expose();
    let unquoted = key.trim().trim_matches(['"', '\'']);
    let repaired = [
        (key.trim(), "without the blanks around it"),
        (unquoted, "without the quotes around it"),
        (key.trim_start_matches('\u{feff}'), "without its byte order mark"),
    ];
    repaired.into_iter().filter(|(other, _)| *other != key).find_map(|(other, how)| {
        let made = sign(body, &Secret::new(other).ok()?) == given;
        made.then(|| {
            format!("this is the signature under the secret that was given, {how} (SIG-15)")
        })
    })
}

/// The right construction over other bytes.
fn other_bytes(body: &[u8], given: &str, secret: &Secret) -> Option<String> {
    let is = |bytes: &[u8]| sign(bytes, secret) == given;
    let found = |what: &str| Some(format!("this is the signature of the body {what} (SIG-01)"));
    let trimmed = body.trim_ascii_end();
    if trimmed.len() < body.len() && is(trimmed) {
        return found("without the blanks or line breaks at its end, which editors add");
    }
    if is(&[body, b"\n"].concat()) {
        return found("with a line break at its end, which was cut off since");
    }
    if let Some(rest) = body.strip_prefix(b"\xef\xbb\xbf")
        && is(rest)
    {
        return found("without its byte order mark");
    }
    let text = String::from_utf8_lossy(body);
    if is(text.replace("\r\n", "\n").as_bytes()) {
        return found("with LF for each CR LF");
    }
    if is(text.replace("\r\n", "\n").replace('\n', "\r\n").as_bytes()) {
        return found("with CR LF for each LF");
    }
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let form = Form::ALL.into_iter().find(|form| is(&write(&value, *form)))?;
    Some(format!(
        "this is the signature of the same JSON written with {}: it was parsed and written anew, and \
         the bytes that were sent are lost (SIG-01; `hookproof explain body-reserialized`)",
        form.describe()
    ))
}

/// What the number of digits tells.
fn length(given: &str) -> Option<String> {
    let hex = given.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = match given.len() {
        _ if !hex => return Some("the value is no hexadecimal number".to_owned()),
        32 => "MD5 has",
        56 => "SHA-224 has",
        64 => "SHA-256 has",
        96 => "SHA-384 has",
        128 => "SHA-512 has",
        DIGITS => return None,
        _ => return Some(format!("{} digits; SHA-1 has {DIGITS}", given.len())),
    };
    Some(format!("{} digits, as {name}; SHA-1 has {DIGITS}", given.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = b"{\"a\": 1}\n";

    #[track_caller]
    fn check(header: &str, word: &str) {
        let secret = Secret::new("example-project-secret").unwrap();
        let found = how_made(BODY, header, &secret).unwrap_or_default();
        assert!(found.contains(word), "`{word}` is missing: {found}");
    }

    #[test]
    fn known_mistakes_are_recognised() {
        let secret = Secret::new("example-project-secret").unwrap();
        let right = sign(BODY, &secret);
        check(&format!("Signature {}", right.to_uppercase()), "form is not");
        check(&format!("Signature  {right}"), "form is not");
        check(&format!("Bearer {right}"), "form is not");
        check(&format!("Signature {right}00"), "inside a longer value");
        check(&format!("Signature {}", &right[..20]), "the first 20");
        for made in constructions::ALL {
            check(&(made.make)(BODY, &secret), made.cause);
        }
        let of = |body: &[u8]| format!("Signature {}", sign(body, &secret));
        check(&of(b"{\"a\": 1}"), "which editors add");
        check(&of(b"{\"a\": 1}\n\n"), "cut off since");
        check(&of(b"{\"a\": 1}\r\n"), "CR LF for each LF");
        check(&of(b"{\"a\":1}"), "written with no blanks");
        let upper = Secret::new("EXAMPLE-PROJECT-SECRET").unwrap();
        check(&format!("Signature {}", sign(BODY, &upper)), "in capitals");
        let base64 = b"eyJhIjogMX0K";
        check(&of(base64), "body-hashed-as-base64");
        check(&of(b"[object Object]"), "body-hashed-as-object");
        let quoted = Secret::new("\"example-project-secret\"").unwrap();
        check(&format!("Signature {}", sign(BODY, &quoted)), "secret-in-quotes");
        let found = how_made(BODY, &format!("Signature {right}"), &quoted).unwrap();
        assert!(found.contains("without the quotes around it"), "{found}");
        check("Signature abc", "3 digits");
        check(&format!("Signature {}", "0".repeat(64)), "as SHA-256 has");
        check("Signature zz", "no hexadecimal number");
        assert_eq!(how_made(BODY, &of(b"other"), &secret), None);
    }
}

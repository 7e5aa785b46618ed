//! `hookproof verify`: is the signature the body's, and if not, how was it made?

mod guess;

use std::slice;

use hookproof_conformance::report::human::wrapped;
use hookproof_contract::{
    Secret,
    signature::{VerifyError, authorization, sign as digits, verify as compare},
};

use crate::{
    environment::Environment,
    exit::Exit,
    failure::Failure,
    suite::{bodies, cli::VerifyArgs, secret},
    terminal,
};

/// Bytes of the body that are shown. What is hashed is all of them.
const SHOWN_BYTES_MAX: usize = 16 * 1024;

/// What is said where no known mistake explains a signature.
const NO_GUESS: &str = "neither another construction nor a changed body explains it: the secret is \
                        another, or the signature is of another body";

/// Columns of the labels.
const LABEL: usize = 10;

/// Says whether the signature is the body's; 1 where it is not.
pub(crate) fn run(args: &VerifyArgs, environment: &Environment) -> Result<Exit, Failure> {
    let secret = secret::of(&args.secret, environment)?;
    let body = bodies::read(&args.body)?;
    let header = bodies::header_value(&args.signature);
    let result = verdict(&body, &header, &secret);
    let mut rows = Vec::new();
    if args.explain {
        rows.extend(explanation(&body, &secret, &header));
        if result.is_err() {
            let guess = guess::how_made(&body, &header, &secret);
            let guess = guess.unwrap_or_else(|| NO_GUESS.to_owned());
            rows.push(row("likely", &wrapped(&guess, LABEL)));
        }
    }
    rows.push(match &result {
        Ok(()) => "valid\n".to_owned(),
        Err(error) => format!("invalid: {error}\n"),
    });
    terminal::print(&rows.concat())?;
    Ok(if result.is_ok() { Exit::Conformant } else { Exit::Nonconformant })
}

/// Whether a header's value is the signature of a body. An empty value is none at all.
pub(crate) fn verdict(body: &[u8], header: &str, secret: &Secret) -> Result<(), VerifyError> {
    let header = (!header.is_empty()).then_some(header.as_bytes());
    compare(body, header, slice::from_ref(secret))
}

/// What is hashed, without the secret itself.
fn explanation(body: &[u8], secret: &Secret, header: &str) -> [String; 5] {
    let shown = &body[..body.len().min(SHOWN_BYTES_MAX)];
    let more = match body.len() - shown.len() {
        0 => String::new(),
        more => format!("… and {more} bytes more"),
    };
    let lengths = format!(
        "{} bytes: the body's {}, then the secret's {}, with nothing between",
        body.len() + secret.expose().len(),
        body.len(),
        secret.expose().len()
    );
    [
        row("hashed", &lengths),
        row("body", &(escaped(shown) + &more)),
        row("digest", &format!("{} (SHA-1)", digits(body, secret))),
        row("expected", &authorization(body, secret)),
        row("given", &header.escape_debug().to_string()),
    ]
}

fn row(label: &str, value: &str) -> String {
    format!("{label:LABEL$}{value}\n")
}

/// Bytes as text: what is not printable ASCII is an escape.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'"' | b'\'' => text.push(char::from(*byte)),
            _ => text.extend(std::ascii::escape_default(*byte).map(char::from)),
        }
    }
    text
}

//! `hookproof sign` and `hookproof verify`.

use std::{
    fs::File,
    io::{Read, stdin},
    path::Path,
};

use anyhow::{Context, bail};
use hookproof_conformance::Exit;
use hookproof_contract::{
    Secret,
    signature::{SCHEME, authorization, sign as digits, verify as compare},
};

use crate::{
    cli::{SecretArgs, SignArgs, VerifyArgs},
    environment::Environment,
    failure::Failure,
    secrets, terminal,
};

/// Bytes of a body. Webhooks have a few thousand.
const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Prints the header that Xsolla would send with this body.
pub(crate) fn sign(args: &SignArgs, environment: &Environment) -> Result<Exit, Failure> {
    let (body, secret) = read(&args.body, &args.secret, environment)?;
    terminal::print(&format!("Authorization: {}\n", authorization(&body, &secret)))?;
    Ok(Exit::Conformant)
}

/// Says whether the signature is the body's; 1 where it is not.
pub(crate) fn verify(args: &VerifyArgs, environment: &Environment) -> Result<Exit, Failure> {
    let (body, secret) = read(&args.body, &args.secret, environment)?;
    let given = args.signature.trim();
    let given = given.strip_prefix("Authorization:").unwrap_or(given).trim_start();
    let bare = !given.is_empty() && given.bytes().all(|byte| byte.is_ascii_hexdigit());
    let header = if bare { format!("{SCHEME} {given}") } else { given.to_owned() };
    let result = compare(&body, Some(header.as_bytes()), std::slice::from_ref(&secret));
    let verdict = match &result {
        Ok(()) => "valid\n".to_owned(),
        Err(error) => format!("invalid: {error}\n"),
    };
    let text = if args.explain { explanation(&body, &secret, &header) + &verdict } else { verdict };
    terminal::print(&text)?;
    Ok(if result.is_ok() { Exit::Conformant } else { Exit::Nonconformant })
}

/// What is hashed, without the secret itself.
fn explanation(body: &[u8], secret: &Secret, header: &str) -> String {
    format!(
        "hashed    the body's {} bytes, then the secret's {} bytes\n\
         body      {}\n\
         digest    SHA-1, {}\n\
         expected  {}\n\
         given     {header}\n",
        body.len(),
        secret.expose().len(),
        body.escape_ascii(),
        digits(body, secret),
        authorization(body, secret),
    )
}

fn read(
    body: &Path,
    args: &SecretArgs,
    environment: &Environment,
) -> Result<(Vec<u8>, Secret), Failure> {
    let secret = secrets::one(args.secret.as_deref(), args.secret_file.as_deref(), environment)?;
    let bytes = body_of(body)
        .with_context(|| format!("cannot read the body `{}`", body.display()))
        .map_err(Failure::usage)?;
    Ok((bytes, secret))
}

fn body_of(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        stdin().lock().take(BODY_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(BODY_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() as u64 > BODY_BYTES_MAX {
        bail!("it has more than {BODY_BYTES_MAX} bytes");
    }
    Ok(bytes)
}

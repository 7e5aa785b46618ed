//! `hookproof sign`: the header that Xsolla would send with a body.

use hookproof_conformance::Exit;
use hookproof_contract::signature::authorization;

use crate::{bodies, cli::SignArgs, environment::Environment, failure::Failure, secrets, terminal};

/// Prints the header.
pub(crate) fn run(args: &SignArgs, environment: &Environment) -> Result<Exit, Failure> {
    let secret = secrets::of(&args.secret, environment)?;
    let body = bodies::read(&args.body)?;
    terminal::print(&format!("Authorization: {}\n", authorization(&body, &secret)))?;
    Ok(Exit::Conformant)
}

//! `hookproof sign`: the header that Xsolla would send with a body.

use hookproof_contract::signature::authorization;

use crate::{
    environment::Environment,
    exit::Exit,
    failure::Failure,
    suite::{bodies, cli::SignArgs, secret},
    terminal,
};

/// Prints the header.
pub(crate) fn run(args: &SignArgs, environment: &Environment) -> Result<Exit, Failure> {
    let secret = secret::of(&args.secret, environment)?;
    let body = bodies::read(&args.body)?;
    terminal::print(&format!("Authorization: {}\n", authorization(&body, &secret)))?;
    Ok(Exit::Conformant)
}

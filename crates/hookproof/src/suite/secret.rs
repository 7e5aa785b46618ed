//! The one secret that a command of the suite takes.

use std::path::Path;

use hookproof_contract::Secret;

use crate::{environment::Environment, failure::Failure, secrets, suite::cli::SecretArgs};

/// The one secret of a command: the flag's, else the file's, else the environment's.
pub(crate) fn one(
    flag: Option<&str>,
    file: Option<&Path>,
    environment: &Environment,
) -> Result<Secret, Failure> {
    let flags: Vec<String> = flag.map(str::to_owned).into_iter().collect();
    let files: Vec<&Path> = file.into_iter().collect();
    let mut secrets = secrets::several(&flags, &files, environment)?;
    Ok(secrets.swap_remove(0))
}

/// The secret of a command that looks at one body.
pub(crate) fn of(args: &SecretArgs, environment: &Environment) -> Result<Secret, Failure> {
    one(args.secret.as_deref(), args.secret_file.as_deref(), environment)
}

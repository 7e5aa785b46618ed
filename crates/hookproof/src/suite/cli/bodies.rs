//! The arguments of the commands that look at one body: `sign`, `verify`, `validate`.

use std::path::PathBuf;

use clap::Args;
use hookproof_contract::Mode;

use super::memory::SettingsArgs;
use crate::cli::ListFormat;
use crate::suite::products::{self, Kind};

#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// The body: a file, or `-` for stdin.
    #[arg(value_name = "FILE")]
    pub(crate) body: PathBuf,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The body: a file, or `-` for stdin.
    #[arg(value_name = "FILE")]
    pub(crate) body: PathBuf,
    /// The header `Authorization` as it came: `Signature 0123…`. Bare digits will do.
    #[arg(long, value_name = "VALUE")]
    pub(crate) signature: String,
    /// Print what was hashed (bytes, lengths, digest, header) and, where it does not match, how
    /// else the signature may have been made.
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// The body: a file, or `-` for stdin.
    #[arg(value_name = "FILE")]
    pub(crate) body: PathBuf,
    /// The notification type that it must have. The body's own `notification_type` where not given.
    #[arg(long = "type", value_name = "TYPE", value_parser = products::parse_kind)]
    pub(crate) kind: Option<Kind>,
    /// The delivery mode in which it must be right. Told by the member `billing` where not given.
    #[arg(long, value_name = "MODE", value_parser = products::parse_mode)]
    pub(crate) mode: Option<Mode>,
    /// Check this value of the header `Authorization` as well.
    #[arg(long, value_name = "VALUE")]
    pub(crate) signature: Option<String>,
    /// What stands on stdout.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ListFormat,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
}

/// The project's secret key for signing and verifying.
#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// The project's secret key. Other users of this machine can see it: prefer the file or the
    /// environment variable `XSOLLA_WEBHOOK_SECRET_KEY`.
    #[arg(long, value_name = "KEY", conflicts_with = "secret_file")]
    pub(crate) secret: Option<String>,
    /// A file that holds the project's secret key. That of the project's settings where none is given.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

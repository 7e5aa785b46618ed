//! Trust in TLS certificates: `--ca-file` and `--insecure`.

use std::path::Path;

use anyhow::{Context, anyhow};
use hookproof_conformance::wire::Trust;
use url::Url;

use crate::{
    failure::Failure,
    files,
    suite::{cli::CheckArgs, targets},
};

/// Bytes of a file of certificates that are read. A bundle of all public authorities has 250 kB.
const CA_FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// The certificates that the command line trusts, for these URLs and the flags that name them.
pub(crate) fn of(args: &CheckArgs, urls: &[(&'static str, Url)]) -> Result<Trust, Failure> {
    if args.insecure {
        return anybody(urls);
    }
    args.ca_file.as_deref().map_or_else(|| Ok(Trust::public()), listed)
}

fn anybody(urls: &[(&'static str, Url)]) -> Result<Trust, Failure> {
    if let Some((flag, url)) = urls.iter().find(|(_, url)| !targets::is_local(url)) {
        let host = url.host_str().unwrap_or_default();
        let error = anyhow!("--insecure: {flag} leads to `{host}`, which is not on this machine");
        return Err(Failure::usage(error).hint(
            "give the certificate of the authority that signed the listener's with --ca-file FILE",
        ));
    }
    Ok(Trust::anybody())
}

fn listed(path: &Path) -> Result<Trust, Failure> {
    let read = files::read(path, CA_FILE_BYTES_MAX).and_then(|pem| {
        let trust = Trust::with_certificates(pem.as_bytes());
        trust.with_context(|| format!("cannot use `{}`", path.display()))
    });
    read.map_err(|error| {
        Failure::usage(error.context("--ca-file"))
            .hint("name a file with certificates in PEM form: `-----BEGIN CERTIFICATE-----`")
    })
}

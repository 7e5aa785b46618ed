//! Ways of making a signature that are not the contract's, and that listeners are known to use.
//!
//! A check asks whether the target believes one of them. Where it refuses the contract's own, they tell
//! what it is waiting for instead.

use hmac::{Hmac, KeyInit, Mac};
use hookproof_contract::{Secret, signature::SCHEME};
use md5::Md5;
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// A way of making the value of the header `Authorization`.
#[derive(Clone, Copy)]
pub struct Construction {
    /// The diagnosis that goes with it.
    pub cause: &'static str,
    /// What it is, to follow "a signature made as ".
    pub title: &'static str,
    /// Makes the header's value.
    pub make: fn(&[u8], &Secret) -> String,
}

impl std::fmt::Debug for Construction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.cause)
    }
}

/// All of them, the most usual first.
pub const ALL: &[Construction] = &[
    Construction {
        cause: "wrong-construction-hmac",
        title: "HMAC-SHA1 of the body under the secret",
        make: |body, secret| {
            header(
                Hmac::<Sha1>::new_from_slice(secret.expose().as_bytes())
                    .map(|mac| mac.chain_update(body).finalize().into_bytes().to_vec()),
            )
        },
    },
    Construction {
        cause: "wrong-construction-prefix-secret",
        title: "SHA-1 of the secret followed by the body",
        make: |body, secret| {
            plain(&Sha1::new().chain_update(secret.expose()).chain_update(body).finalize())
        },
    },
    Construction {
        cause: "wrong-construction-hmac-sha256",
        title: "HMAC-SHA256 of the body under the secret",
        make: |body, secret| {
            header(
                Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
                    .map(|mac| mac.chain_update(body).finalize().into_bytes().to_vec()),
            )
        },
    },
    Construction {
        cause: "wrong-construction-sha256",
        title: "SHA-256 of the body followed by the secret",
        make: |body, secret| {
            plain(&Sha256::new().chain_update(body).chain_update(secret.expose()).finalize())
        },
    },
    Construction {
        cause: "wrong-construction-md5",
        title: "MD5 of the body followed by the secret",
        make: |body, secret| {
            plain(&Md5::new().chain_update(body).chain_update(secret.expose()).finalize())
        },
    },
    Construction {
        cause: "empty-secret",
        title: "SHA-1 of the body alone, as if the secret were empty",
        make: |body, _secret| plain(&Sha1::digest(body)),
    },
    Construction {
        cause: "secret-as-undefined",
        title: "SHA-1 of the body followed by the word `undefined`",
        make: |body, _secret| {
            plain(&Sha1::new().chain_update(body).chain_update("undefined").finalize())
        },
    },
    Construction {
        cause: "secret-as-none",
        title: "SHA-1 of the body followed by the word `None`",
        make: |body, _secret| {
            plain(&Sha1::new().chain_update(body).chain_update("None").finalize())
        },
    },
    Construction {
        cause: "secret-as-null",
        title: "SHA-1 of the body followed by the word `null`",
        make: |body, _secret| {
            plain(&Sha1::new().chain_update(body).chain_update("null").finalize())
        },
    },
    Construction {
        cause: "secret-with-newline",
        title: "SHA-1 of the body, the secret and a line end",
        make: |body, secret| {
            plain(
                &Sha1::new()
                    .chain_update(body)
                    .chain_update(secret.expose())
                    .chain_update("\n")
                    .finalize(),
            )
        },
    },
    Construction {
        cause: "signature-of-the-empty-body",
        title: "SHA-1 of the secret alone, as if the body were empty",
        make: |_body, secret| plain(&Sha1::digest(secret.expose())),
    },
];

/// Headers in which listeners are known to look for the signature.
pub const OTHER_HEADERS: &[&str] = &[
    "Signature",
    "X-Signature",
    "X-Xsolla-Signature",
    "Xsolla-Signature",
    "X-Hub-Signature",
    "X-Webhook-Signature",
];

fn plain(digest: &[u8]) -> String {
    format!("{SCHEME} {}", hex::encode(digest))
}

fn header<E>(digest: Result<Vec<u8>, E>) -> String {
    // HMAC takes keys of any length.
    plain(&digest.unwrap_or_default())
}

//! Ways of making a signature that are not the contract's, and that listeners are known to use.
//!
//! One list serves three: the check that no other construction is believed, the search for what a target
//! believes that refuses the contract's own, and `hookproof verify --explain`.

pub(crate) mod bodies;
mod secrets;

use std::borrow::Cow;

use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::{Hmac, KeyInit, Mac};
use hookproof_contract::{
    Secret,
    signature::{SCHEME, authorization},
};
use md5::Md5;
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha512};

use self::bodies::{CHANGES, REPLACEMENTS};

/// A way of making the value of the header `Authorization`.
#[derive(Clone, Copy)]
pub struct Construction {
    /// The diagnosis that goes with it.
    pub cause: &'static str,
    /// Description, to follow "a signature made as ".
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
    Construction {
        cause: "wrong-construction-sha512",
        title: "SHA-512 of the body followed by the secret",
        make: |body, secret| {
            plain(&Sha512::new().chain_update(body).chain_update(secret.expose()).finalize())
        },
    },
    Construction {
        cause: "wrong-construction-hmac-swapped",
        title: "HMAC-SHA1 of the secret under the body",
        make: |body, secret| {
            header(
                Hmac::<Sha1>::new_from_slice(body)
                    .map(|mac| mac.chain_update(secret.expose()).finalize().into_bytes().to_vec()),
            )
        },
    },
    separator("SHA-1 of the body, a colon and the secret", |body, secret| {
        separated(body, ":", secret)
    }),
    separator("SHA-1 of the body, a dot and the secret", |body, secret| {
        separated(body, ".", secret)
    }),
    separator("SHA-1 of the body, a bar and the secret", |body, secret| {
        separated(body, "|", secret)
    }),
    separator("SHA-1 of the body, a comma and the secret", |body, secret| {
        separated(body, ",", secret)
    }),
    separator("SHA-1 of the body, a blank and the secret", |body, secret| {
        separated(body, " ", secret)
    }),
    separator("SHA-1 of the body, an ampersand and the secret", |body, secret| {
        separated(body, "&", secret)
    }),
    separator("SHA-1 of the body, a plus sign and the secret", |body, secret| {
        separated(body, "+", secret)
    }),
    separator("SHA-1 of the body, a NUL and the secret", |body, secret| {
        separated(body, "\0", secret)
    }),
];

/// Something stands between the body and the secret.
const fn separator(title: &'static str, make: fn(&[u8], &Secret) -> String) -> Construction {
    Construction { cause: "separator-before-secret", title, make }
}

/// Headers in which listeners are known to look for the signature.
pub const OTHER_HEADERS: &[&str] = &[
    "Signature",
    "X-Signature",
    "X-Xsolla-Signature",
    "Xsolla-Signature",
    "X-Hub-Signature",
    "X-Webhook-Signature",
];

/// A header that a listener with a known mistake takes for the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The diagnosis that goes with it.
    pub cause: &'static str,
    /// Description, to follow "believes ".
    pub title: Cow<'static, str>,
    /// The header's name.
    pub name: &'static str,
    /// The header's value.
    pub value: String,
}

/// The header in which the contract has the signature.
pub const HEADER: &str = "Authorization";

/// Returns the headers that listeners with known mistakes accept for this body, the most usual first,
/// without the right one.
pub fn attempts(body: &[u8], secret: &Secret) -> Vec<Attempt> {
    let right = authorization(body, secret);
    let mut found = Vec::new();
    let mut add = |cause, title: Cow<'static, str>, name, value: String| {
        if name != HEADER || value != right {
            found.push(Attempt { cause, title, name, value });
        }
    };
    for name in OTHER_HEADERS {
        let title = format!("the signature in the header `{name}`");
        for value in [right.clone(), right.replace("Signature ", "")] {
            add("signature-in-another-header", title.clone().into(), *name, value);
        }
    }
    for construction in ALL {
        let value = (construction.make)(body, secret);
        add(construction.cause, construction.title.into(), HEADER, value);
    }
    let key = secret.expose().as_bytes();
    let digest = Sha1::new().chain_update(body).chain_update(key).finalize();
    let upper = format!("{SCHEME} {}", hex::encode_upper(digest));
    add("digest-upper-case", "a signature in capital digits".into(), HEADER, upper);
    add("scheme-missing", "the digits of the signature alone".into(), HEADER, hex::encode(digest));
    let base64 = format!("{SCHEME} {}", BASE64_STANDARD.encode(digest));
    add("digest-base64", "a signature in base64".into(), HEADER, base64);
    let base64 = format!("{SCHEME} {}", BASE64_STANDARD.encode(hex::encode(digest)));
    add("digest-base64", "the digits of the signature in base64".into(), HEADER, base64);
    for change in secrets::changes(secret.expose()) {
        let title = format!("the signature under {}", change.title);
        add(change.cause, title.into(), HEADER, over(body, &change.bytes));
    }
    for change in CHANGES.iter().chain(REPLACEMENTS) {
        let value = over(&(change.make)(body), key);
        add(change.cause, change.title.into(), HEADER, value);
    }
    found
}

/// The contract's construction over these bytes under this secret.
fn over(body: &[u8], secret: &[u8]) -> String {
    plain(&Sha1::new().chain_update(body).chain_update(secret).finalize())
}

/// The contract's construction with something between body and secret.
fn separated(body: &[u8], separator: &str, secret: &Secret) -> String {
    let hashed = Sha1::new().chain_update(body).chain_update(separator);
    plain(&hashed.chain_update(secret.expose()).finalize())
}

fn plain(digest: &[u8]) -> String {
    format!("{SCHEME} {}", hex::encode(digest))
}

fn header<E>(digest: Result<Vec<u8>, E>) -> String {
    // HMAC takes keys of any length.
    plain(&digest.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diagnosis::causes;

    #[test]
    fn every_attempt_has_a_cause_and_none_is_right() {
        let secret = Secret::new("ab$cd-1 #e").unwrap();
        let body = b"{\"user\": \"\xc3\xa9\"}";
        let slugs: BTreeSet<&str> = causes().iter().map(|cause| cause.slug.as_str()).collect();
        let right = authorization(body, &secret);
        for attempt in attempts(body, &secret) {
            assert!(slugs.contains(attempt.cause), "no cause `{}`", attempt.cause);
            assert!(attempt.name != HEADER || attempt.value != right, "{}", attempt.title);
        }
    }
}

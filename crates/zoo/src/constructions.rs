//! Signatures made in other ways than the contract's, as wrong listeners make them.

use hookproof_contract::signature;
use sha1::{Digest, Sha1};

use crate::{SECRET, right};

/// Bytes that SHA-1 works on at once, to which HMAC pads its key.
const BLOCK_BYTES: usize = 64;

/// The contract's own, for comparison.
pub(crate) fn right(body: &[u8]) -> String {
    signature::sign(body, &right::secret())
}

/// HMAC-SHA-1 with the secret as its key.
pub(crate) fn hmac(body: &[u8]) -> String {
    let pad = |with: u8| {
        let mut key = [with; BLOCK_BYTES];
        for (byte, own) in key.iter_mut().zip(SECRET.bytes()) {
            *byte ^= own;
        }
        key
    };
    let inner = Sha1::new().chain_update(pad(0x36)).chain_update(body).finalize();
    hex::encode(Sha1::new().chain_update(pad(0x5c)).chain_update(inner).finalize())
}

/// The secret in front of the body.
pub(crate) fn secret_first(body: &[u8]) -> String {
    hex::encode(Sha1::new().chain_update(SECRET).chain_update(body).finalize())
}

/// No secret at all, as where the setting was never filled in.
pub(crate) fn without_secret(body: &[u8]) -> String {
    hex::encode(Sha1::digest(body))
}

/// Each byte printed without its leading zero.
pub(crate) fn without_leading_zeros(body: &[u8]) -> String {
    let digest = Sha1::new().chain_update(body).chain_update(SECRET).finalize();
    let mut digits = String::new();
    for byte in digest {
        let pair = hex::encode([byte]);
        digits.push_str(if byte < 0x10 { &pair[1..] } else { &pair });
    }
    digits
}

/// The contract's construction over what stands in the place of the body.
pub(crate) fn over(text: &[u8]) -> String {
    hex::encode(Sha1::new().chain_update(text).chain_update(SECRET).finalize())
}

/// A colon between body and secret.
pub(crate) fn with_colon(body: &[u8]) -> String {
    over(&[body, b":"].concat())
}

/// The body parsed and printed again; what does not parse stays as it is.
pub(crate) fn reprinted(body: &[u8]) -> Vec<u8> {
    let parsed = serde_json::from_slice::<serde_json::Value>(body);
    parsed.map_or_else(|_| body.to_vec(), |json| json.to_string().into_bytes())
}

/// The body read as Latin-1 and written as UTF-8.
pub(crate) fn through_latin_1(body: &[u8]) -> Vec<u8> {
    body.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_agrees_with_openssl() {
        // Printed by `openssl dgst -sha1 -hmac example-project-secret` over the same bytes.
        assert_eq!(hmac(b"{}"), "17e897340b4fb42c92ce8c1b7c48e3750b2c2b95");
    }

    #[test]
    fn no_two_constructions_agree() {
        let makers = [right, hmac, secret_first, without_secret];
        let made: std::collections::BTreeSet<String> =
            makers.iter().map(|make| make(b"{}")).collect();
        assert_eq!(made.len(), makers.len());
    }
}

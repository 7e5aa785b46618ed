//! Signing and verifying a webhook body (clauses `SIG-*`).
//!
//! The signature covers the body *as bytes on the wire*. Parsing the JSON and serialising it again
//! moves a space or a digit and breaks the match, so [`verify`] takes bytes, and callers must verify
//! before they parse.

use std::fmt;

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// The scheme that stands before the digits in the header `Authorization`.
pub const SCHEME: &str = "Signature";

/// Hexadecimal digits of a signature.
pub const DIGITS: usize = 40;

/// The project's secret key: the shared secret behind every signature.
///
/// It is printed by nothing here: its `Debug` form is masked.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A secret of no characters would sign for anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret key is empty")]
pub struct EmptySecret;

impl Secret {
    /// Takes the key as it stands in the Publisher Account, byte for byte.
    pub fn new(key: impl Into<String>) -> Result<Self, EmptySecret> {
        let key = key.into();
        if key.is_empty() { Err(EmptySecret) } else { Ok(Self(key)) }
    }

    /// The key itself, for constructions other than the contract's.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The signature of a body: 40 lower-case hexadecimal digits of SHA-1(body, secret).
pub fn sign(body: &[u8], secret: &Secret) -> String {
    hex::encode(digest(body, secret))
}

/// The whole value of the header `Authorization` for a body.
pub fn authorization(body: &[u8], secret: &Secret) -> String {
    format!("{SCHEME} {}", sign(body, secret))
}

/// Why a signature was refused. All variants are answered with `INVALID_SIGNATURE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// There is no header `Authorization`.
    #[error("the Authorization header is missing")]
    Missing,
    /// The header does not begin with `Signature` and one blank.
    #[error("the Authorization header does not begin with `Signature `")]
    Scheme,
    /// What follows the scheme is not 40 lower-case hexadecimal digits.
    #[error("the signature is not {DIGITS} lower-case hexadecimal digits")]
    Form,
    /// The digits are not the signature of this body under any of the secrets.
    #[error("the signature does not match the body")]
    Mismatch,
}

/// Checks the value of the header `Authorization` against the body's bytes.
///
/// Only the form that Xsolla sends is accepted: the scheme `Signature`, one blank, 40 lower-case
/// digits. The comparison takes the same time wherever the first difference is, and tries every
/// secret, so that a key can be rotated.
pub fn verify(body: &[u8], header: Option<&[u8]>, secrets: &[Secret]) -> Result<(), VerifyError> {
    let header = header.ok_or(VerifyError::Missing)?;
    let claimed = header
        .strip_prefix(SCHEME.as_bytes())
        .and_then(|rest| rest.strip_prefix(b" "))
        .ok_or(VerifyError::Scheme)?;
    let lower_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let claimed = <&[u8; DIGITS]>::try_from(claimed).map_err(|_| VerifyError::Form)?;
    if !claimed.iter().all(lower_hex) {
        return Err(VerifyError::Form);
    }
    // Digits are compared and not what they mean: to read them costs more than to write ours.
    let matches = secrets
        .iter()
        .fold(subtle::Choice::from(0), |found, secret| found | digits(body, secret).ct_eq(claimed));
    if bool::from(matches) { Ok(()) } else { Err(VerifyError::Mismatch) }
}

/// The digits of SHA-1(body, secret).
fn digits(body: &[u8], secret: &Secret) -> [u8; DIGITS] {
    let mut digits = [0; DIGITS];
    hex::encode_to_slice(digest(body, secret), &mut digits).expect("a byte has two digits");
    digits
}

fn digest(body: &[u8], secret: &Secret) -> [u8; DIGITS / 2] {
    Sha1::new().chain_update(body).chain_update(secret.0.as_bytes()).finalize().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret() -> Secret {
        Secret::new("example-project-secret").unwrap()
    }

    #[track_caller]
    fn check(header: Option<&str>, expected: Result<(), VerifyError>) {
        let body = br#"{"notification_type":"user_validation","user":{"id":"player-1001","country":"US"}}"#;
        assert_eq!(verify(body, header.map(str::as_bytes), &[secret()]), expected);
    }

    #[test]
    fn verifies_the_published_form_only() {
        check(Some("Signature 5e8269df2aa91dbfac3d1b23177b9bf8722a85a8"), Ok(()));
        check(None, Err(VerifyError::Missing));
        check(Some(""), Err(VerifyError::Scheme));
        check(Some("Signature"), Err(VerifyError::Scheme));
        check(Some("Signature "), Err(VerifyError::Form));
        check(Some("Bearer 5e8269df2aa91dbfac3d1b23177b9bf8722a85a8"), Err(VerifyError::Scheme));
        check(Some("Signature 5E8269DF2AA91DBFAC3D1B23177B9BF8722A85A8"), Err(VerifyError::Form));
        check(Some("Signature 5e8269df2aa91dbfac3d1b23177b9bf8722a85a"), Err(VerifyError::Form));
        check(Some("Signature 5e8269df2aa91dbfac3d1b23177b9bf8722a85a80"), Err(VerifyError::Form));
        check(
            Some("Signature 5e8269df2aa91dbfac3d1b23177b9bf8722a85a9"),
            Err(VerifyError::Mismatch),
        );
    }

    #[test]
    fn any_of_several_secrets_will_do() {
        let (old, new) = (Secret::new("old").unwrap(), Secret::new("new").unwrap());
        let header = authorization(b"{}", &old);
        assert_eq!(verify(b"{}", Some(header.as_bytes()), &[new.clone(), old]), Ok(()));
        assert_eq!(verify(b"{}", Some(header.as_bytes()), &[new]), Err(VerifyError::Mismatch));
        assert_eq!(verify(b"{}", Some(header.as_bytes()), &[]), Err(VerifyError::Mismatch));
    }

    #[test]
    fn the_secret_is_not_printed() {
        assert_eq!(format!("{:?}", secret()), "Secret(…)");
        assert_eq!(Secret::new(""), Err(EmptySecret));
    }

    proptest! {
        #[test]
        fn what_is_signed_verifies_until_a_byte_changes(
            body in proptest::collection::vec(any::<u8>(), 1..200),
            place in any::<proptest::sample::Index>(),
            bit in 0..8_u8,
        ) {
            let header = authorization(&body, &secret());
            prop_assert_eq!(verify(&body, Some(header.as_bytes()), &[secret()]), Ok(()));
            let mut forged = body;
            let at = place.index(forged.len());
            forged[at] ^= 1 << bit;
            prop_assert_eq!(
                verify(&forged, Some(header.as_bytes()), &[secret()]),
                Err(VerifyError::Mismatch)
            );
        }
    }
}

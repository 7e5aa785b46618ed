//! The error codes that a listener answers with (clauses `ERR-*`).
//!
//! The same list stands in `spec/errors.toml`; a test holds the two equal.

use std::{fmt, str::FromStr};

/// A code of the contract's error body, `{"error":{"code":"…","message":"…"}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ErrorCode {
    /// The user is not known to the game.
    InvalidUser,
    /// A member is missing or malformed.
    InvalidParameter,
    /// The signature is missing or does not match the body.
    InvalidSignature,
    /// The amount is not what the order costs.
    IncorrectAmount,
    /// The order or invoice is not known to the game.
    IncorrectInvoice,
}

impl ErrorCode {
    /// All codes, in the order in which they are published.
    pub const ALL: [Self; 5] = [
        Self::InvalidUser,
        Self::InvalidParameter,
        Self::InvalidSignature,
        Self::IncorrectAmount,
        Self::IncorrectInvoice,
    ];

    /// The code as it stands in the error body.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidUser => "INVALID_USER",
            Self::InvalidParameter => "INVALID_PARAMETER",
            Self::InvalidSignature => "INVALID_SIGNATURE",
            Self::IncorrectAmount => "INCORRECT_AMOUNT",
            Self::IncorrectInvoice => "INCORRECT_INVOICE",
        }
    }

    /// A message that says no more than the code, and so gives nothing away.
    pub const fn message(self) -> &'static str {
        match self {
            Self::InvalidUser => "Invalid user",
            Self::InvalidParameter => "Invalid parameter",
            Self::InvalidSignature => "Invalid signature",
            Self::IncorrectAmount => "Incorrect amount",
            Self::IncorrectInvoice => "Incorrect invoice",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is none of the contract's error codes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an error code of the contract")]
pub struct UnknownErrorCode(pub String);

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|code| code.as_str() == text)
            .ok_or_else(|| UnknownErrorCode(text.to_owned()))
    }
}

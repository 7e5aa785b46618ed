//! Why a webhook was not accepted, and how that is said: to the sender, to the log, to the counters.

use axum::{
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use hookproof_contract::{ErrorCode, signature::VerifyError};

use super::JSON;
use crate::{
    game::{NotSold, Unavailable, Unexpected},
    metrics::{Kind, Reason, Verdict},
    parse::ParseError,
    store::StoreError,
};

/// Seconds after which a sender that is told to come back may do so.
const RETRY_AFTER_S: &str = "1";

/// Why a webhook was not accepted.
///
/// Three parties are told apart: the sender's fault is answered with 4xx and one of the contract's
/// codes, and will not get better; ours and the game's with 5xx, and the sender tries again.
#[derive(Debug, thiserror::Error)]
pub(super) enum Reject {
    #[error("its address is not let in")]
    Address,
    #[error(transparent)]
    Signature(#[from] VerifyError),
    #[error(transparent)]
    Parse(#[from] ParseError),
    #[error("the game does not know the user")]
    UnknownUser,
    /// The same, where the contract names another status (clauses CATALOG-03 and WEBSHOP-02).
    #[error("the game does not know the user who looks at the shop")]
    UserNotFound,
    #[error(transparent)]
    NotSold(#[from] NotSold),
    #[error("the game knows another price of the purchase")]
    WrongAmount,
    #[error("the game made no order of this id")]
    UnknownInvoice,
    #[error("the body is larger than the limit")]
    BodyTooLarge,
    #[error("the body did not arrive in time")]
    BodyTooSlow,
    #[error("the body did not arrive whole")]
    BodyBroken,
    #[error(transparent)]
    Game(#[from] Unavailable),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Unexpected> for Reject {
    fn from(unexpected: Unexpected) -> Self {
        match unexpected {
            Unexpected::Amount => Self::WrongAmount,
            Unexpected::Invoice => Self::UnknownInvoice,
            Unexpected::Unavailable(unavailable) => Self::Game(unavailable),
        }
    }
}

impl Reject {
    /// The status, and the contract's code where the contract has one.
    fn answer(&self) -> (StatusCode, Option<ErrorCode>) {
        match self {
            // The contract has no code for it (clause NET-04).
            Self::Address => (StatusCode::FORBIDDEN, None),
            Self::Signature(_) => (StatusCode::BAD_REQUEST, Some(ErrorCode::InvalidSignature)),
            Self::UnknownUser => (StatusCode::BAD_REQUEST, Some(ErrorCode::InvalidUser)),
            Self::WrongAmount => (StatusCode::BAD_REQUEST, Some(ErrorCode::IncorrectAmount)),
            Self::UnknownInvoice => (StatusCode::BAD_REQUEST, Some(ErrorCode::IncorrectInvoice)),
            Self::UserNotFound => (StatusCode::NOT_FOUND, Some(ErrorCode::InvalidUser)),
            Self::Parse(_)
            | Self::NotSold(_)
            | Self::Store(StoreError::TooMany | StoreError::TooLong)
            | Self::BodyBroken => (StatusCode::BAD_REQUEST, Some(ErrorCode::InvalidParameter)),
            Self::BodyTooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, Some(ErrorCode::InvalidParameter))
            }
            Self::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, Some(ErrorCode::InvalidParameter)),
            Self::Game(Unavailable) | Self::Store(StoreError::Busy | StoreError::Unavailable) => {
                (StatusCode::SERVICE_UNAVAILABLE, None)
            }
            Self::Store(StoreError::Failed) => (StatusCode::INTERNAL_SERVER_ERROR, None),
        }
    }

    /// What it is counted as.
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::Address => Reason::Address,
            Self::Signature(_) => Reason::Signature,
            Self::Parse(_) | Self::Store(StoreError::TooLong) => Reason::Malformed,
            Self::UnknownUser | Self::UserNotFound => Reason::UnknownUser,
            Self::NotSold(_) => Reason::NotSold,
            Self::WrongAmount => Reason::Amount,
            Self::UnknownInvoice => Reason::Invoice,
            Self::BodyTooLarge => Reason::BodyTooLarge,
            Self::BodyTooSlow => Reason::BodyTooSlow,
            Self::BodyBroken => Reason::BodyBroken,
            Self::Game(_) => Reason::Game,
            Self::Store(StoreError::TooMany) => Reason::Quantity,
            Self::Store(StoreError::Busy) => Reason::QueueFull,
            Self::Store(StoreError::Failed | StoreError::Unavailable) => Reason::Database,
        }
    }

    /// Whose fault it was.
    pub(super) fn verdict(&self) -> Verdict {
        if self.answer().0.is_server_error() { Verdict::Failed } else { Verdict::Refused }
    }

    /// Writes the reason to the log. The peer learns the contract's code and no more.
    pub(super) fn log(&self, kind: Kind) {
        let (status, code) = self.answer();
        let status = status.as_u16();
        let code = code.map(ErrorCode::as_str);
        let kind = kind.name();
        if self.verdict() == Verdict::Refused {
            tracing::warn!(reason = %self, status, code, kind, "refused a webhook");
        } else {
            tracing::warn!(reason = %self, status, kind, "could not take a webhook");
        }
    }
}

impl IntoResponse for Reject {
    fn into_response(self) -> Response {
        match self.answer() {
            (status, Some(code)) => {
                let body = format!(
                    r#"{{"error":{{"code":"{}","message":"{}"}}}}"#,
                    code.as_str(),
                    code.message()
                );
                (status, [JSON], body).into_response()
            }
            (status, None) if status.is_server_error() => {
                (status, [(RETRY_AFTER, RETRY_AFTER_S)]).into_response()
            }
            (status, None) => status.into_response(),
        }
    }
}

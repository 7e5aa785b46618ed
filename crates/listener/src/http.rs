//! The wire: routes, bodies, and the one place that knows status codes.
//!
//! [`receive`] is the whole path of a webhook.

use axum::{
    Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest, Path, Request, State,
        rejection::{BytesRejection, FailedToBufferBody},
    },
    http::{
        StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hookproof_contract::{
    ErrorCode,
    signature::{self, VerifyError},
};

use crate::{
    app::App,
    config::Limits,
    decide::decide,
    game::{Game, NotSold, Unavailable},
    notification::Notification,
    parse::{ParseError, parse},
    probe,
    store::StoreError,
};

/// Seconds after which a sender that is told to come back may do so.
const RETRY_AFTER_S: &str = "1";

/// Characters of an unknown notification type that are logged.
const LOGGED_CHARS_MAX: usize = 64;

/// The routes: webhooks are received at `/webhook` and at `/`, and the probe is at `/probe/{user}`.
///
/// Needs no socket; [`run`](crate::run) gives it one.
pub fn router<G: Game>(app: App<G>) -> Router {
    let body_limit = DefaultBodyLimit::max(app.shared().limits.body_bytes_max);
    Router::new()
        .route("/", post(receive::<G>))
        .route("/webhook", post(receive::<G>))
        .route("/probe/{user}", get(look::<G>))
        .layer(body_limit)
        .with_state(app)
}

/// The notification was accepted, now or earlier: 204, the one success code that every generation
/// of the documentation names, and no body (clauses ANS-01 to ANS-03).
struct Accepted;

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// Receives one webhook: bytes, signature, parse, decide, store, answer.
async fn receive<G: Game>(State(app): State<App<G>>, request: Request) -> Result<Accepted, Reject> {
    let app = app.shared();
    let authorization = request.headers().get(AUTHORIZATION).cloned();
    let body = read_body(request, &app.limits).await?;
    signature::verify(&body, authorization.as_ref().map(AsRef::as_ref), &app.secrets)?;

    let notification = parse(&body)?;
    if let Notification::Unknown(kind) = &notification {
        // A new type of theirs is no fault of theirs; refusing it would hold back what follows it.
        let kind: String = kind.chars().take(LOGGED_CHARS_MAX).collect();
        tracing::warn!(kind, "acknowledged a notification of an unknown type");
    }

    let decision = decide(&notification, &app.game)?;
    if let Some(user) = decision.user
        && !app.game.find_user(user).await?
    {
        // The user may be gone since the first delivery of this event; its answer stands.
        return match decision.event {
            Some(event) if app.store.has_recorded(event.key()).await? => Ok(Accepted),
            _ => Err(Reject::UnknownUser),
        };
    }
    if let Some(event) = decision.event {
        let (_, id) = event.key();
        let outcome = app.store.record(event).await?;
        tracing::debug!(kind = notification.kind(), id, ?outcome, "recorded a notification");
    }
    Ok(Accepted)
}

/// All bytes of the body as they came, within the limits of size and time.
async fn read_body(request: Request, limits: &Limits) -> Result<Bytes, Reject> {
    match tokio::time::timeout(limits.body_time_max, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)))) => {
            Err(Reject::BodyTooLarge)
        }
        Ok(Err(_)) => Err(Reject::BodyBroken),
        Err(_) => Err(Reject::BodyTooSlow),
    }
}

/// Why a webhook was not accepted.
///
/// Three parties are told apart: the sender's fault is answered with 4xx and one of the contract's
/// codes, and will not get better; ours and the game's with 5xx, and the sender tries again.
#[derive(Debug, thiserror::Error)]
enum Reject {
    #[error(transparent)]
    Signature(#[from] VerifyError),
    #[error(transparent)]
    Parse(#[from] ParseError),
    #[error("the game does not know the user")]
    UnknownUser,
    #[error(transparent)]
    NotSold(#[from] NotSold),
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

impl IntoResponse for Reject {
    /// Answers, and logs the reason: the peer learns the contract's code and no more.
    fn into_response(self) -> Response {
        let (status, code) = match &self {
            Self::Signature(_) => (StatusCode::BAD_REQUEST, Some(ErrorCode::InvalidSignature)),
            Self::UnknownUser => (StatusCode::BAD_REQUEST, Some(ErrorCode::InvalidUser)),
            Self::Parse(_)
            | Self::NotSold(_)
            | Self::Store(StoreError::TooMany)
            | Self::BodyBroken => (StatusCode::BAD_REQUEST, Some(ErrorCode::InvalidParameter)),
            Self::BodyTooLarge => {
                (StatusCode::PAYLOAD_TOO_LARGE, Some(ErrorCode::InvalidParameter))
            }
            Self::BodyTooSlow => (StatusCode::REQUEST_TIMEOUT, Some(ErrorCode::InvalidParameter)),
            Self::Game(Unavailable) | Self::Store(StoreError::Busy) => {
                (StatusCode::SERVICE_UNAVAILABLE, None)
            }
            Self::Store(StoreError::Failed) => (StatusCode::INTERNAL_SERVER_ERROR, None),
        };
        let status_code = status.as_u16();
        match code {
            Some(code) => {
                tracing::warn!(reason = %self, status = status_code, code = %code, "refused a webhook");
                let body = format!(
                    r#"{{"error":{{"code":"{}","message":"{}"}}}}"#,
                    code.as_str(),
                    code.message()
                );
                (status, [(CONTENT_TYPE, "application/json")], body).into_response()
            }
            None => {
                tracing::warn!(reason = %self, status = status_code, "could not take a webhook");
                (status, [(RETRY_AFTER, RETRY_AFTER_S)]).into_response()
            }
        }
    }
}

/// Answers the probe.
async fn look<G: Game>(
    State(app): State<App<G>>,
    Path(user): Path<String>,
    request: Request,
) -> Response {
    let app = app.shared();
    let Some(token) = &app.probe else { return StatusCode::NOT_FOUND.into_response() };
    let header = request.headers().get(AUTHORIZATION).map(AsRef::as_ref);
    if !token.opens(request.uri().query(), header) {
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")]).into_response();
    }
    match app.game.find_user(&user).await {
        Ok(true) => {}
        Ok(false) => return StatusCode::NOT_FOUND.into_response(),
        Err(Unavailable) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
    match app.store.view(user.clone()).await {
        Ok(view) => {
            let report = probe::report(&user, &view);
            ([(CONTENT_TYPE, "application/json")], report).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

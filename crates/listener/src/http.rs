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
        HeaderName, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hookproof_contract::{
    ErrorCode,
    signature::{self, VerifyError},
};
use serde_json::{Value, json};

use crate::{
    app::{App, Shared},
    config::Limits,
    decide::{Decision, decide},
    event::Event,
    game::{Game, NotSold, Unavailable},
    notification::{Notification, Question},
    parse::{ParseError, parse, parse_unsigned},
    probe,
    store::StoreError,
};

/// Seconds after which a sender that is told to come back may do so.
const RETRY_AFTER_S: &str = "1";

/// The header of a body that is JSON.
const JSON: (HeaderName, &str) = (CONTENT_TYPE, "application/json");

/// Characters of an unknown notification type that are logged.
const LOGGED_CHARS_MAX: usize = 64;

/// The routes: webhooks are received at `/webhook` and at `/`, the Web Shop's question at `/web-shop`
/// too, and the probe is at `/probe/{user}`.
///
/// Needs no socket; [`run`](crate::run) gives it one.
pub fn router<G: Game>(app: App<G>) -> Router {
    let body_limit = DefaultBodyLimit::max(app.shared().limits.body_bytes_max);
    Router::new()
        .route("/", post(receive::<G>))
        .route("/webhook", post(receive::<G>))
        .route("/web-shop", post(receive_question::<G>))
        .route("/probe/{user}", get(look::<G>))
        .layer(body_limit)
        .with_state(app)
}

/// A webhook was accepted, now or earlier.
enum Accepted {
    /// 204, the one success code that every generation of the documentation names, and no body
    /// (clauses ANS-01 to ANS-03).
    Done,
    /// 200 and the JSON that was asked for (clauses USER-10, CATALOG-01, WEBSHOP-01).
    Answer(Value),
}

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        match self {
            Self::Done => StatusCode::NO_CONTENT.into_response(),
            Self::Answer(body) => ([JSON], body.to_string()).into_response(),
        }
    }
}

/// Receives one webhook: bytes, signature, parse, decide, store, answer.
async fn receive<G: Game>(State(app): State<App<G>>, request: Request) -> Result<Accepted, Reject> {
    let app = app.shared();
    let (authorization, body) = read(request, &app.limits).await?;
    if may_be_unsigned(app, authorization.as_ref())
        && let Ok(question) = parse_unsigned(&body)
    {
        return answer(&app.game, &question).await;
    }
    signature::verify(&body, authorization.as_ref().map(AsRef::as_ref), &app.secrets)?;

    let notification = parse(&body)?;
    if let Notification::Unknown(kind) = &notification {
        // A new type of theirs is no fault of theirs; refusing it would hold back what follows it.
        let kind: String = kind.chars().take(LOGGED_CHARS_MAX).collect();
        tracing::warn!(kind, "acknowledged a notification of an unknown type");
    }
    match decide(&notification, &app.game)? {
        Decision::Ask(question) => answer(&app.game, question).await,
        Decision::Record { user, event } => record(app, user, event).await,
        Decision::Acknowledge => Ok(Accepted::Done),
    }
}

/// Receives the Web Shop's question, and nothing else, at a path of its own.
async fn receive_question<G: Game>(
    State(app): State<App<G>>,
    request: Request,
) -> Result<Accepted, Reject> {
    let app = app.shared();
    let (authorization, body) = read(request, &app.limits).await?;
    if !may_be_unsigned(app, authorization.as_ref()) {
        signature::verify(&body, authorization.as_ref().map(AsRef::as_ref), &app.secrets)?;
    }
    answer(&app.game, &parse_unsigned(&body)?).await
}

/// A signature that is there must be right, wherever it is; one may be missing from the Web Shop's
/// question alone, which changes nothing (clauses WEBSHOP-03 and WEBSHOP-04).
fn may_be_unsigned<G>(app: &Shared<G>, authorization: Option<&HeaderValue>) -> bool {
    app.unsigned_web_shop && authorization.is_none()
}

/// Answers a question out of the game. Nothing changes, and nothing is remembered.
async fn answer(game: &impl Game, question: &Question<'_>) -> Result<Accepted, Reject> {
    match question {
        Question::Validation(user) => {
            if game.find_user(user).await? {
                Ok(Accepted::Done)
            } else {
                Err(Reject::UnknownUser)
            }
        }
        Question::Search(public_id) => {
            let found = game.search_user(public_id).await?.ok_or(Reject::UnknownUser)?;
            Ok(Accepted::Answer(json!({ "user": { "id": found } })))
        }
        Question::Catalogue(user) => {
            if let Some(user) = user
                && !game.find_user(user).await?
            {
                return Err(Reject::UserNotFound);
            }
            let offers = game.catalogue(user.as_deref()).await?;
            Ok(Accepted::Answer(json!(offers)))
        }
        // The id and no more: anybody can type anybody's (clause WEBSHOP-05).
        Question::WebShop(user) => {
            if game.find_user(user).await? {
                Ok(Accepted::Answer(json!({ "user": { "id": user } })))
            } else {
                Err(Reject::UserNotFound)
            }
        }
    }
}

/// Records an event, once, if its user exists.
async fn record<G: Game>(
    app: &Shared<G>,
    user: Option<&str>,
    event: Event,
) -> Result<Accepted, Reject> {
    if let Some(user) = user
        && !app.game.find_user(user).await?
    {
        // The user may be gone since the first delivery of this event; its answer stands.
        let known = match event.key() {
            Some(key) => app.store.has_recorded(key).await?,
            None => false,
        };
        return if known { Ok(Accepted::Done) } else { Err(Reject::UnknownUser) };
    }
    let kind = event.kind();
    let outcome = app.store.record(event).await?;
    tracing::debug!(%kind, ?outcome, "recorded a notification");
    Ok(Accepted::Done)
}

/// The header that may hold the signature, and the body.
async fn read(request: Request, limits: &Limits) -> Result<(Option<HeaderValue>, Bytes), Reject> {
    let authorization = request.headers().get(AUTHORIZATION).cloned();
    Ok((authorization, read_body(request, limits).await?))
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
    /// The same, where the contract names another status (clauses CATALOG-03 and WEBSHOP-02).
    #[error("the game does not know the user who looks at the shop")]
    UserNotFound,
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
            Self::UserNotFound => (StatusCode::NOT_FOUND, Some(ErrorCode::InvalidUser)),
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
                (status, [JSON], body).into_response()
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
            ([JSON], report).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

//! The wire: routes, bodies, and the one place that knows status codes.
//!
//! A webhook's whole path: it is [`observed`], [`read`] into a [`Letter`], and [`receive`]d.

mod health;
mod reject;

use std::{net::IpAddr, time::Instant};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use hookproof_contract::signature::{self, VerifyError};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Value, json};
use tracing::{Instrument, Level, Span};

pub use self::health::admin_router;
use self::{
    health::{alive, ready},
    reject::Reject,
};
use crate::{
    app::{App, Shared},
    config::Limits,
    decide::{Decision, decide},
    event::Event,
    game::{Game, Purchase, Unavailable},
    metrics::{Kind, Verdict},
    notification::{Notification, Question},
    parse::{key, parse, parse_unsigned},
    probe,
    store::Outcome,
};

/// The header of a body that is JSON.
const JSON: (HeaderName, &str) = (CONTENT_TYPE, "application/json");

/// Characters of an unknown notification type that are logged.
const LOGGED_CHARS_MAX: usize = 64;

/// Who sent a request, where somebody wants to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// The routes: webhooks are received at `/webhook` and at `/`, the Web Shop's question at `/web-shop`
/// too; the probe is at `/probe/{user}`, and `/healthz` and `/readyz` say how the listener is.
///
/// Needs no socket; [`run`](crate::run) gives it one. Without one, nobody is let in where addresses are
/// filtered.
pub fn router<G: Game>(app: App<G>) -> Router {
    Router::new()
        .route("/", post(webhook::<G>))
        .route("/webhook", post(webhook::<G>))
        .route("/web-shop", post(web_shop::<G>))
        .route("/probe/{user}", get(look::<G>))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready::<G>))
        .with_state(app)
}

/// A webhook was accepted, now or earlier.
enum Accepted {
    /// 204, the one success code that every generation of the documentation names, and no body
    /// (clauses ANS-01 to ANS-03).
    Done(Verdict),
    /// 200 and the JSON that was asked for (clauses USER-10, CATALOG-01, WEBSHOP-01).
    Answer(Value),
}

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        match self {
            Self::Done(_) => StatusCode::NO_CONTENT.into_response(),
            Self::Answer(body) => ([JSON], body.to_string()).into_response(),
        }
    }
}

/// Serves the webhooks' path.
fn webhook<G: Game>(
    State(app): State<App<G>>,
    request: Request,
) -> impl Future<Output = Response> + Send {
    observed(app, request, receive)
}

/// Serves the Web Shop's path.
fn web_shop<G: Game>(
    State(app): State<App<G>>,
    request: Request,
) -> impl Future<Output = Response> + Send {
    observed(app, request, receive_question)
}

/// What counts of a request: the header that may hold the signature, and the body, byte for byte.
struct Letter {
    authorization: Option<HeaderValue>,
    body: Bytes,
}

/// Counts a request and what became of it, and writes the log's line where it was not accepted.
///
/// What the head says is read before the future begins: the rest of a request is large, and would be
/// moved about with everything that waits for the body and for the database.
fn observed<G: Game>(
    app: App<G>,
    request: Request,
    receive: impl AsyncFnOnce(&Shared<G>, Letter, &mut Kind) -> Result<Accepted, Reject>,
) -> impl Future<Output = Response> {
    let began = Instant::now();
    let id = app.shared().request_ids.of(request.headers());
    let let_in = lets_in(app.shared(), &request);
    let authorization = request.headers().get(AUTHORIZATION).cloned();
    let body = request.into_body();
    async move {
        let app = app.shared();
        // Most requests leave no line, and a span for each would cost more than all the counting.
        let span = if tracing::enabled!(Level::DEBUG) { id.span() } else { Span::none() };
        let mut kind = Kind::Unproven;
        let received = async {
            if !let_in {
                return Err(Reject::Address);
            }
            let body = read(body, &app.limits).await?;
            receive(app, Letter { authorization, body }, &mut kind).await
        };
        let result = received.instrument(span).await;
        let verdict = match &result {
            Ok(Accepted::Done(verdict)) => *verdict,
            Ok(Accepted::Answer(_)) => Verdict::Answered,
            Err(reject) => {
                app.metrics.refused(reject.reason());
                id.span().in_scope(|| reject.log(kind));
                reject.verdict()
            }
        };
        app.metrics.request(kind, verdict, began.elapsed());
        result.into_response()
    }
}

/// Receives one webhook, whose address is let in: verifies the signature and applies the event.
async fn receive<G: Game>(
    app: &Shared<G>,
    letter: Letter,
    kind: &mut Kind,
) -> Result<Accepted, Reject> {
    if may_be_unsigned(app, &letter)
        && let Ok(question) = parse_unsigned(&letter.body)
    {
        *kind = Kind::WebShop;
        return answer(&app.game, &question).await;
    }
    prove(app, &letter)?;
    match apply(app, &letter.body, kind).await {
        Err(reject) => unless_recorded(app, &letter.body, kind, reject).await,
        accepted => accepted,
    }
}

/// Answers a verified webhook that was rejected: with success if its event is recorded, and otherwise
/// with the rejection.
///
/// Every rejection of a verified webhook passes here, so that none precedes this check: the user may be
/// gone since the first delivery, the article no longer sold, the order forgotten, the game away, and
/// this program may read bodies differently by now. The first result stands (clause IDEM-01). A body
/// whose key cannot be read cannot be looked up, and stays rejected.
async fn unless_recorded<G: Game>(
    app: &Shared<G>,
    body: &[u8],
    kind: &mut Kind,
    reject: Reject,
) -> Result<Accepted, Reject> {
    // The store looks the key up itself, and cannot be asked where it has failed.
    if let Reject::Store(_) = reject {
        return Err(reject);
    }
    let Some(key) = key(body) else { return Err(reject) };
    let known = Kind::Known(key.kind);
    if !app.store.has_recorded(key).await? {
        return Err(reject);
    }
    *kind = known;
    Ok(Accepted::Done(Verdict::Repeat))
}

/// Applies a verified webhook: parse, decide, store.
async fn apply<G: Game>(app: &Shared<G>, body: &[u8], kind: &mut Kind) -> Result<Accepted, Reject> {
    let notification = parse(body)?;
    *kind = notification.kind().map_or(Kind::Unknown, Kind::Known);
    if let Notification::Unknown(name) = &notification {
        // A new type of theirs is no fault of theirs; refusing it would hold back what follows it.
        let name: String = name.chars().take(LOGGED_CHARS_MAX).collect();
        tracing::warn!(kind = name, "acknowledged a notification of an unknown type");
    }
    match decide(&notification, &app.game)? {
        Decision::Ask(question) => answer(&app.game, question).await,
        Decision::Record { user, purchase, event } => record(app, user, purchase, event).await,
        Decision::Acknowledge => Ok(Accepted::Done(Verdict::Ignored)),
    }
}

/// Receives the Web Shop's question, and nothing else, at a path of its own.
async fn receive_question<G: Game>(
    app: &Shared<G>,
    letter: Letter,
    kind: &mut Kind,
) -> Result<Accepted, Reject> {
    if !may_be_unsigned(app, &letter) {
        prove(app, &letter)?;
    }
    let question = parse_unsigned(&letter.body)?;
    *kind = Kind::WebShop;
    answer(&app.game, &question).await
}

/// Whether a request comes from an address that is let in, as is known before its body is read
/// (clause NET-04).
fn lets_in<G>(app: &Shared<G>, request: &Request) -> bool {
    let Some(filter) = &app.filter else { return true };
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
    filter.lets_in(peer, request.headers())
}

/// A signature that is there must be right, wherever it is; one may be missing from the Web Shop's
/// question alone, which changes nothing (clauses WEBSHOP-03 and WEBSHOP-04).
fn may_be_unsigned<G>(app: &Shared<G>, letter: &Letter) -> bool {
    app.unsigned_web_shop && letter.authorization.is_none()
}

/// Checks the signature, before anything is read in the body.
fn prove<G>(app: &Shared<G>, letter: &Letter) -> Result<(), VerifyError> {
    let header = letter.authorization.as_ref().map(AsRef::as_ref);
    signature::verify(&letter.body, header, &app.secrets)
}

/// Answers a question out of the game. Nothing changes, and nothing is remembered.
async fn answer(game: &impl Game, question: &Question<'_>) -> Result<Accepted, Reject> {
    match question {
        Question::Validation(user) => {
            if game.find_user(user).await? {
                Ok(Accepted::Done(Verdict::Answered))
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

/// Records an event, once, if its user exists and the game has nothing against it.
async fn record<G: Game>(
    app: &Shared<G>,
    user: Option<&str>,
    purchase: Option<Purchase<'_>>,
    event: Event,
) -> Result<Accepted, Reject> {
    ask(&app.game, user, purchase).await?;
    #[cfg(feature = "bench")]
    if crate::bench::stores_nothing() {
        return Ok(Accepted::Done(Verdict::Applied));
    }
    let kind = event.kind();
    let outcome = app.store.record(event).await?;
    tracing::debug!(%kind, ?outcome, "recorded a notification");
    Ok(Accepted::Done(match outcome {
        Outcome::Applied => Verdict::Applied,
        Outcome::Repeat => Verdict::Repeat,
    }))
}

/// Asks the game whether the user exists and whether the purchase is what it expects.
async fn ask(
    game: &impl Game,
    user: Option<&str>,
    purchase: Option<Purchase<'_>>,
) -> Result<(), Reject> {
    if let Some(user) = user
        && !game.find_user(user).await?
    {
        return Err(Reject::UnknownUser);
    }
    match purchase {
        Some(purchase) => Ok(game.expect(&purchase).await?),
        None => Ok(()),
    }
}

/// All bytes of the body as they came, within the limits of size and time.
async fn read(body: Body, limits: &Limits) -> Result<Bytes, Reject> {
    let body = Limited::new(body, limits.body_bytes_max).collect();
    match tokio::time::timeout(limits.body_time_max, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(cause)) if cause.is::<LengthLimitError>() => Err(Reject::BodyTooLarge),
        Ok(Err(_)) => Err(Reject::BodyBroken),
        Err(_) => Err(Reject::BodyTooSlow),
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

//! How the listener is: for load balancers, for whoever starts it again, and for Prometheus.
//!
//! `/healthz` and `/readyz` are on the webhooks' own address too: they tell strangers nothing of worth.
//! The counters are on the operator's address alone, since they tell how a game sells.

use axum::{
    Router,
    extract::State,
    http::{
        HeaderName, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{
    app::App,
    game::Game,
    metrics::{self, Gauges},
};

/// The header of Prometheus' text format.
const EXPOSITION: (HeaderName, &str) = (CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");

/// The routes of the operator's address: `/healthz`, `/readyz` and `/metrics`.
pub fn admin_router<G: Game>(app: App<G>) -> Router {
    Router::new()
        .route("/healthz", get(alive))
        .route("/readyz", get(ready::<G>))
        .route("/metrics", get(counters::<G>))
        .with_state(app)
}

/// The process runs and answers. Whoever hears nothing should start it again.
pub(super) async fn alive() -> &'static str {
    "alive\n"
}

/// Webhooks would be recorded now. Whoever hears otherwise should send them elsewhere, and not start
/// anything again: that would not mend the database.
pub(super) async fn ready<G: Game>(State(app): State<App<G>>) -> Response {
    let app = app.shared();
    match app.health.ready(&app.store).await {
        Ok(()) => "ready\n".into_response(),
        Err(why) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            (status, [(RETRY_AFTER, "1")], format!("{why}\n")).into_response()
        }
    }
}

/// All counters.
async fn counters<G: Game>(State(app): State<App<G>>) -> Response {
    let app = app.shared();
    let gauges = Gauges {
        queue: app.store.waiting(),
        queue_max: app.limits.queue_max,
        connections_max: app.limits.connections_max,
    };
    ([EXPOSITION], metrics::render(&app.metrics, gauges)).into_response()
}

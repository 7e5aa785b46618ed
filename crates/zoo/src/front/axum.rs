//! The good server: axum.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::Response,
};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    behaviour::Refusal,
    right::{BODY_BYTES_MAX, Listener, rendered},
    wire::{Answer, Delivery},
};

/// Serves until the other end of `stop` is gone.
pub(crate) async fn run(
    socket: TcpListener,
    listener: Arc<Listener>,
    mut stop: watch::Receiver<()>,
) {
    let app = Router::new().fallback(receive).with_state(listener);
    let stopped = async move { while stop.changed().await.is_ok() {} };
    // A server whose socket fails has nobody to tell: its sender will see it.
    let _ = axum::serve(socket, app).with_graceful_shutdown(stopped).await;
}

async fn receive(State(listener): State<Arc<Listener>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return response(rendered(Err(Refusal::TooLarge)));
    };
    let headers = head.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    let delivery = Delivery {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        headers: headers.collect(),
        body: body.to_vec(),
    };
    response(listener.answer(&delivery).await)
}

fn response(answer: Answer) -> Response {
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(content_type) = answer.content_type {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

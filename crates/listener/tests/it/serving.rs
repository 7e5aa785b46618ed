//! The server's own behaviour: the end, silent peers, full houses, a game that cannot be asked.

use std::time::Duration;

use hookproof_contract::signature::authorization;
use hookproof_listener::{App, Config, Game, Unavailable, router};
use tower::ServiceExt;

use super::Listener;
use crate::support::{post, secret, user_validation};

#[tokio::test]
async fn an_accepted_request_is_finished_before_the_end() {
    let listener = Listener::start().await;
    let body = user_validation().to_bytes();
    let request =
        String::from_utf8(post("/webhook", &body, Some(&authorization(&body, &secret()))))
            .unwrap()
            .replace("Connection: close", "Connection: close\r\nExpect: 100-continue");
    let (head, body) = request.split_at(request.len() - body.len());
    let mut connection = listener.connect().await;
    connection.write(head.as_bytes()).await;
    // The listener says so when it begins to read the body.
    assert!(connection.read_some().await.starts_with(b"HTTP/1.1 100 "));
    let ended = listener.stop();
    connection.write(body.as_bytes()).await;
    assert_eq!(connection.reply().await.status, 204);
    ended.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_up_the_end() {
    let listener = Listener::start_with(|config| {
        config.limits.shutdown_time_max = Duration::from_millis(20);
    })
    .await;
    let request = String::from_utf8(post("/webhook", b"{}", None))
        .unwrap()
        .replace("Connection: close", "Expect: 100-continue");
    let mut connection = listener.connect().await;
    connection.write(&request.as_bytes()[..request.len() - 2]).await;
    assert!(connection.read_some().await.starts_with(b"HTTP/1.1 100 "));
    listener.stop().await.unwrap().unwrap();
}

#[tokio::test]
async fn idle_connections_do_not_hold_up_the_end() {
    let listener = Listener::start_with(|config| {
        config.limits.shutdown_time_max = Duration::from_hours(1);
    })
    .await;
    let _silent = listener.connect().await;
    let body = user_validation().to_bytes();
    let request = post("/", &body, Some(&authorization(&body, &secret())));
    let request = String::from_utf8(request).unwrap().replace("Connection: close\r\n", "");
    let mut idle = listener.connect().await;
    idle.write(request.as_bytes()).await;
    assert!(idle.read_some().await.starts_with(b"HTTP/1.1 204 "));
    listener.stop().await.unwrap().unwrap();
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let listener = Listener::start_with(|config| {
        config.limits.idle_time_max = Duration::from_millis(20);
    })
    .await;
    let mut connection = listener.connect().await;
    assert_eq!(connection.read_some().await, b"");
}

#[tokio::test]
async fn one_connection_at_a_time_serves_all_in_turn() {
    let listener = Listener::start_with(|config| config.limits.connections_max = 1).await;
    let first = listener.connect().await;
    let mut second = listener.connect().await;
    let body = user_validation().to_bytes();
    second.write(&post("/", &body, Some(&authorization(&body, &secret())))).await;
    drop(first);
    assert_eq!(second.reply().await.status, 204);
}

/// A game whose database is away.
struct Away;

impl Game for Away {
    async fn find_user(&self, _: &str) -> Result<bool, Unavailable> {
        Err(Unavailable)
    }
}

#[tokio::test]
async fn a_game_that_cannot_be_asked_is_asked_again_later() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::new(folder.path().join("listener.db"), secret());
    let app = App::open_with(config, Away).unwrap();
    let body = user_validation().to_bytes();
    let request = axum::http::Request::post("/webhook")
        .header("Authorization", authorization(&body, &secret()))
        .body(axum::body::Body::from(body))
        .unwrap();
    let reply = router(app).oneshot(request).await.unwrap();
    assert_eq!(reply.status(), 503);
    assert!(reply.headers().contains_key("retry-after"));
}

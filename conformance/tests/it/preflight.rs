//! A target that cannot be asked is not accused; what it says leads to the likely reason.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
};
use hookproof_conformance::{Exit, Options, RunError, run, watch::Silent};
use hookproof_contract::Secret;
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpListener};
use url::Url;

/// Long enough for every answer here, and short for the one that never comes.
const TIMEOUT: Duration = Duration::from_millis(700);

fn options(target: &str) -> Options {
    let secret = Secret::new("example-project-secret").unwrap();
    Options { timeout: TIMEOUT, ..Options::new(Url::parse(target).unwrap(), secret, 1, 1_000_000) }
}

async fn reason(target: &str) -> String {
    match run(&options(target), &Silent).await {
        Err(error @ RunError::Target { .. }) => {
            assert_eq!(error.exit(), Exit::CouldNotAsk);
            error.to_string()
        }
        other => panic!("{target} could be asked: {other:?}"),
    }
}

/// A server that gives one answer to every request, and keeps the bodies that it received.
struct Canned {
    url: String,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
    server: tokio::task::JoinHandle<()>,
}

/// Status, headers and body.
type Answer = (StatusCode, HeaderMap, String);

impl Canned {
    async fn start(answer: Answer) -> Self {
        let bodies = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let received = Arc::clone(&bodies);
        let router = Router::new().fallback(async move |body: Bytes| {
            received.lock().unwrap().push(body.to_vec());
            answer
        });
        let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let server = tokio::spawn(async { axum::serve(socket, router).await.unwrap() });
        Self { url, bodies, server }
    }
}

impl Drop for Canned {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn plain(status: u16) -> Answer {
    (StatusCode::from_u16(status).unwrap(), HeaderMap::new(), String::new())
}

fn error(status: u16, code: &str) -> Answer {
    let (status, headers, _) = plain(status);
    (status, headers, json!({"error": {"code": code, "message": "no"}}).to_string())
}

fn html(status: u16) -> Answer {
    let headers = [(CONTENT_TYPE, HeaderValue::from_static("text/html"))].into_iter().collect();
    (plain(status).0, headers, "<!DOCTYPE html><html><title>Page</title></html>".to_owned())
}

fn redirect(to: &'static str) -> Answer {
    let headers = [(LOCATION, HeaderValue::from_static(to))].into_iter().collect();
    (plain(301).0, headers, String::new())
}

#[tokio::test(flavor = "current_thread")]
async fn the_same_refusal_to_everything_is_explained() {
    let cases = [
        (error(400, "INVALID_SIGNATURE"), "the listener uses another secret"),
        (error(401, "INVALID_CLIENT_IP"), "the listener filters by address"),
        (error(400, "INVALID_USER"), "Name one that is with --known-user"),
        (plain(404), "the webhook has another path"),
        (plain(405), "the webhook has another path"),
        (plain(403), "the listener filters by address"),
        (redirect("/x"), "the URL redirects"),
        (plain(500), "the listener fails at every request"),
        (plain(422), "the listener uses another secret"),
        (plain(401), "drops the header Authorization"),
        (plain(429), "A rate limiter answers"),
        (plain(419), "A CSRF filter answers"),
        (html(403), "A firewall or web server answers with a page of HTML"),
        (html(200), "A web page answers, not the webhook handler"),
        (error(400, "SOURCE_IP_UNKNOWN"), "the listener filters by address"),
    ];
    for (answer, expected) in cases {
        let server = Canned::start(answer).await;
        let told = reason(&server.url).await;
        assert!(told.contains(expected), "{told}");
    }
}

/// An address filter may miss the signature first: a request without one differs then.
#[tokio::test(flavor = "current_thread")]
async fn an_address_filter_may_know_a_missing_header() {
    let router = Router::new().fallback(async |headers: HeaderMap| {
        let signed = headers.contains_key("authorization");
        let code = if signed { "BAD_SOURCE" } else { "NO_HEADER" };
        let message = if signed { "your IP is not on the list" } else { "no signature" };
        let body = json!({"error": {"code": code, "message": message}}).to_string();
        (StatusCode::BAD_REQUEST, body)
    });
    let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let server = tokio::spawn(async { axum::serve(socket, router).await.unwrap() });
    let told = reason(&url).await;
    assert!(told.contains("a valid and a badly signed request are refused alike"), "{told}");
    assert!(told.contains("likely: the listener filters by address"), "{told}");
    server.abort();
}

/// A limiter that lets the first requests pass ends the run soon, in one sentence.
#[tokio::test(flavor = "current_thread")]
async fn a_rate_limiter_ends_the_run() {
    let count = Arc::new(std::sync::atomic::AtomicU32::new(0));
    let router = Router::new().fallback(async move || {
        let passed = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < LIMIT;
        let status = if passed { StatusCode::NO_CONTENT } else { StatusCode::TOO_MANY_REQUESTS };
        (status, [("Retry-After", "900")])
    });
    let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let server = tokio::spawn(async { axum::serve(socket, router).await.unwrap() });
    let only = vec!["payloads-*".to_owned()];
    let told = match run(&Options { only, ..options(&url) }, &Silent).await {
        Err(error) => error.to_string(),
        Ok(report) => panic!("it could be asked: {:?}", report.summary),
    };
    assert!(told.contains("a rate limiter answers 429, `Retry-After: 900`"), "{told}");
    server.abort();
}

/// Requests that the limiter lets pass.
const LIMIT: u32 = 30;

#[tokio::test(flavor = "current_thread")]
async fn a_port_where_nothing_listens_is_said_to_be_one() {
    let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let target = format!("http://{}", socket.local_addr().unwrap());
    drop(socket);
    let told = reason(&target).await;
    assert!(told.contains("Nothing listens there"), "{told}");
}

#[tokio::test(flavor = "current_thread")]
async fn a_server_of_another_protocol_is_said_to_be_one() {
    let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let target = format!("http://{}", socket.local_addr().unwrap());
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = socket.accept().await {
            drop(stream.write_all(b"220 mail.example.org ESMTP\r\n").await);
        }
    });
    let told = reason(&target).await;
    assert!(told.contains("not HTTP"), "{told}");
    server.abort();
}

#[tokio::test(flavor = "current_thread")]
async fn a_server_that_never_answers_is_given_up() {
    let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let target = format!("http://{}", socket.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((stream, _)) = socket.accept().await {
            open.push(stream);
        }
    });
    let told = reason(&target).await;
    assert!(told.contains("does not answer"), "{told}");
    server.abort();
}

#[tokio::test(flavor = "current_thread")]
async fn who_accepts_everything_is_asked_and_convicted() {
    let server = Canned::start(plain(200)).await;
    let report = run(&options(&server.url), &Silent).await.unwrap();
    assert_eq!(report.exit(), Exit::Nonconformant);
    assert_eq!(report.diagnoses[0].cause, "signature-not-checked");
    let flipped = report.checks.iter().find(|check| check.id == "signature-rejects-flipped-body");
    let repro = flipped.unwrap().repro.clone().unwrap();
    assert!(repro.starts_with("curl -sS -i -X POST 'http://127.0.0.1:"), "{repro}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_same_seed_sends_the_same_bytes() {
    let sent = async |seed: u64| {
        let server = Canned::start(plain(204)).await;
        let only =
            ["payloads-schema-generated", "signature-accepts-utf8"].map(str::to_owned).to_vec();
        run(&Options { seed, only, ..options(&server.url) }, &Silent).await.unwrap();
        let mut bodies = server.bodies.lock().unwrap().clone();
        bodies.sort();
        bodies
    };
    let first = sent(7).await;
    assert!(first.len() > 100, "{} requests", first.len());
    assert!(first == sent(7).await, "two runs with one seed differ");
    assert!(first != sent(8).await, "two runs with two seeds are alike");
}

//! A target that cannot be asked is not accused; what it says leads to the likely reason.

use std::time::Duration;

use hookproof_conformance::{Exit, Options, RunError, run, watch::Silent};
use hookproof_contract::Secret;
use serde_json::json;
use tokio::{io::AsyncWriteExt, net::TcpListener};
use url::Url;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

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

fn error(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"error": {"code": code, "message": "no"}}))
}

#[tokio::test(flavor = "current_thread")]
async fn the_same_refusal_to_everything_is_explained() {
    let cases = [
        (error(400, "INVALID_SIGNATURE"), "the listener uses another secret"),
        (error(401, "INVALID_CLIENT_IP"), "the listener filters by address"),
        (error(400, "INVALID_USER"), "Name one that is with --known-user"),
        (ResponseTemplate::new(404), "the webhook has another path"),
        (ResponseTemplate::new(405), "the webhook has another path"),
        (ResponseTemplate::new(403), "the listener filters by address"),
        (ResponseTemplate::new(301).insert_header("Location", "/x"), "the URL redirects"),
        (ResponseTemplate::new(500), "the listener fails at every request"),
        (ResponseTemplate::new(422), "the listener uses another secret"),
    ];
    for (answer, expected) in cases {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let told = reason(&server.uri()).await;
        assert!(told.contains(expected), "{told}");
    }
}

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
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    let report = run(&options(&server.uri()), &Silent).await.unwrap();
    assert_eq!(report.exit(), Exit::Nonconformant);
    assert_eq!(report.diagnoses[0].cause, "signature-not-checked");
    let flipped = report.checks.iter().find(|check| check.id == "signature-rejects-flipped-body");
    let repro = flipped.unwrap().repro.clone().unwrap();
    assert!(repro.starts_with("curl -sS -i -X POST 'http://127.0.0.1:"), "{repro}");
}

#[tokio::test(flavor = "current_thread")]
async fn the_same_seed_sends_the_same_bytes() {
    let sent = async |seed: u64| {
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(ResponseTemplate::new(204)).mount(&server).await;
        let only =
            ["payloads-schema-generated", "signature-accepts-utf8"].map(str::to_owned).to_vec();
        run(&Options { seed, only, ..options(&server.uri()) }, &Silent).await.unwrap();
        let requests = server.received_requests().await.unwrap();
        let mut bodies: Vec<Vec<u8>> = requests.into_iter().map(|request| request.body).collect();
        bodies.sort();
        bodies
    };
    let first = sent(7).await;
    assert!(first.len() > 100, "{} requests", first.len());
    assert!(first == sent(7).await, "two runs with one seed differ");
    assert!(first != sent(8).await, "two runs with two seeds are alike");
}

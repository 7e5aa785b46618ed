//! Listeners that make the signature in another way: the suite tells in which, and never blames the
//! listener for what was given wrong.

use std::time::Duration;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
};
use hookproof_conformance::{Options, Report, RunError, run, watch::Silent};
use hookproof_contract::{Secret, signature::authorization};
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

/// The bytes that the listener hashes: made of the body and the project's secret.
type Hashed = fn(&[u8], &str) -> (Vec<u8>, String);

/// Runs one check against a listener that hashes this, with the secret that it should have.
async fn ask(secret: &'static str, given: &str, hashed: Hashed) -> Result<Report, RunError> {
    let router = Router::new().fallback(async move |headers: HeaderMap, body: Bytes| {
        let (bytes, key) = hashed(&body, secret);
        let right = authorization(&bytes, &Secret::new(key).unwrap());
        if headers.get("authorization").is_some_and(|value| value.as_bytes() == right.as_bytes()) {
            return (StatusCode::NO_CONTENT, String::new());
        }
        let error = json!({"error": {"code": "INVALID_SIGNATURE", "message": "no"}});
        (StatusCode::BAD_REQUEST, error.to_string())
    });
    let socket = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = Url::parse(&format!("http://{}/", socket.local_addr().unwrap())).unwrap();
    let server = tokio::spawn(async { axum::serve(socket, router).await.unwrap() });
    let options = Options {
        timeout: Duration::from_secs(2),
        only: vec!["signature-accepts-valid".to_owned()],
        ..Options::new(url, Secret::new(given).unwrap(), 1, 1_000_000)
    };
    let asked = run(&options, &Silent).await;
    server.abort();
    asked
}

#[tokio::test(flavor = "current_thread")]
async fn what_a_listener_hashes_is_named() {
    let cases: &[(&str, Hashed, &str, &str)] = &[
        ("ab$cd-e", |it, _| (it.to_vec(), "ab".into()), "secret-cut-at-dollar", "its character 3"),
        ("ab$cd-e", |it, _| (it.to_vec(), "ab-e".into()), "secret-cut-at-dollar", "character 3"),
        ("ab#c", |it, _| (it.to_vec(), "ab".into()), "secret-cut-at-hash", "its character 3"),
        ("key", |it, key| (it.to_vec(), format!("'{key}'")), "secret-in-quotes", "in quotes"),
        ("key", |it, key| (it.to_vec(), format!("\u{feff}{key}")), "secret-with-bom", "mark"),
        ("key", |it, key| ([it, b"|"].concat(), key.into()), "separator-before-secret", "a bar"),
        ("key", |_, key| (b"undefined".into(), key.into()), "body-missing-in-hash", "`undefined`"),
        ("key", |it, key| (python(it), key.into()), "body-hashed-as-source", "Python"),
    ];
    for (secret, hashed, cause, words) in cases {
        let report = ask(secret, secret, *hashed).await.unwrap();
        let first = report.diagnoses.first().map(|diagnosis| diagnosis.cause.as_str());
        assert_eq!(first, Some(*cause), "{:?}", report.notes);
        assert!(report.notes.iter().any(|note| note.contains(words)), "{:?}", report.notes);
    }
}

/// The body as Python shows bytes.
fn python(body: &[u8]) -> Vec<u8> {
    [b"b'", body, b"'"].concat()
}

#[tokio::test(flavor = "current_thread")]
async fn a_secret_that_was_given_wrong_is_said() {
    for (given, words) in [
        ("\"key\"", "the secret that was given stands in quotes"),
        ("'key'", "the secret that was given stands in quotes"),
        ("\u{feff}key", "begins with a byte order mark"),
        (" key\n", "has blanks or line ends around it"),
    ] {
        let told = match ask("key", given, |body, key| (body.to_vec(), key.to_owned())).await {
            Err(error) => error.to_string(),
            Ok(report) => panic!("{given:?}: {:?}", report.diagnoses),
        };
        assert!(told.contains(words), "{told}");
    }
}

//! Whatever comes in over HTTP, signed or not, is answered as the contract says: no panic, no 5xx, and
//! in a refusal not a byte that is not ours.
#![no_main]

use std::cell::OnceCell;

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, StatusCode},
};
use hookproof_contract::{ErrorCode, Secret, signature};
use hookproof_listener::{App, Config, router};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{self, Runtime};
use tower::ServiceExt;

/// Paths that are asked; the last one is nobody's.
const PATHS: [&str; 5] = ["/webhook", "/", "/web-shop", "/probe/player-1001", "/nobody"];

/// The longest answer.
const ANSWER_BYTES_MAX: usize = 4096;

/// Headers that an answer may have.
const HEADERS: [&str; 4] = ["content-type", "content-length", "allow", "www-authenticate"];

/// What a run keeps: opening a database for each input would be all that is measured.
struct Rig {
    runtime: Runtime,
    router: Router,
    secret: Secret,
    _folder: tempfile::TempDir,
}

thread_local! {
    static RIG: OnceCell<Rig> = const { OnceCell::new() };
}

fn rig() -> Rig {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let secret = Secret::new("example-project-secret").expect("it is not empty");
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime can be made");
    let mut config = Config::new(folder.path().join("fuzz.db"), secret.clone());
    config.probe_token = Some("probe-token".to_owned());
    let router = {
        let _inside = runtime.enter();
        router(App::open(config).expect("a new database can be opened"))
    };
    Rig { runtime, router, secret, _folder: folder }
}

/// The first byte says how it is asked, the second, for some, how long a header of the rest is.
fn request(bytes: &[u8], secret: &Secret) -> Option<Request<Body>> {
    let (&choice, body) = bytes.split_first()?;
    let path = PATHS[usize::from(choice >> 2) % PATHS.len()];
    let method = if path.starts_with("/probe") { "GET" } else { "POST" };
    let mut request = Request::builder().method(method).uri(path);
    let mut sent = body;
    match choice & 3 {
        0 => {}
        1 => {
            let (&length, rest) = body.split_first()?;
            let (header, rest) = rest.split_at(rest.len().min(usize::from(length)));
            request = request.header("Authorization", HeaderValue::from_bytes(header).ok()?);
            sent = rest;
        }
        _ => request = request.header("Authorization", signature::authorization(body, secret)),
    }
    request.body(Body::from(sent.to_vec())).ok()
}

/// Whether a refusal is one of ours, to the byte.
fn is_ours(text: &[u8]) -> bool {
    let answer = |code: ErrorCode| {
        let (code, message) = (code.as_str(), code.message());
        format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#)
    };
    text.is_empty() || ErrorCode::ALL.into_iter().any(|code| text == answer(code).as_bytes())
}

fuzz_target!(|bytes: &[u8]| {
    RIG.with(|cell| {
        let rig = cell.get_or_init(rig);
        let Some(request) = request(bytes, &rig.secret) else { return };
        let signed = bytes[0] & 3 > 1;
        rig.runtime.block_on(async {
            let answer = rig.router.clone().oneshot(request).await.expect("it never fails");
            let status = answer.status();
            assert!(status.is_success() || status.is_client_error(), "{status}");
            for name in answer.headers().keys() {
                assert!(HEADERS.contains(&name.as_str()), "{name}");
            }
            let text = axum::body::to_bytes(answer.into_body(), ANSWER_BYTES_MAX).await;
            let text = text.expect("an answer is short");
            match status {
                StatusCode::NO_CONTENT => assert!(signed && text.is_empty()),
                StatusCode::OK => assert!(text.starts_with(b"{") || text.starts_with(b"[")),
                _ => assert!(is_ours(&text), "{}", String::from_utf8_lossy(&text)),
            }
        });
    });
});

//! The conformance suite as tests of this listener: each check is one.
//!
//! `cargo test -p example-listener`, or `cargo test -p example-listener -- signature` for one topic.

use std::process::ExitCode;

use example_listener::{Store, router};
use hookproof_harness::options::Probe;
use tokio::net::TcpListener;

fn main() -> ExitCode {
    hookproof_harness::main(async || {
        let (secret, token) = ("example-project-secret", "probe-token");
        let socket = TcpListener::bind("127.0.0.1:0").await?;
        let base = format!("http://{}", socket.local_addr()?);
        let listener = router(Store::open(":memory:")?, secret.into(), Some(token.into()));
        tokio::spawn(async { axum::serve(socket, listener).await });

        let mut options = hookproof_harness::options(&format!("{base}/webhook"), secret)?;
        options.probe = Some(Probe::Url(format!("{base}/probe/{{user}}?token={token}")));
        Ok(options)
    })
}

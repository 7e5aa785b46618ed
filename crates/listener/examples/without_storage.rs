//! The listener without its storage: what durability costs is measured against it.
//!
//! It is fair in that it is the same program: the same router, limits, signature check, parser, decisions
//! and answers, on the same runtime as `hookproof listener`. Only the call of the storage is left out, and
//! with it the change to another thread. It lies to its sender, so it is good for nothing else.
//!
//! Environment: `PORT`, `DB` (opened, never written) and `XSOLLA_WEBHOOK_SECRET_KEY`.

use std::{env, error::Error, future, path::PathBuf};

use hookproof_contract::Secret;
use hookproof_listener::{App, Config, bench, run};
use tokio::{net::TcpListener, runtime};

#[expect(clippy::disallowed_methods, reason = "here the environment is read, once")]
fn main() -> Result<(), Box<dyn Error>> {
    let port: u16 = env::var("PORT")?.parse()?;
    let secret = Secret::new(env::var("XSOLLA_WEBHOOK_SECRET_KEY")?)?;
    let config = Config::new(PathBuf::from(env::var("DB")?), secret);
    bench::store_nothing();
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let socket = TcpListener::bind(("127.0.0.1", port)).await?;
        run(socket, App::open(config)?, future::pending()).await?;
        Ok(())
    })
}

//! Runs the listener: `example-listener PORT [DATABASE]`, with the secret in the environment.

use std::{
    env,
    error::Error,
    net::{Ipv4Addr, SocketAddr},
};

use example_listener::{Store, router};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = env::var("XSOLLA_WEBHOOK_SECRET_KEY")
        .map_err(|error| format!("XSOLLA_WEBHOOK_SECRET_KEY: {error}"))?;
    let probe_token = env::var("PROBE_TOKEN").ok();
    let mut arguments = env::args().skip(1);
    let port = arguments.next().ok_or("example-listener PORT [DATABASE]")?.parse()?;
    let store = Store::open(&arguments.next().unwrap_or_else(|| "listener.db".to_owned()))?;
    let socket = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    axum::serve(socket, router(store, secret, probe_token)).await?;
    Ok(())
}

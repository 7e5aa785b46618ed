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
    let set = |name| env::var_os(name).and_then(|value| value.into_string().ok());
    let secret = set("XSOLLA_WEBHOOK_SECRET_KEY").ok_or("XSOLLA_WEBHOOK_SECRET_KEY is not set")?;
    let probe_token = set("PROBE_TOKEN");
    let mut arguments = env::args().skip(1);
    let port = arguments.next().ok_or("example-listener PORT [DATABASE]")?.parse()?;
    let store = Store::open(&arguments.next().unwrap_or_else(|| "listener.db".to_owned()))?;
    let socket = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    axum::serve(socket, router(store, secret, probe_token)).await?;
    Ok(())
}

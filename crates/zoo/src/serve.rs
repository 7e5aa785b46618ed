//! Running a listener on loopback, for as long as somebody holds it.

use std::{io, sync::Arc};

use tokio::{net::TcpListener, sync::watch};

use crate::{
    behaviour::Behaviour,
    front::{self, Front},
    right::{Listener, PROBE, WEBHOOK},
};

/// A running listener. Dropping it closes its port.
#[derive(Debug)]
pub struct Served {
    /// Where webhooks go.
    pub webhook_url: String,
    /// Where the effects are seen; `{user}` stands for the user's id.
    pub probe_url: String,
    /// The listener runs until this end of the channel is gone.
    _alive: watch::Sender<()>,
}

/// Starts a listener on a free port of the loopback interface, on the current runtime.
pub async fn serve(behaviour: Behaviour) -> io::Result<Served> {
    let socket = TcpListener::bind(("127.0.0.1", 0)).await?;
    let origin = format!("http://{}", socket.local_addr()?);
    let listener = Arc::new(Listener::new(behaviour));
    let (alive, stop) = watch::channel(());
    match behaviour.front {
        Front::Axum => drop(tokio::spawn(front::axum::run(socket, listener, stop))),
        Front::Raw(raw) => drop(tokio::spawn(front::raw::run(socket, listener, raw, stop))),
    }
    Ok(Served {
        webhook_url: format!("{origin}{WEBHOOK}"),
        probe_url: format!("{origin}{PROBE}{{user}}"),
        _alive: alive,
    })
}

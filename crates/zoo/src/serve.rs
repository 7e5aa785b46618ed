//! Running a listener on loopback, for as long as somebody holds it.

use std::{io, sync::Arc};

use tokio::{net::TcpListener, sync::watch};

use crate::{
    behaviour::Behaviour,
    front,
    right::{Listener, PROBE, WEBHOOK},
};

/// A running listener. Dropping it closes its port.
#[derive(Debug)]
pub struct Served {
    /// Where webhooks go.
    pub webhook_url: String,
    /// Where they go as well, if several processes serve the game: the first of them again, and the rest.
    pub replica_urls: Vec<String>,
    /// Where the effects are seen; `{user}` stands for the user's id.
    pub probe_url: String,
    /// The listener runs until this end of the channel is gone.
    _alive: watch::Sender<()>,
}

/// Starts a listener on a free port of the loopback interface, on the current runtime.
pub async fn serve(behaviour: Behaviour) -> io::Result<Served> {
    let first = Listener::new(behaviour);
    let (alive, stop) = watch::channel(());
    let mut origins = Vec::new();
    for replica in 0..behaviour.replicas.max(1) {
        let socket = TcpListener::bind(("127.0.0.1", 0)).await?;
        origins.push(format!("http://{}", socket.local_addr()?));
        tokio::spawn(front::run(socket, Arc::new(first.beside(replica)), stop.clone()));
    }
    Ok(Served {
        webhook_url: format!("{}{WEBHOOK}", origins[0]),
        replica_urls: origins.iter().map(|origin| format!("{origin}{WEBHOOK}")).collect(),
        probe_url: format!("{}{PROBE}{{user}}", origins[0]),
        _alive: alive,
    })
}

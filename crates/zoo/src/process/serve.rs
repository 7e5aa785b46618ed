//! Running a listener as a process: on a given address, with a folder for what it keeps.

use std::{future::Future, io, net::SocketAddr, path::Path, sync::Arc};

use tokio::{net::TcpListener, sync::watch};

use super::{PAUSE, Process, Store};
use crate::{
    behaviour::Behaviour,
    cells::{Cell, cells},
    faults::faults,
    front,
    odds::odds,
    process::record::{Mark, Record},
    right::Listener,
};

/// The slug of the listener that is right in everything.
const RIGHT: &str = "right";

/// Names that [`serve_process`] takes: the right listener, every fault, every odd one, every cell of the matrix.
pub fn slugs() -> impl Iterator<Item = &'static str> {
    let wrong_and_odd = faults().map(|fault| fault.slug).chain(odds().map(|odd| odd.slug));
    let cells = cells().map(|cell| cell.slug.as_str());
    std::iter::once(RIGHT).chain(wrong_and_odd).chain(cells)
}

/// How the listener of a slug behaves.
pub fn behaviour_of(slug: &str) -> Option<Behaviour> {
    let cell = || Cell::of(slug).map(Cell::behaviour);
    let fault = || faults().find(|fault| fault.slug == slug).map(|fault| (fault.behaviour)());
    let odd = || odds().find(|odd| odd.slug == slug).map(|odd| (odd.behaviour)());
    if slug == RIGHT { Some(Behaviour::default()) } else { fault().or_else(odd).or_else(cell) }
}

/// The listener that another process has to serve, where this one is only its shell.
pub fn wrapped(slug: &str) -> Option<&'static str> {
    let process = behaviour_of(slug).and_then(|behaviour| behaviour.process);
    process.filter(|process| process.wrapped).map(|_| RIGHT)
}

/// Serves the listener of a slug on an address until `stop` resolves, with all that was accepted
/// before, by this process or another, out of `folder`.
///
/// Whoever kills the process, or drops this future, ends the listener as it stands.
pub async fn serve_process(
    slug: &str,
    address: SocketAddr,
    folder: &Path,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let behaviour = behaviour_of(slug).ok_or_else(|| {
        io::Error::new(io::ErrorKind::NotFound, format!("no listener is called `{slug}`"))
    })?;
    let process = behaviour.process.copied().unwrap_or(Process::RIGHT);
    std::fs::create_dir_all(folder)?;
    (process.start)(folder)?;
    tokio::time::sleep(process.binds_after).await;
    let (store, game) = Store::open(folder, &behaviour)?;
    let store = Arc::new(store);
    let listener = Arc::new(Listener::kept(behaviour, game, Arc::clone(&store)));
    let socket = TcpListener::bind(address).await?;
    // Kept until the end: where it is dropped, the server stops.
    let (_alive, running) = watch::channel(());
    tokio::select! {
        () = front::run(socket, Arc::clone(&listener), running) => (),
        never = watch_and_catch_up(&listener, &store) => match never {},
        () = stop => {
            tokio::time::sleep(process.ends_after).await;
            store.journal().close()?;
            (process.stop)(folder)?;
        }
    }
    Ok(())
}

/// Lets what waits have its effects, and takes the pulse from then on.
async fn watch_and_catch_up(listener: &Listener, store: &Store) -> std::convert::Infallible {
    if !store.past.waiting.is_empty() {
        tokio::time::sleep(PAUSE).await;
    }
    for record in &store.past.waiting {
        record.apply(&listener.behaviour, &mut listener.game());
        // Where this fails, the next process applies it; this one has it in memory.
        let _ = store.journal().write(&Record::of_mark(Mark::Applied, record.key.as_deref()));
    }
    store.watch().await
}

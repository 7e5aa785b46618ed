//! The server: sockets in, requests to the [`router`], and an orderly end.
//!
//! axum's own `serve` has no bound on the head of a request, so the connections are hyper's, and
//! [`connection`] ends those that take too long. This module bounds how many there are: where all are
//! taken, the one that has kept its request back the longest makes room. So neither idle nor slow
//! peers hold all places for long.

mod connection;

use std::{
    collections::BTreeMap,
    io,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{Router, serve::Listener};
use ipnet::IpNet;
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::{sleep, timeout},
};

use self::connection::Life;
use crate::{
    app::App,
    config::Limits,
    game::Game,
    http::{admin_router, router},
    metrics::{Closed, Metrics},
    outbox,
};

/// Time for which a connection may keep its request back though others wait for its place. Shorter,
/// and busy connections would lose theirs between two requests.
const CROWDED_TIME_MAX: Duration = Duration::from_secs(1);

/// How often a newcomer looks for somebody who makes room.
const CROWDED_LOOK: Duration = Duration::from_millis(10);

/// Connections to the operator's address.
const ADMIN_CONNECTIONS_MAX: usize = 32;

/// Most connections that can be counted.
const CONNECTIONS_MAX: usize = 1 << 20;

/// Serves until `shutdown` resolves; then accepts no more, and ends when all accepted requests are
/// answered or the time for that is over.
///
/// The caller binds and the caller stops, so that tests use port 0 and programs their own signals.
pub async fn run<G: Game>(
    socket: TcpListener,
    app: App<G>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    run_with_admin(socket, None, app, shutdown).await
}

/// The same, with a second socket for the operators: health and metrics, to the very end.
pub async fn run_with_admin<G: Game>(
    socket: TcpListener,
    admin: Option<TcpListener>,
    app: App<G>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let shared = app.shared();
    let limits = shared.limits.clone();
    let closed = shared.store.closed();
    let house =
        House::new(&limits, &shared.proxies, Arc::clone(&shared.metrics), shared.filter.is_some());
    let asked_to_stop = async {
        shutdown.await;
        app.shared().health.stop();
        if !limits.drain_time.is_zero() {
            tracing::info!("not ready any more: waiting for the load balancer");
            sleep(limits.drain_time).await;
        }
        tracing::info!("shutting down: finishing the accepted requests");
    };
    let (stop, stopping) = watch::channel(false);
    let serving = async {
        tokio::select! {
            () = accept(socket, router(app.clone()), Arc::clone(&house)) => (),
            () = asked_to_stop => (),
        }
        stop.send_replace(true);
        house.close(limits.shutdown_time_max).await;
    };
    let serving = async {
        tokio::join!(serving, outbox::run(app.clone(), stopping));
    };
    match admin {
        None => serving.await,
        Some(admin) => {
            let limits = Limits { connections_max: ADMIN_CONNECTIONS_MAX, ..limits.clone() };
            // What the operators do is not counted among what strangers do.
            let house = House::new(&limits, &[], Arc::new(Metrics::new()), false);
            tokio::select! {
                () = accept(admin, admin_router(app.clone()), Arc::clone(&house)) => (),
                () = serving => (),
            }
            house.close(Duration::ZERO).await;
        }
    }
    // A database that is closed is one file, without a log beside it.
    drop(app);
    if timeout(limits.shutdown_time_max, closed).await.is_err() {
        tracing::warn!("the database was still in use at shutdown");
    }
    Ok(())
}

/// Accepts until the task is aborted.
async fn accept(mut socket: TcpListener, router: Router, house: Arc<House>) {
    loop {
        // Retries by itself where accepting fails, as it does without free file descriptors.
        let (stream, peer) = Listener::accept(&mut socket).await;
        // Answers are one small packet each; without this they may wait for the peer's ACK.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(cause = %error, "cannot turn off Nagle's algorithm");
        }
        let peer = peer.ip().to_canonical();
        if house.has_enough_of(peer) {
            house.metrics.closed(Closed::PerAddress);
            continue;
        }
        let place = house.place(peer).await;
        tokio::spawn(connection::serve(stream, place, router.clone()));
    }
}

/// All connections of one socket.
#[derive(Debug)]
struct House {
    limits: Limits,
    proxies: Vec<IpNet>,
    metrics: Arc<Metrics>,
    /// Whether requests are told whom they come from: it costs each an allocation.
    tells_peer: bool,
    places_max: u32,
    places: Arc<Semaphore>,
    next: AtomicU64,
    lives: Mutex<BTreeMap<u64, Arc<Life>>>,
}

impl House {
    fn new(
        limits: &Limits,
        proxies: &[IpNet],
        metrics: Arc<Metrics>,
        tells_peer: bool,
    ) -> Arc<Self> {
        let places = limits.connections_max.clamp(1, CONNECTIONS_MAX);
        Arc::new(Self {
            limits: limits.clone(),
            proxies: proxies.to_vec(),
            metrics,
            tells_peer,
            places_max: u32::try_from(places).expect("it was clamped"),
            places: Arc::new(Semaphore::new(places)),
            next: AtomicU64::new(0),
            lives: Mutex::default(),
        })
    }

    /// The table is whole after every statement, so a panic elsewhere has not broken it.
    fn lives(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Life>>> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the address has all the connections that one may have.
    fn has_enough_of(&self, peer: IpAddr) -> bool {
        let most = self.limits.connections_per_address_max;
        if most == 0 || self.proxies.iter().any(|proxy| proxy.contains(&peer)) {
            return false;
        }
        self.lives().values().filter(|life| life.peer == peer).count() >= most
    }

    /// A place for a newcomer, as soon as there is one.
    async fn place(self: &Arc<Self>, peer: IpAddr) -> Place {
        let slot = loop {
            if let Ok(slot) = Arc::clone(&self.places).try_acquire_owned() {
                break slot;
            }
            self.make_room();
            let slot = Arc::clone(&self.places).acquire_owned();
            if let Ok(slot) = timeout(CROWDED_LOOK, slot).await {
                break slot.expect("nobody closes the semaphore");
            }
        };
        let id = self.next.fetch_add(1, Relaxed);
        let life = Arc::new(Life::new(peer));
        self.lives().insert(id, Arc::clone(&life));
        self.metrics.accepted.fetch_add(1, Relaxed);
        self.metrics.open.fetch_add(1, Relaxed);
        Place { house: Arc::clone(self), id, life, _slot: slot }
    }

    /// Ends the connection that has kept its request back the longest, if that is long enough.
    fn make_room(&self) {
        let lives = self.lives();
        let waiting = lives.values().filter_map(|life| Some((life.kept_back()?, life)));
        if let Some((kept_back, life)) = waiting.max_by_key(|(kept_back, _)| *kept_back)
            && kept_back >= CROWDED_TIME_MAX
        {
            life.make_room();
        }
    }

    /// Lets each connection finish what it has begun, and ends what is left when the time for that
    /// is over.
    async fn close(&self, patience: Duration) {
        self.lives().values().for_each(|life| life.finish());
        let all_gone = self.places.acquire_many(self.places_max);
        if timeout(patience, all_gone).await.is_err() {
            let unfinished = self.lives().values().filter(|life| life.end()).count();
            if unfinished > 0 && !patience.is_zero() {
                tracing::warn!(unfinished, "some requests were still unfinished at shutdown");
            }
        }
    }
}

/// A connection's place in the house; free again when this is dropped.
#[derive(Debug)]
struct Place {
    house: Arc<House>,
    id: u64,
    life: Arc<Life>,
    _slot: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.house.lives().remove(&self.id);
        self.house.metrics.open.fetch_sub(1, Relaxed);
    }
}

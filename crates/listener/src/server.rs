//! The server: sockets in, requests to the [`router`], and an orderly end.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Instant, Sleep, sleep, timeout},
};

use crate::{app::App, config::Limits, game::Game, http::router};

/// Serves until `shutdown` resolves; then accepts no more, and ends when all accepted requests are
/// answered or the time for that is over.
///
/// The caller binds and the caller stops, so that tests use port 0 and programs their own signals.
pub async fn run<G: Game>(
    socket: TcpListener,
    app: App<G>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let limits = app.shared().limits.clone();
    let closed = app.shared().store.closed();
    let closing_time_max = limits.shutdown_time_max;
    let connections = Bounded::new(socket, &limits);
    let (began, begun) = oneshot::channel::<()>();
    let shutdown = async move {
        shutdown.await;
        tracing::info!("shutting down: finishing the accepted requests");
        drop(began);
    };
    let patience = async move {
        let _ = begun.await;
        sleep(limits.shutdown_time_max).await;
    };
    let serve = axum::serve(connections, router(app)).with_graceful_shutdown(shutdown);
    let result = tokio::select! {
        biased;
        result = async { serve.await } => result,
        () = patience => {
            tracing::warn!("some requests were still unfinished at shutdown");
            Ok(())
        }
    };
    // A database that is closed is one file, without a log beside it.
    if timeout(closing_time_max, closed).await.is_err() {
        tracing::warn!("the database was still in use at shutdown");
    }
    result
}

/// Accepts no more connections at once than the limit; the others wait in the kernel's queue.
struct Bounded {
    socket: TcpListener,
    slots: Arc<Semaphore>,
    idle_time_max: Duration,
}

impl Bounded {
    fn new(socket: TcpListener, limits: &Limits) -> Self {
        let slots = Arc::new(Semaphore::new(limits.connections_max.max(1)));
        Self { socket, slots, idle_time_max: limits.idle_time_max }
    }
}

impl Listener for Bounded {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        let slot = slot.expect("nobody closes the semaphore");
        // Retries by itself where accepting fails, as it does without free file descriptors.
        let (stream, peer) = Listener::accept(&mut self.socket).await;
        // Answers are one small packet each; without this they may wait for the peer's ACK.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(cause = %error, "cannot turn off Nagle's algorithm");
        }
        let idle = Box::pin(sleep(self.idle_time_max));
        (Connection { stream, idle, idle_time_max: self.idle_time_max, _slot: slot }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

/// A connection that gives its slot back when it closes, and fails when its peer falls silent.
struct Connection {
    stream: TcpStream,
    idle: Pin<Box<Sleep>>,
    idle_time_max: Duration,
    _slot: OwnedSemaphorePermit,
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(result) => {
                let next = Instant::now() + self.idle_time_max;
                self.idle.as_mut().reset(next);
                Poll::Ready(result)
            }
            Poll::Pending => match self.idle.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

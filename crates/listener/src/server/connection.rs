//! One connection: hyper's, and a watch beside it that ends it when it is too slow or in the way.
//!
//! A connection *keeps its request back* from the moment it is opened, or has its last answer, until
//! the next body is there. Until then the listener owes it nothing.

use std::{
    future::poll_fn,
    io,
    net::IpAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, body::Body, http::Request};
use hyper::{
    body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::Notify,
    time::{Instant, sleep_until},
};
use tower_service::Service;

use super::Place;
use crate::{config::Limits, http::Peer, metrics::Closed};

/// Headers that hyper takes at most unless it is told. Any other number costs it two tables that are
/// filled anew for each request.
const HYPER_HEADERS_MAX: usize = 100;

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Between requests.
    Idle = 0,
    /// The head of a request has begun.
    Head = 1,
    /// The head is there, and the body is not.
    Body = 2,
    /// The whole request is there, and its answer is not.
    Answer = 3,
}

/// What the house asks of a connection, the more the larger.
const FINISH: u8 = 1;
const END: u8 = 2;

/// What the house knows of a connection.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) peer: IpAddr,
    born: Instant,
    /// The phase, and the milliseconds from birth to the last answer or the first byte since: in one
    /// number, so that they fit together.
    state: AtomicU64,
    /// Whether it never said anything. hyper does not take that for idle.
    silent: AtomicBool,
    wish: AtomicU8,
    in_the_way: AtomicBool,
    wake: Notify,
}

impl Life {
    pub(super) fn new(peer: IpAddr) -> Self {
        Self {
            peer,
            born: Instant::now(),
            state: AtomicU64::new(0),
            silent: AtomicBool::new(true),
            wish: AtomicU8::new(0),
            in_the_way: AtomicBool::new(false),
            wake: Notify::new(),
        }
    }

    /// How long its request has been kept back. None: it has one that is to be answered.
    pub(super) fn kept_back(&self) -> Option<Duration> {
        let (phase, since) = self.state();
        (phase != Phase::Answer).then(|| since.elapsed())
    }

    /// Asks it to end, unless it has a request by now.
    pub(super) fn make_room(&self) {
        self.in_the_way.store(true, Relaxed);
        self.wake.notify_one();
    }

    /// Asks it to answer what it has, and end.
    pub(super) fn finish(&self) {
        self.wish.fetch_max(FINISH, Relaxed);
        self.wake.notify_one();
    }

    /// Ends it; whether it had something to do.
    pub(super) fn end(&self) -> bool {
        self.wish.fetch_max(END, Relaxed);
        self.wake.notify_one();
        self.state().0 != Phase::Idle
    }

    fn state(&self) -> (Phase, Instant) {
        let state = self.state.load(Relaxed);
        let phase = match state & 3 {
            0 => Phase::Idle,
            1 => Phase::Head,
            2 => Phase::Body,
            _ => Phase::Answer,
        };
        (phase, self.born + Duration::from_millis(state >> 2))
    }

    /// Goes to a phase that begins a new wait.
    fn begin(&self, phase: Phase) {
        let since = u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX >> 2);
        self.state.store((since << 2) | phase as u64, Relaxed);
    }

    /// Goes to a phase in which the wait goes on.
    fn advance(&self, phase: Phase) {
        let state = self.state.load(Relaxed);
        self.state.store((state & !3) | phase as u64, Relaxed);
    }

    /// When the phase has taken too long, and why the connection ends then. A body has its own time,
    /// and an answer.
    fn deadline(&self, limits: &Limits) -> Option<(Instant, Closed)> {
        let (phase, since) = self.state();
        match phase {
            Phase::Idle => Some((since + limits.idle_time_max, Closed::Idle)),
            Phase::Head => Some((since + limits.head_time_max, Closed::SlowHead)),
            Phase::Body | Phase::Answer => None,
        }
    }
}

/// Serves a connection to its end.
pub(super) async fn serve(stream: TcpStream, place: Place, router: Router) {
    let limits = &place.house.limits;
    let life = &place.life;
    let peer = place.house.tells_peer.then_some(Peer(life.peer));
    let service = service_fn(|request: Request<Incoming>| {
        let mut router = router.clone();
        let request = request.map(|body| {
            life.advance(if body.is_end_stream() { Phase::Answer } else { Phase::Body });
            Body::new(Watched { body, life: Arc::clone(life) })
        });
        async move {
            let mut request = request;
            if let Some(peer) = peer {
                request.extensions_mut().insert(peer);
            }
            let answer = router.call(request).await;
            life.begin(Phase::Idle);
            answer
        }
    });
    let stream = TokioIo::new(Stream { stream, life: Arc::clone(life) });
    let mut connection = pin!(protocol(limits).serve_connection(stream, service));

    let mut timer = pin!(sleep_until(Instant::now() + limits.idle_time_max));
    let mut wake = pin!(life.wake.notified());
    let mut finishing = false;
    let ended = poll_fn(|context| {
        loop {
            if connection.as_mut().poll(context).is_ready() {
                return Poll::Ready(None);
            }
            // After a wake-up, what it asks for is looked at with the next call registered.
            if wake.as_mut().poll(context).is_ready() {
                wake.set(life.wake.notified());
                let wish = life.wish.load(Relaxed);
                if wish == END {
                    return Poll::Ready(Some(Closed::Shutdown));
                }
                if wish == FINISH && !finishing {
                    if life.silent.load(Relaxed) {
                        return Poll::Ready(None);
                    }
                    finishing = true;
                    connection.as_mut().graceful_shutdown();
                }
                if life.in_the_way.swap(false, Relaxed) && life.state().0 != Phase::Answer {
                    return Poll::Ready(Some(Closed::Crowded));
                }
                continue;
            }
            // The timer is only ever set back when it goes off: most requests never touch it.
            if let Some((deadline, why)) = life.deadline(limits) {
                if deadline < timer.deadline() {
                    timer.as_mut().reset(deadline);
                }
                if timer.as_mut().poll(context).is_ready() {
                    if deadline <= Instant::now() {
                        return Poll::Ready(Some(why));
                    }
                    timer.as_mut().reset(deadline);
                    continue;
                }
            }
            return Poll::Pending;
        }
    });
    if let Some(why) = ended.await {
        place.house.metrics.closed(why);
    }
}

/// HTTP within the limits of a request's head.
fn protocol(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.max_header_size(limits.head_bytes_max);
    if limits.headers_max != HYPER_HEADERS_MAX {
        builder.max_headers(limits.headers_max);
    }
    builder
}

/// A request's body, which says when it is there.
struct Watched {
    body: Incoming,
    life: Arc<Life>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let over = match &polled {
            Poll::Ready(Some(Ok(_))) => self.body.is_end_stream(),
            Poll::Ready(_) => true,
            Poll::Pending => false,
        };
        if over {
            self.life.advance(Phase::Answer);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket that says when a request begins.
struct Stream {
    stream: TcpStream,
    life: Arc<Life>,
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before && self.life.state().0 == Phase::Idle {
            self.life.silent.store(false, Relaxed);
            self.life.begin(Phase::Head);
        }
        polled
    }
}

impl AsyncWrite for Stream {
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

//! A small HTTP/1.1 client that sends exactly the bytes it is given.
//!
//! A client library tidies up what it sends and retries what it thinks safe; a suite must do neither.
//! Header names keep their case, a body can be held back at its last byte so that twenty requests start
//! at the same moment, and each way in which an answer can fail to come has a name of its own.

mod down;
mod endpoint;
mod held;
mod instead;
mod tls;

use std::{
    cell::Cell,
    io,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout_at,
};
use tokio_rustls::client::TlsStream;
use url::Url;

use endpoint::Endpoint;

pub use held::{Held, Open};
pub use tls::{TlsFault, Trust, TrustError};

pub use crate::request::{Framing, Request};

use crate::answer::{self, ANSWER_BYTES_MAX, ReadError, Reply};

/// A connection that is to start together with others must be made within this time.
const HOLDING_MAX: Duration = Duration::from_secs(1);

/// Pause between two pieces of a request that is cut: the target reads them one by one.
const PIECE_PAUSE: Duration = Duration::from_millis(25);

/// Time that all pauses within one request may take together.
const PAUSES_MAX: Duration = Duration::from_millis(100);

/// Times the limit of an answer, where the request itself takes its time.
const PATIENCE_WITH_PIECES: u32 = 4;

/// Why no answer came. None of these is a broken clause by itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection could be made.
    #[error("cannot connect to {address}: {reason}")]
    Unreachable {
        /// Host and port.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// A connection was made, and no TLS on it.
    #[error("cannot connect to {address}: {fault}")]
    Tls {
        /// Host and port.
        address: String,
        /// The reason.
        fault: TlsFault,
    },
    /// The connection was closed before a whole answer had come.
    #[error("the connection was closed before a whole answer had come")]
    Closed,
    /// Nothing came in time.
    #[error("no answer within {} ms", .0.as_millis())]
    Silent(Duration),
    /// What came is not HTTP, or is more than anybody wants to read.
    #[error("the answer is not HTTP: {0}")]
    NotHttp(String),
}

trait Stream: AsyncRead + AsyncWrite + Unpin {
    /// The socket underneath.
    fn socket(&self) -> &TcpStream;

    /// Acknowledges what comes next at once: a server that sends head and body in two pieces would
    /// otherwise wait for it before the second, forty milliseconds for each answer.
    fn acknowledge_at_once(&self) {
        #[cfg(target_os = "linux")]
        // Where it cannot be set, answers are slower and no less right.
        let _ = self.socket().set_quickack(true);
    }
}

impl Stream for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Stream for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// A connection, and whether it was used before.
struct Connection {
    stream: Box<dyn Stream>,
    idle_since: Instant,
    used: bool,
}

impl Connection {
    fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream, idle_since: Instant::now(), used: false }
    }
}

/// The target's endpoints, with the connections that are open to them.
pub struct Wire {
    endpoints: Vec<Endpoint>,
    trust: Trust,
    timeout: Duration,
    bytes_max: usize,
    keep_alive: Cell<bool>,
    next: Cell<usize>,
    sent: Cell<u64>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").field("sent", &self.sent).finish_non_exhaustive()
    }
}

impl Wire {
    /// A wire to the replicas of one listener.
    pub fn new(targets: &[Url], timeout: Duration, trust: &Trust) -> Self {
        Self {
            endpoints: targets.iter().map(Endpoint::new).collect(),
            trust: trust.clone(),
            timeout,
            bytes_max: ANSWER_BYTES_MAX,
            keep_alive: Cell::new(true),
            next: Cell::new(0),
            sent: Cell::new(0),
        }
    }

    /// The same wire, which reads answers of at most so many bytes.
    #[must_use]
    pub fn with_answers_of(self, bytes_max: usize) -> Self {
        Self { bytes_max, ..self }
    }

    /// From now on each request has a connection of its own: the target serves one at a time.
    pub fn close_after_each(&self) {
        self.keep_alive.set(false);
        for endpoint in &self.endpoints {
            endpoint.forget_idle();
        }
    }

    /// From now on connections are kept again: the target was slow for another reason.
    pub fn keep_connections(&self) {
        self.keep_alive.set(true);
    }

    /// Whether the target serves one connection at a time.
    pub fn closes_after_each(&self) -> bool {
        !self.keep_alive.get()
    }

    /// Requests sent so far.
    pub fn sent(&self) -> u64 {
        self.sent.get()
    }

    /// Sends a request to the next of the replicas and waits for the answer.
    pub async fn send(&self, request: &Request) -> Result<Reply, Fault> {
        self.send_to(self.next_target(), request).await
    }

    /// Sends a request to this replica and waits for the answer.
    pub async fn send_to(&self, target: usize, request: &Request) -> Result<Reply, Fault> {
        self.send_within(target, request, self.timeout).await
    }

    /// Sends a request to this replica and waits for the answer, no longer than this.
    pub async fn send_within(
        &self,
        target: usize,
        request: &Request,
        limit: Duration,
    ) -> Result<Reply, Fault> {
        let endpoint = self.endpoint(target);
        let idle = if self.keep_alive.get() { endpoint.take_idle() } else { None };
        if let Some(connection) = idle {
            // A server may close an idle connection just as it is used again; that is nobody's fault.
            match self.exchange(endpoint, connection, request, limit).await {
                Err(Fault::Closed) => {
                    let connection =
                        self.connect(endpoint, limit).await.map_err(|_| Fault::Closed)?;
                    return self.exchange(endpoint, connection, request, limit).await;
                }
                result => return result,
            }
        }
        let connection = self.connect(endpoint, limit).await?;
        self.exchange(endpoint, connection, request, limit).await
    }

    /// Opens a connection of its own to this replica and sends all but the last byte of the body.
    pub async fn hold(&self, target: usize, request: &Request) -> Result<Held<'_>, Fault> {
        let endpoint = self.endpoint(target);
        let mut connection = self.connect(endpoint, HOLDING_MAX.min(self.timeout)).await?;
        let mut bytes = endpoint.pieces(request, false).concat();
        let last = bytes.pop().unwrap_or(b'\n');
        let deadline = Instant::now() + self.timeout;
        timeout_at(deadline.into(), connection.stream.write_all(&bytes))
            .await
            .map_err(|_elapsed| Fault::Silent(self.timeout))?
            .map_err(|_error| Fault::Closed)?;
        self.sent.set(self.sent.get() + 1);
        Ok(Held { connection, last, timeout: self.timeout, _wire: self })
    }

    /// Opens a connection and keeps it, without a request.
    pub async fn open_and_keep(&self) -> Result<Open, Fault> {
        Ok(Open(self.connect(self.endpoint(self.next_target()), self.timeout).await?))
    }

    /// The replica whose turn it is.
    pub fn next_target(&self) -> usize {
        let turn = self.next.get();
        self.next.set(turn.wrapping_add(1));
        turn % self.endpoints.len()
    }

    fn endpoint(&self, target: usize) -> &Endpoint {
        &self.endpoints[target % self.endpoints.len()]
    }

    async fn connect(&self, endpoint: &Endpoint, limit: Duration) -> Result<Connection, Fault> {
        let address = || endpoint.address.clone();
        let unreachable = |reason: String| Fault::Unreachable { address: address(), reason };
        let connecting = async {
            let tcp = endpoint.dial().await.map_err(|error| unreachable(error.to_string()))?;
            if !endpoint.tls {
                return Ok::<Box<dyn Stream>, Fault>(Box::new(tcp));
            }
            let secured = self.trust.handshake(&endpoint.host, tcp).await;
            let fault = |error| Fault::Tls { address: address(), fault: TlsFault::from(&error) };
            Ok(Box::new(secured.map_err(fault)?))
        };
        let stream = tokio::time::timeout(limit, connecting).await.map_err(|_elapsed| {
            unreachable(format!("no connection within {} ms", limit.as_millis()))
        })??;
        Ok(Connection::new(stream))
    }

    /// Sends requests one after the other on one connection of their own, as long as it stands.
    pub async fn send_in_turn(
        &self,
        target: usize,
        requests: &[&Request],
    ) -> Vec<Result<Reply, Fault>> {
        let endpoint = self.endpoint(target);
        let mut connection = match self.connect(endpoint, self.timeout).await {
            Ok(connection) => connection,
            Err(fault) => return vec![Err(fault)],
        };
        let mut came = Vec::new();
        for request in requests {
            let pieces = endpoint.pieces(request, true);
            let reply = self.talk(&mut connection, &pieces, request.method, self.timeout).await;
            let stands = reply.as_ref().is_ok_and(|reply| reply.reusable);
            connection.used = true;
            came.push(reply);
            if !stands {
                break;
            }
        }
        came
    }

    async fn exchange(
        &self,
        endpoint: &Endpoint,
        mut connection: Connection,
        request: &Request,
        limit: Duration,
    ) -> Result<Reply, Fault> {
        let pieces = endpoint.pieces(request, self.keep_alive.get());
        let reply = self.talk(&mut connection, &pieces, request.method, limit).await?;
        if reply.reusable && self.keep_alive.get() {
            endpoint.keep_idle(connection);
        }
        Ok(reply)
    }

    /// Writes a request in its pieces and reads the answer.
    async fn talk(
        &self,
        connection: &mut Connection,
        pieces: &[Vec<u8>],
        method: &str,
        limit: Duration,
    ) -> Result<Reply, Fault> {
        self.sent.set(self.sent.get() + 1);
        let started = Instant::now();
        let talking = async {
            // A server may answer and close before it has read everything: look for the answer first.
            let written = write_pieces(&mut connection.stream, pieces).await;
            connection.stream.acknowledge_at_once();
            match answer::read(&mut connection.stream, method, self.bytes_max).await {
                Err(ReadError::Closed) | Ok(_) if written.is_err() && connection.used => {
                    Err(Fault::Closed)
                }
                result => {
                    if matches!(result, Err(ReadError::Closed)) {
                        connection.reset_on_close();
                    }
                    result.map_err(Fault::from)
                }
            }
        };
        // The pauses between pieces are ours, and on a busy machine long: the target is not blamed.
        let patience = if pieces.len() > 1 { limit * PATIENCE_WITH_PIECES } else { limit };
        let mut reply = timeout_at((started + patience).into(), talking)
            .await
            .map_err(|_elapsed| Fault::Silent(patience))??;
        reply.elapsed = started.elapsed();
        Ok(reply)
    }
}

/// Writes the pieces with a pause between them, so that each is a segment of its own.
async fn write_pieces(stream: &mut Box<dyn Stream>, pieces: &[Vec<u8>]) -> io::Result<()> {
    let pauses = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
    let pause = PIECE_PAUSE.min(PAUSES_MAX / pauses.max(1));
    for (place, piece) in pieces.iter().enumerate() {
        if place > 0 {
            tokio::time::sleep(pause).await;
        }
        stream.write_all(piece).await?;
    }
    Ok(())
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Closed => Self::Closed,
            ReadError::NotHttp(reason) => Self::NotHttp(reason),
        }
    }
}

/// Reads once into the buffer. `Ok(0)` is the end of the stream; a reset counts as an end.
pub(crate) async fn read_some(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
    buffer: &mut Vec<u8>,
) -> usize {
    stream.read_buf(buffer).await.unwrap_or(0)
}

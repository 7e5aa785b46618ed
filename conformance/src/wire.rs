//! A small HTTP/1.1 client that sends exactly the bytes it is given.
//!
//! A client library tidies up what it sends and retries what it thinks safe; a suite must do neither.
//! Header names keep their case, a body can be held back at its last byte so that twenty requests start
//! at the same moment, and each way in which an answer can fail to come has a name of its own.

use std::{
    cell::{Cell, RefCell},
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout_at,
};
use tokio_rustls::{TlsConnector, client::TlsStream, rustls};
use url::Url;

pub use crate::request::Request;

use crate::answer::{self, ReadError, Reply};

/// An idle connection older than this is not used again: the server may be about to close it.
const IDLE_MAX: Duration = Duration::from_millis(800);

/// A connection that is to start together with others must be made within this time.
const HOLDING_MAX: Duration = Duration::from_secs(1);

/// Idle connections kept for each endpoint.
const IDLE_COUNT_MAX: usize = 16;

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

struct Connection {
    stream: Box<dyn Stream>,
    idle_since: Instant,
    used: bool,
}

/// One replica of the target.
struct Endpoint {
    address: String,
    host: String,
    authority: String,
    path: String,
    tls: bool,
    idle: RefCell<Vec<Connection>>,
}

/// How certificates are judged: by the public roots, or where none will be shown, by none at all.
pub(crate) fn tls(needed: bool) -> rustls::ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = webpki_roots::TLS_SERVER_ROOTS.iter().filter(|_| needed).cloned();
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports the default versions")
        .with_root_certificates(roots.collect::<rustls::RootCertStore>())
        .with_no_client_auth()
}

/// The target's endpoints, with the connections that are open to them.
pub struct Wire {
    endpoints: Vec<Endpoint>,
    timeout: Duration,
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
    pub fn new(targets: &[Url], timeout: Duration) -> Self {
        Self {
            endpoints: targets.iter().map(Endpoint::new).collect(),
            timeout,
            keep_alive: Cell::new(true),
            next: Cell::new(0),
            sent: Cell::new(0),
        }
    }

    /// From now on each request has a connection of its own: the target serves one at a time.
    pub fn close_after_each(&self) {
        self.keep_alive.set(false);
        for endpoint in &self.endpoints {
            endpoint.idle.borrow_mut().clear();
        }
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
        let mut bytes = endpoint.head(request, false);
        bytes.extend_from_slice(&request.body);
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
        let unreachable =
            |reason: String| Fault::Unreachable { address: endpoint.address.clone(), reason };
        let connecting = async {
            let tcp = TcpStream::connect(&endpoint.address).await?;
            tcp.set_nodelay(true)?;
            if !endpoint.tls {
                return Ok::<Box<dyn Stream>, io::Error>(Box::new(tcp));
            }
            let name = rustls::pki_types::ServerName::try_from(endpoint.host.clone())
                .map_err(io::Error::other)?;
            let connector = TlsConnector::from(Arc::new(tls(true)));
            Ok(Box::new(connector.connect(name, tcp).await?))
        };
        let stream = tokio::time::timeout(limit, connecting)
            .await
            .map_err(|_elapsed| {
                unreachable(format!("no connection within {} ms", limit.as_millis()))
            })?
            .map_err(|error| unreachable(error.to_string()))?;
        Ok(Connection { stream, idle_since: Instant::now(), used: false })
    }

    async fn exchange(
        &self,
        endpoint: &Endpoint,
        mut connection: Connection,
        request: &Request,
        limit: Duration,
    ) -> Result<Reply, Fault> {
        let mut bytes = endpoint.head(request, self.keep_alive.get());
        bytes.extend_from_slice(&request.body);
        self.sent.set(self.sent.get() + 1);
        let started = Instant::now();
        let exchanging = async {
            // A server may answer and close before it has read everything: look for the answer first.
            let written = connection.stream.write_all(&bytes).await;
            connection.stream.acknowledge_at_once();
            match answer::read(&mut connection.stream, request.method).await {
                Err(ReadError::Closed) | Ok(_) if written.is_err() && connection.used => {
                    Err(Fault::Closed)
                }
                result => result.map_err(Fault::from),
            }
        };
        let mut reply = timeout_at((started + limit).into(), exchanging)
            .await
            .map_err(|_elapsed| Fault::Silent(limit))??;
        reply.elapsed = started.elapsed();
        if reply.reusable && self.keep_alive.get() {
            connection.used = true;
            connection.idle_since = Instant::now();
            let mut idle = endpoint.idle.borrow_mut();
            if idle.len() < IDLE_COUNT_MAX {
                idle.push(connection);
            }
        }
        Ok(reply)
    }
}

impl Endpoint {
    fn new(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let tls = url.scheme() == "https";
        let port = url.port_or_known_default().unwrap_or(80);
        let bracketed = url.host_str().unwrap_or_default();
        let authority =
            url.port().map_or_else(|| bracketed.to_owned(), |port| format!("{bracketed}:{port}"));
        let path = url
            .query()
            .map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        Self {
            address: format!("{bracketed}:{port}"),
            host,
            authority,
            path,
            tls,
            idle: RefCell::default(),
        }
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.borrow_mut();
        idle.retain(|connection| connection.idle_since.elapsed() < IDLE_MAX);
        idle.pop()
    }

    fn head(&self, request: &Request, keep_alive: bool) -> Vec<u8> {
        let mut head =
            format!("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, self.path, self.authority);
        for (name, value) in &request.headers {
            head.push_str(name);
            head.push_str(": ");
            head.push_str(value);
            head.push_str("\r\n");
        }
        if !keep_alive {
            head.push_str("Connection: close\r\n");
        }
        if request.method == "POST" || !request.body.is_empty() {
            head.push_str("Content-Length: ");
            head.push_str(&request.body.len().to_string());
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}

/// An open connection on which nothing was said.
#[expect(dead_code, reason = "the connection is held for its being open")]
pub struct Open(Connection);

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Open")
    }
}

/// A request of which all but the last byte was sent.
pub struct Held<'wire> {
    connection: Connection,
    last: u8,
    timeout: Duration,
    _wire: &'wire Wire,
}

impl std::fmt::Debug for Held<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held")
    }
}

impl Held<'_> {
    /// Sends the last byte and waits for the answer.
    pub async fn release(mut self) -> Result<Reply, Fault> {
        let started = Instant::now();
        let releasing = async {
            let _ = self.connection.stream.write_all(&[self.last]).await;
            self.connection.stream.acknowledge_at_once();
            answer::read(&mut self.connection.stream, "POST").await.map_err(Fault::from)
        };
        let mut reply = timeout_at((started + self.timeout).into(), releasing)
            .await
            .map_err(|_elapsed| Fault::Silent(self.timeout))??;
        reply.elapsed = started.elapsed();
        Ok(reply)
    }
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

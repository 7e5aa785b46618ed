//! One replica of the target: its address, the connections that wait, and what a request is in bytes.

use std::{
    cell::RefCell,
    io,
    time::{Duration, Instant},
};

use tokio::net::TcpStream;
use url::Url;

use super::{Connection, Framing, Request, instead::LOOPBACK};

/// An idle connection older than this is not used again: the server may be about to close it.
const IDLE_MAX: Duration = Duration::from_millis(800);

/// Idle connections kept for each endpoint.
const IDLE_COUNT_MAX: usize = 16;

/// One replica of the target.
pub(super) struct Endpoint {
    pub(super) address: String,
    pub(super) host: String,
    pub(super) port: u16,
    authority: String,
    path: String,
    pub(super) tls: bool,
    pub(super) idle: RefCell<Vec<Connection>>,
}

impl Endpoint {
    pub(super) fn new(url: &Url) -> Self {
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
            port,
            authority,
            path,
            tls,
            idle: RefCell::default(),
        }
    }

    /// Opens a TCP connection to the first address that accepts one.
    pub(super) async fn dial(&self) -> io::Result<TcpStream> {
        let mut dialled = TcpStream::connect(&self.address).await;
        if self.host == "localhost" {
            // Not every system says of this name that it has an IPv6 address too.
            for address in LOOPBACK {
                if dialled.is_ok() {
                    break;
                }
                dialled = TcpStream::connect((address, self.port)).await.or(dialled);
            }
        }
        let tcp = dialled?;
        tcp.set_nodelay(true)?;
        Ok(tcp)
    }

    pub(super) fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.borrow_mut();
        idle.retain(|connection| connection.idle_since.elapsed() < IDLE_MAX);
        idle.pop()
    }

    /// Keeps a connection for the next request.
    pub(super) fn keep_idle(&self, mut connection: Connection) {
        connection.used = true;
        connection.idle_since = Instant::now();
        let mut idle = self.idle.borrow_mut();
        if idle.len() < IDLE_COUNT_MAX {
            idle.push(connection);
        }
    }

    /// Closes all connections that wait.
    pub(super) fn forget_idle(&self) {
        self.idle.borrow_mut().clear();
    }

    /// The bytes of a request, in the pieces in which they are written.
    pub(super) fn pieces(&self, request: &Request, keep_alive: bool) -> Vec<Vec<u8>> {
        let mut head = self.head(request, keep_alive);
        match &request.framing {
            Framing::Whole => {
                head.extend_from_slice(&request.body);
                vec![head]
            }
            Framing::Cut(places) => {
                let mut pieces = vec![head];
                for (place, byte) in request.body.iter().enumerate() {
                    if places.contains(&place) {
                        pieces.push(Vec::new());
                    }
                    if let Some(piece) = pieces.last_mut() {
                        piece.push(*byte);
                    }
                }
                pieces
            }
            Framing::Chunked(sizes) => {
                head.extend(chunked(&request.body, sizes));
                vec![head]
            }
        }
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
        if matches!(request.framing, Framing::Chunked(_)) {
            head.push_str("Transfer-Encoding: chunked\r\n");
        } else if request.method == "POST" || !request.body.is_empty() {
            head.push_str("Content-Length: ");
            head.push_str(&request.body.len().to_string());
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}

/// The body in chunks of these sizes, the last of them for the rest, and the end of all chunks.
fn chunked(body: &[u8], sizes: &[usize]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() * 2);
    let (mut rest, mut sizes) = (body, sizes.iter().copied());
    let mut size = body.len();
    while !rest.is_empty() {
        size = sizes.next().unwrap_or(size).clamp(1, rest.len());
        let (chunk, after) = rest.split_at(size);
        bytes.extend(format!("{size:x}\r\n").into_bytes());
        bytes.extend([chunk, b"\r\n"].concat());
        rest = after;
    }
    bytes.extend(b"0\r\n\r\n");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(framing: Framing, expected: &[&str]) {
        let endpoint = Endpoint::new(&Url::parse("http://127.0.0.1:8080/webhook").unwrap());
        let request = Request { framing, ..Request::bare("POST") };
        let request = Request { body: b"abcdefghijkl".to_vec(), ..request };
        let head = "POST /webhook HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n";
        let mut pieces: Vec<String> = endpoint
            .pieces(&request, true)
            .into_iter()
            .map(|piece| String::from_utf8(piece).unwrap())
            .collect();
        pieces[0] = pieces[0].replace(head, "");
        assert_eq!(pieces, expected);
    }

    #[test]
    fn a_request_is_cut_where_it_is_told() {
        let length = "Content-Length: 12\r\n\r\n";
        check(Framing::Whole, &[&format!("{length}abcdefghijkl")]);
        check(Framing::Cut(vec![0, 5]), &[length, "abcde", "fghijkl"]);
        check(Framing::Cut(vec![11]), &[&format!("{length}abcdefghijk"), "l"]);
    }

    #[test]
    fn chunks_are_as_long_as_they_are_told() {
        let head = "Transfer-Encoding: chunked\r\n\r\n";
        let one = format!("{head}c\r\nabcdefghijkl\r\n0\r\n\r\n");
        check(Framing::Chunked(Vec::new()), &[&one]);
        let three = format!("{head}1\r\na\r\n5\r\nbcdef\r\n5\r\nghijk\r\n1\r\nl\r\n0\r\n\r\n");
        check(Framing::Chunked(vec![1, 5]), &[&three]);
    }
}

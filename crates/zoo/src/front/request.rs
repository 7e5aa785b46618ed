//! Reading HTTP/1 requests off a socket, for the small server.

use std::io;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::Reads;
use crate::{right::BODY_BYTES_MAX, wire::Delivery};

/// The longest request line and headers that are read.
const HEAD_BYTES_MAX: usize = 16 << 10;
/// The most headers that are read.
const HEADERS_MAX: usize = 64;
/// The most that one reading takes from the socket.
const READ_BYTES: usize = 8 << 10;

/// A connection, with what was read and not yet used.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stream: TcpStream,
    unread: Vec<u8>,
    reads: Reads,
    /// Where in the body one piece ended and the next began.
    seams: Vec<usize>,
}

/// What came, or why nothing did.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A request, and whether the sender lets the connection stand.
    Request(Delivery, bool),
    /// No HTTP, or more than a listener takes.
    Refused(u16),
    /// The sender is gone.
    Closed,
}

/// How the body of a request is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Bytes(usize),
    Chunked,
    Missing,
}

impl Connection {
    pub(super) const fn new(stream: TcpStream, reads: Reads) -> Self {
        Self { stream, unread: Vec::new(), reads, seams: Vec::new() }
    }

    /// Leaves a body in the connection, as if nobody had read it.
    pub(super) fn leave(&mut self, body: &[u8]) {
        self.unread.splice(0..0, body.iter().copied());
    }

    /// Reads the next request.
    pub(super) async fn next(&mut self) -> io::Result<Incoming> {
        let (mut delivery, stands) = loop {
            match head(&self.unread) {
                Ok(Some((used, delivery, stands))) => {
                    self.unread.drain(..used);
                    break (delivery, stands);
                }
                Ok(None) if self.unread.len() <= HEAD_BYTES_MAX => (),
                Ok(None) => return Ok(Incoming::Refused(431)),
                Err(_) => return Ok(Incoming::Refused(400)),
            }
            if !self.more().await? {
                return Ok(Incoming::Closed);
            }
        };
        if delivery.header("expect").is_some() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        self.seams.clear();
        let read = match self.length(&delivery) {
            Some(Length::Bytes(bytes)) if bytes <= BODY_BYTES_MAX => self.take(bytes).await?,
            Some(Length::Bytes(_)) => return Ok(Incoming::Refused(413)),
            Some(Length::Chunked) => self.chunks().await?,
            Some(Length::Missing) => return Ok(Incoming::Refused(411)),
            None => return Ok(Incoming::Refused(400)),
        };
        let Some(body) = read else { return Ok(Incoming::Closed) };
        delivery.body = self.understood(body);
        Ok(Incoming::Request(delivery, stands))
    }

    /// Reads once; false at the end of the stream.
    async fn more(&mut self) -> io::Result<bool> {
        self.unread.reserve(READ_BYTES);
        Ok(self.stream.read_buf(&mut self.unread).await? > 0)
    }

    /// The next bytes, or nothing if the stream ends before.
    async fn take(&mut self, bytes: usize) -> io::Result<Option<Vec<u8>>> {
        while self.unread.len() < bytes {
            self.seams.push(self.unread.len());
            if !self.more().await? {
                return Ok(None);
            }
        }
        Ok(Some(self.unread.drain(..bytes).collect()))
    }

    fn length(&self, delivery: &Delivery) -> Option<Length> {
        let chunked = delivery.header("transfer-encoding").is_some();
        match self.reads {
            Reads::LengthOnly if chunked => Some(Length::Bytes(0)),
            Reads::LengthRequired if chunked => Some(Length::Missing),
            _ => length(delivery),
        }
    }

    /// What the listener takes for the body.
    fn understood(&self, mut body: Vec<u8>) -> Vec<u8> {
        match self.reads {
            Reads::FirstPiece => {
                body.truncate(self.seams.first().copied().unwrap_or(body.len()));
                body
            }
            Reads::TextByPiece => {
                let mut text = String::new();
                let mut start = 0;
                for seam in self.seams.iter().copied().chain([body.len()]) {
                    let end = seam.clamp(start, body.len());
                    text.push_str(&String::from_utf8_lossy(&body[start..end]));
                    start = end;
                }
                text.into_bytes()
            }
            _ => body,
        }
    }

    /// A chunked body, or nothing if it is malformed, too long or cut short.
    async fn chunks(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut body = Vec::new();
        let mut borders = Vec::new();
        loop {
            let (used, bytes) = match httparse::parse_chunk_size(&self.unread) {
                Ok(httparse::Status::Complete((used, bytes))) => (used, bytes),
                Ok(httparse::Status::Partial)
                    if self.unread.len() <= HEAD_BYTES_MAX && self.more().await? =>
                {
                    continue;
                }
                _ => return Ok(None),
            };
            let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
            if bytes > BODY_BYTES_MAX - body.len() {
                return Ok(None);
            }
            self.unread.drain(..used);
            let Some(chunk) = self.take(bytes + b"\r\n".len()).await? else { return Ok(None) };
            body.extend_from_slice(&chunk[..bytes]);
            borders.push(body.len());
            // Trailers are not read: what follows them would be no request, and is refused as such.
            if bytes == 0 {
                self.seams = borders;
                return Ok(Some(body));
            }
        }
    }
}

/// Parses a head: its length, the request without its body, and whether the connection may stand.
fn head(bytes: &[u8]) -> Result<Option<(usize, Delivery, bool)>, httparse::Error> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(used) = request.parse(bytes)? else { return Ok(None) };
    let path = request.path.unwrap_or_default();
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let fields = request.headers.iter();
    let delivery = Delivery {
        method: request.method.unwrap_or_default().to_owned(),
        path: path.to_owned(),
        headers: fields.map(|field| (field.name.to_owned(), field.value.to_vec())).collect(),
        body: Vec::new(),
    };
    let wish = delivery.header("connection").unwrap_or_default().to_ascii_lowercase();
    let stands = if request.version == Some(1) { wish != b"close" } else { wish == b"keep-alive" };
    Ok(Some((used, delivery, stands)))
}

fn length(delivery: &Delivery) -> Option<Length> {
    if let Some(coding) = delivery.header("transfer-encoding") {
        return coding.eq_ignore_ascii_case(b"chunked").then_some(Length::Chunked);
    }
    let Some(length) = delivery.header("content-length") else { return Some(Length::Bytes(0)) };
    std::str::from_utf8(length).ok()?.parse().ok().map(Length::Bytes)
}

//! An answer of the target: reading it off the wire, and what it says.

use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncRead;

use crate::wire::read_some;

/// Bytes of an answer that are read; more is not an answer to a webhook.
pub(crate) const ANSWER_BYTES_MAX: usize = 1 << 20;

/// The reason given for an answer beyond the limit.
pub(crate) const ENDLESS: &str = "endless answer";

/// Headers of an answer that are read.
const HEADERS_MAX: usize = 96;

/// Characters of a body that are shown.
const SHOWN_MAX: usize = 160;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// From the first byte sent to the last byte read.
    pub elapsed: Duration,
    /// Whether the connection may be used again.
    pub reusable: bool,
    /// Whether more came after the answer, although nobody had asked for more.
    pub unasked: bool,
}

impl Reply {
    /// Whether the status is one of those that Xsolla takes for success (clause ANS-01).
    pub fn is_success(&self) -> bool {
        matches!(self.status, 200 | 201 | 204)
    }

    /// Whether the answer blames the sender.
    pub fn is_refusal(&self) -> bool {
        (400..500).contains(&self.status)
    }

    /// Whether the answer is a failure of the listener, by its own account.
    pub fn is_server_error(&self) -> bool {
        self.status >= 500
    }

    /// Whether the answer asks for the same delivery later: a failure, or a limit on the rate.
    pub fn is_later(&self) -> bool {
        self.is_server_error() || self.is_rate_limit()
    }

    /// Whether the answer says that too much comes at once.
    pub fn is_rate_limit(&self) -> bool {
        matches!(self.status, 408 | 425 | 429)
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Returns true if the body is a page of HTML, by its media type or by its first words.
    pub fn is_html(&self) -> bool {
        let begin = &self.body[..self.body.len().min(SHOWN_MAX)];
        let begin = String::from_utf8_lossy(begin).trim_start().to_lowercase();
        let typed = self.header("content-type").is_some_and(|it| it.starts_with("text/html"));
        let page = ["<!doctype html", "<html", "<head", "<body"];
        (typed && begin.starts_with('<')) || page.iter().any(|tag| begin.starts_with(tag))
    }

    /// The body as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The contract's error code, where the body has the published form.
    pub fn code(&self) -> Option<String> {
        Some(self.json()?.pointer("/error/code")?.as_str()?.to_owned())
    }
}

/// What a person wants to see of an answer: status, then the beginning of the body.
impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.status)?;
        if self.body.is_empty() {
            return f.write_str(", no body");
        }
        let text = String::from_utf8_lossy(&self.body);
        let visible = text.chars().filter(|c| !c.is_control());
        // The body stands between backticks, and its own must not end the quotation.
        let shown: String =
            visible.map(|c| if c == '`' { '\'' } else { c }).take(SHOWN_MAX).collect();
        let more = if text.chars().count() > SHOWN_MAX { "…" } else { "" };
        write!(f, ", body `{shown}{more}`")
    }
}

/// Why no answer could be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    Closed,
    NotHttp(String),
}

/// Reads one answer of at most `bytes_max` bytes, skipping interim ones.
pub(crate) async fn read(
    stream: &mut (impl AsyncRead + Unpin + ?Sized),
    method: &str,
    bytes_max: usize,
) -> Result<Reply, ReadError> {
    let mut reader = Reader { stream, buffer: Vec::with_capacity(1024), bytes_max };
    loop {
        let head = reader.head().await?;
        reader.buffer.drain(..head.length);
        if (100..200).contains(&head.status) {
            continue;
        }
        let framing = if method == "HEAD" || matches!(head.status, 204 | 304) {
            Framing::Length(0)
        } else {
            head.framing(bytes_max)?
        };
        // Some servers send a body after HEAD all the same; it would be read as the next answer.
        let reusable = head.keep_alive && framing != Framing::Close && method != "HEAD";
        let body = reader.body(framing).await?;
        let unasked = !reader.buffer.is_empty();
        let reusable = reusable && !unasked;
        return Ok(Reply {
            status: head.status,
            headers: head.headers,
            body,
            elapsed: Duration::ZERO,
            reusable,
            unasked,
        });
    }
}

struct Head {
    status: u16,
    headers: Vec<(String, String)>,
    keep_alive: bool,
    length: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
    Close,
}

impl Head {
    fn value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn framing(&self, bytes_max: usize) -> Result<Framing, ReadError> {
        if self
            .value("transfer-encoding")
            .is_some_and(|value| value.to_lowercase().contains("chunked"))
        {
            return Ok(Framing::Chunked);
        }
        let Some(length) = self.value("content-length") else { return Ok(Framing::Close) };
        match length.trim().parse() {
            Ok(length) if length <= bytes_max => Ok(Framing::Length(length)),
            _ => Err(ReadError::NotHttp(format!("Content-Length is `{length}`"))),
        }
    }
}

fn parse_head(buffer: &[u8]) -> Result<Option<Head>, ReadError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(ReadError::NotHttp(error.to_string())),
    };
    let headers: Vec<(String, String)> = response
        .headers
        .iter()
        .map(|header| {
            (header.name.to_lowercase(), String::from_utf8_lossy(header.value).into_owned())
        })
        .collect();
    let connection = headers
        .iter()
        .find(|(name, _)| name == "connection")
        .map_or_else(String::new, |(_, value)| value.to_lowercase());
    let keep_alive = if response.version == Some(1) {
        !connection.contains("close")
    } else {
        connection.contains("keep-alive")
    };
    Ok(Some(Head { status: response.code.unwrap_or(0), headers, keep_alive, length }))
}

/// A stream, and what was read of it and not used yet.
struct Reader<'s, S: ?Sized> {
    stream: &'s mut S,
    buffer: Vec<u8>,
    bytes_max: usize,
}

impl<S: AsyncRead + Unpin + ?Sized> Reader<'_, S> {
    async fn head(&mut self) -> Result<Head, ReadError> {
        loop {
            if let Some(head) = parse_head(&self.buffer)? {
                return Ok(head);
            }
            self.fill().await?;
        }
    }

    async fn body(&mut self, framing: Framing) -> Result<Vec<u8>, ReadError> {
        match framing {
            Framing::Length(length) => {
                while self.buffer.len() < length {
                    self.fill().await?;
                }
                let rest = self.buffer.split_off(length);
                Ok(std::mem::replace(&mut self.buffer, rest))
            }
            Framing::Close => {
                while self.fill().await.is_ok() {}
                Ok(std::mem::take(&mut self.buffer))
            }
            Framing::Chunked => self.chunks().await,
        }
    }

    async fn chunks(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut body = Vec::new();
        loop {
            let (start, size) = match httparse::parse_chunk_size(&self.buffer) {
                Ok(httparse::Status::Complete(found)) => found,
                Ok(httparse::Status::Partial) => {
                    self.fill().await?;
                    continue;
                }
                Err(_) => return Err(ReadError::NotHttp("malformed chunk".to_owned())),
            };
            let size = usize::try_from(size)
                .ok()
                .filter(|size| *size <= self.bytes_max - body.len())
                .ok_or_else(|| ReadError::NotHttp(ENDLESS.to_owned()))?;
            // The chunk's data is followed by CR LF; so is the empty line after the last chunk.
            while self.buffer.len() < start + size + 2 {
                self.fill().await?;
            }
            body.extend_from_slice(&self.buffer[start..start + size]);
            self.buffer.drain(..start + size + 2);
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn fill(&mut self) -> Result<(), ReadError> {
        if self.buffer.len() > self.bytes_max {
            return Err(ReadError::NotHttp(ENDLESS.to_owned()));
        }
        if read_some(self.stream, &mut self.buffer).await == 0 {
            Err(ReadError::Closed)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(bytes: &str, expected: Option<(u16, &str, bool)>) {
        let reply = read(&mut bytes.as_bytes(), "POST", ANSWER_BYTES_MAX).await.ok();
        let found = reply.map(|reply| {
            (reply.status, String::from_utf8(reply.body.clone()).unwrap(), reply.reusable)
        });
        let expected = expected.map(|(status, body, reusable)| (status, body.to_owned(), reusable));
        assert_eq!(found, expected, "{bytes:?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn reads_every_framing() {
        check("HTTP/1.1 204 No Content\r\n\r\n", Some((204, "", true))).await;
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Some((200, "ok", true))).await;
        check("HTTP/1.1 200 OK\r\n\r\nuntil the end", Some((200, "until the end", false))).await;
        check("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", Some((200, "", false))).await;
        check(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
            Some((200, "", false)),
        )
        .await;
        check(
            "HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
            Some((400, "abcde", true)),
        )
        .await;
        check(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
            Some((201, "", true)),
        )
        .await;
    }

    #[tokio::test(flavor = "current_thread")]
    async fn half_an_answer_is_none() {
        check("", None).await;
        check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", None).await;
        check("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", None).await;
        check("220 mail.example.org ESMTP\r\n\r\n", None).await;
    }
}

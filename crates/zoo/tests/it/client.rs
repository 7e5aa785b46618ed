//! A tiny HTTP client: one request on one connection, its answer as text.

use std::{fmt, time::Duration};

use hookproof_contract::{Secret, signature};
use hookproof_zoo::{SECRET, Served};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// As long as an answer should take at most (clause TIME-01).
const PATIENCE: Duration = Duration::from_secs(3);

/// What came back: the head and the body in one text; nothing if the answer is not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply(Option<String>);

impl Reply {
    /// How many answers came on one connection with this status.
    pub(crate) fn count(&self, status: u16) -> usize {
        self.0.as_deref().unwrap_or_default().matches(&format!("HTTP/1.1 {status} ")).count()
    }

    pub(crate) fn status(&self) -> u16 {
        let text = self.0.as_deref().unwrap_or_default();
        text.split(' ').nth(1).map_or(0, |status| status.parse().unwrap())
    }

    /// The code of the contract that the answer names, or nothing.
    pub(crate) fn code(&self) -> &str {
        let text = self.0.as_deref().unwrap_or_default();
        let rest = text.split_once("\"code\":").map_or("", |(_, rest)| rest.trim_start());
        rest.split('"').nth(1).unwrap_or_default()
    }

    pub(crate) fn body(&self) -> &str {
        self.0.as_deref().and_then(|text| text.split_once("\r\n\r\n")).map_or("", |(_, body)| body)
    }

    /// The JSON object in the body, without the marks of its chunks.
    pub(crate) fn json(&self) -> String {
        let (Some(first), Some(last)) = (self.body().find('{'), self.body().rfind('}')) else {
            return String::new();
        };
        self.body()[first..=last].to_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let head = self.0.as_deref()?.split("\r\n\r\n").next()?;
        let mut fields = head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn is_whole(&self) -> bool {
        let length = self.header("content-length").and_then(|length| length.parse().ok());
        length.is_none_or(|length: usize| self.body().len() == length)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_none() || !self.is_whole() {
            return f.write_str("no answer");
        }
        let content_type = self.header("content-type").unwrap_or("-");
        write!(f, "{} {content_type} {}", self.status(), self.body())
    }
}

/// The value of the header `Authorization` for a body.
pub(crate) fn authorization(body: &[u8]) -> String {
    signature::authorization(body, &Secret::new(SECRET).unwrap())
}

/// Sends a signed webhook.
pub(crate) async fn send(served: &Served, body: impl AsRef<[u8]>) -> Reply {
    let header = format!("Authorization: {}", authorization(body.as_ref()));
    post(served, body, &[&header]).await
}

/// Sends an event, and again while the listener is busy, as the sender does.
pub(crate) async fn deliver(served: &Served, event: &Value) -> Reply {
    let reply = send(served, event.to_string()).await;
    if reply.status() == 503 { send(served, event.to_string()).await } else { reply }
}

/// Sends a body with these headers.
pub(crate) async fn post(served: &Served, body: impl AsRef<[u8]>, headers: &[&str]) -> Reply {
    request("POST", &served.webhook_url, body.as_ref(), headers).await
}

/// Reads what a user has.
pub(crate) async fn probe(served: &Served, user: &str) -> Reply {
    get(&served.probe_url.replace("{user}", user)).await
}

pub(crate) async fn get(url: &str) -> Reply {
    request("GET", url, b"", &[]).await
}

pub(crate) async fn request(method: &str, url: &str, body: &[u8], headers: &[&str]) -> Reply {
    let (address, path) = parts(url);
    let start = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close");
    let length = format!("Content-Length: {}", body.len());
    let head = [&[&*start, &*length], headers].concat().join("\r\n") + "\r\n\r\n";
    exchange(url, &[head.as_bytes(), body].concat()).await
}

/// Sends bytes, and takes for the answer what comes until the connection is closed.
pub(crate) async fn exchange(url: &str, bytes: &[u8]) -> Reply {
    let exchanged = async {
        let mut stream = TcpStream::connect(parts(url).0).await?;
        stream.write_all(bytes).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(PATIENCE, exchanged).await.ok().and_then(Result::ok);
    let answer = answer.map(|bytes| without_interim(&String::from_utf8_lossy(&bytes)).to_owned());
    Reply(answer.filter(|text| !text.is_empty()))
}

/// The answer without the interim ones before it.
fn without_interim(text: &str) -> &str {
    let mut rest = text;
    while rest.starts_with("HTTP/1.1 1") {
        rest = rest.split_once("\r\n\r\n").map_or("", |(_, rest)| rest);
    }
    rest
}

/// The address and the path of a URL.
fn parts(url: &str) -> (&str, &str) {
    let rest = url.strip_prefix("http://").unwrap();
    rest.split_at(rest.find('/').unwrap())
}

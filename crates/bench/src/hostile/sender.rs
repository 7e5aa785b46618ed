//! One sender of hostile requests: what it heard, and what of that no listener may say.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{
    random::Random,
    requests::{Then, hostile},
};
use crate::{connection::Connection, pool};

/// Hostile requests between two honest ones.
const HONEST_EVERY: u64 = 500;

/// Time for an answer, or for the end of a connection.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(20);

/// Bytes that are read of a connection before it is given up: several answers fit.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Headers of an answer that are read at most.
const HEADERS_MAX: usize = 32;

/// How the listener met the requests.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    /// Hostile requests.
    pub(super) sent: u64,
    /// Honest ones in between, each answered with 204.
    pub(super) honest: u64,
    /// Answers by status.
    pub(super) statuses: BTreeMap<u16, u64>,
    /// Requests that were met by the end of the connection.
    pub(super) closed: u64,
}

impl Heard {
    pub(super) fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.honest += other.honest;
        self.closed += other.closed;
        for (status, times) in &other.statuses {
            *self.statuses.entry(*status).or_default() += times;
        }
    }
}

/// Sends so many requests. An error is a finding: it names the request by seed and number.
pub(super) async fn send(port: u16, seed: u64, requests: u64) -> anyhow::Result<Heard> {
    let mut random = Random::new(seed);
    let mut heard = Heard::default();
    let mut open = None;
    for number in 0..requests {
        if number % HONEST_EVERY == 0 {
            honest(port, &mut heard)
                .await
                .with_context(|| format!("seed {seed}, before request {number}"))?;
        }
        let hostile = hostile(&mut random);
        open =
            one(port, open, &hostile.bytes, hostile.then, &mut heard).await.with_context(|| {
                let start = &hostile.bytes[..hostile.bytes.len().min(300)];
                format!("seed {seed}, request {number}: {}", start.escape_ascii())
            })?;
        heard.sent += 1;
    }
    honest(port, &mut heard).await.with_context(|| format!("seed {seed}, at the end"))?;
    Ok(heard)
}

/// Asks as Xsolla would. Whatever came before, the answer is 204.
async fn honest(port: u16, heard: &mut Heard) -> anyhow::Result<()> {
    let asked =
        async { Connection::open(port).await?.ask(&pool::question(), pool::Expected::Done).await };
    timeout(ANSWER_TIME_MAX, asked)
        .await
        .context("an honest request has no answer")?
        .context("an honest request")?;
    heard.honest += 1;
    Ok(())
}

/// Sends one request; returns the connection if more can be asked on it.
async fn one(
    port: u16,
    open: Option<TcpStream>,
    bytes: &[u8],
    then: Then,
    heard: &mut Heard,
) -> anyhow::Result<Option<TcpStream>> {
    let reused = open.is_some();
    let mut stream = match open {
        Some(stream) => stream,
        None => TcpStream::connect(("127.0.0.1", port)).await.context("nobody listens")?,
    };
    // A listener may close as soon as it has seen enough; what it said before that is read all the same.
    let written = timeout(ANSWER_TIME_MAX, stream.write_all(bytes)).await;
    let written = written.context("the listener does not read, and does not close")?.is_ok();
    if then == Then::Leaves {
        return Ok(None);
    }
    if then == Then::Ends {
        // It may be closed already.
        let _ = stream.shutdown().await;
    }
    let mut buffer = Vec::new();
    let mut answers = 0;
    let ended = loop {
        let ended = timeout(ANSWER_TIME_MAX, stream.read_buf(&mut buffer)).await;
        let ended = ended.context("no answer, and the connection stays open")?;
        let ended = !matches!(ended, Ok(length) if length > 0);
        while let Some(answer) = first_answer(&buffer, bytes.starts_with(b"HEAD "))? {
            judge(answer.status, heard)?;
            answers += 1;
            let length = answer.length.min(buffer.len());
            buffer.drain(..length);
        }
        if ended || (answers > 0 && then == Then::Stays) {
            break ended;
        }
        if buffer.len() > ANSWER_BYTES_MAX {
            bail!("an answer of more than {ANSWER_BYTES_MAX} bytes");
        }
    };
    if answers == 0 {
        heard.closed += 1;
        // A whole request on a connection of its own has an answer.
        if then == Then::Stays && written && !reused {
            bail!("the connection was closed without an answer");
        }
    }
    Ok((!ended && written && buffer.is_empty()).then_some(stream))
}

/// No request may bring the listener to say that it is broken.
fn judge(status: u16, heard: &mut Heard) -> anyhow::Result<()> {
    if !(100..500).contains(&status) {
        bail!("answered with {status}");
    }
    *heard.statuses.entry(status).or_default() += 1;
    Ok(())
}

struct Answer {
    status: u16,
    length: usize,
}

/// The first answer in these bytes, once it is whole. To HEAD, it has a length and no body.
fn first_answer(bytes: &[u8], to_head: bool) -> anyhow::Result<Option<Answer>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let parsed = response.parse(bytes).context("what was answered is no answer")?;
    let httparse::Status::Complete(head) = parsed else { return Ok(None) };
    let mut headers = response.headers.iter();
    let length = headers.find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length: usize = match length {
        Some(_) if to_head => 0,
        Some(header) => str::from_utf8(header.value)?.trim().parse()?,
        None => 0,
    };
    let status = response.code.unwrap_or_default();
    Ok((bytes.len() >= head + length).then_some(Answer { status, length: head + length }))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    /// What a listener does about each of its connections: answers so, or closes.
    async fn against(answer: impl Fn(usize) -> &'static str + Send + 'static) -> String {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        thread::spawn(move || {
            for (number, stream) in socket.incoming().enumerate() {
                let mut stream = stream.unwrap();
                // Of what is larger, a part is enough here.
                let _ = stream.read(&mut [0; 16 * 1024]);
                let _ = stream.write_all(answer(number).as_bytes());
            }
        });
        match send(port, 1, 2000).await {
            Ok(heard) => format!("{} sent", heard.sent),
            Err(error) => format!("{error:#}"),
        }
    }

    const RIGHT: &str = "HTTP/1.1 204 No Content\r\n\r\n";

    #[tokio::test]
    async fn one_answer_in_a_thousand_convicts() {
        let broken = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
        let found = against(move |number| if number == 1000 { broken } else { RIGHT }).await;
        assert!(found.ends_with("answered with 500"), "{found}");
        let found = against(|number| if number == 1000 { "HTP/1" } else { RIGHT }).await;
        assert!(found.contains("what was answered is no answer"), "{found}");
    }

    #[tokio::test]
    async fn silence_convicts() {
        let found = against(|number| if number >= 1000 { "" } else { RIGHT }).await;
        assert!(
            found.contains("closed without an answer") || found.contains("an honest request"),
            "{found}"
        );
    }

    #[test]
    fn answers_are_told_apart() {
        let two = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 503 x\r\n\r\n";
        let first = first_answer(two, false).unwrap().unwrap();
        assert_eq!((first.status, &two[first.length..][..12]), (400, &b"HTTP/1.1 503"[..]));
        let mut heard = Heard::default();
        judge(first.status, &mut heard).unwrap();
        judge(503, &mut heard).unwrap_err();
        assert_eq!(heard.statuses, BTreeMap::from([(400, 1)]));
        assert!(first_answer(&two[..40], false).unwrap().is_none());
        assert_eq!(first_answer(two, true).unwrap().unwrap().length, first.length - 2);
    }
}

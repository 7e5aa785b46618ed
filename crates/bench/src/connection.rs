//! One keep-alive connection of a trial: a task that asks and waits for the answer.

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    answer::{ANSWER_BYTES_MAX, Answer, judge, parse},
    pool::Expected,
};

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; ANSWER_BYTES_MAX] })
    }

    /// Sends one request and reads its answer; any answer but the expected one is an error.
    pub(crate) async fn ask(&mut self, request: &[u8], expected: Expected) -> anyhow::Result<()> {
        self.exchange(request, |answer| judge(answer, expected)).await?
    }

    /// Sends one request and reads its answer, whatever it is; an error is that none came.
    pub(crate) async fn try_ask(&mut self, request: &[u8]) -> anyhow::Result<Reply> {
        let reply = |answer: &Answer<'_>| Reply { status: answer.status, later: answer.later };
        self.exchange(request, reply).await
    }

    async fn exchange<T>(
        &mut self,
        request: &[u8],
        with: impl FnOnce(&Answer<'_>) -> T,
    ) -> anyhow::Result<T> {
        self.stream.write_all(request).await.context("cannot send")?;
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).await.context("no answer")?;
            if read == 0 {
                bail!("the connection was closed after {filled} bytes of an answer");
            }
            filled += read;
            if let Some(answer) = parse(&self.buffer[..filled])? {
                return Ok(with(&answer));
            }
        }
    }
}

/// What is kept of an answer that may be any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Does it say when to try again?
    pub(crate) later: bool,
}

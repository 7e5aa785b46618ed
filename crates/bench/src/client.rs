//! One connection of the load generator, which never waits.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr},
    time::Instant,
};

use anyhow::{Context, bail};
use mio::net::TcpStream;

use crate::{
    answer::{ANSWER_BYTES_MAX, judge, parse},
    pool::Expected,
};

/// A connection that stays open, and the one request on it that is not answered yet.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
    /// What the answer is to be, and when its request was due.
    asked: Option<(Expected, Instant)>,
}

impl Client {
    pub(crate) fn connect(port: u16) -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let stream = std::net::TcpStream::connect(address).context("cannot connect")?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let stream = TcpStream::from_std(stream);
        Ok(Self { stream, buffer: vec![0; ANSWER_BYTES_MAX], filled: 0, asked: None })
    }

    /// What tells when there is something to [hear](Self::hear).
    pub(crate) fn source(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Sends a request that was due at `from`.
    pub(crate) fn ask(
        &mut self,
        request: &[u8],
        expected: Expected,
        from: Instant,
    ) -> anyhow::Result<()> {
        // Nothing is under way on this connection, so its buffer is empty, and larger than any request.
        let sent = self.stream.write(request).context("cannot send")?;
        if sent < request.len() {
            bail!("the connection took {sent} of {} bytes", request.len());
        }
        self.asked = Some((expected, from));
        Ok(())
    }

    /// Reads what is there; once it is the whole answer, says since when that was waited for.
    ///
    /// # Errors
    ///
    /// Any answer but the expected one is an error.
    pub(crate) fn hear(&mut self) -> anyhow::Result<Option<Instant>> {
        loop {
            match self.stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    bail!("the connection was closed after {} bytes of an answer", self.filled)
                }
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error).context("no answer"),
            }
            let Some(answer) = parse(&self.buffer[..self.filled])? else { continue };
            let (expected, from) = self.asked.take().context("an answer without a request")?;
            judge(&answer, expected)?;
            self.filled = 0;
            return Ok(Some(from));
        }
    }
}

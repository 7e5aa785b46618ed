//! Connections that are open and say nothing yet, or not everything.

use std::time::{Duration, Instant};

use tokio::{io::AsyncWriteExt, time::timeout_at};

use super::{Connection, Fault, Wire};
use crate::answer::{self, Reply};

/// An open connection on which nothing was said.
#[expect(dead_code, reason = "the connection is held for its being open")]
pub struct Open(pub(super) Connection);

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Open")
    }
}

/// A request of which all but the last byte was sent.
pub struct Held<'wire> {
    pub(super) connection: Connection,
    pub(super) last: u8,
    pub(super) timeout: Duration,
    pub(super) _wire: &'wire Wire,
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
            answer::read(&mut self.connection.stream, "POST", answer::ANSWER_BYTES_MAX)
                .await
                .map_err(Fault::from)
        };
        let mut reply = timeout_at((started + self.timeout).into(), releasing)
            .await
            .map_err(|_elapsed| Fault::Silent(self.timeout))??;
        reply.elapsed = started.elapsed();
        Ok(reply)
    }
}

//! The server that can misbehave: it closes, cuts short, dribbles and dies where it is told to.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    task::JoinSet,
};

use super::{
    Closing, Framing, Manner, Names, Raw, Reads, Version,
    request::{Connection, Incoming},
};
use crate::{right::Listener, wire::Answer};

/// An interim answer, which says nothing about the request.
const EARLY_HINTS: &[u8] = b"HTTP/1.1 103 Early Hints\r\nLink: </help>; rel=help\r\n\r\n";
/// How many of its last bytes an answer lacks that is cut short.
const CUT_BYTES: usize = 10;
/// The length of a segment of an answer that is dribbled.
const SEGMENT_BYTES: usize = 16;
/// How much of an answer is dribbled; the rest comes in one piece.
const DRIBBLED_BYTES: usize = 1024;
/// The pause between two such segments.
const SEGMENT_PAUSE: Duration = Duration::from_millis(1);

/// Serves until the other end of `stop` is gone, or until an answer's manner is to die.
pub(crate) async fn run(
    socket: TcpListener,
    listener: Arc<Listener>,
    raw: Raw,
    mut stop: watch::Receiver<()>,
) {
    let death = Arc::new(Notify::new());
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            () = death.notified() => return,
            Some(_) = connections.join_next() => (),
            Ok((stream, _)) = socket.accept() => {
                let (listener, death) = (Arc::clone(&listener), Arc::clone(&death));
                connections.spawn(async move {
                    // A broken connection is the sender's to notice.
                    if let Ok(Manner::Die) = converse(stream, &listener, raw).await {
                        death.notify_one();
                    }
                });
            }
        }
    }
}

/// Answers the requests of one connection, and says how the last answer went.
async fn converse(stream: TcpStream, listener: &Arc<Listener>, raw: Raw) -> io::Result<Manner> {
    stream.set_nodelay(true)?;
    let mut connection = Connection::new(stream, raw.reads);
    loop {
        let (delivery, stands) = match connection.next().await? {
            Incoming::Request(delivery, stands) => (delivery, stands),
            Incoming::Refused(status) => {
                let bytes = raw.framed(&Answer::empty(status), false, true);
                connection.stream.write_all(&bytes).await?;
                return Ok(Manner::Whole);
            }
            Incoming::Closed => return Ok(Manner::Whole),
        };
        let answer = listener.answer(&delivery).await;
        let refuses = answer.status >= 400;
        let closes = !stands
            || raw.version == Version::Http10
            || match raw.closing {
                Closing::KeepAlive => false,
                Closing::AfterRefusals => refuses,
                Closing::Announced | Closing::Unannounced => true,
            };
        if raw.reads == Reads::UnlessRefused && refuses {
            connection.leave(&delivery.body);
        }
        if raw.hints {
            connection.stream.write_all(EARLY_HINTS).await?;
        }
        let bytes = raw.framed(&answer, delivery.method == "HEAD", closes);
        match (raw.manner)(&delivery, &answer) {
            Manner::Whole => raw.send(&mut connection.stream, &bytes).await?,
            Manner::CutShort => {
                let sent = bytes.len().saturating_sub(CUT_BYTES);
                connection.stream.write_all(&bytes[..sent]).await?;
                return Ok(Manner::CutShort);
            }
            manner @ (Manner::HangUp | Manner::Die) => return Ok(manner),
        }
        if closes {
            connection.stream.shutdown().await?;
            return Ok(Manner::Whole);
        }
    }
}

impl Raw {
    /// The bytes of an answer.
    fn framed(&self, answer: &Answer, without_body: bool, closes: bool) -> Vec<u8> {
        let version = match self.version {
            Version::Http10 => "HTTP/1.0",
            Version::Http11 => "HTTP/1.1",
        };
        let mut head = format!("{version} {} {}\r\n", answer.status, self.reason);
        let mut line = |name: &str, value: &str| {
            let name =
                if self.names == Names::Upper { name.to_uppercase() } else { name.to_owned() };
            head.extend([name.as_str(), ": ", value, "\r\n"]);
        };
        if let Some(content_type) = answer.content_type {
            line("Content-Type", content_type);
        }
        for (name, value) in self.extra {
            line(name, value);
        }
        let chunked = self.framing == Framing::Chunked && answer.status != 204;
        if chunked {
            line("Transfer-Encoding", "chunked");
        } else if answer.status != 204 {
            line("Content-Length", &answer.body.len().to_string());
        }
        if closes && self.closing != Closing::Unannounced && self.version == Version::Http11 {
            line("Connection", "close");
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        if without_body || answer.status == 204 {
            return bytes;
        }
        if chunked {
            if !answer.body.is_empty() {
                bytes.extend(format!("{:x}\r\n", answer.body.len()).into_bytes());
                bytes.extend([answer.body.as_slice(), b"\r\n"].concat());
            }
            bytes.extend(b"0\r\n\r\n");
        } else {
            bytes.extend(&answer.body);
        }
        bytes
    }

    async fn send(&self, stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
        if self.framing != Framing::Dribbled {
            return stream.write_all(bytes).await;
        }
        let (dribbled, rest) = bytes.split_at(bytes.len().min(DRIBBLED_BYTES));
        for segment in dribbled.chunks(SEGMENT_BYTES) {
            stream.write_all(segment).await?;
            tokio::time::sleep(SEGMENT_PAUSE).await;
        }
        stream.write_all(rest).await
    }
}

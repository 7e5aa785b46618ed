//! How requests come in and answers go out: by a good server, or by one that can misbehave.

pub(crate) mod axum;
pub(crate) mod raw;
mod request;

use std::sync::Arc;

use tokio::{net::TcpListener, sync::watch};

use crate::{
    right::Listener,
    wire::{Answer, Delivery},
};

/// Serves by the listener's own server until the other end of `stop` is gone.
pub(crate) async fn run(socket: TcpListener, listener: Arc<Listener>, stop: watch::Receiver<()>) {
    match listener.behaviour.front {
        Front::Axum => axum::run(socket, listener, stop).await,
        Front::Raw(raw) => raw::run(socket, listener, raw, stop).await,
    }
}

/// The server in front of a listener.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Front {
    /// axum, which frames everything as it should be.
    Axum,
    /// A small server that writes what it is told to.
    Raw(Raw),
}

/// How the small server writes. The default is ordinary HTTP/1.1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw {
    /// The version in the status line.
    pub(crate) version: Version,
    /// When the connection ends.
    pub(crate) closing: Closing,
    /// The letters of header names.
    pub(crate) names: Names,
    /// How the body is delimited and sent.
    pub(crate) framing: Framing,
    /// How the body of a request is read.
    pub(crate) reads: Reads,
    /// Whether an interim answer comes before each answer.
    pub(crate) hints: bool,
    /// The text after the status.
    pub(crate) reason: &'static str,
    /// Headers that all answers have.
    pub(crate) extra: &'static [(&'static str, &'static str)],
    /// What becomes of each answer.
    pub(crate) manner: fn(&Delivery, &Answer) -> Manner,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            version: Version::Http11,
            closing: Closing::KeepAlive,
            names: Names::Titled,
            framing: Framing::Length,
            reads: Reads::Whole,
            hints: false,
            reason: "Answer",
            extra: &[],
            manner: |_, _| Manner::Whole,
        }
    }
}

/// The version in the status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// HTTP/1.0: the end of the connection ends the answer.
    Http10,
    /// HTTP/1.1.
    Http11,
}

/// When the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    /// When the sender wants it.
    KeepAlive,
    /// After each answer, and the answer says so.
    Announced,
    /// After each answer, without a word.
    Unannounced,
    /// After each refusal, and the answer says so.
    AfterRefusals,
}

/// How the body of a request is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// To its end, as bytes.
    Whole,
    /// To its end, each piece made a text by itself.
    TextByPiece,
    /// What is there at once; the rest is thrown away.
    FirstPiece,
    /// By `Content-Length` alone; without one there is no body.
    LengthOnly,
    /// By `Content-Length` alone; without one the request is refused.
    LengthRequired,
    /// To its end, but not where the request is refused: then the body stays in the connection.
    UnlessRefused,
}

/// The letters of header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// `Content-Type`.
    Titled,
    /// `CONTENT-TYPE`.
    Upper,
}

/// How the body is delimited and sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// With `Content-Length`, at once.
    Length,
    /// In chunks.
    Chunked,
    /// With `Content-Length`, in segments of a few bytes.
    Dribbled,
}

/// What becomes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// It is sent.
    Whole,
    /// The connection is closed instead.
    HangUp,
    /// The connection is closed before the answer's last bytes.
    CutShort,
    /// The whole listener ends instead.
    Die,
}

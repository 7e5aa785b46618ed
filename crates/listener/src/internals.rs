//! The inside, as far as fuzz targets and measurements need it, behind the feature `internals`.
//!
//! Nothing here is part of the listener's interface, and no program that people run is built with it.

use std::{error::Error, fmt, path::Path};

use hookproof_contract::NotificationType;

use crate::{
    decide::{self, Decision},
    event::Event,
    game::{DemoGame, NotSold},
    notification::Notification,
    parse::{self, ParseError},
    store,
};

/// A notification that was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Parsed<'a>(Notification<'a>);

/// Why a body was not read, in the words that are logged.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct Refused(ParseError);

/// Reads a body.
pub fn parse(body: &[u8]) -> Result<Parsed<'_>, Refused> {
    parse::parse(body).map(Parsed).map_err(Refused)
}

/// What is to be done about a notification.
#[derive(Debug, PartialEq, Eq)]
pub struct Decided<'a>(Decision<'a>);

impl Parsed<'_> {
    /// Its type, if the contract lists it.
    pub fn kind(&self) -> Option<NotificationType> {
        self.0.kind()
    }

    /// Decides.
    pub fn decide(&self, game: &DemoGame) -> Result<Decided<'_>, NotSold> {
        decide::decide(&self.0, game).map(Decided)
    }
}

impl Decided<'_> {
    /// The type of the event that is to be recorded; `None` where there is none.
    pub fn records(&self) -> Option<NotificationType> {
        match &self.0 {
            Decision::Record { event, .. } => Some(event.kind()),
            Decision::Ask(_) | Decision::Acknowledge => None,
        }
    }

    /// What the event is recorded under: type, number, and what else tells it apart.
    pub fn key(&self) -> Option<(NotificationType, i64, String)> {
        let Decision::Record { event, .. } = &self.0 else { return None };
        event.key().map(|key| (key.kind, key.id, key.content.as_str().to_owned()))
    }
}

/// Events that are committed together.
#[derive(Default)]
pub struct Batch(Vec<Event>);

impl Batch {
    /// Adds what a body tells of; whether it tells of an event.
    pub fn add(&mut self, body: &[u8], game: &DemoGame) -> bool {
        let Ok(notification) = parse::parse(body) else { return false };
        let Ok(Decision::Record { event, .. }) = decide::decide(&notification, game) else {
            return false;
        };
        self.0.push(event);
        true
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Batch").field(&self.0.len()).finish()
    }
}

/// The storage without the queue in front of it: each call is one transaction, and returns when it is
/// durable, with the number of events that were new.
pub fn storage(
    path: &Path,
) -> Result<
    impl FnMut(&Batch) -> Result<usize, Box<dyn Error + Send + Sync>> + use<>,
    store::DatabaseError,
> {
    let mut apply = store::alone(path)?;
    Ok(move |batch: &Batch| apply(&batch.0))
}

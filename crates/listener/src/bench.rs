//! What measurements need of the inside, behind the feature `bench`.
//!
//! Nothing here is part of the listener, and no program that people run is built with it.

use std::{
    error::Error,
    fmt,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::{
    decide::{self, Decision},
    event::Event,
    game::DemoGame,
    notification::Notification,
    parse, store,
};

static STORES_NOTHING: AtomicBool = AtomicBool::new(false);

/// From now on, this process answers events as if they were stored. It does all else as always.
///
/// Of the whole process and not of one `App`, so that the listener itself has no switch for it.
pub fn store_nothing() {
    STORES_NOTHING.store(true, Ordering::Relaxed);
}

pub(crate) fn stores_nothing() -> bool {
    STORES_NOTHING.load(Ordering::Relaxed)
}

/// A notification that was read.
pub struct Parsed<'a>(Notification<'a>);

/// Reads a body; `None` if it is no notification.
pub fn parse(body: &[u8]) -> Option<Parsed<'_>> {
    parse::parse(body).ok().map(Parsed)
}

impl Parsed<'_> {
    /// Decides; whether there is something to record.
    pub fn decide(&self, game: &DemoGame) -> bool {
        matches!(decide::decide(&self.0, game), Ok(Decision::Record { .. }))
    }
}

impl fmt::Debug for Parsed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parsed(…)")
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

//! What the game is still to be told: orders that were granted or taken back, in their order.
//!
//! An entry is written in the transaction that grants or takes back, and deleted when the game has it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::{Cause, Outcome, StoreError};
use crate::event::{Event, Grant};

/// An order that was granted or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its place. Of one order, what happened first has the smaller number.
    pub(crate) seq: i64,
    /// The order.
    pub(crate) order: i64,
    /// Taken back, or granted.
    pub(crate) taken_back: bool,
    /// Who received it.
    pub(crate) user: String,
    /// What it granted.
    pub(crate) grants: Vec<Grant>,
}

/// The entries of an engine, each with what its order granted: a row for each line of the order. Both
/// engines are asked in these words.
pub(super) const TAKE: &str = "
    SELECT next.seq, next.order_id, next.taken_back, next.user_id, grants.sku, grants.quantity
    FROM (SELECT seq, order_id, taken_back, user_id FROM outbox ORDER BY seq LIMIT $1) AS next
        JOIN grants ON grants.order_id = next.order_id
    ORDER BY next.seq, grants.line";

/// How many there are.
pub(super) const COUNT: &str = "SELECT count(*) FROM outbox";

/// A row that [`TAKE`] finds.
pub(super) type Line = (i64, i64, bool, String, Grant);

/// Puts the lines of one entry together.
pub(super) fn gather(lines: impl IntoIterator<Item = Line>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (seq, order, taken_back, user, grant) in lines {
        match entries.last_mut() {
            Some(entry) if entry.seq == seq => entry.grants.push(grant),
            _ => entries.push(Entry { seq, order, taken_back, user, grants: vec![grant] }),
        }
    }
    entries
}

/// The outbox of an engine, as whoever hands over reads it.
pub(super) trait Outbox: Send + 'static {
    /// How many entries wait, whoever hands them over.
    fn count(&mut self) -> Result<u64, Cause>;

    /// The next entries, in order; none either while another listener on the database hands them over.
    /// Until [`Outbox::release`], no other one does.
    fn take(&mut self, entries_max: u32) -> Result<Vec<Entry>, Cause>;

    /// Lets another listener on the database hand over.
    fn release(&mut self) -> Result<(), Cause>;
}

/// Rings when an entry may have been written here; clones are the same bell.
#[derive(Debug, Clone, Default)]
pub(super) struct Bell(Arc<Notify>);

impl Bell {
    /// Rings, if one of these events has granted or taken back.
    pub(super) fn ring(&self, events: &[Event], results: &[Result<Outcome, StoreError>]) {
        let goods =
            |event: &Event| matches!(event, Event::OrderPaid(_) | Event::OrderCanceled { .. });
        let mut both = events.iter().zip(results);
        if both.any(|(event, result)| *result == Ok(Outcome::Applied) && goods(event)) {
            self.0.notify_one();
        }
    }
}

/// The end from which entries are handed over; clones are the same one.
#[derive(Clone)]
pub(super) struct Out {
    reader: Arc<Mutex<Box<dyn Outbox>>>,
    pub(super) bell: Bell,
}

impl Out {
    pub(super) fn new(reader: Box<dyn Outbox>) -> Self {
        Self { reader: Arc::new(Mutex::new(reader)), bell: Bell::default() }
    }

    /// Resolves when the bell has rung since this last resolved.
    pub(super) async fn rung(&self) {
        self.bell.0.notified().await;
    }

    /// Asks on a thread that may block.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut dyn Outbox) -> Result<T, Cause> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = Arc::clone(&self.reader);
        let asked = tokio::task::spawn_blocking(move || {
            // A reader is as good as before, whatever whoever held it did.
            let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            ask(reader.as_mut())
        });
        asked.await.map_err(Cause::from).flatten().map_err(|cause| {
            tracing::error!(cause = %cause, "cannot read what is to be handed over");
            StoreError::of(&cause)
        })
    }
}

//! What only measurements need, behind the feature `bench`.
//!
//! Nothing here is part of the listener, and no program that people run is built with it.

use std::sync::atomic::{AtomicBool, Ordering};

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

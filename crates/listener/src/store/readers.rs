//! The readers of a store: as many reads at once as the engine opened connections for.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Reader;

/// Readers that nobody uses at the moment, and a bound for those who wait for one.
pub(super) struct Readers {
    idle: Mutex<Vec<Box<dyn Reader>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(readers: Vec<Box<dyn Reader>>) -> Self {
        let permits = Arc::new(Semaphore::new(readers.len()));
        Self { idle: Mutex::new(readers), permits }
    }

    /// Waits for a reader. It comes back when it is dropped, also where the read panicked.
    pub(super) async fn take(readers: &Arc<Self>) -> Taken {
        let permit = Arc::clone(&readers.permits).acquire_owned().await;
        let permit = permit.expect("nobody closes the semaphore");
        let reader = readers.idle().pop();
        Taken { reader, readers: Arc::clone(readers), _permit: permit }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Box<dyn Reader>>> {
        // A list of readers is whole, whatever whoever held it did.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reader that is in use.
pub(super) struct Taken {
    reader: Option<Box<dyn Reader>>,
    readers: Arc<Readers>,
    // Dropped after the reader is back: whoever gets the permit finds it.
    _permit: OwnedSemaphorePermit,
}

impl Taken {
    pub(super) fn get(&mut self) -> &mut dyn Reader {
        let reader = self.reader.as_mut().expect("there are as many permits as readers");
        reader.as_mut()
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(reader) = self.reader.take() {
            self.readers.idle().push(reader);
        }
    }
}

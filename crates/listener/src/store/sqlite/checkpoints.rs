//! Checkpoints: what is in the log is moved into the database, and the log begins anew.
//!
//! Left to itself, SQLite does that inside the commit which makes the log too long, and whoever waits
//! for that commit waits for a thousand pages. Here a thread of its own moves them while the writer
//! goes on. The writer moves the few that came meanwhile, between two commits: only when everything
//! has been moved, the next commit begins at the log's start.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
        mpsc::{self, Receiver, Sender, TryRecvError},
    },
    thread::{self, JoinHandle},
};

use rusqlite::Connection;

use crate::store::{Cause, DatabaseError, schema};

/// Pages that are written to the log before they are worth moving; what SQLite takes by itself.
const FRAMES: u32 = 1_000;

/// The moving of one database's log.
pub(super) struct Checkpoints {
    /// Pages in the log after the last commit, as the engine tells.
    frames: Arc<AtomicU32>,
    /// The same, when it was looked at last.
    seen: u32,
    /// Pages that were in the log when it was last moved.
    moved: u32,
    /// Whether the thread is at work.
    under_way: bool,
    /// None while this is dropped: it ends the thread.
    ask: Option<Sender<()>>,
    done: Receiver<Result<(), rusqlite::Error>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread for the database that the writer has open, and takes checkpoints off the
    /// writer's commits.
    pub(super) fn start(writer: &mut Connection, path: &Path) -> Result<Self, DatabaseError> {
        let frames = Arc::new(AtomicU32::new(0));
        let connection = schema::open_mover(path)?;
        let (ask, asked) = mpsc::channel();
        let (tell, done) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("checkpoints".to_owned())
            .spawn(
                move || {
                    while asked.recv().is_ok() && tell.send(checkpoint(&connection)).is_ok() {}
                },
            )
            .map_err(DatabaseError::Thread)?;
        let told = Arc::clone(&frames);
        writer.wal_hook(Some(move |_: &mut _, pages| {
            told.store(u32::try_from(pages).unwrap_or_default(), Relaxed);
            Ok(())
        }))?;
        let (ask, thread) = (Some(ask), Some(thread));
        Ok(Self { frames, seen: 0, moved: 0, under_way: false, ask, done, thread })
    }

    /// Pages in the log after the last commit.
    #[cfg(test)]
    pub(super) fn frames(&self) -> u32 {
        self.frames.load(Relaxed)
    }

    /// Does what is due, between two commits of the writer.
    pub(super) fn go_on(&mut self, writer: &Connection) -> Result<(), Cause> {
        let frames = self.frames.load(Relaxed);
        if frames < self.seen {
            // It has begun anew.
            self.moved = 0;
        }
        self.seen = frames;
        if !self.under_way {
            if frames - self.moved >= FRAMES {
                self.under_way = self.ask.as_ref().is_some_and(|ask| ask.send(()).is_ok());
            }
            return Ok(());
        }
        match self.done.try_recv() {
            Err(TryRecvError::Empty) => Ok(()),
            Err(TryRecvError::Disconnected) => Err(io::Error::other("the thread has died").into()),
            Ok(result) => {
                self.under_way = false;
                // Where a reader needs the old pages, so many more come before the next attempt.
                self.moved = frames;
                result?;
                Ok(checkpoint(writer)?)
            }
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.ask = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell that matters now.
            let _ = thread.join();
        }
    }
}

/// Moves as much as nobody is reading, without waiting for anybody.
fn checkpoint(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
}

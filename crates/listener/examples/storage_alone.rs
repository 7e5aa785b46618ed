//! The storage without a listener: commits batches of payments until its time is over.
//!
//! Bodies are read and decided before the clock starts, so that what is measured is SQLite with all of the
//! listener's tables. Prints how many events were committed, and in how many nanoseconds.
//!
//! Environment: `DB`, `BATCH` (events of one transaction) and `MILLIS`.

use std::{
    env,
    error::Error,
    io::{self, Write},
    path::PathBuf,
    time::{Duration, Instant},
};

use hookproof_listener::{
    DEMO_USERS, DemoGame,
    internals::{Batch, storage},
};

/// Batches that are prepared at once.
const AHEAD: usize = 64;

#[expect(clippy::disallowed_methods, reason = "here the environment is read, once")]
fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let batch_size: usize = env::var("BATCH")?.parse()?;
    let time = Duration::from_millis(env::var("MILLIS")?.parse()?);
    let mut commit = storage(&PathBuf::from(env::var("DB")?))?;
    let game = DemoGame::new(DEMO_USERS.map(str::to_owned).into());
    let (mut ids, mut events, mut spent) = (1_i64.., 0, Duration::ZERO);
    while spent < time {
        let batches: Vec<Batch> = (0..AHEAD).map(|_| batch(&mut ids, batch_size, &game)).collect();
        let start = Instant::now();
        for batch in &batches {
            events += commit(batch)?;
            if start.elapsed() + spent >= time {
                break;
            }
        }
        spent += start.elapsed();
    }
    writeln!(io::stdout(), "{events} {}", spent.as_nanos())?;
    Ok(())
}

fn batch(ids: &mut impl Iterator<Item = i64>, size: usize, game: &DemoGame) -> Batch {
    let mut batch = Batch::default();
    for id in ids.take(size) {
        let body = format!(
            r#"{{"notification_type":"payment","user":{{"id":"player-1001","country":"US"}},"transaction":{{"id":{id},"payment_date":"2026-03-14T09:26:53+03:00"}},"payment_details":{{"payment":{{"currency":"USD","amount":9.99}}}}}}"#
        );
        assert!(batch.add(body.as_bytes(), game), "a payment is an event");
    }
    batch
}

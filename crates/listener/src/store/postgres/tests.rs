//! Several listeners on one PostgreSQL database: crossing batches, servers and sessions that end.

use std::{
    collections::BTreeMap,
    sync::{Arc, Barrier},
    thread,
};

use super::*;
use crate::{
    event::PaidOrder,
    store::tests::{
        NEW, REPEAT, canceled, charge, paid,
        rig::{Rig, server},
    },
};

/// Listeners at once.
const REPLICAS: usize = 3;

/// Batches that each of them applies.
const ROUNDS: usize = 30;

/// Players, and orders and transactions too, that the batches are about: few, so that they cross.
const CROWD: i64 = 6;

/// A database that is new, and its URL; none where there is no server.
fn new_database() -> Option<(&'static server::Server, PostgresUrl)> {
    let server = server::shared()?;
    Some((server, server.database().parse().unwrap()))
}

/// A sequence that is the same in every run; its seed tells sequences apart.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: i64) -> i64 {
        // Marsaglia's xorshift, with his first triple.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn order_of(user: i64, order: i64, articles: &[(&str, i64)]) -> Event {
    let Event::OrderPaid(paid) = paid(order, articles) else { unreachable!() };
    Event::OrderPaid(PaidOrder { user: format!("user-{user}"), ..paid })
}

/// A batch about the crowd, in an order of its own: whoever locked rows as events come would deadlock
/// with the next one. First orders that nobody else has, so that no key makes one wait for the other
/// before they meet at the inventories; in every third batch also events that others have too.
fn crossing(dice: &mut Dice, replica: u64, round: usize) -> Vec<Event> {
    let round = i64::try_from(round).unwrap();
    let base = round / 3 * CROWD;
    let own = (i64::try_from(replica).unwrap() * 1_000 + round) * 1_000;
    let shared = if round % 3 == 0 { 12 } else { 0 };
    (0..8 + shared)
        .map(|number| {
            if number < 8 {
                return order_of(dice.roll(CROWD), own + number, &[("sword", 1), ("gold", 5)]);
            }
            let number = base + dice.roll(CROWD);
            match dice.roll(5) {
                0 | 1 => order_of(number % CROWD, number, &[("sword", 1), ("gold", 5)]),
                2 => canceled(number, Some(charge(number))),
                3 => Event::Payment(charge(number)),
                _ => Event::Refund(charge(number)),
            }
        })
        .collect()
}

#[test]
fn crossing_batches_of_several_listeners_have_each_effect_once() {
    let Some((server, url)) = new_database() else { return };
    let start = Arc::new(Barrier::new(REPLICAS));
    let threads: Vec<_> = (1_u64..)
        .take(REPLICAS)
        .map(|seed| {
            let (start, mut database) = (Arc::clone(&start), Postgres::open(&url).unwrap());
            thread::spawn(move || {
                let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                let mut applied = Vec::new();
                start.wait();
                for round in 0..ROUNDS {
                    let batch = crossing(&mut dice, seed, round);
                    let results = database.apply(&batch).unwrap();
                    for (event, result) in batch.iter().zip(results) {
                        if result.unwrap() == Outcome::Applied {
                            applied.push(event.key().unwrap().to_string());
                        }
                    }
                }
                applied
            })
        })
        .collect();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for key in threads.into_iter().flat_map(|thread| thread.join().unwrap()) {
        *counts.entry(key).or_default() += 1;
    }
    assert!(counts.len() > 100, "{}", counts.len());
    assert_eq!(counts.iter().find(|(_, count)| **count > 1), None, "applied twice");
    // What is held is what was granted and not cancelled, whatever came first.
    let differs = "SET search_path = hookproof;
         SELECT count(*) FROM inventory FULL JOIN
             (SELECT user_id, sku, sum(quantity) AS quantity
              FROM grants JOIN orders ON orders.id = order_id WHERE state = 'paid'
              GROUP BY user_id, sku) AS due USING (user_id, sku)
         WHERE coalesce(inventory.quantity, 0) <> coalesce(due.quantity, 0)";
    assert_eq!(server.sql(url.database(), differs), "0");
    let recorded = "SELECT count(*) FROM hookproof.seen";
    assert_eq!(server.sql(url.database(), recorded), counts.len().to_string());
    // In one order there is no deadlock to be resolved.
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(server.sql(url.database(), deadlocks), "0");
}

#[test]
fn a_repeat_waits_for_the_end_of_what_it_repeats() {
    let Some((server, url)) = new_database() else { return };
    let (mut holder, database) = (Postgres::open(&url).unwrap(), Postgres::open(&url).unwrap());
    let mut hold = |statements: &str| {
        let run = holder
            .session
            .run(async |connection| Ok(connection.client.batch_execute(statements).await?));
        run.unwrap();
    };
    let mut database = Some(database);
    for (id, end, expected) in [(1, "COMMIT", REPEAT), (2, "ROLLBACK", NEW)] {
        hold(&format!("BEGIN; INSERT INTO seen VALUES ('payment', {id}, '')"));
        let mut writer = database.take().unwrap();
        let waiting = thread::spawn(move || {
            let results = writer.apply(&[Event::Payment(charge(id))]).unwrap();
            (writer, results)
        });
        let waits = "SELECT count(*) FROM pg_stat_activity
             WHERE wait_event_type = 'Lock' AND datname = current_database()";
        while server.sql(url.database(), waits) == "0" {
            assert!(!waiting.is_finished(), "it has to wait");
        }
        hold(end);
        let (writer, results) = waiting.join().unwrap();
        assert_eq!(results, [expected], "{end}");
        database = Some(writer);
    }
}

#[test]
fn a_cancellation_sees_the_delivery_that_it_waited_for() {
    let Some((server, url)) = new_database() else { return };
    let (mut holder, mut database) = (Postgres::open(&url).unwrap(), Postgres::open(&url).unwrap());
    let delivered = [paid(1, &[("gold", 5)])];
    // All but the commit.
    holder.session.run(async |connection| Batch::new(&delivered).apply(connection).await).unwrap();
    let waiting = thread::spawn(move || database.apply(&[canceled(1, None)]).unwrap());
    let waits = "SELECT count(*) FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while server.sql(url.database(), waits) == "0" {
        assert!(!waiting.is_finished(), "it has to wait");
    }
    let commit = async |connection: &Connection| connection.ask(vec![Request::bare(COMMIT)]).await;
    holder.session.run(commit).unwrap();
    assert_eq!(waiting.join().unwrap(), [NEW]);
    let held = "SELECT quantity FROM hookproof.inventory";
    assert_eq!(server.sql(url.database(), held), "0", "what was granted is taken back");
}

/// Another program may lock in another order; whichever of the two has to give way.
#[test]
fn a_batch_that_gives_way_in_a_deadlock_is_applied_again() {
    let Some((server, url)) = new_database() else { return };
    let (mut holder, mut database) = (Postgres::open(&url).unwrap(), Postgres::open(&url).unwrap());
    let mut hold = |id: i64, end: &str| {
        let row = format!(
            "INSERT INTO transactions VALUES ({id}, 'ada', 'paid', 0)
             ON CONFLICT (id) DO UPDATE SET user_id = 'ada'; {end}"
        );
        holder.session.run(async |connection| Ok(connection.client.batch_execute(&row).await?))
    };
    hold(3, "BEGIN; UPDATE transactions SET user_id = 'ada' WHERE id = 3").unwrap();
    hold(2, "").unwrap();
    let batch = [Event::Payment(charge(1)), Event::Payment(charge(2))];
    let waiting = thread::spawn(move || database.apply(&batch).unwrap());
    let waits = "SELECT count(*) FROM pg_stat_activity
         WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while server.sql(url.database(), waits) == "0" {
        assert!(!waiting.is_finished(), "it has to wait");
    }
    // The first of the batch, which waits for the second.
    if let Err(failure) = hold(1, "COMMIT") {
        assert!(matches!(failure, Failure::Conflict(_)), "{failure:?}");
        // Its transaction is over already, but for the word.
        let _ = hold(3, "ROLLBACK");
    }
    assert_eq!(waiting.join().unwrap(), [NEW, NEW]);
    let recorded = "SELECT count(*) FROM hookproof.seen";
    assert_eq!(server.sql(url.database(), recorded), "2");
}

#[test]
fn four_listeners_that_start_at_once_make_the_tables_once() {
    let Some((server, url)) = new_database() else { return };
    let start = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (start, url) = (Arc::clone(&start), url.clone());
            thread::spawn(move || {
                start.wait();
                Postgres::open(&url).map(drop).map_err(|error| error.to_string())
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Ok(()));
    }
    assert_eq!(server.sql(url.database(), "SELECT number FROM hookproof.version"), "2");
}

#[test]
fn a_session_that_the_server_ended_is_replaced_unnoticed() {
    let Some(mut rig) = Rig::postgres() else { return };
    rig.apply(&[paid(1, &[("gold", 5)])], &[NEW]);
    rig.check_items("ada", &[("gold", 5)]);
    for order in 2..5 {
        let ended = rig.one(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        assert_eq!(ended, "2", "the writer and a reader");
        rig.apply(&[paid(order, &[("gold", 5)]), paid(1, &[("gold", 5)])], &[NEW, REPEAT]);
        rig.check_items("ada", &[("gold", order * 5)]);
    }
}

#[test]
fn a_server_that_is_down_is_said_so_and_nothing_is_lost_or_doubled() {
    let Ok(mut server) = server::start_or_skip() else { return };
    let url: PostgresUrl = server.database().parse().unwrap();
    let mut database = Postgres::open(&url).unwrap();
    let mut reader = readers(&url).unwrap().remove(0);
    for order in 0..3 {
        let [before, after] =
            [paid(order * 2, &[("gold", 1)]), paid(order * 2 + 1, &[("gold", 1)])];
        assert_eq!(database.apply(std::slice::from_ref(&before)).unwrap(), [NEW]);
        server.crash();
        let cause = database.apply(std::slice::from_ref(&after)).unwrap_err();
        assert_eq!(StoreError::of(&cause), StoreError::Unavailable, "{cause}");
        assert_eq!(StoreError::of(&reader.view("ada").unwrap_err()), StoreError::Unavailable);
        server.start_again();
        // The server is left alone for a while after it could not be reached.
        let results = loop {
            match database.apply(&[before.clone(), after.clone()]) {
                Ok(results) => break results,
                Err(cause) => assert_eq!(StoreError::of(&cause), StoreError::Unavailable),
            }
        };
        assert_eq!(results, [REPEAT, NEW], "what was committed is there");
    }
    let view = loop {
        match reader.view("ada") {
            Ok(view) => break view,
            Err(cause) => assert_eq!(StoreError::of(&cause), StoreError::Unavailable),
        }
    };
    assert_eq!(view.items["gold"], 6);
}

#[test]
fn a_commit_is_on_the_disk_whatever_the_server_is_set_to() {
    let Some((server, url)) = new_database() else { return };
    assert_eq!(
        server.sql(url.database(), "SHOW synchronous_commit"),
        "off",
        "or nothing is tested"
    );
    let mut database = Postgres::open(&url).unwrap();
    database.apply(&[paid(1, &[])]).unwrap();
    let setting = database.session.run(async |connection| {
        let row = connection.client.query_one("SHOW synchronous_commit", &[]).await?;
        Ok(row.get::<_, String>(0))
    });
    assert_eq!(setting.unwrap(), "on");
}

#[test]
fn what_cannot_be_stored_as_it_is_does_not_hold_up_the_rest() {
    let Some(mut rig) = Rig::postgres() else { return };
    // No text of PostgreSQL holds U+0000.
    let blocked = |value: &str| {
        Event::Blocklist(crate::event::Blocked {
            parameter: "email".to_owned(),
            value: value.to_owned(),
            listed: true,
            reason: Some("\0".to_owned()),
            changed_ms: None,
        })
    };
    let batch =
        [blocked("a\0"), paid(1, &[("gold\0", 1)]), canceled(1, None), paid(2, &[("x", 1)])];
    assert_eq!(rig.database.apply(&batch).unwrap(), [NEW; 4]);
    rig.check_items("ada", &[("x", 1)]);
    assert_eq!(rig.one("SELECT value FROM blocklist"), "a\u{fffd}");
}

#[test]
fn a_schema_that_is_not_ours_or_too_new_is_left_alone() {
    let Some((server, url)) = new_database() else { return };
    let run = |statements: &str| server.sql(url.database(), statements);
    run("CREATE SCHEMA hookproof; CREATE TABLE hookproof.version (theirs text)");
    let refused = || Postgres::open(&url).map(drop).unwrap_err();
    assert!(matches!(refused(), ServerError::Foreign(_)));
    run("DROP TABLE hookproof.version");
    // Somebody else may have created the schema, and may have tables elsewhere.
    run("CREATE TABLE public.orders (theirs text)");
    drop(Postgres::open(&url).unwrap());
    run("UPDATE hookproof.version SET number = 4000");
    let error = refused();
    assert!(matches!(error, ServerError::Newer { found: 4_000, .. }), "{error}");
    assert!(error.to_string().contains("run the newer listener"), "{error}");
    assert_eq!(run("SELECT count(*) FROM public.orders"), "0");
}

#[test]
fn a_server_that_cannot_be_used_says_what_to_do_and_no_password() {
    let Some((server, url)) = new_database() else { return };
    let good = server.url(url.database());
    let nobody = "postgres://ada:s3cret@127.0.0.1:1/game".to_owned();
    for (text, words) in [
        (nobody, "start the server"),
        (good.replace(server::PASSWORD, "wrong-s3cret"), "correct user and password"),
        (server.url("missing"), "createdb missing"),
    ] {
        let url: PostgresUrl = text.parse().unwrap();
        let error = Postgres::open(&url).map(drop).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
    server.sql(url.database(), "CREATE ROLE guest LOGIN PASSWORD 'guest'");
    let guest = good.replace(&format!("hookproof:{}", server::PASSWORD), "guest:guest");
    let error = Postgres::open(&guest.parse().unwrap()).map(drop).unwrap_err().to_string();
    assert!(error.contains("GRANT CREATE ON DATABASE"), "{error}");
}

#[test]
fn a_key_that_is_too_long_for_an_index_fails_alone() {
    let Some(mut rig) = Rig::postgres() else { return };
    let mut dice = Dice(7);
    let long: String =
        (0..9_000).map(|_| char::from(b'a' + u8::try_from(dice.roll(26)).unwrap())).collect();
    let batch = [paid(1, &[("gold", 1)]), paid(2, &[(long.as_str(), 1)]), paid(3, &[("gold", 1)])];
    let results = rig.database.apply(&batch).unwrap();
    assert_eq!(results, [NEW, Err(StoreError::TooLong), NEW]);
    rig.check_items("ada", &[("gold", 2)]);
}

//! `/healthz` and `/readyz`: what they say while the listener is well, in trouble, and at its end.

use std::time::Duration;

use hookproof_contract::signature::authorization;
use rusqlite::Connection as Database;
use tokio::task::JoinSet;

use crate::sqlite::Listener;
use crate::support::{Connection, get, payment, post, secret};

#[tokio::test]
async fn a_listener_that_is_well_says_so_on_both_addresses() {
    let listener = Listener::start().await;
    for address in [listener.address, listener.admin] {
        for path in ["/healthz", "/readyz"] {
            assert_eq!(get(address, path).await.status, 200, "{path}");
        }
        // Webhooks are received on one of them alone.
        let post_there = Connection::to(address).await;
        let webhook = post("/webhook", b"{}", None);
        let mut connection = post_there;
        connection.write(&webhook).await;
        let expected = if address == listener.admin { 404 } else { 400 };
        assert_eq!(connection.reply().await.status, expected);
    }
}

/// Waits until the listener says so; the test's own time limit is the bound.
async fn until_ready(listener: &Listener, status: u16) -> Vec<u8> {
    loop {
        let reply = listener.get("/readyz").await;
        if reply.status == status {
            return reply.body;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Another process holds the database's lock: commits wait, the queue fills, the rest is shed; and when
/// it lets go, what was acknowledged is there and what was not is not.
#[tokio::test]
async fn a_full_queue_sheds_says_when_to_come_back_and_recovers() {
    let listener = Listener::start_with(|config| config.limits.queue_max = 2).await;
    let lock = Database::open(listener.config.db.file().unwrap()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();

    let mut sending = JoinSet::new();
    for id in 1..=12 {
        let body = payment(id).to_bytes();
        let request = post("/webhook", &body, Some(&authorization(&body, &secret())));
        let address = listener.address;
        sending.spawn(async move {
            let mut connection = Connection::to(address).await;
            connection.write(&request).await;
            (id, connection.reply().await)
        });
    }
    let mut shed = Vec::new();
    // One or more went to the writer, two wait, and the rest has its answer at once.
    while shed.len() < 6 {
        let (id, reply) = sending.join_next().await.unwrap().unwrap();
        assert_eq!(reply.status, 503, "{reply:?}");
        assert_eq!(reply.headers["retry-after"], "1");
        assert!(reply.body.is_empty());
        shed.push(id);
    }
    assert_ne!(until_ready(&listener, 503).await, b"");
    lock.execute_batch("COMMIT").unwrap();

    let mut taken = Vec::new();
    while let Some(sent) = sending.join_next().await {
        let (id, reply) = sent.unwrap();
        match reply.status {
            204 => taken.push(id),
            503 => shed.push(id),
            _ => panic!("{reply:?}"),
        }
    }
    assert!(!taken.is_empty());
    for id in taken {
        assert_eq!(listener.transaction(id).await["state"], "paid", "{id}");
    }
    for id in shed {
        assert!(listener.transaction(id).await.is_null(), "{id}");
    }
    assert_eq!(until_ready(&listener, 200).await, b"ready\n");
    assert!(listener.metric("hookproof_refused_total{reason=\"queue_full\"}").await >= 6);
}

#[tokio::test]
async fn a_database_that_cannot_be_written_makes_it_unready_until_it_can() {
    let listener = Listener::start().await;
    let lock = Database::open(listener.config.db.file().unwrap()).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(until_ready(&listener, 503).await, b"the database cannot be written\n");
    assert_eq!(listener.get("/healthz").await.status, 200);
    lock.execute_batch("ROLLBACK").unwrap();
    until_ready(&listener, 200).await;
}

#[tokio::test]
async fn before_the_end_it_says_so_and_still_works() {
    let listener =
        Listener::start_with(|config| config.limits.drain_time = Duration::from_hours(1)).await;
    let (webhooks, admin) = (listener.address, listener.admin);
    let body = payment(1).to_bytes();
    let request = post("/webhook", &body, Some(&authorization(&body, &secret())));
    let (task, _folder) = listener.stop_kept();
    // The listener begins to stop when it is its turn to run.
    loop {
        let reply = get(admin, "/readyz").await;
        if reply.status == 503 {
            assert_eq!(reply.body, b"shutting down\n");
            break;
        }
    }
    assert_eq!(get(webhooks, "/readyz").await.status, 503);
    let mut connection = Connection::to(webhooks).await;
    connection.write(&request).await;
    assert_eq!(connection.reply().await.status, 204);
    task.abort();
}

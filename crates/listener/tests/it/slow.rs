//! Peers that take their time: none of them keeps the others out.

use std::time::Duration;

use hookproof_contract::signature::authorization;
use tokio::task::JoinSet;

use crate::sqlite::Listener;
use crate::support::{Connection, post, secret, user_validation};

/// Longer than any test takes: what this limits never happens.
const NEVER: Duration = Duration::from_hours(1);

/// Repeated, it is a head that never ends, and not yet too long for a while.
const ENDLESS: &[u8] = b"POST / HTTP/1.1\r\nX: ";

fn valid() -> Vec<u8> {
    let body = user_validation().to_bytes();
    post("/", &body, Some(&authorization(&body, &secret())))
}

/// Sends a request byte by byte until the other side has had enough.
async fn trickle(mut connection: Connection, request: &[u8]) {
    for byte in request.chunks(1) {
        if !connection.try_write(byte).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_head_has_to_arrive_in_time_however_busy_the_line_is() {
    let listener = Listener::start_with(|config| {
        config.limits.head_time_max = Duration::from_millis(100);
        config.limits.idle_time_max = NEVER;
    })
    .await;
    // A head without an end, in steps that are each shorter than the limit.
    trickle(listener.connect().await, &ENDLESS.repeat(1000)).await;
    assert_eq!(
        listener.metric("hookproof_connections_closed_total{reason=\"slow_head\"}").await,
        1
    );
    listener.accepts(&user_validation()).await;
}

#[tokio::test]
async fn the_time_of_a_head_counts_for_later_requests_too() {
    let listener = Listener::start_with(|config| {
        config.limits.head_time_max = Duration::from_millis(100);
        config.limits.idle_time_max = NEVER;
    })
    .await;
    let request = String::from_utf8(valid()).unwrap().replace("Connection: close\r\n", "");
    let mut connection = listener.connect().await;
    for _ in 0..2 {
        connection.write(request.as_bytes()).await;
        assert!(connection.read_some().await.starts_with(b"HTTP/1.1 204 "));
    }
    connection.write(b"POST / HT").await;
    assert!(connection.is_closed().await);
}

#[tokio::test]
async fn many_slow_peers_do_not_keep_others_out() {
    let listener = Listener::start_with(|config| {
        config.limits.connections_max = 8;
        config.limits.head_time_max = NEVER;
        config.limits.body_time_max = NEVER;
        config.limits.idle_time_max = NEVER;
    })
    .await;
    // Silent ones, slow heads, slow bodies: more of them than there are places.
    let mut silent = Vec::new();
    let mut slow = JoinSet::new();
    let request = valid();
    let body = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    for _ in 0..8 {
        silent.push(listener.connect().await);
        let mut late = listener.connect().await;
        late.write(&request[..body]).await;
        silent.push(late);
        let connection = listener.connect().await;
        slow.spawn(async move { trickle(connection, &ENDLESS.repeat(1000)).await });
    }
    for _ in 0..5 {
        listener.accepts(&user_validation()).await;
    }
    let crowded = "hookproof_connections_closed_total{reason=\"crowded\"}";
    assert!(listener.metric(crowded).await >= 16);
    assert!(listener.metric("hookproof_connections_open").await <= 8);
    slow.abort_all();
}

#[tokio::test]
async fn a_head_has_a_bound() {
    let listener = Listener::start_with(|config| {
        config.limits.head_bytes_max = 9000;
        config.limits.headers_max = 20;
    })
    .await;
    let with = async |line: &str, times: usize| {
        let request = String::from_utf8(valid()).unwrap();
        let lines = format!("Host: test\r\n{}", line.repeat(times));
        let mut connection = listener.connect().await;
        connection.write(request.replacen("Host: test\r\n", &lines, 1).as_bytes()).await;
        connection.reply().await.status
    };
    assert_eq!(with("", 0).await, 204);
    assert_eq!(with("A: b\r\n", 15).await, 204);
    assert_eq!(with("A: b\r\n", 16).await, 431);
    let long = format!("A: {}\r\n", "b".repeat(9000));
    assert_eq!(with(&long, 1).await, 431);
}

#[tokio::test]
async fn one_address_may_have_so_many_connections_and_a_proxy_all() {
    let few = Listener::start_with(|config| config.limits.connections_per_address_max = 1).await;
    let _first = few.connect().await;
    assert!(few.connect().await.is_closed().await);
    assert_eq!(few.metric("hookproof_connections_closed_total{reason=\"per_address\"}").await, 1);

    let proxied = Listener::start_with(|config| {
        config.limits.connections_per_address_max = 1;
        config.proxies = vec![hookproof_listener::network("127.0.0.1").unwrap()];
    })
    .await;
    let _first = proxied.connect().await;
    proxied.accepts(&user_validation()).await;
}

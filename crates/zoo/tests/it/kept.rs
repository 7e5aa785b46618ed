//! What a listener keeps in its folder, without a process: a future that is dropped is as good as
//! killed, since nothing runs at its end and what was written is the kernel's.

use std::{future::pending, net::SocketAddr, path::Path};

use hookproof_zoo::serve_process;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    client::{authorization, get, request},
    events::{USER, canceled, order},
};

async fn start(slug: &'static str, folder: &Path) -> (SocketAddr, JoinHandle<()>) {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let folder = folder.to_owned();
    let running = tokio::spawn(async move {
        serve_process(slug, address, &folder, pending()).await.unwrap();
    });
    while get(&format!("http://{address}/webhook")).await.status() != 405 {
        assert!(!running.is_finished());
        tokio::task::yield_now().await;
    }
    (address, running)
}

async fn send(address: SocketAddr, event: &serde_json::Value) -> u16 {
    let body = event.to_string();
    let header = format!("Authorization: {}", authorization(body.as_bytes()));
    let url = format!("http://{address}/webhook");
    request("POST", &url, body.as_bytes(), &[&header]).await.status()
}

async fn kept(address: SocketAddr) -> String {
    get(&format!("http://{address}/probe/{USER}")).await.json()
}

#[tokio::test]
async fn the_right_listener_goes_on_where_it_was_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = String::new();
    for event in [order(1, 2), order(1, 2), order(3, 4), canceled(order(1, 2))] {
        let (address, running) = start("right", folder.path()).await;
        if !seen.is_empty() {
            assert_eq!(kept(address).await, seen);
        }
        assert_eq!(send(address, &event).await, 204);
        seen = kept(address).await;
        running.abort();
    }
    assert!(seen.contains(r#""sword_01":2"#), "{seen}");
}

#[tokio::test]
async fn other_faults_keep_what_they_do_too() {
    let folder = tempfile::tempdir().unwrap();
    for swords in [2, 4] {
        let (address, running) = start("no-dedupe", folder.path()).await;
        assert_eq!(send(address, &order(1, 2)).await, 204);
        let view = kept(address).await;
        assert!(view.contains(&format!(r#""sword_01":{swords}"#)), "{view}");
        running.abort();
    }
}

#[tokio::test]
async fn nobody_is_served_under_an_unknown_name() {
    let folder = tempfile::tempdir().unwrap();
    let address = "127.0.0.1:0".parse().unwrap();
    assert!(serve_process("nobody", address, folder.path(), pending()).await.is_err());
}

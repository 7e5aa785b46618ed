//! Orders as the sender sends them, and what a user has after them.

use std::net::SocketAddr;

use hookproof_contract::{Secret, signature};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const USER: &str = "player-1001";

/// How many swords an order grants.
pub(super) const SWORDS: u64 = 2;

/// A paid order of two swords.
pub(super) fn order(id: u64) -> Value {
    json!({
        "notification_type": "order_paid",
        "items": [{ "sku": "sword_01", "type": "virtual_good", "quantity": SWORDS, "amount": "9.99" }],
        "order": { "id": id, "platform": "xsolla", "status": "paid" },
        "user": { "external_id": USER },
    })
}

/// Its cancellation.
pub(super) fn canceled(id: u64) -> Value {
    let mut event = order(id);
    event["notification_type"] = json!("order_canceled");
    event
}

/// Sends an event and leaves the answer to be read.
pub(super) async fn begin(address: SocketAddr, event: &Value) -> std::io::Result<TcpStream> {
    let body = event.to_string();
    let secret = Secret::new(hookproof_zoo::SECRET).unwrap();
    let signature = signature::authorization(body.as_bytes(), &secret);
    let length = body.len();
    let head = format!(
        "POST /webhook HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Authorization: {signature}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(head.as_bytes()).await?;
    Ok(stream)
}

/// The status of an answer, or 0 where none came.
pub(super) async fn status(stream: TcpStream) -> u16 {
    let text = text(stream).await;
    text.split(' ').nth(1).map_or(0, |status| status.parse().unwrap())
}

/// Sends an event.
pub(super) async fn send(address: SocketAddr, event: &Value) -> u16 {
    match begin(address, event).await {
        Ok(stream) => status(stream).await,
        Err(_) => 0,
    }
}

/// How many swords the user has, where the probe says it.
pub(super) async fn swords(address: SocketAddr) -> Option<u64> {
    let head =
        format!("GET /probe/{USER} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(head.as_bytes()).await.ok()?;
    let text = text(stream).await;
    let (_, body) = text.split_once("\r\n\r\n").filter(|_| text.starts_with("HTTP/1.1 200"))?;
    let view: Value = serde_json::from_str(body).ok()?;
    Some(view["items"]["sword_01"].as_u64().unwrap_or(0))
}

async fn text(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // What came before the connection broke is all there is.
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

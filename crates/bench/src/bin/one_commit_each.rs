//! What one would write first in Rust: axum, a connection behind a lock, one transaction for each request.
//!
//! As durable as the listener (WAL, `synchronous=FULL`) and as honest: the signature is checked over the raw
//! body before it is parsed, and a repeat changes nothing. It is compared with, and not to be copied.
//!
//! Environment: `PORT`, `DB` and `XSOLLA_WEBHOOK_SECRET_KEY`; `SYNCHRONOUS` for less than `FULL`, which is how
//! whoever looks for lost events proves that they would be found.

use std::{
    env,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
    serve::ListenerExt,
};
use rusqlite::{Connection, params};
use serde_json::Value;
use sha1::{Digest, Sha1};
use tokio::{net::TcpListener, runtime};

/// The tables that all comparisons have, so that all are audited alike.
const SCHEMA: &str = include_str!("../../peers/schema.sql");

struct Listener {
    secret: String,
    database: Mutex<Connection>,
}

#[expect(clippy::disallowed_methods, reason = "here the environment is read, once")]
fn main() -> anyhow::Result<()> {
    let port: u16 = env::var("PORT")?.parse()?;
    let database = Connection::open(env::var("DB")?)?;
    database.execute_batch(SCHEMA)?;
    if let Ok(synchronous) = env::var("SYNCHRONOUS") {
        database.pragma_update(None, "synchronous", synchronous)?;
    }
    let secret = env::var("XSOLLA_WEBHOOK_SECRET_KEY")?;
    let listener = Arc::new(Listener { secret, database: Mutex::new(database) });
    let router = Router::new().route("/webhook", post(receive)).with_state(listener);
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let socket = TcpListener::bind(("127.0.0.1", port)).await?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        Ok(axum::serve(socket, router).await?)
    })
}

async fn receive(
    State(listener): State<Arc<Listener>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let given = headers.get("authorization").and_then(|value| value.to_str().ok());
    let digest = Sha1::new().chain_update(&body).chain_update(&listener.secret).finalize();
    if given.and_then(|value| value.strip_prefix("Signature ")) != Some(&hex::encode(digest)) {
        return refusal("INVALID_SIGNATURE");
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return refusal("INVALID_PARAMETER");
    };
    let mut database = listener.database.lock().unwrap_or_else(PoisonError::into_inner);
    let result = match body["notification_type"].as_str() {
        Some("payment") => pay(&mut database, &body["user"]["id"], &body),
        Some("order_paid") => deliver(&mut database, &body),
        _ => Ok(()),
    };
    match result {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn pay(database: &mut Connection, user: &Value, body: &Value) -> rusqlite::Result<()> {
    let paid = &body["payment_details"]["payment"];
    database
        .prepare_cached("INSERT OR IGNORE INTO transactions VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            body["transaction"]["id"].as_i64(),
            user.as_str(),
            paid["amount"].to_string(),
            paid["currency"].as_str()
        ])
        .map(drop)
}

fn deliver(database: &mut Connection, body: &Value) -> rusqlite::Result<()> {
    let user = &body["user"]["external_id"];
    let transaction = database.transaction()?;
    let new = transaction
        .prepare_cached("INSERT OR IGNORE INTO orders VALUES (?1, ?2)")?
        .execute(params![body["order"]["id"].as_i64(), user.as_str()])?;
    if new > 0 {
        let billing = &body["billing"];
        transaction
            .prepare_cached("INSERT OR IGNORE INTO transactions VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
            billing["transaction"]["id"].as_i64(),
            user.as_str(),
            billing["payment_details"]["payment"]["amount"].to_string(),
            billing["payment_details"]["payment"]["currency"].as_str()
        ])?;
        for item in body["items"].as_array().into_iter().flatten() {
            transaction
                .prepare_cached(
                    "INSERT INTO inventory VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET quantity = quantity + excluded.quantity",
                )?
                .execute(params![user.as_str(), item["sku"].as_str(), item["quantity"].as_i64()])?;
        }
    }
    transaction.commit()
}

fn refusal(code: &str) -> Response {
    let body = format!(r#"{{"error":{{"code":"{code}"}}}}"#);
    (StatusCode::BAD_REQUEST, [(CONTENT_TYPE, "application/json")], body).into_response()
}

//! A webhook listener for Xsolla's In-Game Store, in axum and SQLite, made to be copied.
//!
//! The order of things is the point: bytes ([`router`]), signature, JSON, meaning, disk ([`Store`]),
//! answer. What is specific to your game are `player_exists` and `grant`.

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

const ID_BYTES_MAX: usize = 1024;
const QUANTITY_MAX: i64 = 1_000_000_000_000;

// -- Your game ------------------------------------------------------------------------------------

const PLAYERS: &[&str] = &["player-1001", "player-2002"];

fn player_exists(user: &str) -> bool {
    PLAYERS.contains(&user)
}

/// Gives an item, within the transaction that records the event: both are stored, or neither.
fn grant(tx: &Transaction<'_>, order: &str, user: &str, item: &Item) -> rusqlite::Result<()> {
    let grant = "INSERT INTO grants VALUES (?, ?, ?, ?)";
    tx.execute(grant, params![order, user, item.sku, item.quantity]).map(|_| ())
}

struct Item {
    sku: String,
    quantity: i64,
}

// -- What a notification means --------------------------------------------------------------------

/// Why a webhook was not accepted.
#[derive(Debug)]
enum Refused {
    /// The sender's fault: answered with 400 and this code, and never sent again.
    Code(&'static str),
    /// Our fault: answered with 500, and sent again.
    Store(rusqlite::Error),
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

const INVALID_PARAMETER: Refused = Refused::Code("INVALID_PARAMETER");

/// Does what the webhook asks for, within one transaction.
fn handle(tx: &Transaction<'_>, webhook: &Value) -> Result<(), Refused> {
    let kind = webhook["notification_type"].as_str().ok_or(INVALID_PARAMETER)?;
    match kind {
        "user_validation" => known(&id(&webhook["user"]["id"])?),
        "payment" => payment(tx, webhook),
        "refund" => refund(tx, webhook),
        "order_paid" => order_paid(tx, webhook),
        "order_canceled" => order_canceled(tx, webhook),
        // Other types ask nothing of this listener.
        _ => Ok(()),
    }
}

fn payment(tx: &Transaction<'_>, webhook: &Value) -> Result<(), Refused> {
    let (transaction, user) = (id(&webhook["transaction"]["id"])?, buyer(webhook)?);
    user.as_deref().map_or(Ok(()), known)?;
    if first_time(tx, "payment", &transaction)? {
        // A refund may have come before its payment, and stays.
        let record = "INSERT OR IGNORE INTO transactions VALUES (?, ?, 'paid', 0)";
        tx.execute(record, params![transaction, user])?;
    }
    Ok(())
}

fn refund(tx: &Transaction<'_>, webhook: &Value) -> Result<(), Refused> {
    // The money has gone back already, whether or not the player is still there.
    let (transaction, user) = (id(&webhook["transaction"]["id"])?, buyer(webhook)?);
    if first_time(tx, "refund", &transaction)? {
        let record = "INSERT INTO transactions VALUES (?, ?, 'refunded', 1)
                      ON CONFLICT (id) DO UPDATE SET state = 'refunded', refunds = 1";
        tx.execute(record, params![transaction, user])?;
    }
    Ok(())
}

fn order_paid(tx: &Transaction<'_>, webhook: &Value) -> Result<(), Refused> {
    let (order, user) = (id(&webhook["order"]["id"])?, id(&webhook["user"]["external_id"])?);
    known(&user)?;
    let items = granted(webhook)?;
    if !first_time(tx, "order_paid", &order)? {
        return Ok(());
    }
    let canceled = "SELECT 1 FROM seen WHERE type = 'order_canceled' AND id = ?";
    if tx.query_row(canceled, [&order], |_| Ok(())).optional()?.is_some() {
        return Ok(()); // It was cancelled before this came.
    }
    for item in &items {
        grant(tx, &order, &user, item)?;
    }
    Ok(())
}

fn order_canceled(tx: &Transaction<'_>, webhook: &Value) -> Result<(), Refused> {
    let order = id(&webhook["order"]["id"])?;
    known(&id(&webhook["user"]["external_id"])?)?;
    if first_time(tx, "order_canceled", &order)? {
        tx.execute("DELETE FROM grants WHERE order_id = ?", [&order])?;
    }
    Ok(())
}

/// A bundle is granted as itself; the lines that list what is in it give nothing.
fn granted(webhook: &Value) -> Result<Vec<Item>, Refused> {
    let mut items = Vec::new();
    for line in webhook["items"].as_array().ok_or(INVALID_PARAMETER)? {
        let quantity =
            line["quantity"].as_i64().filter(|quantity| (0..=QUANTITY_MAX).contains(quantity));
        let item = Item { sku: id(&line["sku"])?, quantity: quantity.ok_or(INVALID_PARAMETER)? };
        if line["is_bundle_content"] != true {
            items.push(item);
        }
    }
    Ok(items)
}

/// Records an event under its type and id. The unique index decides, not a look beforehand.
fn first_time(tx: &Transaction<'_>, kind: &str, event: &str) -> Result<bool, Refused> {
    Ok(tx.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", [kind, event])? == 1)
}

/// Ids come as numbers or as text, and mean the same.
fn id(value: &Value) -> Result<String, Refused> {
    match value {
        Value::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
        Value::String(text) if (1..=ID_BYTES_MAX).contains(&text.len()) => Ok(text.clone()),
        _ => Err(INVALID_PARAMETER),
    }
}

/// Whoever has paid. A payment may come without a user.
fn buyer(webhook: &Value) -> Result<Option<String>, Refused> {
    if webhook["user"].is_null() { Ok(None) } else { id(&webhook["user"]["id"]).map(Some) }
}

fn known(user: &str) -> Result<(), Refused> {
    if player_exists(user) { Ok(()) } else { Err(Refused::Code("INVALID_USER")) }
}

// -- Disk -----------------------------------------------------------------------------------------

/// One connection, one writer at a time. What was committed survives the process.
#[derive(Debug)]
pub struct Store(Mutex<Connection>);

impl Store {
    /// Opens the database, or makes it.
    pub fn open(path: &str) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             CREATE TABLE IF NOT EXISTS seen (type TEXT, id TEXT, PRIMARY KEY (type, id));
             CREATE TABLE IF NOT EXISTS grants (order_id TEXT, user TEXT, sku TEXT, quantity INTEGER);
             CREATE INDEX IF NOT EXISTS grants_of_order ON grants (order_id);
             CREATE INDEX IF NOT EXISTS grants_of_user ON grants (user);
             CREATE TABLE IF NOT EXISTS transactions (
                 id TEXT PRIMARY KEY, user TEXT, state TEXT, refunds INTEGER);
             CREATE INDEX IF NOT EXISTS transactions_of_user ON transactions (user);",
        )?;
        Ok(Self(Mutex::new(connection)))
    }

    /// Event and effect are committed together, or neither is.
    fn handle(&self, webhook: &Value) -> Result<(), Refused> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        handle(&tx, webhook)?;
        Ok(tx.commit()?)
    }

    fn view(&self, user: &str) -> rusqlite::Result<Value> {
        let connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut items, mut transactions) = (Map::new(), Map::new());
        let mut sums = connection
            .prepare_cached("SELECT sku, SUM(quantity) FROM grants WHERE user = ? GROUP BY sku")?;
        let mut rows = sums.query([user])?;
        while let Some(row) = rows.next()? {
            items.insert(row.get(0)?, json!(row.get::<_, i64>(1)?));
        }
        let mut states = connection
            .prepare_cached("SELECT id, state, refunds FROM transactions WHERE user = ?")?;
        let mut rows = states.query([user])?;
        while let Some(row) = rows.next()? {
            let (state, refunds) = (row.get::<_, String>(1)?, row.get::<_, i64>(2)?);
            transactions.insert(row.get(0)?, json!({ "state": state, "refunds": refunds }));
        }
        Ok(json!({ "user": user, "items": items, "transactions": transactions }))
    }
}

// -- HTTP -----------------------------------------------------------------------------------------

struct App {
    store: Store,
    secret: String,
    probe_token: Option<String>,
}

/// `POST /webhook`, and where there is a token, `GET /probe/{user}?token=…` for tests.
pub fn router(store: Store, secret: String, probe_token: Option<String>) -> Router {
    Router::new()
        .route("/webhook", post(webhook))
        .route("/probe/{user}", get(probe))
        .with_state(Arc::new(App { store, secret, probe_token }))
}

async fn webhook(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    // The signature covers the bytes as they came: verify first, parse afterwards.
    let digest = Sha1::new().chain_update(&body).chain_update(&app.secret).finalize();
    let expected = format!("Signature {}", hex::encode(digest));
    let presented = headers.get(header::AUTHORIZATION).map_or(&b""[..], |value| value.as_bytes());
    if !bool::from(presented.ct_eq(expected.as_bytes())) {
        return refuse("INVALID_SIGNATURE");
    }
    let Ok(webhook @ Value::Object(_)) = serde_json::from_slice(&body) else {
        return refuse("INVALID_PARAMETER");
    };
    // The disk would hold up everybody else on this thread.
    match tokio::task::spawn_blocking(move || app.store.handle(&webhook)).await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(Refused::Code(code))) => refuse(code),
        Ok(Err(Refused::Store(error))) => fail(&error),
        Err(error) => fail(&error),
    }
}

fn refuse(code: &str) -> Response {
    let message = code.replace('_', " ").to_lowercase();
    let body = json!({ "error": { "code": code, "message": message } });
    (StatusCode::BAD_REQUEST, JSON, body.to_string()).into_response()
}

/// The log is told why; the sender only needs to know that it should come again.
#[expect(clippy::print_stderr, reason = "your own log goes here")]
fn fail(error: &dyn Error) -> Response {
    eprintln!("{error}");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

const JSON: [(header::HeaderName, &str); 1] = [(header::CONTENT_TYPE, "application/json")];

async fn probe(
    State(app): State<Arc<App>>,
    Path(user): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let presented = query.as_deref().and_then(|query| query.strip_prefix("token="));
    let opened = presented.zip(app.probe_token.as_deref());
    if !opened.is_some_and(|(left, right)| left.as_bytes().ct_eq(right.as_bytes()).into()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    match tokio::task::spawn_blocking(move || app.store.view(&user)).await {
        Ok(Ok(view)) => (JSON, view.to_string()).into_response(),
        Ok(Err(error)) => fail(&error),
        Err(error) => fail(&error),
    }
}

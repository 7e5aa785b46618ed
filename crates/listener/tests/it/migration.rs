//! A database of a former version goes on where it was.

use std::path::Path;

use hookproof_contract::{Mode, NotificationType};
use rusqlite::Connection;
use serde_json::json;

use crate::sqlite::Listener;
use crate::support::{date, order_canceled, order_paid, payment, refund, subscription};

/// What version 1 wrote, as it was: a payment, another one that was refunded, an order and its items,
/// and one that was cancelled.
const VERSION_1: &str = "
    CREATE TABLE seen (
        type TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (type, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE transactions (
        id INTEGER PRIMARY KEY, user_id TEXT,
        state TEXT NOT NULL CHECK (state IN ('paid', 'refunded')),
        refunds INTEGER NOT NULL, amount TEXT, currency TEXT
    ) STRICT;
    CREATE TABLE orders (
        id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, transaction_id INTEGER,
        state TEXT NOT NULL CHECK (state IN ('paid', 'canceled'))
    ) STRICT;
    CREATE TABLE grants (
        order_id INTEGER NOT NULL, line INTEGER NOT NULL, sku TEXT NOT NULL,
        quantity INTEGER NOT NULL CHECK (quantity > 0), PRIMARY KEY (order_id, line)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE inventory (
        user_id TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL,
        PRIMARY KEY (user_id, sku)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO seen VALUES
        ('payment', 21), ('payment', 22), ('refund', 22), ('order_paid', 1), ('order_paid', 2),
        ('order_canceled', 2);
    INSERT INTO transactions VALUES
        (21, 'player-1001', 'paid', 0, '9.99', 'USD'), (22, 'player-1001', 'refunded', 1, NULL, NULL);
    INSERT INTO orders VALUES
        (1, 'player-1001', 21, 'paid'), (2, 'player-1001', 22, 'canceled');
    INSERT INTO grants VALUES (1, 0, 'gold', 5), (2, 0, 'gold', 3);
    INSERT INTO inventory VALUES ('player-1001', 'gold', 5);
    PRAGMA application_id = 1215262571;
    PRAGMA user_version = 1;
";

fn version(path: &Path) -> i64 {
    let read = |row: &rusqlite::Row<'_>| row.get(0);
    Connection::open(path).unwrap().pragma_query_value(None, "user_version", read).unwrap()
}

#[tokio::test]
async fn a_database_of_version_1_goes_on() {
    let mut path = std::path::PathBuf::new();
    let listener = Listener::start_with(|config| {
        path = config.db.file().unwrap().to_owned();
        Connection::open(&path).unwrap().execute_batch(VERSION_1).unwrap();
    })
    .await;
    assert_eq!(version(&path), 4);

    // What was done is not done again.
    listener.accepts(&order_paid(Mode::Separate, 1, 21, &[("gold", 5)])).await;
    listener.accepts(&payment(21)).await;
    listener.accepts(&refund(22)).await;
    listener.accepts(&order_canceled(Mode::Separate, 2, 22)).await;
    assert_eq!(listener.items().await, json!({ "gold": 5 }));
    assert_eq!(listener.transaction(21).await, json!({ "state": "paid", "refunds": 0 }));
    assert_eq!(listener.transaction(22).await, json!({ "state": "refunded", "refunds": 1 }));

    // What is new is possible, and what was granted before can be taken back.
    listener.accepts(&subscription(NotificationType::CreateSubscription, 5, "monthly", 4)).await;
    assert_eq!(listener.subscription(5).await["next_charge"], date(4));
    listener.accepts(&refund(21)).await;
    listener.accepts(&order_canceled(Mode::Separate, 1, 21)).await;
    let listener = listener.restart().await;
    assert_eq!(version(&path), 4);
    assert_eq!(listener.items().await, json!({}));
    assert_eq!(listener.transaction(21).await, json!({ "state": "refunded", "refunds": 1 }));
}

#[tokio::test]
async fn a_migrated_database_has_the_tables_of_a_new_one() {
    let tables = |path: &Path| -> Vec<(String, String)> {
        let database = Connection::open(path).unwrap();
        let mut query = database
            .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
            .unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
        // Blanks and comments are no part of a table.
        rows.map(Result::unwrap)
            .map(|(name, sql)| {
                let lines = sql.lines().map(|line| line.split("--").next().unwrap());
                (name, lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(""))
            })
            .collect()
    };
    let mut paths = Vec::new();
    let _new =
        Listener::start_with(|config| paths.push(config.db.file().unwrap().to_owned())).await;
    let _old = Listener::start_with(|config| {
        let path = config.db.file().unwrap();
        Connection::open(path).unwrap().execute_batch(VERSION_1).unwrap();
        paths.push(path.to_owned());
    })
    .await;
    assert_eq!(tables(&paths[0]), tables(&paths[1]));
}

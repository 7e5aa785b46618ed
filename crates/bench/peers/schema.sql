-- What every comparison stores; one file for all, so that none of them does less than another.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;

CREATE TABLE IF NOT EXISTS transactions (
    id INTEGER PRIMARY KEY,
    user_id TEXT,
    amount TEXT,
    currency TEXT
);

CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY,
    user_id TEXT
);

CREATE TABLE IF NOT EXISTS inventory (
    user_id TEXT,
    sku TEXT,
    quantity INTEGER,
    PRIMARY KEY (user_id, sku)
) WITHOUT ROWID;

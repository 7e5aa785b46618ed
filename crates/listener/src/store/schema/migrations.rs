//! The steps that make an SQLite database what it is today.

/// Schema steps: `MIGRATIONS[n]` takes a database from version `n` to `n + 1`.
///
/// Append only. A step that has shipped is never edited.
pub(super) const MIGRATIONS: &[&str] = &[
"
    -- Every event that was recorded: the idempotency key (clauses IDEM-01 to IDEM-05).
    -- An event that is here was answered with success; nothing else is recorded.
    CREATE TABLE seen (
        type  TEXT NOT NULL,      -- its notification_type
        id    INTEGER NOT NULL,   -- transaction.id or order.id, whichever its type counts by
        PRIMARY KEY (type, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE transactions (
        id        INTEGER PRIMARY KEY,  -- transaction.id
        user_id   TEXT,                 -- null if the notification did not say
        state     TEXT NOT NULL CHECK (state IN ('paid', 'refunded')),
        refunds   INTEGER NOT NULL,     -- how many took effect
        amount    TEXT,                 -- what the user paid: an exact decimal, so text
        currency  TEXT
    ) STRICT;

    CREATE TABLE orders (
        id              INTEGER PRIMARY KEY,  -- order.id
        user_id         TEXT NOT NULL,
        transaction_id  INTEGER,              -- null if it was free or paid with virtual currency
        state           TEXT NOT NULL CHECK (state IN ('paid', 'canceled'))
    ) STRICT;

    -- What each order granted, and so what its cancellation takes back.
    CREATE TABLE grants (
        order_id  INTEGER NOT NULL,
        line      INTEGER NOT NULL,
        sku       TEXT NOT NULL,
        quantity  INTEGER NOT NULL CHECK (quantity > 0),
        PRIMARY KEY (order_id, line)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE inventory (
        user_id   TEXT NOT NULL,
        sku       TEXT NOT NULL,
        quantity  INTEGER NOT NULL,
        PRIMARY KEY (user_id, sku)
    ) STRICT, WITHOUT ROWID;
",
"
    -- Keys get a third part: partial refunds of one transaction, renewals of one subscription and news
    -- of one dispute differ in nothing but their content (clauses REFUND-06 and SUB-03).
    ALTER TABLE seen RENAME TO seen_1;
    CREATE TABLE seen (
        type     TEXT NOT NULL,
        id       INTEGER NOT NULL,   -- whichever number its type counts by
        content  TEXT NOT NULL,      -- empty for the types that need no more
        PRIMARY KEY (type, id, content)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO seen (type, id, content) SELECT type, id, '' FROM seen_1;
    DROP TABLE seen_1;

    -- Two more states, and the subscription that was charged.
    ALTER TABLE transactions RENAME TO transactions_1;
    CREATE TABLE transactions (
        id               INTEGER PRIMARY KEY,
        user_id          TEXT,
        state            TEXT NOT NULL
            CHECK (state IN ('paid', 'partially_refunded', 'refunded', 'declined')),
        refunds          INTEGER NOT NULL,  -- whole and partial ones
        amount           TEXT,
        currency         TEXT,
        subscription_id  INTEGER            -- null if it was no charge of a subscription
    ) STRICT;
    INSERT INTO transactions (id, user_id, state, refunds, amount, currency)
        SELECT id, user_id, state, refunds, amount, currency FROM transactions_1;
    DROP TABLE transactions_1;

    CREATE TABLE subscriptions (
        id              INTEGER PRIMARY KEY,  -- subscription.subscription_id
        user_id         TEXT NOT NULL,
        plan            TEXT,                 -- null if no notification said it
        state           TEXT NOT NULL CHECK (state IN ('active', 'non_renewing', 'canceled')),
        next_charge     TEXT,                 -- as it was written
        next_charge_ms  INTEGER,              -- the same as an instant; null if it cannot be told
        refunded        INTEGER NOT NULL      -- 1: a charge went back, so the next charge may be earlier
    ) STRICT;

    -- How each dispute of a transaction stands. One transaction may go through several kinds.
    CREATE TABLE disputes (
        transaction_id  INTEGER NOT NULL,
        type            TEXT NOT NULL,        -- empty if the notification did not say
        action          TEXT,
        status          TEXT,
        reason          TEXT,
        PRIMARY KEY (transaction_id, type)
    ) STRICT, WITHOUT ROWID;

    -- What was ever on the anti-fraud blocklist.
    CREATE TABLE blocklist (
        parameter   TEXT NOT NULL,
        value       TEXT NOT NULL,
        listed      INTEGER NOT NULL CHECK (listed IN (0, 1)),
        reason      TEXT,
        changed_ms  INTEGER,                  -- null if no notification said when
        PRIMARY KEY (parameter, value)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE payment_accounts (
        user_id  TEXT NOT NULL,
        id       TEXT NOT NULL,               -- payment_account.id
        saved    INTEGER NOT NULL CHECK (saved IN (0, 1)),
        PRIMARY KEY (user_id, id)
    ) STRICT, WITHOUT ROWID;
",
"
    -- What the game is still to be told, where it wants to be told.
    CREATE TABLE outbox (
        seq         INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which it is told; never used again
        order_id    INTEGER NOT NULL,                   -- what it granted stands in grants
        taken_back  INTEGER NOT NULL CHECK (taken_back IN (0, 1)),
        user_id     TEXT NOT NULL                       -- who received it
    ) STRICT;
",
"
    -- A transaction and an order are told of by few types, each at most once. So their own rows say
    -- which of them came, and a payment is written in one place. And for a list of more than two values
    -- in a CHECK, the engine would build a table with each row that is written.
    ALTER TABLE transactions RENAME TO transactions_3;
    CREATE TABLE transactions (
        id               INTEGER PRIMARY KEY,
        user_id          TEXT,
        state            TEXT NOT NULL CHECK (state = 'paid' OR state = 'refunded'
            OR state = 'partially_refunded' OR state = 'declined'),
        refunds          INTEGER NOT NULL,
        amount           TEXT,
        currency         TEXT,
        subscription_id  INTEGER,
        told             INTEGER NOT NULL  -- 1 payment, 2 refund, 4 ps_declined, 8 afs_reject
    ) STRICT;
    INSERT INTO transactions
        SELECT *, (
            SELECT coalesce(sum(CASE type WHEN 'payment' THEN 1 WHEN 'refund' THEN 2
                WHEN 'ps_declined' THEN 4 ELSE 8 END), 0)
            FROM seen WHERE type IN ('payment', 'refund', 'ps_declined', 'afs_reject')
                AND seen.id = transactions_3.id)
        FROM transactions_3;
    DROP TABLE transactions_3;

    ALTER TABLE orders RENAME TO orders_3;
    CREATE TABLE orders (
        id              INTEGER PRIMARY KEY,
        user_id         TEXT NOT NULL,
        transaction_id  INTEGER,
        state           TEXT NOT NULL CHECK (state IN ('paid', 'canceled')),
        told            INTEGER NOT NULL   -- 1 order_paid, 2 order_canceled
    ) STRICT;
    INSERT INTO orders
        SELECT *, (
            SELECT coalesce(sum(CASE type WHEN 'order_paid' THEN 1 ELSE 2 END), 0)
            FROM seen WHERE type IN ('order_paid', 'order_canceled') AND seen.id = orders_3.id)
        FROM orders_3;
    DROP TABLE orders_3;

    DELETE FROM seen WHERE type IN ('payment', 'refund', 'ps_declined', 'afs_reject', 'order_paid',
        'order_canceled');

    ALTER TABLE subscriptions RENAME TO subscriptions_3;
    CREATE TABLE subscriptions (
        id              INTEGER PRIMARY KEY,
        user_id         TEXT NOT NULL,
        plan            TEXT,
        state           TEXT NOT NULL
            CHECK (state = 'active' OR state = 'non_renewing' OR state = 'canceled'),
        next_charge     TEXT,
        next_charge_ms  INTEGER,
        refunded        INTEGER NOT NULL
    ) STRICT;
    INSERT INTO subscriptions SELECT * FROM subscriptions_3;
    DROP TABLE subscriptions_3;
"];

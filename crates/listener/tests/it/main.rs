//! The listener through its wire: a real socket on a free port, a database in a temporary folder.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![expect(clippy::duplicate_mod, reason = "every engine is asked the same")]

mod addresses;
mod astray;
mod copies;
mod expectations;
mod generated;
mod health;
mod hostile;
mod metrics;
mod migration;
mod opening;
mod replicas;
mod server;
mod slow;
mod support;
mod upkeep;
mod warehouse;

#[path = "."]
mod sqlite {
    pub(crate) type Listener = crate::support::Listener<crate::support::Sqlite>;

    mod answers;
    mod effects;
    mod money;
    mod outbox;
    mod payloads;
    mod probe;
    mod questions;
    mod recorded;
    mod repeats;
    mod serving;
    mod signatures;
    mod subscriptions;
    mod web_shop;
}

#[path = "."]
mod postgres {
    pub(crate) type Listener = crate::support::Listener<crate::support::Postgres>;

    mod answers;
    mod effects;
    mod money;
    mod outbox;
    mod payloads;
    mod probe;
    mod questions;
    mod recorded;
    mod repeats;
    mod serving;
    mod signatures;
    mod subscriptions;
    mod web_shop;
}

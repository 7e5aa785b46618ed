//! The reference webhook listener.
//!
//! Written to be read, forked and run. A request goes one way, and the modules stand in its order:
//!
//! 1. `http` reads the bytes within a limit and checks the signature over them, unparsed.
//! 2. `parse` turns the bytes into a `notification`; nothing unproven gets this far, but the Web Shop's
//!    question, which has no signature and changes nothing.
//! 3. `decide` says what the notification means, by asking the `game` what an item gives: a question to
//!    the game, or an `event`.
//! 4. `store` makes the event durable, at most once, and only then lets the answer go.
//!
//! **Invariants:** only `http` knows status codes; only `store` knows SQL; `parse` and
//! `decide` do no I/O; no answer says "done" before the commit that makes it true.

mod app;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
mod config;
mod db;
mod decide;
mod event;
mod game;
mod health;
mod http;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
mod json;
mod metrics;
mod moment;
mod notification;
mod outbox;
mod parse;
mod probe;
mod request_id;
mod server;
mod sources;
mod store;
pub mod upkeep;

pub use app::{App, OpenError};
pub use config::{Config, Limits};
pub use db::{Db, PostgresUrl, UrlError};
pub use event::Grant;
pub use game::{
    DEMO_PUBLIC_ID_SUFFIX, DEMO_USERS, DemoGame, Game, Handover, NotSold, Offer, Purchase,
    Unavailable, Unexpected,
};
pub use hookproof_contract::{Secret, decimal::Decimal};
pub use http::{admin_router, router};
pub use ipnet::IpNet;
pub use notification::{Item, Money};
pub use server::{run, run_with_admin};
pub use sources::{NoSource, Source, network};
pub use store::{DatabaseError, ServerError};

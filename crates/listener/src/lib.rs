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
mod config;
mod decide;
mod event;
mod game;
mod http;
mod json;
mod metrics;
mod moment;
mod notification;
mod parse;
mod probe;
mod server;
mod store;

pub use app::{App, OpenError};
pub use config::{Config, Limits};
pub use event::Grant;
pub use game::{DEMO_PUBLIC_ID_SUFFIX, DEMO_USERS, DemoGame, Game, NotSold, Offer, Unavailable};
pub use http::router;
pub use notification::Item;
pub use server::run;
pub use store::DatabaseError;

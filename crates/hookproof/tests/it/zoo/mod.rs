//! The listeners of the zoo as processes: what they do when they are killed, stopped and started.

mod client;
mod crashes;
mod load;
mod running;

use crate::program::refused;

#[test]
fn an_unknown_listener_is_refused_with_a_suggestion() {
    let arguments = ["--listen", "127.0.0.1:0", "--state", "unused"];
    let with = |slug: &'static str| [&["zoo-listener", slug], &arguments[..]].concat();
    refused(&with("stale-look"), 2, &["`stale-look`", "did you mean `stale-lock`?"]);
    refused(&with("zzz"), 2, &["no listener is called `zzz`"]);
}

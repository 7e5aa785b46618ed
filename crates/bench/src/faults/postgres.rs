//! The listener on a PostgreSQL server that is killed too.

use std::{cell::RefCell, rc::Rc};

use anyhow::Context;

use self::server::Server;
use super::{
    Judged,
    database::Database,
    disk::Disk,
    failing::{self, Fault},
    rounds::{self, Subject},
};
use crate::targets;

#[path = "../../../listener/tests/it/server.rs"]
#[expect(dead_code, reason = "the tests ask more of a server")]
mod server;

/// In one of so many rounds the server is killed too.
const SERVER_EVERY: u32 = 4;

/// Runs the rounds, and then stops the server under a listener that lives; nothing and a reason where
/// there is no server to start.
pub(super) fn trial(rounds: u32, seed: u64) -> anyhow::Result<Vec<Judged>> {
    let server = match Server::start() {
        Ok(server) => server,
        Err(missing) => {
            crate::tell(&format!("skipped: postgres: {}\n", missing.0));
            return Ok(Vec::new());
        }
    };
    let place = server.database();
    let name = place.rsplit('/').next().context("a URL names its database")?.to_owned();
    let server = Rc::new(RefCell::new(server));
    let asked = Rc::clone(&server);
    let ask = move |sql: &str| {
        let said = asked.borrow().sql(&name, &format!("SET search_path = hookproof; {sql}"));
        let row = |line: &str| line.split('|').map(|value| Ok(value.parse()?)).collect();
        said.lines().map(row).collect()
    };
    let (target, disk) = (targets::listener()?, Disk::plain()?);
    let database = Database::of(Box::new(ask));
    let (cancels, synchronous) = (true, None);
    let subject = Subject { target: &target, disk: &disk, place, database, cancels, synchronous };
    let outcome = rounds::run(&subject, rounds, seed, |round, _| {
        if round % SERVER_EVERY == 0 {
            server.borrow_mut().crash();
            server.borrow_mut().start_again();
        }
        Ok(())
    })?;
    let mut judged = vec![Judged::rounds("postgres", &outcome, false)?];
    let fault = Fault {
        name: "postgres-restarts",
        begin: &|| {
            server.borrow_mut().crash();
            Ok(())
        },
        end: &|| {
            server.borrow_mut().start_again();
            Ok(())
        },
    };
    judged.push(failing::through(&subject, &fault, seed)?);
    Ok(judged)
}

//! The wrong listeners, one module per topic.

mod answers;
mod catalog;
mod corners;
mod crash;
mod crossing;
mod errors;
mod idempotency;
mod lookups;
mod mixing;
mod money;
mod orders;
mod payloads;
mod payments;
mod refunds;
mod replicas;
mod seen;
mod sequence;
mod signature;
mod subscriptions;
mod transport;
mod users;
mod values;
mod web_shop;

use hookproof_contract::{Mode, NotificationType};

use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    event::Event,
    game::{self, Game},
    right,
    wire::{Answer, Delivery},
};

/// A listener that is wrong in one way, and the checks that must notice.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Permanent name, in kebab-case.
    pub slug: &'static str,
    /// Completes "a listener that …".
    pub completes: &'static str,
    /// What it costs in production.
    pub severity: Severity,
    /// What the suite must be given to see it.
    pub level: Level,
    /// What the checks of `caught_by` must say.
    pub verdict: Verdict,
    /// The checks that must notice; others may.
    pub caught_by: &'static [&'static str],
    /// The diagnosis that explains it, if one does.
    pub cause: Option<&'static str>,
    /// What the suite must be asked for to see it.
    pub asks: Asks,
    /// The right behaviour but for the fault.
    pub behaviour: fn() -> Behaviour,
}

/// What the suite must be asked for, so that a listener is asked about all that it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asks {
    /// The products that the listener serves, as `spec/products.toml` calls them.
    pub products: &'static [&'static str],
    /// The optional types that it serves as well; a search takes a public id, such as
    /// [`PUBLIC_ID`](crate::PUBLIC_ID).
    pub also: &'static [NotificationType],
    /// The delivery modes that it serves.
    pub modes: &'static [Mode],
}

impl Asks {
    /// The suite's defaults: a store in the game, in both modes.
    pub const STORE: Self = Self { products: &["in-game-store"], also: &[], modes: &Mode::ALL };
    /// Subscriptions beside the store.
    pub const SUBSCRIPTIONS: Self =
        Self { products: &["in-game-store", "subscriptions"], ..Self::STORE };
    /// A Web Shop beside the store.
    pub const WEB_SHOP: Self = Self { products: &["in-game-store", "web-shop"], ..Self::STORE };
    /// Whatever the contract has.
    pub const EVERYTHING: Self = Self {
        products: &["in-game-store", "subscriptions", "web-shop"],
        also: &NotificationType::ALL,
        modes: &Mode::ALL,
    };

    /// The store and these optional types.
    pub const fn also(types: &'static [NotificationType]) -> Self {
        Self { also: types, ..Self::STORE }
    }

    /// The same in one delivery mode.
    #[must_use]
    pub const fn in_modes(self, modes: &'static [Mode]) -> Self {
        Self { modes, ..self }
    }
}

/// What a fault costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Players pay and get nothing, or get what they did not pay for.
    Money,
    /// Anybody can forge a purchase or learn what is not theirs.
    Security,
    /// A chain of webhooks stalls, retries pile up, the service is down.
    Robustness,
    /// Nobody loses anything.
    Cosmetic,
}

/// What the suite must be given to see a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A URL and a secret.
    Wire,
    /// The probe as well.
    Probe,
    /// The process itself.
    Spawn,
}

impl Level {
    /// Its name, as in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wire => "wire",
            Self::Probe => "probe",
            Self::Spawn => "spawn",
        }
    }
}

impl Verdict {
    /// Its name, as in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Warn => "warn",
        }
    }
}

/// What a check says of a fault that it catches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A `must` is broken.
    Fail,
    /// A `should`, or a point on which the sources differ.
    Warn,
}

/// All faults, by topic.
pub static TOPICS: &[&[Fault]] = &[
    signature::REFUSING,
    signature::ACCEPTING,
    signature::LENIENT,
    answers::FAULTS,
    transport::FAULTS,
    errors::FAULTS,
    users::FAULTS,
    lookups::FAULTS,
    payloads::MEMBERS,
    payloads::LIMITS,
    payloads::BOUNDS,
    payloads::FORMS,
    payloads::HOSTILE,
    orders::FAULTS,
    payments::FAULTS,
    refunds::FAULTS,
    subscriptions::FAULTS,
    catalog::FAULTS,
    web_shop::FAULTS,
    idempotency::FAULTS,
    money::FAULTS,
    crash::RESTART,
    crash::TABLES,
    crash::CUT_SHORT,
    sequence::FAULTS,
    crossing::FAULTS,
    mixing::FAULTS,
    replicas::FAULTS,
    seen::FAULTS,
    corners::FAULTS,
    values::FAULTS,
];

/// All faults, in the order of [`TOPICS`].
pub fn faults() -> impl Iterator<Item = &'static Fault> {
    TOPICS.iter().copied().flatten()
}

/// The right answer, or another one where the request was accepted.
fn if_accepted(delivery: &Delivery, outcome: &Outcome, other: Answer) -> Answer {
    if outcome.result.is_ok() { other } else { right::render(delivery, outcome) }
}

/// The right answer, changed where the request was refused for a reason that `concerns` the fault.
fn if_refused(
    outcome: &Outcome,
    concerns: impl Fn(Refusal) -> bool,
    change: impl FnOnce(&mut Answer),
) -> Answer {
    let mut answer = right::answered(outcome);
    if outcome.result.is_err_and(concerns) {
        change(&mut answer);
    }
    answer
}

/// The right effects, but for the lines that an order grants.
fn granting(game: &mut Game, event: &Event, change: impl FnOnce(&mut Vec<(String, u64)>)) {
    if event.kind != "order_paid" {
        return game::effects(game, event);
    }
    let mut lines = game::lines(event);
    change(&mut lines);
    game.grant_order(event, lines);
}

/// The right effects of all types but one.
fn unless(kind: &str, game: &mut Game, event: &Event) {
    if event.kind != kind {
        game::effects(game, event);
    }
}

//! The matrix: what a listener owes to every notification type, and the listener that owes it to one.
//!
//! A [`Dimension`] is a rule that holds for many types. Each of its types is a cell, and each [`Cell`] is a
//! listener that is right but for that rule and that type. A type to which a rule does not apply is an
//! empty cell, and says why.
//!
//! The cells are generated from [`DIMENSIONS`]; `right.rs` asks [`Cell`] at the steps where a listener can
//! go wrong.

use std::{sync::LazyLock, time::Duration};

use hookproof_contract::NotificationType;
use serde_json::Value;

use crate::{
    behaviour::{Behaviour, Outcome, Refusal},
    event::Event,
    faults::{Asks, Level, Verdict},
    game::{self, Game},
    wire::Answer,
};

use NotificationType as N;

/// A rule that holds for many types, and what breaks it.
#[derive(Debug, Clone, Copy)]
pub struct Dimension {
    /// Permanent name, in kebab-case.
    pub slug: &'static str,
    /// The rule, as a sentence about the listener.
    pub rule: &'static str,
    /// Its clauses.
    pub clauses: &'static [&'static str],
    /// The checks that judge it: one of them must fail each of the cells.
    pub checks: &'static [&'static str],
    /// What the suite must be given to see it broken.
    pub level: Level,
    /// What the checks must say at least.
    pub verdict: Verdict,
    /// Types for which the contract only recommends it.
    pub lesser: &'static [NotificationType],
    /// Types without a cell, each with the reason.
    pub empty: &'static [(&'static [NotificationType], &'static str)],
    /// What the listeners of its cells do.
    wrong: Wrong,
}

impl Dimension {
    /// The reason why a type has no cell, if it has none.
    pub fn reason(&self, kind: NotificationType) -> Option<&'static str> {
        let empty = self.empty.iter().find(|(kinds, _)| kinds.contains(&kind));
        empty.map(|(_, reason)| *reason)
    }
}

/// One cell of the matrix: a listener that breaks one rule for one type.
#[derive(Debug)]
pub struct Cell {
    /// The listener's permanent name: the rule that it breaks, and the type.
    pub slug: String,
    /// The rule.
    pub dimension: &'static Dimension,
    /// The type.
    pub kind: NotificationType,
}

/// What a listener does wrong with one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// Accepts a bad signature.
    AcceptsForgery,
    /// Accepts a badly signed copy of what it accepted before.
    AcceptsForgedDuplicate,
    /// Rejects a bad signature, and takes the event for seen.
    RecordsForgery,
    /// Rejects a bad signature, and lets the event take effect.
    ActsOnForgery,
    /// Answers a bad signature with another status.
    OtherStatus,
    /// Answers a bad signature with plain text.
    PlainText,
    /// Rejects every event.
    Rejects,
    /// Answers every event with 500.
    Fails,
    /// Answers no event.
    Hangs,
    /// Answers late.
    Slow,
    /// Rejects a duplicate.
    RejectsDuplicate,
    /// Lets a duplicate take effect again.
    CountsDuplicate,
    /// Forgets an event after some others.
    Forgets,
    /// Takes an event for seen that it rejected.
    RecordsRejected,
    /// Answers most events with 500, and takes them for seen.
    RecordsFailed,
    /// Acknowledges, and does nothing.
    NoEffect,
    /// Lets an event take effect twice at once.
    TwoEffects,
    /// Loses the keys at a restart.
    LosesKeys,
    /// Loses the effects at a restart.
    LosesEffects,
    /// Fails where a member has such a value.
    FailsOn(Peculiar),
}

/// A value that programs are not prepared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Peculiar {
    Apostrophe,
    Percent,
    LineBreak,
    Nul,
    BeyondBmp,
    LongText,
    Null,
    IdAsText,
    Beyond53Bits,
    ZeroAmount,
    AmountAsText,
    ManyDecimals,
}

/// Users that a question is about, and the pages that they see.
const QUESTIONS: &[NotificationType] = &[N::UserValidation, N::UserSearch, N::PartnerSideCatalog];
/// News that changes nothing that a probe shows.
const NEWS: &[NotificationType] = &[
    N::PsDeclined,
    N::AfsReject,
    N::AfsBlackList,
    N::Dispute,
    N::PaymentAccountAdd,
    N::PaymentAccountRemove,
];
/// Types whose effect is a state: to reach it twice is to reach it.
const STATES: &[NotificationType] = &[
    N::Payment,
    N::Refund,
    N::OrderCanceled,
    N::CreateSubscription,
    N::UpdateSubscription,
    N::NonRenewalSubscription,
    N::CancelSubscription,
];

/// News that names no transaction.
const NEWS_WITHOUT_ID: &[NotificationType] =
    &[N::AfsBlackList, N::PaymentAccountAdd, N::PaymentAccountRemove];
/// Types without an amount of money, besides the questions.
const WITHOUT_AMOUNT: &[NotificationType] = &[
    N::PsDeclined,
    N::AfsReject,
    N::AfsBlackList,
    N::CreateSubscription,
    N::UpdateSubscription,
    N::CancelSubscription,
    N::PaymentAccountAdd,
    N::PaymentAccountRemove,
];

const NON_RENEWAL: &[NotificationType] = &[N::NonRenewalSubscription];
const RUNS_ON: &str = "the subscription goes on as before, and nothing else is required";

/// Types whose ids are published as integers, and never seen as text.
const IDS_AS_INTEGERS: &[NotificationType] = &[
    N::Payment,
    N::Refund,
    N::PartialRefund,
    N::AfsReject,
    N::Dispute,
    N::OrderPaid,
    N::OrderCanceled,
];
const INTEGER: &str = "its ids are published as integers alone";

const NO_ID: &str = "it names neither a transaction nor an order";
const NO_AMOUNT: &str = "it has no amount of money";
const LOOKED_UP: &str = "its texts are looked up: users-hostile-lookups asks about them";
const NO_EFFECT: &str = "nothing that a probe shows depends on it";
const IS_STATE: &str = "its effect is a state, which is the same when it is reached again";
const IS_QUESTION: &str = "a question changes nothing";

/// Longer than anybody waits for an answer.
const NEVER: Duration = Duration::from_hours(1);
/// Longer than the three seconds that are allowed, and shorter than the zoo's patience.
const LATE: Duration = Duration::from_millis(3_300);
/// Events of its type after which a forgetful listener forgets one.
const REMEMBERED: usize = 3;
/// A listener that fails handles the first of this many events.
const WORKS_ONE_IN: usize = 3;
/// Decimals of the amounts in orders.
const DECIMALS_MAX: usize = 4;
/// Characters that a column of the usual width holds.
const COLUMN_MAX: usize = 255;

const WIRE: Dimension = Dimension {
    slug: "",
    rule: "",
    clauses: &[],
    checks: &[],
    level: Level::Wire,
    verdict: Verdict::Fail,
    lesser: &[],
    empty: &[],
    wrong: Wrong::Rejects,
};
const PROBE: Dimension = Dimension {
    level: Level::Probe,
    empty: &[(QUESTIONS, IS_QUESTION), (NEWS, NO_EFFECT), (NON_RENEWAL, RUNS_ON)],
    lesser: &[N::PartialRefund],
    ..WIRE
};
const COUNTED: Dimension = Dimension {
    empty: &[(QUESTIONS, IS_QUESTION), (NEWS, NO_EFFECT), (STATES, IS_STATE)],
    ..PROBE
};
const SPAWN: Dimension = Dimension { level: Level::Spawn, ..PROBE };
/// A value that is valid, and for which programs are not prepared.
const VALUE: Dimension = Dimension { clauses: &["PAYLOAD-03"], empty: &[], ..WIRE };
const TEXTS: Dimension = Dimension {
    clauses: &["PAYLOAD-23"],
    checks: &["payloads-hazardous-texts"],
    empty: &[(&[N::UserSearch, N::PartnerSideCatalog], LOOKED_UP)],
    ..VALUE
};
const AMOUNT: Dimension = Dimension {
    clauses: &["PAYLOAD-08", "PAYLOAD-21"],
    checks: &[
        "answers-success-status",
        "payloads-amount-forms",
        "payloads-amount-values",
        "payloads-schema-generated",
        "refunds-amounts-as-text",
    ],
    verdict: Verdict::Warn,
    empty: &[(QUESTIONS, NO_AMOUNT), (WITHOUT_AMOUNT, NO_AMOUNT)],
    ..VALUE
};

/// The rules of the matrix.
pub static DIMENSIONS: &[Dimension] = &[
    Dimension {
        slug: "bad-signature-rejected",
        rule: "rejects a bad signature",
        clauses: &["SIG-02"],
        checks: &["signature-checked-per-type"],
        wrong: Wrong::AcceptsForgery,
        ..WIRE
    },
    Dimension {
        slug: "forged-duplicate-rejected",
        rule: "rejects a badly signed copy of what it accepted",
        clauses: &["SIG-02", "SIG-04"],
        checks: &["signature-rejects-forged-duplicates"],
        wrong: Wrong::AcceptsForgedDuplicate,
        ..WIRE
    },
    Dimension {
        slug: "bad-signature-is-400",
        rule: "answers a bad signature with 400",
        clauses: &["SIG-06"],
        checks: &["signature-status-400"],
        verdict: Verdict::Warn,
        wrong: Wrong::OtherStatus,
        ..WIRE
    },
    Dimension {
        slug: "errors-as-published",
        rule: "rejects with the published error body",
        clauses: &["ERR-01"],
        checks: &["errors-body-shape"],
        wrong: Wrong::PlainText,
        ..WIRE
    },
    Dimension {
        slug: "valid-accepted",
        rule: "accepts a valid event",
        clauses: &["ANS-01"],
        checks: &["answers-success-status"],
        wrong: Wrong::Rejects,
        ..WIRE
    },
    Dimension {
        slug: "valid-not-failed",
        rule: "answers a valid event without an error of its own",
        clauses: &["ANS-01"],
        checks: &["answers-success-status"],
        wrong: Wrong::Fails,
        ..WIRE
    },
    Dimension {
        slug: "answered",
        rule: "answers at all",
        clauses: &["ANS-06"],
        checks: &["answers-complete"],
        wrong: Wrong::Hangs,
        ..WIRE
    },
    Dimension {
        slug: "answered-in-time",
        rule: "answers within three seconds",
        clauses: &["TIME-01"],
        checks: &["time-within-three-seconds"],
        verdict: Verdict::Warn,
        wrong: Wrong::Slow,
        ..WIRE
    },
    Dimension {
        slug: "duplicate-accepted",
        rule: "accepts a duplicate",
        clauses: &["IDEM-01"],
        checks: &["idempotency-repeat-accepted", "users-validation-repeatable"],
        wrong: Wrong::RejectsDuplicate,
        ..WIRE
    },
    Dimension {
        slug: "effect-present",
        rule: "lets an event take effect",
        clauses: &["ORDER-01", "ORDER-05", "REFUND-01", "SUB-01"],
        checks: &[
            "orders-granted",
            "orders-cancel-takes-back",
            "payments-recorded",
            "refunds-take-effect",
            "refunds-partial-count",
            "subscriptions-*",
        ],
        wrong: Wrong::NoEffect,
        ..PROBE
    },
    Dimension {
        slug: "effect-once",
        rule: "lets an event take effect once",
        clauses: &["ORDER-03"],
        checks: &["orders-granted", "refunds-partial-count"],
        wrong: Wrong::TwoEffects,
        ..COUNTED
    },
    Dimension {
        slug: "duplicate-without-effect",
        rule: "lets a duplicate have no effect",
        clauses: &["IDEM-02"],
        checks: &[
            "idempotency-repeat-grants-once",
            "refunds-partial-count",
            "subscriptions-repeat-extends-once",
        ],
        wrong: Wrong::CountsDuplicate,
        ..COUNTED
    },
    Dimension {
        slug: "late-duplicate-without-effect",
        rule: "lets a duplicate after other events have no effect",
        clauses: &["IDEM-02"],
        checks: &["idempotency-late-duplicates"],
        wrong: Wrong::Forgets,
        ..COUNTED
    },
    Dimension {
        slug: "forgery-without-effect",
        rule: "lets a badly signed event have no effect",
        clauses: &["SIG-07"],
        checks: &["signature-refusal-without-effect", "signature-forgery-forgotten"],
        wrong: Wrong::ActsOnForgery,
        ..PROBE
    },
    Dimension {
        slug: "forgery-forgotten",
        rule: "does not take an event for seen because of a badly signed copy",
        clauses: &["IDEM-11"],
        checks: &["signature-forgery-forgotten"],
        wrong: Wrong::RecordsForgery,
        ..PROBE
    },
    Dimension {
        slug: "corrected-counts",
        rule: "lets an event take effect that it rejected and that comes again corrected",
        clauses: &["IDEM-11"],
        checks: &["idempotency-corrected-delivery"],
        empty: &[
            (QUESTIONS, IS_QUESTION),
            (NEWS, NO_EFFECT),
            (NON_RENEWAL, RUNS_ON),
            (&[N::PartialRefund], "without the members that tell parts apart it is another event"),
        ],
        wrong: Wrong::RecordsRejected,
        ..PROBE
    },
    Dimension {
        slug: "failed-attempt-counts",
        rule: "lets an event take effect when it comes again after an error of the listener's own",
        clauses: &["IDEM-11"],
        checks: &[
            "orders-granted",
            "orders-cancel-takes-back",
            "payments-recorded",
            "refunds-take-effect",
            "refunds-partial-count",
            "subscriptions-*",
            "idempotency-corrected-delivery",
            "signature-forgery-forgotten",
        ],
        wrong: Wrong::RecordsFailed,
        ..PROBE
    },
    Dimension {
        slug: "duplicate-after-restart",
        rule: "lets a duplicate after a restart have no effect",
        clauses: &["IDEM-08"],
        checks: &["idempotency-state-survives-kill"],
        wrong: Wrong::LosesKeys,
        empty: COUNTED.empty,
        ..SPAWN
    },
    Dimension {
        slug: "effect-after-restart",
        rule: "keeps the effects over a restart",
        clauses: &["IDEM-12"],
        checks: &["idempotency-state-survives-kill"],
        wrong: Wrong::LosesEffects,
        ..SPAWN
    },
    Dimension {
        slug: "accepts-apostrophe",
        rule: "accepts a text with an apostrophe",
        wrong: Wrong::FailsOn(Peculiar::Apostrophe),
        ..TEXTS
    },
    Dimension {
        slug: "accepts-percent",
        rule: "accepts a text with a percent sign",
        wrong: Wrong::FailsOn(Peculiar::Percent),
        ..TEXTS
    },
    Dimension {
        slug: "accepts-line-break",
        rule: "accepts a text with a line break",
        verdict: Verdict::Warn,
        wrong: Wrong::FailsOn(Peculiar::LineBreak),
        ..TEXTS
    },
    Dimension {
        slug: "accepts-nul",
        rule: "accepts a text with U+0000",
        verdict: Verdict::Warn,
        wrong: Wrong::FailsOn(Peculiar::Nul),
        ..TEXTS
    },
    Dimension {
        slug: "accepts-beyond-bmp",
        rule: "accepts a text with a character beyond U+FFFF",
        wrong: Wrong::FailsOn(Peculiar::BeyondBmp),
        ..TEXTS
    },
    Dimension {
        slug: "accepts-long-text",
        rule: "accepts a long text",
        verdict: Verdict::Warn,
        wrong: Wrong::FailsOn(Peculiar::LongText),
        ..TEXTS
    },
    Dimension {
        slug: "accepts-null",
        rule: "accepts null where it is published",
        clauses: &["PAYLOAD-04"],
        checks: &[
            "payloads-nulls",
            "payloads-schema-generated",
            "payloads-boundary-values",
            "answers-success-status",
        ],
        verdict: Verdict::Warn,
        wrong: Wrong::FailsOn(Peculiar::Null),
        ..VALUE
    },
    Dimension {
        slug: "accepts-id-as-text",
        rule: "accepts an id as text",
        clauses: &["PAYLOAD-15"],
        checks: &["payloads-id-forms", "subscriptions-id-forms"],
        empty: &[(QUESTIONS, NO_ID), (NEWS_WITHOUT_ID, NO_ID), (IDS_AS_INTEGERS, INTEGER)],
        verdict: Verdict::Warn,
        wrong: Wrong::FailsOn(Peculiar::IdAsText),
        ..VALUE
    },
    Dimension {
        slug: "accepts-id-beyond-53-bits",
        rule: "accepts an id beyond 53 bits",
        clauses: &["PAYLOAD-07"],
        checks: &[
            "payloads-ids-beyond-53-bits",
            "payloads-schema-generated",
            "payloads-boundary-values",
        ],
        empty: &[(QUESTIONS, NO_ID), (NEWS_WITHOUT_ID, NO_ID)],
        verdict: Verdict::Warn,
        wrong: Wrong::FailsOn(Peculiar::Beyond53Bits),
        ..VALUE
    },
    Dimension {
        slug: "accepts-zero-amount",
        rule: "accepts an amount of zero",
        wrong: Wrong::FailsOn(Peculiar::ZeroAmount),
        ..AMOUNT
    },
    Dimension {
        slug: "accepts-amount-as-text",
        rule: "accepts an amount as text",
        wrong: Wrong::FailsOn(Peculiar::AmountAsText),
        ..AMOUNT
    },
    Dimension {
        slug: "accepts-many-decimals",
        rule: "accepts an amount with many decimals",
        wrong: Wrong::FailsOn(Peculiar::ManyDecimals),
        ..AMOUNT
    },
];

/// The cells of the matrix, by dimension and then in the order of the documentation.
static CELLS: LazyLock<Vec<Cell>> = LazyLock::new(|| {
    let of = |dimension: &'static Dimension| {
        let kinds = NotificationType::ALL.into_iter();
        let kinds = kinds.filter(|kind| dimension.reason(*kind).is_none());
        kinds.map(move |kind| Cell { slug: format!("{}.{kind}", dimension.slug), dimension, kind })
    };
    DIMENSIONS.iter().flat_map(of).collect()
});

/// The cells of the matrix.
pub fn cells() -> impl Iterator<Item = &'static Cell> {
    CELLS.iter()
}

impl Cell {
    /// The cell of a slug.
    pub fn of(slug: &str) -> Option<&'static Self> {
        cells().find(|cell| cell.slug == slug)
    }

    /// The listener of this cell.
    pub fn behaviour(&'static self) -> Behaviour {
        Behaviour { cell: Some(self), ..Behaviour::default() }
    }

    /// What the checks must say of it at least.
    pub fn verdict(&self) -> Verdict {
        let lesser = self.dimension.lesser.contains(&self.kind);
        if lesser { Verdict::Warn } else { self.dimension.verdict }
    }

    /// What the suite must be asked for to see it.
    pub const fn asks(&self) -> Asks {
        Asks::EVERYTHING
    }

    fn is(&self, kind: &str, wrong: Wrong) -> bool {
        self.dimension.wrong == wrong && kind == self.kind.as_str()
    }

    /// Is a badly signed event accepted all the same?
    pub(crate) fn accepts_forgery(&self, game: &Game, event: &Event) -> bool {
        self.is(&event.kind, Wrong::AcceptsForgery)
            || (self.is(&event.kind, Wrong::AcceptsForgedDuplicate)
                && game.notes.contains(&body(event)))
    }

    /// What a badly signed event leaves behind although it is rejected.
    pub(crate) fn meets_forgery(&self, game: &mut Game, event: &Event, key: Option<String>) {
        if self.is(&event.kind, Wrong::RecordsForgery) {
            game.done.extend(key);
        } else if self.is(&event.kind, Wrong::ActsOnForgery) {
            game::effects(game, event);
        }
    }

    /// What becomes of an event before it is looked at, if that is not the right thing.
    pub(crate) fn before(&self, event: &Event) -> Option<Refusal> {
        let is = |wrong| self.is(&event.kind, wrong);
        match self.dimension.wrong {
            Wrong::Rejects if is(Wrong::Rejects) => Some(Refusal::Parameter),
            Wrong::Fails if is(Wrong::Fails) => Some(Refusal::Crash),
            Wrong::FailsOn(value) if is(Wrong::FailsOn(value)) && value.is_in(&event.json) => {
                Some(Refusal::Crash)
            }
            _ => None,
        }
    }

    /// What becomes of an event that was met before, if that is not the right thing; and notes what was
    /// met.
    pub(crate) fn again(&self, game: &mut Game, event: &Event) -> Option<Refusal> {
        let keeps = [Wrong::RejectsDuplicate, Wrong::AcceptsForgedDuplicate];
        if !keeps.into_iter().any(|wrong| self.is(&event.kind, wrong)) {
            return None;
        }
        let first = game.notes.insert(body(event));
        let rejects = !first && self.is(&event.kind, Wrong::RejectsDuplicate);
        rejects.then_some(Refusal::Conflict)
    }

    /// Notes an event that was rejected.
    pub(crate) fn rejected(&self, game: &mut Game, event: &Event, key: Option<String>) {
        if self.is(&event.kind, Wrong::RecordsRejected) {
            game.done.extend(key);
        }
    }

    /// Changes which events are taken for seen, right before the look.
    pub(crate) fn recall(&self, game: &mut Game, event: &Event, key: &str) -> Result<(), Refusal> {
        if self.is(&event.kind, Wrong::CountsDuplicate) {
            game.done.remove(key);
        }
        if self.is(&event.kind, Wrong::Forgets) && !game.done.contains(key) {
            game.recent.push_back(key.to_owned());
            if game.recent.len() > REMEMBERED
                && let Some(oldest) = game.recent.pop_front()
            {
                game.done.remove(&oldest);
            }
        }
        let fails = self.is(&event.kind, Wrong::RecordsFailed)
            && game.met.insert(key.to_owned())
            && game.met.len() % WORKS_ONE_IN != 1;
        if fails {
            game.done.insert(key.to_owned());
            return Err(Refusal::Crash);
        }
        Ok(())
    }

    /// How often an event takes effect.
    pub(crate) fn effects(&self, event: &Event) -> usize {
        if self.is(&event.kind, Wrong::NoEffect) {
            0
        } else if self.is(&event.kind, Wrong::TwoEffects) {
            2
        } else {
            1
        }
    }

    /// Is the effect of an event lost at a restart?
    pub(crate) fn loses_effects(&self, event: &Event) -> bool {
        self.is(&event.kind, Wrong::LosesEffects)
    }

    /// What a restart does to what was kept.
    pub(crate) fn restarted(&self, game: &mut Game) {
        if self.dimension.wrong == Wrong::LosesKeys {
            let of_kind = format!("{} ", self.kind);
            game.done.retain(|key| !key.starts_with(&of_kind));
        }
    }

    /// How long the answer takes.
    pub(crate) fn pause(&self, kind: &str) -> Duration {
        if self.is(kind, Wrong::Hangs) {
            NEVER
        } else if self.is(kind, Wrong::Slow) {
            LATE
        } else {
            Duration::ZERO
        }
    }

    /// The answer to a badly signed event, if it is not the right one.
    pub(crate) fn render(&self, kind: &str, outcome: &Outcome) -> Option<Answer> {
        outcome.result.err().filter(|refusal| *refusal == Refusal::Signature)?;
        if self.is(kind, Wrong::OtherStatus) {
            Some(Answer { status: 403, ..crate::right::answered(outcome) })
        } else {
            self.is(kind, Wrong::PlainText).then(|| Answer::text(400, "Bad signature"))
        }
    }
}

/// A note of the bytes of an event.
fn body(event: &Event) -> String {
    format!("body {}", String::from_utf8_lossy(&event.body))
}

impl Peculiar {
    /// Is there such a value anywhere?
    fn is_in(self, json: &Value) -> bool {
        match json {
            Value::Object(members) => {
                members.iter().any(|(name, value)| self.is_at(name, value) || self.is_in(value))
            }
            Value::Array(values) => values.iter().any(|value| self.is_in(value)),
            _ => false,
        }
    }

    fn is_at(self, name: &str, value: &Value) -> bool {
        let text = value.as_str().unwrap_or_default();
        let number = value.as_number().map(ToString::to_string).unwrap_or_default();
        let is_id = matches!(name, "id" | "invoice_id" | "subscription_id");
        let is_amount = name == "amount" || name.ends_with("_amount");
        match self {
            Self::Apostrophe => text.contains('\''),
            Self::Percent => text.contains('%'),
            Self::LineBreak => text.contains('\n'),
            Self::Nul => text.contains('\0'),
            Self::BeyondBmp => text.chars().any(|character| u32::from(character) > 0xffff),
            Self::LongText => text.chars().count() > COLUMN_MAX,
            Self::Null => value.is_null(),
            Self::IdAsText => {
                is_id
                    && name != "invoice_id"
                    && !text.is_empty()
                    && text.bytes().all(|byte| byte.is_ascii_digit())
            }
            Self::Beyond53Bits => is_id && number.parse().is_ok_and(|id: u64| id > 1 << 53),
            Self::ZeroAmount => {
                let digits = if number.is_empty() { text } else { &number };
                is_amount && digits.parse().is_ok_and(|amount: f64| amount == 0.0)
            }
            Self::AmountAsText => is_amount && value.is_string(),
            Self::ManyDecimals => {
                let digits = if number.is_empty() { text } else { &number };
                is_amount
                    && digits.split_once('.').is_some_and(|(_, places)| places.len() > DECIMALS_MAX)
            }
        }
    }
}

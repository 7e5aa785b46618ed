//! The rules of the matrix, as a table.

use hookproof_contract::NotificationType::{self, self as N};

use super::{Dimension, Peculiar, Wrong};
use crate::faults::{Level, Verdict};

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

//! The checks, one module per topic of `spec/clauses/`.
//!
//! To add a check: write a `const` of type [`Check`] in the module of its topic, list it in [`ALL`],
//! and name it in a fault of `crates/zoo` that it catches. The tests fail until all three are there.

mod answers;
mod errors;
mod idempotency;
mod orders;
mod payloads;
mod payments;
mod refunds;
mod sequence;
mod signature;
mod time;
mod users;

use crate::Check;

pub(crate) use signature::{last_digit_changed, unsigned};

/// All checks, in the order in which they are reported.
pub const ALL: &[&Check] = &[
    &signature::ACCEPTS_VALID,
    &signature::ACCEPTS_ANY_SERIALISATION,
    &signature::ACCEPTS_UTF8,
    &signature::ACCEPTS_LOWER_CASE_HEADER_NAME,
    &signature::REJECTS_FLIPPED_BODY,
    &signature::REJECTS_FLIPPED_DIGIT,
    &signature::REJECTS_MISSING_HEADER,
    &signature::REJECTS_OTHER_SCHEMES,
    &signature::REJECTS_CUT_OR_EXTENDED,
    &signature::REJECTS_OTHER_CONSTRUCTIONS,
    &signature::REJECTS_NORMALISED_BODY,
    &signature::CHECKED_PER_TYPE,
    &signature::BEFORE_PARSING,
    &signature::REFUSAL_WITHOUT_EFFECT,
    &signature::NOT_LEAKED,
    &signature::STATUS_400,
    &answers::SUCCESS_STATUS,
    &answers::SUCCESS_WITHOUT_BODY,
    &answers::NO_5XX_FOR_SENDERS_FAULTS,
    &answers::COMPLETE,
    &answers::SURVIVE_HOSTILE_REQUESTS,
    &answers::OTHER_METHODS,
    &answers::NO_INTERNALS,
    &answers::CONTENT_TYPE_FORMS,
    &errors::BODY_SHAPE,
    &errors::PUBLISHED_CODES,
    &errors::MESSAGE,
    &errors::STATUS_400,
    &errors::JSON_CONTENT_TYPE,
    &errors::MALFORMED_BODY,
    &users::KNOWN_ACCEPTED,
    &users::UNKNOWN_REFUSED,
    &users::VALIDATION_REPEATABLE,
    &users::VALIDATION_WITHOUT_EFFECT,
    &users::INTEGER_ID,
    &users::RIGHT_MEMBER,
    &users::ORDER_OF_UNKNOWN_USER,
    &users::STRANGE_IDS,
    &users::EXACT_MATCH,
    &payloads::MINIMAL,
    &payloads::UNKNOWN_MEMBERS,
    &payloads::SCHEMA_GENERATED,
    &payloads::NULLS,
    &payloads::OPEN_SETS,
    &payloads::IDS_BEYOND_32_BITS,
    &payloads::IDS_BEYOND_53_BITS,
    &payloads::AMOUNT_FORMS,
    &payloads::HOSTILE,
    &payloads::ESCAPES,
    &payloads::UNKNOWN_TYPE,
    &payloads::MANY_ITEMS,
    &payloads::WITHOUT_TYPE,
    &orders::GRANTED,
    &orders::WITHOUT_INVOICE,
    &orders::CANCEL_TAKES_BACK,
    &payments::AND_ORDER_GRANT_ONCE,
    &refunds::TAKE_EFFECT,
    &refunds::ANY_REASON_CODE,
    &refunds::AND_CANCEL_TAKE_BACK_ONCE,
    &idempotency::REPEAT_ACCEPTED,
    &idempotency::REPEAT_GRANTS_ONCE,
    &idempotency::CONCURRENT_ACCEPTED,
    &idempotency::CONCURRENT_GRANTS_ONCE,
    &idempotency::TYPES_DIFFER,
    &idempotency::SAME_ITEM_AGAIN,
    &idempotency::CANCEL_REPEAT,
    &idempotency::OTHER_SERIALISATION,
    &idempotency::ORDERS_DIFFER,
    &sequence::WHOLE_PURCHASE,
    &sequence::CANCEL_OF_UNKNOWN_ORDER,
    &sequence::REFUND_OF_UNKNOWN_PAYMENT,
    &time::WITHIN_THREE_SECONDS,
];

//! Is each webhook proved to come from Xsolla, and is each proof believed? (clauses `SIG-*`)

mod changed;
mod forged;
mod refusal;
mod several;
mod state;
mod valid;

pub(super) use changed::REJECTS_NORMALISED_BODY;
pub(super) use forged::{
    REJECTS_CUT_OR_EXTENDED, REJECTS_FLIPPED_BODY, REJECTS_FLIPPED_DIGIT, REJECTS_MISSING_HEADER,
    REJECTS_OTHER_CONSTRUCTIONS, REJECTS_OTHER_SCHEMES,
};
pub(crate) use forged::{last_digit_changed, unsigned};
pub(super) use refusal::{
    BEFORE_PARSING, CHECKED_PER_TYPE, NOT_LEAKED, REFUSAL_WITHOUT_EFFECT, STATUS_400,
};
pub(super) use several::SEVERAL_SIGNATURES;
pub(super) use state::{FORGERY_FORGOTTEN, REJECTS_FORGED_DUPLICATES};
pub(super) use valid::{
    ACCEPTS_ANY_SERIALISATION, ACCEPTS_LOWER_CASE_HEADER_NAME, ACCEPTS_UTF8, ACCEPTS_VALID,
};

//! Is every payload that the contract allows understood? (clauses `PAYLOAD-*`)

mod hostile;
mod ids;
mod tolerance;

pub(super) use hostile::{HOSTILE, MANY_ITEMS, UNKNOWN_TYPE, WITHOUT_TYPE};
pub(super) use ids::{AMOUNT_FORMS, IDS_BEYOND_32_BITS, IDS_BEYOND_53_BITS};
pub(super) use tolerance::{ESCAPES, MINIMAL, NULLS, OPEN_SETS, SCHEMA_GENERATED, UNKNOWN_MEMBERS};

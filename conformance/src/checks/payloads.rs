//! Is every payload that the contract allows understood? (clauses `PAYLOAD-*`)

mod forms;
mod hostile;
mod ids;
mod schemas;
mod texts;
mod tolerance;
mod types;

pub(super) use forms::{CUSTOM_PARAMETERS, ID_FORMS, MEMBER_ORDER, TEST_MARKS};
pub(super) use hostile::{HOSTILE, MANY_ITEMS, UNKNOWN_TYPE, WITHOUT_TYPE};
pub(super) use ids::{AMOUNT_FORMS, IDS_BEYOND_32_BITS, IDS_BEYOND_53_BITS};
pub(super) use schemas::{BOUNDARY_VALUES, COMBINATIONS, SCHEMA_GENERATED};
pub(super) use texts::{AMOUNT_VALUES, HAZARDOUS_TEXTS};
pub(super) use tolerance::{ESCAPES, MINIMAL, NULLS, OPEN_SETS, UNKNOWN_MEMBERS};
pub(super) use types::TYPE_AS_A_WHOLE;

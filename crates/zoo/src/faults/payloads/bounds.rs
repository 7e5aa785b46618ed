//! Listeners that mistake a value at a bound of the schema for no value, or have no room for it. No
//! document sets these bounds, so the suite warns.

use serde_json::{Value, json};

use super::wants;
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    faults::{Asks, Fault, Level, Severity, Verdict},
};

/// Bytes of the longest name that one of the listeners can keep.
const NAME_BYTES_MAX: usize = 250;
/// What a clock shows that was never set.
const EPOCH: &str = "1970-01-01T00:00:00Z";

/// The wrong listeners of this kind.
pub(in crate::faults) static BOUNDS: &[Fault] = &[
    refuses("names-of-250-bytes", "refuses a user whose name is longer than 250 bytes", || {
        Behaviour {
            vet: |event| {
                only_if(event, "/user/name", |name| {
                    name.as_str().is_none_or(|name| name.len() <= NAME_BYTES_MAX)
                })
            },
            ..Behaviour::default()
        }
    }),
    refuses(
        "empty-names-are-missing",
        "takes an empty name of a user for a missing one, which it refuses",
        || Behaviour {
            vet: |event| only_if(event, "/user/name", |name| name != ""),
            ..Behaviour::default()
        },
    ),
    refuses("zero-is-missing", "takes a total of zero for a missing one, which it refuses", || {
        Behaviour {
            vet: |event| {
                only_if(event, "/purchase/total/amount", |total| total.as_f64() != Some(0.0))
            },
            ..Behaviour::default()
        }
    }),
    refuses(
        "empty-lists-are-missing",
        "takes an empty list of promotions for a missing one, which it refuses",
        || Behaviour {
            vet: |event| only_if(event, "/purchase/promotions", |list| *list != json!([])),
            ..Behaviour::default()
        },
    ),
    refuses(
        "the-epoch-is-missing",
        "takes the first second of 1970 for a missing date, which it refuses",
        || Behaviour {
            vet: |event| only_if(event, "/transaction/payment_date", |date| date != EPOCH),
            ..Behaviour::default()
        },
    ),
    refuses("trials-in-a-byte", "keeps the days of a trial in a byte", || Behaviour {
        vet: |event| {
            only_if(event, "/purchase/subscription/trial_days", |days| {
                days.as_u64().is_none_or(|days| u8::try_from(days).is_ok())
            })
        },
        ..Behaviour::default()
    }),
];

/// One that refuses a value which its schema allows.
const fn refuses(
    slug: &'static str,
    completes: &'static str,
    behaviour: fn() -> Behaviour,
) -> Fault {
    Fault {
        slug,
        completes,
        severity: Severity::Money,
        level: Level::Wire,
        verdict: Verdict::Warn,
        caught_by: &["payloads-boundary-values"],
        cause: Some("value-of-the-schema-refused"),
        asks: Asks::STORE,
        behaviour,
    }
}

/// Refuses an event in which the member is there and is not as it is wanted.
fn only_if(event: &Event, pointer: &str, wanted: impl Fn(&Value) -> bool) -> Result<(), Refusal> {
    wants(event, event.json.pointer(pointer).is_none_or(wanted))
}

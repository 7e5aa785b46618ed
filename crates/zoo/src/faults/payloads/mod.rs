//! Wrong listeners: what a payload may contain (clauses `PAYLOAD-*`).

mod bounds;
mod forms;
mod hostile;
mod limits;
mod members;

pub(super) use bounds::BOUNDS;
pub(super) use forms::FORMS;
pub(super) use hostile::HOSTILE;
pub(super) use limits::LIMITS;
pub(super) use members::MEMBERS;
use serde_json::Value;

use crate::{behaviour::Refusal, event::Event};

fn wants(event: &Event, wanted: bool) -> Result<(), Refusal> {
    let own = matches!(event.kind.as_str(), "user_validation" | "payment" | "refund");
    Refusal::unless(wanted || !(own || event.is_order()))
}

fn items(event: &Event) -> impl Iterator<Item = &Value> {
    event.at("/items").and_then(Value::as_array).into_iter().flatten()
}

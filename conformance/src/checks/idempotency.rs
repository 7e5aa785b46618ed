//! Is each event done once, however often it is told? (clauses `IDEM-*`)

mod aim;
mod corrected;
mod crash;
mod cut;
mod effects;
mod forms;
mod lasting;
mod neighbours;
mod replicas;
mod wire;

pub(super) use corrected::CORRECTED_DELIVERY;
pub(super) use crash::{CANCEL_AFTER_RESTART, SURVIVES_KILL_AFTER_ANSWER, SURVIVES_RESTART};
pub(super) use cut::{SURVIVES_KILL_BEFORE_ANSWER, SURVIVES_KILL_UNDER_LOAD, SURVIVES_STOP};
pub(super) use effects::{
    CANCEL_REPEAT, CONCURRENT_GRANTS_ONCE, ORDERS_DIFFER, OTHER_SERIALISATION, REPEAT_GRANTS_ONCE,
    SAME_ITEM_AGAIN, TYPES_DIFFER,
};
pub(super) use forms::{ACROSS_MODES, NUMBER_OR_TEXT};
pub(super) use lasting::{LATE_DUPLICATES, STATE_SURVIVES_KILL};
pub(super) use neighbours::{ACROSS_KINDS, AGAIN_AFTER_CANCEL, LATE_PAYMENT};
pub(super) use replicas::{CANCEL_ELSEWHERE, COPIES_EVERYWHERE, REPEAT_ELSEWHERE, SPREAD};
pub(super) use wire::{CONCURRENT_ACCEPTED, REPEAT_ACCEPTED};

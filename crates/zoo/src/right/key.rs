//! What two deliveries of one event have in common, and no two events.

use crate::event::Event;

/// The type, and what tells events of that type apart: an id, or the content where several carry
/// one id. News without a key changes nothing, so that its repeats do not matter.
pub(crate) fn key(event: &Event) -> Option<String> {
    let id = match event.kind.as_str() {
        "order_paid" | "order_canceled" => event.id("/order/id")?,
        "payment" | "refund" | "ps_declined" | "afs_reject" => event.id("/transaction/id")?,
        "partial_refund" => {
            let told = [
                event.id("/transaction/id"),
                event.amount("/purchase/total/amount"),
                event.amount("/payment_details/payment/amount"),
                event.text("/refund_details/date"),
            ];
            told.map(Option::unwrap_or_default).join(" ")
        }
        "create_subscription" | "cancel_subscription" => event.subscription_id()?,
        "update_subscription" | "non_renewal_subscription" => {
            let told = [
                event.subscription_id(),
                event.text("/subscription/date_next_charge"),
                event.text("/subscription/plan_id"),
            ];
            told.map(Option::unwrap_or_default).join(" ")
        }
        _ => return None,
    };
    Some(format!("{} {id}", event.kind))
}

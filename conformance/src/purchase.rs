//! One purchase, and the notifications that tell of it.

use std::{cell::RefCell, collections::BTreeSet};

use hookproof_contract::{Mode, NotificationType, payload::Payload};
use serde_json::{Value, json};

/// A purchase with ids of its own. Everything that is told of it carries these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// Who bought.
    pub user: String,
    /// The id that `payment`, `refund` and the order's invoice share.
    pub transaction: u64,
    /// The order's id.
    pub order: u64,
    /// What was bought, and how many of each.
    pub items: Vec<(String, u64)>,
    told: RefCell<BTreeSet<NotificationType>>,
}

impl Purchase {
    /// A purchase of which nothing was told yet.
    pub fn new(user: &str, ids: (u64, u64), items: Vec<(String, u64)>) -> Self {
        let (transaction, order) = ids;
        Self { user: user.to_owned(), transaction, order, items, told: RefCell::default() }
    }

    /// The same purchase under other ids.
    #[must_use]
    pub fn with_ids(self, transaction: u64, order: u64) -> Self {
        Self { transaction, order, told: RefCell::default(), ..self }
    }

    /// Notes that this type is told of the purchase; whether it is for the first time.
    pub fn first_told(&self, kind: NotificationType) -> bool {
        self.told.borrow_mut().insert(kind)
    }

    /// The shortest notification of this type: no optional member but those that name the user.
    pub fn tell(&self, kind: NotificationType, mode: Mode) -> Payload {
        let told = self.adapt(kind, mode, Payload::minimal(kind, mode));
        self.with_items(kind, real(told))
    }

    /// A notification of this type with every documented member.
    pub fn tell_fully(&self, kind: NotificationType, mode: Mode) -> Payload {
        real(self.adapt(kind, mode, Payload::full(kind, mode)))
    }

    /// A notification with every documented member and one kind of item: that of the purchase.
    pub fn tell_fully_of_one_item(&self, kind: NotificationType, mode: Mode) -> Payload {
        self.with_items(kind, self.tell_fully(kind, mode))
    }

    /// Any payload of this type, made to speak of this purchase: ids, user and items are put in.
    pub fn adapt(&self, kind: NotificationType, mode: Mode, payload: Payload) -> Payload {
        match kind {
            NotificationType::OrderPaid | NotificationType::OrderCanceled => {
                self.adapt_order(kind, mode, payload)
            }
            NotificationType::PartnerSideCatalog => payload.set("/user/user_id", json!(self.user)),
            NotificationType::AfsBlackList => {
                payload.set("/event/transaction_id", json!(self.transaction.to_string()))
            }
            NotificationType::CreateSubscription
            | NotificationType::UpdateSubscription
            | NotificationType::CancelSubscription
            | NotificationType::NonRenewalSubscription => payload
                .set("/user/id", json!(self.user))
                .set("/subscription/subscription_id", json!(self.transaction)),
            NotificationType::UserValidation
            | NotificationType::UserSearch
            | NotificationType::PaymentAccountAdd
            | NotificationType::PaymentAccountRemove => payload.set("/user/id", json!(self.user)),
            _ => payload
                .set("/user/id", json!(self.user))
                .set("/transaction/id", json!(self.transaction)),
        }
    }

    fn adapt_order(&self, kind: NotificationType, mode: Mode, payload: Payload) -> Payload {
        let status = if kind == NotificationType::OrderPaid { "paid" } else { "canceled" };
        let mut payload = payload
            .set("/user/external_id", json!(self.user))
            .set("/order/id", json!(self.order))
            .set("/order/mode", json!("default"))
            .set("/order/status", json!(status));
        if payload.value().pointer("/order/invoice_id").is_none_or(|invoice| !invoice.is_null()) {
            payload = payload.set("/order/invoice_id", json!(self.transaction.to_string()));
        }
        let items = payload.value().pointer("/items").and_then(Value::as_array).map_or(0, Vec::len);
        for (place, (sku, quantity)) in (0..items).zip(self.items.iter().cycle()) {
            payload = payload
                .set(&format!("/items/{place}/sku"), json!(sku))
                .set(&format!("/items/{place}/quantity"), json!(quantity));
        }
        if mode == Mode::Combined {
            payload = payload.set("/billing/transaction/id", json!(self.transaction));
        }
        payload
    }

    fn with_items(&self, kind: NotificationType, payload: Payload) -> Payload {
        if !matches!(kind, NotificationType::OrderPaid | NotificationType::OrderCanceled) {
            return payload;
        }
        let Some(pattern) = payload.value().pointer("/items/0").cloned() else { return payload };
        let items = self.items.iter().map(|(sku, quantity)| {
            let mut item = pattern.clone();
            item["sku"] = json!(sku);
            item["quantity"] = json!(quantity);
            item
        });
        let items: Value = items.collect();
        payload.set("/items", items)
    }
}

/// The payload without what marks it as a test, or as one of the game's own invoices.
fn real(payload: Payload) -> Payload {
    ["", "/billing"].iter().fold(payload, |payload, place| {
        payload
            .remove(&format!("{place}/transaction/external_id"))
            .remove(&format!("{place}/transaction/dry_run"))
    })
}

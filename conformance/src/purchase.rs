//! One purchase, and the notifications that tell of it.

use std::{cell::RefCell, collections::BTreeSet, sync::Arc};

use hookproof_contract::{Mode, NotificationType, payload::Payload};
use serde_json::{Value, json};

use crate::project::Project;

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
    /// The plan, where it is a subscription. Its id is that of the order.
    pub plan: Option<String>,
    /// By what the user is searched for; empty where nobody said.
    pub public_id: String,
    /// Ids, prices and currency of the project.
    project: Arc<Project>,
    told: RefCell<BTreeSet<NotificationType>>,
}

impl Purchase {
    /// A purchase of which nothing was told yet.
    pub fn new(user: &str, ids: (u64, u64), items: Vec<(String, u64)>) -> Self {
        let (transaction, order) = ids;
        Self {
            user: user.to_owned(),
            transaction,
            order,
            items,
            plan: None,
            public_id: String::new(),
            project: Arc::default(),
            told: RefCell::default(),
        }
    }

    /// The same purchase, told as is right for the project.
    #[must_use]
    pub fn of_project(self, project: &Arc<Project>) -> Self {
        Self { project: Arc::clone(project), ..self }
    }

    /// The same purchase, of a plan that the game has.
    #[must_use]
    pub fn of_plan(self, plan: &str) -> Self {
        Self { plan: Some(plan.to_owned()), ..self }
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

    /// A payload with the members of this purchase's order beside its own, for who looks at nothing else.
    pub fn beside_order(&self, payload: Payload) -> Payload {
        let items = self.items.iter().map(|(sku, quantity)| {
            json!({
                "sku": sku, "type": "virtual_good", "is_pre_order": false, "quantity": quantity,
                "amount": "9.99", "promotions": [],
            })
        });
        let items: Value = items.collect();
        let order = json!({
            "id": self.order, "mode": "default", "currency_type": "real", "currency": "USD",
            "amount": "9.99", "status": "paid", "platform": "xsolla", "comment": null,
            "invoice_id": self.transaction.to_string(), "promotions": [],
        });
        let payload = payload
            .set("/items", items)
            .set("/order", order)
            .set("/user/external_id", json!(self.user));
        let payload = match payload.value().pointer("/transaction") {
            None => payload.set("/transaction", json!({"id": self.transaction})),
            Some(_) => payload,
        };
        self.project.keep(payload, &self.items)
    }

    /// Any payload of this type, made to speak of this purchase: ids, user and items are put in, and
    /// what is right for the project.
    pub fn adapt(&self, kind: NotificationType, mode: Mode, payload: Payload) -> Payload {
        let payload = self.with_its_members(kind, mode, payload);
        self.project.complete(kind, mode, payload, &self.items)
    }

    fn with_its_members(&self, kind: NotificationType, mode: Mode, payload: Payload) -> Payload {
        use NotificationType as N;
        let payload = self.adapt_subscription(payload);
        match kind {
            N::OrderPaid | N::OrderCanceled => self.adapt_order(kind, mode, payload),
            N::PartnerSideCatalog => {
                let payload = payload.set("/user/user_id", json!(self.user));
                set_where_present(payload, "/user/id", json!(self.user))
            }
            N::UserSearch => {
                let payload = set_where_present(payload, "/user/id", json!(self.user));
                payload.set("/user/public_id", json!(self.public_id))
            }
            N::AfsBlackList => payload
                .set("/event/transaction_id", json!(self.transaction.to_string()))
                .set("/event/date_of_last_action", json!(moment(self.transaction))),
            N::CreateSubscription
            | N::UpdateSubscription
            | N::CancelSubscription
            | N::NonRenewalSubscription => payload
                .set("/user/id", json!(self.user))
                .set("/subscription/subscription_id", json!(self.order)),
            N::PaymentAccountAdd | N::PaymentAccountRemove => payload
                .set("/user/id", json!(self.user))
                .set("/payment_account/id", json!(self.transaction.to_string())),
            N::UserValidation => payload.set("/user/id", json!(self.user)),
            N::Payment
            | N::Refund
            | N::PartialRefund
            | N::PsDeclined
            | N::AfsReject
            | N::Dispute => payload
                .set("/user/id", json!(self.user))
                .set("/transaction/id", json!(self.transaction)),
        }
    }

    /// Puts in the subscription's id and plan wherever the payload speaks of one.
    fn adapt_subscription(&self, payload: Payload) -> Payload {
        ["/subscription", "/purchase/subscription"].iter().fold(payload, |payload, place| {
            let id = format!("{place}/subscription_id");
            let payload = set_where_present(payload, &id, json!(self.order));
            match &self.plan {
                Some(plan) => set_where_present(payload, &format!("{place}/plan_id"), json!(plan)),
                None => payload,
            }
        })
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
        self.project.keep(payload.set("/items", items), &self.items)
    }
}

/// The payload with another value of a member that it has.
fn set_where_present(payload: Payload, pointer: &str, value: Value) -> Payload {
    if payload.value().pointer(pointer).is_some() { payload.set(pointer, value) } else { payload }
}

/// A moment of the past that belongs to an id.
fn moment(id: u64) -> String {
    let (hour, minute, second, fraction) =
        (id / 3_600_000 % 24, id / 60_000 % 60, id / 1000 % 60, id % 1000);
    format!("2026-03-14T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z")
}

/// The payload without what marks it as a test, or as one of the game's own invoices.
fn real(payload: Payload) -> Payload {
    ["", "/billing"].iter().fold(payload, |payload, place| {
        payload
            .remove(&format!("{place}/transaction/external_id"))
            .remove(&format!("{place}/transaction/dry_run"))
    })
}

//! Scripts of forgeries, rejections and late duplicates for every wrong listener.

use serde_json::{Value, json};

use crate::{
    client::authorization,
    events::{
        USER, canceled, catalog, combined_order, order, partial_refund, payment, refund, search,
        subscription, with, without,
    },
    scripts::Said,
};

/// Payments between an event and its late duplicate.
const OTHER_PAYMENTS: u64 = 60;

impl Said {
    /// Forged copies before and after the genuine event, and rejected events that come corrected.
    pub(crate) async fn seen(&mut self) {
        let by_user = |event: Value| with(event, "/user", json!({ "id": USER }));
        let forged = authorization(b"another body");
        let paid = by_user(payment(9501));
        for event in [
            paid.clone(),
            order(9502, 9501),
            by_user(refund(9501)),
            subscription("create_subscription", 9503, "monthly", 1),
            subscription("update_subscription", 9503, "monthly", 2),
            search("player-2002@example.org"),
            catalog(&json!({ "user_id": USER })),
        ] {
            let body = event.to_string();
            self.bytes("forged", body.as_bytes(), &forged).await;
            self.signed("genuine", &body).await;
            self.bytes("forged again", body.as_bytes(), &forged).await;
            self.probe("after it").await;
        }
        let bad_line = |line: Value| {
            let mut bad = order(9511, 9512);
            bad["items"][1] = line;
            bad
        };
        let taken_up = subscription("create_subscription", 9513, "monthly", 1);
        for (rejected, corrected) in [
            (with(order(9514, 9515), "/user/external_id", "nobody"), order(9514, 9515)),
            (without(by_user(payment(9516)), "/payment_details"), by_user(payment(9516))),
            (without(by_user(refund(9516)), "/payment_details"), by_user(refund(9516))),
            (with(taken_up.clone(), "/user/id", "nobody"), taken_up),
            (bad_line(json!("no line")), order(9511, 9512)),
        ] {
            self.event("rejected", &rejected).await;
            self.probe("after it").await;
            self.event("corrected", &corrected).await;
            self.probe("after it").await;
        }
    }

    /// Texts and amounts that break queries and cents, SKUs of digits, lone bundles, lines of version 2.
    pub(crate) async fn values(&mut self) {
        let named = |name: &str| json!({ "id": USER, "name": name });
        let marked = |mut event: Value| {
            for line in event["items"].as_array_mut().unwrap() {
                for mark in ["is_free", "is_bonus", "is_bundle_content"] {
                    line[mark] = json!(false);
                }
            }
            event
        };
        let bundle = |id: u64| {
            let mut event = order(id, id + 1);
            event["items"].as_array_mut().unwrap().truncate(1);
            with(event, "/items/0/type", "bundle")
        };
        let priced = |id: u64, prices: [&str; 2], total: &str| {
            let event = with(order(id, id + 1), "/items/0/amount", prices[0]);
            with(with(event, "/items/1/amount", prices[1]), "/order/amount", total)
        };
        let skus = with(order(9817, 9818), "/items/0/sku", "007");
        let skus = with(skus, "/items/1/sku", "7");
        let subscribed = subscription("create_subscription", 9803, "monthly", 1);
        let part = json!({ "reason": "a\0b" });
        for event in [
            with(payment(9801), "/user", named("O'Brien")),
            with(subscribed, "/user/name", "100 %"),
            with(order(9805, 9806), "/order/comment", "Ada \u{1f600}"),
            with(refund(9801), "/refund_details", part),
            priced(9807, ["599.8", "0.29"], "600.09"),
            with(payment(9809), "/payment_details/payment/amount", json!(599.8)),
            marked(order(9811, 9812)),
            bundle(9813),
            marked(bundle(9815)),
            skus.clone(),
            canceled(skus),
            without(refund(9801), "/payment_details"),
        ] {
            self.event("value", &event).await;
            self.probe("after it").await;
        }
        let forged = authorization(b"another body");
        self.bytes("forged refund", refund(9821).to_string().as_bytes(), &forged).await;
        let many = vec![order(1, 1)["items"][0].clone(); 300];
        self.event("many lines", &with(order(9819, 9820), "/items", many)).await;
    }

    /// Duplicates of several types after many other events.
    pub(crate) async fn late(&mut self) {
        let paid = with(payment(9601), "/user", json!({ "id": USER }));
        let part = partial_refund(9601, "1.50");
        let other = with(payment(9602), "/user", json!({ "id": USER }));
        let bought = combined_order(9603, 9604);
        let back = canceled(combined_order(9605, 9606));
        let events = [paid, part, other, refund(9602), bought, combined_order(9605, 9606), back];
        for event in &events {
            self.event("early", event).await;
        }
        for place in 0..OTHER_PAYMENTS {
            self.event("other", &payment(9700 + place)).await;
        }
        for event in &events {
            self.event("late", event).await;
            self.probe("late").await;
        }
    }
}

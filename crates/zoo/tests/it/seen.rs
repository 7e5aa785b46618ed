//! What is sent to every wrong listener about forgeries, rejections and late duplicates.

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

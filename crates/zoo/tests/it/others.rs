//! What is sent to every wrong listener beyond the store: questions, news, other forms.

use serde_json::{Value, json};

use crate::{
    client::post,
    events::{
        USER, canceled, catalog, combined_order, news, order, partial_refund, payment, refund,
        search, subscription, unpaid, web_shop, with,
    },
    scripts::Said,
};

impl Said {
    pub(crate) async fn questions(&mut self) {
        for public_id in ["player-1001@example.org", "nobody@example.org"] {
            self.event(public_id, &search(public_id)).await;
        }
        for user in [
            json!({ "user_id": USER }),
            json!({ "id": USER }),
            json!({ "user_id": null }),
            json!({ "user_id": "nobody" }),
            json!({ "id": "nobody" }),
        ] {
            self.event("catalogue", &catalog(&user)).await;
        }
        let mut untyped = order(701, 702);
        untyped.as_object_mut().unwrap().remove("notification_type");
        for body in [web_shop(USER), web_shop("nobody"), untyped] {
            let reply = post(&self.served, body.to_string(), &[]).await;
            self.lines.push(format!("Web Shop: {reply}"));
        }
        self.probe("after questions").await;
    }

    pub(crate) async fn news(&mut self) {
        let subscribed = |kind: &str, plan: &str, day| subscription(kind, 71, plan, day);
        let paid = with(payment(711), "/user", json!({ "id": USER }));
        let text = "payment_details/payment/amount";
        let vat = json!({ "currency": "USD", "amount": 1, "percent": "9" });
        for event in [
            subscribed("create_subscription", "monthly", 1),
            subscription("create_subscription", "72", "monthly", 1),
            subscribed("update_subscription", "monthly", 2),
            subscribed("update_subscription", "monthly", 2),
            subscribed("update_subscription", "yearly", 3),
            subscribed("non_renewal_subscription", "yearly", 3),
            subscribed("cancel_subscription", "yearly", 3),
            subscription("update_subscription", 79, "monthly", 1),
            unpaid("ps_declined", 721),
            unpaid("afs_reject", 722),
            paid,
            order(712, 711),
            partial_refund(711, "1.50"),
            partial_refund(711, "2.50"),
            with(partial_refund(711, "3"), "/payment_details/vat", vat),
            with(refund(711), &format!("/{text}"), "9.99"),
        ] {
            self.event("news", &event).await;
            self.probe("news").await;
        }
        for event in news() {
            self.event("more news", &event).await;
        }
        self.probe("after news").await;
    }

    pub(crate) async fn forms(&mut self) {
        let bought = order(731, 732);
        let mut bundle = bought.clone();
        bundle["items"][0]["type"] = json!("bundle");
        bundle["items"][1]["is_bundle_content"] = json!(true);
        let mut last = payment(736);
        let kind = last.as_object_mut().unwrap().shift_remove("notification_type").unwrap();
        last["notification_type"] = kind;
        let own = |id: u64, event: Value| with(event, "/order/id", id);
        let parameters = |value: Value| with(payment(737), "/custom_parameters", value);
        for (name, event) in [
            ("bonus", own(741, with(bought.clone(), "/items/0/is_bonus", true))),
            ("marks", own(742, with(bought.clone(), "/items/0/is_free", false))),
            ("same twice", own(743, with(bought.clone(), "/items/1/sku", "sword_01"))),
            ("bundle", own(744, bundle)),
            ("null in words", own(745, with(bought.clone(), "/items/0/amount", "[null]"))),
            ("sandbox", own(746, with(bought.clone(), "/order/mode", "sandbox"))),
            ("began alike", own(747, with(bought.clone(), "/notification_type", "order_paid_v2"))),
            ("ended alike", own(748, with(bought.clone(), "/notification_type", "pre_order_paid"))),
            ("dry run", with(payment(733), "/transaction/dry_run", 1)),
            ("subscription", with(payment(734), "/purchase", json!({ "subscription": {} }))),
            ("coupon", with(payment(735), "/purchase", json!({ "coupon": {} }))),
            ("type last", last),
            ("null", parameters(Value::Null)),
            ("null inside", parameters(json!({ "note": null }))),
            ("list inside", parameters(json!({ "note": [1] }))),
            ("settings", with(payment(738), "/settings", json!({ "project_id": "40001" }))),
            ("external id", with(payment(739), "/transaction/external_id", 17)),
            ("method", with(payment(740), "/transaction/payment_method", "1380")),
        ] {
            self.event(name, &event).await;
        }
        self.probe("after forms").await;
        let (one, other) = (own(751, order(751, 752)), own(751, combined_order(751, 752)));
        let quoted = with(one.clone(), "/order/id", "751");
        for event in [one.clone(), other, quoted, payment(752), canceled(one.clone()), one] {
            self.event("one order", &event).await;
            self.probe("one order").await;
        }
        for event in [combined_order(761, 762), payment(762), refund(762)] {
            self.event("stray", &event).await;
            self.probe("stray").await;
        }
        let paid = with(payment(753), "/user", json!({ "id": USER }));
        for event in [paid, with(refund(753), "/transaction/id", "753")] {
            self.event("quoted", &event).await;
        }
        self.probe("quoted").await;
    }
}

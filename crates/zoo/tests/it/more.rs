//! What is sent to every wrong listener about the wire, changed bodies, look-ups and money.

use serde_json::{Value, json};

use crate::{
    client::{authorization, exchange, post},
    events::{
        USER, canceled, combined_order, order, partial_refund, payment, refund, validation, with,
        without,
    },
    scripts::Said,
};

impl Said {
    pub(crate) async fn wire(&mut self) {
        let body = with(validation(USER), "/user/name", "é日😀").to_string();
        let signature = format!("Authorization: {}", authorization(body.as_bytes()));
        let head = format!("POST /webhook HTTP/1.1\r\nHost: a\r\n{signature}\r\n");
        let mut chunked =
            format!("{head}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n").into_bytes();
        for chunk in body.as_bytes().chunks(3) {
            chunked.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            chunked.extend([chunk, b"\r\n"].concat());
        }
        chunked.extend(b"0\r\n\r\n");
        let reply = exchange(&self.served.webhook_url, &chunked).await;
        self.lines.push(format!("chunked: {reply}"));
        let reply = post(&self.served, &body, &[&signature, "Expect: 100-continue"]).await;
        self.lines.push(format!("expecting: {reply}"));
        let length = body.len();
        let unsigned =
            format!("POST /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}");
        let signed = format!("{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        let requests = format!("{unsigned}{signed}");
        let reply = exchange(&self.served.webhook_url, requests.as_bytes()).await;
        self.lines.push(format!("two in turn: {} and {}", reply.count(400), reply.count(204)));
    }

    pub(crate) async fn changed(&mut self) {
        let named = |name: &str| with(validation(USER), "/user/name", name).to_string();
        let right = named("Zoë");
        let own = authorization(right.as_bytes());
        for (name, value) in [
            ("tail", format!("{own}zz")),
            ("wide", own.replace('0', "０").replace('1', "１").replace('2', "２")),
            ("list", format!("{own}0, Signature {}", "0".repeat(40))),
        ] {
            self.bytes(name, right.as_bytes(), &value).await;
        }
        let wrong = format!("Authorization: Signature {}", "0".repeat(40));
        let reply = post(&self.served, &right, &[&wrong, &wrong]).await;
        self.lines.push(format!("two headers: {reply}"));
        let lines = right.replacen(',', ",\n", 1);
        let of = |body: &str| authorization(body.as_bytes());
        let broken = named("A\u{fffd}").into_bytes();
        let at = broken.windows(3).position(|bytes| bytes == "\u{fffd}".as_bytes()).unwrap();
        let replaced = [&broken[..at], b"\xff", &broken[at + 3..]].concat();
        for (name, sent, signature) in [
            ("two characters", named("Zoe\u{308}").into_bytes(), of(&right)),
            ("returns", lines.replace('\n', "\r\n").into_bytes(), of(&lines)),
            ("NUL", format!("{right}\0").into_bytes(), of(&right)),
            ("mark", format!("\u{feff}{right}").into_bytes(), of(&right)),
            ("broken", replaced, authorization(&broken)),
            (
                "null",
                br#"{"notification_type":"user_validation","user":{"id":"player-1001"}}"#.to_vec(),
                "Signature 344120908556eced86218b3bc30eb0c5a35fe500".to_owned(),
            ),
        ] {
            self.bytes(name, &sent, &signature).await;
        }
    }

    pub(crate) async fn lookups(&mut self) {
        for user in ["constructor", "x' OR 'x'='x"] {
            self.event(user, &validation(user)).await;
        }
        self.event("operator", &validation(json!({ "$ne": null }))).await;
        for _ in 0..2 {
            self.event("nobody", &validation("nobody-at-all")).await;
        }
        let strange = [
            ("digits", "9".repeat(5000)),
            ("surrogate", r#""\ud800""#.to_owned()),
            ("objects", format!("{}1{}", r#"{"a":"#.repeat(400), "}".repeat(400))),
        ];
        for (name, value) in strange {
            let body = format!(
                r#"{{"notification_type":"user_validation","user":{{"id":"{USER}"}},"custom_parameters":{value}}}"#
            );
            self.signed(name, body).await;
        }
        let twice = validation(USER).to_string().replacen('{', r#"{"notification_type":"x","#, 1);
        self.signed("twice", twice).await;
    }

    /// Refunds and cancellations that come first or twice, unknown users, and forms of amounts.
    pub(crate) async fn early_and_foreign(&mut self) {
        let by = |user: &str, event: Value| with(event, "/user", json!({ "id": user }));
        let free = |id: u64| with(order(id, 0), "/order/invoice_id", Value::Null);
        let amount = |id: u64, amount: Value| {
            with(by(USER, payment(id)), "/payment_details/payment/amount", amount)
        };
        let payout = json!({ "currency": "USD", "amount": 9.5 });
        for event in [
            by(USER, payment(9201)),
            by(USER, payment(9202)),
            partial_refund(9201, "1.50"),
            by(USER, refund(9201)),
            by(USER, refund(9201)),
            canceled(order(9210, 9211)),
            order(9210, 9211),
            canceled(free(9212)),
            free(9212),
            by(USER, refund(9220)),
            by(USER, payment(9220)),
            by("nobody", payment(9230)),
            with(combined_order(9231, 9232), "/user/external_id", "nobody"),
            amount(9240, json!(10)),
            amount(9241, json!(1.2345)),
            with(by(USER, payment(9250)), "/payment_details/payout", payout),
        ] {
            self.event("early or foreign", &event).await;
            self.probe("after it").await;
        }
    }

    pub(crate) async fn money(&mut self) {
        let by = |user: &str, event: Value| with(event, "/user", json!({ "id": user }));
        let free = |id: u64| with(order(id, 0), "/order/invoice_id", Value::Null);
        let other = |event: Value| with(event, "/user/external_id", "player-2002");
        let many = |id: u64, of: u64| with(order(id, id + 1), "/items/0/quantity", of);
        let part = |day: &str| {
            let date = json!({ "date": format!("2026-03-{day}T00:00:00Z") });
            with(partial_refund(9101, "1.50"), "/refund_details", date)
        };
        for event in [
            by(USER, payment(9001)),
            order(9002, 9001),
            by(USER, payment(9003)),
            order(9001, 9003),
            canceled(order(9002, 9001)),
            order(9004, 9005),
            refund(9003),
            by(USER, payment(9003)),
            by("player-2002", payment(9006)),
            order(9007, 9008),
            other(order(9009, 9006)),
            free(9010),
            free(9011),
            canceled(free(9010)),
            many(9012, 300),
            many(9014, 70_000),
            by(USER, payment(9101)),
            part("16"),
            part("17"),
            without(canceled(order(9007, 9008)), "/order/platform"),
        ] {
            self.event("money", &event).await;
            self.probe("money").await;
        }
    }
}

//! What is sent to every wrong listener: enough for each fault to show.

use hookproof_zoo::Served;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    client::{authorization, get, post, probe, send},
    events::{USER, canceled, combined_order, order, payment, refund, validation, with, without},
};

/// Copies of one event that are sent at once.
const COPIES: usize = 20;

/// What a listener said to everything, one line per question.
///
/// Given what the right listener said, it stops after the first part that comes out otherwise.
pub(crate) async fn transcript(served: Served, right: Option<&[String]>) -> Vec<String> {
    let mut said = Said { served, lines: Vec::new() };
    for part in Part::ALL {
        said.ask_about(part).await;
        if right.is_some_and(|right| !right.starts_with(&said.lines)) {
            break;
        }
    }
    said.lines
}

#[derive(Clone, Copy)]
enum Part {
    Users,
    Signatures,
    Strays,
    Payloads,
    Cancellation,
    Purchases,
    Repeats,
    Questions,
    News,
    Forms,
    Wire,
    Changed,
    Lookups,
    Money,
    EarlyAndForeign,
    Seen,
    Values,
    Copies,
    Late,
}

impl Part {
    const ALL: [Self; 19] = [
        Self::Users,
        Self::Signatures,
        Self::Strays,
        Self::Payloads,
        Self::Cancellation,
        Self::Purchases,
        Self::Repeats,
        Self::Questions,
        Self::News,
        Self::Forms,
        Self::Wire,
        Self::Changed,
        Self::Lookups,
        Self::Money,
        Self::EarlyAndForeign,
        Self::Seen,
        Self::Values,
        Self::Copies,
        Self::Late,
    ];
}

/// A listener and what it said so far.
pub(crate) struct Said {
    pub(crate) served: Served,
    pub(crate) lines: Vec<String>,
}

impl Said {
    async fn ask_about(&mut self, part: Part) {
        match part {
            Part::Users => self.users().await,
            Part::Signatures => self.signatures().await,
            Part::Strays => self.strays().await,
            Part::Payloads => self.payloads().await,
            Part::Cancellation => self.event("known order", &canceled(order(12, 12))).await,
            Part::Purchases => self.purchases().await,
            Part::Repeats => self.repeats().await,
            Part::Questions => self.questions().await,
            Part::News => self.news().await,
            Part::Forms => self.forms().await,
            Part::Wire => self.wire().await,
            Part::Changed => self.changed().await,
            Part::Lookups => self.lookups().await,
            Part::Money => self.money().await,
            Part::EarlyAndForeign => self.early_and_foreign().await,
            Part::Seen => self.seen().await,
            Part::Values => self.values().await,
            Part::Copies => self.copies().await,
            Part::Late => self.late().await,
        }
    }

    pub(crate) async fn event(&mut self, name: &str, event: &Value) {
        let reply = send(&self.served, event.to_string()).await;
        self.lines.push(format!("{name}: {reply}"));
    }

    pub(crate) async fn bytes(&mut self, name: &str, body: &[u8], authorization: &str) {
        let header = format!("Authorization: {authorization}");
        let reply = post(&self.served, body, &[&header]).await;
        self.lines.push(format!("{name}: {reply}"));
    }

    pub(crate) async fn signed(&mut self, name: &str, body: impl AsRef<[u8]>) {
        let body = body.as_ref();
        self.bytes(name, body, &authorization(body)).await;
    }

    pub(crate) async fn probe(&mut self, name: &str) {
        let reply = probe(&self.served, USER).await;
        self.lines.push(format!("{name}: {}", reply.body()));
    }

    async fn users(&mut self) {
        for user in
            ["player-1001", "player-2002", "nobody", "", "PLAYER-1001", " player-1001", "o'x"]
        {
            self.event(&format!("user {user}"), &validation(user)).await;
        }
        self.event("user as integer", &validation(1_234_567)).await;
        self.event("user again", &validation("player-1001")).await;
        self.signed(
            "escaped user",
            br#"{"notification_type":"user_validation","user":{"id":"player\u002d1001"}}"#,
        )
        .await;
        self.probe("after validations").await;
    }

    async fn signatures(&mut self) {
        let body = validation(USER).to_string();
        let right = authorization(body.as_bytes());
        let digits = right.split_once(' ').unwrap().1;
        let flipped = if digits.ends_with('0') { "1" } else { "0" };
        let headers = [
            ("flipped digit", format!("Signature {}{flipped}", &digits[..39])),
            ("other scheme", format!("Bearer {digits}")),
            ("cut", format!("Signature {}", &digits[..20])),
            ("extended", format!("{right}0")),
        ];
        for (name, header) in headers {
            self.bytes(name, body.as_bytes(), &header).await;
        }
        let flipped = body.replace("1001", "2002");
        self.bytes("flipped body", flipped.as_bytes(), &right).await;
        self.bytes("blank added", format!("{body} ").as_bytes(), &right).await;
        self.bytes("malformed and unsigned", b"{", &right).await;
        self.bytes("refund unsigned", refund(1).to_string().as_bytes(), &right).await;
        for (name, made) in [
            ("hmac", "ed64356b2b4b02748c8f7d1451fc8380cc54c36d"),
            ("secret first", "9051c26143f1ce4adec73bedc1fd9567d31da623"),
            ("without secret", "d23940123b31b1f65c620e6ed24f1a72ae7e63f1"),
        ] {
            self.bytes(name, OTHERWISE, &format!("Signature {made}")).await;
        }
        self.bytes("order unsigned", order(1, 1).to_string().as_bytes(), &right).await;
        self.probe("after refusals").await;
        let bodies = [
            "{ \"notification_type\":\r\n\"user_validation\", \"user\": {\"id\": \"player-1001\"} }",
            "{\"notification_type\":\"user_validation\",\"user\":{\"id\":\"player-1001\"}}\n",
            "{\"notification_type\":\"user_validation\",\"user\":{\"id\":\"player-1001\",\"name\":\"a\\/b\"}}",
            "{\"notification_type\":\"user_validation\",\"user\":{\"id\":\"player-1001\",\"name\":\"Zoë 日本\"}}",
        ];
        for body in bodies {
            self.signed(body, body).await;
        }
    }

    async fn payloads(&mut self) {
        for body in ["", "{", "[]", "null", "{}", r#"{"notification_type":"made_up"}"#] {
            self.signed(body, body).await;
        }
        let deep = "[".repeat(1_000) + &"]".repeat(1_000);
        let deep = format!(r#"{{"notification_type":"payment","custom_parameters":{deep}}}"#);
        self.signed("deep", deep).await;
        let (paid, bought) = (payment(11), order(12, 12));
        let many = vec![bought["items"][0].clone(); 300];
        for (name, event) in [
            ("plain payment", paid.clone()),
            ("payment in words", with(paid.clone(), "/payment_details/payment/amount", "9.99")),
            ("id beyond 32 bits", with(paid.clone(), "/transaction/id", 4_300_000_000_u64)),
            ("gift", with(paid.clone(), "/purchase", json!({ "gift": { "giver_id": USER } }))),
            ("external id", with(paid.clone(), "/transaction/external_id", "shop-17")),
            ("NUL", with(paid.clone(), "/custom_parameters", json!({ "note": "a\0b" }))),
            ("reason", with(refund(11), "/refund_details", json!({ "code": 27 }))),
            ("new member", with(bought.clone(), "/brand_new", 1)),
            ("new user member", with(bought.clone(), "/user/brand_new", 1)),
            ("null amount", with(bought.clone(), "/items/0/amount", Value::Null)),
            ("null platform", with(bought.clone(), "/order/platform", Value::Null)),
            ("new platform", with(bought.clone(), "/order/platform", "smart_fridge")),
            ("new status", with(bought.clone(), "/order/status", "on_its_way")),
            ("order without user", without(bought.clone(), "/user")),
            ("order of nobody", with(bought.clone(), "/user/external_id", "nobody")),
            ("two users", with(bought.clone(), "/user/id", "nobody")),
            ("many items", with(bought.clone(), "/items", many)),
            ("empty name", with(paid.clone(), "/user", json!({ "id": USER, "name": "" }))),
            (
                "long name",
                with(paid.clone(), "/user", json!({ "id": USER, "name": "n".repeat(255) })),
            ),
            (
                "nothing to pay",
                with(paid.clone(), "/purchase", json!({ "total": { "amount": 0 } })),
            ),
            ("no promotion", with(paid.clone(), "/purchase", json!({ "promotions": [] }))),
            ("epoch", with(paid.clone(), "/transaction/payment_date", "1970-01-01T00:00:00Z")),
            (
                "long trial",
                with(paid.clone(), "/purchase", json!({ "subscription": { "trial_days": 65535 } })),
            ),
        ] {
            self.event(name, &event).await;
        }
        self.probe("after payloads").await;
    }

    async fn purchases(&mut self) {
        for (mode, bought) in
            [("separate", order(101, 201)), ("combined", combined_order(102, 202))]
        {
            if mode == "separate" {
                self.event("payment", &payment(201)).await;
            }
            self.event(mode, &bought).await;
            self.probe(mode).await;
        }
        let free = without(order(103, 203), "/order/invoice_id");
        self.event("without invoice", &free).await;
        self.event("another", &order(104, 204)).await;
        self.probe("another").await;
        self.event("refund", &refund(201)).await;
        self.event("canceled", &canceled(order(101, 201))).await;
        self.event("canceled", &canceled(combined_order(102, 202))).await;
        self.probe("canceled").await;
        self.event("unknown order", &canceled(order(999, 999))).await;
        self.event("unknown payment", &refund(998)).await;
        self.probe("after purchases").await;
    }

    async fn repeats(&mut self) {
        let bought = order(301, 401);
        for (name, event) in [
            ("first", bought.clone()),
            ("repeat", bought.clone()),
            ("bigger", order(302, 402)),
            ("wide", order(9_007_199_254_740_992, 403)),
            ("wide neighbour", order(9_007_199_254_740_993, 404)),
            ("cancel", canceled(bought.clone())),
            ("cancel again", canceled(bought.clone())),
        ] {
            self.event(name, &event).await;
            self.probe(name).await;
        }
        self.signed("other bytes", format!("{} ", order(302, 402))).await;
        self.probe("other bytes").await;
    }

    async fn copies(&mut self) {
        let body = order(501, 601).to_string();
        let mut copies = JoinSet::new();
        let url = self.served.webhook_url.clone();
        for _ in 0..COPIES {
            let (url, body) = (url.clone(), body.clone());
            copies.spawn(async move {
                let header = format!("Authorization: {}", authorization(body.as_bytes()));
                crate::client::request("POST", &url, body.as_bytes(), &[&header]).await.status()
            });
        }
        let mut statuses = copies.join_all().await;
        statuses.sort_unstable();
        self.lines.push(format!("copies: {statuses:?}"));
        self.probe("copies").await;
    }

    async fn strays(&mut self) {
        let body = validation(USER).to_string();
        let right = format!("Authorization: {}", authorization(body.as_bytes()));
        let lower = right.replace("Authorization", "authorization");
        let json = "Content-Type: application/json; charset=UTF-8";
        let form = "Content-Type: application/x-www-form-urlencoded";
        for (name, body, headers) in [
            ("unsigned", body.as_str(), vec![]),
            ("lower-case header name", &body, vec![lower.as_str()]),
            ("charset", &body, vec![right.as_str(), json]),
            ("form", "a=b", vec![form]),
        ] {
            let reply = post(&self.served, body, &headers).await;
            self.lines.push(format!("{name}: {reply}"));
        }
        let reply = get(&self.served.webhook_url).await;
        self.lines.push(format!("GET: {reply}"));
        self.event("alive", &validation(USER)).await;
    }
}

/// The body behind the signatures that are made otherwise.
const OTHERWISE: &[u8] = br#"{"notification_type":"user_validation","user":{"id":"player-1001"}}"#;

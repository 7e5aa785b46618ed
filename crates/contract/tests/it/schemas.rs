//! The schemas demand what the contract demands, and nothing more.
//!
//! What is required is written down here a second time, member by member, from the tables of the
//! documents: a schema that forgets a demand, or makes one too many, fails.

use hookproof_contract::{Mode, NotificationType, payload::Payload, schema};
use serde_json::{Value, json};

use crate::every_type_and_mode;

/// What kind of value a required member holds.
#[derive(Debug, Clone, Copy)]
enum Holds {
    Type,
    Object,
    List,
    Id,
    UserId,
    Text,
    Flag,
    Count,
    Amount,
    AmountText,
    NullableText,
}

impl Holds {
    /// Values that are none of its kind.
    fn strangers(self) -> Vec<Value> {
        let too_large: Value = serde_json::from_str("9223372036854775808").unwrap();
        match self {
            Self::Type => vec![json!("other_type"), json!(null), json!(7), json!([])],
            Self::Object => vec![json!(null), json!(true), json!(7), json!("text"), json!([])],
            Self::List => vec![json!(null), json!(7), json!("text"), json!({})],
            Self::Id => vec![
                json!(null),
                json!(true),
                json!(1.5),
                json!(0),
                json!(-1),
                too_large,
                json!(""),
                json!("text"),
                json!("1e3"),
                json!("007"),
                json!([]),
                json!({}),
            ],
            Self::UserId => {
                vec![json!(null), json!(true), json!(1.5), json!(""), json!([]), json!({})]
            }
            Self::Text => vec![json!(null), json!(true), json!([]), json!({})],
            Self::Flag => vec![json!(null), json!(0), json!("true"), json!([])],
            Self::Count => {
                vec![json!(null), json!(0), json!(-1), json!(1.5), json!("1"), json!([])]
            }
            Self::Amount => {
                vec![json!(null), json!(true), json!(-1), json!("free"), json!("1,50"), json!({})]
            }
            Self::AmountText => {
                vec![json!(null), json!(9.99), json!("free"), json!("-1"), json!([])]
            }
            Self::NullableText => vec![json!(true), json!([]), json!({})],
        }
    }
}

/// The members that a type requires, in the order of the documents.
fn required(kind: NotificationType) -> Vec<(&'static str, Holds)> {
    use NotificationType as Type;
    let user = [("/user", Holds::Object), ("/user/id", Holds::UserId)];
    let transaction = [("/transaction", Holds::Object), ("/transaction/id", Holds::Id)];
    let subscription =
        [("/subscription", Holds::Object), ("/subscription/subscription_id", Holds::Id)];
    let account = [("/payment_account", Holds::Object), ("/payment_account/id", Holds::UserId)];
    let sum = [
        ("/payment_details", Holds::Object),
        ("/payment_details/payment", Holds::Object),
        ("/payment_details/payment/currency", Holds::Text),
        ("/payment_details/payment/amount", Holds::Amount),
    ];
    let mut members = vec![("/notification_type", Holds::Type)];
    match kind {
        Type::UserValidation => members.extend(user),
        Type::UserSearch => {
            members.extend([("/user", Holds::Object), ("/user/public_id", Holds::Text)]);
        }
        Type::Payment | Type::Refund | Type::PartialRefund => {
            members.extend([transaction.as_slice(), &sum].concat());
        }
        Type::PsDeclined | Type::AfsReject => members.extend(transaction),
        Type::AfsBlackList => members.push(("/event", Holds::Object)),
        Type::Dispute => members.extend(dispute()),
        Type::CreateSubscription | Type::UpdateSubscription | Type::CancelSubscription => {
            members.extend(user.into_iter().chain(subscription));
        }
        Type::NonRenewalSubscription => {
            members.extend([("/settings", Holds::Object), ("/settings/project_id", Holds::Id)]);
            members.extend(user.into_iter().chain(subscription));
        }
        Type::PaymentAccountAdd | Type::PaymentAccountRemove => {
            members.extend(user.into_iter().chain(account));
        }
        Type::PartnerSideCatalog => members.push(("/user", Holds::Object)),
        Type::OrderPaid | Type::OrderCanceled => members.extend(order()),
    }
    members
}

fn dispute() -> Vec<(&'static str, Holds)> {
    vec![
        ("/action", Holds::Text),
        ("/settings", Holds::Object),
        ("/settings/project_id", Holds::Id),
        ("/settings/merchant_id", Holds::Id),
        ("/transaction", Holds::Object),
        ("/transaction/id", Holds::Id),
        ("/transaction/date_create", Holds::Text),
        ("/transaction/total", Holds::Object),
        ("/transaction/total/amount", Holds::Amount),
        ("/transaction/total/currency", Holds::Text),
        ("/transaction/payment_method", Holds::Text),
        ("/user", Holds::Object),
        ("/user/id", Holds::UserId),
        ("/dispute", Holds::Object),
        ("/dispute/incoming_date", Holds::Text),
        ("/dispute/reason", Holds::Text),
        ("/dispute/status", Holds::Text),
        ("/dispute/type", Holds::Text),
    ]
}

fn order() -> Vec<(&'static str, Holds)> {
    vec![
        ("/items", Holds::List),
        ("/items/0", Holds::Object),
        ("/items/0/sku", Holds::Text),
        ("/items/0/type", Holds::Text),
        ("/items/0/quantity", Holds::Count),
        ("/items/0/amount", Holds::NullableText),
        ("/items/0/promotions", Holds::List),
        ("/items/0/is_pre_order", Holds::Flag),
        ("/order", Holds::Object),
        ("/order/id", Holds::Id),
        ("/order/mode", Holds::Text),
        ("/order/currency_type", Holds::Text),
        ("/order/currency", Holds::Text),
        ("/order/amount", Holds::AmountText),
        ("/order/status", Holds::Text),
        ("/order/platform", Holds::NullableText),
        ("/order/comment", Holds::NullableText),
        ("/order/invoice_id", Holds::NullableText),
        ("/order/promotions", Holds::List),
        ("/user", Holds::Object),
        ("/user/external_id", Holds::UserId),
    ]
}

/// What combined mode requires beside that.
const BILLING: [(&str, Holds); 6] = [
    ("/billing", Holds::Object),
    ("/billing/notification_type", Holds::Type),
    ("/billing/payment_details", Holds::Object),
    ("/billing/payment_details/payment", Holds::Object),
    ("/billing/payment_details/payment/currency", Holds::Text),
    ("/billing/payment_details/payment/amount", Holds::Amount),
];

fn required_in(kind: NotificationType, mode: Mode) -> Vec<(&'static str, Holds)> {
    let mut members = required(kind);
    let is_order = matches!(kind, NotificationType::OrderPaid | NotificationType::OrderCanceled);
    if is_order && mode == Mode::Combined {
        members.extend(BILLING);
    }
    members
}

fn valid(kind: NotificationType, mode: Mode, payload: &Payload) -> bool {
    schema::check(kind, mode, payload.value()).is_ok()
}

#[test]
fn what_is_required_must_be_there_and_of_its_kind() {
    for (kind, mode) in every_type_and_mode() {
        let mut corrupted = 0;
        for payload in [Payload::minimal(kind, mode), Payload::full(kind, mode)] {
            for (pointer, holds) in required_in(kind, mode) {
                let item = pointer == "/items/0";
                assert!(
                    item || !valid(kind, mode, &payload.clone().remove(pointer)),
                    "{kind} {mode} is valid without {pointer}"
                );
                for stranger in holds.strangers() {
                    let wrong = payload.clone().set(pointer, stranger.clone());
                    assert!(
                        !valid(kind, mode, &wrong),
                        "{kind} {mode} allows {stranger} at {pointer}"
                    );
                    corrupted += 1;
                }
            }
        }
        assert!(corrupted >= 10, "{kind} {mode}: {corrupted}");
    }
}

/// Where a member is required only if the block around it is there, and the one member of the
/// catalogue's user whose other name must be there in its place.
const CONDITIONAL: [&str; 9] = [
    "/user/id",
    "/user/user_id",
    "/purchase/",
    "/payment_details/",
    "/billing/",
    "/items/",
    "/order/coupons/",
    "/order/promo",
    "/coupon/",
];

#[test]
fn what_is_not_required_may_be_absent() {
    for (kind, mode) in every_type_and_mode() {
        let payload = Payload::full(kind, mode);
        let required: Vec<&str> =
            required_in(kind, mode).into_iter().map(|(pointer, _)| pointer).collect();
        for pointer in pointers(payload.value()) {
            let conditional = CONDITIONAL.iter().any(|block| pointer.starts_with(block));
            if conditional || required.contains(&pointer.as_str()) {
                continue;
            }
            let without = payload.clone().remove(&pointer);
            let found = schema::check(kind, mode, without.value());
            assert_eq!(found, Ok(()), "{kind} {mode} without {pointer}");
        }
    }
}

fn pointers(value: &Value) -> Vec<String> {
    let Some(members) = value.as_object() else { return Vec::new() };
    members
        .iter()
        .flat_map(|(name, member)| {
            let below = pointers(member).into_iter().map(move |rest| format!("/{name}{rest}"));
            std::iter::once(format!("/{name}")).chain(below)
        })
        .collect()
}

#[test]
fn unknown_members_and_open_sets_are_allowed() {
    for (kind, mode) in every_type_and_mode() {
        let mut payload = Payload::full(kind, mode).set("/brand_new", json!({ "deep": [null] }));
        for pointer in [
            "/user/brand_new",
            "/order/platform",
            "/order/status",
            "/items/0/type",
            "/dispute/type",
            "/event/reason",
        ] {
            let parent = pointer.rsplit_once('/').unwrap().0;
            if payload.value().pointer(parent).is_some_and(Value::is_object) {
                payload = payload.set(pointer, "never heard of");
            }
        }
        assert_eq!(schema::check(kind, mode, payload.value()), Ok(()), "{kind} {mode}");
    }
}

#[test]
fn ids_come_as_integer_and_as_string_up_to_64_bits() {
    let payment = Payload::full(NotificationType::Payment, Mode::Separate);
    for id in [json!(1), json!(4_300_000_000_i64), json!(i64::MAX), json!("9223372036854775807")] {
        for pointer in
            ["/transaction/id", "/settings/project_id", "/purchase/subscription/subscription_id"]
        {
            let payload = payment.clone().set(pointer, id.clone());
            assert_eq!(
                schema::check(NotificationType::Payment, Mode::Separate, payload.value()),
                Ok(())
            );
        }
    }
}

#[test]
fn all_problems_are_named_at_once_with_their_places() {
    let payload = Payload::minimal(NotificationType::Payment, Mode::Separate)
        .set("/transaction/id", true)
        .set("/payment_details/payment/amount", "free")
        .remove("/notification_type");
    let found =
        schema::check(NotificationType::Payment, Mode::Separate, payload.value()).unwrap_err();
    let mut places: Vec<&str> = found.iter().map(|violation| violation.pointer.as_str()).collect();
    places.sort_unstable();
    assert_eq!(places, ["", "/payment_details/payment/amount", "/transaction/id"]);
    assert!(
        found.iter().any(|violation| violation.to_string().contains("notification_type")),
        "{found:?}"
    );
}

#[test]
fn a_schema_is_known_by_its_path() {
    assert_eq!(
        schema::check_file(
            "answers/error.schema.json",
            &json!({ "error": { "code": "X", "message": "" } })
        ),
        Some(Ok(()))
    );
    assert_eq!(schema::check_file("answers/nothing.schema.json", &json!({})), None);
    for (path, document) in schema::documents() {
        assert_eq!(document["$id"], format!("{}{path}", schema::BASE));
        assert_eq!(document["$schema"], "https://json-schema.org/draft/2020-12/schema", "{path}");
        assert!(document["title"].is_string(), "{path}");
        jsonschema::meta::validate(document).unwrap();
        // Compiles, whatever the value.
        assert!(schema::check_file(path, &json!(null)).is_some());
    }
}

#[test]
fn the_probe_of_the_documentation_is_valid() {
    let probe = json!({
        "user": "player-1001",
        "items": { "sword_01": 1, "gold": 500 },
        "subscriptions": { "55501": {
            "plan": "monthly_premium", "state": "active", "next_charge": "2026-05-14T09:26:53+03:00",
        } },
        "transactions": { "2105000001": { "state": "paid", "refunds": 0 } },
    });
    let check = |probe: &Value| schema::check_file("probe.schema.json", probe).unwrap().is_ok();
    assert!(check(&probe));
    assert!(check(&json!({})));
    assert!(!check(&json!({ "items": { "gold": "500" } })));
    assert!(!check(&json!({ "items": [] })));
    assert!(!check(&json!({ "transactions": { "1": { "state": "gone" } } })));
}

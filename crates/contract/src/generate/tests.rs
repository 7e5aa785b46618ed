//! Tests of generating from schemas.

use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};

use super::*;

/// Values drawn where a test looks for something that must come up.
const DRAWS: usize = 400;

fn draw(schema: &Value) -> Vec<Value> {
    let strategy = FromSchema::new(schema).unwrap();
    let mut runner = TestRunner::deterministic();
    (0..DRAWS).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

fn every_type_and_mode() -> impl Iterator<Item = (NotificationType, Mode)> {
    NotificationType::ALL.into_iter().flat_map(|kind| Mode::ALL.map(|mode| (kind, mode)))
}

/// Formats are demands here, unlike in `schema::check`, so that drawn dates are real dates.
fn strict(schema: &Value) -> jsonschema::Validator {
    schema::tests::complete(schema, true)
}

#[track_caller]
fn check_drawn(schema: Value) {
    let validator = strict(&schema);
    for value in draw(&schema) {
        assert!(validator.is_valid(&value), "{schema} does not allow {value}");
    }
}

#[track_caller]
fn check_error(schema: Value, expected: &str) {
    let Err(error) = FromSchema::new(&schema) else { panic!("{schema} compiles") };
    assert_eq!(error.to_string(), expected);
}

#[test]
fn drawn_payloads_are_valid() {
    for (kind, mode) in every_type_and_mode() {
        let document = documents_by_path(schema::payload_path(kind, mode));
        let validator = strict(document);
        let strategy = payloads(kind, mode);
        let mut runner = TestRunner::deterministic();
        for _ in 0..DRAWS {
            let value = strategy.new_tree(&mut runner).unwrap().current();
            let wrong: Vec<String> =
                validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{kind} {mode}: {wrong:?} in {value}");
        }
    }
}

fn documents_by_path(path: &str) -> &'static Value {
    schema::documents().find(|(known, _)| *known == path).unwrap().1
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_payload_shrinks_to_is_valid(
        which in 0..NotificationType::ALL.len() * 2,
        answers in proptest::collection::vec(any::<bool>(), 200),
    ) {
        let (kind, mode) = every_type_and_mode().nth(which).unwrap();
        let mut tree = payloads(kind, mode).new_tree(&mut TestRunner::deterministic()).unwrap();
        for fails in answers {
            prop_assert_eq!(schema::check(kind, mode, &tree.current()), Ok(()));
            if !(if fails { tree.simplify() } else { tree.complicate() }) {
                break;
            }
        }
    }
}

#[test]
fn every_schema_of_an_answer_or_a_block_can_be_drawn_from() {
    for (path, document) in schema::documents() {
        let drawn = FromSchema::new(&json!({ "$ref": document["$id"] }));
        assert!(drawn.is_ok(), "{path}: {drawn:?}");
    }
}

#[test]
fn drawn_values_satisfy_every_keyword() {
    check_drawn(json!({ "type": ["integer", "null"], "minimum": -3, "maximum": 40 }));
    check_drawn(json!({ "type": "number", "minimum": -2, "maximum": 2 }));
    check_drawn(json!({ "type": "string", "minLength": 3, "maxLength": 5 }));
    check_drawn(json!({ "pattern": "^[a-f]{2}(-x)?[^a-z]$" }));
    check_drawn(json!({ "enum": [1, "two", null], "examples": [1] }));
    check_drawn(
        json!({ "allOf": [{ "type": ["string", "null"] }, { "type": ["null", "array"] }] }),
    );
    check_drawn(json!({ "type": "array", "items": { "const": 7 }, "minItems": 2, "maxItems": 4 }));
    check_drawn(
        json!({ "type": "object", "additionalProperties": false, "properties": { "a": true } }),
    );
    check_drawn(json!({ "type": "object", "additionalProperties": { "type": "integer" } }));
    check_drawn(json!({ "required": ["a", "b"], "properties": { "a": { "type": "boolean" } } }));
    check_drawn(json!({ "properties": { "a": false }, "type": "object" }));
    check_drawn(json!({ "oneOf": [{ "type": "string" }, { "type": "array" }] }));
    check_drawn(json!({
        "type": "object",
        "properties": { "a": { "type": "string" }, "b": { "type": "string" } },
        "anyOf": [{ "required": ["a"] }, { "required": ["b"] }],
    }));
    for format in ["date-time", "email", "ipv4", "ipv6", "uri"] {
        check_drawn(json!({ "type": "string", "format": format }));
    }
    check_drawn(json!(true));
}

#[test]
fn a_schema_may_refer_to_itself() {
    check_drawn(json!({
        "type": "object",
        "required": ["children"],
        "properties": {
            "children": { "type": "array", "items": { "$ref": "#" } },
            "twin": { "$ref": "#" },
        },
    }));
    check_error(
        json!({ "type": "object", "required": ["a"], "properties": { "a": { "$ref": "#" } } }),
        "no value satisfies the schema of `https://hookproof.example/spec/unnamed.schema.json`",
    );
}

#[test]
fn a_keyword_that_is_not_understood_is_an_error() {
    check_error(json!({ "multipleOf": 3 }), "the keyword `multipleOf` is not understood");
    check_error(
        json!({ "properties": { "a": { "items": { "contains": true } } } }),
        "the keyword `contains` is not understood",
    );
    check_error(json!({ "pattern": "a+" }), r#"the keyword `pattern` cannot be "a+""#);
    check_error(json!({ "format": "duration" }), r#"the keyword `format` cannot be "duration""#);
    check_error(json!({ "type": "text" }), r#"the keyword `type` cannot be "text""#);
    check_error(json!({ "minimum": 0.5 }), "the keyword `minimum` cannot be 0.5");
    check_error(
        json!({ "$ref": "#/a" }),
        &format!("the reference `{}#/a` does not resolve", unnamed()),
    );
    check_error(
        json!({ "pattern": "^a$", "allOf": [{ "pattern": "^b$" }] }),
        "the keyword `pattern` is given twice with different values",
    );
}

fn unnamed() -> String {
    format!("{}unnamed{}", schema::BASE, schema::SUFFIX)
}

#[test]
fn a_member_added_to_a_schema_is_generated() {
    let path = schema::payload_path(NotificationType::Payment, Mode::Separate);
    let mut schema = documents_by_path(path).clone();
    // The copy lies elsewhere, so its references are written out.
    let text = schema.to_string().replace("../../common/", &format!("{}common/", schema::BASE));
    schema = serde_json::from_str(&text).unwrap();
    schema["properties"]["brand_new"] = json!({ "type": "string", "minLength": 1 });
    let drawn = draw(&schema);
    assert!(drawn.iter().any(|value| value["brand_new"].is_string()));
    assert!(drawn.iter().any(|value| value.get("brand_new").is_none()));
}

#[test]
fn optional_members_come_and_go_independently() {
    let drawn = draw(&json!({
        "type": "object",
        "properties": { "a": { "const": 1 }, "b": { "const": 2 }, "c": { "const": 3 } },
    }));
    for wanted in 0..8_u8 {
        let pattern = ["a", "b", "c"].iter().enumerate();
        let pattern: Vec<_> = pattern.map(|(bit, name)| (*name, wanted >> bit & 1 == 1)).collect();
        let matches =
            |value: &Value| pattern.iter().all(|(name, there)| value.get(name).is_some() == *there);
        assert!(drawn.iter().any(matches), "{pattern:?}");
    }
    assert!(drawn.iter().any(|value| value.get("future_member").is_some()));
}

#[test]
fn boundary_values_and_all_scripts_come_up() {
    let drawn = draw(&json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX }));
    for edge in [1, i64::MAX, 1 << 31, (1 << 53) + 1] {
        assert!(drawn.contains(&json!(edge)), "{edge}");
    }
    let drawn = draw(&json!({ "type": "string" }));
    for sought in ['日', '😀', '"', '\\', '\n', 'é'] {
        let holds = |value: &Value| value.as_str().unwrap().contains(sought);
        assert!(drawn.iter().any(holds), "{sought:?}");
    }
}

#[test]
fn boundaries_of_every_type_are_valid_alone_and_together() {
    for (kind, mode) in every_type_and_mode() {
        let validator = strict(documents_by_path(schema::payload_path(kind, mode)));
        let check = |changes: &[Boundary]| {
            let full = Payload::full(kind, mode);
            let changed = changes.iter().fold(full, |payload, change| change.apply(payload));
            let wrong: Vec<String> =
                validator.iter_errors(changed.value()).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{kind} {mode}: {wrong:?} after {changes:?}");
            for Boundary { pointer, value } in changes {
                assert_eq!(changed.value().pointer(pointer), value.as_ref(), "{kind} {pointer}");
            }
        };
        let rounds = boundaries(kind, mode);
        for round in rounds {
            check(round);
            for change in round {
                check(std::slice::from_ref(change));
            }
        }
        let changes: usize = rounds.iter().map(Vec::len).sum();
        assert!((2..boundary::CHANGES_MAX).contains(&changes), "{kind} {mode}: {changes}");
    }
}

#[test]
fn boundaries_come_from_each_keyword() {
    let check = |schema: Value, now: Value, expected: Value| {
        let rounds = boundary::rounds(&FromSchema::new(&schema).unwrap().0, &now);
        let applied = |change: &Boundary| change.apply(Payload::from(now.clone())).into_value();
        let found: Value = rounds.iter().flatten().map(applied).collect();
        assert_eq!(found, expected, "{schema}");
    };
    check(json!({ "type": "integer", "minimum": -2, "maximum": 3 }), json!(3), json!([-2, 0]));
    check(json!({ "enum": ["a", "b", null] }), json!("a"), json!(["b", null]));
    check(
        json!({ "type": "string", "minLength": 1, "maxLength": 3 }),
        json!("bb"),
        json!(["a", "aaa"]),
    );
    check(
        json!({ "type": "array", "items": { "const": 7 }, "minItems": 1, "maxItems": 3 }),
        json!([7, 7]),
        json!([[7], [7, 7, 7]]),
    );
    check(
        json!({ "oneOf": [{ "type": "boolean" }, { "type": "string", "maxLength": 1 }] }),
        json!(true),
        json!([false, "", "a"]),
    );
    check(
        json!({
            "properties": { "a": { "const": 1 }, "b": { "const": 2 } },
            "required": ["a"],
        }),
        json!({ "a": 1, "b": 2 }),
        json!([{ "a": 1 }]),
    );
    check(
        json!({ "properties": { "a": { "items": { "const": 7 }, "maxItems": 1 } } }),
        json!({}),
        json!([{ "a": [] }, { "a": [7] }]),
    );
}

/// Shrinks as a property test would; returns the smallest value that fails, and the tests it took.
fn shrink(mut tree: ShrinkingTree, fails: impl Fn(&Value) -> bool) -> (Value, usize) {
    let (mut smallest, mut tests) = (tree.current(), 0);
    while tree_step(&mut tree, &mut smallest, &fails) {
        tests += 1;
    }
    (smallest, tests)
}

fn tree_step(
    tree: &mut ShrinkingTree,
    smallest: &mut Value,
    fails: &impl Fn(&Value) -> bool,
) -> bool {
    let value = tree.current();
    if fails(&value) {
        *smallest = value;
        tree.simplify()
    } else {
        tree.complicate()
    }
}

#[test]
fn shrinking_leads_to_the_members_that_matter() {
    let schema = json!({ "$ref": format!("{}{}", schema::BASE, "notifications/payment/payload.schema.json") });
    let strategy = FromSchema::new(&schema).unwrap();
    let mut runner = TestRunner::deterministic();
    let minimal = json!({
        "notification_type": "payment",
        "transaction": { "id": 2_105_000_001 },
        "payment_details": { "payment": { "currency": "USD", "amount": 0 } },
    });
    let mut found = 0;
    for _ in 0..DRAWS {
        let tree = strategy.new_tree(&mut runner).unwrap();
        let (smallest, tests) = shrink(tree.clone(), |_| true);
        assert_eq!(smallest, minimal);
        assert!(tests <= 2, "{tests}");
        // A listener that stumbles over one nested member.
        let stumbles = |value: &Value| value.pointer("/purchase/gift/message").is_some();
        if stumbles(&tree.current()) {
            found += 1;
            let (smallest, tests) = shrink(tree, stumbles);
            let mut expected = minimal.clone();
            expected["purchase"] = json!({ "gift": { "message": "" } });
            assert_eq!(smallest, expected);
            assert!(tests <= 60, "{tests}");
        }
    }
    assert!(found > 20, "{found}");
}

#[test]
fn shrinking_closes_in_on_a_number() {
    let strategy = FromSchema::new(&json!({ "type": "integer", "minimum": 0 })).unwrap();
    let mut runner = TestRunner::deterministic();
    for _ in 0..20 {
        let tree = strategy.new_tree(&mut runner).unwrap();
        if tree.current().as_i64().unwrap() > 5_000 {
            let (smallest, _) = shrink(tree, |value| value.as_i64().unwrap() > 5_000);
            assert_eq!(smallest, json!(5_001));
        }
    }
}

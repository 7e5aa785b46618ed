//! `hookproof openapi`: the contract as one OpenAPI 3.1 document, committed as `spec/openapi.json`.
//!
//! Nothing in it is new: it is made of what stands elsewhere in `spec/`, for the tools that draw
//! documentation or write types from such a document. What OpenAPI has no place for stands in
//! members that begin with `x-`.
//!
//! **Invariant:** every reference stays inside of the document.

mod answers;
mod delivery;
mod groups;
mod schemas;
mod webhooks;

use anyhow::Context;
use hookproof_contract::spec::{Spec, notification::WEB_SHOP_USER_VALIDATION};
use serde_json::{Map, Value, json};

use crate::{exit::Exit, failure::Failure, terminal};

/// The version of the OpenAPI specification.
const OPENAPI: &str = "3.1.1";

/// The name of the one security scheme.
const SIGNATURE: &str = "signature";

/// The secret with which the examples are signed.
const EXAMPLE_SECRET: &str = "example-project-secret";

/// A JSON object whose members stay in their order.
type Object = Map<String, Value>;

/// Prints the document.
pub(crate) fn run() -> Result<Exit, Failure> {
    let document = document(Spec::embedded());
    let text = serde_json::to_string_pretty(&document).context("cannot write the document")?;
    terminal::print(&(text + "\n"))?;
    Ok(Exit::Conformant)
}

fn document(spec: &Spec) -> Value {
    let webhooks: Object = spec
        .notifications
        .values()
        .map(|notification| (notification.kind.clone(), webhooks::webhook(spec, notification)))
        .collect();
    json!({
        "openapi": OPENAPI,
        "info": {
            "title": "Xsolla payment webhooks",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "What Xsolla sends to a game's webhook listener, and what it expects in return.",
            "description": ABOUT,
            "license": { "name": "MIT", "identifier": "MIT" },
        },
        "externalDocs": {
            "description": "Xsolla's own reference",
            "url": spec.address("reference"),
        },
        "tags": groups::tags(),
        "webhooks": webhooks,
        "components": {
            "securitySchemes": { SIGNATURE: scheme() },
            "responses": answers::shared(spec),
            "schemas": schemas::all(),
        },
        "x-generated": "by `cargo xtask codegen` from the rest of `spec/`: do not edit",
        "x-example-secret": EXAMPLE_SECRET,
        "x-automatic-refund": delivery::automatic_refund(&spec.automatic_refund),
    })
}

const ABOUT: &str = "\
A game that sells through Xsolla runs a *webhook listener*: one URL to which Xsolla posts what \
happened. This document is made from the data of Hookproof, which collects what Xsolla's documents, \
programs and captured requests say. It is not Xsolla's, and nothing in it was checked against a \
live account.

**All webhooks go to one URL.** The name of a webhook here is its `notification_type`; only the Web \
Shop's question has none, and none of these names is part of a path.

**Two delivery modes.** In *separate* mode a purchase is told by `payment`, then `order_paid`, and \
given back by `refund`, then `order_canceled`. In *combined* mode the orders alone are sent, with the \
payment in their member `billing`.

**Read with tolerance.** The schemas allow members that they do not name, an integer or its decimal \
string where the sources show both, and values beyond the lists. Ids have up to 64 bits; amounts are \
exact decimals.

Clauses such as `SIG-01` are explained in `spec/clauses/`; `x-` members hold what OpenAPI has no \
place for: retry plans, idempotency keys, neighbours, sources.";

fn scheme() -> Value {
    json!({
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Authorization: Signature <40 lower-case hexadecimal digits>`: SHA-1 over the \
            bytes of the body as they were received, directly followed by the secret key of the \
            project. It is no HMAC. The listener computes it before it parses anything, compares all \
            digits, and answers 400 with `INVALID_SIGNATURE` where they differ (SIG-01, SIG-02, \
            SIG-08).",
        "x-algorithm": "lower_hex(sha1(body + secret))",
        "x-pattern": "^Signature [0-9a-f]{40}$",
    })
}

/// Whether the webhook is the one without a type and a signature.
fn is_web_shop(kind: &str) -> bool {
    kind == WEB_SHOP_USER_VALIDATION
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Calls `found` with every reference in the document.
    fn references<'a>(value: &'a Value, found: &mut dyn FnMut(&'a str)) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    found(reference);
                }
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => (),
        }
    }

    #[test]
    fn every_reference_leads_somewhere_in_the_document() {
        let document = document(Spec::embedded());
        references(&document, &mut |reference| {
            let pointer = reference.strip_prefix('#').unwrap_or("/outside");
            assert!(document.pointer(pointer).is_some(), "{reference}");
        });
    }

    #[test]
    fn every_schema_is_used() {
        let document = document(Spec::embedded());
        let mut used = BTreeSet::new();
        references(&document, &mut |reference| {
            used.insert(reference.trim_start_matches("#/components/schemas/"));
        });
        for name in document["components"]["schemas"].as_object().unwrap().keys() {
            let entry = name == schemas::ANY_NOTIFICATION;
            assert!(entry || used.contains(name.as_str()), "{name}");
        }
    }

    #[test]
    fn every_tag_is_declared_and_used() {
        let document = document(Spec::embedded());
        let names = |tags: &Value| -> BTreeSet<String> {
            let tags = tags.as_array().unwrap().iter();
            tags.map(|tag| tag["name"].as_str().unwrap_or_default().to_owned()).collect()
        };
        let webhooks = document["webhooks"].as_object().unwrap().values();
        let used: BTreeSet<String> = webhooks
            .flat_map(|item| item["post"]["tags"].as_array().unwrap())
            .map(|tag| tag.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(names(&document["tags"]), used);
    }

    #[test]
    fn examples_are_the_bytes_that_were_signed() {
        let secret = hookproof_contract::Secret::new(EXAMPLE_SECRET).unwrap();
        let document = document(Spec::embedded());
        let mut seen = 0;
        for item in document["webhooks"].as_object().unwrap().values() {
            let examples = &item["post"]["requestBody"]["content"]["application/json"]["examples"];
            for example in examples.as_object().unwrap().values() {
                let bytes = example["value"].to_string();
                let signature = hookproof_contract::signature::sign(bytes.as_bytes(), &secret);
                assert_eq!(example["x-authorization"], format!("Signature {signature}"));
                seen += 1;
            }
        }
        assert!(seen >= 2 * Spec::embedded().notifications.len(), "{seen}");
    }
}

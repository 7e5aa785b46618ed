//! Every example is signed, validates, and is the one that its description says.

use std::collections::BTreeSet;

use hookproof_contract::{
    Mode, NotificationType, Secret,
    payload::Payload,
    schema::{check, check_file},
    signature::sign,
    spec::{
        ExampleKind, Notification, Spec, embedded_files, notification::WEB_SHOP_USER_VALIDATION,
    },
};
use serde_json::Value;

use crate::every_type_and_mode;

fn text_of(path: &str) -> &'static str {
    embedded_files().iter().find(|(known, _)| *known == path).unwrap().1
}

fn examples() -> impl Iterator<
    Item = (&'static Notification, &'static hookproof_contract::spec::Example, &'static str),
> {
    Spec::embedded().notifications.values().flat_map(|notification| {
        notification.examples.iter().map(move |example| {
            (
                notification,
                example,
                text_of(&format!("notifications/{}/{}", notification.kind, example.file)),
            )
        })
    })
}

#[test]
fn every_signature_is_that_of_the_bytes() {
    let secret = Secret::new("example-project-secret").unwrap();
    for (notification, example, text) in examples() {
        assert_eq!(
            sign(text.as_bytes(), &secret),
            example.signature,
            "{} {}",
            notification.kind,
            example.file
        );
    }
}

#[test]
fn every_example_is_compact_and_valid_in_its_modes() {
    for (notification, example, text) in examples() {
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(value.to_string(), text, "{} {}", notification.kind, example.file);
        match notification.notification_type() {
            Some(kind) => {
                for mode in Mode::ALL {
                    let valid = check(kind, mode, &value);
                    assert_eq!(
                        valid.is_ok(),
                        example.mode.occurs_in(mode),
                        "{kind} {mode} {}: {valid:?}",
                        example.file
                    );
                }
            }
            None => {
                let path = format!("notifications/{}/payload.schema.json", notification.kind);
                assert_eq!(check_file(&path, &value), Some(Ok(())));
            }
        }
    }
}

#[test]
fn the_built_payloads_are_the_examples() {
    for (kind, mode) in every_type_and_mode() {
        let notification = &Spec::embedded().notifications[kind.as_str()];
        for (wanted, payload) in [
            (ExampleKind::Minimal, Payload::minimal(kind, mode)),
            (ExampleKind::Full, Payload::full(kind, mode)),
        ] {
            assert_eq!(check(kind, mode, payload.value()), Ok(()));
            let example = notification
                .examples
                .iter()
                .find(|example| example.kind == wanted && example.mode.occurs_in(mode));
            let path = format!("notifications/{kind}/{}", example.unwrap().file);
            assert_eq!(payload.to_bytes(), text_of(&path).as_bytes(), "{path}");
        }
    }
}

#[test]
fn the_folders_are_the_types() {
    let folders: BTreeSet<&str> =
        Spec::embedded().notifications.keys().map(String::as_str).collect();
    let mut types: BTreeSet<&str> =
        NotificationType::ALL.iter().map(|kind| kind.as_str()).collect();
    types.insert(WEB_SHOP_USER_VALIDATION);
    assert_eq!(folders, types);
}

//! Cross-checks of the notifications: their folders, their files and their neighbours.

use std::collections::BTreeSet;

use super::{Checker, Place};
use crate::{
    NotificationType,
    spec::{
        Fault, Kind, Status,
        notification::{Example, ExampleKind, Notification, WEB_SHOP_USER_VALIDATION},
    },
};

/// Digits of a signature.
const DIGITS: usize = crate::signature::DIGITS;

/// Statuses that some webhook takes for success.
const SUCCESS: [u16; 3] = [200, 201, 204];

pub(super) fn check(checker: &mut Checker<'_>) {
    let files = checker.files;
    for folder in NotificationType::ALL
        .map(NotificationType::as_str)
        .iter()
        .chain([&WEB_SHOP_USER_VALIDATION])
    {
        if !files.notifications.contains_key(*folder) {
            let path = format!("notifications/{folder}/notification.toml");
            checker.at(&path, "whole file").report(Fault::MissingFile);
        }
    }
    for (folder, notification) in &files.notifications {
        let path = format!("notifications/{folder}/notification.toml");
        let mut place = checker.at(&path, "notification");
        check_head(&mut place, folder, notification);
        check_neighbours(&mut place, notification);
        check_examples(&mut place, folder, notification);
    }
    check_named(checker);
    check_orphans(checker);
}

/// A clause whose text names a notification type in backticks is listed with that type, so that the
/// type's page shows it.
fn check_named(checker: &mut Checker<'_>) {
    let files = checker.files;
    for (path, file) in &files.clauses {
        for clause in file.clause.iter().filter(|clause| clause.status != Status::Withdrawn) {
            let mut place = checker.at(path, format!("clause {}", clause.id));
            // Every other piece of the text stands between backticks.
            for name in clause.text.split('`').skip(1).step_by(2) {
                let named = files.notifications.get(name);
                let listed = named.is_none_or(|named| named.clauses.contains(&clause.id));
                place.expect(listed, || Fault::NotMutual {
                    kind: Kind::Notification,
                    id: name.to_owned(),
                });
            }
        }
    }
}

fn check_head(place: &mut Place<'_, '_>, folder: &str, notification: &Notification) {
    place.expect(notification.kind == folder, || Fault::OtherPath {
        said: notification.kind.clone(),
        path: folder.to_owned(),
    });
    let known = notification.notification_type().is_some() || folder == WEB_SHOP_USER_VALIDATION;
    place.expect(known, || Fault::Form { form: "notification type", value: folder.to_owned() });
    for (key, text) in [
        ("title", &notification.title),
        ("trigger", &notification.trigger),
        ("failure", &notification.failure),
    ] {
        place.not_empty(key, text);
    }
    place.cites(&notification.sources);
    place.clauses(&notification.clauses);
    for quirk in &notification.quirks {
        place.not_empty("quirks", &quirk.text);
        place.cites(&quirk.sources);
    }
    for part in notification.key.iter().filter(|part| *part != "notification_type") {
        place.pointer(part);
    }
    place.expect(!notification.accepted.is_empty(), || Fault::Empty("accepted"));
    for status in notification.accepted.iter().filter(|status| !SUCCESS.contains(status)) {
        place.report(Fault::Form { form: "status of success", value: status.to_string() });
    }
    if let Some(schema) = notification.answer_schema() {
        place.refers(Kind::File, schema);
    }
    place.refers(Kind::File, &format!("notifications/{folder}/payload.schema.json"));
}

/// Plans, switches and other notifications refer back to what refers to them.
fn check_neighbours(place: &mut Place<'_, '_>, notification: &Notification) {
    let files = place.checker.files;
    let kind = notification.notification_type();
    if let Some(id) = notification.plan_id() {
        place.refers(Kind::Plan, id);
        let plan = files.plans.iter().find(|plan| plan.id == id);
        let mutual =
            plan.is_none_or(|plan| kind.is_some_and(|kind| plan.notifications.contains(&kind)));
        place.expect(mutual, || Fault::NotMutual { kind: Kind::Plan, id: id.to_owned() });
    }
    for id in &notification.switches {
        place.refers(Kind::Setting, id);
        let setting = files.settings.iter().find(|setting| setting.id == *id);
        let mutual = setting.is_none_or(|setting| kind.is_some_and(|kind| setting.changes(kind)));
        place.expect(mutual, || Fault::NotMutual { kind: Kind::Setting, id: id.clone() });
    }
    for setting in
        files.settings.iter().filter(|setting| kind.is_some_and(|kind| setting.changes(kind)))
    {
        place.expect(notification.switches.contains(&setting.id), || {
            Fault::ListedNowhere(setting.id.clone())
        });
    }
    let Some(kind) = kind else { return };
    for (others, back) in [
        (&notification.precedes, (|other| &other.follows) as fn(&Notification) -> &Vec<_>),
        (&notification.follows, |other| &other.precedes),
    ] {
        for other in others {
            let named = files.notifications.get(other.as_str());
            let mutual = named.is_none_or(|named| back(named).contains(&kind));
            place.expect(mutual, || Fault::NotMutual {
                kind: Kind::Notification,
                id: other.to_string(),
            });
        }
    }
}

fn check_examples(place: &mut Place<'_, '_>, folder: &str, notification: &Notification) {
    let mut seen = BTreeSet::new();
    for Example { file, title, signature, .. } in &notification.examples {
        place.expect(seen.insert(file), || Fault::ListedTwice(file.clone()));
        place.refers(Kind::File, &format!("notifications/{folder}/{file}"));
        place.not_empty("title", title);
        let lower_hex = signature.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        place.expect(lower_hex && signature.len() == DIGITS, || Fault::Form {
            form: "signature",
            value: signature.clone(),
        });
    }
    for wanted in [ExampleKind::Minimal, ExampleKind::Full] {
        let there = notification.examples.iter().any(|example| example.kind == wanted);
        place.expect(there, || Fault::ListedNowhere(format!("{wanted} example")));
    }
}

/// Every file of a notification's folder belongs to a notification, every example is in its list.
fn check_orphans(checker: &mut Checker<'_>) {
    let files = checker.files;
    for path in &files.json {
        let Some((folder, file)) =
            path.strip_prefix("notifications/").and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        let mut place = checker.at(path, "whole file");
        let notification = files.notifications.get(folder);
        place.expect(notification.is_some(), || Fault::Dangling {
            kind: Kind::Notification,
            id: folder.to_owned(),
        });
        let listed = notification.is_none_or(|notification| {
            notification.examples.iter().any(|example| example.file == file)
        });
        place.expect(listed || !file.starts_with("examples/"), || {
            Fault::ListedNowhere(file.to_owned())
        });
    }
}

//! Who may say anything at all (clauses SIG-*).

use hookproof_contract::{
    Mode, NotificationType, Secret,
    payload::Payload,
    signature::{authorization, sign},
};
use serde_json::json;

use super::Listener;
use crate::support::{USER, order_paid, secret, user_validation};

#[tokio::test]
async fn any_serialisation_is_accepted_as_it_was_signed() {
    let listener = Listener::start().await;
    let bodies = [
        r#"{"notification_type":"user_validation","user":{"id":"player-1001","country":"US"}}"#,
        "{ \"notification_type\" : \"user_validation\",\r\n\t\"user\": { \"id\": \"player-1001\" } }\r\n",
        r#"{"user":{"id":"\u0070layer-1001"},"notification_type":"user_validation"}"#,
        r#"{"notification_type":"user_validation","user":{"id":"player-1001","name":"Zoë 🎮 \/ \u00e9"}}"#,
        "{\"notification_type\":\"user_validation\",\"user\":{\"id\":\"player-1001\"}}\n",
    ];
    for body in bodies {
        assert_eq!(listener.send_bytes(body.as_bytes()).await.status, 204, "{body}");
    }
}

#[tokio::test]
async fn anything_but_the_signature_is_refused_without_effect() {
    let listener = Listener::start().await;
    let body = order_paid(Mode::Separate, 1, 2, &[("gold", 1)]).to_bytes();
    let right = sign(&body, &secret());
    let other = Secret::new("another-secret").unwrap();
    let flipped = format!("{}{}", if right.starts_with('0') { '1' } else { '0' }, &right[1..]);
    let headers = [
        None,
        Some(String::new()),
        Some("Signature".to_owned()),
        Some("Signature ".to_owned()),
        Some(right.clone()),
        Some(format!("Bearer {right}")),
        Some(format!("Signature {flipped}")),
        Some(format!("Signature {}", &right[..39])),
        Some(format!("Signature {right}0")),
        Some(format!("Signature 00{right}")),
        Some(format!("Signature {}", right.to_uppercase())),
        Some(authorization(&body, &other)),
        Some(authorization(b"{}", &secret())),
    ];
    for header in headers {
        let reply = listener.send_as("/webhook", &body, header.as_deref()).await;
        reply.is_error(400, "INVALID_SIGNATURE");
        let text = String::from_utf8(reply.body).unwrap();
        assert!(!text.contains(&right) && !text.contains("example-project-secret"));
    }
    let mut longer = body.clone();
    longer.push(b'\n');
    let header = authorization(&body, &secret());
    listener.send_as("/webhook", &longer, Some(&header)).await.is_error(400, "INVALID_SIGNATURE");
    assert_eq!(listener.items().await, json!({}));
}

#[tokio::test]
async fn every_type_is_verified() {
    let listener = Listener::start().await;
    for kind in NotificationType::ALL {
        let body = Payload::minimal(kind, Mode::Separate).to_bytes();
        let reply = listener.send_as("/webhook", &body, Some("Signature 0123")).await;
        reply.is_error(400, "INVALID_SIGNATURE");
    }
}

#[tokio::test]
async fn the_signature_comes_before_the_meaning() {
    let listener = Listener::start().await;
    for body in ["", "{", "null", "\u{feff}{}"] {
        listener
            .send_as("/webhook", body.as_bytes(), None)
            .await
            .is_error(400, "INVALID_SIGNATURE");
    }
}

#[tokio::test]
async fn two_secrets_work_while_one_replaces_the_other() {
    let old = Secret::new("old-secret").unwrap();
    let listener = Listener::start_with(|config| config.secrets.push(old.clone())).await;
    let body = user_validation().set("/user/id", USER).to_bytes();
    for secret in [old, secret()] {
        let header = authorization(&body, &secret);
        assert_eq!(listener.send_as("/", &body, Some(&header)).await.status, 204);
    }
}

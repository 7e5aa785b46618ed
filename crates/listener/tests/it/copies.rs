//! Many deliveries at the same moment.

use std::sync::Arc;

use hookproof_contract::{payload::Payload, signature::authorization};
use tokio::{sync::Barrier, task::JoinSet};

use crate::support::{Engine, Listener, post, secret};

/// Sends so many copies of each payload to each listener, all at once; has their statuses.
pub(crate) async fn send_at_once<E: Engine>(
    listeners: &[Listener<E>],
    payloads: &[Payload],
    copies: usize,
) -> Vec<u16> {
    let start = Arc::new(Barrier::new(listeners.len() * payloads.len() * copies));
    let mut sending = JoinSet::new();
    for (listener, payload) in listeners
        .iter()
        .flat_map(|listener| payloads.iter().map(move |payload| (listener, payload)))
    {
        let body = payload.to_bytes();
        let request: Arc<[u8]> =
            post("/webhook", &body, Some(&authorization(&body, &secret()))).into();
        for _ in 0..copies {
            let mut connection = listener.connect().await;
            let (request, start) = (Arc::clone(&request), Arc::clone(&start));
            sending.spawn(async move {
                start.wait().await;
                connection.write(&request).await;
                connection.reply().await.status
            });
        }
    }
    sending.join_all().await
}

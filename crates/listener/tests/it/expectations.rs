//! What the game expects: an order of its own costs what it costs, and must be one of its own.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::{Router, body::Body, http::Request};
use hookproof_contract::{Mode, payload::Payload, signature::authorization};
use hookproof_listener::{App, Config, Decimal, Game, Purchase, Unavailable, Unexpected, router};
use tower::ServiceExt;

use crate::support::{USER, order_canceled, order_paid, payment, refund, secret};

/// A game that made one order, `shop-417` for 9.99, until it forgets it.
struct Shop {
    forgets: &'static AtomicBool,
    away: &'static AtomicBool,
}

impl Game for Shop {
    async fn find_user(&self, id: &str) -> Result<bool, Unavailable> {
        Ok(id == USER)
    }

    async fn expect(&self, purchase: &Purchase<'_>) -> Result<(), Unexpected> {
        if self.away.load(Ordering::SeqCst) {
            return Err(Unavailable.into());
        }
        let Some(id) = purchase.external_id else { return Ok(()) };
        if id != "shop-417" || self.forgets.load(Ordering::SeqCst) {
            return Err(Unexpected::Invoice);
        }
        let expected: Decimal = "9.99".parse().unwrap();
        match purchase.price {
            Some(price) if price.amount != expected => Err(Unexpected::Amount),
            _ => Ok(()),
        }
    }
}

async fn send(router: &Router, payload: &Payload) -> (u16, String) {
    let body = payload.to_bytes();
    let signature = authorization(&body, &secret());
    let request = Request::post("/webhook").header("authorization", signature);
    let reply = router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let status = reply.status().as_u16();
    let body = axum::body::to_bytes(reply.into_body(), 4096).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

fn shop(forgets: &'static AtomicBool, away: &'static AtomicBool) -> (Router, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::new(folder.path().join("listener.db"), secret());
    let app = App::open_with(config, Shop { forgets, away }).unwrap();
    (router(app), folder)
}

fn of_the_game(payload: Payload, place: &str, id: &str, price: &str) -> Payload {
    payload
        .set(&format!("{place}/transaction/external_id"), id)
        .set(&format!("{place}/purchase/total/amount"), price)
        .set(&format!("{place}/purchase/total/currency"), "USD")
}

#[track_caller]
fn is_error((status, body): &(u16, String), code: &str) {
    assert_eq!(*status, 400, "{body}");
    assert!(body.contains(&format!(r#""code":"{code}""#)), "{body}");
}

#[tokio::test]
async fn a_wrong_price_and_an_unknown_invoice_are_refused_by_name() {
    static FORGETS: AtomicBool = AtomicBool::new(false);
    static AWAY: AtomicBool = AtomicBool::new(false);
    let (router, _folder) = shop(&FORGETS, &AWAY);
    let cheap = of_the_game(payment(21), "", "shop-417", "0.01");
    is_error(&send(&router, &cheap).await, "INCORRECT_AMOUNT");
    let foreign = of_the_game(payment(21), "", "shop-418", "9.99");
    is_error(&send(&router, &foreign).await, "INCORRECT_INVOICE");
    let combined = order_paid(Mode::Combined, 1, 21, &[("gold", 5)]);
    let foreign = combined.set("/billing/transaction/external_id", "shop-418");
    is_error(&send(&router, &foreign).await, "INCORRECT_INVOICE");

    // None of it was recorded: the right one of the same number is new.
    let right = of_the_game(payment(21), "", "shop-417", "9.9900");
    assert_eq!(send(&router, &right).await.0, 204);
    // Out of Xsolla's catalogue: the price is not the game's.
    assert_eq!(send(&router, &payment(22)).await.0, 204);
    // What goes back is not asked about.
    let back = refund(23).set("/transaction/external_id", "shop-418");
    assert_eq!(send(&router, &back).await.0, 204);
    assert_eq!(send(&router, &order_canceled(Mode::Separate, 3, 23)).await.0, 204);
}

#[tokio::test]
async fn what_was_accepted_once_stays_accepted() {
    static FORGETS: AtomicBool = AtomicBool::new(false);
    static AWAY: AtomicBool = AtomicBool::new(false);
    let (router, _folder) = shop(&FORGETS, &AWAY);
    let right = of_the_game(payment(21), "", "shop-417", "9.99");
    AWAY.store(true, Ordering::SeqCst);
    assert_eq!(send(&router, &right).await.0, 503);
    AWAY.store(false, Ordering::SeqCst);
    assert_eq!(send(&router, &right).await.0, 204);
    FORGETS.store(true, Ordering::SeqCst);
    assert_eq!(send(&router, &right).await.0, 204);
    let another = of_the_game(payment(22), "", "shop-417", "9.99");
    is_error(&send(&router, &another).await, "INCORRECT_INVOICE");
}

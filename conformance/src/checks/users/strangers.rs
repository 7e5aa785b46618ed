//! Purchases of a user that the game does not know.

use hookproof_contract::NotificationType;

use crate::{Check, Stop, check::Evidence, effects::GRANTS, session::Session, wire::Request};

/// A success answer to such an order leaves a user who paid with nothing.
pub(in crate::checks) static ORDER_OF_UNKNOWN_USER: Check = Check {
    id: "users-order-of-unknown-user",
    title: "refuses an order of a user that it does not know",
    clauses: &["USER-06"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(order_of_unknown_user(session)),
};

async fn order_of_unknown_user(session: &Session<'_>) -> Result<(), Stop> {
    session.knows_its_users().await?;
    for mode in session.modes_of(GRANTS)? {
        session.asks(mode);
        session.twin(&session.fresh(GRANTS, mode).await?).await?;
        // A listener may refuse the payment too, so another user pays.
        let mut purchase = session.purchase();
        session.lead_up(&purchase, GRANTS, mode).await?;
        purchase.user.clone_from(&session.run.options.unknown_user);
        let request = session.sign(purchase.tell(GRANTS, mode).to_bytes());
        session.refused_for_user("USER-06", &request).await?;
    }
    Ok(())
}

/// A payment without an account stays unnoticed.
pub(in crate::checks) static PAYMENT_OF_UNKNOWN_USER: Check = Check {
    id: "users-payment-of-unknown-user",
    title: "refuses a payment of a user that it does not know",
    clauses: &["USER-14"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(payment_of_unknown_user(session)),
};

async fn payment_of_unknown_user(session: &Session<'_>) -> Result<(), Stop> {
    const KIND: NotificationType = NotificationType::Payment;
    let mode = session.modes_of(KIND)?[0];
    session.knows_its_users().await?;
    session.asks("a payment");
    session.twin(&session.fresh(KIND, mode).await?).await?;
    let mut purchase = session.purchase();
    purchase.user.clone_from(&session.run.options.unknown_user);
    let request = session.sign(purchase.tell(KIND, mode).to_bytes());
    session.refused_for_user("USER-14", &request).await
}

impl Session<'_> {
    /// Confirms that the listener knows one user and does not know the other. A shop of game keys has
    /// no user validation, and may sell to anybody.
    async fn knows_its_users(&self) -> Result<(), Stop> {
        self.modes_of(NotificationType::UserValidation)?;
        self.twin(&self.validation()).await?;
        let unknown = &self.run.options.unknown_user;
        let reply = self.deliver(&self.validation_of(unknown)).await?;
        if reply.is_refusal() {
            return Ok(());
        }
        let reason = format!("`user_validation` of `{unknown}` is not refused: {reply}");
        Err(Stop::Inconclusive(format!("{reason}; see users-unknown-refused")))
    }

    /// Judges the answer to a purchase of the unknown user. A 5xx may come from the pairing of that
    /// user with another user's payment, so it is a warning.
    async fn refused_for_user(&self, clause: &str, request: &Request) -> Result<(), Stop> {
        let expected = "4xx: the game does not know the user";
        let reply = self.deliver(request).await?;
        if reply.is_success() {
            return Err(self.violation(clause, expected, &reply, request));
        }
        if !reply.is_refusal() {
            self.note(clause, expected, &reply, request);
        }
        Ok(())
    }
}

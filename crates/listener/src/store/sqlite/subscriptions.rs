//! Subscriptions, whatever order their notifications come in.
//!
//! No notification says when it was written, and what is new is told from a repeat by its key alone.
//! So what comes for the first time is taken for the latest news, with two exceptions. What has ended
//! stays ended. And a next charge moves forward: an update of the same plan with an earlier one is a
//! late update, and is ignored, unless a charge of the subscription was refunded since the last update.
//! Then it is the update that shortens the subscription (clause SUB-11).

use rusqlite::params;

use super::transaction::Statements;
use crate::{event::Subscribed, notification::SubscriptionStep};

/// Records one step of a subscription. One that was never seen begins with any of them, since
/// subscriptions from before the integration go on living (clause SUB-12).
pub(super) fn change(
    statements: &mut Statements<'_>,
    step: SubscriptionStep,
    subscribed: &Subscribed,
) -> Result<bool, rusqlite::Error> {
    let statement = match step {
        // What has been here before it is later news: only what that left open is filled in.
        SubscriptionStep::Create => {
            "INSERT INTO subscriptions (id, user_id, plan, state, next_charge, next_charge_ms, refunded)
             VALUES (?1, ?2, ?3, 'active', ?4, ?5, 0)
             ON CONFLICT DO UPDATE SET
                 plan = coalesce(plan, excluded.plan),
                 next_charge = coalesce(next_charge, excluded.next_charge),
                 next_charge_ms = iif(next_charge IS NULL, excluded.next_charge_ms, next_charge_ms)
             WHERE state <> 'canceled'"
        }
        // Dates that cannot be compared count in the order in which they come.
        SubscriptionStep::Update => {
            "INSERT INTO subscriptions (id, user_id, plan, state, next_charge, next_charge_ms, refunded)
             VALUES (?1, ?2, ?3, 'active', ?4, ?5, 0)
             ON CONFLICT DO UPDATE SET
                 plan = coalesce(excluded.plan, plan),
                 state = 'active',
                 next_charge = coalesce(excluded.next_charge, next_charge),
                 next_charge_ms =
                     iif(excluded.next_charge IS NULL, next_charge_ms, excluded.next_charge_ms),
                 refunded = 0
             WHERE state <> 'canceled'
                 AND (refunded
                     OR plan IS NOT coalesce(excluded.plan, plan)
                     OR coalesce(excluded.next_charge_ms >= next_charge_ms, 1))"
        }
        SubscriptionStep::NonRenewal => {
            "INSERT INTO subscriptions (id, user_id, plan, state, next_charge, next_charge_ms, refunded)
             VALUES (?1, ?2, ?3, 'non_renewing', ?4, ?5, 0)
             ON CONFLICT DO UPDATE SET
                 plan = coalesce(plan, excluded.plan),
                 state = 'non_renewing',
                 next_charge = iif(excluded.next_charge_ms < next_charge_ms, next_charge,
                     coalesce(excluded.next_charge, next_charge)),
                 next_charge_ms = iif(excluded.next_charge_ms < next_charge_ms
                         OR excluded.next_charge IS NULL, next_charge_ms, excluded.next_charge_ms)
             WHERE state <> 'canceled'"
        }
        SubscriptionStep::Cancel => return end(statements, subscribed),
    };
    let next_charge = subscribed.next_charge.as_ref();
    statements
        .get(statement)?
        .execute(params![
            subscribed.id.0,
            subscribed.user,
            subscribed.plan,
            next_charge.map(|moment| &moment.text),
            next_charge.and_then(|moment| moment.instant_ms),
        ])
        .map(|changed| changed > 0)
}

/// A subscription that has ended is never charged again.
fn end(statements: &mut Statements<'_>, subscribed: &Subscribed) -> Result<bool, rusqlite::Error> {
    statements
        .get(
            "INSERT INTO subscriptions (id, user_id, plan, state, refunded)
             VALUES (?1, ?2, ?3, 'canceled', 0)
             ON CONFLICT DO UPDATE SET
                 plan = coalesce(plan, excluded.plan),
                 state = 'canceled', next_charge = NULL, next_charge_ms = NULL",
        )?
        .execute(params![subscribed.id.0, subscribed.user, subscribed.plan])
        .map(|_| true)
}

/// Takes an update that was seen before, if it sets the next charge back after a refund: back to a date
/// that was announced once already. Whether it did.
pub(super) fn shorten(
    statements: &mut Statements<'_>,
    subscribed: &Subscribed,
) -> Result<bool, rusqlite::Error> {
    let Some(next_charge) = &subscribed.next_charge else { return Ok(false) };
    statements
        .get(
            "UPDATE subscriptions SET next_charge = ?3, next_charge_ms = ?4, refunded = 0
             WHERE id = ?1 AND refunded AND state <> 'canceled'
                 AND plan IS coalesce(?2, plan) AND next_charge_ms > ?4",
        )?
        .execute(params![
            subscribed.id.0,
            subscribed.plan,
            next_charge.text,
            next_charge.instant_ms
        ])
        .map(|changed| changed > 0)
}

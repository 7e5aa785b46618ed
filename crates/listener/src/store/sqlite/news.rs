//! Disputes, the blocklist, payment accounts: what is known about money, and moves none.

use rusqlite::params;

use super::transaction::Statements;
use crate::event::{Blocked, Disputed};

/// Records how a dispute stands.
pub(super) fn dispute(
    statements: &mut Statements<'_>,
    dispute: &Disputed,
) -> Result<bool, rusqlite::Error> {
    let kind = dispute.kind.as_deref().unwrap_or_default();
    statements
        .get(
            "INSERT INTO disputes (transaction_id, type, action, status, reason)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET
                 action = excluded.action, status = excluded.status, reason = excluded.reason",
        )?
        .execute(params![
            dispute.transaction.0,
            kind,
            dispute.action,
            dispute.status,
            dispute.reason
        ])
        .map(|_| true)
}

/// Records an entry of the blocklist. What happened before the last that is known changes nothing;
/// where one of the two says no time, they count in the order in which they come.
pub(super) fn block(
    statements: &mut Statements<'_>,
    entry: &Blocked,
) -> Result<bool, rusqlite::Error> {
    statements
        .get(
            "INSERT INTO blocklist (parameter, value, listed, reason, changed_ms)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET
                 listed = excluded.listed, reason = excluded.reason,
                 changed_ms = coalesce(excluded.changed_ms, changed_ms)
             WHERE (listed <> excluded.listed OR changed_ms IS NOT excluded.changed_ms)
                 AND coalesce(excluded.changed_ms >= changed_ms, 1)",
        )?
        .execute(params![
            entry.parameter,
            entry.value,
            entry.listed,
            entry.reason,
            entry.changed_ms
        ])
        .map(|changed| changed > 0)
}

/// Records that a payment account was saved or removed.
pub(super) fn account(
    statements: &mut Statements<'_>,
    user: &str,
    id: &str,
    saved: bool,
) -> Result<bool, rusqlite::Error> {
    statements
        .get(
            "INSERT INTO payment_accounts (user_id, id, saved) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET saved = excluded.saved WHERE saved <> excluded.saved",
        )?
        .execute(params![user, id, saved])
        .map(|changed| changed > 0)
}

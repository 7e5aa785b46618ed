//! Which purchases the target takes: small ids only, or known items only?

use hookproof_contract::{Mode, NotificationType, payload::Payload};

use super::Findings;
use crate::{
    effects::GRANTS,
    options::{self, IDS_PER_MILLISECOND},
    purchase::Purchase,
    session::{Run, Session},
};

/// Ids from here fit 32 bits with a sign, and are no example of any document.
const NARROW_IDS: u64 = 1_000_000_000;

/// Ids set aside for a run: more than all checks together use.
const NARROW_SLOT: u64 = 3_000_000;

/// Runs whose narrow ids do not meet; the last id of the last one fits 32 bits.
const NARROW_SLOTS: u64 = 382;

/// A target that refuses ids beyond 32 bits is asked with smaller ones, so that other faults show too.
/// Gives whether it is.
pub(super) async fn narrow_ids(
    run: &Run<'_>,
    session: &Session<'_>,
    findings: &mut Findings,
) -> bool {
    let told = [NotificationType::Payment, NotificationType::OrderPaid];
    for (kind, mode) in session.types().into_iter().filter(|(kind, _)| told.contains(kind)) {
        let accepted = async |purchase: Purchase| {
            let Ok(request) = session.telling(&purchase, kind, mode).await else { return false };
            session.deliver(&request).await.is_ok_and(|reply| reply.is_success())
        };
        if accepted(session.purchase()).await {
            findings.takes_orders |= kind == NotificationType::OrderPaid;
            continue;
        }
        findings.refused = Some((kind, mode));
        let slot = (run.options.first_id / IDS_PER_MILLISECOND) % NARROW_SLOTS;
        let narrow = NARROW_IDS + slot * NARROW_SLOT;
        if !accepted(session.purchase().with_ids(narrow, narrow + 1)).await {
            return false;
        }
        findings.refused = None;
        run.first_id.set(narrow + 2);
        findings.notes.push("refuses ids beyond 32 bits; asked with smaller ones".to_owned());
        findings.causes.push("ids-as-int32");
        return true;
    }
    false
}

/// Orders of items that the game may not know say nothing, unless somebody said that it knows them.
///
/// A target that does not handle orders at all refuses them like any type that does not exist.
pub(super) async fn known_items(run: &Run<'_>, session: &Session<'_>, findings: &Findings) {
    let Ok(modes) = session.modes_of(GRANTS) else { return };
    let explained = !run.rules.borrow().is_empty();
    if findings.takes_orders || explained || !run.options.skus.is_empty() {
        return;
    }
    let mut refused = None;
    for mode in modes {
        let variants: [fn(&Purchase, Mode) -> Payload; 3] = [
            |purchase, mode| purchase.tell(GRANTS, mode),
            |purchase, mode| purchase.tell_fully(GRANTS, mode),
            |purchase, mode| purchase.tell(GRANTS, mode).set("/user/id", purchase.user.as_str()),
        ];
        for variant in variants {
            let Ok(purchase) = session.before(GRANTS, mode).await else { return };
            let told = variant(&purchase, mode);
            match session.deliver(&session.sign(told.to_bytes())).await {
                Ok(reply) if reply.is_refusal() => refused = Some(reply),
                _ => return,
            }
        }
    }
    let (Some(refused), Ok(purchase)) = (refused, session.before(GRANTS, Mode::Separate).await)
    else {
        return;
    };
    let unknown =
        purchase.tell(GRANTS, Mode::Separate).set("/notification_type", "hookproof_new_type");
    let Ok(reply) = session.deliver(&session.sign(unknown.to_bytes())).await else { return };
    if (reply.status, &reply.body) != (refused.status, &refused.body) {
        let items = options::SKUS.join("` and `");
        let reason = format!(
            "orders are refused ({refused}): if the game does not know the items `{items}`, name some \
             that it knows with --sku"
        );
        drop(run.no_orders.set(reason));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{checks, session::IDS_PER_CHECK};

    #[test]
    fn narrow_ids_are_enough_and_narrow() {
        assert!((checks::ALL.len() as u64 + 1) * IDS_PER_CHECK < NARROW_SLOT);
        assert!(NARROW_IDS + NARROW_SLOTS * NARROW_SLOT <= i32::MAX.unsigned_abs().into());
    }
}

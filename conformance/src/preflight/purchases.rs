//! Which purchases the target takes: small ids only, or known items only?

use hookproof_contract::{Mode, NotificationType, payload::Payload};

use super::Findings;
use crate::{
    effects::GRANTS,
    options,
    purchase::Purchase,
    session::{Run, Session},
};

/// Ids from here fit 32 bits with a sign, and are no example of any document.
const NARROW_IDS: u64 = 1_000_000_000;

/// Runs whose narrow ids do not meet.
const NARROW_SLOTS: u64 = 850;

/// A target that refuses ids beyond 32 bits is asked with smaller ones, so that other faults show too.
pub(super) async fn narrow_ids(run: &Run<'_>, session: &Session<'_>, findings: &mut Findings) {
    let Some((kind, mode)) = session
        .types()
        .into_iter()
        .find(|(kind, _)| matches!(kind, NotificationType::Payment | NotificationType::OrderPaid))
    else {
        return;
    };
    let accepted = async |purchase: Purchase| {
        let request = session.sign(purchase.tell(kind, mode).to_bytes());
        session.deliver(&request).await.is_ok_and(|reply| reply.is_success())
    };
    if accepted(session.purchase()).await {
        return;
    }
    let slot = (run.options.first_id / 4096) % NARROW_SLOTS;
    let narrow = NARROW_IDS + slot * 1_300_000;
    let purchase = session.purchase().with_ids(narrow, narrow + 1);
    if accepted(purchase).await {
        run.first_id.set(narrow + 2);
        findings.notes.push("refuses ids beyond 32 bits; asked with smaller ones".to_owned());
        findings.causes.push("ids-as-int32");
    }
}

/// Orders of items that the game may not know say nothing, unless somebody said that it knows them.
///
/// A target that does not handle orders at all refuses them like any type that does not exist.
pub(super) async fn known_items(run: &Run<'_>, session: &Session<'_>) {
    let Ok(modes) = session.modes_of(GRANTS) else { return };
    if !run.options.skus.is_empty() {
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

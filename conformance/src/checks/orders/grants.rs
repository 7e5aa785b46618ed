//! Who is granted how much, and how much one cancellation takes back.

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    session::Session,
};

/// Whoever keeps "the current user" somewhere grants to the wrong one as soon as two of them buy.
pub(in crate::checks) static RIGHT_USER: Check = Check {
    id: "orders-right-user",
    title: "grants each order to its own user, when two of them buy at the same time",
    clauses: &["ORDER-03"],
    evidence: Evidence::Probe,
    // The second user is the one of whom all other checks speak.
    alone: true,
    ask: |session| Box::pin(right_user(session)),
};

async fn right_user<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let modes = session.modes_of(GRANTS)?;
    session.effects()?;
    if session.run.options.known_users.len() < 2 {
        let reason = "needs two users: give a second --known-user";
        return Err(Stop::NotObservable(reason.to_owned()));
    }
    for mode in modes {
        session.asks((mode, "two users, crossing"));
        let (lane, other) = (session.lane().await?, session.user());
        let before = (lane.owned().await?, lane.owned_by(other).await?);
        let (one, two) = (lane.purchase(1), lane.purchase(1));
        let theirs = session.purchase_of(other, vec![(lane.sku.clone(), 3)]);
        for purchase in [&one, &theirs, &two] {
            session.lead_up(purchase, GRANTS, mode).await?;
        }
        let mut last = session.validation();
        for purchase in [&theirs, &one, &two] {
            last = session.sign(purchase.tell(GRANTS, mode).to_bytes());
            session.accepted("ORDER-03", &last).await?;
        }
        let owned = lane.settles_at(&lane.user, before.0 + 2).await?;
        let others = lane.settles_at(other, before.1 + 3).await?;
        let granted = (owned - before.0, others - before.1);
        if granted != (2, 3) {
            let expected = format!("2 for `{}` and 3 for `{other}`", lane.user);
            let actual = format!("{} and {}", granted.0, granted.1);
            return Err(session.violation("ORDER-03", expected, actual, &last));
        }
    }
    Ok(())
}

/// Virtual currency is bought by the hundred and by the hundred thousand.
pub(in crate::checks) static LARGE_QUANTITIES: Check = Check {
    id: "orders-large-quantities",
    title: "grants large quantities whole",
    clauses: &["ORDER-03"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(large_quantities(session)),
};

/// Beyond 8 bits, and beyond 16. A game may well have a limit below the larger.
const LARGE: [u64; 2] = [300, 70_000];

async fn large_quantities<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let mode = session.modes_of(GRANTS)?[0];
    for quantity in LARGE {
        session.asks(quantity);
        let lane = session.lane().await?;
        session.granted_first(&lane, &lane.purchase(1), mode).await?;
        let before = lane.owned().await?;
        let request = session.telling(&lane.purchase(quantity), GRANTS, mode).await?;
        session.accepted("ORDER-03", &request).await?;
        let more = i64::try_from(quantity).unwrap_or(i64::MAX);
        let owned = lane.settles_at(&lane.user, before + more).await?;
        if owned == before + more {
            continue;
        }
        let (expected, actual) = (format!("{more} granted"), format!("{} granted", owned - before));
        if quantity == LARGE[0] {
            return Err(session.violation("ORDER-03", expected, actual, &request));
        }
        session.note("ORDER-03", &expected, actual, &request);
    }
    Ok(())
}

/// Orders without an invoice have nothing in common but that.
pub(in crate::checks) static CANCEL_WITHOUT_INVOICE: Check = Check {
    id: "orders-cancel-without-invoice",
    title: "takes back its own items for the cancellation of an order that has no invoice",
    clauses: &["ORDER-15", "ORDER-06"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(cancel_without_invoice(session)),
};

async fn cancel_without_invoice<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    session.modes_of(GRANTS)?;
    let mode = session.modes_of(TAKES_BACK)?[0];
    session.asks("two orders without an invoice, one of them cancelled");
    let lane = session.lane().await?;
    let before = lane.owned().await?;
    let (kept, canceled) = (lane.purchase(2), lane.purchase(1));
    for purchase in [&kept, &canceled] {
        session.twin(&session.without_an_invoice(purchase, GRANTS, mode)).await?;
    }
    if lane.shows(before + 3).await? != before + 3 {
        let reason = "orders without an invoice are not granted; see orders-without-invoice";
        return Err(Stop::Inconclusive(reason.to_owned()));
    }
    let request = session.without_an_invoice(&canceled, TAKES_BACK, mode);
    session.accepted("ORDER-06", &request).await?;
    let owned = lane.settles_at(&lane.user, before + 2).await?;
    if owned == before + 2 {
        return Ok(());
    }
    let clause = if owned < before + 2 { "ORDER-15" } else { "ORDER-06" };
    let actual = format!("{} left of 3", owned - before);
    Err(session.violation(clause, "2 left of 3", actual, &request))
}

/// A map that turns keys of digits into numbers joins two items.
pub(in crate::checks) static NUMBER_LIKE_SKUS: Check = Check {
    id: "orders-number-like-skus",
    title: "keeps items apart whose SKUs are the same number, written differently",
    clauses: &["ORDER-03", "ORDER-06"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(number_like_skus(session)),
};

async fn number_like_skus<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let mode = session.modes_of(GRANTS)?[0];
    let lane = session.lane().await?;
    if session.free_item(&lane).is_none() {
        let reason = "needs a game in which any SKU can be bought: leave out --sku";
        return Err(Stop::Skip(reason.to_owned()));
    }
    session.asks("an item with leading zeros and one without");
    session.granted_first(&lane, &lane.purchase(1), mode).await?;
    let digits = session.fresh_id();
    let skus = [format!("00{digits}"), digits.to_string()];
    let buy =
        |sku: &String, quantity| session.purchase_of(&lane.user, vec![(sku.clone(), quantity)]);
    let [padded, bare] = [buy(&skus[0], 2), buy(&skus[1], 3)];
    let mut last = session.validation();
    for purchase in [&padded, &bare] {
        last = session.telling(purchase, GRANTS, mode).await?;
        session.twin(&last).await?;
    }
    let owned = lane.settles_both([&skus[0], &skus[1]], |owned| owned == [2, 3]).await?;
    if owned != [2, 3] {
        let expected = format!("2 of `{}` and 3 of `{}`", skus[0], skus[1]);
        let actual = format!("{} and {}", owned[0], owned[1]);
        return Err(session.violation("ORDER-03", expected, actual, &last));
    }
    if !session.is_asked(TAKES_BACK) {
        return Ok(());
    }
    let cancel = session.telling(&padded, TAKES_BACK, mode).await?;
    session.accepted("ORDER-06", &cancel).await?;
    let owned = lane.settles_both([&skus[0], &skus[1]], |owned| owned == [0, 3]).await?;
    if owned != [0, 3] {
        let expected = format!("0 of `{}` and 3 of `{}`", skus[0], skus[1]);
        let actual = format!("{} and {}", owned[0], owned[1]);
        return Err(session.violation("ORDER-06", expected, actual, &cancel));
    }
    Ok(())
}

//! The canary: a purchase that must show in the view of the effects before anything is judged by it.

use std::time::{Duration, Instant};

use hookproof_contract::{Mode, NotificationType};

use super::Findings;
use crate::{
    Stop,
    effects::{Effects, GRANTS, LANE, View, buyer},
    options,
    probe_form::EXAMPLE,
    project::advice,
    purchase::Purchase,
    session::{Run, Session},
    wire::Request,
};

/// A purchase that must show in the view of the effects, and one that was never sent, which must not.
pub(super) async fn canary(run: &Run<'_>, session: &Session<'_>, findings: &mut Findings) {
    let Some(effects) = &run.effects else { return };
    if session.modes_of(GRANTS).is_err() {
        match without_items(effects, session).await {
            Ok(shown) => effects.learn(shown, run.options, None),
            Err(reason) => effects.cannot_tell(reason),
        }
        return;
    }
    let free = format!("{LANE}{}", session.fresh_id());
    let named = &run.options.skus;
    if named.is_empty()
        && let Ok(Canary { shown: Some(shown), .. }) = release(effects, session, &free).await
    {
        effects.learn(shown, run.options, None);
        return;
    }
    let skus =
        if named.is_empty() { options::SKUS.map(str::to_owned).to_vec() } else { named.clone() };
    match release(effects, session, &skus[0]).await {
        Ok(Canary { shown: Some(shown), .. }) => {
            // Where the game grants any item, each check has items of its own, and need not wait for others.
            let any = !named.is_empty()
                && run.options.project.prices.is_empty()
                && matches!(
                    release(effects, session, &free).await,
                    Ok(Canary { shown: Some(_), .. })
                );
            if any {
                effects.learn(shown, run.options, None);
                return;
            }
            effects.learn(shown, run.options, Some(&skus));
            findings.notes.push(format!("grants known items only; asked with {}", skus.join(", ")));
        }
        Ok(Canary { accepted: Some(request), .. }) => {
            let actual = format!(
                "accepted, and the probe shows no `{}` more: if the game does not sell it, name an item \
                 that it sells with --sku; if the probe looks elsewhere, correct it",
                skus[0]
            );
            let stop = session.violation("ORDER-03", "the item granted", actual, &request);
            effects.nothing_granted(stop);
        }
        Ok(_) if !run.rules.borrow().is_empty() => {
            let reason = format!("no purchase is accepted: {}", advice(&run.rules.borrow()));
            effects.nothing_bought(reason);
        }
        Ok(_) => {
            let reason = "orders are not accepted; see answers-success-status";
            effects.nothing_bought(reason.to_owned());
        }
        Err(reason) => effects.cannot_tell(reason),
    }
}

/// Where no type that grants items is asked about: a subscription, or else a payment, that must show.
async fn without_items(effects: &Effects<'_>, session: &Session<'_>) -> Result<Duration, String> {
    let kinds = [NotificationType::CreateSubscription, NotificationType::Payment];
    let Some(kind) = kinds.into_iter().find(|kind| session.is_asked(*kind)) else {
        return Err("no type that grants is required, so no effect can be expected".to_owned());
    };
    let purchase = session.subscription();
    let (subscription, transaction) =
        (purchase.order.to_string(), purchase.transaction.to_string());
    let shown = |view: &View| {
        view.subscriptions.as_ref().is_some_and(|all| all.contains_key(&subscription))
            || view.transactions.as_ref().is_some_and(|all| all.contains_key(&transaction))
    };
    let delivered = async {
        let request = session.telling(&purchase, kind, session.main_mode()).await?;
        session.deliver(&request).await
    };
    delivered.await.map_err(|stop| format!("the {kind} could not be sent: {stop:?}"))?;
    let started = Instant::now();
    if effects.watch(effects.shown(), &purchase.user, shown, |shown| *shown).await? {
        return Ok(started.elapsed());
    }
    Err(format!(
        "a `{kind}` that was sent does not show in the probe: either the listener does nothing with it, \
         or the probe looks elsewhere"
    ))
}

/// What became of the canary.
struct Canary {
    /// How long it took until what was bought showed, if it did.
    shown: Option<Duration>,
    /// The order, where it was accepted.
    accepted: Option<Request>,
}

/// Buys an item in one delivery mode, and in the other where it does not show.
async fn release(
    effects: &Effects<'_>,
    session: &Session<'_>,
    sku: &str,
) -> Result<Canary, String> {
    let mut found = Ok(Canary { shown: None, accepted: None });
    for mode in session.modes_of(GRANTS).unwrap_or_default() {
        let next = release_in(effects, session, sku, mode).await;
        let shown = next.as_ref().is_ok_and(|canary| canary.shown.is_some());
        if shown || !matches!(found, Ok(Canary { accepted: Some(_), .. })) {
            found = next;
        }
        if shown {
            break;
        }
    }
    found
}

async fn release_in(
    effects: &Effects<'_>,
    session: &Session<'_>,
    sku: &str,
    mode: Mode,
) -> Result<Canary, String> {
    let owned =
        |view: &View| view.items.as_ref().and_then(|items| items.get(sku)).copied().unwrap_or(0);
    let user = buyer(session.run.options);
    let before = effects.look(user).await?;
    if before.items.is_none() {
        let nothing = || format!("the probe shows no items; expected {EXAMPLE}");
        return Err(before.strange.clone().unwrap_or_else(nothing));
    }
    let ids = (session.fresh_id(), session.fresh_id());
    let purchase = Purchase::new(user, ids, vec![(sku.to_owned(), 1)])
        .of_project(&session.run.options.project);
    let nothing = Canary { shown: None, accepted: None };
    let delivered = async {
        let request = session.telling(&purchase, GRANTS, mode).await?;
        Ok((session.deliver(&request).await?, request))
    };
    let request = match delivered.await {
        Ok((reply, request)) if reply.is_success() => request,
        Ok(_) | Err(Stop::Violation(_) | Stop::Inconclusive(_)) => return Ok(nothing),
        Err(stop) => return Err(format!("the purchase could not be sent: {stop:?}")),
    };
    let started = Instant::now();
    let before = owned(&before);
    let shown = effects.watch(effects.shown(), user, owned, |now| *now > before).await? > before;
    Ok(Canary { shown: shown.then(|| started.elapsed()), accepted: Some(request) })
}

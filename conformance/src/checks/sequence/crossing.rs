//! Events of purchases that are on their way at the same moment.

use hookproof_contract::{Mode, NotificationType};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    history::Question,
    script::{Bought, Script},
    session::Session,
};

/// Trials of each script: one may come out right by luck.
pub(in crate::checks) const ROUNDS: usize = 3;

/// Scripts with events at once that are performed at the same time.
pub(in crate::checks) const WIDTH: usize = 3;

/// Copies of one event that are on their way beside other events.
const COPIES: usize = 4;

/// The question whether scripts with events at once come out as if these had come one after another.
pub(in crate::checks) fn crossing(
    session: &Session<'_>,
    mode: Mode,
    scripts: &[Script],
) -> Question {
    let mut twins = session.plain(mode);
    twins.extend(scripts.iter().map(Script::in_sequence));
    let scripts = scripts.iter().flat_map(|script| vec![script.clone(); ROUNDS]).collect();
    Question { twins, scripts, width: WIDTH }
}

/// The last repeat of an order and its cancellation meet.
pub(in crate::checks) static REPEATS_CROSS_CANCEL: Check = Check {
    id: "sequence-repeats-cross-cancel",
    title: "takes back an order for good while copies of it are still coming (3 trials in each mode)",
    clauses: &["SEQ-10", "ORDER-06", "IDEM-03"],
    evidence: Evidence::Stochastic,
    alone: false,
    ask: |session| Box::pin(repeats_cross_cancel(session)),
};

async fn repeats_cross_cancel<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let question = |mode: Mode| {
        let one = Script::of(mode, vec![Bought::one()]);
        let mut before = session.chain(mode);
        before.pop();
        let granted =
            one.clone().then(0, &before).at_once(&[(0, GRANTS, COPIES), (0, TAKES_BACK, 2)]);
        let neither = one
            .then(0, &before[..before.len().min(1)])
            .at_once(&[(0, GRANTS, COPIES), (0, TAKES_BACK, 2)]);
        let neither = if mode == Mode::Combined {
            Script { rounds: neither.rounds[1..].to_vec(), ..neither }
        } else {
            neither
        };
        Some(crossing(session, mode, &[granted, neither]))
    };
    session.explained(TAKES_BACK, question).await
}

/// What is told of one purchase is no reason to forget another.
pub(in crate::checks) static PAYMENT_CROSSES_ORDER: Check = Check {
    id: "payments-cross-order",
    title: "grants once while copies of a payment and of its order come at once (3 trials)",
    clauses: &["PAYMENT-02", "IDEM-03"],
    evidence: Evidence::Stochastic,
    alone: false,
    ask: |session| Box::pin(payment_crosses_order(session)),
};

async fn payment_crosses_order<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    const PAID: NotificationType = NotificationType::Payment;
    session.needs(GRANTS, Mode::Separate)?;
    session.any_of(&[PAID])?;
    let question = |mode: Mode| {
        if mode == Mode::Combined {
            return None;
        }
        let one = Script::of(mode, vec![Bought::one()]);
        let both = [(0, PAID, COPIES), (0, GRANTS, COPIES)];
        let scripts = [one.clone().then(0, &[PAID]).at_once(&both), one.at_once(&both)];
        Some(crossing(session, mode, &scripts))
    };
    session.explained(GRANTS, question).await
}

/// Both take back; together they take back once.
pub(in crate::checks) static REFUND_CROSSES_CANCEL: Check = Check {
    id: "refunds-cross-cancel",
    title: "takes goods back once while a refund and its cancellation come at once (3 trials)",
    clauses: &["REFUND-04", "IDEM-06"],
    evidence: Evidence::Stochastic,
    alone: false,
    ask: |session| Box::pin(refund_crosses_cancel(session)),
};

async fn refund_crosses_cancel<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    const BACK: NotificationType = NotificationType::Refund;
    let question = |mode: Mode| {
        let chain = session.chain_to(GRANTS, mode);
        let two = Script::of(mode, vec![Bought { user: 0, items: vec![(0, 5)] }, Bought::one()]);
        let two = two.then(0, &chain).then(1, &chain);
        let mut round = vec![(1, TAKES_BACK, COPIES)];
        if mode == Mode::Separate && session.is_asked(BACK) {
            round.push((1, BACK, COPIES));
        }
        let refunded = (mode == Mode::Separate && session.is_asked(BACK))
            .then(|| two.clone().then(1, &[BACK]).at_once(&[(1, TAKES_BACK, COPIES)]));
        let scripts: Vec<Script> = [two.at_once(&round)].into_iter().chain(refunded).collect();
        Some(crossing(session, mode, &scripts))
    };
    session.explained(TAKES_BACK, question).await
}

/// Who reads a number, adds to it and writes it back loses what came between.
pub(in crate::checks) static ORDERS_AT_ONCE: Check = Check {
    id: "orders-at-once",
    title: "grants every one of a user's orders that come at once (3 trials in each mode)",
    clauses: &["ORDER-03"],
    evidence: Evidence::Stochastic,
    alone: true,
    ask: |session| Box::pin(orders_at_once(session)),
};

async fn orders_at_once<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let question = |mode: Mode| {
        let of = |item, quantity| Bought { user: 0, items: vec![(item, quantity)] };
        let same = Script::of(mode, vec![of(0, 1), of(0, 2), of(0, 3), of(0, 1)]);
        let others = Script::of(mode, vec![of(0, 1), of(1, 2), of(0, 3), of(1, 1)]);
        let scripts = [same, others].map(|script| {
            let paid = (0..4).fold(script, |script, one| script.then(one, before(session, mode)));
            paid.at_once(&[(0, GRANTS, 1), (1, GRANTS, 1), (2, GRANTS, 1), (3, GRANTS, 1)])
        });
        Some(crossing(session, mode, &scripts))
    };
    session.explained(GRANTS, question).await
}

/// What comes before an order.
fn before(session: &Session<'_>, mode: Mode) -> &'static [NotificationType] {
    let paid = mode == Mode::Separate && session.is_asked(NotificationType::Payment);
    if paid { &[NotificationType::Payment] } else { &[] }
}

/// One user's order is another's only where something is shared that should not be.
pub(in crate::checks) static TWO_USERS_AT_ONCE: Check = Check {
    id: "orders-of-two-users-at-once",
    title: "grants to each of two users what is theirs when their orders come at once (3 trials in \
            each mode)",
    clauses: &["ORDER-03"],
    evidence: Evidence::Stochastic,
    alone: true,
    ask: |session| Box::pin(two_users_at_once(session)),
};

async fn two_users_at_once<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    if session.run.options.known_users.len() < 2 {
        let reason = "needs two users that can be told apart: give a second --known-user";
        return Err(Stop::NotObservable(reason.to_owned()));
    }
    let question = |mode: Mode| {
        let of = |user, quantity| Bought { user, items: vec![(0, quantity)] };
        let script = Script::of(mode, vec![of(0, 1), of(1, 4), of(0, 1), of(1, 4)]);
        let script = (0..4).fold(script, |script, one| script.then(one, before(session, mode)));
        let script =
            script.at_once(&[(0, GRANTS, 1), (1, GRANTS, 1), (2, GRANTS, 1), (3, GRANTS, 1)]);
        Some(crossing(session, mode, &[script]))
    };
    session.explained(GRANTS, question).await
}

/// What one order grants and another gives back are two changes of one number.
pub(in crate::checks) static CROSS_CANCELS: Check = Check {
    id: "orders-cross-cancels",
    title: "keeps a user's orders and cancellations apart that come at once (3 trials in each mode)",
    clauses: &["ORDER-03", "ORDER-06"],
    evidence: Evidence::Stochastic,
    alone: true,
    ask: |session| Box::pin(cross_cancels(session)),
};

async fn cross_cancels<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let question = |mode: Mode| {
        let of = |item, quantity| Bought { user: 0, items: vec![(item, quantity)] };
        let same = Script::of(mode, vec![of(0, 4), of(0, 2), of(0, 1)]);
        let others = Script::of(mode, vec![of(0, 4), of(1, 2), of(1, 1)]);
        // Which of the requests arrives first may depend on the order in which they are sent.
        let first = [(0, TAKES_BACK, 1), (1, GRANTS, 1), (2, GRANTS, 1)];
        let last = [first[1], first[2], first[0]];
        let of = |script: &Script, events: &[(usize, NotificationType, usize)]| {
            let mut old = session.chain(mode);
            old.pop();
            let script = script.clone().then(0, &old).then(1, before(session, mode));
            script.then(2, before(session, mode)).at_once(events)
        };
        let scripts: Vec<Script> = [same, others]
            .iter()
            .flat_map(|script| [of(script, &first), of(script, &last)])
            .collect();
        Some(crossing(session, mode, &scripts))
    };
    session.explained(TAKES_BACK, question).await
}

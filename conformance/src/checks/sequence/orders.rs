//! Every order of the events of one purchase, and random ones of several.

use hookproof_contract::{Mode, NotificationType};
use proptest::{
    collection::vec,
    prelude::{Strategy, any},
    strategy::ValueTree,
};

use crate::{
    Check, Stop,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    history::Question,
    script::{Bought, Line, Script},
    session::Session,
};

/// Scripts without overlaps that are performed at the same time.
const WIDTH: usize = 8;

/// Purchases of one random script at most.
const PURCHASES_MAX: usize = 3;

/// Decisions that a random script takes about whose turn it is.
const TURNS: usize = 24;

/// Webhooks overtake one another, come late, or never.
pub(in crate::checks) static EVERY_ORDER: Check = Check {
    id: "sequence-every-order",
    title: "leaves what a purchase may leave, in whatever order its events come",
    clauses: &["SEQ-02", "SEQ-10", "ORDER-06", "PAYMENT-02", "REFUND-02"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(every_order(session)),
};

async fn every_order<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let cases = usize::try_from(session.run.options.cases).unwrap_or(usize::MAX);
    let question = |mode: Mode| {
        let mut scripts = orders_of(&session.chain(mode), mode);
        scripts.truncate(cases);
        Some(Question { twins: session.plain(mode), scripts, width: WIDTH })
    };
    session.explained(GRANTS, question).await
}

/// Each order of each part of a chain, all of it first; and of those with both an order and its
/// cancellation, another with the order repeated at the end.
fn orders_of(chain: &[NotificationType], mode: Mode) -> Vec<Script> {
    let mut orders: Vec<Vec<NotificationType>> = vec![Vec::new()];
    let mut last = orders.clone();
    for _ in chain {
        let longer = last.iter().flat_map(|order| {
            let rest = chain.iter().filter(|kind| !order.contains(kind));
            rest.map(|kind| [order.as_slice(), &[*kind]].concat())
        });
        last = longer.collect();
        orders.extend(last.iter().cloned());
    }
    orders.retain(|order| !order.is_empty());
    orders.sort_by_key(|order| std::cmp::Reverse(order.len()));
    let again =
        orders.iter().filter(|order| order.contains(&GRANTS) && order.contains(&TAKES_BACK));
    let again: Vec<_> =
        again.take(chain.len() * 2).map(|order| [order.as_slice(), &[GRANTS]].concat()).collect();
    let all = again.into_iter().chain(orders);
    all.map(|order| Script::of(mode, vec![Bought::one()]).then(0, &order)).collect()
}

/// What holds of one purchase holds of many.
pub(in crate::checks) static RANDOM_PURCHASES: Check = Check {
    id: "sequence-random-purchases",
    title: "keeps the books of several users and purchases whose events and repeats mix",
    clauses: &["SEQ-02", "SEQ-10", "ORDER-03", "ORDER-06", "ORDER-15", "IDEM-02", "IDEM-06"],
    evidence: Evidence::Probe,
    alone: false,
    ask: |session| Box::pin(random_purchases(session)),
};

async fn random_purchases<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let chains = Mode::ALL.map(|mode| (mode, session.chain(mode)));
    let mut runner = session.test_runner();
    let known: Vec<Mode> = session.modes_of(GRANTS)?;
    let asked = || chains.iter().filter(|(mode, _)| known.contains(mode));
    // Chance may leave out what this one tells, so it comes first in every run.
    let mut scripts: Vec<Script> = asked().map(|(mode, chain)| retold(*mode, chain)).collect();
    for _ in 0..session.run.options.cases {
        for (mode, chain) in asked() {
            let tree = histories(*mode, chain.clone()).new_tree(&mut runner);
            let tree = tree
                .map_err(|reason| Stop::Broken(format!("no value could be generated: {reason}")))?;
            scripts.push(tree.current());
        }
    }
    let question = |mode: Mode| {
        let of_mode = scripts.iter().filter(|script| script.mode == mode).cloned();
        // Half of the cases go to each mode, so that both together are as many as were asked for.
        let half = scripts.len().div_ceil(known.len().max(1) * known.len().max(1));
        let scripts: Vec<Script> = of_mode.take(half).collect();
        Some(Question { twins: session.plain(mode), scripts, width: WIDTH })
    };
    session.explained(GRANTS, question).await
}

/// Two purchases of the same by one user: the first is taken back while the second stands, and then
/// what granted them comes again.
///
/// It holds what a listener forgets most easily: which order a cancellation belongs to, and an order
/// after all that followed it. The numbers differ, so that no purchase can stand for the other. The
/// cancellation does not come again, or it would hide an order that was granted anew.
fn retold(mode: Mode, chain: &[NotificationType]) -> Script {
    let bought = [1, 2].map(|count| Bought { user: 0, items: vec![(0, count)] });
    let granted = chain.iter().position(|kind| *kind == GRANTS).map_or(0, |place| place + 1);
    let (first, rest) = chain.split_at(granted);
    Script::of(mode, bought.into())
        .then(0, first)
        .then(1, first)
        .then(0, rest)
        .then(0, first)
        .then(1, first)
}

/// A purchase, how far its chain goes, and what of it is repeated: at once, or after everything.
type Life = (Bought, usize, Vec<(usize, bool)>);

fn histories(mode: Mode, chain: Vec<NotificationType>) -> impl Strategy<Value = Script> {
    let length = chain.len();
    let items = vec((0_usize..2, 1_u64..4), 1..=2);
    let life = (0_usize..2, items, 1..=length, vec((0..length, any::<bool>()), 0..=2));
    let life = life.prop_map(|(user, mut items, told, repeats)| {
        items.dedup_by_key(|(item, _)| *item);
        (Bought { user, items }, told, repeats)
    });
    let lives = vec(life, 1..=PURCHASES_MAX);
    (lives, vec(any::<u8>(), TURNS))
        .prop_map(move |(lives, turns)| mixed(mode, &chain, lives, &turns))
}

/// The events of each purchase in their order, those of all purchases mixed.
fn mixed(mode: Mode, chain: &[NotificationType], lives: Vec<Life>, turns: &[u8]) -> Script {
    let queue = |(_, told, repeats): &Life| {
        let mut queue: Vec<NotificationType> = Vec::new();
        for (place, kind) in chain[..*told].iter().enumerate() {
            queue.push(*kind);
            queue.extend(repeats.iter().filter(|(of, late)| *of == place && !late).map(|_| *kind));
        }
        queue.extend(
            repeats.iter().filter(|(of, late)| of < told && *late).map(|(of, _)| chain[*of]),
        );
        queue.reverse();
        queue
    };
    let mut queues: Vec<Vec<NotificationType>> = lives.iter().map(queue).collect();
    let mut script = Script::of(mode, lives.into_iter().map(|(bought, ..)| bought).collect());
    let mut turns = turns.iter().cycle();
    loop {
        let open: Vec<usize> = (0..queues.len()).filter(|&one| !queues[one].is_empty()).collect();
        let turn = usize::from(*turns.next().unwrap_or(&0));
        let Some(&purchase) = open.get(turn % open.len().max(1)) else { return script };
        if let Some(kind) = queues[purchase].pop() {
            script.rounds.push(vec![Line { purchase, kind, target: 0 }]);
        }
    }
}

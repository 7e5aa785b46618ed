//! Which clause is broken by what the model does not explain, and how it is told.

use std::{collections::BTreeSet, fmt::Write as _};

use hookproof_contract::NotificationType;

use crate::{
    effects::{GRANTS, TAKES_BACK},
    script::Script,
    timeline::{self, Mark},
};

use super::{Case, judge::Wrong};

impl Wrong {
    /// The clause that says most plainly what is wrong.
    pub(super) fn clause(&self, script: &Script) -> &'static str {
        match self {
            Self::Goods { user, item, seen, legal, bought } => {
                let too_many = legal.last().is_some_and(|most| seen > most);
                if too_many {
                    too_many_of(script, (*user, *item), seen > bought)
                } else {
                    too_few_of(script, (*user, *item))
                }
            }
            Self::Refunds { seen, legal } if legal.last().is_some_and(|most| seen > most) => {
                "IDEM-02"
            }
            Self::Refunds { .. } => "REFUND-02",
        }
    }

    /// What would have been right.
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Goods { legal, .. } => format!(
                "{} of the item at the end: no other number follows from these events and answers",
                listed(legal)
            ),
            Self::Refunds { legal, .. } => format!("{} refunds of the transaction", listed(legal)),
        }
    }

    fn legal(&self) -> String {
        match self {
            Self::Goods { legal, .. } => listed(legal),
            Self::Refunds { legal, .. } => listed(legal),
        }
    }

    /// What came instead.
    pub(super) fn actual(&self) -> String {
        match self {
            Self::Goods { seen, .. } => format!("{seen} of the item"),
            Self::Refunds { seen, .. } => format!("{seen} refunds"),
        }
    }
}

fn listed<T: ToString>(legal: &BTreeSet<T>) -> String {
    legal.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn too_many_of(script: &Script, (user, item): (usize, usize), beyond: bool) -> &'static str {
    let copies = script.told_often(GRANTS, user, item) > 1;
    let canceled = script.tells(TAKES_BACK, user, item);
    match (beyond, copies) {
        (true, true) if script.overlaps() => "IDEM-03",
        (true, true) => "IDEM-02",
        (true, false) if script.tells(NotificationType::Payment, user, item) => "PAYMENT-02",
        (true, false) => "ORDER-03",
        (false, true) if canceled && !script.overlaps() => "SEQ-10",
        (false, _) if canceled => "ORDER-06",
        (false, _) => "PAYMENT-02",
    }
}

fn too_few_of(script: &Script, (user, item): (usize, usize)) -> &'static str {
    let canceled = script.told_often(TAKES_BACK, user, item);
    let refunded = script.tells(NotificationType::Refund, user, item);
    match canceled {
        0 => "ORDER-03",
        _ if refunded => "REFUND-04",
        1 => "ORDER-15",
        _ => "IDEM-06",
    }
}

impl Case {
    /// What was told when, and what was left: a script where it was told one by one, else a drawing of
    /// the connections.
    pub(super) fn drawn(&self, wrong: &Wrong) -> String {
        let names: Vec<char> = ('A'..='Z').take(self.purchases.len()).collect();
        let name = |place: usize| names.get(place).copied().unwrap_or('?');
        let mut text = String::new();
        for (place, purchase) in self.purchases.iter().enumerate() {
            let items = purchase.items.iter();
            let items: Vec<String> =
                items.map(|(sku, quantity)| format!("{quantity} of `{sku}`")).collect();
            let _ = writeln!(
                text,
                "{}: order {}, transaction {}, {} for {}",
                name(place),
                purchase.order,
                purchase.transaction,
                items.join(" and "),
                purchase.user
            );
        }
        let replicas: BTreeSet<usize> = self.told.iter().map(|sent| sent.target).collect();
        let at = |target: usize| match replicas.len() {
            0 | 1 => String::new(),
            _ => format!(" at replica {}", target + 1),
        };
        let marks: Vec<Mark> = self
            .told
            .iter()
            .map(|sent| Mark {
                column: sent.column,
                told: format!("{} {}{}", sent.told.kind, name(sent.line.purchase), at(sent.target)),
                sent: sent.told.sent,
                answered: sent.ended,
                answer: sent.said.clone(),
            })
            .collect();
        let connections = marks.iter().map(|mark| mark.column + 1).max().unwrap_or(1);
        let columns: Vec<String> = (1..=connections).map(|n| format!("connection {n}")).collect();
        if self.script.overlaps() {
            text.push_str(&timeline::draw(&columns, &marks));
        } else {
            for (place, mark) in marks.iter().enumerate() {
                let _ = writeln!(text, "{:>3}. {}: {}", place + 1, mark.told, mark.answer);
            }
        }
        let _ = write!(text, "end: {}; legal: {}", wrong.actual(), wrong.legal());
        text
    }
}

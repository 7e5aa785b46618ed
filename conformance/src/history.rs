//! Performing scripts, and judging what they left behind by the model of a purchase.
//!
//! Many scripts are performed before anybody looks: each has items of its own, so that one look tells all
//! of them apart and the quiet time is waited for once. Where the game has only the items that were
//! named, they are performed one by one, and fewer of them.

mod blame;
mod judge;
mod perform;
mod shrink;

use std::time::Duration;

use hookproof_contract::{Mode, NotificationType};

use perform::Case;

use crate::{
    Stop,
    effects::{GRANTS, TAKES_BACK},
    model::World,
    script::{Bought, Script},
    session::Session,
};

/// Scripts that are performed where each item has to be used again.
const SCRIPTS_ON_NAMED_ITEMS: usize = 6;

/// After this time no more scripts are begun: a slow target is asked fewer.
const PERFORMING_MAX: Duration = Duration::from_millis(1500);

/// What is asked of a listener by scripts.
#[derive(Debug)]
pub(crate) struct Question {
    /// Scripts without which nothing is proven: what is wrong here is another check's business.
    pub twins: Vec<Script>,
    /// The scripts that are asked about.
    pub scripts: Vec<Script>,
    /// Scripts that are performed at the same time.
    pub width: usize,
}

impl<'run> Session<'run> {
    /// The events that are told of a purchase from its payment to its cancellation, as far as they are
    /// asked about.
    pub(crate) fn chain(&self, mode: Mode) -> Vec<NotificationType> {
        use NotificationType::{OrderCanceled, OrderPaid, Payment, Refund};
        let all: &[NotificationType] = match mode {
            Mode::Separate => &[Payment, OrderPaid, Refund, OrderCanceled],
            Mode::Combined => &[OrderPaid, OrderCanceled],
        };
        all.iter().copied().filter(|kind| self.is_asked(*kind)).collect()
    }

    /// The events up to one of them.
    pub(crate) fn chain_to(&self, kind: NotificationType, mode: Mode) -> Vec<NotificationType> {
        let chain = self.chain(mode);
        let upto = chain.iter().position(|one| *one == kind).map_or(0, |place| place + 1);
        chain[..upto].to_vec()
    }

    pub(crate) fn world(&self, mode: Mode) -> World {
        let separate = mode == Mode::Separate;
        World {
            payment: separate && self.is_asked(NotificationType::Payment),
            refund: separate && self.is_asked(NotificationType::Refund),
        }
    }

    /// A purchase that is granted, and one that is taken back beside another that is kept.
    pub(crate) fn plain(&self, mode: Mode) -> Vec<Script> {
        let granted = Script::of(mode, vec![Bought::one()]).then(0, &self.chain_to(GRANTS, mode));
        if !self.is_asked(TAKES_BACK) {
            return vec![granted];
        }
        let kept = Script::of(mode, vec![Bought::one(), Bought::one()])
            .then(0, &self.chain_to(GRANTS, mode))
            .then(1, &self.chain_to(TAKES_BACK, mode));
        vec![granted, kept]
    }

    /// Asks in each mode in which a type is sent. What cannot be told in one mode does not hide what
    /// is wrong in another.
    pub(crate) async fn explained(
        &'run self,
        kind: NotificationType,
        question: impl Fn(Mode) -> Option<Question>,
    ) -> Result<(), Stop> {
        self.modes_of(GRANTS)?;
        self.effects()?;
        let mut untold = Ok(());
        for mode in self.modes_of(kind)? {
            let Some(question) = question(mode) else { continue };
            match self.explained_in(mode, question).await {
                Err(stop @ Stop::Inconclusive(_)) => untold = untold.and(Err(stop)),
                result => result?,
            }
        }
        untold
    }
}

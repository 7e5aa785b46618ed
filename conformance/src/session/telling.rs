//! What a check can ask about: required types, fresh purchases, and what is told before what.

use hookproof_contract::{
    Mode, NotificationType,
    payload::Payload,
    spec::{Need, Spec},
};

use super::{Session, confirm::SIMPLE};
use crate::{Stop, options, purchase::Purchase, wire::Request};

impl<'run> Session<'run> {
    /// An id that the target has not seen.
    pub fn fresh_id(&self) -> u64 {
        let id = self.next_id.get();
        self.next_id.set(id + self.id_step);
        id
    }

    /// The user that checks speak of.
    pub fn user(&self) -> &'run str {
        &self.run.options.known_users[0]
    }

    /// An item of the target's game.
    pub fn sku(&self) -> &'run str {
        self.run.options.skus.first().map_or(options::SKUS[0], String::as_str)
    }

    /// A plan of the target's game.
    pub fn plan(&self) -> &'run str {
        self.run.options.plans.first().map_or(options::PLANS[0], String::as_str)
    }

    /// A purchase of one item, with ids of its own.
    pub fn purchase(&self) -> Purchase {
        self.purchase_of(self.user(), vec![(self.sku().to_owned(), 1)])
    }

    /// A purchase of these items by this user, with ids of its own.
    pub fn purchase_of(&self, user: &str, items: Vec<(String, u64)>) -> Purchase {
        let ids = (self.fresh_id(), self.fresh_id());
        let mut purchase = Purchase::new(user, ids, items)
            .of_plan(self.plan())
            .of_project(&self.run.options.project);
        if let Some(public_id) = &self.run.options.public_id {
            purchase.public_id.clone_from(public_id);
        }
        purchase
    }

    /// A new purchase of which everything was told that comes before this type.
    pub async fn before(&self, kind: NotificationType, mode: Mode) -> Result<Purchase, Stop> {
        let purchase = self.purchase();
        self.lead_up(&purchase, kind, mode).await?;
        Ok(purchase)
    }

    /// Tells of a purchase what comes before this type, as far as it was not told yet.
    ///
    /// A listener may refuse an order without its payment, or a cancellation without its order.
    pub async fn lead_up(
        &self,
        purchase: &Purchase,
        kind: NotificationType,
        mode: Mode,
    ) -> Result<(), Stop> {
        for before in self.told_before(kind, mode) {
            if !self.is_asked(*before) || !purchase.first_told(*before) {
                continue;
            }
            let reply = self.deliver(&self.sign(purchase.tell(*before, mode).to_bytes())).await?;
            if !reply.is_success() {
                return Err(Stop::Inconclusive(format!(
                    "`{kind}` cannot be asked about: the `{before}` before it is refused: {reply}"
                )));
            }
        }
        purchase.first_told(kind);
        Ok(())
    }

    /// What is told of a purchase before this type.
    pub(crate) fn told_before(
        &self,
        kind: NotificationType,
        mode: Mode,
    ) -> &'static [NotificationType] {
        use NotificationType as N;
        match (kind, mode) {
            // A combined order holds its payment, so nobody needs another one of the same id.
            (N::Refund | N::PartialRefund | N::Dispute, Mode::Combined)
                if self.is_asked(N::OrderPaid) =>
            {
                &[N::OrderPaid]
            }
            (N::OrderPaid, Mode::Separate)
            | (N::Refund | N::Dispute | N::CreateSubscription, _) => &[N::Payment],
            (N::PartialRefund, _) => &[N::Payment, N::OrderPaid],
            (N::OrderCanceled, Mode::Separate) => &[N::Payment, N::OrderPaid, N::Refund],
            (N::OrderCanceled, Mode::Combined) => &[N::OrderPaid],
            (N::UpdateSubscription | N::CancelSubscription | N::NonRenewalSubscription, _) => {
                &[N::Payment, N::CreateSubscription]
            }
            (N::PaymentAccountRemove, _) => &[N::PaymentAccountAdd],
            _ => &[],
        }
    }

    /// The delivery that tells this of a purchase, once everything before it was told.
    pub async fn telling(
        &self,
        purchase: &Purchase,
        kind: NotificationType,
        mode: Mode,
    ) -> Result<Request, Stop> {
        self.lead_up(purchase, kind, mode).await?;
        Ok(self.sign(purchase.tell(kind, mode).to_bytes()))
    }

    /// The delivery that tells this of a new purchase, once everything before it was told.
    pub async fn fresh(&self, kind: NotificationType, mode: Mode) -> Result<Request, Stop> {
        self.telling(&self.purchase(), kind, mode).await
    }

    /// The type that needs nothing before it: the validation of a user, or where no product asks for
    /// that, a purchase.
    pub fn simplest(&self) -> (NotificationType, Mode) {
        let answered = |kind: &NotificationType| !self.run.health.is_silent_type(*kind);
        let kind = SIMPLE.into_iter().filter(answered).find(|kind| self.is_asked(*kind));
        kind.map_or((NotificationType::OrderPaid, Mode::Combined), |kind| (kind, self.main_mode()))
    }

    /// The shortest payload that needs nothing before it.
    pub fn simple(&self) -> Payload {
        let (kind, mode) = self.simplest();
        self.purchase().tell(kind, mode)
    }

    /// The smallest valid delivery.
    pub fn validation(&self) -> Request {
        self.sign(self.simple().to_bytes())
    }

    /// The types that are asked about, each in the modes in which it is sent.
    ///
    /// Nobody can be searched for without a public id to find them by.
    pub fn types(&self) -> Vec<(NotificationType, Mode)> {
        let options = self.run.options;
        let mut types = Vec::new();
        for kind in &options.types {
            match kind {
                _ if !self.is_asked(*kind) => (),
                NotificationType::OrderPaid | NotificationType::OrderCanceled => {
                    types.extend(options.modes.iter().map(|mode| (*kind, *mode)));
                }
                _ => types.push((*kind, self.main_mode())),
            }
        }
        types
    }

    /// The mode in which everything but orders is asked about.
    pub fn main_mode(&self) -> Mode {
        let separate = self.run.options.modes.contains(&Mode::Separate);
        if separate { Mode::Separate } else { Mode::Combined }
    }

    /// Whether this type can be asked about: a listener must handle it, and enough is known for it.
    pub fn is_asked(&self, kind: NotificationType) -> bool {
        use NotificationType as N;
        let known = match kind {
            N::OrderPaid | N::OrderCanceled => self.run.no_orders.get().is_none(),
            N::UserSearch => self.run.options.public_id.is_some(),
            _ => true,
        };
        known && self.run.options.types.contains(&kind)
    }

    /// The modes in which this type is asked about; skips the check where there is none.
    pub fn modes_of(&self, kind: NotificationType) -> Result<Vec<Mode>, Stop> {
        let modes: Vec<Mode> = self
            .types()
            .into_iter()
            .filter(|(known, _)| *known == kind)
            .map(|(_, mode)| mode)
            .collect();
        if modes.is_empty() { Err(self.why_not(kind)) } else { Ok(modes) }
    }

    /// Those of these types that are asked about; skips the check where there is none.
    pub fn any_of(&self, kinds: &[NotificationType]) -> Result<Vec<NotificationType>, Stop> {
        let asked: Vec<_> = kinds.iter().copied().filter(|kind| self.is_asked(*kind)).collect();
        if asked.is_empty() { Err(self.why_not(kinds[0])) } else { Ok(asked) }
    }

    /// Skips the check where this type is not asked about in this mode.
    pub fn needs(&self, kind: NotificationType, mode: Mode) -> Result<(), Stop> {
        if self.modes_of(kind)?.contains(&mode) {
            return Ok(());
        }
        Err(Stop::Skip(format!("needs --mode {mode} or both")))
    }

    /// Why a type is not asked about, with the flag that would make it so.
    fn why_not(&self, kind: NotificationType) -> Stop {
        if self.run.options.types.contains(&kind) {
            return match self.run.no_orders.get() {
                Some(reason) if kind != NotificationType::UserSearch => {
                    Stop::Broken(reason.clone())
                }
                _ => Stop::NotObservable("needs a name to search for: give --public-id".to_owned()),
            };
        }
        let needs = |mode: Mode| {
            let products = Spec::embedded().products.iter();
            products.filter(move |product| product.needs(kind, mode) == Need::Required)
        };
        let flag = match needs(Mode::Separate).collect::<Vec<_>>()[..] {
            [product] => format!("--product {}", product.id),
            [_, ..] if needs(self.main_mode()).count() < needs(Mode::Separate).count() => {
                "--mode separate or both".to_owned()
            }
            _ => format!("--also {kind}"),
        };
        Stop::Skip(format!("`{kind}` is not required: needs {flag}"))
    }
}

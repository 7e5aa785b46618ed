//! Which webhook waits for which: the flows that the diagrams show, read out of `precedes` and
//! `follows`.

use std::collections::BTreeSet;

use hookproof_contract::{
    Mode, NotificationType,
    spec::{Need, Spec},
};

/// Webhooks, and which of them must succeed before which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flow {
    /// In the order in which they come.
    pub(super) kinds: Vec<NotificationType>,
    /// Pairs: the second is sent only after the first has succeeded.
    pub(super) edges: BTreeSet<(NotificationType, NotificationType)>,
}

impl Flow {
    /// Everything that leads up to these webhooks in a mode.
    pub(super) fn towards(spec: &Spec, ends: &[NotificationType], mode: Option<Mode>) -> Self {
        let edges = edges(spec, mode);
        let mut kinds: BTreeSet<NotificationType> = ends.iter().copied().collect();
        // A step for each type is enough: no way through the graph is longer.
        for _ in NotificationType::ALL {
            let before = edges.iter().filter(|(_, after)| kinds.contains(after));
            let before: Vec<_> = before.map(|(first, _)| *first).collect();
            kinds.extend(before);
        }
        Self::within(&kinds, &edges)
    }

    /// A webhook between those right before and right after it.
    pub(super) fn around(spec: &Spec, kind: NotificationType) -> Self {
        let edges = edges(spec, None);
        let near = edges.iter().filter(|(first, after)| *first == kind || *after == kind);
        let kinds: BTreeSet<_> =
            near.flat_map(|(first, after)| [*first, *after]).chain([kind]).collect();
        let edges = edges.into_iter().filter(|(a, b)| *a == kind || *b == kind).collect();
        Self::within(&kinds, &edges)
    }

    /// Every webhook that waits, or is waited for.
    pub(super) fn whole(spec: &Spec) -> Self {
        let edges = edges(spec, None);
        let kinds = edges.iter().flat_map(|(first, after)| [*first, *after]).collect();
        Self::within(&kinds, &edges)
    }

    fn within(
        kinds: &BTreeSet<NotificationType>,
        edges: &BTreeSet<(NotificationType, NotificationType)>,
    ) -> Self {
        let inside =
            |(a, b): &&(NotificationType, NotificationType)| kinds.contains(a) && kinds.contains(b);
        let edges: BTreeSet<_> = edges.iter().filter(inside).copied().collect();
        let mut flow = Self { kinds: kinds.iter().copied().collect(), edges };
        let depths: Vec<_> = flow.kinds.iter().map(|kind| (flow.depth(*kind), *kind)).collect();
        let mut ordered = depths;
        ordered.sort();
        flow.kinds = ordered.into_iter().map(|(_, kind)| kind).collect();
        flow
    }

    /// Webhooks on the longest way up to this one.
    pub(super) fn depth(&self, kind: NotificationType) -> usize {
        self.depth_within(kind, self.kinds.len())
    }

    fn depth_within(&self, kind: NotificationType, steps: usize) -> usize {
        let Some(steps) = steps.checked_sub(1) else { return 0 };
        let before = self.edges.iter().filter(|(_, after)| *after == kind);
        before.map(|(first, _)| 1 + self.depth_within(*first, steps)).max().unwrap_or(0)
    }

    /// The pairs that no way over a third webhook says already.
    pub(super) fn direct(&self) -> Vec<(NotificationType, NotificationType)> {
        let between = |first, after| {
            self.kinds.iter().any(|kind| self.leads(first, *kind) && self.leads(*kind, after))
        };
        self.edges.iter().filter(|(first, after)| !between(*first, *after)).copied().collect()
    }

    fn leads(&self, first: NotificationType, after: NotificationType) -> bool {
        let mut reached = BTreeSet::from([first]);
        for _ in &self.kinds {
            let next = self.edges.iter().filter(|(a, _)| reached.contains(a)).map(|(_, b)| *b);
            let next: Vec<_> = next.collect();
            reached.extend(next);
        }
        first != after && reached.contains(&after)
    }
}

/// All pairs of the contract. Types that no product needs in combined mode do not occur in it.
fn edges(spec: &Spec, mode: Option<Mode>) -> BTreeSet<(NotificationType, NotificationType)> {
    let mut edges = BTreeSet::new();
    for notification in spec.notifications.values() {
        let Some(kind) = notification.notification_type() else { continue };
        edges.extend(notification.precedes.iter().map(|after| (kind, *after)));
        edges.extend(notification.follows.iter().map(|first| (*first, kind)));
    }
    edges.retain(|(a, b)| mode.is_none_or(|mode| occurs(spec, *a, mode) && occurs(spec, *b, mode)));
    edges
}

/// Whether a type is part of a purchase that is told in this mode.
fn occurs(spec: &Spec, kind: NotificationType, mode: Mode) -> bool {
    let narrowed = spec.products.iter().any(|product| {
        Mode::ALL.map(|mode| product.needs(kind, mode)) == [Need::Required, Need::Optional]
    });
    mode == Mode::Separate || !narrowed
}

#[cfg(test)]
mod tests {
    use hookproof_contract::NotificationType::{
        OrderCanceled, OrderPaid, Payment, Refund, UserValidation,
    };

    use super::*;

    #[track_caller]
    fn check(end: NotificationType, mode: Mode, expected: &[NotificationType]) {
        let flow = Flow::towards(Spec::embedded(), &[end], Some(mode));
        assert_eq!(flow.kinds, expected);
        assert_eq!(flow.direct().len(), expected.len() - 1);
    }

    #[test]
    fn flows_follow_the_contract() {
        check(OrderPaid, Mode::Separate, &[UserValidation, Payment, OrderPaid]);
        check(OrderPaid, Mode::Combined, &[UserValidation, OrderPaid]);
        check(OrderCanceled, Mode::Separate, &[Refund, OrderCanceled]);
        check(OrderCanceled, Mode::Combined, &[OrderCanceled]);
    }

    #[test]
    fn what_comes_before_stands_before() {
        let flow = Flow::whole(Spec::embedded());
        let at = |kind| flow.kinds.iter().position(|it| *it == kind);
        assert!(flow.edges.iter().all(|(first, after)| at(*first) < at(*after)));
    }
}

//! Telling what a script says, and keeping when each delivery was sent and answered.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, future::join_all, stream};

use crate::{
    Stop,
    answer::Reply,
    model::{Outcome, Told},
    purchase::Purchase,
    script::{Line, Script},
    session::Session,
    wire::{Fault, Request},
};

use super::{PERFORMING_MAX, Question};

/// Waits before what was answered 5xx, or not at all, is told again.
const AGAIN: [Duration; 3] =
    [Duration::from_millis(20), Duration::from_millis(100), Duration::from_millis(400)];

/// A script with users, items and ids of its own, and what came of it.
#[derive(Debug)]
pub(super) struct Case {
    pub script: Script,
    pub purchases: Vec<Purchase>,
    pub told: Vec<Sent>,
}

/// One delivery that was made.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    /// What was to be told.
    pub line: Line,
    /// The place of its connection among those of its round.
    pub column: usize,
    /// The place of the replica.
    pub target: usize,
    /// Its times, and what came of it.
    pub told: Told,
    /// The answer in words.
    pub said: String,
    /// When the answer came, or it was given up.
    pub ended: Duration,
    pub request: Request,
}

impl Case {
    pub(super) fn new(
        session: &Session<'_>,
        script: Script,
        users: &[String],
        items: &[String],
    ) -> Self {
        let purchases = script.bought.iter().map(|bought| {
            let user = &users[bought.user % users.len()];
            let lines = bought.items.iter();
            let lines = lines.map(|(item, count)| (items[item % items.len()].clone(), *count));
            session.purchase_of(user, lines.collect())
        });
        let purchases = purchases.collect();
        Self { script, purchases, told: Vec::new() }
    }

    fn request(&self, session: &Session<'_>, line: Line) -> Request {
        let payload = self.purchases[line.purchase].tell(line.kind, self.script.mode);
        session.sign(payload.to_bytes())
    }

    async fn perform(&mut self, session: &Session<'_>, began: Instant) {
        for round in self.script.rounds.clone() {
            match round[..] {
                [line] => self.tell(session, began, line).await,
                _ => self.tell_at_once(session, began, &round).await,
            }
        }
        self.tell_again(session, began).await;
    }

    async fn tell(&mut self, session: &Session<'_>, began: Instant, line: Line) {
        let request = self.request(session, line);
        let sent = began.elapsed();
        let target = session.replica(line.target);
        let came = session.send_to(target, &request).await;
        self.keep((line, 0, target), (sent, began.elapsed()), &came, request);
    }

    /// Tells all of a round at the same moment, each on a connection of its own.
    async fn tell_at_once(&mut self, session: &Session<'_>, began: Instant, round: &[Line]) {
        let mut held = Vec::with_capacity(round.len());
        for (column, line) in round.iter().enumerate() {
            let request = self.request(session, *line);
            let target = session.replica(line.target);
            // A target that takes few connections is told with as many as it takes.
            if let Ok(ready) = session.run.wire.hold(target, &request).await {
                held.push((*line, column, target, request, ready));
            }
        }
        let telling = held.into_iter().map(|(line, column, target, request, ready)| async move {
            let (started, sent) = (Instant::now(), began.elapsed());
            let came = ready.release().await;
            session.trace.sent(started, target, &request, &came);
            ((line, column, target), (sent, began.elapsed()), came, request)
        });
        for (line, times, came, request) in join_all(telling).await {
            self.keep(line, times, &came, request);
        }
    }

    /// What was answered 5xx, or not at all, comes again, as Xsolla would send it, until it is answered.
    async fn tell_again(&mut self, session: &Session<'_>, began: Instant) {
        for wait in AGAIN {
            let open = self.unanswered();
            if open.is_empty() {
                return;
            }
            tokio::time::sleep(wait).await;
            for line in open {
                self.tell(session, began, line).await;
            }
        }
    }

    /// Whether another delivery of the same event was acknowledged.
    pub(super) fn settled(&self, sent: &Sent) -> bool {
        let same = |other: &&Sent| {
            other.line.purchase == sent.line.purchase && other.line.kind == sent.line.kind
        };
        let mut others = self.told.iter().filter(same);
        others.any(|other| other.told.outcome == Outcome::Acknowledged)
    }

    /// What was never answered but with "later", or not at all.
    pub(super) fn unanswered(&self) -> Vec<Line> {
        let mut open: Vec<Line> = Vec::new();
        for sent in self.told.iter().filter(|sent| sent.told.outcome == Outcome::Unknown) {
            let same =
                |line: &Line| line.purchase == sent.line.purchase && line.kind == sent.line.kind;
            let answered =
                |other: &Sent| same(&other.line) && other.told.outcome != Outcome::Unknown;
            if !open.iter().any(same) && !self.told.iter().any(answered) {
                open.push(sent.line);
            }
        }
        open
    }

    fn keep(
        &mut self,
        (line, column, target): (Line, usize, usize),
        (sent, ended): (Duration, Duration),
        came: &Result<Reply, Fault>,
        request: Request,
    ) {
        let outcome = match came {
            Ok(reply) if reply.is_success() => Outcome::Acknowledged,
            Ok(reply) if reply.is_refusal() && !reply.is_rate_limit() => Outcome::Refused,
            _ => Outcome::Unknown,
        };
        let said = match came {
            Ok(reply) => match reply.code() {
                Some(code) => format!("{} {code}", reply.status),
                None => reply.status.to_string(),
            },
            Err(Fault::Silent(_)) => "no answer".to_owned(),
            Err(_) => "closed".to_owned(),
        };
        let answered = (outcome != Outcome::Unknown).then_some(ended);
        let told = Told { kind: line.kind, mode: self.script.mode, outcome, sent, answered };
        self.told.push(Sent { line, column, target, told, said, ended, request });
    }
}

impl Session<'_> {
    /// The replica at this place, counted round.
    pub(super) fn replica(&self, place: usize) -> usize {
        place % self.run.options.targets.len()
    }

    /// Performs cases one by one, however long it takes.
    pub(super) async fn perform_alone(&self, cases: &mut [Case]) {
        let began = Instant::now();
        for case in cases {
            case.perform(self, began).await;
        }
    }

    /// Performs cases, some of them at the same time; gives those that were begun.
    pub(super) async fn perform(&self, cases: Vec<Case>, width: usize) -> Vec<Case> {
        let began = Instant::now();
        let performing = cases.into_iter().enumerate().map(|(place, mut case)| async move {
            let late = began.elapsed() > PERFORMING_MAX;
            if !late {
                case.perform(self, began).await;
            }
            (place, (!late).then_some(case))
        });
        let mut done: Vec<(usize, Option<Case>)> =
            stream::iter(performing).buffer_unordered(width.max(1)).collect().await;
        done.sort_by_key(|(place, _)| *place);
        done.into_iter().filter_map(|(_, case)| case).collect()
    }
}

/// Whether this was asked in vain: nothing was answered.
pub(super) fn unheard(cases: &[Case]) -> Option<Stop> {
    let mut all = cases.iter().flat_map(|case| &case.told);
    let heard = all.any(|sent| sent.told.outcome != Outcome::Unknown);
    (!heard).then(|| Stop::Inconclusive("no delivery of it was answered in time".to_owned()))
}

impl Question {
    /// All scripts of the question, those that must come out right first.
    pub(super) fn into_scripts(self) -> (usize, usize, Vec<Script>) {
        let twins = self.twins.len();
        (twins, self.width, self.twins.into_iter().chain(self.scripts).collect())
    }
}

//! Asking a question of scripts, and finding the smallest script that is answered wrongly.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use hookproof_contract::{Mode, spec::Level};

use crate::{
    Stop, Violation,
    effects::{Lane, View},
    model::Outcome,
    script::Script,
    session::Session,
};

use super::{
    Case, Question, SCRIPTS_ON_NAMED_ITEMS,
    judge::{Judged, Wrong},
    perform::unheard,
};

/// Items that one script can speak of.
const ITEMS: usize = 2;

/// Smaller scripts that are tried at the same time.
const CANDIDATES_MAX: usize = 16;

/// Times that a script whose deliveries overlap is tried: it may come out right by luck.
const TRIALS_OF_OVERLAPS: usize = 3;

/// Time that may be spent on making a script smaller.
const SHRINKING_MAX: Duration = Duration::from_secs(4);

/// Who buys what, while a question is asked.
struct Stage<'run> {
    mode: Mode,
    lane: Lane<'run>,
    other: Option<Lane<'run>>,
    users: Vec<String>,
}

impl Stage<'_> {
    /// Items for one script: new ones, where any will do.
    fn items(&self, session: &Session<'_>) -> Vec<String> {
        let free: Vec<String> = (0..ITEMS).filter_map(|_| session.free_item(&self.lane)).collect();
        if !free.is_empty() {
            return free;
        }
        let named = [Some(&self.lane), self.other.as_ref()].into_iter().flatten();
        named.map(|lane| lane.sku.clone()).collect()
    }
}

impl<'run> Session<'run> {
    async fn stage(&'run self, mode: Mode) -> Result<Stage<'run>, Stop> {
        let (lane, other) = match self.two_lanes().await {
            Ok((lane, other)) => (lane, Some(other)),
            Err(Stop::NotObservable(_)) => (self.lane().await?, None),
            Err(stop) => return Err(stop),
        };
        let known = &self.run.options.known_users;
        let second = known.iter().find(|user| **user != lane.user);
        let users = [Some(&lane.user), second].into_iter().flatten().cloned().collect();
        Ok(Stage { mode, lane, other, users })
    }

    /// Performs the scripts of one mode and judges them; of what is wrong, tells the smallest.
    pub(super) async fn explained_in(
        &'run self,
        mode: Mode,
        question: Question,
    ) -> Result<(), Stop> {
        let stage = self.stage(mode).await?;
        let (twins, width, mut scripts) = question.into_scripts();
        for script in &scripts[twins..] {
            self.asks(script);
        }
        let free = self.free_item(&stage.lane).is_some();
        if !free {
            scripts.truncate(twins + SCRIPTS_ON_NAMED_ITEMS);
        }
        let at_once = if free { scripts.len() } else { 1 };
        let width = width.min(self.run.width());
        let mut failed: Option<(Case, Wrong)> = None;
        let mut place = 0;
        for batch in scripts.chunks(at_once.max(1)) {
            for (case, wrong) in
                self.judged(&stage, batch, (twins.saturating_sub(place), width), false).await?
            {
                let twin = place < twins;
                place += 1;
                if twin {
                    let refused = case
                        .told
                        .iter()
                        .find(|sent| sent.told.outcome == Outcome::Refused && !case.settled(sent));
                    let reason = match (&wrong, refused) {
                        (Some(wrong), _) => wrong.actual(),
                        (None, Some(sent)) => {
                            format!("`{}` is answered {}", sent.told.kind, sent.said)
                        }
                        (None, None) => continue,
                    };
                    return Err(Stop::Inconclusive(format!(
                        "told alone, or one after another, it is not handled as it should be \
                         either ({reason}); see the checks of orders-*, refunds-* and idempotency-*"
                    )));
                }
                let Some(wrong) = wrong else { continue };
                let binds = |(case, wrong): &(Case, Wrong)| self.binds(wrong.clause(&case.script));
                let found = (case, wrong);
                if failed.as_ref().is_none_or(|known| !binds(known) && binds(&found)) {
                    failed = Some(found);
                }
            }
        }
        let Some((case, wrong)) = failed else { return Ok(()) };
        let (case, wrong, trials) = self.smallest_of(&stage, case, wrong).await?;
        Err(self.told_wrong(&case, &wrong, trials))
    }

    /// Performs scripts, the first of them alone, and says of each what is wrong with what it left.
    async fn judged(
        &'run self,
        stage: &Stage<'run>,
        scripts: &[Script],
        (alone, width): (usize, usize),
        brief: bool,
    ) -> Result<Vec<(Case, Option<Wrong>)>, Stop> {
        let mut cases: Vec<Case> = scripts
            .iter()
            .map(|script| Case::new(self, script.clone(), &stage.users, &stage.items(self)))
            .collect();
        let users: BTreeSet<String> =
            cases.iter().flat_map(|case| &case.purchases).map(|one| one.user.clone()).collect();
        let users: Vec<String> = users.into_iter().collect();
        let mut before: BTreeMap<String, View> = BTreeMap::new();
        for user in &users {
            let view = self.effects()?.look(user).await.map_err(Stop::Broken)?;
            before.insert(user.clone(), view.as_ref().clone());
        }
        let later = cases.split_off(alone.min(cases.len()));
        self.perform_alone(&mut cases).await;
        cases.extend(self.perform(later, width).await);
        if let Some(stop) = unheard(&cases) {
            return Err(stop);
        }
        let world = self.world(stage.mode);
        let judged: Vec<Judged> =
            cases.iter().map(|case| Judged::of(case, world, &before)).collect();
        let views = self.look_at(&users, &judged, brief).await?;
        let wrong = judged
            .iter()
            .map(|one| views.iter().find_map(|(user, view)| one.wrong(user, view)))
            .collect::<Vec<_>>();
        Ok(cases.into_iter().zip(wrong).collect())
    }

    /// The smallest script found that still goes wrong: fewer deliveries first, then simpler purchases.
    async fn smallest_of(
        &'run self,
        stage: &Stage<'run>,
        mut case: Case,
        mut wrong: Wrong,
    ) -> Result<(Case, Wrong, usize), Stop> {
        let started = Instant::now();
        let free = self.free_item(&stage.lane).is_some();
        let clause = wrong.clause(&case.script);
        let mut trials = 1;
        for smaller in [Script::shorter, Script::simpler] {
            loop {
                let copies = if case.script.overlaps() { TRIALS_OF_OVERLAPS } else { 1 };
                let mut candidates = smaller(&case.script);
                candidates.truncate(CANDIDATES_MAX);
                let candidates: Vec<Script> =
                    candidates.iter().flat_map(|one| vec![one.clone(); copies]).collect();
                let width = if copies > 1 { 2 } else { self.run.width() };
                let mut found = None;
                for batch in candidates.chunks(if free { candidates.len().max(1) } else { 1 }) {
                    if started.elapsed() > SHRINKING_MAX || found.is_some() {
                        break;
                    }
                    self.trace.forget();
                    for (case, wrong) in self.judged(stage, batch, (0, width), true).await? {
                        trials += 1;
                        let Some(wrong) = wrong else { continue };
                        if found.is_none() && wrong.clause(&case.script) == clause {
                            found = Some((case, wrong));
                        }
                    }
                }
                match found {
                    Some(smaller) => (case, wrong) = smaller,
                    None => break,
                }
            }
        }
        // Once more alone, so that the steps of the report are those of this script and no other.
        self.trace.forget();
        let copies = if case.script.overlaps() { TRIALS_OF_OVERLAPS } else { 1 };
        for _ in 0..copies {
            let alone =
                self.judged(stage, std::slice::from_ref(&case.script), (0, 1), true).await?;
            trials += 1;
            for (again, found) in alone {
                if let Some(found) = found.filter(|one| one.clause(&again.script) == clause) {
                    return Ok((again, found, trials));
                }
            }
        }
        Ok((case, wrong, trials))
    }

    /// Whether a clause is one that must be kept: of several that are broken it is told first.
    fn binds(&self, clause: &str) -> bool {
        self.run.spec.clauses.get(clause).is_some_and(|clause| clause.level == Level::Must)
    }

    fn told_wrong(&self, case: &Case, wrong: &Wrong, trials: usize) -> Stop {
        let clause = wrong.clause(&case.script);
        let Some(last) = case.told.last() else {
            return Stop::Broken("nothing was told, and something is wrong".to_owned());
        };
        let actual = format!(
            "{} after {} deliveries (the smallest of {trials} trials that showed it)",
            wrong.actual(),
            case.told.len()
        );
        let stop = self.violation(clause, wrong.expected(), actual, &last.request);
        let Stop::Violation(found) = stop else { return stop };
        let timeline = Some(case.drawn(wrong));
        Stop::from(Violation { timeline, ..*found })
    }
}

//! From the journal back to the state that a listener had.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Habit, Persist,
    record::{Mark, Record},
};
use crate::{behaviour::Behaviour, game::Game};

/// What a journal tells of earlier processes.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// Keys of the events that they accepted.
    pub(crate) known: BTreeSet<String>,
    /// Keys of the events that they began to work on, and no more.
    pub(crate) left: BTreeSet<String>,
    /// Events that they accepted, and that have not had their effects.
    pub(crate) waiting: Vec<Record>,
    /// How many events had their effects.
    pub(crate) rows: usize,
    /// How many processes there were.
    pub(crate) starts: usize,
}

/// The state after these records, of which the last says that this process was started.
pub(crate) fn replay(behaviour: &Behaviour, persist: &Persist, records: &[Record]) -> (Game, Past) {
    let (mut game, mut past) = (Game::default(), Past::default());
    let mut of_this_process = Vec::new();
    let mut waiting: BTreeMap<String, (usize, Record)> = BTreeMap::new();
    for (place, record) in records.iter().enumerate() {
        let key = record.key.clone().unwrap_or_default();
        match record.mark {
            Some(Mark::Started) => {
                for record in
                    of_this_process.drain(..).filter(|_| persist.habit == Some(Habit::Requeues))
                {
                    Record::apply(record, behaviour, &mut game);
                }
                (persist.restarted)(&mut game);
                if let Some(cell) = behaviour.cell {
                    cell.restarted(&mut game);
                }
                past.starts += 1;
                continue;
            }
            Some(Mark::Begun) => {
                past.left.insert(key);
                continue;
            }
            Some(Mark::Applied) => {
                if let Some((_, record)) = waiting.remove(&key) {
                    record.apply(behaviour, &mut game);
                }
                continue;
            }
            None => (),
        }
        past.left.remove(&key);
        past.known.extend(record.key.clone());
        past.rows += usize::from(record.event.is_some());
        if persist.habit == Some(Habit::Queues) && record.event.is_some() {
            game.done.extend(record.key.clone());
            waiting.insert(key, (place, record.clone()));
        } else if behaviour
            .cell
            .zip(record.event.as_ref())
            .is_some_and(|(cell, event)| cell.loses_effects(event))
        {
            game.done.extend(record.key.clone());
        } else {
            record.apply(behaviour, &mut game);
            of_this_process.push(record);
        }
    }
    let mut waiting: Vec<_> = waiting.into_values().collect();
    waiting.sort_by_key(|(place, _)| *place);
    past.waiting = waiting.into_iter().map(|(_, record)| record).collect();
    (game, past)
}

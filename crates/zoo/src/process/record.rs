//! A line of the journal: an event's key, its effects, or both.

use serde_json::{Map, Value, json};

use crate::{behaviour::Behaviour, event::Event, game, game::Game};

/// What one line says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// This event is not to have its effects again.
    pub(crate) key: Option<String>,
    /// This event has its effects.
    pub(crate) event: Option<Event>,
    /// How many of its effects.
    pub(crate) share: Share,
    /// Something else that happened, to the event of the key if there is one.
    pub(crate) mark: Option<Mark>,
}

/// How many of an event's effects a line stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Share {
    /// All.
    #[default]
    Whole,
    /// Half of every quantity.
    Half,
    /// The rest after half of every quantity.
    Rest,
}

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A process was started.
    Started,
    /// The handling of an event was begun.
    Begun,
    /// An event that waited had its effects.
    Applied,
}

/// Names of the marks in the journal.
const MARKS: [(&str, Mark); 3] =
    [("started", Mark::Started), ("begun", Mark::Begun), ("applied", Mark::Applied)];
/// Names of the shares in the journal.
const SHARES: [(&str, Share); 2] = [("half", Share::Half), ("rest", Share::Rest)];

impl Record {
    /// No more than a mark.
    pub(crate) fn of_mark(mark: Mark, key: Option<&str>) -> Self {
        Self { mark: Some(mark), key: key.map(str::to_owned), ..Self::default() }
    }

    /// No more than a key.
    pub(crate) fn of_key(key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..Self::default() }
    }

    /// Effects, and the key where there is one.
    pub(crate) fn of_event(key: Option<&str>, event: &Event, share: Share) -> Self {
        let (key, event) = (key.map(str::to_owned), Some(event.clone()));
        Self { key, event, share, mark: None }
    }

    /// Lets it count in memory: the same at the first time and when it is read again.
    pub(crate) fn apply(&self, behaviour: &Behaviour, game: &mut Game) {
        if let Some(event) = &self.event {
            if self.share != Share::Half {
                (behaviour.effects)(game, event);
            }
            match self.share {
                Share::Whole => (),
                Share::Half => move_half(game, event, |game, user, sku, half| {
                    game.grant(user, sku, half);
                }),
                Share::Rest => move_half(game, event, |game, user, sku, half| {
                    game.take_back(user, &[(sku.to_owned(), half)]);
                }),
            }
        }
        game.done.extend(self.key.clone());
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut members = Map::new();
        if let Some(key) = &self.key {
            members.insert("key".to_owned(), json!(key));
        }
        if let Some(event) = &self.event {
            members.insert("event".to_owned(), event.json.clone());
            members.insert("user".to_owned(), json!(event.user));
        }
        if let Some((name, _)) = MARKS.iter().find(|(_, mark)| Some(*mark) == self.mark) {
            members.insert("mark".to_owned(), json!(name));
        }
        if let Some((name, _)) = SHARES.iter().find(|(_, share)| *share == self.share) {
            members.insert("share".to_owned(), json!(name));
        }
        Value::Object(members)
    }

    pub(crate) fn from_json(json: &Value) -> Option<Self> {
        let text = |name: &str| json.get(name).and_then(Value::as_str);
        let event = json.get("event").map(|event| {
            let body = event.to_string().into_bytes();
            let read = Event::read(&body, &body).ok()?;
            Some(Event { user: text("user").map(str::to_owned), ..read })
        });
        let mark = text("mark")
            .map(|own| MARKS.iter().find_map(|(name, mark)| (*name == own).then_some(*mark)));
        let share = text("share")
            .map(|own| SHARES.iter().find_map(|(name, share)| (*name == own).then_some(*share)));
        Some(Self {
            key: text("key").map(str::to_owned),
            event: event.map_or(Some(None), |event| event.map(Some))?,
            share: share.map_or(Some(Share::Whole), |share| share)?,
            mark: mark.map_or(Some(None), |mark| mark.map(Some))?,
        })
    }
}

/// Half of what an order grants, rounded down, is given or taken.
fn move_half(game: &mut Game, event: &Event, change: impl Fn(&mut Game, &str, &str, u64)) {
    let Some(user) = event.user.as_deref().filter(|_| event.kind == "order_paid") else { return };
    for (sku, quantity) in game::lines(event) {
        change(game, user, &sku, quantity / 2);
    }
}

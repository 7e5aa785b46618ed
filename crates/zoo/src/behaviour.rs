//! What a listener does at each step of a request: the right thing, unless a hook says otherwise.

use std::time::Duration;

use hookproof_contract::ErrorCode;
use serde_json::Value;

use crate::{
    cells::Cell,
    event::Event,
    front::Front,
    game::{self, Game, Seen},
    process::{Persist, Process},
    questions, right,
    wire::{Answer, Delivery},
};

/// The hooks of a listener, in the order in which a request meets them.
///
/// The default is the right listener. A fault or an oddity is the default with one hook changed.
#[derive(Debug, Clone, Copy)]
pub struct Behaviour {
    /// How requests are read and answers are written.
    pub(crate) front: Front,
    /// Refuses what is no delivery at all: other methods, other media types.
    pub(crate) gate: fn(&Delivery) -> Result<(), Refusal>,
    /// What comes first: verifying, parsing or acting.
    pub(crate) steps: Steps,
    /// Is the request signed?
    pub(crate) verify: fn(&Delivery, &mut Game) -> Result<(), Refusal>,
    /// May the request come in although it is not signed?
    pub(crate) unsigned: fn(&Delivery) -> bool,
    /// The text that is parsed, made of the bytes that were received.
    pub(crate) text: fn(&[u8]) -> Vec<u8>,
    /// Refuses an event for what it contains.
    pub(crate) vet: fn(&Event) -> Result<(), Refusal>,
    /// Whom an event is about.
    pub(crate) user: fn(&Event) -> Option<String>,
    /// Does the game have that user?
    pub(crate) knows: fn(&str) -> bool,
    /// Answers a `user_validation`, knowing whether the game has the user.
    pub(crate) validate: fn(&mut Game, &Event, bool) -> Result<(), Refusal>,
    /// Answers a question whose success has a body, knowing whether the game has the user, if one
    /// was named.
    pub(crate) inform: fn(&mut Game, &Event, Option<bool>) -> Result<Value, Refusal>,
    /// What two deliveries of one event have in common, and no two events. An event without a key
    /// is never taken for a repeat.
    pub(crate) key: fn(&Event) -> Option<String>,
    /// How repeats are kept from having effects.
    pub(crate) dedupe: Dedupe,
    /// Looks at the game first and changes it a little later, where others change it in between.
    pub(crate) race: Option<Race>,
    /// Refuses a new event for the state that the game is in.
    pub(crate) objects: fn(&Game, &Event) -> Result<(), Refusal>,
    /// What an event changes in the game.
    pub(crate) effects: fn(&mut Game, &Event),
    /// How long after the answer the effects show.
    pub(crate) effects_after: Duration,
    /// Refuses some events the first time, for want of capacity.
    pub(crate) sheds_load: bool,
    /// Trouble that passes, if it has any.
    pub(crate) trouble: Option<&'static Trouble>,
    /// Answers one request before it looks at the next.
    pub(crate) one_at_a_time: bool,
    /// How long the answer takes.
    pub(crate) pause: fn(&Outcome) -> Duration,
    /// The answer to what came of the request.
    pub(crate) render: fn(&Delivery, &Outcome) -> Answer,
    /// What the probe shows of a user.
    pub(crate) view: fn(&Game, &str) -> Answer,
    /// How it lives as a process, if that is special. In memory it makes no difference.
    pub(crate) process: Option<&'static Process>,
    /// How it keeps events, if that is special. In memory nothing is kept.
    pub(crate) persist: Option<&'static Persist>,
    /// The rule that it breaks for one type, if it is a cell of the matrix.
    pub(crate) cell: Option<&'static Cell>,
    /// Processes that serve one game, each at an address of its own.
    pub(crate) replicas: usize,
}

impl Behaviour {
    /// The same, served by several processes.
    #[must_use]
    pub const fn on_replicas(self, replicas: usize) -> Self {
        Self { replicas, ..self }
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            front: Front::Axum,
            gate: right::gate,
            steps: Steps::VerifyThenParse,
            verify: right::verify,
            unsigned: right::unsigned,
            text: <[u8]>::to_vec,
            vet: |_| Ok(()),
            user: right::user,
            knows: right::knows,
            validate: right::validate,
            inform: questions::inform,
            key: right::key,
            dedupe: Dedupe::Atomic,
            race: None,
            objects: |_, _| Ok(()),
            effects: game::effects,
            effects_after: Duration::ZERO,
            sheds_load: false,
            trouble: None,
            one_at_a_time: false,
            pause: |_| Duration::ZERO,
            render: right::render,
            view: right::view,
            cell: None,
            replicas: 1,
            process: None,
            persist: None,
        }
    }
}

impl Behaviour {
    /// The right listener, which keeps its events in another way.
    pub(crate) fn keeping(persist: &'static Persist) -> Self {
        Self { persist: Some(persist), ..Self::default() }
    }

    /// The right listener with another life as a process.
    pub(crate) fn living(process: &'static Process) -> Self {
        Self { process: Some(process), ..Self::default() }
    }
}

/// Trouble that passes, during which a listener asks to come again.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trouble {
    /// One event is written at a time, and takes so long.
    OneWriter(Duration),
    /// It is replaced by a new version so long after its start, which takes a while.
    Deployed { after: Duration, takes: Duration },
}

/// What a listener does with bytes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Steps {
    /// The right order: unproven bytes get no parser.
    VerifyThenParse,
    /// A malformed body is refused as such, whoever sent it.
    ParseThenVerify,
    /// The effects are there before the signature is looked at.
    ActThenVerify,
}

/// How repeats are kept from having effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dedupe {
    /// The right way: looking up, recording and acting are one step.
    Atomic,
    /// Every delivery counts.
    Never,
    /// Look up first, act a little later: copies at once all find nothing.
    CheckThenAct,
    /// A repeat is refused.
    RefuseRepeats,
    /// A repeat is refused while the first delivery is being worked on.
    RefuseWhileBusy,
}

/// An event that is handled in two steps, between which others are handled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Race {
    /// Which events are handled so.
    pub(crate) on: fn(&Event) -> bool,
    /// What is noted in the first step.
    pub(crate) read: fn(&mut Game, &Event),
    /// What is changed in the second, by what was seen in the first.
    pub(crate) write: fn(&mut Game, &Event, &Seen),
}

/// Why a request is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The signature is missing or wrong.
    Signature,
    /// The body is no JSON object.
    NoJson,
    /// The event does not say what it is.
    NoType,
    /// A member is missing or malformed.
    Parameter,
    /// The game does not have the user.
    User,
    /// The game does not have the user about whom a page of the store asks.
    Visitor,
    /// The game does not have the order or the payment.
    Invoice,
    /// There is no such page.
    Path,
    /// The request is no POST.
    Method,
    /// The listener considers the event done already.
    Conflict,
    /// The body is too large.
    TooLarge,
    /// The media type is none of the listener's.
    MediaType,
    /// The program met an exception.
    Crash,
    /// Not now.
    Busy,
}

impl Refusal {
    /// Refuses what is not as it is wanted.
    pub(crate) const fn unless(wanted: bool) -> Result<(), Self> {
        if wanted { Ok(()) } else { Err(Self::Parameter) }
    }
}

impl Refusal {
    /// The status of the right answer.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Signature
            | Self::NoJson
            | Self::NoType
            | Self::Parameter
            | Self::User
            | Self::Invoice => 400,
            Self::Visitor | Self::Path => 404,
            Self::Method => 405,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::MediaType => 415,
            Self::Crash => 500,
            Self::Busy => 503,
        }
    }

    /// The code of the right answer; a fault of the listener's own has none.
    pub(crate) const fn code(self) -> Option<ErrorCode> {
        match self {
            Self::Signature => Some(ErrorCode::InvalidSignature),
            Self::User | Self::Visitor => Some(ErrorCode::InvalidUser),
            Self::Invoice => Some(ErrorCode::IncorrectInvoice),
            Self::NoJson
            | Self::NoType
            | Self::Parameter
            | Self::Path
            | Self::Method
            | Self::Conflict
            | Self::TooLarge
            | Self::MediaType => Some(ErrorCode::InvalidParameter),
            Self::Crash | Self::Busy => None,
        }
    }

    /// Is the event itself malformed?
    pub(crate) const fn is_malformed(self) -> bool {
        matches!(self, Self::NoJson | Self::NoType | Self::Parameter)
    }
}

/// What came of a request.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// The event, if the request got so far.
    pub(crate) event: Option<Event>,
    /// Accepted, or why not.
    pub(crate) result: Result<(), Refusal>,
    /// What a question is answered with, if it was one and is accepted.
    pub(crate) told: Option<Value>,
}

impl Outcome {
    /// The type of the event, or nothing.
    pub(crate) fn kind(&self) -> &str {
        self.event.as_ref().map_or("", |event| &event.kind)
    }

    /// Was it the Web Shop that asked?
    pub(crate) fn is_web_shops(&self) -> bool {
        self.event.as_ref().is_some_and(|event| event.web_shop)
    }
}

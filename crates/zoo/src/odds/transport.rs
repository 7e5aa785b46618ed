//! Listeners that are odd in how they read a request off the wire, and in how they frame an answer.

use hookproof_contract::signature;
use serde_json::Value;

use super::Odd;
use crate::{
    behaviour::{Behaviour, Refusal},
    event::Event,
    faults::Asks,
    front::{Closing, Front, Raw, Reads},
    game::{self, Game},
    right,
    wire::Delivery,
};

/// The odd ones of this kind.
pub(super) static ODDS: &[Odd] = &[
    Odd {
        slug: "chunks-are-411",
        completes: "refuses requests that come in chunks with 411",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { reads: Reads::LengthRequired, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "two-authorizations-refused",
        completes: "refuses a request with two headers `Authorization` as malformed",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { gate: with_one_authorization, ..Behaviour::default() },
    },
    Odd {
        slug: "bodies-to-256-kib",
        completes: "refuses bodies beyond 256 KiB",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { gate: of_256_kib, ..Behaviour::default() },
    },
    Odd {
        slug: "early-hints",
        completes: "sends an interim answer before each answer",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { hints: true, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "last-authorization-counts",
        completes: "looks at the last of several headers `Authorization`",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { verify: by_the_last, ..Behaviour::default() },
    },
    Odd {
        slug: "any-authorization-counts",
        completes: "accepts one right signature among several",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { verify: by_any, ..Behaviour::default() },
    },
    Odd {
        slug: "closes-after-refusals",
        completes: "closes the connection after each refusal and says so",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { closing: Closing::AfterRefusals, ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "ids-by-pattern",
        completes: "refuses user ids with other characters than letters, digits and dashes before it looks",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { vet: with_plain_ids, ..Behaviour::default() },
    },
    Odd {
        slug: "nesting-to-64",
        completes: "refuses JSON that is nested more than 64 levels deep",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { vet: of_64_levels, ..Behaviour::default() },
    },
    Odd {
        slug: "stacks-to-60000",
        completes: "holds at most 60000 of an article",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { effects: with_small_stacks, ..Behaviour::default() },
    },
    Odd {
        slug: "more-headers",
        completes: "sets a cookie and names its server with each answer",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            front: Front::Raw(Raw {
                extra: &[
                    ("Server", "example/1.0"),
                    ("Set-Cookie", "id=1; Path=/"),
                    ("X-Request-Id", "7"),
                ],
                ..Raw::default()
            }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "no-reason-phrase",
        completes: "says no word after the status",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour {
            front: Front::Raw(Raw { reason: "", ..Raw::default() }),
            ..Behaviour::default()
        },
    },
    Odd {
        slug: "splits-the-header-at-blanks",
        completes: "takes the second word of the header for the signature, whatever follows",
        asks: Asks::EVERYTHING,
        behaviour: || Behaviour { verify: by_the_second_word, ..Behaviour::default() },
    },
];

/// The largest body of one of the listeners.
const BODY_BYTES_MAX: usize = 256 << 10;
/// The deepest JSON of one of the listeners.
const LEVELS_MAX: usize = 64;
/// The most of one article that one of the listeners holds.
const STACK_MAX: u64 = 60_000;

fn authorizations(delivery: &Delivery) -> impl Iterator<Item = &[u8]> {
    let named = |name: &str| name.eq_ignore_ascii_case("authorization");
    let found = delivery.headers.iter().filter(move |(name, _)| named(name));
    found.map(|(_, value)| value.as_slice())
}

fn with_one_authorization(delivery: &Delivery) -> Result<(), Refusal> {
    right::gate(delivery)?;
    Refusal::unless(authorizations(delivery).count() <= 1)
}

fn of_256_kib(delivery: &Delivery) -> Result<(), Refusal> {
    right::gate(delivery)?;
    if delivery.body.len() > BODY_BYTES_MAX { Err(Refusal::TooLarge) } else { Ok(()) }
}

fn verdict(delivery: &Delivery, value: Option<&[u8]>) -> Result<(), Refusal> {
    signature::verify(&delivery.body, value, &[right::secret()]).map_err(|_| Refusal::Signature)
}

fn by_the_last(delivery: &Delivery, _: &mut Game) -> Result<(), Refusal> {
    verdict(delivery, authorizations(delivery).last())
}

fn by_any(delivery: &Delivery, _: &mut Game) -> Result<(), Refusal> {
    let listed = |value| <[u8]>::split(value, |byte| *byte == b',').map(<[u8]>::trim_ascii);
    let mut all = authorizations(delivery).flat_map(listed);
    let any = all.any(|value| verdict(delivery, Some(value)).is_ok());
    if any { Ok(()) } else { Err(Refusal::Signature) }
}

fn by_the_second_word(delivery: &Delivery, _: &mut Game) -> Result<(), Refusal> {
    let mut words = delivery.authorization().unwrap_or_default().split(' ');
    let value = [words.next().unwrap_or_default(), words.next().unwrap_or_default()].join(" ");
    verdict(delivery, Some(value.as_bytes()))
}

fn with_plain_ids(event: &Event) -> Result<(), Refusal> {
    let user = right::user(event).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    Refusal::unless(user.chars().all(plain))
}

fn of_64_levels(event: &Event) -> Result<(), Refusal> {
    Refusal::unless(levels(&event.json) <= LEVELS_MAX)
}

fn levels(value: &Value) -> usize {
    let deepest = match value {
        Value::Array(items) => items.iter().map(levels).max(),
        Value::Object(members) => members.values().map(levels).max(),
        _ => return 0,
    };
    deepest.unwrap_or(0) + 1
}

fn with_small_stacks(game: &mut Game, event: &Event) {
    game::effects(game, event);
    game.items.values_mut().for_each(|held| *held = STACK_MAX.min(*held));
}

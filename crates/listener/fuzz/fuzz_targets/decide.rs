//! What a notification means depends on what it says alone, and what is recorded under a key is what the
//! key says (clauses IDEM-01 to IDEM-10).
#![no_main]

use std::{collections::BTreeSet, sync::LazyLock};

use hookproof_contract::NotificationType;
use hookproof_listener::{DemoGame, internals::parse};
use hookproof_listener_fuzz::{spread, with_news};
use libfuzzer_sys::fuzz_target;

static GAME: LazyLock<DemoGame> = LazyLock::new(|| DemoGame::new(BTreeSet::new()));

/// Types that count by what came last, and so have no key.
const KEYLESS: [NotificationType; 3] = [
    NotificationType::AfsBlackList,
    NotificationType::PaymentAccountAdd,
    NotificationType::PaymentAccountRemove,
];

fuzz_target!(|body: &[u8]| {
    let Ok(read) = parse(body) else { return };
    let decided = read.decide(&GAME);
    let again = with_news(&spread(body));
    let again = parse(&again).expect("it says the same");
    assert_eq!(again.decide(&GAME), decided);

    let Ok(decided) = decided else { return };
    let Some(kind) = decided.records() else {
        assert_eq!(decided.key(), None);
        return;
    };
    assert_eq!(read.kind(), Some(kind), "an event is of the type that told of it");
    match decided.key() {
        Some((of, number, _)) => {
            assert!(of == kind && number >= 0, "{of} {number}");
            assert!(!KEYLESS.contains(&kind));
        }
        None => assert!(KEYLESS.contains(&kind), "{kind} has no key"),
    }
});

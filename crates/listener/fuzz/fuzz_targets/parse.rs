//! Whatever is read as a notification is one JSON object, and is read alike each time and however it
//! is spaced; what is refused is refused in our own words.
#![no_main]

use hookproof_listener::internals::parse;
use hookproof_listener_fuzz::{is_blank, spread, squeezed, with_news};
use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;

/// The longest error.
const ERROR_BYTES_MAX: usize = 128;

fuzz_target!(|body: &[u8]| {
    match parse(body) {
        Ok(read) => {
            assert_eq!(parse(body).as_ref(), Ok(&read));
            serde_json::from_slice::<&RawValue>(body).expect("what is read is JSON");
            let first = body.iter().find(|byte| !is_blank(**byte));
            assert_eq!(first, Some(&b'{'), "what is read is an object");
            for same in [squeezed(body), spread(body), with_news(body)] {
                assert_eq!(parse(&same).as_ref(), Ok(&read));
            }
        }
        Err(error) => {
            let said = error.to_string();
            assert!(said.len() <= ERROR_BYTES_MAX && said.is_ascii(), "{said}");
        }
    }
});

//! A signature is accepted exactly where the contract's own sentence says so (clauses SIG-01 to SIG-05).
#![no_main]

use hookproof_contract::{Secret, signature};
use libfuzzer_sys::fuzz_target;
use sha1::{Digest, Sha1};

// The first byte says how the rest is cut into header and body.
fuzz_target!(|bytes: &[u8]| {
    let Some((&cut, rest)) = bytes.split_first() else { return };
    let (header, body) = rest.split_at(rest.len().min(usize::from(cut)));
    let secret = Secret::new("example-project-secret").expect("it is not empty");
    let digest = Sha1::new().chain_update(body).chain_update("example-project-secret").finalize();
    let right = format!("Signature {}", hex::encode(digest)).into_bytes();
    let secrets = [Secret::new("former-secret").expect("it is not empty"), secret];
    let verify = |header: &[u8]| signature::verify(body, Some(header), &secrets).is_ok();

    assert!(verify(&right), "what Xsolla sends is accepted");
    assert_eq!(verify(header), header == right, "nothing else is");
    assert!(signature::verify(body, None, &secrets).is_err(), "and nothing is not");
    // Nearly right: one bit of the header is another.
    let (at, bit) = (usize::from(cut) % right.len(), rest.first().map_or(0, |byte| byte & 7));
    let mut wrong = right.clone();
    wrong[at] ^= 1 << bit;
    assert!(!verify(&wrong), "{}", String::from_utf8_lossy(&wrong));
});

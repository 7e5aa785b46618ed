//! The pinned queries: what must come first, in Rust and in the browser's script.

use std::{
    io::Write,
    process::{Command, Stdio},
    sync::OnceLock,
};

use hookproof_contract::spec::Spec;

use super::*;
use crate::suite::site;

/// What people type, and the place that must be found first.
const PINNED: &[(&str, &str)] = &[
    // The words that found nothing, or the wrong page.
    ("duplicate", "keys.html#duplicates"),
    ("retry", "time.html#retries"),
    ("retries", "time.html#retries"),
    ("timeout", "time.html"),
    ("deadline", "time.html"),
    ("latency", "time.html"),
    ("IP", "network.html"),
    ("IPs", "network.html"),
    ("allowlist", "network.html"),
    ("whitelist", "network.html"),
    ("firewall", "network.html"),
    ("idempotency key", "keys.html"),
    ("dedupe", "keys.html"),
    ("key", "keys.html"),
    ("resend", "time.html#retries"),
    ("redelivery", "time.html#retries"),
    ("toggle", "settings.html"),
    ("advanced settings", "settings.html"),
    ("rotate", "secret.html"),
    ("regenerate", "secret.html"),
    ("secret", "secret.html"),
    ("ngrok", "testing-locally.html#tunnel"),
    ("webhook.site", "testing-locally.html#inspector"),
    ("local testing", "testing-locally.html"),
    ("double refund", "keys.html#refund-twice"),
    ("duplicate answer", "keys.html#duplicates"),
    ("order of events", "flows.html"),
    ("which order", "flows.html"),
    ("raw body", "index.html#signing"),
    ("refund before payment", "flows.html#out-of-order"),
    ("already processed", "keys.html#duplicates"),
    ("commit", "time.html#commit"),
    ("background", "time.html#background"),
    ("409", "what-to-answer.html#statuses"),
    ("500", "what-to-answer.html#down"),
    ("204", "what-to-answer.html#statuses"),
    // The program.
    ("hookproof.toml", "tool/settings-file.html"),
    ("baseline", "tool/baseline.html"),
    ("exit code", "tool/exit-codes.html"),
    ("install", "tool/start.html"),
    ("getting started", "tool/start.html"),
    ("probe", "tool/probe.html"),
    ("probe schema", "tool/probe.html#schema"),
    ("spawn", "tool/spawn.html"),
    ("fastapi", "tool/languages.html#fastapi"),
    ("flask", "tool/languages.html#flask"),
    ("python", "tool/languages.html"),
    ("node", "tool/languages.html#express"),
    ("express", "tool/languages.html#express"),
    ("php", "tool/languages.html#php"),
    ("golang", "tool/languages.html#go"),
    ("rust", "tool/languages.html#rest"),
    ("docker", "tool/ci.html#docker"),
    ("github actions", "tool/ci.html#github-actions"),
    ("CI", "tool/ci.html"),
    ("report", "tool/reports.html"),
    ("junit", "tool/reports.html"),
    ("environment variable", "tool/settings-file.html#environment"),
    ("replay", "tool/reports.html#replay"),
    // Questions, as people ask them.
    ("what do I answer to a duplicate?", "keys.html#duplicates"),
    ("how long do I have?", "time.html"),
    ("which IPs?", "network.html"),
    ("what order do events come in?", "flows.html"),
    ("which id is the key?", "keys.html"),
    ("what if a refund comes twice?", "keys.html#refund-twice"),
    ("what does a switch change?", "settings.html"),
    ("my secret was regenerated", "secret.html"),
    ("database is down", "what-to-answer.html#down"),
    // Ids and names are found under themselves.
    ("SIG-01", "clauses/signature.html#SIG-01"),
    ("CON-05", "contradictions.html#CON-05"),
    ("order_paid", "types/order_paid.html"),
    ("order paid", "types/order_paid.html"),
    ("payment", "types/payment.html"),
    ("refund", "types/refund.html"),
    ("partial refund", "types/partial_refund.html"),
    ("chargeback", "types/dispute.html"),
    ("INVALID_SIGNATURE", "errors.html#INVALID_SIGNATURE"),
    ("signature", "clauses/signature.html"),
    ("hmac", "clauses/signature.html"),
    ("body-reserialized", "diagnoses.html#body-reserialized"),
    ("signature-accepts-valid", "checks.html#signature-accepts-valid"),
    ("test area", "test-area.html"),
    ("sandbox", "test-area.html"),
    ("test vectors", "vectors.html"),
    ("setup", "setup.html"),
    ("automatic refund", "what-to-answer.html#money"),
    ("unknown user", "what-to-answer.html#refusals"),
    // Xsolla's own pages in other languages.
    ("Webhooks einrichten", "setup.html"),
    ("Configurar webhooks (Buy Button)", "setup.html"),
    ("Webhooks: Überblick", "types/index.html"),
    ("Benutzervalidierung", "types/user_validation.html"),
    ("Erweiterte Einstellungen", "settings.html"),
    ("Rückerstattung", "types/refund.html"),
    ("Validação do usuário", "types/user_validation.html"),
    // A letter wrong, or half a word.
    ("duplciate", "keys.html#duplicates"),
    ("idempotncy key", "keys.html"),
    ("timeuot", "time.html"),
    ("allowlst", "network.html"),
    ("whitelistt", "network.html"),
    ("basline", "tool/baseline.html"),
    ("exit cod", "tool/exit-codes.html"),
    ("regenerat", "secret.html"),
    // More words than the alias has.
    ("duplicate webhook", "keys.html#duplicates"),
    ("retry schedule for payment", "time.html#retries"),
    ("docker image", "tool/ci.html#docker"),
    ("xsolla ip addresses", "network.html"),
    ("python fastapi listener", "tool/languages.html#fastapi"),
];

/// Results that the script and this crate must agree on, from the first on.
const AGREED: usize = 8;

/// Made once: all tests read the same.
fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| site::index(Spec::embedded()))
}

fn places(index: &Index, query: &str) -> Vec<String> {
    index.ranked(query).iter().take(AGREED).map(|found| found.place.clone()).collect()
}

#[test]
fn pinned_queries_find_their_page_first() {
    let index = index();
    let mut wrong = Vec::new();
    for (query, place) in PINNED {
        let found = places(index, query);
        if found.first().map(String::as_str) != Some(place) {
            wrong.push(format!("{query}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "not first:\n{}", wrong.join("\n"));
}

#[test]
fn letters_inside_of_words_are_not_found() {
    let index = index();
    for found in index.ranked("ip") {
        let aliases = found.aliases.join(" ");
        let said = format!("{} {} {} {aliases}", found.title, found.kind, found.text);
        let words = ranking::words(&said);
        assert!(words.iter().any(|word| word.starts_with("ip")), "{found:?}");
    }
}

#[test]
fn aliases_lead_to_what_is_found() {
    let index = index();
    for alias in &Spec::embedded().aliases {
        assert!(index.title_of(&alias.to).is_some(), "{}: nothing is there", alias.to);
    }
}

#[test]
fn aliases_with_the_same_words_lead_to_one_place() {
    let spec = Spec::embedded();
    let mut known: BTreeMap<Vec<String>, &str> = BTreeMap::new();
    for alias in &spec.aliases {
        for phrase in alias.phrases(&spec.sources) {
            let before = known.insert(ranking::phrase(phrase), &alias.to);
            assert!(before.is_none_or(|to| to == alias.to), "{phrase}: {before:?}, {}", alias.to);
        }
    }
}

/// Runs the browser's ranking on all pinned queries; `None` where there is no Node.
fn in_node(index: &Index) -> Option<Vec<Vec<String>>> {
    let queries: Vec<&str> = PINNED.iter().map(|(query, _)| *query).collect();
    let program = format!(
        "{}\n{}\nconst entries = HOOKPROOF_INDEX.map((entry) => ({{ ...entry, ...hookproofRanking.prepared(entry) }}));\n\
         const found = {}.map((query) => hookproofRanking.ranked(entries, query).slice(0, {AGREED}).map((it) => it.u));\n\
         console.log(JSON.stringify(found));\n",
        include_str!("../assets/ranking.js"),
        index.script(),
        serde_json::to_string(&queries).unwrap(),
    );
    let mut node =
        Command::new("node").arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().ok()?;
    node.stdin.take().unwrap().write_all(program.as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success(), "the ranking does not run in Node");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_script_ranks_alike() {
    let index = index();
    let Some(found) = in_node(index) else {
        println!("skipped: there is no `node` to run the browser's ranking");
        return;
    };
    for ((query, _), found) in PINNED.iter().zip(found) {
        assert_eq!(found, places(index, query), "{query}");
    }
}

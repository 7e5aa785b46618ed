//! A report with a check of every status, for the tests of the renderers.

use super::{
    CheckReport, CheckStatus, Confidence, Diagnosis, Pace, Report, RunOptions, SCHEMA, SpecVersion,
    Summary, Tool, Verdict,
};
use crate::{
    check::{Evidence, Violation},
    trace::{Answer, Delivery, Step},
};

pub(crate) fn report() -> Report {
    let checks = vec![
        check("signature-accepts-valid", "SIG-01", CheckStatus::Pass),
        forged(),
        CheckReport {
            level: "should".to_owned(),
            ..check("signature-not-leaked", "SIG-10", CheckStatus::Pass)
        },
        with_body(),
        CheckReport {
            actual: Some("connection refused by 127.0.0.1:8080".to_owned()),
            ..check("answers-complete", "ANS-06", CheckStatus::Error)
        },
        CheckReport {
            actual: Some("the known user was refused too".to_owned()),
            ..check("users-unknown-refused", "USER-02", CheckStatus::Inconclusive)
        },
        granted_twice(),
        unseen("orders-granted", "ORDER-03"),
        unseen("orders-cancel-takes-back", "ORDER-06"),
        not_selected("time-within-three-seconds", "TIME-01"),
        not_selected("sequence-whole-purchase", "SEQ-02"),
    ];
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "hookproof".to_owned(), version: "0.1.0".to_owned() },
        spec: SpecVersion { version: "2026.1".to_owned() },
        target: vec!["http://127.0.0.1:8080/webhook".to_owned()],
        options: options(),
        verdict: Verdict::Nonconformant,
        summary: Summary {
            pass: 2,
            fail: 2,
            warn: 1,
            inconclusive: 1,
            not_observable: 2,
            skipped: 2,
            error: 1,
            known: 0,
        },
        notes: vec!["the target closes the connection after each answer".to_owned()],
        checks,
        diagnoses: vec![Diagnosis {
            cause: "signature-not-checked".to_owned(),
            confidence: Confidence::Certain,
            checks: vec![
                "signature-rejects-flipped-body".to_owned(),
                "idempotency-concurrent-grants-once".to_owned(),
            ],
            text: "The listener does not compare the signature.".to_owned(),
            fix: "Compute SHA-1 over the raw body and the secret, compare it with the header, and \
                  answer 400 with INVALID_SIGNATURE where they differ."
                .to_owned(),
        }],
        duration_ms: 2345,
        requests: 1789,
        pace: Pace { cases: 640, cases_per_second: 272, requests_per_second: 762 },
        stale: Vec::new(),
    }
}

fn options() -> RunOptions {
    RunOptions {
        seed: 42,
        first_id: 7_000_000_000,
        cases: 64,
        jobs: 8,
        timeout_ms: 10_000,
        web_shop: false,
        modes: vec!["separate".to_owned(), "combined".to_owned()],
        types: vec!["user_validation".to_owned(), "payment".to_owned(), "order_paid".to_owned()],
        known_users: vec!["player-1001".to_owned(), "player-2002".to_owned()],
        unknown_user: "test_xsolla_nobody".to_owned(),
        probe: false,
        spawn: false,
        strict: false,
        only: Vec::new(),
        skip: vec!["time-*".to_owned(), "SEQ-02".to_owned()],
        again: vec!["--target".to_owned(), "http://127.0.0.1:8080/webhook".to_owned()],
    }
}

fn check(id: &str, clause: &str, status: CheckStatus) -> CheckReport {
    CheckReport {
        id: id.to_owned(),
        title: format!("does what {id} is about"),
        clauses: vec![clause.to_owned()],
        level: "must".to_owned(),
        status,
        evidence: Evidence::Wire,
        clause: None,
        expected: None,
        actual: None,
        repro: None,
        replay: None,
        seed: None,
        known: None,
        steps: Vec::new(),
        timeline: None,
        listener_output: None,
        warnings: Vec::new(),
        duration_ms: 12,
        cases: 3,
        cases_digest: "0badcafe".to_owned(),
    }
}

fn forged() -> CheckReport {
    CheckReport {
        clauses: vec!["SIG-02".to_owned(), "SIG-05".to_owned()],
        clause: Some("SIG-02".to_owned()),
        expected: Some("4xx with error.code INVALID_SIGNATURE".to_owned()),
        actual: Some("204 with an empty body".to_owned()),
        repro: Some(
            r#"curl -i 'http://127.0.0.1:8080/webhook' -H 'Authorization: Signature 5e82' --data-binary '{"a": "<b>"}'"#
                .to_owned(),
        ),
        steps: vec![
            delivery(
                0,
                r#"{"notification_type":"user_validation","user":{"id":"player-1001"}}"#,
                Ok((204, Vec::new(), "")),
            ),
            Step::Look {
                at_ms: 3,
                user: "player-1001".to_owned(),
                shown: "1 sword_01".to_owned(),
            },
            delivery(
                7,
                r#"{"a":9.90,"b":["<b>",null]}"#,
                Ok((
                    200,
                    vec![("content-type".to_owned(), "text/html".to_owned())],
                    "</script><img src=x onerror=alert(1)> `tick` | pipe",
                )),
            ),
            Step::Process { at_ms: 9, did: "killed with SIGKILL".to_owned() },
            delivery(11, "{", Err("no answer within 10 s")),
        ],
        listener_output: Some("WARN signature skipped\nERROR database is locked".to_owned()),
        replay: Some("hookproof replay signature-rejects-flipped-body".to_owned()),
        warnings: vec![Violation {
            steps: Vec::new(),
            timeline: None,
            clause: "ERR-03".to_owned(),
            expected: "a message".to_owned(),
            actual: "an empty one".to_owned(),
            repro: None,
        }],
        ..check("signature-rejects-flipped-body", "SIG-02", CheckStatus::Fail)
    }
}

fn with_body() -> CheckReport {
    CheckReport {
        level: "should".to_owned(),
        clause: Some("ANS-02".to_owned()),
        expected: Some("no body".to_owned()),
        actual: Some("200 with the body `ok`".to_owned()),
        ..check("answers-success-without-body", "ANS-02", CheckStatus::Warn)
    }
}

fn granted_twice() -> CheckReport {
    CheckReport {
        evidence: Evidence::Stochastic,
        clause: Some("IDEM-03".to_owned()),
        expected: Some("1 sword_01".to_owned()),
        actual: Some("3 sword_01 after 20 copies".to_owned()),
        timeline: Some(
            "      ms  connection 1     connection 2\n     0.0  -> order_paid A\n     0.1              \
                    -> order_paid A\nend: 2 of the item; legal: 1 <script>"
                .to_owned(),
        ),
        ..check("idempotency-concurrent-grants-once", "IDEM-03", CheckStatus::Fail)
    }
}

fn unseen(id: &str, clause: &str) -> CheckReport {
    CheckReport {
        evidence: Evidence::Probe,
        actual: Some("effects cannot be read".to_owned()),
        ..check(id, clause, CheckStatus::NotObservable)
    }
}

fn not_selected(id: &str, clause: &str) -> CheckReport {
    CheckReport {
        actual: Some("not selected".to_owned()),
        ..check(id, clause, CheckStatus::Skipped)
    }
}

/// Status, headers and body of an answer.
type Came = (u16, Vec<(String, String)>, &'static str);

fn delivery(at_ms: u64, body: &str, came: Result<Came, &str>) -> Step {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Step::Delivery(Delivery {
        at_ms,
        took_ms: 2,
        target: 0,
        method: "POST".to_owned(),
        headers: vec![
            header("Content-Type", "application/json"),
            header("Authorization", "Signature 7f6daccfc5b80a3e31a294c027226ebfe9b79a34"),
        ],
        framing: None,
        body: body.to_owned(),
        answer: came.clone().ok().map(|(status, headers, body)| Answer {
            status,
            headers,
            body: body.to_owned(),
        }),
        fault: came.err().map(str::to_owned),
    })
}

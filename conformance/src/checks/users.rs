//! Does the listener know its users? (clauses `USER-*`)

mod lookups;
mod search;
mod strangers;

use hookproof_contract::NotificationType;
use serde_json::json;

pub(super) use lookups::HOSTILE_LOOKUPS;
pub(super) use search::{SEARCH_FINDS, SEARCH_UNKNOWN};
pub(super) use strangers::{ORDER_OF_UNKNOWN_USER, PAYMENT_OF_UNKNOWN_USER};

use crate::{Check, Stop, check::Evidence, effects::GRANTS, session::Session, wire::Request};

impl Session<'_> {
    /// A validation of any user.
    pub(crate) fn validation_of(&self, user: &str) -> Request {
        let mode = self.run.options.modes[0];
        let payload = self.purchase().tell(NotificationType::UserValidation, mode);
        self.sign(payload.set("/user/id", json!(user)).to_bytes())
    }
}

/// Without this nobody can pay.
pub(super) static KNOWN_ACCEPTED: Check = Check {
    id: "users-known-accepted",
    title: "knows its users",
    clauses: &["USER-01"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(known_accepted(session)),
};

async fn known_accepted(session: &Session<'_>) -> Result<(), Stop> {
    let mode = session.modes_of(NotificationType::UserValidation)?[0];
    for user in &session.run.options.known_users {
        session.asks(user);
        session.accepted("USER-01", &session.validation_of(user)).await?;
        let full = session.purchase().tell_fully(NotificationType::UserValidation, mode);
        session
            .accepted("USER-01", &session.sign(full.set("/user/id", json!(user)).to_bytes()))
            .await?;
    }
    Ok(())
}

/// Who says yes to everybody sells to nobody.
pub(super) static UNKNOWN_REFUSED: Check = Check {
    id: "users-unknown-refused",
    title: "refuses users that it does not know with INVALID_USER",
    clauses: &["USER-02", "USER-09"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(unknown_refused(session)),
};

async fn unknown_refused(session: &Session<'_>) -> Result<(), Stop> {
    session.modes_of(NotificationType::UserValidation)?;
    session.twin(&session.validation()).await?;
    let mut untold = None;
    let nobody = format!("hookproof-nobody-{}", session.fresh_id());
    let prefixed = format!("test_xsolla_{}", session.fresh_id());
    for (clause, user) in [
        ("USER-02", session.run.options.unknown_user.as_str()),
        ("USER-02", &nobody),
        ("USER-09", &prefixed),
    ] {
        session.asks(user.trim_end_matches(|c: char| c.is_ascii_digit()));
        let request = session.validation_of(user);
        let reply = session.deliver(&request).await?;
        match reply.code().as_deref() {
            Some("INVALID_USER") if reply.is_refusal() => (),
            None if reply.is_refusal() => {
                untold =
                    Some(format!("refused, but without a code: {reply}; see errors-body-shape"));
            }
            _ => {
                let expected = "4xx with the error code INVALID_USER";
                return Err(session.violation(clause, expected, &reply, &request));
            }
        }
    }
    untold.map_or(Ok(()), |reason| Err(Stop::Inconclusive(reason)))
}

/// It comes at four moments of a payment, each of which can come more than once.
pub(super) static VALIDATION_REPEATABLE: Check = Check {
    id: "users-validation-repeatable",
    title: "answers each validation of a user alike",
    clauses: &["USER-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(validation_repeatable(session)),
};

/// Two payments with four moments each.
const VALIDATIONS: u32 = 8;

async fn validation_repeatable(session: &Session<'_>) -> Result<(), Stop> {
    // A body that the target has not seen, or the first delivery would be a repeat already.
    let mode = session.modes_of(NotificationType::UserValidation)?[0];
    let name = format!("Ada {}", session.fresh_id());
    let payload = session.purchase().tell(NotificationType::UserValidation, mode);
    let request = session.sign(payload.set("/user/name", json!(name)).to_bytes());
    session.twin(&request).await?;
    for round in 0..VALIDATIONS {
        session.asks(round);
        session.accepted("USER-03", &request).await?;
    }
    let nobody = session.validation_of(&format!("hookproof-nobody-{}", session.fresh_id()));
    let first = session.deliver(&nobody).await?;
    for round in 0..VALIDATIONS / 2 {
        session.asks(("of an unknown user", round));
        let again = session.deliver(&nobody).await?;
        if first.is_refusal() && again.is_success() {
            let expected = format!("{first}, as at first: nobody is registered by a question");
            return Err(session.violation("USER-03", expected, &again, &nobody));
        }
    }
    Ok(())
}

/// A question is not an event.
pub(super) static VALIDATION_WITHOUT_EFFECT: Check = Check {
    id: "users-validation-without-effect",
    title: "changes nothing when a user is validated",
    clauses: &["USER-03"],
    evidence: Evidence::Probe,
    alone: true,
    ask: |session| Box::pin(validation_without_effect(session)),
};

async fn validation_without_effect<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    let mode = session.modes_of(NotificationType::UserValidation)?[0];
    let lane = session.lane().await?;
    let before = lane.all_but_others_lanes().await?;
    let purchase = lane.purchase(1);
    let payload = purchase.beside_order(purchase.tell(NotificationType::UserValidation, mode));
    let request = session.sign(payload.to_bytes());
    session.asks("a validation with the members of an order");
    session.accepted("USER-03", &request).await?;
    session.accepted("USER-03", &request).await?;
    lane.expect_items("USER-03", &before, &request).await
}

/// The overview's own sample sends a number.
pub(super) static INTEGER_ID: Check = Check {
    id: "users-integer-id",
    title: "takes a user's id as a JSON integer",
    clauses: &["USER-04"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(integer_id(session)),
};

/// No game has a user of this number, and every type of integer has it.
const NOBODYS_NUMBER: u64 = 2_000_000_011;

async fn integer_id(session: &Session<'_>) -> Result<(), Stop> {
    let mode = session.modes_of(NotificationType::UserValidation)?[0];
    session.twin(&session.validation()).await?;
    let numbered = |id: u64| {
        let payload = session.purchase().tell(NotificationType::UserValidation, mode);
        session.sign(payload.set("/user/id", json!(id)).to_bytes())
    };
    session.asks("an unknown number");
    let request = numbered(NOBODYS_NUMBER);
    let reply = session.deliver(&request).await?;
    if !reply.is_refusal() {
        return Err(session.violation(
            "USER-04",
            "4xx with the error code INVALID_USER",
            &reply,
            &request,
        ));
    }
    let known = session.run.options.known_users.iter().find_map(|user| user.parse::<u64>().ok());
    if let Some(id) = known {
        session.asks("a known number");
        session.twin(&session.validation_of(&id.to_string())).await?;
        session.accepted("USER-04", &numbered(id)).await?;
    }
    Ok(())
}

/// Orders name the user in another member than everything else.
pub(super) static RIGHT_MEMBER: Check = Check {
    id: "users-right-member",
    title: "reads an order's user from `user.external_id`",
    clauses: &["USER-05", "USER-12"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(right_member(session)),
};

async fn right_member<'run>(session: &'run Session<'run>) -> Result<(), Stop> {
    for mode in session.modes_of(GRANTS)? {
        session.asks((mode, "another user's id beside it"));
        let plain = session.fresh(GRANTS, mode).await?;
        let reply = session.deliver(&plain).await?;
        if !reply.is_success() {
            let both = session.before(GRANTS, mode).await?.tell(GRANTS, mode);
            session
                .twin(&session.sign(both.set("/user/id", json!(session.user())).to_bytes()))
                .await?;
            let expected = "200, 201 or 204, as with `user.id` beside it";
            return Err(session.violation("USER-05", expected, &reply, &plain));
        }
        let beside = session.before(GRANTS, mode).await?.tell(GRANTS, mode);
        let beside = beside.set("/user/id", json!(session.run.options.unknown_user));
        session.accepted("USER-05", &session.sign(beside.to_bytes())).await?;
        if session.run.effects.is_none() || session.run.options.known_users.len() < 2 {
            continue;
        }
        let (lane, other) = (session.lane().await?, session.user());
        let (before, others) = (lane.owned().await?, lane.owned_by(other).await?);
        let purchase = lane.purchase(1);
        session.lead_up(&purchase, GRANTS, mode).await?;
        let order = purchase.tell(GRANTS, mode).set("/user/id", json!(other));
        let request = session.sign(order.to_bytes());
        session.accepted("USER-05", &request).await?;
        let owned = lane.settles_at(&lane.user, before + 1).await?;
        let theirs = lane.owned_by(other).await?;
        if (owned, theirs) != (before + 1, others) {
            let expected = format!("1 more for `{}`, none for `{other}`", lane.user);
            let actual = format!("{} more and {} more", owned - before, theirs - others);
            return Err(session.violation("USER-12", expected, actual, &request));
        }
    }
    Ok(())
}

/// Whatever a payer types is looked up, and not found.
pub(super) static STRANGE_IDS: Check = Check {
    id: "users-strange-ids",
    title: "answers strange user ids like any unknown one",
    clauses: &["USER-07"],
    evidence: Evidence::Wire,
    alone: true,
    ask: |session| Box::pin(strange_ids(session)),
};

async fn strange_ids(session: &Session<'_>) -> Result<(), Stop> {
    session.modes_of(NotificationType::UserValidation)?;
    session.twin(&session.validation()).await?;
    let long = "x".repeat(5000);
    let fixed = [
        "",
        " ",
        "'",
        "' OR '1'='1",
        "\"; --",
        "\0",
        "../../etc/passwd",
        "%00",
        "${7*7}",
        "\u{202e}",
        "%s%n%x",
        "{{7*7}}",
        "*)(uid=*",
        "null",
        "NaN",
        "😀",
        "\u{200f}\u{5d0}",
        "\u{feff}",
        &long,
    ];
    for id in fixed {
        session.asks(id);
        not_found(session, id).await?;
    }
    session.for_all("\\PC{1,40}", async |id: String| not_found(session, &id).await).await
}

async fn not_found(session: &Session<'_>, id: &str) -> Result<(), Stop> {
    if session.run.options.known_users.iter().any(|known| known == id) {
        return Ok(());
    }
    let request = session.validation_of(id);
    let Some(reply) = session.survives(&request).await? else {
        return Err(session.violation("USER-07", "4xx", "no answer", &request));
    };
    let reply = if reply.is_later() { session.deliver(&request).await? } else { reply };
    if reply.is_refusal() {
        return Ok(());
    }
    Err(session.violation("USER-07", "4xx with the error code INVALID_USER", &reply, &request))
}

/// Another spelling is another user.
pub(super) static EXACT_MATCH: Check = Check {
    id: "users-exact-match",
    title: "compares user ids exactly",
    clauses: &["USER-08"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(exact_match(session)),
};

async fn exact_match(session: &Session<'_>) -> Result<(), Stop> {
    session.modes_of(NotificationType::UserValidation)?;
    session.twin(&session.validation()).await?;
    let user = session.user();
    let shorter: String = user.chars().take(user.chars().count() - 1).collect();
    let spellings = [
        user.to_uppercase(),
        format!("{user} "),
        format!(" {user}"),
        format!("{user}0"),
        format!("0{user}"),
        format!("{user}\0"),
        format!("{user}\u{200b}"),
        format!("%{user}"),
        shorter,
        "%".to_owned(),
    ];
    for spelling in spellings {
        if session.run.options.known_users.contains(&spelling) || spelling.is_empty() {
            continue;
        }
        session.asks(&spelling);
        let request = session.validation_of(&spelling);
        let reply = session.deliver(&request).await?;
        if reply.is_success() {
            let expected = format!("4xx with INVALID_USER: only `{user}` is known");
            return Err(session.violation("USER-08", expected, &reply, &request));
        }
    }
    Ok(())
}

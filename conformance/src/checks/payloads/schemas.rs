//! The whole space of the schemas: selections of members, values at random, and those at the bounds.

use std::{slice, time::Instant};

use futures_util::{StreamExt, stream};
use hookproof_contract::{
    Mode, NotificationType,
    generate::{self, Boundary},
    payload::Payload,
    schema,
};
use serde_json::Value;

use crate::{
    Check, Stop,
    answer::Reply,
    check::Evidence,
    property::PROPERTY_MAX,
    session::{Session, is_about_money},
    wire::Request,
};

/// Characters of a value that are shown.
const SHOWN_MAX: usize = 40;

/// Members that are named.
const NAMED_MAX: usize = 4;

/// Settings, token and payment method decide which members come together.
pub(in crate::checks) static COMBINATIONS: Check = Check {
    id: "payloads-combinations",
    title: "accepts any selection of the documented members",
    clauses: &["PAYLOAD-03"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(of_each_type(session, combinations)),
};

/// Types whose members come and go with settings, token and payment method. What other types may leave out
/// is for their own checks.
const COMBINED: [NotificationType; 5] = [
    NotificationType::UserValidation,
    NotificationType::Payment,
    NotificationType::Refund,
    NotificationType::OrderPaid,
    NotificationType::OrderCanceled,
];

/// The game's own id of a transaction, as samples have it.
const EXTERNAL_ID: &str = "shop-2026-000417";

/// The full notification as captures have it: the token may have brought an id of the game's own.
fn with_external_id(full: Payload) -> Payload {
    ["/transaction", "/billing/transaction"].iter().fold(full, |full, place| {
        if full.value().pointer(place).is_none() {
            return full;
        }
        full.set(&format!("{place}/external_id"), EXTERNAL_ID)
    })
}

async fn combinations(
    session: &Session<'_>,
    kind: NotificationType,
    mode: Mode,
) -> Result<(), Stop> {
    if !COMBINED.contains(&kind) {
        return Ok(());
    }
    session.twin(&session.fresh(kind, mode).await?).await?;
    let full = with_external_id(session.purchase().tell_fully(kind, mode));
    let optional = optional_members(kind, mode, &full);
    if optional.is_empty() {
        return Ok(());
    }
    let ask = async |left_out: Vec<bool>| {
        let members: Vec<&String> =
            optional.iter().zip(left_out).filter_map(|(it, out)| out.then_some(it)).collect();
        accepts_without(session, (kind, mode), &members).await
    };
    session.for_all(proptest::collection::vec(proptest::bool::ANY, optional.len()), &ask).await?;
    // Chance may leave out a pair where few questions are asked.
    for left_out in separating(optional.len()) {
        session.asks((kind, mode, &left_out));
        ask(left_out).await?;
    }
    Ok(())
}

/// Expects that the full notification of a new purchase is accepted without these members.
async fn accepts_without(
    session: &Session<'_>,
    (kind, mode): (NotificationType, Mode),
    members: &[&String],
) -> Result<(), Stop> {
    let purchase = session.before(kind, mode).await?;
    let full = with_external_id(purchase.tell_fully(kind, mode));
    let payload = members.iter().fold(full, |payload, member| payload.remove(member));
    // Two members may be optional one by one, and not both.
    if schema::check(kind, mode, payload.value()).is_err() {
        return Ok(());
    }
    let request = session.sign(payload.to_bytes());
    let reply = session.deliver(&request).await?;
    if reply.is_success() || is_about_money(&request, &reply) {
        return Ok(());
    }
    let expected = format!("200, 201 or 204 {}", without(members));
    Err(session.violation("PAYLOAD-03", expected, &reply, &request))
}

/// Selections of so many members in which, of any two, each comes once without the other: they are
/// numbered, and a selection is that of the numbers with one binary digit set, or of all others.
fn separating(count: usize) -> impl Iterator<Item = Vec<bool>> {
    let digits = usize::BITS - count.leading_zeros();
    (0..digits).flat_map(move |digit| {
        [1, 0].map(|value| (0..count).map(|number| number >> digit & 1 == value).collect())
    })
}

/// Members of a payload that its type does not require, as JSON pointers, each before its own members.
/// Ids by which users and purchases are known stay: what is right without them is not published.
fn optional_members(kind: NotificationType, mode: Mode, full: &Payload) -> Vec<String> {
    let mut found = Vec::new();
    collect_members(full.value(), "", &mut found);
    found.retain(|member| {
        let user = ["/user", "/user/external_id"].contains(&member.as_str());
        let kept = user || (is_id(member) && !member.starts_with("/settings/"));
        !kept && schema::check(kind, mode, full.clone().remove(member).value()).is_ok()
    });
    found
}

/// Returns true for a member that holds an id, but for the one that the game's token may bring.
fn is_id(member: &str) -> bool {
    let name = member.rsplit('/').next().unwrap_or_default();
    name == "id" || (name.ends_with("_id") && name != "external_id")
}

fn collect_members(value: &Value, pointer: &str, found: &mut Vec<String>) {
    for (name, inner) in value.as_object().into_iter().flatten() {
        let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        found.push(pointer.clone());
        collect_members(inner, &pointer, found);
    }
}

/// Names the members that a payload lacks, of the outermost ones at most [`NAMED_MAX`].
fn without(members: &[&String]) -> String {
    let inner =
        |member: &&&String| !members.iter().any(|outer| member.starts_with(&format!("{outer}/")));
    let outer: Vec<String> = members.iter().filter(inner).map(|it| format!("`{it}`")).collect();
    let more = if outer.len() > NAMED_MAX { " and others" } else { "" };
    match outer.len() {
        0 => "with every documented member".to_owned(),
        _ => format!("without {}{more}", outer[..outer.len().min(NAMED_MAX)].join(", ")),
    }
}

/// The whole space of the schemas.
pub(in crate::checks) static SCHEMA_GENERATED: Check = Check {
    id: "payloads-schema-generated",
    title: "accepts whatever the schemas allow",
    clauses: &["PAYLOAD-21"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(of_each_type(session, generated)),
};

/// Asks about all types side by side.
async fn of_each_type(
    session: &Session<'_>,
    ask: impl AsyncFn(&Session<'_>, NotificationType, Mode) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let types = session.types();
    let parts = session.fork(types.len() as u64);
    let asking = types.iter().zip(&parts).map(|((kind, mode), part)| ask(part, *kind, *mode));
    let results: Vec<Result<(), Stop>> =
        stream::iter(asking).buffered(session.run.width()).collect().await;
    session.join(parts);
    results.into_iter().collect()
}

async fn generated(session: &Session<'_>, kind: NotificationType, mode: Mode) -> Result<(), Stop> {
    session.twin(&session.fresh(kind, mode).await?).await?;
    session
        .for_all(generate::payloads(kind, mode), async |payload| {
            let purchase = session.before(kind, mode).await?;
            let payload = purchase.adapt(kind, mode, Payload::from(payload));
            let request = session.sign(payload.to_bytes());
            let reply = session.deliver(&request).await?;
            // A listener may know what things cost, and these prices are made up.
            if reply.is_success() || is_about_money(&request, &reply) {
                return Ok(());
            }
            Err(session.violation("PAYLOAD-21", "200, 201 or 204", &reply, &request))
        })
        .await
}

/// Every bound of the schemas. Chance meets most of them, one day.
pub(in crate::checks) static BOUNDARY_VALUES: Check = Check {
    id: "payloads-boundary-values",
    title: "accepts values at the bounds of what the schemas allow",
    clauses: &["PAYLOAD-21"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(of_each_type(session, boundaries)),
};

async fn boundaries(session: &Session<'_>, kind: NotificationType, mode: Mode) -> Result<(), Stop> {
    session.twin(&session.fresh(kind, mode).await?).await?;
    let started = Instant::now();
    for round in generate::boundaries(kind, mode) {
        if started.elapsed() > PROPERTY_MAX {
            break;
        }
        let (request, reply) = changed(session, kind, mode, round).await?;
        if reply.is_success() {
            continue;
        }
        // Which of them is it? A refused price must not hide the others, either.
        for change in round {
            let (request, reply) = changed(session, kind, mode, slice::from_ref(change)).await?;
            if !reply.is_success() && !is_about_money(&request, &reply) {
                let expected = format!("200, 201 or 204 {}", told(change));
                return Err(session.violation("PAYLOAD-21", expected, &reply, &request));
            }
        }
        if !is_about_money(&request, &reply) {
            return Err(session.violation("PAYLOAD-21", "200, 201 or 204", &reply, &request));
        }
    }
    Ok(())
}

/// Delivers the full notification of a new purchase with these changes.
async fn changed(
    session: &Session<'_>,
    kind: NotificationType,
    mode: Mode,
    changes: &[Boundary],
) -> Result<(Request, Reply), Stop> {
    session.trace.forget();
    session.asks((kind, mode, changes));
    let purchase = session.before(kind, mode).await?;
    let full = purchase.tell_fully(kind, mode);
    let payload = changes.iter().fold(full, |payload, change| change.apply(payload));
    let request = session.sign(purchase.adapt(kind, mode, payload).to_bytes());
    let reply = session.deliver(&request).await?;
    Ok((request, reply))
}

fn told(change: &Boundary) -> String {
    let pointer = &change.pointer;
    match &change.value {
        None => format!("without `{pointer}`"),
        Some(Value::String(text)) if text.len() > SHOWN_MAX => {
            format!("with a text of {} characters as `{pointer}`", text.chars().count())
        }
        Some(value) => {
            let text = value.to_string();
            let shown: String = text.chars().take(SHOWN_MAX).collect();
            let more = if shown.len() < text.len() { "…" } else { "" };
            format!("with {shown}{more} as `{pointer}`")
        }
    }
}

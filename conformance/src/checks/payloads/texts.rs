//! Texts that break queries, formats and encodings, in every member that holds free text.

use hookproof_contract::{Mode, NotificationType, payload::Payload};
use serde_json::{Number, Value, json};

use crate::{
    Check, Stop,
    answer::Reply,
    check::Evidence,
    effects::{GRANTS, TAKES_BACK},
    session::{Session, is_about_money},
    wire::Request,
};

/// Players and shops write what they like, and the listener stores it.
pub(in crate::checks) static HAZARDOUS_TEXTS: Check = Check {
    id: "payloads-hazardous-texts",
    title: "accepts quotation marks, percent signs, emoji and the like in every member of free text",
    clauses: &["PAYLOAD-23", "PAYLOAD-21", "PAYLOAD-09"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(hazardous_texts(session)),
};

/// A text, what is special about it, and the clause under which it is accepted.
const TEXTS: &[(&str, &str, &str)] = &[
    ("an apostrophe", "O'Brien", "PAYLOAD-23"),
    ("quotation marks", "the \"best\" one", "PAYLOAD-23"),
    ("a percent sign", "100 % of %s", "PAYLOAD-23"),
    ("a backslash", "a\\b\\", "PAYLOAD-23"),
    ("a character beyond U+FFFF", "Ada \u{1f600}", "PAYLOAD-23"),
    ("right-to-left script", "\u{5e2}\u{5d1}\u{5e8}\u{5d9}\u{5ea}", "PAYLOAD-23"),
    ("upper and lower case", "ADA ada Ada", "PAYLOAD-23"),
    ("line breaks and a tab", "two\r\nlines\tand more", "PAYLOAD-21"),
    ("a quoted end of a query", "x'); -- ", "PAYLOAD-21"),
    ("markup", "<b>&amp;</b>", "PAYLOAD-21"),
    ("braces and a dollar sign", "{{7*7}} ${x} {0}", "PAYLOAD-21"),
    ("300 characters", LONG, "PAYLOAD-21"),
    (NUL, "a\0b", "PAYLOAD-09"),
];

/// More characters than a column of the usual width holds.
const LONG: &str = concat!(
    "Ada and a very long name, of which a column of the usual width holds no more than a part, so that \
     strict databases reject it, and others cut it off without a word; ",
    "Ada and a very long name, of which a column of the usual width holds no more than a part, so that \
     strict databases reject it, and others cut it off without a word",
);

/// Characters that some databases cannot store: a listener may reject them.
const NUL: &str = "a NUL";

/// Members of free text, where a type's full payload has them.
const MEMBERS: &[&str] = &[
    "/user/name",
    "/order/comment",
    "/refund_details/reason",
    "/refund_details/reason_detail",
    "/refund_details/author",
    "/transaction/payment_method_name",
    "/billing/refund_details/reason",
    "/billing/refund_details/author",
    "/billing/transaction/payment_method_name",
    "/purchase/promotions/0/technical_name",
    "/payment_account/name",
    "/event/reason",
    "/custom_parameters/server",
    "/items/0/custom_attributes/season",
    "/transaction/external_id",
    "/dispute/reason",
];

async fn hazardous_texts(session: &Session<'_>) -> Result<(), Stop> {
    for (kind, mode) in session.types() {
        let full = session.before(kind, mode).await?.tell_fully(kind, mode);
        let has = |member: &&&str| full.value().pointer(member).is_some_and(Value::is_string);
        let members: Vec<&str> = MEMBERS.iter().filter(has).copied().collect();
        if members.is_empty() {
            continue;
        }
        session.twin(&session.sign(full.to_bytes())).await?;
        for text in TEXTS {
            session.asks((kind, mode, text.0));
            if accepted_in(session, (kind, mode), &members, text).await?.is_none() {
                continue;
            }
            for member in &members {
                if let Some((request, reply)) =
                    accepted_in(session, (kind, mode), &[member], text).await?
                {
                    return judged(session, text, member, &request, &reply);
                }
            }
        }
    }
    Ok(())
}

/// Delivers an event with the text in these members; gives what was sent and answered if that is wrong.
async fn accepted_in(
    session: &Session<'_>,
    (kind, mode): (NotificationType, Mode),
    members: &[&str],
    (what, text, _): &(&str, &str, &str),
) -> Result<Option<(Request, Reply)>, Stop> {
    let full = session.before(kind, mode).await?.tell_fully(kind, mode);
    let payload = members.iter().fold(full, |payload, member| payload.set(member, json!(text)));
    let request = session.sign(payload.to_bytes());
    let reply = session.deliver(&request).await?;
    let right = reply.is_success()
        || is_about_money(&request, &reply)
        || (*what == NUL && reply.is_refusal());
    Ok((!right).then_some((request, reply)))
}

fn judged(
    session: &Session<'_>,
    (what, _, clause): &(&str, &str, &str),
    member: &str,
    request: &Request,
    reply: &Reply,
) -> Result<(), Stop> {
    let right = if *what == NUL { "an answer below 500" } else { "200, 201 or 204" };
    Err(session.violation(clause, format!("{right} for {what} in `{member}`"), reply, request))
}

/// Cents that are computed from a binary fraction come out one too low.
pub(in crate::checks) static AMOUNT_VALUES: Check = Check {
    id: "payloads-amount-values",
    title: "accepts amounts that binary fractions cannot hold, in orders that add up",
    clauses: &["PAYLOAD-08", "PAYLOAD-21"],
    evidence: Evidence::Wire,
    alone: false,
    ask: |session| Box::pin(amount_values(session)),
};

/// Prices of two lines, their sum, and the clause under which they are accepted.
const PRICES: &[([&str; 2], &str, &str)] = &[
    (["19.99", "599.8"], "619.79", "PAYLOAD-08"),
    (["599.8", "0.29"], "600.09", "PAYLOAD-08"),
    (["1.15", "1.15"], "2.3", "PAYLOAD-08"),
    (["0.29", "0"], "0.29", "PAYLOAD-08"),
    (["0", "0"], "0", "PAYLOAD-21"),
    (["0.00000001", "1.999999"], "1.99999901", "PAYLOAD-21"),
];

/// Prices that every binary fraction holds: who accepts these knows no prices of its own.
const ROUND: ([&str; 2], &str) = (["7.5", "2.25"], "9.75");

async fn amount_values(session: &Session<'_>) -> Result<(), Stop> {
    if !session.run.options.project.prices.is_empty() {
        let reason = "--price says what items cost: no other prices are asked about".to_owned();
        return Err(Stop::Skip(reason));
    }
    for (kind, mode) in session.types() {
        if !session.purchase().tell_fully(kind, mode).has_price() {
            continue;
        }
        let priced = async |lines: &[&str; 2], total: &str| {
            let payload = session.before(kind, mode).await?.tell_fully(kind, mode);
            Ok::<_, Stop>(session.sign(payload.priced(lines, total).to_bytes()))
        };
        let (lines, total) = ROUND;
        let round = priced(&lines, total).await?;
        let reply = session.deliver(&round).await?;
        if !reply.is_success() {
            let reason = format!("`{kind}` is rejected at round prices too: {reply}");
            return Err(Stop::Inconclusive(reason));
        }
        for (lines, total, clause) in PRICES {
            session.asks((kind, mode, total));
            // A refund of nothing, and a payment, are none.
            if *total == "0" && !matches!(kind, GRANTS | TAKES_BACK) {
                continue;
            }
            let request = priced(lines, total).await?;
            let reply = session.deliver(&request).await?;
            if !reply.is_success() {
                let expected = format!("200, 201 or 204 for an amount of {total}, as for 9.75");
                return Err(session.violation(clause, expected, &reply, &request));
            }
        }
    }
    Ok(())
}

/// Members that hold what a purchase costs: as text, and as numbers.
const TOTALS: [(&str, bool); 7] = [
    ("/order/amount", true),
    ("/payment_details/payment/amount", false),
    ("/purchase/total/amount", false),
    ("/billing/payment_details/payment/amount", false),
    ("/billing/purchase/total/amount", false),
    ("/transaction/total/amount", false),
    ("/subscription/amount", false),
];

/// A payload whose prices the check sets.
trait Priced {
    fn has_price(&self) -> bool;
    fn priced(self, lines: &[&str; 2], total: &str) -> Self;
}

impl Priced for Payload {
    fn has_price(&self) -> bool {
        TOTALS.iter().any(|(member, _)| self.value().pointer(member).is_some())
    }

    /// The same with two lines of these prices, if it has lines, and this sum.
    fn priced(mut self, lines: &[&str; 2], total: &str) -> Self {
        if let Some(line) = self.value().pointer("/items/0").cloned() {
            let lines = lines.iter().map(|price| {
                let mut line = line.clone();
                line["amount"] = json!(price);
                line
            });
            let lines: Value = lines.collect();
            self = self.set("/items", lines);
        }
        let number: Value = total.parse::<Number>().map_or(Value::Null, Value::Number);
        TOTALS.iter().fold(self, |payload, (member, as_text)| {
            if payload.value().pointer(member).is_none() {
                return payload;
            }
            payload.set(member, if *as_text { json!(total) } else { number.clone() })
        })
    }
}

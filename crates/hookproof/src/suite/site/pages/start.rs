//! The first page: what this is, how to read it, and the contract in a minute.

use hookproof_conformance::checks;
use hookproof_contract::{
    Mode, NotificationType, Secret, signature,
    spec::{Authority, Evidence, Level, Spec, embedded_files},
};
use maud::{Markup, html};
use serde_json::Value;

use super::{Group, Page, generated, types};
use crate::suite::site::{
    Section,
    context::{Context, authority, badge, level},
    flow::Flow,
    parts::{copyable, count, table},
    svg::sequence,
};

const PATH: &str = "index.html";

/// The secret with which every example is signed.
pub(super) const SECRET: &str = "example-project-secret";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Start,
        "The contract of Xsolla's payment webhooks",
        "What the webhooks promise, and what they expect of the server that receives them: every rule with its \
         sources, every payload with its schema, and where the sources disagree.",
    );
    page.label = Some("Overview".to_owned());
    page.sections = vec![
        Section::new("questions", "Questions", questions(&context)),
        Section::new("minute", "The contract in a minute", minute(&context))
            .text("signature sha-1 body secret Authorization answer 200 201 204 4xx 5xx"),
        Section::new("entries", "Where to begin", entries(&context)),
        Section::new("signing", "A signature, step by step", signing(&context))
            .text("how to compute the signature: SHA-1 of the body followed by the secret key"),
        Section::new("purchase", "A purchase", purchase(&context)),
        Section::new("reading", "How to read a clause", reading(&context))
            .text("levels must should may; authority; evidence wire probe spawn stochastic; settled disputed"),
    ];
    page
}

/// The questions that new readers ask, each with its answer and the page that has the rest.
fn questions(context: &Context<'_>) -> Markup {
    let entries = [
        (
            "What do I answer to a duplicate?",
            "The same success as the first time: 200, 201 or 204. Grant nothing more. Never 409.",
            "keys.html#duplicates",
        ),
        (
            "Which id is the key?",
            "The type together with `order.id` for orders, `transaction.id` for payments and refunds; others differ.",
            "keys.html",
        ),
        (
            "How long do I have, and when is it retried?",
            "Three seconds. Then up to 20 attempts in 12 hours for orders, 12 in 48 hours for payments; \
             `user_validation` is never retried.",
            "time.html",
        ),
        (
            "Which IP addresses do webhooks come from?",
            "From the published lists. An allowlist never replaces the signature.",
            "network.html",
        ),
        (
            "What order do events come in?",
            "`user_validation`, `payment`, `order_paid`; in combined mode without `payment`. Each waits for the one before.",
            "flows.html",
        ),
        (
            "What if a refund comes twice?",
            "The second one is a duplicate: answer with success, revoke nothing more. Partial refunds all count.",
            "keys.html#refund-twice",
        ),
        (
            "What does a switch of the advanced settings change?",
            "Each adds or removes members of certain webhooks.",
            "settings.html",
        ),
        (
            "My secret was regenerated: what now?",
            "Accept the new key and the old one for 48 hours; fetch what was refused in between.",
            "secret.html",
        ),
        (
            "Can I use webhook.site or ngrok?",
            "A tunnel such as ngrok works. webhook.site shows requests, but fails the test: it answers 200 to a wrong signature.",
            "testing-locally.html",
        ),
        ("How do I set up webhooks?", "URL, secret key, enable, test: step by step.", "setup.html"),
        (
            "How do I check my listener?",
            "`hookproof check --target URL`: install it, and read its first report.",
            "tool/start.html",
        ),
        (
            "Is there code to start from?",
            "Python, Node, PHP and Go, each small and complete.",
            "tool/languages.html",
        ),
    ];
    html! {
        dl.questions {
            @for (question, answer, place) in entries {
                div { dt { a href=(context.to(place)) { (question) } } dd { (context.prose(answer)) } }
            }
        }
    }
}

/// Consequence of 5xx, by the plans of every type.
fn outage(spec: &Spec) -> String {
    let [again, never] = generated::after_outage(spec).map(|kinds| {
        let words: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
        words.join(", ")
    });
    format!(
        "Sent again: {again}; a `refund` that the game started is not. Never sent again: {never}. For the other types \
         retries are not published."
    )
}

fn entries(context: &Context<'_>) -> Markup {
    let spec = context.spec;
    let decided = spec.contradictions.len();
    let cards = [
        (
            "types/index.html",
            "Webhooks",
            count(spec.notifications.len(), "webhook", "webhooks"),
            "When each is sent, its members, examples with their signatures, and what surprises its readers.",
        ),
        (
            "clauses/index.html",
            "Clauses",
            count(spec.clauses.len(), "clause", "clauses"),
            "Every sentence that somebody can break, with a permanent id, the reason, and who says so.",
        ),
        (
            "flows.html",
            "Flows",
            "purchase, refund, subscription".to_owned(),
            "Which webhook comes after which, and what a failure holds back.",
        ),
        (
            "delivery.html",
            "Retries and refunds",
            count(spec.plans.len(), "plan", "plans"),
            "When a webhook is sent again, and when the money goes back by itself.",
        ),
        (
            "contradictions.html",
            "Contradictions",
            format!("{decided} decided"),
            "Where the documents disagree, which side is taken here, and why.",
        ),
        (
            "vectors.html",
            "Vectors",
            count(vectors(), "vector", "vectors"),
            "Exact bytes, secrets and signatures, loadable from any language.",
        ),
        (
            "checks.html",
            "Checks",
            count(checks::ALL.len(), "check", "checks"),
            "What the suite asks a listener, and which clause each question is about.",
        ),
        (
            "products.html",
            "Products",
            count(spec.products.len(), "product", "products"),
            "Which product of Xsolla's needs which webhooks.",
        ),
    ];
    html! {
        ul.cards {
            @for (path, title, number, text) in &cards {
                li { a href=(context.to(path)) { strong { (title) } small { (number) } span { (text) } } }
            }
        }
    }
}

fn vectors() -> usize {
    embedded_files()
        .iter()
        .filter(|(path, _)| path.starts_with("vectors/"))
        .filter_map(|(_, text)| serde_json::from_str::<Value>(text).ok())
        .filter_map(|file| Some(file.get("tests")?.as_array()?.len()))
        .sum()
}

fn minute(context: &Context<'_>) -> Markup {
    let outage = outage(context.spec);
    let rows: Vec<Markup> = [
        ("An event is handled", "200, 201 or 204", "No body.", "ANS-01"),
        ("A question asks for data", "200", "The data: `user_search`, `partner_side_catalog`.", "ANS-02"),
        (
            "The signature is wrong or missing",
            "400",
            "`INVALID_SIGNATURE`. The Web Shop's validation alone comes unsigned.",
            "SIG-02",
        ),
        (
            "The user of a validation, a payment or an order does not exist",
            "400",
            "`INVALID_USER`. A refund is accepted all the same.",
            "USER-02",
        ),
        ("A required member is missing or malformed", "400", "`INVALID_PARAMETER`", "ERR-06"),
        (
            "A duplicate of a handled event",
            "200, 201 or 204",
            "As the first time; nothing is granted twice.",
            "IDEM-01",
        ),
        ("Your database is down", "5xx", outage.as_str(), "ANS-05"),
    ]
    .into_iter()
    .map(|(what, status, body, clause)| {
        html! {
            tr { td { (what) } td { (status) } td { (context.prose(body)) } td { (context.id(clause)) } }
        }
    })
    .collect();
    html! {
        ol.steps {
            li { "Read the body as bytes. Hash them followed by the secret key; compare with the header. "
                (context.ids(["SIG-01", "SIG-05"])) }
            li { "Only then parse it: ignore members that you do not know, do not miss those that may be absent. "
                (context.ids(["PAYLOAD-01", "PAYLOAD-02"])) }
            li { "Insert its " a href=(context.to("keys.html")) { "idempotency key" } ": a duplicate changes nothing more. "
                (context.ids(["IDEM-01", "IDEM-04"])) }
            li { "Commit the event and its effect in one transaction. " (context.ids(["IDEM-03", "IDEM-08"])) }
            li { "Answer, with the right status, within three seconds. " (context.ids(["ANS-01", "TIME-01"])) }
        }
        (table("What is answered when", &["What happened", "Status", "Body, and what follows", "Clause"], &rows))
        p { a href=(context.to("what-to-answer.html")) { "What do I answer?" } " has every type and every status." }
    }
}

fn signing(context: &Context<'_>) -> Markup {
    let kind = NotificationType::UserValidation;
    let example = context.spec.notifications.get(kind.as_str()).and_then(|it| it.examples.first());
    let Some(body) = example.and_then(|example| types::text_of(kind.as_str(), &example.file))
    else {
        return Markup::default();
    };
    let secret = Secret::new(SECRET).expect("it is not empty");
    let header = format!("Authorization: {}", signature::authorization(body.as_bytes(), &secret));
    html! {
        p { "The body, byte for byte as it arrives:" }
        (copyable("The body", body))
        p { "The secret key directly behind it:" }
        (copyable("Body and secret", &format!("{body}{SECRET}")))
        p { "SHA-1 of that, in lower-case hexadecimal digits, is what the header has to say:" }
        (copyable("The header", &header))
        p {
            "Ready in a shell, for a try: "
            code { "printf '%s%s' \"$body\" \"$secret\" | sha1sum" }
            ". More cases, right and wrong, stand among the "
            a href=(context.to("vectors.html")) { "vectors" } "."
        }
    }
}

fn purchase(context: &Context<'_>) -> Markup {
    html! {
        p {
            "A purchase is told in one of two modes: separate, where payment and order have webhooks of their own, \
             or combined, where the order carries the payment. The other " a href=(context.to("flows.html")) { "flows" }
            " are drawn on a page of their own."
        }
        div.figures {
            @for mode in Mode::ALL {
                @let flow = Flow::towards(context.spec, &[NotificationType::OrderPaid], Some(mode));
                figure {
                    (sequence::draw(context, &format!("purchase-{mode}"), &format!("A purchase, {mode} mode"), &flow).render())
                    figcaption { (mode) " mode" }
                }
            }
        }
    }
}

fn reading(context: &Context<'_>) -> Markup {
    let levels = [
        (Level::Must, "Breaking it makes a listener nonconformant."),
        (Level::Should, "Breaking it is a warning; a strict run fails."),
        (Level::May, "Both ways are right. It is said so that nobody punishes either."),
    ];
    html! {
        p { "A clause is one sentence that somebody can break. Its id is permanent: it is never renumbered and never \
             given to another clause, so that it can be cited in code, in tickets and in tests." }
        dl.facts {
            @for (word, text) in levels { div { dt { (level(word)) } dd { (text) } } }
            div { dt { (badge("settled")) } dd { "The sources agree, or nobody contradicts." } }
            div { dt { span.badge.disputed { "disputed" } } dd {
                "They do not; the clause names the " a href=(context.to("contradictions.html")) { "contradiction" }
                " that decides." } }
            @for it in Authority::ALL { div { dt { (authority(*it)) } dd { (it.meaning()) } } }
            @for word in Evidence::ALL { div { dt { (badge(word)) } dd { (what_shows(*word)) } } }
        }
        p { "Payload schemas are those of a tolerant reader: unknown members are allowed, ids may be integers or \
             decimal strings where samples show both, lists of codes are open." }
    }
}

/// What it takes to see a clause broken, as a sentence.
pub(super) const fn what_shows(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Wire => "The answers show it.",
        Evidence::Probe => "A view of the effects in the game shows it.",
        Evidence::Spawn => "Control over the listener's process shows it.",
        Evidence::Stochastic => "Many trials show it: a race that is not lost every time.",
        Evidence::Untestable => "Nothing from outside shows it.",
    }
}

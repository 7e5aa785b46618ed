//! What the contract knows: clauses, contradictions, webhooks, error codes, products, switches, plans,
//! reason codes.

use std::time::Duration;

use hookproof_conformance::checks;
use hookproof_contract::{
    Mode, NotificationType, derive,
    spec::{
        Advice, AnswerPattern, Clause, Contradiction, ForeignError, Need, Neighbour, Notification,
        Plan, Product, PublishedError, ReasonCode, Setting, Spec, Status, Topic,
    },
};

use crate::suite::page::Page;

pub(super) fn of_clause(clause: &Clause, spec: &Spec) -> String {
    let note =
        format!("clause, {} on {}, {}, {}", clause.level, clause.on, clause.status, clause.topic);
    let mut page = Page::new(&clause.id, &note);
    page.row("text", &clause.text);
    page.row("why", &clause.why);
    let authority = spec.authority(clause);
    page.row("authority", &format!("{}. {}", authority.label(), authority.meaning()));
    if let Some(dispute) = &clause.dispute {
        page.row("dispute", dispute);
    }
    if let Some(contradiction) = clause.contradiction.as_ref().map(|id| &spec.contradictions[id]) {
        page.row("taken", &format!("{} ({})", contradiction.taken, contradiction.id));
    }
    page.row("evidence", clause.evidence.as_str());
    if let Some(reason) = &clause.reason {
        page.row("", reason);
    }
    let by: Vec<&str> = checks::ALL
        .iter()
        .filter(|check| check.clauses.contains(&clause.id.as_str()))
        .map(|check| check.id)
        .collect();
    if !by.is_empty() {
        page.row("checks", &by.join(", "));
    } else if clause.status != Status::Withdrawn {
        let why = clause.unchecked.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        page.row("checks", &format!("none{why}"));
    }
    page.rows("source", cited(&clause.sources, spec));
    page.finish()
}

pub(super) fn of_topic(topic: &Topic, spec: &Spec) -> String {
    let mut page = Page::new(&topic.name, "topic of the contract");
    page.row("about", &topic.about);
    for clause in spec.clauses.values().filter(|clause| clause.topic == topic.name) {
        let on = format!("({}, {}) ", clause.level, clause.on);
        page.row(&clause.id, &(on + &clause.text));
    }
    page.finish()
}

pub(super) fn of_contradiction(found: &Contradiction, spec: &Spec) -> String {
    let mut page = Page::new(&found.id, "contradiction between sources");
    page.row("about", &found.topic);
    for reading in &found.readings {
        page.row("reading", &reading.text);
        page.rows("", cited(&reading.sources, spec));
    }
    page.row("taken", &found.taken);
    page.row("because", &found.why);
    page.row("effect", &found.effect);
    page.row("clauses", &found.clauses.join(", "));
    page.row("see also", &found.mentions.join(", "));
    page.finish()
}

pub(super) fn of_error(entry: &PublishedError, spec: &Spec) -> String {
    let mut page = Page::new(entry.code.as_str(), "error code of the contract");
    page.row("when", &entry.when);
    page.row("status", &entry.status.to_string());
    let body = format!(r#"{{"error":{{"code":"{}","message":"{}"}}}}"#, entry.code, entry.message);
    page.row("body", &body);
    page.row("clauses", &entry.clauses.join(", "));
    page.rows("source", cited(&entry.sources, spec));
    page.finish()
}

pub(super) fn of_foreign_error(entry: &ForeignError, spec: &Spec) -> String {
    let mut page = Page::new(&entry.code, "not a code of the contract, but met in the wild");
    page.row("meaning", &entry.meaning);
    page.row("status", &entry.status.to_string());
    page.row("clauses", &entry.clauses.join(", "));
    page.rows("source", cited(&entry.sources, spec));
    page.finish()
}

pub(super) fn of_notification(it: &Notification, spec: &Spec) -> String {
    let mut page = Page::new(&it.kind, "notification type");
    page.row("title", &it.title);
    page.row("sent when", &it.trigger);
    page.row("products", &products(it, spec));
    page.row("opt-in", if it.opt_in { "Xsolla enables it on request only" } else { "" });
    page.row("signed", if it.signed { "" } else { "no" });
    page.row("follows", &words(&it.follows));
    page.row("precedes", &words(&it.precedes));
    let statuses: Vec<String> = it.accepted.iter().map(u16::to_string).collect();
    page.row("success", &statuses.join(", "));
    page.row("body", &it.answer_body);
    page.row("within", &it.time_limit_ms.map(|ms| format!("{ms} ms")).unwrap_or_default());
    page.row("failure", &it.failure);
    page.row("key", &it.key.join(", "));
    page.row("retried", &it.plan);
    page.row("switches", &it.switches.join(", "));
    page.rows("beware", it.quirks.iter().map(|quirk| quirk.text.clone()).collect());
    page.row("clauses", &it.clauses.join(", "));
    page.rows("source", cited(&it.sources, spec));
    page.finish()
}

pub(super) fn of_neighbour(it: &Neighbour, spec: &Spec) -> String {
    let mut page = Page::new(&it.kind, "notification type outside of the contract");
    page.row("title", &it.title);
    page.row("standing", it.standing.as_str());
    page.row("answer", &it.answer);
    page.row("see", "PAYLOAD-11");
    page.rows("source", cited(&it.sources, spec));
    page.finish()
}

pub(super) fn of_product(product: &Product, spec: &Spec) -> String {
    let mut page = Page::new(&product.id, "product");
    page.row("title", &product.title);
    page.row("webhooks", &format!("{}: {}", product.need, product.purpose));
    page.row("required", &words(&product.required));
    page.row(
        "separate",
        &and(&words(&product.required_when_separate), "required in separate mode"),
    );
    page.row("optional", &words(&product.optional));
    if product.web_shop_validation != Need::Unused {
        let need = product.web_shop_validation;
        page.row("web shop", &format!("the Web Shop's user validation is {need}"));
    }
    page.row("note", product.note.as_deref().unwrap_or_default());
    page.row("run it", &format!("hookproof check --target URL --product {}", product.id));
    page.rows("source", cited(&product.sources, spec));
    page.finish()
}

pub(super) fn of_setting(setting: &Setting, spec: &Spec) -> String {
    let mut page = Page::new(&setting.id, "switch of the Publisher Account");
    page.row("title", &setting.title);
    page.row("effect", &setting.effect);
    page.row("types", &words(&setting.notifications));
    page.row("combined", &and(&words(&setting.unplaced), "at a place that is not published"));
    page.row("adds", &setting.adds.join(", "));
    page.row("removes", &setting.removes.join(", "));
    page.row("form", setting.shape.as_str());
    let values = setting.values.iter();
    let values = values.map(|it| format!("{} = {}: {}", it.member, it.value, it.meaning));
    page.rows("values", values.collect());
    page.rows("source", cited(&setting.sources, spec));
    page.finish()
}

pub(super) fn of_plan(plan: &Plan, spec: &Spec) -> String {
    let mut page = Page::new(&plan.id, &format!("retry plan, the {} reading", plan.reading));
    page.row("title", &plan.title);
    page.row("types", &words(&plan.notifications));
    page.row("when", plan.when.as_deref().unwrap_or_default());
    page.row("published", plan.published.as_str());
    let steps = plan.steps.iter().map(|step| {
        format!("{} times after {}", step.times, span(Duration::from_secs(step.every_s)))
    });
    page.row("repeats", &steps.collect::<Vec<_>>().join(", then "));
    let last = derive::offsets(plan).last().unwrap_or_default();
    page.row(
        "attempts",
        &format!("at most {}, the last {} after the first", plan.attempts_max, span(last)),
    );
    page.row("done on", &answers(&plan.done_on));
    page.row("again on", &answers(&plan.again_on));
    page.row("final on", &answers(&plan.final_on));
    page.row("note", plan.note.as_deref().unwrap_or_default());
    page.row("clauses", &plan.clauses.join(", "));
    page.rows("source", cited(&plan.sources, spec));
    page.finish()
}

pub(super) fn of_reason_code(entry: &ReasonCode, spec: &Spec) -> String {
    let mut page = Page::new(&entry.code.to_string(), "reason code, refund_details.code");
    page.row("reason", &entry.reason);
    page.row("types", &words(&entry.on));
    let advice = match entry.blocklist {
        Advice::Yes => "the documents advise to block the user",
        Advice::No => "the documents advise not to block the user",
        Advice::Unsaid => "the documents do not say whether to block the user",
    };
    page.row("block", advice);
    page.row("note", entry.note.as_deref().unwrap_or_default());
    page.row("clauses", "REFUND-03: other codes occur, and are accepted");
    page.rows("source", cited(&entry.sources, spec));
    page.finish()
}

/// Which products need it, and how much: where the modes differ, in each.
fn products(it: &Notification, spec: &Spec) -> String {
    let Some(kind) = it.notification_type() else { return String::new() };
    let needs = spec.products.iter().filter_map(|product| {
        let [separate, combined] = Mode::ALL.map(|mode| product.needs(kind, mode));
        match (separate, combined) {
            (Need::Unused, Need::Unused) => None,
            _ if separate == combined => Some(format!("{} ({separate})", product.id)),
            _ => Some(format!("{} ({separate}; {combined} in combined mode)", product.id)),
        }
    });
    needs.collect::<Vec<_>>().join(", ")
}

fn and(value: &str, note: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{value} ({note})") }
}

/// A time as people say it.
fn span(time: Duration) -> String {
    let (hours, minutes) = (time.as_secs() / 3600, time.as_secs() / 60 % 60);
    match (hours, minutes, time.as_secs() % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (hours, 0, 0) => format!("{hours} h"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

fn answers(patterns: &[AnswerPattern]) -> String {
    let text = |pattern: &AnswerPattern| match pattern {
        AnswerPattern::Status(status) => status.to_string(),
        AnswerPattern::Class(class) => format!("{class}xx"),
        AnswerPattern::Silence => "no answer".to_owned(),
        AnswerPattern::Otherwise => "anything else".to_owned(),
    };
    patterns.iter().map(text).collect::<Vec<_>>().join(", ")
}

fn words(kinds: &[NotificationType]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

/// Citations with the addresses where they lead.
fn cited(sources: &[String], spec: &Spec) -> Vec<String> {
    let with_address = |citation: &String| match spec.address(citation) {
        Some(address) => format!("{citation}: {address}"),
        None => citation.clone(),
    };
    sources.iter().map(with_address).collect()
}

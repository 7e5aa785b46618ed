//! What was sent and what came back, step by step.

use maud::{Markup, html};

use super::{Page, json};
use crate::{
    report::{
        human::paint,
        words::{header_value, visible},
    },
    trace::{Answer, Delivery, Step},
};

/// Characters of a body.
const BODY_CHARS_MAX: usize = 6000;

/// Characters of a header's value.
const HEADER_CHARS_MAX: usize = 1000;

impl Page<'_> {
    pub(super) fn steps(&self, steps: &[Step]) -> Markup {
        if steps.is_empty() {
            return html! {};
        }
        let last = steps.len() - 1;
        html! {
            h3 { "Requests and answers" @if steps.len() > 1 { " " span.count { (steps.len()) } } }
            ol.steps {
                @for (place, step) in steps.iter().enumerate() { li { (self.step(step, place == last)) } }
            }
        }
    }

    /// A step, if there is room for it: a page of a hundred megabytes is read by nobody.
    fn step(&self, step: &Step, last: bool) -> Markup {
        const FULL: &str = "left out of this page, which is full: the JSON report has it";
        if self.room.get() == 0 {
            return html! { div.plain { (FULL) } };
        }
        let shown = match step {
            Step::Delivery(delivery) => self.delivery(delivery, last),
            Step::Look { at_ms, user, shown } => html! {
                div.plain {
                    (at(*at_ms)) span.badge.look { "looked" }
                    span { "at what " code { (visible(user)) } " owns: " (visible(shown)) }
                }
            },
            Step::Process { at_ms, did } => html! {
                div.plain { (at(*at_ms)) span.badge.process { "process" } span { (visible(did)) } }
            },
        };
        let length = shown.0.len();
        match self.room.get().checked_sub(length) {
            Some(room) => {
                self.room.set(room);
                shown
            }
            None => {
                self.room.set(0);
                html! { div.plain { (FULL) } }
            }
        }
    }

    fn delivery(&self, delivery: &Delivery, open: bool) -> Markup {
        html! {
            details.delivery open[open] {
                summary {
                    (at(delivery.at_ms))
                    b { (visible(&delivery.method)) }
                    @if self.report.target.len() > 1 { span { "to " (delivery.target + 1) } }
                    span.what { (json::kind(&delivery.body)) }
                    @match &delivery.answer {
                        Some(answer) => span.status.(class(answer.status)) { (answer.status) },
                        None => span.status.none { "no answer" },
                    }
                    span.took { (paint::duration(delivery.took_ms)) }
                }
                div.exchange {
                    div {
                        h4 { "Request" }
                        (headers(&delivery.headers))
                        (body(&delivery.body))
                    }
                    div {
                        h4 { "Answer" }
                        @match (&delivery.answer, &delivery.fault) {
                            (Some(answer), _) => (self::answer(answer)),
                            (None, Some(fault)) => p.fault { (visible(fault)) },
                            (None, None) => p.fault { "none" },
                        }
                    }
                }
            }
        }
    }
}

fn answer(answer: &Answer) -> Markup {
    html! {
        p.first { "status " b { (answer.status) } }
        (headers(&answer.headers))
        (body(&answer.body))
    }
}

const fn class(status: u16) -> &'static str {
    match status {
        200..=299 => "good",
        400..=499 => "client",
        500..=599 => "server",
        _ => "other",
    }
}

fn at(millis: u64) -> Markup {
    html! { span.at { "+" (paint::duration(millis)) } }
}

fn headers(headers: &[(String, String)]) -> Markup {
    html! {
        @if !headers.is_empty() {
            pre.headers tabindex="0" {
                @for (name, value) in headers {
                    span.h { (visible(name)) } ": "
                    (visible(&cut(&header_value(name, value), HEADER_CHARS_MAX))) "\n"
                }
            }
        }
    }
}

fn body(text: &str) -> Markup {
    html! {
        @if text.is_empty() {
            p.empty { "no body" }
        } @else {
            pre.body tabindex="0" { (json::shown(&cut(text, BODY_CHARS_MAX))) }
        }
    }
}

fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((place, _)) => format!("{}… ({} bytes in all)", &text[..place], text.len()),
        None => text.to_owned(),
    }
}

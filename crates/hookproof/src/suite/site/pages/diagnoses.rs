//! The causes that the suite recognises by the pattern of what failed.

use hookproof_conformance::{
    diagnosis::{self, Cause, Pattern},
    report::Confidence,
};
use hookproof_contract::spec::Spec;
use maud::{Markup, html};

use super::{Group, Page};
use crate::suite::site::{
    Section,
    context::{Context, badge},
    parts::facts,
};

const PATH: &str = "diagnoses.html";

pub(super) fn page(spec: &Spec) -> Page {
    let context = Context::new(spec, PATH);
    let mut page = super::page(
        PATH,
        Group::Suite,
        "Diagnoses",
        "What is usually wrong where a pattern of checks fails, and how it is mended.",
    );
    page.sections = diagnosis::causes()
        .iter()
        .map(|cause| {
            Section::new(&cause.slug, &cause.slug, body(&context, cause))
                .beside(badge(confidence(cause.confidence)))
                .text(cause.text.trim())
        })
        .collect();
    page
}

const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "certain",
        Confidence::Likely => "likely",
        Confidence::Possible => "possible",
    }
}

fn body(context: &Context<'_>, cause: &Cause) -> Markup {
    let globs = |patterns: &[Pattern]| {
        html! { @if !patterns.is_empty() { (context.ids(patterns.iter().map(Pattern::written))) } }
    };
    html! {
        p { (context.prose(cause.text.trim())) }
        (facts(&[
            ("To mend it", context.prose(cause.fix.trim())),
            ("All of these fail", globs(&cause.failed)),
            ("One of these fails", globs(&cause.failed_any)),
            ("None of these fails", globs(&cause.kept)),
            ("Less likely where one of these fails", globs(&cause.doubted)),
            ("Explains", globs(&cause.explains)),
        ]))
    }
}

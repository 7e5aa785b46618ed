//! What a page knows while it is made: the contract, its own place, and where every id lives.

use std::fmt::Display;

use hookproof_conformance::{Check, checks};
use hookproof_contract::{
    NotificationType,
    spec::{Authority, Clause, Evidence, Level, Side, Spec, Status, split_citation},
};
use maud::{Markup, Render, html};

/// The surroundings of a page.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) spec: &'a Spec,
    path: &'a str,
}

impl<'a> Context<'a> {
    pub(super) fn new(spec: &'a Spec, path: &'a str) -> Self {
        Self { spec, path }
    }

    /// A link from this page to a place of the site.
    pub(super) fn to(&self, place: &str) -> String {
        relative(self.path, place)
    }

    /// A link to the entry of an id; its bare text where there is none.
    pub(super) fn id(&self, id: &str) -> Markup {
        match place(self.spec, id) {
            Some(place) if place != self.path => html! { a.id href=(self.to(&place)) { (id) } },
            _ => html! { code { (id) } },
        }
    }

    /// Links to the entries of ids.
    pub(super) fn ids<I: AsRef<str>>(&self, ids: impl IntoIterator<Item = I>) -> Markup {
        let ids: Vec<I> = ids.into_iter().collect();
        html! {
            @if ids.is_empty() { span.none { "none" } }
            @else { span.ids { @for id in &ids { (self.id(id.as_ref())) " " } } }
        }
    }

    /// Links to types.
    pub(super) fn kinds(&self, kinds: &[NotificationType]) -> Markup {
        self.ids(kinds.iter().map(|kind| kind.as_str()))
    }

    /// A clause as a link with its level and its text.
    pub(super) fn clause_line(&self, clause: &Clause) -> Markup {
        html! {
            li.clause-line {
                span.clause-mark {
                    (self.id(&clause.id)) " " (level(clause.level)) " "
                    (authority(self.spec.authority(clause)))
                }
                span { (self.prose(&clause.text)) }
            }
        }
    }

    /// Clauses, one a line; ids that are no clauses are left out.
    pub(super) fn clause_lines<'b>(&self, ids: impl IntoIterator<Item = &'b String>) -> Markup {
        let clauses: Vec<&Clause> =
            ids.into_iter().filter_map(|id| self.spec.clauses.get(id)).collect();
        html! {
            @if clauses.is_empty() { p.none { "None." } }
            @else { ul.clause-lines { @for clause in clauses { (self.clause_line(clause)) } } }
        }
    }

    /// Citations: each leads to its document, and its key to what is said of the document here.
    pub(super) fn cited(&self, citations: &[String]) -> Markup {
        html! { ul.sources { @for citation in citations { li { (self.citation(citation)) } } } }
    }

    /// The same in one line, for tables.
    pub(super) fn cited_briefly(&self, citations: &[String]) -> Markup {
        html! { span.ids { @for citation in citations { (self.citation_key(citation)) " " } } }
    }

    fn citation(&self, citation: &str) -> Markup {
        let (key, anchor) = split_citation(citation);
        let title = self.spec.sources.get(key).map_or(key, |source| source.title.as_str());
        html! {
            @match self.spec.address(citation) {
                Some(address) => a href=(address) rel="noreferrer" {
                    (title) @if let Some(anchor) = anchor { ": " (anchor) }
                },
                None => { (title) @if let Some(anchor) = anchor { ": " (anchor) } },
            }
            " " (self.citation_key(citation))
        }
    }

    fn citation_key(&self, citation: &str) -> Markup {
        let (key, _) = split_citation(citation);
        html! { a.key href=(self.to(&format!("sources.html#{key}"))) { (citation) } }
    }

    /// A text of the contract: what stands between backticks as code, and every id as a link.
    pub(super) fn prose(&self, text: &str) -> Markup {
        html! {
            @for (index, part) in text.split('`').enumerate() {
                @if index % 2 == 0 { (self.words(part)) } @else { (self.code(part)) }
            }
        }
    }

    fn code(&self, text: &str) -> Markup {
        match place(self.spec, text) {
            Some(place) if place != self.path => {
                html! { a href=(self.to(&place)) { code { (text) } } }
            }
            _ => html! { code { (text) } },
        }
    }

    /// Plain words, of which only those are ids that no sentence has by chance.
    fn words(&self, text: &str) -> Markup {
        let in_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut rest = text;
        let mut parts: Vec<Markup> = Vec::new();
        while let Some(begin) = rest.find(in_word) {
            parts.push(rest[..begin].render());
            rest = &rest[begin..];
            let end = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            rest = &rest[end..];
            let marked = word.contains(['-', '_']) && word.len() > 3;
            match place(self.spec, word).filter(|_| marked) {
                Some(place) if place != self.path => parts.push(self.id(word)),
                _ if word.contains('_') => parts.push(html! { code { (word) } }),
                _ => parts.push(word.render()),
            }
        }
        parts.push(rest.render());
        html! { @for part in &parts { (part) } }
    }
}

/// Where the entry of an id stands.
pub(super) fn place(spec: &Spec, id: &str) -> Option<String> {
    if let Some(clause) = spec.clauses.get(id) {
        return Some(format!("clauses/{}.html#{id}", clause.topic));
    }
    if spec.contradictions.contains_key(id) {
        return Some(format!("contradictions.html#{id}"));
    }
    if spec.notifications.contains_key(id) {
        return Some(format!("types/{id}.html"));
    }
    let foreign = || spec.errors.foreign.iter().any(|entry| entry.code == id);
    if spec.errors.published.iter().any(|entry| entry.code.as_str() == id) || foreign() {
        return Some(format!("errors.html#{id}"));
    }
    if spec.plans.contains_key(id) {
        return Some(format!("delivery.html#{id}"));
    }
    if spec.neighbours.iter().any(|neighbour| neighbour.kind == id) {
        return Some(format!("types/index.html#{id}"));
    }
    checks::ALL.iter().any(|check| check.id == id).then(|| format!("checks.html#{id}"))
}

/// A link between two places that are given from the site's root.
pub(super) fn relative(from: &str, to: &str) -> String {
    let (file, anchor) = to.split_once('#').map_or((to, None), |(file, at)| (file, Some(at)));
    match anchor {
        Some(anchor) if file == from => format!("#{anchor}"),
        _ => "../".repeat(from.matches('/').count()) + to,
    }
}

/// The checks that ask about a clause.
pub(super) fn checks_of(clause: &str) -> impl Iterator<Item = &'static Check> {
    checks::ALL.iter().copied().filter(move |check| check.clauses.contains(&clause))
}

/// Why no check asks about a clause; `None` if one does.
pub(super) fn unchecked(clause: &Clause) -> Option<&str> {
    if checks_of(&clause.id).next().is_some() {
        return None;
    }
    Some(match (clause.status, clause.on, clause.evidence, clause.level) {
        (Status::Withdrawn, ..) => "It is withdrawn.",
        (_, Side::Sender, ..) => "It binds the sender, and a check asks a listener.",
        (.., Evidence::Untestable, _) => {
            clause.reason.as_deref().unwrap_or("Nothing that could be done from outside shows it.")
        }
        // A test of the suite holds that every other clause on listeners says why.
        _ => clause.unchecked.as_deref().unwrap_or("No check asks about it."),
    })
}

/// A level as a badge.
pub(super) fn level(level: Level) -> Markup {
    html! { span class={ "badge " (level) } { (level) } }
}

/// An authority as a badge; another one where no document of Xsolla stands behind it.
pub(super) fn authority(authority: Authority) -> Markup {
    let class = if authority.is_documented() { "badge" } else { "badge unofficial" };
    html! { span class=(class) title=(authority.meaning()) { (authority.label()) } }
}

/// Any other word as a badge.
pub(super) fn badge(word: impl Display) -> Markup {
    html! { span.badge { (word.to_string()) } }
}

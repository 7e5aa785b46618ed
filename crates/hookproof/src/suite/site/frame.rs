//! What stands around every page: head, bar, navigation, table of contents, neighbours.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Group, Page, Section, context::relative};

/// Sections from which a table of contents is worth its place.
const CONTENTS_MIN: usize = 2;

/// The icon, inside of the page, so that no browser asks for another.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E\
    %3Crect width='32' height='32' rx='7' fill='%233451b2'/%3E\
    %3Cpath d='M10 7v11a6 6 0 0 0 12 0v-2m-4 4 4-5 4 5' fill='none' stroke='%23fff' stroke-width='3' \
    stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

const MARK: &str = "<svg viewBox=\"0 0 32 32\" width=\"22\" height=\"22\" aria-hidden=\"true\">\
    <rect width=\"32\" height=\"32\" rx=\"7\" class=\"mark-box\"/>\
    <path d=\"M10 7v11a6 6 0 0 0 12 0v-2m-4 4 4-5 4 5\" class=\"mark-line\"/></svg>";

/// The whole document of one of the pages.
pub(super) fn render(pages: &[Page], at: usize) -> Markup {
    let page = &pages[at];
    let to = |place: &str| relative(&page.path, place);
    html! {
        (DOCTYPE)
        html lang="en" data-root=(to("")) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="description" content=(page.summary);
                title { @if at > 0 { (page.title) " · " } "Hookproof" }
                link rel="icon" href=(ICON);
                link rel="stylesheet" href=(to("assets/style.css"));
                link rel="stylesheet" href=(to("assets/figures.css"));
                script src=(to("assets/theme.js")) {}
                script src=(to("assets/site.js")) defer {}
                script src=(to("assets/ranking.js")) defer {}
                script src=(to("assets/search.js")) defer {}
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                (bar(&to("index.html")))
                div.layout {
                    (navigation(pages, page))
                    main #content tabindex="-1" {
                        p.crumb { (page.group.title()) }
                        (title(page))
                        (page.lead)
                        @for section in &page.sections { (rendered(section)) }
                        (neighbours(pages, at))
                        (footer())
                    }
                    (contents(page))
                }
                (search())
            }
        }
    }
}

fn bar(home: &str) -> Markup {
    html! {
        header.bar {
            button.menu type="button" aria-controls="nav" aria-expanded="false" aria-label="Menu" {
                span aria-hidden="true" { "☰" }
            }
            a.brand href=(home) { (PreEscaped(MARK)) span { "Hookproof" } }
            span.tag { "Xsolla's payment webhooks: the contract" }
            button.search-open type="button" aria-haspopup="dialog" {
                span { "Search" } kbd aria-hidden="true" { "/" }
            }
            button.theme type="button" aria-label="Switch between light and dark" {
                span aria-hidden="true" { "◐" }
            }
        }
    }
}

fn navigation(pages: &[Page], current: &Page) -> Markup {
    html! {
        nav.nav #nav aria-label="Pages" {
            @for group in Group::ALL {
                details open[group == current.group || group == Group::Start] {
                    summary { (group.title()) }
                    ul {
                        @for page in pages.iter().filter(|page| page.group == group) {
                            @let here = (page.path == current.path).then_some("page");
                            li {
                                a href=(relative(&current.path, &page.path)) aria-current=[here] {
                                    (page.label.as_ref().unwrap_or(&page.title))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A name that is typed and not spoken looks like code.
fn is_code(title: &str) -> bool {
    let typed = title.contains('_') || title.bytes().any(|byte| byte.is_ascii_digit());
    !title.contains(' ') && (typed || title == title.to_lowercase())
}

fn title(page: &Page) -> Markup {
    html! { h1 class=[is_code(&page.title).then_some("mono")] { (page.title) } }
}

fn rendered(section: &Section) -> Markup {
    let label = format!("{}-title", section.id);
    html! {
        section id=(section.id) aria-labelledby=(label) {
            h2 class=[is_code(&section.title).then_some("mono")] {
                span {
                    span id=(label) { (section.title) }
                    a.anchor href={ "#" (section.id) } aria-label={ "Link to " (section.title) } { "#" }
                }
                (section.beside)
            }
            (section.body)
        }
    }
}

fn contents(page: &Page) -> Markup {
    html! {
        aside.contents {
            @if page.sections.len() >= CONTENTS_MIN {
                nav aria-label="On this page" {
                    p { "On this page" }
                    ul {
                        @for section in &page.sections {
                            li { a href={ "#" (section.id) } { (section.title) } }
                        }
                    }
                }
            }
        }
    }
}

fn neighbours(pages: &[Page], at: usize) -> Markup {
    let page = &pages[at];
    let before = at.checked_sub(1).and_then(|before| pages.get(before));
    let link = |other: &Page, class: &str, word: &str| {
        html! {
            a class=(class) href=(relative(&page.path, &other.path)) {
                small { (word) } (other.title)
            }
        }
    };
    html! {
        nav.neighbours aria-label="Neighbouring pages" {
            @if let Some(other) = before { (link(other, "before", "Before")) }
            @if let Some(other) = pages.get(at + 1) { (link(other, "next", "Next")) }
        }
    }
}

fn footer() -> Markup {
    html! {
        footer {
            "Hookproof " (env!("CARGO_PKG_VERSION")) ". Made out of the data in " code { "spec/" }
            ", which was collected from documents, from programs that Xsolla publishes and from captures of real \
             traffic. It is independent of Xsolla, and was not checked against a live account."
        }
    }
}

fn search() -> Markup {
    html! {
        dialog.search aria-label="Search" {
            input type="search" role="combobox" aria-expanded="true" aria-controls="results"
                aria-label="Search the contract" autocomplete="off" spellcheck="false"
                placeholder="A question, a word, a type, a clause";
            ul #results role="listbox" aria-label="Results" {}
            p.hint role="status" {}
        }
    }
}

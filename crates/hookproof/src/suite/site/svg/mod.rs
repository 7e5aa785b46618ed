//! Drawings as inline SVG: shapes with places, so that a test can say that nothing is cut off.

pub(super) mod graph;
pub(super) mod sequence;
pub(super) mod timeline;

use maud::{Markup, html};

/// Width of a character of code, in parts of its size. Widest of the usual typefaces.
const CODE_WIDTH: f64 = 0.62;

/// Mean width of a character of prose, in parts of its size, on the safe side.
const PROSE_WIDTH: f64 = 0.56;

/// From these widths on, a drawing scrolls on a phone before it shrinks to where nobody can read it.
const WIDE: f64 = 600.0;
const MEDIUM: f64 = 400.0;

/// Where a text has its given place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anchor {
    Start,
    Middle,
}

/// How a text looks; the stylesheet has the same sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// The name of a type.
    Name,
    /// Prose.
    Plain,
    /// Prose that may be missed.
    Small,
}

impl Style {
    const fn size(self) -> f64 {
        match self {
            Self::Name => 13.0,
            Self::Plain => 12.0,
            Self::Small => 11.5,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Name => "t-name",
            Self::Plain => "t-plain",
            Self::Small => "t-small",
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a label has few characters")]
    fn width(self, text: &str) -> f64 {
        let each = if self == Self::Name { CODE_WIDTH } else { PROSE_WIDTH };
        text.chars().count() as f64 * each * self.size()
    }
}

/// A rectangle: left, top, width, height.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Box { area: Area, class: &'static str },
    Line { from: (f64, f64), to: (f64, f64), class: &'static str, arrow: bool },
    Curve { from: (f64, f64), to: (f64, f64), class: &'static str },
    Dot { at: (f64, f64), radius: f64, class: &'static str },
    Text { at: (f64, f64), text: String, style: Style, anchor: Anchor, link: Option<String> },
}

impl Shape {
    /// What the shape covers; texts by a careful guess.
    fn area(&self) -> Area {
        match self {
            Self::Box { area, .. } => *area,
            Self::Line { from, to, .. } | Self::Curve { from, to, .. } => Area {
                x: from.0.min(to.0),
                y: from.1.min(to.1),
                width: (from.0 - to.0).abs(),
                height: (from.1 - to.1).abs(),
            },
            Self::Dot { at, radius, .. } => Area {
                x: at.0 - radius,
                y: at.1 - radius,
                width: radius * 2.0,
                height: radius * 2.0,
            },
            Self::Text { at, text, style, anchor, .. } => {
                let width = style.width(text);
                let left = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => width / 2.0,
                };
                Area { x: at.0 - left, y: at.1 - style.size(), width, height: style.size() * 1.3 }
            }
        }
    }
}

/// A drawing with what it shows in words, for those who do not see it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Drawing {
    /// Unique on its page.
    id: String,
    title: String,
    description: String,
    width: f64,
    height: f64,
    shapes: Vec<Shape>,
}

impl Drawing {
    fn new(id: &str, title: &str, description: String, width: f64) -> Self {
        let (id, title) = (id.to_owned(), title.to_owned());
        Self { id, title, description, width, height: 0.0, shapes: Vec::new() }
    }

    fn add(&mut self, shape: Shape) {
        let area = shape.area();
        self.height = self.height.max(area.y + area.height);
        self.shapes.push(shape);
    }

    fn text(&mut self, at: (f64, f64), text: &str, style: Style, anchor: Anchor) {
        self.add(Shape::Text { at, text: text.to_owned(), style, anchor, link: None });
    }

    /// The drawing as an element of a page.
    pub(super) fn render(&self) -> Markup {
        let (title, description) = (format!("{}-t", self.id), format!("{}-d", self.id));
        let arrow = format!("{}-arrow", self.id);
        let (width, height) = (round(self.width), round(self.height + 2.0));
        html! {
            div.drawing.medium[self.width > MEDIUM].wide[self.width > WIDE] role="region" aria-label=(self.title) tabindex="0" {
                svg viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height)
                    role="group" aria-labelledby={ (title) " " (description) }
                {
                    title #(title) { (self.title) }
                    desc #(description) { (self.description) }
                    defs {
                        marker #(arrow) viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7"
                            markerHeight="7" orient="auto-start-reverse"
                        { path d="M0 0 10 5 0 10z" class="d-head" {} }
                    }
                    @for shape in &self.shapes { (rendered(shape, &arrow)) }
                }
            }
        }
    }
}

fn rendered(shape: &Shape, arrow: &str) -> Markup {
    let head = format!("url(#{arrow})");
    match shape {
        Shape::Box { area, class } => html! {
            rect x=(round(area.x)) y=(round(area.y)) width=(round(area.width))
                height=(round(area.height)) rx="8" class=(class) {}
        },
        Shape::Line { from, to, class, arrow } => html! {
            line x1=(round(from.0)) y1=(round(from.1)) x2=(round(to.0)) y2=(round(to.1))
                class=(class) marker-end=[arrow.then_some(&head)] {}
        },
        Shape::Curve { from, to, class } => {
            let middle = f64::midpoint(from.0, to.0);
            let d = format!(
                "M{} {}C{m} {} {m} {} {} {}",
                round(from.0),
                round(from.1),
                round(from.1),
                round(to.1),
                round(to.0),
                round(to.1),
                m = round(middle),
            );
            html! { path d=(d) class=(class) marker-end=(head) {} }
        }
        Shape::Dot { at, radius, class } => html! {
            circle cx=(round(at.0)) cy=(round(at.1)) r=(round(*radius)) class=(class) {}
        },
        Shape::Text { at, text, style, anchor, link } => {
            let anchor = (*anchor == Anchor::Middle).then_some("middle");
            html! {
                @if let Some(link) = link {
                    a href=(link) { (label(*at, text, *style, anchor)) }
                } @else { (label(*at, text, *style, anchor)) }
            }
        }
    }
}

fn label(at: (f64, f64), text: &str, style: Style, anchor: Option<&str>) -> Markup {
    html! {
        text x=(round(at.0)) y=(round(at.1)) class=(style.class()) text-anchor=[anchor] { (text) }
    }
}

/// One place behind the point, so that equal data give equal bytes and short ones.
fn round(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Breaks a text into lines of at most so many characters.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
impl Drawing {
    /// Fails where anything is cut off, or two texts lie on each other.
    #[track_caller]
    fn assert_tidy(&self) {
        for shape in &self.shapes {
            let area = shape.area();
            assert!(area.x >= 0.0 && area.y >= 0.0, "{}: {shape:?}", self.id);
            assert!(area.x + area.width <= self.width, "{}: {shape:?}", self.id);
            assert!(area.y + area.height <= self.height, "{}: {shape:?}", self.id);
        }
        let texts = self.shapes.iter().filter(|shape| matches!(shape, Shape::Text { .. }));
        let boxes = self.shapes.iter().filter(|shape| matches!(shape, Shape::Box { .. }));
        for list in [texts.collect::<Vec<_>>(), boxes.collect()] {
            for (index, one) in list.iter().enumerate() {
                for other in &list[index + 1..] {
                    assert!(!overlap(one.area(), other.area()), "{}: {one:?} {other:?}", self.id);
                }
            }
        }
    }
}

#[cfg(test)]
fn overlap(one: Area, other: Area) -> bool {
    one.x < other.x + other.width
        && other.x < one.x + one.width
        && one.y < other.y + other.height
        && other.y < one.y + one.height
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), Vec::<String>::new());
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!((round(1.0), round(1.25), round(0.04)), ("1".into(), "1.2".into(), "0".into()));
    }
}
